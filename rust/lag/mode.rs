// SPDX-License-Identifier: GPL-2.0

//! The modes: their numbers, names and what holds for each.

use crate::named::named;

named! {
    /// A bond's mode. IFLA_BOND_MODE; the numbers are an ABI.
    Mode {
        /// Round-robin: transmits frame by frame over all slaves in turn.
        #[default]
        RoundRobin = 0, "balance-rr";
        /// One slave carries all traffic; another takes over when it fails.
        ActiveBackup = 1, "active-backup";
        /// A hash of each flow (xmit_hash_policy) selects its slave.
        Xor = 2, "balance-xor";
        /// Transmits every frame on every slave.
        Broadcast = 3, "broadcast";
        /// IEEE 802.1AX: LACP agrees with the partner which ports aggregate; a hash selects the port.
        Lacp = 4, "802.3ad";
        /// Transmit load balancing: moves flows to the least loaded slave, without help of the switch.
        Tlb = 5, "balance-tlb";
        /// As balance-tlb, and receive load balancing by the ARP answers that peers get.
        Alb = 6, "balance-alb";
    }
}

impl Mode {
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
        Modes(!Modes::of(modes).0 & Modes::of(&Mode::ALL).0)
    }

    /// The mode is in the set.
    pub const fn contains(self, mode: Mode) -> bool {
        self.0 & (1 << mode.number()) != 0
    }
}
