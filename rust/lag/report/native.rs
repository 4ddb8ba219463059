// SPDX-License-Identifier: GPL-2.0

//! Events in the words of native bonding, as Linux 7.3 has them: the formats of its log are an
//! interface that rules grep. Where native is silent, or says less than there is, our own words
//! follow.

use core::fmt;
use core::net::Ipv4Addr;
use core::str::FromStr;

use super::{Door, Event, Level, Masters, Part, Step, Unfit, Watch, Whose};
use crate::duplex::Duplex;
use crate::lacp::system::Notice;
use crate::monitor::mii;
use crate::options::{Errno, Ip4, Kind, Note, Opt, Params, Quote, Reason, Refusal};

/// As `%s` and `%llu` show a value.
struct Plain(Quote);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Quote::Text(_) => match self.0.shown() {
                Some(text) => f.write_str(text),
                None => Ok(()),
            },
            // A number that native holds in 64 bits without a sign.
            Quote::Number(number) => write!(f, "{}", number as u64),
            Quote::Ip4(address) => write!(f, "{}", u32::from_ne_bytes(address)),
            Quote::Ip6(_) | Quote::Mac(_) => write!(f, "{}", u64::MAX),
            Quote::None => Ok(()),
        }
    }
}

impl Event<'_> {
    pub(super) fn native_level(&self) -> Option<Level> {
        Some(match self {
            Event::Usable { watched: false, .. } => return None,
            // What netlink's own checks find, native does not see.
            Event::Refused(refusal, _) if refusal.errno == Errno::Range => return None,
            Event::NotDone(_, _, errno) if !matches!(errno, -22 | -16 | -19 | -39) => return None,
            Event::Monitoring(params) if params.miimon == 0 && params.arp_interval == 0 => {
                return None
            }
            Event::Usable { .. }
            | Event::ReleasedAll
            | Event::AggregatorLeft
            | Event::VlansFree
            | Event::Primary(_)
            | Event::Monitoring(_)
            | Event::NotASlave
            | Event::Failed(Step::Netpoll, _)
            | Event::Parameter(Note::Irrelevant(Opt::XmitHashPolicy | Opt::LacpRate, _), _)
            | Event::Masters(
                _,
                Masters::Making | Masters::Removing | Masters::Exists | Masters::Failed(_),
                _,
            ) => Level::Info,
            Event::Parameter(Note::AlbUpdelay(_), _) => Level::Notice,
            Event::Lacp(Notice::NoLacp) => Level::Warn,
            Event::Note(Note::Rounded(..) | Note::NoTarget(_) | Note::PrioIdle, _) => Level::Warn,
            Event::Address(..)
            | Event::AddressUp(..)
            | Event::NotDone(..)
            | Event::Lacp(Notice::Loopback { .. }) => Level::Error,
            other => return other.own_level(),
        })
    }

    pub(super) fn native(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Event::Delay(note, part) => delay(f, note, part),
            Event::LinkUp(Watch::Carrier, speed, duplex) => write!(
                f,
                "link status definitely up, {} Mbps {} duplex",
                speed.unwrap_or(0),
                // Unknown counts as full there.
                if duplex == Duplex::Half {
                    "half"
                } else {
                    "full"
                }
            ),
            Event::LinkUp(Watch::Balanced { first: false }, ..) => {
                f.write_str("interface is now up")
            }
            Event::LinkUp(..) => f.write_str("link status definitely up"),
            Event::LinkDown(Watch::Balanced { .. }) => f.write_str("interface is now down"),
            Event::LinkDown(_) => f.write_str("link status definitely down, disabling slave"),
            Event::Active(None) => f.write_str("making interface the new active one"),
            Event::Active(Some(early)) => write!(
                f,
                "making interface the new active one {} ms earlier",
                early.as_millis()
            ),
            Event::Usable { any: true, .. } => f.write_str("active interface up!"),
            Event::Usable { any: false, .. } => {
                f.write_str("now running without any active interface!")
            }
            Event::Primary(name) => write!(
                f,
                "Primary slave changed to {name}, reselecting active slave"
            ),
            Event::Enslaved { backup, up } => write!(
                f,
                "Enslaving as {} interface with {} link",
                if backup { "a backup" } else { "an active" },
                if up { "an up" } else { "a down" }
            ),
            // A slave that leaves is made a backup first, but for the modes that have none.
            Event::Released { balanced, .. } => write!(
                f,
                "Releasing {} interface",
                if balanced { "active" } else { "backup" }
            ),
            Event::ReleasedAll => f.write_str("Released all slaves"),
            Event::AggregatorLeft => f.write_str("Removing an active aggregator"),
            Event::Destroyed => f.write_str("Destroying bond"),
            Event::VlansBlocked => f.write_str(
                "enslaved VLAN challenged slave. Adding VLANs will be blocked as long as it is \
                 part of bond.",
            ),
            Event::VlansFree => {
                f.write_str("last VLAN challenged slave left bond - VLAN blocking is removed")
            }
            Event::NotASlave => f.write_str("interface not enslaved"),
            Event::Unfit(unfit) => self::unfit(f, unfit),
            Event::Failed(step, errno) => failed(f, self, step, errno),
            Event::FollowsActive => f.write_str(
                "The slave device specified does not support setting the MAC address\n\
                 Setting fail_over_mac to active for active-backup mode",
            ),
            Event::Address(whose, _, errno) => write!(
                f,
                "Error {} setting MAC of {} active slave",
                errno.wrapping_neg(),
                if whose == Whose::New { "new" } else { "old" }
            ),
            Event::AddressUp(..) => f.write_str(
                "dev_set_mac_address on slave failed! ALB mode requires that the base driver \
                 support setting the hw address also when the network device's interface is open",
            ),
            Event::XdpRefused(errno) => write!(f, "Error {errno} calling ndo_bpf"),
            Event::XdpKept(errno) => {
                write!(f, "Error {errno} when unwinding XDP program change")
            }
            Event::XdpMode(..) => {
                f.write_str("Error: No native XDP support for the current bonding mode")
            }
            Event::Refused(refusal, door) => refused(f, refusal, door),
            Event::NotDone(opt, value, errno) => not_done(f, opt, value, errno),
            Event::Note(note, params) => self::note(f, note, params),
            Event::BadParameter(refusal) => bad_parameter(f, refusal),
            Event::Parameter(note, params) => parameter(f, note, params),
            Event::Monitoring(params) => monitoring(f, params),
            Event::NoRoute(target, v6) => {
                let option = if v6 { "ns_ip6_target" } else { "arp_ip_target" };
                write!(f, "no route to {option} {target} and arp_validate is set")
            }
            Event::Lacp(Notice::Carrier { up: true }) => f.write_str("active interface up!"),
            Event::Lacp(Notice::Carrier { up: false }) => {
                f.write_str("now running without any active interface!")
            }
            Event::Lacp(Notice::NoLacp) => f.write_str(
                "Warning: No 802.3ad response from the link partner for any adapters in the bond",
            ),
            Event::Lacp(Notice::Loopback { .. }) => f.write_str(
                "An illegal loopback occurred on slave\nCheck the configuration to verify that \
                 all adapters are connected to 802.3ad compliant switch ports",
            ),
            Event::Masters(_, masters, name) => match masters {
                Masters::Syntax => {
                    f.write_str("no command found in bonding_masters - use +ifname or -ifname")
                }
                Masters::Making => write!(f, "{name} is being created..."),
                Masters::Exists => write!(f, "{name} already exists"),
                Masters::Failed(_) => write!(f, "{name} creation failed"),
                Masters::Removing => write!(f, "{name} is being deleted..."),
                Masters::Missing => write!(f, "unable to delete non-existent {name}"),
            },
            Event::Associations { none: true, .. } => {
                f.write_str("bond_ipsec_add_sa_all: no slave xdo_dev_state_add")
            }
            Event::Associations { none: false, .. } => {
                f.write_str("bond_ipsec_add_sa_all: failed to add SA")
            }
            Event::AddressStays(own) => write!(
                f,
                "the permanent HWaddr of slave - {own} - is still in use by bond - set the HWaddr of \
                 slave to a different address to avoid conflicts"
            ),
            Event::Flags
            | Event::AddressBorrowed(_)
            | Event::AddressBack(..)
            | Event::AddressDenied(..)
            | Event::AddressTaken
            | Event::Lacp(_) => self.own(f),
        }
    }
}

