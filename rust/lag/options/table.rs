// SPDX-License-Identifier: GPL-2.0

//! The one table of every option of a bond and of its slaves.

use super::params::{AdSelect, ArpAllTargets, ArpValidate, FailOverMac, LacpRate, PrimaryReselect};
use crate::hash::Policy;
use crate::mode::{Mode, Modes};

/// The netlink attribute that carries an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attr {
    /// IFLA_BOND_*, in IFLA_INFO_DATA of the bond.
    Bond(u16),
    /// IFLA_BOND_SLAVE_*, in IFLA_INFO_SLAVE_DATA of the slave.
    Slave(u16),
}

/// What the payload of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits, byte order of the machine.
    U16,
    /// Unsigned, 32 bits, byte order of the machine.
    U32,
    /// Signed, 32 bits, byte order of the machine.
    S32,
    /// Six octets.
    Mac,
    /// Nested attributes, their type the slot, each four octets in the order of the wire.
    Nested4,
    /// Nested attributes, their type the slot, each 16 octets in the order of the wire.
    Nested6,
    /// No attribute carries the option.
    None,
}

/// The values an option with numbers can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Names that stand for a number. A number that has a name is allowed.
    pub words: &'static [(&'static str, i64)],
    /// What the word `default` stands for.
    pub default: Option<i64>,
    /// Numbers without a name that are allowed, both ends included.
    pub range: Option<(i64, i64)>,
    /// sysfs shows the name before the number.
    pub named: bool,
}

impl Numbers {
    /// The number can be set.
    pub fn allows(&self, number: i64) -> bool {
        self.words.iter().any(|(_, n)| *n == number)
            || self
                .range
                .is_some_and(|(min, max)| (min..=max).contains(&number))
    }

    /// The number that a word stands for.
    pub fn by_word(&self, word: &[u8]) -> Option<i64> {
        if word == b"default" {
            if let Some(number) = self.default {
                return Some(number);
            }
        }
        let found = self.words.iter().find(|(name, _)| name.as_bytes() == word);
        found.map(|(_, number)| *number)
    }

    /// The first name of a number.
    pub fn word(&self, number: i64) -> Option<&'static str> {
        let found = self.words.iter().find(|(_, n)| *n == number);
        found.map(|(name, _)| *name)
    }
}

/// What kind of value an option has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, or a name that stands for one.
    Number(Numbers),
    /// A list of IPv4 addresses; text adds or removes one: `+a.b.c.d`, `-a.b.c.d`.
    Targets4,
    /// A list of IPv6 addresses; only netlink sets it.
    Targets6,
    /// An Ethernet address.
    Mac,
    /// A slave: text is its name, netlink has its ifindex, nothing or 0 is none of them.
    Interface,
    /// The slaves; text adds or removes one: `+eth0`, `-eth0`.
    Membership,
    /// One number for each slave, both ends included; text is `eth0:1`.
    PerSlave {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
}

/// All that is fixed about an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name in messages, and of the sysfs file if there is one.
    pub name: &'static str,
    /// The netlink attribute.
    pub attr: Option<Attr>,
    /// What the attribute's payload is.
    pub width: Width,
    /// What can be set.
    pub kind: Kind,
    /// The modes in which it cannot be set: EACCES.
    pub not_in: Modes,
    /// It can be set only while the bond has no slaves: ENOTEMPTY.
    pub no_slaves: bool,
    /// It can be set only while the bond is down: EBUSY.
    pub down: bool,
    /// The files in `bonding/` of the device.
    pub files: &'static [&'static str],
    /// The module parameters.
    pub params: &'static [&'static str],
}

const NOWHERE: Spec = Spec {
    name: "",
    attr: None,
    width: Width::None,
    kind: Kind::Membership,
    not_in: Modes::NONE,
    no_slaves: false,
    down: false,
    files: &[],
    params: &[],
};

/// An option that a netlink attribute of the bond carries.
const fn bond(attr: u16, width: Width, name: &'static str, kind: Kind) -> Spec {
    Spec {
        name,
        attr: Some(Attr::Bond(attr)),
        width,
        kind,
        ..NOWHERE
    }
}

/// An option that a netlink attribute of a slave carries.
const fn slave(attr: u16, width: Width, name: &'static str, min: i64, max: i64) -> Spec {
    Spec {
        name,
        attr: Some(Attr::Slave(attr)),
        width,
        kind: Kind::PerSlave { min, max },
        ..NOWHERE
    }
}

/// Names only.
const fn words(words: &'static [(&'static str, i64)], default: Option<i64>) -> Kind {
    Kind::Number(Numbers {
        words,
        default,
        range: None,
        named: true,
    })
}

