// SPDX-License-Identifier: GPL-2.0

//! The Transmit machine of IEEE 802.1AX-2014.
//!
//! It has no diagram: a PDU goes out when NTT is set, but no more than three in any
//! Fast_Periodic_Time, and none while the Periodic machine is in NO_PERIODIC.
//!
//! Clause 6.4.16.

use super::doubt;
use super::limit::Limit;
use super::periodic;
use super::port::Port;
use super::timer::FAST_PERIODIC;
use crate::time::{Span, Time};
use crate::wire::lacpdu::{self, Repr, PDU_LEN};

/// Number of LACPDUs that may go out in a Fast_Periodic_Time.
pub const LIMIT: usize = 3;
/// Between the second and the third LACPDU of a second while all is agreed upon: three at once and
/// then none for a second would leave a partner without an answer that asks (see [`super::doubt`]).
pub const SPACING: Span = Span::millis(450);
/// Time until a device is tried again that did not take a PDU.
pub const RETRY: Span = Span::millis(100);

/// The machine of one port.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    limit: Limit<LIMIT>,
    /// Time of the next try.
    retry: Option<Time>,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine {
            limit: Limit::new(FAST_PERIODIC),
            retry: None,
        }
    }
}

/// From when on the next PDU of a port may go out; None is at once.
fn earliest(port: &Port) -> Option<Time> {
    let Machine { limit, retry } = &port.transmit;
    let spaced = limit
        .last_two()
        .filter(|_| port.distributes())
        .map(|(last, before)| (last + SPACING).min(before + FAST_PERIODIC));
    limit.earliest().max(*retry).max(spaced)
}

/// Returns the time at which a PDU that is held back may go out.
pub(super) fn deadline(port: &Port) -> Option<Time> {
    earliest(port).filter(|_| port.ntt)
}

/// The port sends LACPDUs at all.
pub(super) fn speaks(port: &Port) -> bool {
    port.periodic.state != periodic::State::NoPeriodic
}

/// A PDU is to go out and may; clears NTT if none ever will.
pub(super) fn due(port: &mut Port, now: Time) -> bool {
    if !speaks(port) {
        port.ntt = false;
    }
    port.ntt && earliest(port).is_none_or(|at| at <= now)
}

/// Notes that the PDU of [`frame`] was sent, or that the device did not take it.
pub(super) fn done(port: &mut Port, sent: bool, now: Time) {
    if sent {
        port.ntt = false;
        port.transmit.retry = None;
        port.transmit.limit.record(now);
        port.doubt.sent(now);
    } else {
        port.transmit.retry = Some(now + RETRY);
    }
}

/// The frame that tells the partner how things stand now, or asks it whether it is there.
pub(super) fn frame(port: &Port) -> [u8; lacpdu::FRAME_LEN] {
    let mut pdu = [0; PDU_LEN];
    Repr {
        actor: port.actor,
        partner: if port.doubt.is_open() {
            doubt::question(&port.partner)
        } else {
            port.partner
        },
        collector_max_delay: 0,
    }
    .emit(&mut pdu);
    lacpdu::frame(port.address, &pdu)
}