fn delay(f: &mut fmt::Formatter<'_>, note: mii::Note, part: Part) -> fmt::Result {
    match note {
        mii::Note::Disabling(span) => write!(
            f,
            "link status down for {}interface, disabling it in {} ms",
            match part {
                Part::None => "",
                Part::Active => "active ",
                Part::Backup => "backup ",
            },
            span.as_millis()
        ),
        other => write!(f, "{other}"),
    }
}

fn unfit(f: &mut fmt::Formatter<'_>, unfit: Unfit) -> fmt::Result {
    let text = match unfit {
        Unfit::Can => "CAN devices cannot be enslaved",
        Unfit::Itself => "Cannot enslave bond to itself.",
        Unfit::Master => "Device type (master device) cannot be enslaved",
        Unfit::InUse => "Device is in use and cannot be enslaved",
        Unfit::NoVlans => "Can not enslave VLAN challenged device to VLAN enabled bond",
        Unfit::Up => "Device can not be enslaved while up",
        Unfit::TypeHeld => return f.write_str("refused to change device type"),
        Unfit::OtherType => "Device type is different from other slaves",
        Unfit::NotEthernet => "8023AD mode requires Ethernet devices",
        Unfit::Infiniband => "Only active-backup mode is supported for infiniband slaves",
        Unfit::FixedAddress => {
            "Slave device does not support setting the MAC address, but fail_over_mac is not set \
             to active"
        }
        Unfit::NoXdp => "Slave device does not support XDP",
        Unfit::OwnProgram => "Slave has XDP program loaded, please unload before enslaving",
    };
    write!(f, "Error: {text}")
}

