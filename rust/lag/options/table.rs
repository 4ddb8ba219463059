// SPDX-License-Identifier: GPL-2.0

//! The one table of every option of a bond and of its slaves.
//!
//! The doc comment of a row is what users read: the reference (Documentation/option-reference.rst), modinfo and
//! the JSON for the tests are made from it and from the [`Spec`] by `cargo run --example options`.

use super::params::{AdSelect, ArpAllTargets, ArpValidate, FailOverMac, LacpRate, PrimaryReselect};
use super::spec::{
    bond, range, slave, switch, words, Attr, Kind, Numbers, Spec, Telling, Width, NOWHERE, OFF_ON,
};
use crate::hash::Policy;
use crate::mode::{Mode, Modes};

const INT_MAX: i64 = 0x7fff_ffff;
/// A C int that is not negative.
const INT: Kind = range(0, INT_MAX, Some(0), &[("off", 0), ("maxval", INT_MAX)]);
const COUNT: Kind = range(0, 255, Some(1), &[("off", 0), ("maxval", 255)]);
const PORT_PRIORITY: Kind = Kind::PerSlave {
    min: 0,
    max: 65535,
    default: 255,
};

const NO_ARP: Modes = Modes::of(&[Mode::Lacp, Mode::Tlb, Mode::Alb]);
const ONLY_ACTIVE: Modes = Modes::all_but(&[Mode::ActiveBackup, Mode::Tlb, Mode::Alb]);
const ONLY_LACP: Modes = Modes::all_but(&[Mode::Lacp]);
const ONLY_LB: Modes = Modes::all_but(&[Mode::Tlb, Mode::Alb]);
const ONLY_RR: Modes = Modes::all_but(&[Mode::RoundRobin]);

macro_rules! texts {
    () => {
        &[]
    };
    ($texts:expr) => {
        $texts
    };
}

