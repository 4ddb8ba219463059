// SPDX-License-Identifier: GPL-2.0

//! A bond's LACP: the machines of all its ports, and what they share.
//!
//! The driver keeps a [`System`] and a slice of [`Port`]s in the order of enslavement under one
//! lock. Every event is a call with the present time; it runs all machines until nothing is left
//! to do at that time, and gives its orders to the [`Sink`] before it returns. Then
//! [`System::next_deadline`] says when [`System::expire`] has to be called.

use core::fmt;

use super::aggregator::{self, Group};
use super::config::Config;
use super::doubt::{self, Admission};
use super::port::{Link, Partner, Port, PortId, Selected, Usability};
use super::reason::Reason;
use super::stats::Stats;
use super::{mux, periodic, rx, selection, timer, transmit};
use crate::mac::Mac;
use crate::time::Time;
use crate::wire::lacpdu::{self, PortState, FRAME_LEN};
use crate::wire::marker;

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
        /// What it may carry now.
        usability: Usability,
    },
    /// Another aggregator is the active one; None if there is none.
    Active {
        /// Its number.
        aggregator: Option<u16>,
    },
    /// The bond's carrier.
    Carrier {
        /// On.
        up: bool,
    },
    /// What is known of a port's partner.
    Partner {
        /// The port.
        port: PortId,
        /// What is known.
        partner: Partner,
    },
    /// A port received an LACPDU of its own bond.
    Loopback {
        /// The port.
        port: PortId,
    },
    /// Another system has sent LACPDUs on a port's link, and the partner has answered: told once
    /// until there were none for [`doubt::SILENCE`].
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

/// What the driver does with a frame it handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was for LACP or the Marker Responder: done with.
    Consumed,
    /// It was not: it takes its usual way.
    PassOn,
}

/// The active aggregator. IFLA_BOND_AD_INFO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdInfo {
    /// Its number. IFLA_BOND_AD_INFO_AGGREGATOR.
    pub aggregator: u16,
    /// Its ports with a link. IFLA_BOND_AD_INFO_NUM_PORTS.
    pub ports: u16,
    /// Their key. IFLA_BOND_AD_INFO_ACTOR_KEY.
    pub actor_key: u16,
    /// The key of the partner's ports. IFLA_BOND_AD_INFO_PARTNER_KEY.
    pub partner_key: u16,
    /// The partner's system, zero if there is none. IFLA_BOND_AD_INFO_PARTNER_MAC.
    pub partner: Mac,
}

/// What a bond's ports share.
#[derive(Clone, Copy, Debug)]
pub struct System {
    config: Config,
    address: Mac,
    running: bool,
    last_id: u16,
    /// Place of the port that brought the active aggregator, and the number last told.
    active: Option<usize>,
    told_active: Option<u16>,
    carrier: bool,
    stats: Stats,
}

impl System {
    /// LACP of a bond that is down and has no slaves; `address` is the bond's own.
    pub const fn new(config: Config, address: Mac) -> System {
        System {
            config,
            address,
            running: false,
            last_id: 0,
            active: None,
            told_active: None,
            carrier: false,
            stats: Stats {
                lacpdu_rx: 0,
                lacpdu_tx: 0,
                lacpdu_unknown_rx: 0,
                lacpdu_illegal_rx: 0,
                marker_rx: 0,
                marker_tx: 0,
                marker_resp_rx: 0,
                marker_resp_tx: 0,
                marker_unknown_rx: 0,
            },
        }
    }

    /// The settings.
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Counters of all ports there ever were.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// The bond has a carrier.
    pub const fn carrier(&self) -> bool {
        self.carrier
    }

    /// The system's address, as LACPDUs have it.
    pub fn system(&self) -> Mac {
        if self.config.system.is_zero() {
            self.address
        } else {
            self.config.system
        }
    }

    /// The bond goes up.
    pub fn opened(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        self.running = true;
        self.refresh(ports);
        self.settle(ports, now, sink);
    }

    /// The bond goes down. Partners are told, so that they need not wait for silence.
    pub fn closed(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        for port in ports.iter_mut() {
            port.selected = Selected::Unselected;
            mux::run(port, self.config.control, false, false, now, now);
            publish(port, Usability::Blocked, sink);
        }
        self.transmit(ports, now, sink);
        self.running = false;
        self.refresh(ports);
        self.settle(ports, now, sink);
    }