fn failed(f: &mut fmt::Formatter<'_>, event: &Event<'_>, step: Step, errno: i32) -> fmt::Result {
    match step {
        Step::Mtu => write!(f, "Error {errno} calling dev_set_mtu"),
        Step::Address => write!(f, "Error {errno} calling set_mac_address"),
        Step::Open => f.write_str("Opening slave failed"),
        Step::Vlans => f.write_str("Couldn't add bond vlan ids"),
        Step::Netpoll => f.write_str(
            "master_dev is using netpoll, but new slave device does not support netpoll",
        ),
        Step::OwnAddress => event.own(f),
    }
}

fn not_done(f: &mut fmt::Formatter<'_>, opt: Opt, value: Quote, errno: i32) -> fmt::Result {
    let name = opt.spec().name;
    match errno {
        -19 => write!(
            f,
            "option {name}: interface {} does not exist!",
            Plain(value)
        ),
        -16 => write!(
            f,
            "option {name}: unable to set because the bond device is up"
        ),
        -39 => write!(
            f,
            "option {name}: unable to set because the bond device has slaves"
        ),
        _ => write!(f, "option {name}: invalid value ({})", Plain(value)),
    }
}

/// Writes what native bonding's setter of the option logs first: a line with its end, or nothing.
fn setter(f: &mut fmt::Formatter<'_>, refusal: &Refusal) -> fmt::Result {
    let value = Plain(refusal.value);
    match (refusal.opt, refusal.reason) {
        (Opt::ArpTargets, Reason::BadTarget) => writeln!(
            f,
            "invalid ARP target {} specified for addition",
            refusal.value
        ),
        (Opt::ArpTargets, Reason::TargetPresent) => {
            writeln!(f, "ARP target {} is already present", refusal.value)
        }
        (Opt::ArpTargets, Reason::TargetAbsent) => {
            writeln!(
                f,
                "unable to remove nonexistent ARP target {}",
                refusal.value
            )
        }
        (Opt::ArpTargets, Reason::TargetsFull) => f.write_str("ARP target table is full!\n"),
        (Opt::NsTargets, Reason::BadTarget) => writeln!(
            f,
            "invalid NS target {} specified for addition",
            refusal.value
        ),
        (Opt::NsTargets, Reason::TargetPresent) => {
            writeln!(f, "NS target {} is already present", refusal.value)
        }
        (Opt::NsTargets, Reason::TargetsFull) => f.write_str("NS target table is full!\n"),
        // A slave of another bond has a line of its own there.
        (Opt::ActiveSlave, Reason::NotASlave) => {
            writeln!(f, "(slave {value}): Device is not bonding slave")
        }
        (Opt::ActiveSlave, Reason::SlaveDown) => writeln!(
            f,
            "(slave {value}): Could not set as active slave; either {value} is down or the link \
             is down"
        ),
        (Opt::AdActorSystem, Reason::Multicast | Reason::Syntax(_)) => {
            f.write_str("Invalid ad_actor_system MAC address.\n")
        }
        _ => Ok(()),
    }
}

