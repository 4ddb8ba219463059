// SPDX-License-Identifier: GPL-2.0

//! Values of all options of a bond, typed.

use super::name::Name;
use super::targets::Targets;
use crate::hash::Policy;
use crate::mac::Mac;
use crate::mode::Mode;
use crate::named::named;

named! {
    /// Condition on which the primary becomes the active slave again. IFLA_BOND_PRIMARY_RESELECT.
    PrimaryReselect {
        /// As soon as its link is up.
        #[default]
        Always = 0, "always";
        /// If it is faster than the active slave, or as fast with a better duplex.
        Better = 1, "better";
        /// Only when the active slave fails.
        Failure = 2, "failure";
    }
}

named! {
    /// The way in which MAC addresses change hands at failover in active-backup.
    /// IFLA_BOND_FAIL_OVER_MAC.
    FailOverMac {
        /// All slaves have the bond's MAC address.
        #[default]
        None = 0, "none";
        /// The bond takes the MAC address of the active slave.
        Active = 1, "active";
        /// A slave takes the bond's MAC address when it becomes active, and gives the one it had to the old.
        Follow = 2, "follow";
    }
}

named! {
    /// Slaves on which the source of ARP and NA replies is validated, and whether other traffic
    /// proves a link. IFLA_BOND_ARP_VALIDATE; bit 0 active, bit 1 backup, bit 2 filter.
    ArpValidate {
        /// Any received frame proves a link.
        #[default]
        None = 0, "none";
        /// Validates on the active slave.
        Active = 1, "active";
        /// Validates on backup slaves.
        Backup = 2, "backup";
        /// Validates on every slave.
        All = 3, "all";
        /// Only ARP and NA prove a link; their source is not validated.
        Filter = 4, "filter";
        /// Only ARP and NA prove a link; validates on the active slave.
        FilterActive = 5, "filter_active";
        /// Only ARP and NA prove a link; validates on backup slaves.
        FilterBackup = 6, "filter_backup";
    }
}

named! {
    /// Number of ARP targets that must answer. IFLA_BOND_ARP_ALL_TARGETS.
    ArpAllTargets {
        /// One of them.
        #[default]
        Any = 0, "any";
        /// All of them.
        All = 1, "all";
    }
}

named! {
    /// Interval at which the partner is asked to transmit LACPDUs. IFLA_BOND_AD_LACP_RATE.
    LacpRate {
        /// Every 30 seconds.
        #[default]
        Slow = 0, "slow";
        /// Every second.
        Fast = 1, "fast";
    }
}

named! {
    /// Aggregation selection logic. IFLA_BOND_AD_SELECT.
    AdSelect {
        /// The aggregator with most bandwidth, reselected only when it has no ports left.
        #[default]
        Stable = 0, "stable";
        /// The aggregator with most bandwidth, reselected at any change.
        Bandwidth = 1, "bandwidth";
        /// The aggregator with most ports, reselected at any change.
        Count = 2, "count";
        /// The aggregator with the highest sum of actor port priorities, reselected at any change.
        ActorPortPrio = 3, "actor_port_prio";
    }
}

/// miimon where a mode cannot do without it and the user gave none. Milliseconds.
pub const DEFAULT_MIIMON: u32 = 100;