    /// The settings are now these.
    pub fn configure(
        &mut self,
        config: Config,
        ports: &mut [Port],
        now: Time,
        sink: &mut dyn Sink,
    ) {
        if config.control != self.config.control {
            // The two diagrams have different states.
            for port in ports.iter_mut() {
                port.begin = true;
            }
        }
        self.config = config;
        self.refresh(ports);
        self.settle(ports, now, sink);
    }

    /// The bond has another address.
    pub fn address_changed(
        &mut self,
        address: Mac,
        ports: &mut [Port],
        now: Time,
        sink: &mut dyn Sink,
    ) {
        self.address = address;
        self.refresh(ports);
        self.settle(ports, now, sink);
    }

    /// The last of `ports` is new.
    pub fn port_added(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        let Some((new, old)) = ports.split_last_mut() else {
            return;
        };
        let last_number = old.last().map_or(0, |p| p.actor.port);
        new.actor.port = number_after(last_number, |n| old.iter().any(|p| p.actor.port == n));
        if old.is_empty() {
            self.last_id = 0;
        }
        self.last_id = number_after(self.last_id, |n| old.iter().any(|p| p.slot.id == n));
        new.slot.id = self.last_id;
        self.refresh(ports);
        self.settle(ports, now, sink);
    }

    /// A port leaves. On return it is the last of `ports`, the others having moved up, and the
    /// driver takes it off. Its partner has been told.
    pub fn port_removed(&mut self, ports: &mut [Port], id: PortId, now: Time, sink: &mut dyn Sink) {
        let Some(at) = place(ports, id) else { return };
        if let Some(port) = ports.get_mut(at) {
            let gone = PortState(
                PortState::AGGREGATION.0
                    | PortState::SYNCHRONIZATION.0
                    | PortState::COLLECTING.0
                    | PortState::DISTRIBUTING.0,
            );
            port.actor.state.set(gone, false);
            if transmit::speaks(port) {
                self.send(port, now, sink);
            }
            publish(port, Usability::Blocked, sink);
        }
        self.leave(ports, at);
        let moved_to = selection::move_out(ports, at);
        if self.active == Some(at) {
            self.active = moved_to;
        }
        if let Some(tail) = ports.get_mut(at..) {
            tail.rotate_left(1);
        }
        let shift = |home: usize| {
            if home > at {
                home.saturating_sub(1)
            } else {
                home
            }
        };
        for port in ports.iter_mut() {
            port.aggregator = port.aggregator.map(shift);
        }
        self.active = self.active.map(shift);
        if let Some((_, rest)) = ports.split_last_mut() {
            self.settle(rest, now, sink);
        }
    }

    /// A port has another priority. IFLA_BOND_SLAVE_ACTOR_PORT_PRIO.
    pub fn port_priority_changed(
        &mut self,
        ports: &mut [Port],
        id: PortId,
        priority: u16,
        now: Time,
        sink: &mut dyn Sink,
    ) {
        let Some(port) = find(ports, id) else { return };
        port.ntt |= port.actor.port_priority != priority;
        port.actor.port_priority = priority;
        self.settle(ports, now, sink);
    }

    /// A slave's link is now as given.
    pub fn link_changed(
        &mut self,
        ports: &mut [Port],
        id: PortId,
        link: Link,
        now: Time,
        sink: &mut dyn Sink,
    ) {
        let Some(port) = find(ports, id) else { return };
        port.link = link;
        self.refresh(ports);
        self.settle(ports, now, sink);
    }

    /// A Slow Protocols frame to the group address came in on a slave; `pdu` is what follows its
    /// EtherType, of any length and content.
    pub fn receive(
        &mut self,
        ports: &mut [Port],
        id: PortId,
        pdu: &[u8],
        now: Time,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let Some(at) = place(ports, id) else {
            return Verdict::PassOn;
        };
        match pdu.first() {
            Some(&lacpdu::SUBTYPE) => self.receive_lacpdu(ports, at, pdu, now, sink),
            Some(&marker::SUBTYPE) => self.receive_marker(ports, at, pdu, now, sink),
            Some(_) => self.count(ports, at, |s| &mut s.lacpdu_unknown_rx, Verdict::PassOn),
            None => self.count(ports, at, |s| &mut s.lacpdu_illegal_rx, Verdict::PassOn),
        }
    }

    /// The time that [`System::next_deadline`] gave has come.
    pub fn expire(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        self.settle(ports, now, sink);
    }

    /// When [`System::expire`] has to be called, as far as is known now.
    pub fn next_deadline(&self, ports: &[Port]) -> Option<Time> {
        ports.iter().filter_map(Port::deadline).min()
    }