/// `off` and `on`, shown as a bare number.
const fn switch(default: i64) -> Kind {
    Kind::Number(Numbers {
        words: OFF_ON,
        default: Some(default),
        range: None,
        named: false,
    })
}

/// Numbers from `min` to the one that is called `maxval`, and the names of some.
const fn range(
    min: i64,
    max: i64,
    default: Option<i64>,
    words: &'static [(&'static str, i64)],
) -> Kind {
    Kind::Number(Numbers {
        words,
        default,
        range: Some((min, max)),
        named: false,
    })
}

macro_rules! words {
    ($type:ident: $($variant:ident)*) => {
        &[$(($type::$variant.name(), $type::$variant.number() as i64),)*]
    };
}

const MODES: &[(&str, i64)] = words!(Mode: RoundRobin ActiveBackup Xor Broadcast Lacp Tlb Alb);
const POLICIES: &[(&str, i64)] = words!(Policy: Layer2 Layer34 Layer23 Encap23 Encap34 VlanSrcMac);
const OFF_ON: &[(&str, i64)] = &[("off", 0), ("on", 1)];
const INT_MAX: i64 = 0x7fff_ffff;
/// A C int that is not negative.
const INT: Kind = range(0, INT_MAX, Some(0), &[("off", 0), ("maxval", INT_MAX)]);
const COUNT: Kind = range(0, 255, Some(1), &[("off", 0), ("maxval", 255)]);

const NO_ARP: Modes = Modes::of(&[Mode::Lacp, Mode::Tlb, Mode::Alb]);
const ONLY_ACTIVE: Modes = Modes::all_but(&[Mode::ActiveBackup, Mode::Tlb, Mode::Alb]);
const ONLY_LACP: Modes = Modes::all_but(&[Mode::Lacp]);
const ONLY_LB: Modes = Modes::all_but(&[Mode::Tlb, Mode::Alb]);
const ONLY_RR: Modes = Modes::all_but(&[Mode::RoundRobin]);

