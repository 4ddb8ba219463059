// SPDX-License-Identifier: GPL-2.0

//! A bond's reception of Slow Protocols PDUs: the Control Parser, and what comes before the
//! machines.
//!
//! Clause 6.2, Control Parser.

use super::doubt::{self, Admission};
use super::intake::{Pdu, Refused};
use super::port::{Port, PortId};
use super::rx;
use super::stats::Stats;
use super::system::{place, Notice, Sink, System, Verdict};
use crate::time::Time;
use crate::wire::{lacpdu, marker};

impl System {
    /// A Slow Protocols frame to the group address came in on a slave; `bytes` is what follows its
    /// EtherType, of any length and content.
    pub fn receive(
        &mut self,
        ports: &mut [Port],
        id: PortId,
        bytes: &[u8],
        now: Time,
        sink: &mut dyn Sink,
    ) -> Verdict {
        self.receive_pdu(ports, 0, id, &Pdu::parse(bytes), now, sink)
    }

    /// [`System::receive`] for a PDU that was read already; `guess` is where among the ports the
    /// slave's is, most often.
    pub fn receive_pdu(
        &mut self,
        ports: &mut [Port],
        guess: usize,
        id: PortId,
        pdu: &Pdu,
        now: Time,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let Some(at) = place(ports, guess, id) else {
            return Verdict::PassOn;
        };
        match pdu {
            Pdu::Lacp(repr) => self.receive_lacpdu(ports, at, repr, now, sink),
            Pdu::Marker(repr) => self.receive_marker(ports, at, repr, now, sink),
            Pdu::Refused(why) => {
                self.count(ports, at, |stats| stats.refused(*why));
                return why.verdict();
            }
        }
        Verdict::Consumed
    }

    fn receive_lacpdu(
        &mut self,
        ports: &mut [Port],
        at: usize,
        repr: &lacpdu::Repr,
        now: Time,
        sink: &mut dyn Sink,
    ) {
        self.count(ports, at, |s| s.lacpdu_rx = s.lacpdu_rx.wrapping_add(1));
        let own = self.system();
        let Some(port) = ports.get_mut(at) else {
            return;
        };
        if repr.actor.system == own {
            // Clause 6.4.14.1, loopback. A system is no partner to itself. The machines do not see
            // the PDU, so that it keeps no dead partner alive.
            if !port.loopback {
                port.loopback = true;
                sink.notice(Notice::Loopback { port: port.id });
            }
            return;
        }
        // The partner has a budget of its own: a flood of others does not drown what it sends.
        let known = rx::same_link(&repr.actor, &port.partner);
        let budget = &mut port.budgets[usize::from(known)];
        if !budget.take(now) {
            port.dropped = port.dropped.wrapping_add(1);
            return;
        }
        if known && rx::refresh(port, repr, now) {
            return;
        }
        let admission = doubt::admit(port, repr, now);
        if let Admission::Refutes(stray) = admission {
            let (port, system) = (port.id, stray.actor.system);
            sink.notice(Notice::Stray { port, system });
        }
        port.woken = true;
        if admission != Admission::Kept && rx::run(port, false, Some(repr), now) {
            self.moved(ports, at);
        }
        self.settle(ports, now, sink);
    }

    fn receive_marker(
        &mut self,
        ports: &mut [Port],
        at: usize,
        repr: &marker::Repr,
        now: Time,
        sink: &mut dyn Sink,
    ) {
        self.count(ports, at, |s| match repr.kind {
            marker::Kind::Information => s.marker_rx = s.marker_rx.wrapping_add(1),
            marker::Kind::Response => s.marker_resp_rx = s.marker_resp_rx.wrapping_add(1),
        });
        let Some(port) = ports.get_mut(at) else {
            return;
        };
        let Some(response) = port.responder.respond(repr, now) else {
            return;
        };
        if sink.transmit(port.id, &lacpdu::frame(port.address, &response)) {
            self.count(ports, at, |s| {
                s.marker_resp_tx = s.marker_resp_tx.wrapping_add(1)
            });
        }
    }

    /// Counts one more for the port and for the bond.
    fn count(&mut self, ports: &mut [Port], at: usize, one_more: impl Fn(&mut Stats)) {
        one_more(&mut self.stats);
        if let Some(port) = ports.get_mut(at) {
            one_more(&mut port.stats);
        }
    }
}

impl Stats {
    /// Counts one more PDU that the machines had no use for.
    fn refused(&mut self, why: Refused) {
        let counter = match why {
            Refused::Unknown => &mut self.lacpdu_unknown_rx,
            Refused::Illegal => &mut self.lacpdu_illegal_rx,
            Refused::UnknownMarker => &mut self.marker_unknown_rx,
        };
        *counter = counter.wrapping_add(1);
    }
}