    /// The active aggregator.
    pub fn ad_info(&self, ports: &[Port]) -> Option<AdInfo> {
        let slot = &ports.get(self.active?)?.slot;
        Some(AdInfo {
            aggregator: slot.id,
            ports: u16::try_from(slot.tally.enabled).unwrap_or(u16::MAX),
            actor_key: slot.group.actor_key,
            partner_key: slot.group.partner_key,
            partner: slot.group.partner_system,
        })
    }

    /// Why a port does not receive and transmit in agreement with a partner; None if it does. A
    /// port that stands in for LACP has a reason, too.
    pub fn reason(&self, ports: &[Port], port: &Port) -> Option<Reason> {
        let in_sync = port.partner.state.has(PortState::SYNCHRONIZATION);
        let usability = match port.usability {
            Usability::Distributing if port.mux.state == mux::State::Collecting => {
                Usability::Collecting
            }
            Usability::Distributing if !port.distributes() => Usability::Blocked,
            told => told,
        };
        Some(match usability {
            Usability::Distributing => return None,
            Usability::Collecting => Reason::PartnerNotCollecting,
            Usability::Blocked if port.link == Link::Down => Reason::LinkDown,
            Usability::Blocked if !port.link.is_known() => Reason::SpeedUnknown,
            Usability::Blocked if !self.running => Reason::BondDown,
            Usability::Blocked if !port.lacp_enabled() => Reason::HalfDuplex,
            Usability::Blocked if port.loopback => Reason::Loopback,
            Usability::Blocked => match (port.partner_status(), port.selected) {
                (Partner::Unheard, _) => Reason::NoPartner,
                (Partner::Silent, _) => Reason::PartnerSilent,
                (Partner::Heard { .. }, _) if port.doubt.is_open() => Reason::Disputed,
                (Partner::Heard { .. }, Selected::Standby) => Reason::NotActive {
                    active: self.ad_info(ports).map_or(0, |info| info.aggregator),
                },
                (Partner::Heard { .. }, _) if port.mux.state == mux::State::Waiting => {
                    Reason::Waiting
                }
                (Partner::Heard { .. }, _) if !port.matched => Reason::PartnerMismatch,
                (Partner::Heard { .. }, _) if !in_sync => Reason::PartnerOutOfSync,
                (Partner::Heard { .. }, _) => Reason::Waiting,
            },
        })
    }

    fn receive_lacpdu(
        &mut self,
        ports: &mut [Port],
        at: usize,
        pdu: &[u8],
        now: Time,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let packet = lacpdu::Packet::new(pdu);
        let Ok(repr) = packet.and_then(|packet| lacpdu::Repr::parse(&packet)) else {
            return self.count(ports, at, |s| &mut s.lacpdu_illegal_rx, Verdict::PassOn);
        };
        let verdict = self.count(ports, at, |s| &mut s.lacpdu_rx, Verdict::Consumed);
        let own = self.system();
        let Some(port) = ports.get_mut(at) else {
            return verdict;
        };
        if repr.actor.system == own {
            // 6.4.14.1: a system is no partner to itself. The machines do not see the PDU, so
            // that it keeps no dead partner alive.
            if !port.loopback {
                port.loopback = true;
                sink.notice(Notice::Loopback { port: port.id });
            }
            return verdict;
        }
        let admission = doubt::admit(port, &repr, now);
        if let Admission::Refutes(stray) = admission {
            let (port, system) = (port.id, stray.actor.system);
            sink.notice(Notice::Stray { port, system });
        }
        if admission != Admission::Kept && rx::run(port, false, Some(&repr), now) {
            moved(ports, at);
        }
        self.settle(ports, now, sink);
        verdict
    }

    fn receive_marker(
        &mut self,
        ports: &mut [Port],
        at: usize,
        pdu: &[u8],
        now: Time,
        sink: &mut dyn Sink,
    ) -> Verdict {
        let Ok(packet) = marker::Packet::new(pdu) else {
            return self.count(ports, at, |s| &mut s.lacpdu_illegal_rx, Verdict::PassOn);
        };
        let Ok(repr) = marker::Repr::parse(&packet) else {
            return self.count(ports, at, |s| &mut s.marker_unknown_rx, Verdict::Consumed);
        };
        match repr.kind {
            marker::Kind::Information => {
                self.count(ports, at, |s| &mut s.marker_rx, Verdict::Consumed)
            }
            marker::Kind::Response => {
                self.count(ports, at, |s| &mut s.marker_resp_rx, Verdict::Consumed)
            }
        };
        if let Some(port) = ports.get_mut(at) {
            if let Some(response) = port.responder.respond(&repr, now) {
                let frame = lacpdu::frame(port.address, &response);
                if sink.transmit(port.id, &frame) {
                    self.count(ports, at, |s| &mut s.marker_resp_tx, Verdict::Consumed);
                }
            }
        }
        Verdict::Consumed
    }

