// SPDX-License-Identifier: GPL-2.0

//! Selects which received Slow Protocols PDUs reach the machines. Malformed ones can be refused
//! without a port's state, and nobody needs many LACPDUs a second.

use super::system::Verdict;
use crate::time::{Span, Time};
use crate::wire::{lacpdu, marker};

/// A Slow Protocols PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pdu {
    /// An LACPDU.
    Lacp(lacpdu::Repr),
    /// A Marker PDU.
    Marker(marker::Repr),
    /// One that the machines have no use for.
    Refused(Refused),
}

/// The reason why the machines have no use for a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Another Slow Protocol. BOND_3AD_STAT_LACPDU_UNKNOWN_RX.
    Unknown,
    /// Badly formed. BOND_3AD_STAT_LACPDU_ILLEGAL_RX.
    Illegal,
    /// A Marker PDU of unknown TLV type. BOND_3AD_STAT_MARKER_UNKNOWN_RX.
    UnknownMarker,
}

impl Refused {
    /// Returns what the driver does with the frame.
    pub const fn verdict(self) -> Verdict {
        match self {
            Refused::Unknown | Refused::Illegal => Verdict::PassOn,
            Refused::UnknownMarker => Verdict::Consumed,
        }
    }
}

impl Pdu {
    /// Reads what follows the EtherType of a frame to the group address: of any length and content.
    pub fn parse(bytes: &[u8]) -> Pdu {
        let illegal = Pdu::Refused(Refused::Illegal);
        match bytes.first() {
            Some(&lacpdu::SUBTYPE) => lacpdu::Packet::new(bytes)
                .and_then(|packet| lacpdu::Repr::parse(&packet))
                .map_or(illegal, Pdu::Lacp),
            Some(&marker::SUBTYPE) => match marker::Packet::new(bytes) {
                Ok(packet) => marker::Repr::parse(&packet)
                    .map_or(Pdu::Refused(Refused::UnknownMarker), Pdu::Marker),
                Err(_) => illegal,
            },
            Some(_) => Pdu::Refused(Refused::Unknown),
            None => illegal,
        }
    }
}

/// From one LACPDU to the next, on average, of one that sends as many as are received.
pub const SPACING: Span = Span::millis(100);
/// Number of LACPDUs that may come at once. With [`SPACING`] that is 20 in any second: a partner
/// may send three.
pub const AT_ONCE: u64 = 10;

/// Limits the number of LACPDUs that one system receives.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget {
    /// Time at which all that was taken would have come, had it come evenly.
    even: Time,
}

impl Budget {
    /// Takes one more, or returns false if there were too many.
    pub fn take(&mut self, now: Time) -> bool {
        let ahead = self.even - now;
        if ahead > Span(SPACING.0.saturating_mul(AT_ONCE.saturating_sub(1))) {
            return false;
        }
        self.even = self.even.max(now) + SPACING;
        true
    }
}
