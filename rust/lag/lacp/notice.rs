// SPDX-License-Identifier: GPL-2.0

//! Orders and reports of the machines to the driver.

use core::fmt;

use super::port::{Partner, PortId, Usability};
use crate::mac::Mac;
use crate::wire::lacpdu::FRAME_LEN;

/// Carries out what the machines decide. Called with the driver's lock held.
pub trait Sink {
    /// Sends a frame, complete but for the FCS, on the slave; false if it was not taken.
    fn transmit(&mut self, port: PortId, frame: &[u8; FRAME_LEN]) -> bool;

    /// Something changed.
    fn notice(&mut self, notice: Notice);
}

/// A change that the driver acts upon, or logs: as text it is a line for the log. What a partner
/// causes can come often, so the log wants a rate limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The traffic that a port may carry: the transmit table has to follow.
    Usability {
        /// The port.
        port: PortId,
        /// The traffic that it may carry now.
        usability: Usability,
    },
    /// Another aggregator is the active one; None if there is none.
    Active {
        /// Its number.
        aggregator: Option<u16>,
    },
    /// The active aggregator is one whose link runs no LACP: no better one is up.
    NoLacp,
    /// The bond's carrier.
    Carrier {
        /// On.
        up: bool,
    },
    /// The knowledge of a port's partner has changed.
    Partner {
        /// The port.
        port: PortId,
        /// The partner.
        partner: Partner,
    },
    /// A port received an LACPDU of its own bond.
    Loopback {
        /// The port.
        port: PortId,
    },
    /// Another system has sent LACPDUs on a port's link, and the partner has answered: told once
    /// until there were none for [`super::doubt::SILENCE`].
    Stray {
        /// The port.
        port: PortId,
        /// The system that it named.
        system: Mac,
    },
    /// A port's own end was out of sync for too long.
    ActorChurn {
        /// The port.
        port: PortId,
    },
    /// A port's partner was out of sync for too long.
    PartnerChurn {
        /// The port.
        port: PortId,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Usability { usability, .. } => f.write_str(match usability {
                Usability::Blocked => "carries no traffic",
                Usability::Collecting => "receives only",
                Usability::Distributing => "receives and transmits",
            }),
            Notice::Active { aggregator: None } => f.write_str("no active aggregator"),
            Notice::Active {
                aggregator: Some(id),
            } => write!(f, "aggregator {id} is the active one"),
            Notice::NoLacp => f.write_str("no link runs LACP: none is full duplex"),
            Notice::Carrier { up: true } => f.write_str("carrier on"),
            Notice::Carrier { up: false } => f.write_str("carrier off"),
            Notice::Partner { partner, .. } => match partner {
                Partner::Unheard => f.write_str("no LACP partner"),
                Partner::Heard { system, key } => {
                    write!(f, "LACP partner is {system}, key {key}")
                }
                Partner::Silent => f.write_str("LACP partner has fallen silent"),
            },
            Notice::Loopback { .. } => f.write_str("link leads back to this bond"),
            Notice::Stray { system, .. } => {
                write!(
                    f,
                    "LACPDUs of another system, {system}, are ignored: the partner still answers"
                )
            }
            Notice::ActorChurn { .. } => f.write_str("out of sync for a minute"),
            Notice::PartnerChurn { .. } => f.write_str("LACP partner out of sync for a minute"),
        }
    }
}

/// The decision about a frame that the driver handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was for LACP or the Marker Responder: done with.
    Consumed,
    /// It was not: it takes its usual way.
    PassOn,
}