    /// Counts one more for the port and for the bond, and passes the verdict through.
    fn count(
        &mut self,
        ports: &mut [Port],
        at: usize,
        which: fn(&mut Stats) -> &mut u64,
        verdict: Verdict,
    ) -> Verdict {
        self.stats.count(which);
        if let Some(port) = ports.get_mut(at) {
            port.stats.count(which);
        }
        verdict
    }

    /// Brings the ports in line with settings and links; tells partners if that changes a thing.
    fn refresh(&mut self, ports: &mut [Port]) {
        let system = self.system();
        for port in ports {
            port.ntt |= port.refresh(&self.config, system, self.running);
        }
    }

    /// Runs every machine until there is nothing left to do at this time. One pass is enough:
    /// each step reads only what those before it have written.
    fn settle(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        let control = self.config.control;
        for at in 0..ports.len() {
            let home = ports.get(at).and_then(|p| p.aggregator);
            let home = home.and_then(|h| ports.get(h)).map(|p| p.slot.group);
            let Some(port) = ports.get_mut(at) else {
                continue;
            };
            port.advance(now);
            let begin = port.begin;
            let attached = port.mux.is_attached();
            let late = rx::run(port, begin, None, now);
            // 6.4.14.1: with another group comes another aggregator. A port that was selected
            // for while its link was down had no key then.
            if port.enabled && home.is_some_and(|group| group != Group::of(port)) {
                port.selected = Selected::Unselected;
            }
            // Not ready yet: this is to detach what is no longer selected.
            mux::run(
                port,
                control,
                begin,
                false,
                now + timer::AGGREGATE_WAIT,
                now,
            );
            if attached && !port.mux.is_attached() {
                port.left = home.map(|group| (group, now));
            }
            if late {
                moved(ports, at);
            }
        }
        self.select(ports);
        // To wait for others is of use only while somebody carries the traffic.
        let dark = !self.config.strict && !ports.iter().any(|p| p.distributes() || p.stands_in);
        for at in 0..ports.len() {
            let home = ports.get(at).and_then(|p| p.aggregator);
            let ready = home
                .and_then(|h| ports.get(h))
                .map(|p| p.slot.tally.waiting == 0);
            let wait = selection::wait(ports, at, self.config.strict, now);
            let Some(port) = ports.get_mut(at) else {
                continue;
            };
            let heard = port.rx.state == rx::State::Current && port.selected == Selected::Selected;
            let (ready, wait) = if dark && heard {
                port.mux.wait_no_longer();
                (true, now)
            } else {
                (ready == Some(true), wait)
            };
            mux::run(port, control, false, ready, wait, now);
            periodic::run(port, port.begin, now);
            let (begin, off) = (port.begin, !port.enabled);
            let in_sync = port.actor.state.has(PortState::SYNCHRONIZATION);
            if port.actor_churn.run(begin, off, in_sync, now) {
                sink.notice(Notice::ActorChurn { port: port.id });
            }
            let in_sync = port.partner.state.has(PortState::SYNCHRONIZATION);
            if port.partner_churn.run(begin, off, in_sync, now) {
                sink.notice(Notice::PartnerChurn { port: port.id });
            }
            port.begin = false;
        }
        self.publish(ports, now, sink);
        self.transmit(ports, now, sink);
    }

    /// Selection: an aggregator for every port that has none, one of them the active one.
    fn select(&mut self, ports: &mut [Port]) {
        for at in 0..ports.len() {
            let Some(port) = ports.get(at) else { continue };
            // 6.4.14.1: a port is detached from the old before it may join the new; its Mux
            // machine has seen to that.
            if port.selected != Selected::Unselected {
                continue;
            }
            self.leave(ports, at);
            selection::join(ports, at);
        }
        aggregator::tally(ports);
        self.active = selection::choose(ports, self.config.select, self.active);
        for port in ports.iter_mut() {
            if port.selected != Selected::Unselected {
                port.selected = if port.aggregator == self.active {
                    Selected::Selected
                } else {
                    Selected::Standby
                };
            }
        }
    }

    /// Takes a port off its aggregator. The active one is none any more when its last port goes,
    /// whoever may use it next.
    fn leave(&mut self, ports: &mut [Port], at: usize) {
        let emptied = selection::leave(ports, at);
        if emptied.is_some() && emptied == self.active {
            self.active = None;
        }
    }

