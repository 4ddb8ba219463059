// SPDX-License-Identifier: GPL-2.0

//! The seven modes: their numbers, names and what holds for each.

/// A bond's mode. IFLA_BOND_MODE; the numbers are an ABI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Mode {
    /// balance-rr: packets in turn over all slaves.
    #[default]
    RoundRobin = 0,
    /// active-backup: one slave carries all traffic.
    ActiveBackup = 1,
    /// balance-xor: a hash of the flow picks the slave.
    Xor = 2,
    /// broadcast: every packet on every slave.
    Broadcast = 3,
    /// 802.3ad: aggregators agreed on by LACP.
    Lacp = 4,
    /// balance-tlb: transmit load balancing.
    Tlb = 5,
    /// balance-alb: balance-tlb, and receive load balancing by ARP.
    Alb = 6,
}

impl Mode {
    /// Every mode, in the order of the numbers.
    pub const ALL: [Mode; 7] = [
        Mode::RoundRobin,
        Mode::ActiveBackup,
        Mode::Xor,
        Mode::Broadcast,
        Mode::Lacp,
        Mode::Tlb,
        Mode::Alb,
    ];

    /// The mode with this number.
    pub fn from_number(number: u64) -> Option<Mode> {
        Mode::ALL
            .into_iter()
            .find(|m| u64::from(m.number()) == number)
    }

    /// The number used by netlink, module parameters and sysfs.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name used by every front end.
    pub const fn name(self) -> &'static str {
        match self {
            Mode::RoundRobin => "balance-rr",
            Mode::ActiveBackup => "active-backup",
            Mode::Xor => "balance-xor",
            Mode::Broadcast => "broadcast",
            Mode::Lacp => "802.3ad",
            Mode::Tlb => "balance-tlb",
            Mode::Alb => "balance-alb",
        }
    }

    /// The words for it in /proc.
    pub const fn description(self) -> &'static str {
        match self {
            Mode::RoundRobin => "load balancing (round-robin)",
            Mode::ActiveBackup => "fault-tolerance (active-backup)",
            Mode::Xor => "load balancing (xor)",
            Mode::Broadcast => "fault-tolerance (broadcast)",
            Mode::Lacp => "IEEE 802.3ad Dynamic link aggregation",
            Mode::Tlb => "transmit load balancing",
            Mode::Alb => "adaptive load balancing",
        }
    }

    /// One slave is the active one: active-backup, balance-tlb and balance-alb.
    pub const fn has_active_slave(self) -> bool {
        matches!(self, Mode::ActiveBackup | Mode::Tlb | Mode::Alb)
    }

    /// ARP monitoring can watch the links: not in 802.3ad, balance-tlb and balance-alb, which
    /// need the speed of a link and so miimon.
    pub const fn uses_arp_monitor(self) -> bool {
        !matches!(self, Mode::Lacp | Mode::Tlb | Mode::Alb)
    }
}

/// A set of modes, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modes(u8);

impl Modes {
    /// No mode.
    pub const NONE: Modes = Modes(0);

    /// The modes listed.
    pub const fn of(mut modes: &[Mode]) -> Modes {
        let mut bits = 0;
        while let Some((mode, rest)) = modes.split_first() {
            bits |= 1 << mode.number();
            modes = rest;
        }
        Modes(bits)
    }

    /// Every mode but the ones listed.
    pub const fn all_but(modes: &[Mode]) -> Modes {
        Modes(!Modes::of(modes).0 & 0x7f)
    }

    /// The mode is in the set.
    pub const fn contains(self, mode: Mode) -> bool {
        self.0 & (1 << mode.number()) != 0
    }
}