/// Every option that belongs to the bond as a whole. `Default` is what a new bond has when no
/// module parameter says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// IFLA_BOND_MODE.
    pub mode: Mode,
    /// Milliseconds between two looks at the links; 0 turns MII monitoring off. IFLA_BOND_MIIMON.
    pub miimon: u32,
    /// Milliseconds, as asked for; what holds is [`Params::updelay_ms`]. IFLA_BOND_UPDELAY.
    pub updelay: u32,
    /// Milliseconds, as asked for; what holds is [`Params::downdelay_ms`]. IFLA_BOND_DOWNDELAY.
    pub downdelay: u32,
    /// Milliseconds between two peer notifications, as asked for; what holds is
    /// [`Params::peer_notif_delay_ms`]. IFLA_BOND_PEER_NOTIF_DELAY.
    pub peer_notif_delay: u32,
    /// Milliseconds between two rounds of probes; 0 turns ARP monitoring off.
    /// IFLA_BOND_ARP_INTERVAL.
    pub arp_interval: u32,
    /// IPv4 addresses to probe, octets in the order of the wire. IFLA_BOND_ARP_IP_TARGET.
    pub arp_targets: Targets<[u8; 4]>,
    /// IPv6 addresses to probe, octets in the order of the wire. IFLA_BOND_NS_IP6_TARGET.
    pub ns_targets: Targets<[u8; 16]>,
    /// IFLA_BOND_ARP_VALIDATE.
    pub arp_validate: ArpValidate,
    /// IFLA_BOND_ARP_ALL_TARGETS.
    pub arp_all_targets: ArpAllTargets,
    /// Intervals without an answer until a link counts as down, 1 to 255. IFLA_BOND_MISSED_MAX.
    pub missed_max: u8,
    /// No probe is sent while valid traffic proves the path. arp_adaptive.
    pub arp_adaptive: bool,
    /// The interface that is to be the active slave, whether it is a slave yet or not.
    /// IFLA_BOND_PRIMARY.
    pub primary: Option<Name>,
    /// IFLA_BOND_PRIMARY_RESELECT.
    pub primary_reselect: PrimaryReselect,
    /// IFLA_BOND_FAIL_OVER_MAC.
    pub fail_over_mac: FailOverMac,
    /// IFLA_BOND_XMIT_HASH_POLICY.
    pub xmit_policy: Policy,
    /// IGMP reports sent after a failover, 0 to 255. IFLA_BOND_RESEND_IGMP.
    pub resend_igmp: u8,
    /// Peer notifications sent after a failover, 0 to 255. IFLA_BOND_NUM_PEER_NOTIF.
    pub num_peer_notif: u8,
    /// Frames that reach an inactive slave are kept. IFLA_BOND_ALL_SLAVES_ACTIVE.
    pub all_slaves_active: bool,
    /// Links that must be up for the bond to have a carrier. IFLA_BOND_MIN_LINKS.
    pub min_links: u32,
    /// Seconds between two learning packets, 1 and up. IFLA_BOND_LP_INTERVAL.
    pub lp_interval: u32,
    /// Packets a slave sends before the next one's turn; 0 picks at random.
    /// IFLA_BOND_PACKETS_PER_SLAVE.
    pub packets_per_slave: u16,
    /// LACPDUs are sent whether or not the partner does. IFLA_BOND_AD_LACP_ACTIVE.
    pub lacp_active: bool,
    /// IFLA_BOND_AD_LACP_RATE.
    pub lacp_rate: LacpRate,
    /// Without a partner there is no carrier. IFLA_BOND_LACP_STRICT.
    pub lacp_strict: bool,
    /// IFLA_BOND_AD_SELECT.
    pub ad_select: AdSelect,
    /// 1 to 65535. IFLA_BOND_AD_ACTOR_SYS_PRIO.
    pub ad_actor_sys_prio: u16,
    /// The upper ten bits of the port key, 0 to 1023. IFLA_BOND_AD_USER_PORT_KEY.
    pub ad_user_port_key: u16,
    /// The system address in LACPDUs; zero for the bond's own. IFLA_BOND_AD_ACTOR_SYSTEM.
    pub ad_actor_system: Mac,
    /// Flows move between slaves with the load. IFLA_BOND_TLB_DYNAMIC_LB.
    pub tlb_dynamic_lb: bool,
    /// The Mux machine of coupled control, figure 6-22 of 802.1AX. IFLA_BOND_COUPLED_CONTROL.
    pub coupled_control: bool,
    /// ARP and ND go out of every active slave. IFLA_BOND_BROADCAST_NEIGH.
    pub broadcast_neighbor: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            mode: Mode::RoundRobin,
            miimon: 0,
            updelay: 0,
            downdelay: 0,
            peer_notif_delay: 0,
            arp_interval: 0,
            arp_targets: Targets::NONE,
            ns_targets: Targets::NONE,
            arp_validate: ArpValidate::None,
            arp_all_targets: ArpAllTargets::Any,
            missed_max: 2,
            arp_adaptive: false,
            primary: None,
            primary_reselect: PrimaryReselect::Always,
            fail_over_mac: FailOverMac::None,
            xmit_policy: Policy::Layer2,
            resend_igmp: 1,
            num_peer_notif: 1,
            all_slaves_active: false,
            min_links: 0,
            lp_interval: 1,
            packets_per_slave: 1,
            lacp_active: true,
            lacp_rate: LacpRate::Slow,
            lacp_strict: false,
            ad_select: AdSelect::Stable,
            ad_actor_sys_prio: 65535,
            ad_user_port_key: 0,
            ad_actor_system: Mac::ZERO,
            tlb_dynamic_lb: true,
            coupled_control: true,
            broadcast_neighbor: false,
        }
    }
}

impl Params {
    /// The updelay that holds: a multiple of miimon, 0 without MII monitoring. Milliseconds.
    pub fn updelay_ms(&self) -> u32 {
        self.in_polls(self.updelay)
    }

    /// The downdelay that holds: a multiple of miimon, 0 without MII monitoring. Milliseconds.
    pub fn downdelay_ms(&self) -> u32 {
        self.in_polls(self.downdelay)
    }

    /// The peer_notif_delay that holds: a multiple of miimon, 0 without MII monitoring.
    /// Milliseconds.
    pub fn peer_notif_delay_ms(&self) -> u32 {
        self.in_polls(self.peer_notif_delay)
    }

    /// Rounded down to a multiple of miimon; 0 if there is none.
    pub(super) fn in_polls(&self, ms: u32) -> u32 {
        match ms.checked_rem(self.miimon) {
            Some(rest) => ms.saturating_sub(rest),
            None => 0,
        }
    }

    /// From `old` to these nothing changes but when links are looked at, and how much is said after
    /// a failover: who sends what, and what is told of the slaves, stays as it is.
    pub fn only_retimes(&self, old: &Params) -> bool {
        let mut retimed = old.clone();
        retimed.miimon = self.miimon;
        retimed.peer_notif_delay = self.peer_notif_delay;
        retimed.num_peer_notif = self.num_peer_notif;
        retimed.resend_igmp = self.resend_igmp;
        retimed == *self
            && (self.updelay_ms(), self.downdelay_ms()) == (old.updelay_ms(), old.downdelay_ms())
    }

    /// Traffic is spread by xmit_hash_policy: balance-xor, 802.3ad, and balance-tlb and
    /// balance-alb without tlb_dynamic_lb.
    pub const fn uses_xmit_hash(&self) -> bool {
        match self.mode {
            Mode::Xor | Mode::Lacp => true,
            Mode::Tlb | Mode::Alb => !self.tlb_dynamic_lb,
            Mode::RoundRobin | Mode::ActiveBackup | Mode::Broadcast => false,
        }
    }

    /// An XDP program can run on the bond. With vlan+srcmac it cannot: the tag is often not in
    /// the frame that the program sees.
    pub const fn allows_xdp(&self) -> bool {
        match self.mode {
            Mode::RoundRobin | Mode::ActiveBackup => true,
            Mode::Xor | Mode::Lacp => !matches!(self.xmit_policy, Policy::VlanSrcMac),
            Mode::Broadcast | Mode::Tlb | Mode::Alb => false,
        }
    }
}