macro_rules! options {
    ($($(#[$doc:meta])* $opt:ident => $spec:expr;)*) => {
        /// An option, in the order in which those of one request take effect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Opt {
            $($(#[$doc])* $opt,)*
        }

        impl Opt {
            /// Every option, in the order in which those of one request take effect.
            pub const ALL: &'static [Opt] = &[$(Opt::$opt,)*];

            /// The option's row in the table.
            pub const fn spec(self) -> &'static Spec {
                match self {
                    $(Opt::$opt => {
                        const SPEC: Spec = $spec;
                        &SPEC
                    })*
                }
            }
        }
    };
}

options! {
    /// mode, IFLA_BOND_MODE.
    Mode => Spec {
        no_slaves: true, down: true, files: &["mode"], params: &["mode"],
        ..bond(1, Width::U8, "mode", words(MODES, Some(0)))
    };
    /// active_slave, IFLA_BOND_ACTIVE_SLAVE.
    ActiveSlave => Spec {
        not_in: ONLY_ACTIVE, files: &["active_slave"],
        ..bond(2, Width::U32, "active_slave", Kind::Interface)
    };
    /// miimon, IFLA_BOND_MIIMON.
    Miimon => Spec {
        files: &["miimon"], params: &["miimon"],
        ..bond(3, Width::U32, "miimon", INT)
    };
    /// updelay, IFLA_BOND_UPDELAY.
    Updelay => Spec {
        files: &["updelay"], params: &["updelay"],
        ..bond(4, Width::U32, "updelay", INT)
    };
    /// downdelay, IFLA_BOND_DOWNDELAY.
    Downdelay => Spec {
        files: &["downdelay"], params: &["downdelay"],
        ..bond(5, Width::U32, "downdelay", INT)
    };
    /// peer_notif_delay, IFLA_BOND_PEER_NOTIF_DELAY.
    PeerNotifDelay => Spec {
        files: &["peer_notif_delay"],
        ..bond(28, Width::U32, "peer_notif_delay",
               range(0, 300_000, None, &[("off", 0), ("maxval", 300_000)]))
    };
    /// use_carrier, IFLA_BOND_USE_CARRIER: there is only one way to see a link.
    UseCarrier => Spec {
        files: &["use_carrier"], params: &["use_carrier"],
        ..bond(6, Width::U8, "use_carrier", Kind::Number(Numbers {
            words: &[("on", 1)], default: Some(1), range: None, named: false,
        }))
    };
    /// arp_interval, IFLA_BOND_ARP_INTERVAL.
    ArpInterval => Spec {
        not_in: NO_ARP, files: &["arp_interval"], params: &["arp_interval"],
        ..bond(7, Width::U32, "arp_interval", INT)
    };
    /// arp_ip_target, IFLA_BOND_ARP_IP_TARGET.
    ArpTargets => Spec {
        files: &["arp_ip_target"], params: &["arp_ip_target"],
        ..bond(8, Width::Nested4, "arp_ip_target", Kind::Targets4)
    };
    /// ns_ip6_target, IFLA_BOND_NS_IP6_TARGET.
    NsTargets => bond(31, Width::Nested6, "ns_ip6_target", Kind::Targets6);
    /// arp_validate, IFLA_BOND_ARP_VALIDATE.
    ArpValidate => Spec {
        not_in: NO_ARP, files: &["arp_validate"], params: &["arp_validate"],
        ..bond(9, Width::U32, "arp_validate", words(ArpValidate::WORDS, Some(0)))
    };
    /// arp_all_targets, IFLA_BOND_ARP_ALL_TARGETS.
    ArpAllTargets => Spec {
        files: &["arp_all_targets"], params: &["arp_all_targets"],
        ..bond(10, Width::U32, "arp_all_targets", words(ArpAllTargets::WORDS, Some(0)))
    };
    /// primary, IFLA_BOND_PRIMARY.
    Primary => Spec {
        not_in: ONLY_ACTIVE, files: &["primary"], params: &["primary"],
        ..bond(11, Width::U32, "primary", Kind::Interface)
    };
    /// primary_reselect, IFLA_BOND_PRIMARY_RESELECT.
    PrimaryReselect => Spec {
        files: &["primary_reselect"], params: &["primary_reselect"],
        ..bond(12, Width::U8, "primary_reselect", words(PrimaryReselect::WORDS, Some(0)))
    };
    /// fail_over_mac, IFLA_BOND_FAIL_OVER_MAC.
    FailOverMac => Spec {
        no_slaves: true, files: &["fail_over_mac"], params: &["fail_over_mac"],
        ..bond(13, Width::U8, "fail_over_mac", words(FailOverMac::WORDS, Some(0)))
    };
    /// xmit_hash_policy, IFLA_BOND_XMIT_HASH_POLICY.
    XmitHashPolicy => Spec {
        files: &["xmit_hash_policy"], params: &["xmit_hash_policy"],
        ..bond(14, Width::U8, "xmit_hash_policy", words(POLICIES, Some(0)))
    };
    /// resend_igmp, IFLA_BOND_RESEND_IGMP.
    ResendIgmp => Spec {
        files: &["resend_igmp"], params: &["resend_igmp"],
        ..bond(15, Width::U32, "resend_igmp", COUNT)
    };
    /// num_unsol_na and num_grat_arp, IFLA_BOND_NUM_PEER_NOTIF.
    NumPeerNotif => Spec {
        files: &["num_unsol_na", "num_grat_arp"], params: &["num_unsol_na", "num_grat_arp"],
        ..bond(16, Width::U8, "num_unsol_na", COUNT)
    };
    /// all_slaves_active, IFLA_BOND_ALL_SLAVES_ACTIVE.
    AllSlavesActive => Spec {
        files: &["all_slaves_active"], params: &["all_slaves_active"],
        ..bond(17, Width::U8, "all_slaves_active", switch(0))
    };
    /// min_links, IFLA_BOND_MIN_LINKS.
    MinLinks => Spec {
        files: &["min_links"], params: &["min_links"],
        ..bond(18, Width::U32, "min_links", INT)
    };
    /// lp_interval, IFLA_BOND_LP_INTERVAL.
    LpInterval => Spec {
        files: &["lp_interval"], params: &["lp_interval"],
        ..bond(19, Width::U32, "lp_interval",
               range(1, INT_MAX, Some(1), &[("minval", 1), ("maxval", INT_MAX)]))
    };
    /// packets_per_slave, IFLA_BOND_PACKETS_PER_SLAVE.
    PacketsPerSlave => Spec {
        not_in: ONLY_RR, files: &["packets_per_slave"], params: &["packets_per_slave"],
        ..bond(20, Width::U32, "packets_per_slave",
               range(0, 65535, Some(1), &[("maxval", 65535)]))
    };
    /// lacp_active, IFLA_BOND_AD_LACP_ACTIVE.
    LacpActive => Spec {
        not_in: ONLY_LACP, down: true, files: &["lacp_active"],
        ..bond(29, Width::U8, "lacp_active", words(OFF_ON, Some(1)))
    };
    /// lacp_rate, IFLA_BOND_AD_LACP_RATE.
    LacpRate => Spec {
        not_in: ONLY_LACP, down: true, files: &["lacp_rate"], params: &["lacp_rate"],
        ..bond(21, Width::U8, "lacp_rate", words(LacpRate::WORDS, None))
    };
    /// ad_select, IFLA_BOND_AD_SELECT.
    AdSelect => Spec {
        down: true, files: &["ad_select"], params: &["ad_select"],
        ..bond(22, Width::U8, "ad_select", words(AdSelect::WORDS, Some(0)))
    };
    /// ad_actor_sys_prio, IFLA_BOND_AD_ACTOR_SYS_PRIO.
    AdActorSysPrio => Spec {
        not_in: ONLY_LACP, files: &["ad_actor_sys_prio"],
        ..bond(24, Width::U16, "ad_actor_sys_prio",
               range(1, 65535, Some(65535), &[("minval", 1), ("maxval", 65535)]))
    };
    /// ad_user_port_key, IFLA_BOND_AD_USER_PORT_KEY.
    AdUserPortKey => Spec {
        not_in: ONLY_LACP, down: true, files: &["ad_user_port_key"],
        ..bond(25, Width::U16, "ad_user_port_key",
               range(0, 1023, Some(0), &[("minval", 0), ("maxval", 1023)]))
    };
    /// ad_actor_system, IFLA_BOND_AD_ACTOR_SYSTEM.
    AdActorSystem => Spec {
        not_in: ONLY_LACP, files: &["ad_actor_system"],
        ..bond(26, Width::Mac, "ad_actor_system", Kind::Mac)
    };
    /// tlb_dynamic_lb, IFLA_BOND_TLB_DYNAMIC_LB.
    TlbDynamicLb => Spec {
        not_in: ONLY_LB, down: true, files: &["tlb_dynamic_lb"],
        ..bond(27, Width::U8, "tlb_dynamic_lb", switch(1))
    };
    /// arp_missed_max, IFLA_BOND_MISSED_MAX.
    MissedMax => Spec {
        not_in: NO_ARP, files: &["arp_missed_max"],
        ..bond(30, Width::U8, "arp_missed_max",
               range(1, 255, Some(2), &[("minval", 1), ("maxval", 255)]))
    };
    /// arp_adaptive: not an option of native bonding, and no attribute carries it.
    ArpAdaptive => Spec {
        name: "arp_adaptive", kind: switch(0), not_in: NO_ARP, files: &["arp_adaptive"],
        ..NOWHERE
    };
    /// coupled_control, IFLA_BOND_COUPLED_CONTROL.
    CoupledControl => Spec {
        not_in: ONLY_LACP, down: true,
        ..bond(32, Width::U8, "coupled_control", words(OFF_ON, Some(1)))
    };
    /// broadcast_neighbor, IFLA_BOND_BROADCAST_NEIGH.
    BroadcastNeighbor => Spec {
        not_in: ONLY_LACP,
        ..bond(33, Width::U8, "broadcast_neighbor", words(OFF_ON, Some(0)))
    };
    /// lacp_strict, IFLA_BOND_LACP_STRICT.
    LacpStrict => Spec {
        not_in: ONLY_LACP,
        ..bond(34, Width::U8, "lacp_strict", words(OFF_ON, Some(0)))
    };
    /// slaves: enslave and release.
    Slaves => Spec { name: "slaves", files: &["slaves"], ..NOWHERE };
    /// queue_id, IFLA_BOND_SLAVE_QUEUE_ID: the transmit queue that leads to a slave.
    QueueId => Spec {
        files: &["queue_id"],
        ..slave(5, Width::U16, "queue_id", 0, 65535)
    };
    /// prio, IFLA_BOND_SLAVE_PRIO: who becomes active when the primary cannot.
    Prio => Spec {
        not_in: ONLY_ACTIVE,
        ..slave(9, Width::S32, "prio", -0x8000_0000, INT_MAX)
    };
    /// actor_port_prio, IFLA_BOND_SLAVE_ACTOR_PORT_PRIO.
    ActorPortPrio => Spec {
        not_in: ONLY_LACP,
        ..slave(10, Width::U16, "actor_port_prio", 0, 65535)
    };
}

impl Opt {
    /// The option that an attribute carries.
    pub fn by_attr(attr: Attr) -> Option<Opt> {
        Opt::find(|spec| spec.attr == Some(attr))
    }

    /// The option with this sysfs file.
    pub fn by_file(file: &[u8]) -> Option<Opt> {
        Opt::find(|spec| spec.files.iter().any(|f| f.as_bytes() == file))
    }

    /// The option with this module parameter.
    pub fn by_param(param: &[u8]) -> Option<Opt> {
        Opt::find(|spec| spec.params.iter().any(|p| p.as_bytes() == param))
    }

    fn find(is_it: impl Fn(&Spec) -> bool) -> Option<Opt> {
        Opt::ALL.iter().copied().find(|opt| is_it(opt.spec()))
    }
}