macro_rules! options {
    ($($(#[doc = $doc:literal])* $opt:ident [$($attr:ident)?, $unit:literal $(, $texts:expr)?] => $spec:expr;)*) => {
        /// An option, in the order in which those of one request take effect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Opt {
            $($(#[doc = $doc])* $opt,)*
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

            /// The option's prose. Inlined, so that no module holds it that does not ask for it.
            #[inline]
            pub const fn telling(self) -> &'static Telling {
                match self {
                    $(Opt::$opt => &Telling {
                        doc: concat!($($doc, "\n"),*),
                        unit: $unit,
                        attr: concat!($(stringify!($attr))?),
                        words: texts!($($texts)?),
                    },)*
                }
            }
        }
    };
}

options! {
    /// Selects how the bond uses its slaves.
    ///
    /// 802.3ad, balance-tlb and balance-alb need MII monitoring: they set miimon to 100 where it is 0, and
    /// arp_interval to 0. A change of the mode sets arp_validate to none and broadcast_neighbor to off.
    ///
    /// # Errors
    ///
    /// - EOPNOTSUPP: an XDP program is attached to the bond, and cannot run in that mode.
    Mode [IFLA_BOND_MODE, "", Mode::TEXTS] => Spec {
        no_slaves: true, down: true, files: &["mode"], params: &["mode"],
        ..bond(1, Width::U8, "mode", words(Mode::WORDS, Some(0)))
    };
    /// The slave that transmits. Writing makes a slave active whose link is up; an empty value selects one anew.
    ///
    /// # Errors
    ///
    /// - ENODEV: there is no interface of that name or number.
    /// - EINVAL: the interface is not a slave, its link is down, or the bond has no active slave to replace.
    ActiveSlave [IFLA_BOND_ACTIVE_SLAVE, ""] => Spec {
        not_in: ONLY_ACTIVE, files: &["active_slave"],
        ..bond(2, Width::U32, "active_slave", Kind::Interface)
    };
    /// Interval of MII monitoring, which looks at the carrier of the slaves; 0 turns it off.
    ///
    /// A lost carrier is acted upon at once, whatever the interval: it matters for updelay and downdelay, which
    /// are counted in it, and for drivers that do not tell of their carrier. Setting it turns ARP monitoring
    /// off: arp_interval becomes 0.
    Miimon [IFLA_BOND_MIIMON, "ms"] => Spec {
        files: &["miimon"], params: &["miimon"],
        ..bond(3, Width::U32, "miimon", INT)
    };
    /// Time for which a link must be up before the slave is used; a multiple of miimon, rounded down.
    ///
    /// # Errors
    ///
    /// - EPERM: miimon is 0, and so is not what is asked for.
    ///
    /// # Native
    ///
    /// Keeps the number of polls when miimon changes, so that the delay changes with it; here what was asked for
    /// is kept.
    Updelay [IFLA_BOND_UPDELAY, "ms"] => Spec {
        files: &["updelay"], params: &["updelay"],
        ..bond(4, Width::U32, "updelay", INT)
    };
    /// Time for which a link must be down before the slave is given up; a multiple of miimon, rounded down.
    ///
    /// Frames that meet the dead link meanwhile take another slave.
    ///
    /// # Errors
    ///
    /// - EPERM: miimon is 0, and so is not what is asked for.
    ///
    /// # Native
    ///
    /// Keeps the number of polls when miimon changes, so that the delay changes with it; here what was asked for
    /// is kept.
    Downdelay [IFLA_BOND_DOWNDELAY, "ms"] => Spec {
        files: &["downdelay"], params: &["downdelay"],
        ..bond(5, Width::U32, "downdelay", INT)
    };
    /// Time between two of the peer notifications after a failover; a multiple of miimon, rounded down.
    ///
    /// 0 means miimon, or arp_interval with ARP monitoring.
    ///
    /// # Errors
    ///
    /// - EPERM: miimon is 0, and so is not what is asked for.
    /// - ERANGE: by netlink, more than 300000.
    ///
    /// # Native
    ///
    /// Keeps the number of polls when miimon changes, so that the delay changes with it; here what was asked for
    /// is kept.
    PeerNotifDelay [IFLA_BOND_PEER_NOTIF_DELAY, "ms"] => Spec {
        files: &["peer_notif_delay"],
        ..bond(28, Width::U32, "peer_notif_delay",
               range(0, 300_000, None, &[("off", 0), ("maxval", 300_000)]))
    };
    /// Obsolete; 1 is the only value: MII monitoring asks netif_carrier_ok().
    UseCarrier [IFLA_BOND_USE_CARRIER, ""] => Spec {
        files: &["use_carrier"], params: &["use_carrier"],
        ..bond(6, Width::U8, "use_carrier", Kind::Number(Numbers {
            words: &[("on", 1)], default: Some(1), range: None, named: false,
        }))
    };
    /// Interval of ARP monitoring, which probes arp_ip_target and ns_ip6_target; 0 turns it off.
    ///
    /// Setting it turns MII monitoring off: miimon becomes 0.
    ///
    /// # Errors
    ///
    /// - EINVAL: the same request sets miimon, too.
    ArpInterval [IFLA_BOND_ARP_INTERVAL, "ms"] => Spec {
        not_in: NO_ARP, files: &["arp_interval"], params: &["arp_interval"],
        ..bond(7, Width::U32, "arp_interval", INT)
    };
    /// IPv4 addresses that ARP monitoring probes, at most 16.
    ///
    /// The file adds one, `+192.0.2.1`, or removes one, `-192.0.2.1`; netlink replaces the whole list.
    ///
    /// # Errors
    ///
    /// - EPERM: the text is neither.
    /// - EINVAL: the address cannot be probed (0.0.0.0/8, 255.255.255.255), is in the list already, is to be
    ///   removed and is not in it, or is the 17th.
    ArpTargets [IFLA_BOND_ARP_IP_TARGET, ""] => Spec {
        files: &["arp_ip_target"], params: &["arp_ip_target"],
        ..bond(8, Width::Nested4, "arp_ip_target", Kind::Targets4)
    };
    /// IPv6 addresses that ARP monitoring probes by neighbour solicitations, at most 16.
    ///
    /// Only netlink sets them; it replaces the whole list.
    ///
    /// # Errors
    ///
    /// - EINVAL: the address cannot be probed (`::`, `::1`, multicast), is there twice, or is the 17th.
    /// - EPERM: IPv6 is off.
    ///
    /// # Native
    ///
    /// Takes targets while IPv6 is off.
    NsTargets [IFLA_BOND_NS_IP6_TARGET, ""] => bond(31, Width::Nested6, "ns_ip6_target", Kind::Targets6);
    /// Slaves on which ARP monitoring validates the replies, and whether other traffic proves a link.
    ///
    /// A reply is valid if it comes from a target and asks for, or answers to, an address of the bond.
    ///
    /// # Errors
    ///
    /// - EINVAL: the same request sets miimon, too.
    ArpValidate [IFLA_BOND_ARP_VALIDATE, "", ArpValidate::TEXTS] => Spec {
        not_in: NO_ARP, files: &["arp_validate"], params: &["arp_validate"],
        ..bond(9, Width::U32, "arp_validate", words(ArpValidate::WORDS, Some(0)))
    };
    /// Targets that must answer for a link to be up, with arp_validate in active-backup.
    ArpAllTargets [IFLA_BOND_ARP_ALL_TARGETS, "", ArpAllTargets::TEXTS] => Spec {
        files: &["arp_all_targets"], params: &["arp_all_targets"],
        ..bond(10, Width::U32, "arp_all_targets", words(ArpAllTargets::WORDS, Some(0)))
    };
    /// The slave that is active whenever primary_reselect lets it; an empty value for none.
    ///
    /// An interface that is not a slave yet becomes the primary when it is enslaved.
    ///
    /// # Errors
    ///
    /// - ENODEV: by netlink, there is no interface with that number.
    /// - EINVAL: no interface can have that name.
    ///
    /// # Native
    ///
    /// Forgets the old primary when the new one does not exist, and keeps any text.
    Primary [IFLA_BOND_PRIMARY, ""] => Spec {
        not_in: ONLY_ACTIVE, files: &["primary"], params: &["primary"],
        ..bond(11, Width::U32, "primary", Kind::Interface)
    };
    /// Condition on which the primary becomes the active slave again. Writing selects the active slave anew.
    PrimaryReselect [IFLA_BOND_PRIMARY_RESELECT, "", PrimaryReselect::TEXTS] => Spec {
        files: &["primary_reselect"], params: &["primary_reselect"],
        ..bond(12, Width::U8, "primary_reselect", words(PrimaryReselect::WORDS, Some(0)))
    };
    /// Policy for MAC addresses at failover in active-backup.
    FailOverMac [IFLA_BOND_FAIL_OVER_MAC, "", FailOverMac::TEXTS] => Spec {
        no_slaves: true, files: &["fail_over_mac"], params: &["fail_over_mac"],
        ..bond(13, Width::U8, "fail_over_mac", words(FailOverMac::WORDS, Some(0)))
    };
    /// Headers that are hashed to select the slave of a flow, in balance-xor and 802.3ad, and in balance-tlb
    /// with tlb_dynamic_lb 0.
    ///
    /// # Errors
    ///
    /// - EOPNOTSUPP: an XDP program is attached to the bond, and cannot run with vlan+srcmac.
    XmitHashPolicy [IFLA_BOND_XMIT_HASH_POLICY, "", Policy::TEXTS] => Spec {
        files: &["xmit_hash_policy"], params: &["xmit_hash_policy"],
        ..bond(14, Width::U8, "xmit_hash_policy", words(Policy::WORDS, Some(0)))
    };
    /// Number of IGMP membership reports after a failover, one every 200 ms; 0 for none.
    ResendIgmp [IFLA_BOND_RESEND_IGMP, ""] => Spec {
        files: &["resend_igmp"], params: &["resend_igmp"],
        ..bond(15, Width::U32, "resend_igmp", COUNT)
    };
    /// Number of peer notifications (gratuitous ARP and unsolicited NA) after a failover; 0 for none.
    ///
    /// The two files and the two parameters are one option.
    NumPeerNotif [IFLA_BOND_NUM_PEER_NOTIF, ""] => Spec {
        files: &["num_unsol_na", "num_grat_arp"], params: &["num_unsol_na", "num_grat_arp"],
        ..bond(16, Width::U8, "num_unsol_na", COUNT)
    };
    /// Treatment of frames that inactive slaves receive.
    AllSlavesActive [IFLA_BOND_ALL_SLAVES_ACTIVE, "", &["Drops them.", "Delivers them."]] => Spec {
        files: &["all_slaves_active"], params: &["all_slaves_active"],
        ..bond(17, Width::U8, "all_slaves_active", switch(0))
    };
    /// Number of ports that the active aggregator needs for the bond to have a carrier, in 802.3ad.
    ///
    /// 0 and 1 mean the same: one port is needed in any case.
    MinLinks [IFLA_BOND_MIN_LINKS, ""] => Spec {
        files: &["min_links"], params: &["min_links"],
        ..bond(18, Width::U32, "min_links", INT)
    };
    /// Interval at which balance-tlb and balance-alb send learning packets to the switches.
    LpInterval [IFLA_BOND_LP_INTERVAL, "s"] => Spec {
        files: &["lp_interval"], params: &["lp_interval"],
        ..bond(19, Width::U32, "lp_interval",
               range(1, INT_MAX, Some(1), &[("minval", 1), ("maxval", INT_MAX)]))
    };
    /// Number of frames that a slave transmits before it is the next one's turn; 0 picks one at random each time.
    PacketsPerSlave [IFLA_BOND_PACKETS_PER_SLAVE, ""] => Spec {
        not_in: ONLY_RR, files: &["packets_per_slave"], params: &["packets_per_slave"],
        ..bond(20, Width::U32, "packets_per_slave",
               range(0, 65535, Some(1), &[("maxval", 65535)]))
    };
    /// LACP activity, IEEE 802.1AX LACP_Activity.
    LacpActive [IFLA_BOND_AD_LACP_ACTIVE, "", &["Transmits LACPDUs only to a partner that does.", "Transmits LACPDUs in any case."]] => Spec {
        not_in: ONLY_LACP, down: true, files: &["lacp_active"],
        ..bond(29, Width::U8, "lacp_active", words(OFF_ON, Some(1)))
    };
    /// Interval at which the partner is asked to transmit LACPDUs, IEEE 802.1AX LACP_Timeout.
    LacpRate [IFLA_BOND_AD_LACP_RATE, "", LacpRate::TEXTS] => Spec {
        not_in: ONLY_LACP, down: true, files: &["lacp_rate"], params: &["lacp_rate"],
        ..bond(21, Width::U8, "lacp_rate", words(LacpRate::WORDS, None))
    };
    /// Selects the active aggregator of 802.3ad.
    AdSelect [IFLA_BOND_AD_SELECT, "", AdSelect::TEXTS] => Spec {
        down: true, files: &["ad_select"], params: &["ad_select"],
        ..bond(22, Width::U8, "ad_select", words(AdSelect::WORDS, Some(0)))
    };
    /// System priority that LACPDUs carry, IEEE 802.1AX Actor_System_Priority.
    ///
    /// Read only with CAP_NET_ADMIN.
    AdActorSysPrio [IFLA_BOND_AD_ACTOR_SYS_PRIO, ""] => Spec {
        not_in: ONLY_LACP, files: &["ad_actor_sys_prio"],
        ..bond(24, Width::U16, "ad_actor_sys_prio",
               range(1, 65535, Some(65535), &[("minval", 1), ("maxval", 65535)]))
    };
    /// Upper ten bits of the operational key of each port; speed and duplex are the other six.
    ///
    /// Read only with CAP_NET_ADMIN.
    AdUserPortKey [IFLA_BOND_AD_USER_PORT_KEY, ""] => Spec {
        not_in: ONLY_LACP, down: true, files: &["ad_user_port_key"],
        ..bond(25, Width::U16, "ad_user_port_key",
               range(0, 1023, Some(0), &[("minval", 0), ("maxval", 1023)]))
    };
    /// System MAC address that LACPDUs carry, IEEE 802.1AX Actor_System; 00:00:00:00:00:00 for the bond's own.
    ///
    /// Read only with CAP_NET_ADMIN.
    ///
    /// # Errors
    ///
    /// - EINVAL: the text is no MAC address, or it is a multicast address.
    AdActorSystem [IFLA_BOND_AD_ACTOR_SYSTEM, ""] => Spec {
        not_in: ONLY_LACP, files: &["ad_actor_system"],
        ..bond(26, Width::Mac, "ad_actor_system", Kind::Mac)
    };
    /// Selection of slaves by load in balance-tlb. balance-alb sets it to 1.
    TlbDynamicLb [IFLA_BOND_TLB_DYNAMIC_LB, "", &["Selects the slave of a flow by its hash (xmit_hash_policy).", "Moves flows to the least loaded slave."]] => Spec {
        not_in: ONLY_LB, down: true, files: &["tlb_dynamic_lb"],
        ..bond(27, Width::U8, "tlb_dynamic_lb", switch(1))
    };
    /// Number of intervals of ARP monitoring without an answer after which a link is down.
    ///
    /// Backup slaves have one interval more.
    MissedMax [IFLA_BOND_MISSED_MAX, "intervals"] => Spec {
        not_in: NO_ARP, files: &["arp_missed_max"],
        ..bond(30, Width::U8, "arp_missed_max",
               range(1, 255, Some(2), &[("minval", 1), ("maxval", 255)]))
    };
    /// Saving of ARP probes that traffic makes needless.
    ArpAdaptive [, "", &["Probes in every interval.", "Sends no probe while valid traffic proves the path."]] => Spec {
        name: "arp_adaptive", kind: switch(0), not_in: NO_ARP, files: &["arp_adaptive"], ours: true,
        ..NOWHERE
    };
    /// Mux machine of IEEE 802.1AX-2014 that ports run (figures 6-21 and 6-22).
    CoupledControl [IFLA_BOND_COUPLED_CONTROL, "", &["Independent control: a port may receive before it transmits.", "Coupled control: a port receives and transmits, or neither."]] => Spec {
        not_in: ONLY_LACP, down: true,
        ..bond(32, Width::U8, "coupled_control", words(OFF_ON, Some(1)))
    };
    /// Transmission of ARP and neighbour discovery on all ports of 802.3ad.
    BroadcastNeighbor [IFLA_BOND_BROADCAST_NEIGH, ""] => Spec {
        not_in: ONLY_LACP,
        ..bond(33, Width::U8, "broadcast_neighbor", words(OFF_ON, Some(0)))
    };
    /// Requirement of a partner that speaks LACP, in 802.3ad.
    LacpStrict [IFLA_BOND_LACP_STRICT, "", &["A port without a partner may be used, alone.", "Only ports with a partner are used, and the bond has no carrier without one."]] => Spec {
        not_in: ONLY_LACP,
        ..bond(34, Width::U8, "lacp_strict", words(OFF_ON, Some(0)))
    };
    /// The enslaved interfaces. The file adds one, `+eth0`, or removes one, `-eth0`; netlink has IFLA_MASTER for it.
    ///
    /// # Errors
    ///
    /// - EPERM: the text is neither.
    /// - ENODEV: there is no interface of that name.
    ///
    /// Those of enslaving itself are listed in `Using rustbond <bonding.rst>`_.
    Slaves [, ""] => Spec {
        name: "slaves", files: &["slaves"], ..NOWHERE
    };
    /// The transmit queue of the bond whose frames this slave transmits; 0 for none. The file takes `eth0:1`.
    ///
    /// # Errors
    ///
    /// - EPERM: the text is no such pair, there is no such slave or queue, or another slave has the queue.
    /// - ENODEV: by netlink, the interface is not a slave of this bond.
    QueueId [IFLA_BOND_SLAVE_QUEUE_ID, ""] => Spec {
        files: &["queue_id"],
        ..slave(5, Width::U16, "queue_id",
                Kind::PerSlave { min: 0, max: 65535, default: 0 })
    };
    /// Priority of a slave: of those whose link is up, the one with the highest becomes active when the primary cannot.
    Prio [IFLA_BOND_SLAVE_PRIO, ""] => Spec {
        not_in: ONLY_ACTIVE,
        ..slave(9, Width::S32, "prio",
                Kind::PerSlave { min: -0x8000_0000, max: INT_MAX, default: 0 })
    };
    /// Port priority that LACPDUs carry, IEEE 802.1AX Actor_Port_Priority; see ad_select actor_port_prio.
    ActorPortPrio [IFLA_BOND_SLAVE_ACTOR_PORT_PRIO, ""] => Spec {
        not_in: ONLY_LACP,
        ..slave(10, Width::U16, "actor_port_prio", PORT_PRIORITY)
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