fn refused(f: &mut fmt::Formatter<'_>, refusal: &Refusal, door: Door) -> fmt::Result {
    let spec = refusal.opt.spec();
    let name = spec.name;
    match refusal.errno {
        Errno::Inval => {
            setter(f, refusal)?;
            match (refusal.value, door) {
                // Native shows what was written.
                (Quote::Ip4(address), Door::File) => {
                    let sign = match refusal.reason {
                        Reason::TargetAbsent => '-',
                        _ => '+',
                    };
                    let address = Ip4(address);
                    write!(f, "option {name}: invalid value ({sign}{address})")?;
                }
                (value, _) => write!(f, "option {name}: invalid value ({})", Plain(value))?,
            }
            if let Kind::Number(numbers) = spec.kind {
                if let Some((min, max)) = numbers.range {
                    let (min, max) = (min as u64, max as u64);
                    write!(f, "\noption {name}: allowed values {min} - {max}")?;
                }
            }
            match refusal.reason {
                Reason::NoSuchValue
                | Reason::OutOfRange(..)
                | Reason::BadTarget
                | Reason::TargetPresent
                | Reason::TargetAbsent
                | Reason::TargetsFull
                | Reason::NotASlave
                | Reason::SlaveDown
                | Reason::Multicast => Ok(()),
                _ => write!(f, "\n{refusal}"),
            }
        }
        Errno::Acces => match refusal.reason {
            Reason::Mode(mode) => write!(
                f,
                "option {name}: mode dependency failed, not supported in mode {}({})",
                mode.name(),
                mode.number()
            ),
            _ => write!(f, "{refusal}"),
        },
        Errno::NotEmpty => write!(
            f,
            "option {name}: unable to set because the bond device has slaves"
        ),
        Errno::Busy => write!(
            f,
            "option {name}: unable to set because the bond device is up"
        ),
        Errno::NoDev => write!(
            f,
            "option {name}: interface {} does not exist!",
            Plain(refusal.value)
        ),
        Errno::Perm => match (refusal.opt, refusal.reason) {
            (_, Reason::NoMiimon) => write!(
                f,
                "Unable to set {} as MII monitoring is disabled",
                delay_name(refusal.opt)
            ),
            (Opt::ArpTargets, Reason::Syntax(_)) => {
                let text = refusal.value.shown().unwrap_or("");
                let target = text.get(1..).unwrap_or("").trim();
                f.write_str(match Ipv4Addr::from_str(target) {
                    Ok(_) => "no command found in arp_ip_targets file - use +<addr> or -<addr>",
                    Err(_) => "invalid ARP target specified",
                })
            }
            (Opt::Slaves, Reason::Syntax(_)) => {
                f.write_str("no command found in slaves file - use +ifname or -ifname")
            }
            _ => write!(f, "{refusal}"),
        },
        Errno::Range | Errno::OpNotSupp => write!(f, "{refusal}"),
    }
}

fn delay_name(opt: Opt) -> &'static str {
    match opt {
        Opt::Updelay => "up delay",
        Opt::Downdelay => "down delay",
        Opt::PeerNotifDelay => "peer notification delay",
        other => other.spec().name,
    }
}

fn note(f: &mut fmt::Formatter<'_>, note: Note, params: &Params) -> fmt::Result {
    match note {
        Note::Rounded(opt, asked, holds) => write!(
            f,
            "{} ({asked}) is not a multiple of miimon ({}), value rounded to {holds} ms",
            delay_name(opt),
            params.miimon
        ),
        // What native says only where it is asked to say more.
        Note::ArpOff(_) => f.write_str(
            "MII monitoring cannot be used with ARP monitoring - disabling ARP monitoring...",
        ),
        Note::MiiOff => f.write_str(
            "ARP monitoring cannot be used with MII monitoring. Disabling MII monitoring",
        ),
        Note::MiimonSet(_, ms) => write!(f, "Setting MII monitoring interval to {ms}"),
        Note::NoTarget(Opt::NsTargets) => {
            f.write_str("Removing last ns target with arp_interval on")
        }
        Note::NoTarget(_) => f.write_str("Removing last arp target with arp_interval on"),
        Note::PrioIdle => f.write_str(
            "prio updated, but will not affect failover re-selection as primary slave have been \
             set",
        ),
        other => write!(f, "{other}"),
    }
}

fn bad_parameter(f: &mut fmt::Formatter<'_>, refusal: &Refusal) -> fmt::Result {
    let value = Plain(refusal.value);
    let what = match refusal.opt {
        Opt::UseCarrier => return write!(f, "Error: invalid use_carrier parameter ({value})"),
        Opt::ArpValidate if refusal.reason == Reason::NoArpInterval => {
            return f.write_str("arp_validate requires arp_interval")
        }
        Opt::Mode => "Invalid bonding mode",
        Opt::XmitHashPolicy => "Invalid xmit_hash_policy",
        Opt::LacpRate => "Invalid lacp rate",
        Opt::AdSelect => "Invalid ad_select",
        Opt::PrimaryReselect => "Invalid primary_reselect",
        Opt::ArpValidate => "invalid arp_validate",
        Opt::ArpAllTargets => "invalid arp_all_targets_value",
        Opt::FailOverMac => "invalid fail_over_mac",
        _ => return write!(f, "rustbond: {refusal}"),
    };
    write!(f, "Error: {what} \"{value}\"")
}

