// SPDX-License-Identifier: GPL-2.0

//! The reason why a port is not in use, as a value.

use core::fmt;

/// The first thing that keeps a port from carrying traffic both ways, in agreement with a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The bond is down.
    BondDown,
    /// The link is down.
    LinkDown,
    /// The link is up, but its speed or duplex is not known, so it has no key and LACP does not
    /// run on it.
    SpeedUnknown,
    /// LACP runs on full duplex links only.
    HalfDuplex,
    /// The link leads back to this bond.
    Loopback,
    /// No partner has been heard.
    NoPartner,
    /// The partner was heard, but has fallen silent.
    PartnerSilent,
    /// Another aggregator of the bond is the active one.
    NotActive {
        /// The active aggregator's number.
        active: u16,
    },
    /// Waits for others that may attach to the same aggregator, up to two seconds.
    Waiting,
    /// The partner's idea of this port is wrong or out of date.
    PartnerMismatch,
    /// The partner is not ready to use the link.
    PartnerOutOfSync,
    /// The partner does not accept frames yet; this end does.
    PartnerNotCollecting,
    /// Several systems claim the link, and it is not settled yet which one is its other end.
    Disputed,
}

impl Reason {
    /// The number that `bonding_slave/ad_reason` has for it; 0 is that of a port in use.
    pub const fn number(self) -> u8 {
        match self {
            Reason::BondDown => 1,
            Reason::LinkDown => 2,
            Reason::SpeedUnknown => 3,
            Reason::HalfDuplex => 4,
            Reason::Loopback => 5,
            Reason::NoPartner => 6,
            Reason::PartnerSilent => 7,
            Reason::NotActive { .. } => 8,
            Reason::Waiting => 9,
            Reason::PartnerMismatch => 10,
            Reason::PartnerOutOfSync => 11,
            Reason::PartnerNotCollecting => 12,
            Reason::Disputed => 13,
        }
    }
}

impl Reason {
    /// The word that `bonding_slave/ad_reason` has for it; `none` is that of a port in use.
    pub const fn word(self) -> &'static str {
        match self {
            Reason::BondDown => "bond_down",
            Reason::LinkDown => "link_down",
            Reason::SpeedUnknown => "speed_unknown",
            Reason::HalfDuplex => "half_duplex",
            Reason::Loopback => "loopback",
            Reason::NoPartner => "no_partner",
            Reason::PartnerSilent => "partner_silent",
            Reason::NotActive { .. } => "not_active",
            Reason::Waiting => "waiting",
            Reason::PartnerMismatch => "partner_mismatch",
            Reason::PartnerOutOfSync => "partner_out_of_sync",
            Reason::PartnerNotCollecting => "partner_not_collecting",
            Reason::Disputed => "disputed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::BondDown => "bond is down",
            Reason::LinkDown => "link is down",
            Reason::SpeedUnknown => "link speed or duplex is unknown",
            Reason::HalfDuplex => "link is half duplex",
            Reason::Loopback => "link leads back to this bond",
            Reason::NoPartner => "no LACP partner",
            Reason::PartnerSilent => "LACP partner is silent",
            Reason::NotActive { active } => {
                return write!(f, "aggregator {active} is the active one");
            }
            Reason::Waiting => "waiting for other ports to attach",
            Reason::PartnerMismatch => "LACP partner does not know this port",
            Reason::PartnerOutOfSync => "LACP partner is not in sync",
            Reason::PartnerNotCollecting => "LACP partner is not collecting",
            Reason::Disputed => "several systems claim the link",
        })
    }
}
