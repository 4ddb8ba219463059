// SPDX-License-Identifier: GPL-2.0

//! The traffic that each port may carry. The Mux machines decide; a bond is one interface, so only
//! the active aggregator carries traffic, and one port stands in where there is no agreement.

use super::aggregator::Aggregator;
use super::mux;
use super::notice::{Notice, Sink};
use super::port::{Port, Usability};
use super::timer::{HANDOVER, STAND_IN};
use crate::time::Time;

/// The state that all ports depend on, beside their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Traffic {
    /// Place of the port that brought the active aggregator.
    active: Option<usize>,
    /// A port may carry traffic without an agreement: lacp_strict is off.
    lenient: bool,
    /// The active aggregator has no partner: its one port carries the traffic.
    alone: bool,
    /// A port of the active aggregator carries traffic by agreement.
    agreed: bool,
    /// The same, and none of it may be lost.
    settled: bool,
    /// A port of the active aggregator receives only.
    collecting: bool,
    /// The partner of a port of the active aggregator knows it.
    matched: bool,
}

impl Traffic {
    /// No active aggregator.
    pub(super) const NONE: Traffic = Traffic {
        active: None,
        lenient: true,
        alone: false,
        agreed: false,
        settled: false,
        collecting: false,
        matched: false,
    };

    /// Returns the common state of the ports while `slot`, at the place `active`, is the active
    /// aggregator.
    pub(super) fn of(active: Option<usize>, slot: Option<&Aggregator>, strict: bool) -> Traffic {
        let Some(slot) = slot else {
            return Traffic {
                lenient: !strict,
                ..Traffic::NONE
            };
        };
        Traffic {
            active,
            lenient: !strict,
            alone: !slot.group.has_partner(),
            agreed: slot.tally.agreed > 0,
            settled: slot.tally.settled > 0,
            collecting: slot.tally.collecting > 0,
            matched: slot.tally.matched > 0,
        }
    }

    /// The port has the active aggregator.
    fn is_active(&self, port: &Port) -> bool {
        self.active.is_some() && port.aggregator == self.active
    }

    /// It may make a difference to a port to which nothing else has happened.
    pub(super) fn concerns(&self, port: &Port) -> bool {
        self.is_active(port) || port.stands_in || port.usability != Usability::Blocked
    }

    /// Decides what a port may carry, and tells the driver if it is something else than before, or
    /// if the partner is. Returns whether the port begins or ends to stand in, or the time for it
    /// does.
    pub(super) fn apply(&self, port: &mut Port, now: Time, sink: &mut dyn Sink) -> bool {
        let here = self.is_active(port);
        let before = (port.stands_in, port.stand_in);
        self.stand_in(port, here, now);
        let partner = port.partner_status();
        if port.told != partner {
            port.told = partner;
            let port = port.id;
            sink.notice(Notice::Partner { port, partner });
        }
        let usability = match port.mux.state {
            _ if port.stands_in => Usability::Distributing,
            _ if !here => Usability::Blocked,
            // As long as another port gets the frames across, none is sent where it may be lost.
            mux::State::CollectingDistributing
                if self.settled
                    && port.mux.is_early()
                    && port.usability != Usability::Distributing =>
            {
                Usability::Collecting
            }
            mux::State::Distributing | mux::State::CollectingDistributing => {
                Usability::Distributing
            }
            mux::State::Collecting => Usability::Collecting,
            _ => Usability::Blocked,
        };
        publish(port, usability, sink);
        before != (port.stands_in, port.stand_in)
    }

    /// Decides whether a port carries the traffic without an agreement. It begins where there is
    /// no partner, and goes on until a port has an agreement; but two aggregators never receive at
    /// once.
    fn stand_in(&self, port: &mut Port, here: bool, now: Time) {
        let begins = self.alone && here;
        let goes_on = !self.alone && port.stands_in && !port.stand_in.expired();
        port.stands_in = self.active.is_some()
            && self.lenient
            && port.enabled
            && !self.agreed
            && (here || !self.collecting)
            && (begins || goes_on);
        if !port.stands_in || !self.matched {
            port.stand_in.stop();
            return;
        }
        // With independent control the partner says when it takes frames.
        let limit = now + if self.collecting { HANDOVER } else { STAND_IN };
        if port.stand_in.deadline().is_none_or(|at| at > limit) {
            port.stand_in.until(limit, now);
        }
    }
}

/// Tells the driver what a port may carry, if that is something else than before.
pub(super) fn publish(port: &mut Port, usability: Usability, sink: &mut dyn Sink) {
    if port.usability != usability {
        port.usability = usability;
        let port = port.id;
        sink.notice(Notice::Usability { port, usability });
    }
}