fn parameter(f: &mut fmt::Formatter<'_>, note: Note, params: &Params) -> fmt::Result {
    match note {
        Note::Reset(name, value, now) => match name {
            "max_bonds" => write!(
                f,
                "Warning: max_bonds ({value}) not in range 0-{}, so it was reset to \
                 BOND_DEFAULT_MAX_BONDS ({now})",
                i32::MAX
            ),
            "num_grat_arp" => write!(
                f,
                "Warning: num_grat_arp/num_unsol_na ({value}) not in range 0-255 so it was reset \
                 to {now}"
            ),
            "tx_queues" => write!(
                f,
                "Warning: tx_queues ({value}) should be between 1 and 255, resetting to {now}"
            ),
            "all_slaves_active" => write!(
                f,
                "Warning: all_slaves_active module parameter ({value}), not of valid value \
                 (0/1), so it was set to {now}"
            ),
            "resend_igmp" => write!(
                f,
                "Warning: resend_igmp ({value}) should be between 0 and 255, resetting to {now}"
            ),
            "packets_per_slave" => write!(
                f,
                "Warning: packets_per_slave ({value}) should be between 0 and 65535 resetting \
                 to {now}"
            ),
            "lp_interval" => write!(
                f,
                "Warning: ip_interval must be between 1 and {}, so it was reset to {now}",
                i32::MAX
            ),
            _ => write!(
                f,
                "Warning: {name} module parameter ({value}), not in range 0-{}, so it was reset \
                 to {now}",
                i32::MAX
            ),
        },
        Note::Irrelevant(opt @ (Opt::XmitHashPolicy | Opt::LacpRate), mode) => write!(
            f,
            "{} param is irrelevant in mode {}",
            opt.spec().name,
            mode.description()
        ),
        Note::ArpOff(interval) => write!(
            f,
            "Warning: miimon ({}) and arp_interval ({interval}) can't be used simultaneously, \
             disabling ARP monitoring",
            params.miimon
        ),
        Note::DelaysIdle(updelay, downdelay) => write!(
            f,
            "Warning: miimon module parameter not set and updelay ({updelay}) or downdelay \
             ({downdelay}) module parameter is set; updelay and downdelay have no effect unless \
             miimon is set"
        ),
        Note::PrimaryIdle(name, mode) => write!(
            f,
            "Warning: {} primary device specified but has no effect in {} mode",
            Plain(name),
            mode.description()
        ),
        Note::Irrelevant(Opt::AdSelect, _) => {
            f.write_str("ad_select param only affects 802.3ad mode")
        }
        Note::Irrelevant(Opt::FailOverMac, _) => {
            f.write_str("Warning: fail_over_mac only affects active-backup mode")
        }
        Note::MiimonSet(_, ms) => write!(
            f,
            "Warning: miimon must be specified, otherwise bonding will not detect link failure, \
             speed and duplex which are essential for 802.3ad operation\n\
             Forcing miimon to {ms}msec"
        ),
        Note::Rounded(opt, asked, holds) => {
            let name = opt.spec().name;
            write!(
                f,
                "Warning: {name} ({asked}) is not a multiple of miimon ({}), {name} rounded to \
                 {holds} ms",
                params.miimon
            )
        }
        Note::BadTarget(text) => write!(
            f,
            "Warning: bad arp_ip_target module parameter ({}), ARP monitoring will not be \
             performed",
            Plain(text)
        ),
        Note::TargetTwice(address) => write!(
            f,
            "Warning: duplicate address {} in arp_ip_target, skipping",
            Ip4(address)
        ),
        Note::ArpIntervalOff(ms) => write!(
            f,
            "Warning: arp_interval module parameter ({ms}) specified without providing an \
             arp_ip_target parameter, arp_interval was reset to 0"
        ),
        Note::AlbUpdelay(ms) => write!(
            f,
            "In ALB mode you might experience client disconnections upon reconnection of a link \
             if the bonding module updelay parameter ({ms} msec) is incompatible with the \
             forwarding delay time of the switch"
        ),
        other => write!(f, "rustbond: {other}"),
    }
}

fn monitoring(f: &mut fmt::Formatter<'_>, params: &Params) -> fmt::Result {
    if params.miimon != 0 {
        return write!(f, "MII link monitoring set to {} ms", params.miimon);
    }
    write!(
        f,
        "ARP monitoring set to {} ms, validate {}, with {} target(s):",
        params.arp_interval,
        params.arp_validate.name(),
        params.arp_targets.iter().count()
    )?;
    for target in params.arp_targets.iter() {
        write!(f, " {}", Ip4(target))?;
    }
    Ok(())
}