    /// Tells the driver what has changed since it was last told.
    fn publish(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        aggregator::tally(ports);
        let slot = self.active.and_then(|at| ports.get(at)).map(|p| p.slot);
        // Without LACP at the other end one port carries the traffic, unless that is ruled out.
        let alone = slot.is_some_and(|s| !s.group.has_partner()) && !self.config.strict;
        // As long as another port gets the frames across, none is sent where it may be lost.
        let carried = ports
            .iter()
            .any(|p| p.aggregator == self.active && p.distributes() && !p.mux.is_early());
        let ours = |p: &Port| p.aggregator.is_some() && p.aggregator == self.active;
        let agreed = ports.iter().any(|p| ours(p) && p.distributes());
        let collects = ports
            .iter()
            .any(|p| ours(p) && p.mux.state == mux::State::Collecting);
        let known = ports.iter().any(|p| ours(p) && p.matched);
        for port in ports.iter_mut() {
            let here = ours(port);
            // The port that carried the traffic without LACP goes on until an agreed one does: but
            // two aggregators never receive at once.
            port.stands_in = slot.is_some()
                && !self.config.strict
                && port.enabled
                && !agreed
                && (here || !collects)
                && (alone && here || !alone && port.stands_in && !port.stand_in.expired());
            // With independent control the partner says when it takes frames.
            let limit = now
                + if collects {
                    timer::HANDOVER
                } else {
                    timer::STAND_IN
                };
            if !port.stands_in || !known {
                port.stand_in.stop();
            } else if port.stand_in.deadline().is_none_or(|at| at > limit) {
                port.stand_in.until(limit, now);
            }
            let partner = port.partner_status();
            if port.told != partner {
                port.told = partner;
                let port = port.id;
                sink.notice(Notice::Partner { port, partner });
            }
            let usability = match port.mux.state {
                _ if port.stands_in => Usability::Distributing,
                _ if self.active.is_none() || port.aggregator != self.active => Usability::Blocked,
                mux::State::CollectingDistributing
                    if carried
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
        }
        let id = slot.map(|s| s.id);
        if self.told_active != id {
            self.told_active = id;
            sink.notice(Notice::Active { aggregator: id });
        }
        let up = slot.is_some_and(|s| {
            if self.config.strict {
                s.tally.agreed >= self.config.min_links.max(1)
            } else {
                s.tally.enabled >= self.config.min_links
            }
        });
        if self.carrier != up {
            self.carrier = up;
            sink.notice(Notice::Carrier { up });
        }
    }

    /// Sends what is to be sent and may be.
    fn transmit(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        for port in ports.iter_mut() {
            if transmit::due(port, now) {
                self.send(port, now, sink);
            }
        }
    }

    fn send(&mut self, port: &mut Port, now: Time, sink: &mut dyn Sink) {
        let sent = sink.transmit(port.id, &transmit::frame(port));
        transmit::done(port, sent, now);
        if sent {
            self.stats.count(|s| &mut s.lacpdu_tx);
            port.stats.count(|s| &mut s.lacpdu_tx);
        }
    }
}

fn publish(port: &mut Port, usability: Usability, sink: &mut dyn Sink) {
    if port.usability != usability {
        port.usability = usability;
        let port = port.id;
        sink.notice(Notice::Usability { port, usability });
    }
}

/// Sets port_moved (6.4.8) of the ports without a link that had the partner of the port at `at`.
fn moved(ports: &mut [Port], at: usize) {
    let Some(actor) = ports.get(at).map(|p| p.partner) else {
        return;
    };
    let was_here = |p: &&mut Port| {
        p.rx.state == rx::State::PortDisabled
            && p.partner.system == actor.system
            && p.partner.port == actor.port
    };
    for other in ports.iter_mut().filter(was_here) {
        other.rx.moved = true;
    }
}

fn place(ports: &[Port], id: PortId) -> Option<usize> {
    ports.iter().position(|p| p.id == id)
}

fn find(ports: &mut [Port], id: PortId) -> Option<&mut Port> {
    ports.iter_mut().find(|p| p.id == id)
}

/// The next number after `last` that is neither 0 nor in use; 0 if there is none.
fn number_after(last: u16, in_use: impl Fn(u16) -> bool) -> u16 {
    (1..=u16::MAX)
        .map(|step| last.wrapping_add(step))
        .find(|n| *n != 0 && !in_use(*n))
        .unwrap_or(0)
}
