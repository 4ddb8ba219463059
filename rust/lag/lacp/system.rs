// SPDX-License-Identifier: GPL-2.0

//! A bond's LACP: the machines of all its ports, and what they share.
//!
//! The driver keeps a [`System`] and a slice of [`Port`]s in the order of enslavement under one
//! lock. Every event is a call with the present time; it runs the machines that it concerns, and
//! gives its orders to the [`Sink`] before it returns. Then [`System::next_deadline`] says when
//! [`System::expire`] has to be called: at once if the event concerned more than [`BATCH`] ports,
//! so that the driver can let go of the lock in between.

use super::aggregator::{Group, Share};
use super::config::Config;
pub use super::info::AdInfo;
pub use super::notice::{Notice, Sink, Verdict};
use super::port::{Link, Partner, Port, PortId, Selected, Usability};
use super::reason::Reason;
use super::selection::{self, Pass};
use super::stats::Stats;
use super::traffic::{self, Traffic};
use super::{mux, periodic, rx, timer, transmit};
use crate::mac::Mac;
use crate::time::Time;
use crate::wire::lacpdu::PortState;

/// Ports whose machines one call runs at the most.
pub const BATCH: usize = 8;

/// The state that a bond's ports share.
#[derive(Clone, Copy, Debug)]
pub struct System {
    config: Config,
    address: Mac,
    running: bool,
    last_id: u16,
    /// Place of the port that brought the active aggregator, and the number last told.
    pub(super) active: Option<usize>,
    told_active: Option<u16>,
    told_without: bool,
    carrier: bool,
    pub(super) stats: Stats,
    /// The active aggregator has to be chosen anew.
    unsure: bool,
    /// Number of ports that carry traffic, with an agreement or without.
    carrying: u32,
    /// The common state that the ports were last told.
    traffic: Traffic,
    /// No timer of any port runs out before.
    next: Time,
    /// Number of runs of the machines.
    runs: u64,
}

/// Moves a port behind all others, which move up; one at a time, for rotate_left() takes a buffer on
/// the stack.
#[inline(never)]
fn put_last(ports: &mut [Port], at: usize) {
    let mut rest = ports.get_mut(at..).unwrap_or_default();
    while let [port, next, ..] = rest {
        core::mem::swap(port, next);
        rest = rest.get_mut(1..).unwrap_or_default();
    }
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
            told_without: false,
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
            unsure: true,
            carrying: 0,
            traffic: Traffic::NONE,
            next: Time(u64::MAX),
            runs: 0,
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
        self.outdate(ports);
        self.settle(ports, now, sink);
    }

    /// The bond goes down. Partners are told, so that they need not wait for silence.
    pub fn closed(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        self.running = false;
        self.outdate(ports);
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
        self.outdate(ports);
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
        self.outdate(ports);
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
        new.outdate();
        self.settle(ports, now, sink);
    }

    /// A port leaves. On return it is the last of `ports`, the others having moved up, and the
    /// driver takes it off. Its partner has been told.
    #[inline(never)]
    pub fn port_removed(&mut self, ports: &mut [Port], id: PortId, now: Time, sink: &mut dyn Sink) {
        let Some(at) = place(ports, 0, id) else {
            return;
        };
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
            traffic::publish(port, Usability::Blocked, sink);
        }
        self.leave(ports, at, &mut Pass::default());
        self.unsure = true;
        let moved_to = selection::move_out(ports, at);
        if self.active == Some(at) {
            self.active = moved_to;
        }
        put_last(ports, at);
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
        port.woken = true;
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
        port.outdate();
        self.settle(ports, now, sink);
    }

    /// The time that [`System::next_deadline`] gave has come.
    pub fn expire(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        self.settle(ports, now, sink);
    }

    /// Returns how often the machines have run: where they have not, nothing has changed but counters and timers.
    pub const fn runs(&self) -> u64 {
        self.runs
    }

    /// Returns the time at which [`System::expire`] has to be called, as far as is known now: there
    /// may be nothing to do yet then.
    pub fn next_deadline(&self) -> Option<Time> {
        (self.next.0 != u64::MAX).then_some(self.next)
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

    /// Returns the reason why a port does not receive and transmit in agreement with a partner;
    /// None if it does. A port that stands in for LACP has a reason, too.
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
            Usability::Blocked if port.tells_speed && !port.link.is_known() => Reason::SpeedUnknown,
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

    /// Has all ports brought in line with settings and links.
    fn outdate(&mut self, ports: &mut [Port]) {
        self.unsure = true;
        ports.iter_mut().for_each(Port::outdate);
    }

    /// Brings a port in line with settings and link; tells its partner if that changes a thing.
    fn refresh(&mut self, port: &mut Port, now: Time, sink: &mut dyn Sink) {
        if port.open && !self.running {
            port.selected = Selected::Unselected;
            mux::run(port, self.config.control, false, false, now, now);
            traffic::publish(port, Usability::Blocked, sink);
            if transmit::due(port, now) {
                self.send(port, now, sink);
            }
        }
        port.refresh(&self.config, self.system(), self.running);
    }

    /// Runs the machines: those of the ports that something has happened to, and of those to which
    /// that makes a difference.
    pub(super) fn settle(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        self.runs = self.runs.wrapping_add(1);
        // What one pass does only to who carries traffic may end waits, in another.
        for _ in 0..2 {
            self.detach(ports, now, sink);
            self.select(ports);
            self.attach(ports, now, sink);
            let was_dark = self.is_dark();
            self.publish(ports, now, sink);
            if was_dark || !self.is_dark() {
                break;
            }
        }
        self.transmit(ports, now, sink);
    }

    /// No port carries traffic, so to wait for others to attach serves nobody.
    fn is_dark(&self) -> bool {
        self.running && !self.config.strict && self.carrying == 0
    }

    /// Runs the Receive machines, and the Mux machines as far as they detach what is no longer
    /// selected.
    fn detach(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        let mut left = BATCH;
        for at in 0..ports.len() {
            if !ports.get(at).is_some_and(|port| port.is_due(now)) {
                continue;
            }
            let Some(less) = left.checked_sub(1) else {
                break;
            };
            left = less;
            if self.detach_one(ports, at, now, sink) {
                self.moved(ports, at);
            }
        }
    }

    /// [`System::detach`] for the port at `at`. Returns whether an LACPDU that was kept has been
    /// recorded.
    fn detach_one(
        &mut self,
        ports: &mut [Port],
        at: usize,
        now: Time,
        sink: &mut dyn Sink,
    ) -> bool {
        let home = ports.get(at).and_then(|p| p.aggregator);
        let home = home.and_then(|h| ports.get(h)).map(|p| p.slot.group);
        let Some(port) = ports.get_mut(at) else {
            return false;
        };
        port.woken = false;
        port.runs = true;
        if port.stale {
            self.refresh(port, now, sink);
        }
        port.advance(now);
        port.wake = Time(u64::MAX);
        let (begin, attached) = (port.begin, port.mux.is_attached());
        let was_up = port.rx.state != rx::State::PortDisabled;
        let recorded = rx::run(port, begin, None, now);
        let lost = was_up && self.running && port.rx.state == rx::State::PortDisabled;
        // Clause 6.4.14.1, groups. With another group comes another aggregator. A port that was
        // selected for while its link was down had no key then.
        if port.enabled && home.is_some_and(|group| group != Group::of(port)) {
            port.selected = Selected::Unselected;
        }
        // Not ready yet: this is to detach what is no longer selected.
        let wait = now + timer::AGGREGATE_WAIT;
        mux::run(port, self.config.control, begin, false, wait, now);
        if attached && !port.mux.is_attached() {
            port.left = home.map(|group| (group, now));
        }
        let partner = port.partner;
        if lost
            && ports
                .iter()
                .any(|p| p.rx.state == rx::State::Current && p.has(&partner))
        {
            if let Some(port) = ports.get_mut(at) {
                port.rx.moved = true;
                port.woken = true;
            }
        }
        recorded
    }

    /// Sets port_moved (6.4.8) of the ports without a link that had the partner of the port at
    /// `at`.
    pub(super) fn moved(&mut self, ports: &mut [Port], at: usize) {
        let Some(actor) = ports.get(at).map(|p| p.partner) else {
            return;
        };
        for port in ports.iter_mut() {
            if port.rx.state == rx::State::PortDisabled && port.has(&actor) {
                port.rx.moved = true;
                port.woken = true;
            }
        }
    }

    /// Selection: an aggregator for every port that has none, one of them the active one.
    fn select(&mut self, ports: &mut [Port]) {
        let mut pass = Pass::default();
        for at in 0..ports.len() {
            let Some(port) = ports.get(at).filter(|p| p.runs) else {
                continue;
            };
            // Clause 6.4.14.1, detach first. A port leaves the old before it may join the new; its
            // Mux machine has seen to that.
            if port.selected == Selected::Unselected {
                self.leave(ports, at, &mut pass);
                pass.join(ports, at);
                self.unsure = true;
            }
            self.account(ports, at);
        }
        if !core::mem::take(&mut self.unsure) {
            return;
        }
        self.active = match self.running {
            true => selection::choose(ports, self.config.select, self.active),
            false => None,
        };
        for port in ports.iter_mut() {
            let selected = match port.selected {
                Selected::Unselected => continue,
                _ if port.aggregator == self.active => Selected::Selected,
                _ => Selected::Standby,
            };
            port.runs |= !port.woken && port.selected != selected;
            port.selected = selected;
        }
    }

    /// Takes a port off its aggregator. The active one is none any more when its last port goes,
    /// whoever may use it next.
    fn leave(&mut self, ports: &mut [Port], at: usize, pass: &mut Pass) {
        let carries = ports.get(at).is_some_and(|port| port.share.carries);
        self.carrying = self.carrying.saturating_sub(u32::from(carries));
        let emptied = pass.leave(ports, at);
        if emptied.is_some() && emptied == self.active {
            self.active = None;
        }
    }

    /// Has the aggregator of a port, and the bond, count the port as it is now.
    fn account(&mut self, ports: &mut [Port], at: usize) {
        let Some(port) = ports.get_mut(at) else {
            return;
        };
        let new = Share::of(port);
        let (home, old) = (port.aggregator, port.share);
        if new == old || home.is_none() {
            return;
        }
        port.share = new;
        self.unsure |= !new.weighs(&old);
        self.carrying = self
            .carrying
            .wrapping_add(u32::from(new.carries))
            .wrapping_sub(u32::from(old.carries));
        if let Some(owner) = home.and_then(|home| ports.get_mut(home)) {
            owner.slot.tally.replace(&old, &new);
        }
    }

    /// Runs the machines that go by what was selected.
    fn attach(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        let (control, strict) = (self.config.control, self.config.strict);
        let (dark, lenient) = (self.is_dark(), self.running && !strict);
        for at in 0..ports.len() {
            let Some(port) = ports.get(at) else { continue };
            let selected = port.selected == Selected::Selected;
            let waits = selected && port.mux.state == mux::State::Waiting;
            // Those that are woken have their turn in another pass.
            if port.woken || !port.runs && !waits {
                continue;
            }
            let slot = port.aggregator.and_then(|home| ports.get(home));
            // Without an agreement, a partner that is in sync takes no frames of one that waits.
            let awaited = port.partner.state.has(PortState::SYNCHRONIZATION)
                && slot.is_some_and(|p| p.slot.tally.agreed == 0);
            let current = selected && port.rx.state == rx::State::Current;
            let alone = current && (dark || lenient && awaited);
            let ready = alone || slot.is_some_and(|p| p.slot.tally.waiting == 0);
            if !port.runs && !ready {
                continue;
            }
            let wait = match port.mux.state {
                mux::State::Detached if !alone => selection::wait(ports, at, strict, now),
                _ => now,
            };
            let Some(port) = ports.get_mut(at) else {
                continue;
            };
            port.runs = true;
            if alone {
                port.mux.wait_no_longer();
            }
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
    }

    /// Tells the driver what has changed since it was last told.
    fn publish(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        for at in 0..ports.len() {
            if ports.get(at).is_some_and(|port| port.runs) {
                self.account(ports, at);
            }
        }
        let slot = self.active.and_then(|at| ports.get(at)).map(|p| p.slot);
        let traffic = Traffic::of(self.active, slot.as_ref(), self.config.strict);
        let all = traffic != self.traffic;
        self.traffic = traffic;
        for at in 0..ports.len() {
            let concerned = |p: &&mut Port| p.runs || all && traffic.concerns(p);
            let Some(port) = ports.get_mut(at).filter(concerned) else {
                continue;
            };
            if traffic.apply(port, now, sink) {
                port.runs = true;
                self.account(ports, at);
            }
        }
        let id = slot.map(|s| s.id);
        let other = self.told_active != id;
        if other {
            self.told_active = id;
            sink.notice(Notice::Active { aggregator: id });
        }
        let without = slot.is_some_and(|s| !s.group.runs_lacp());
        if without && (other || !self.told_without) {
            sink.notice(Notice::NoLacp);
        }
        self.told_without = without;
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

    /// Sends what is to be sent and may be, and notes when there is more to do.
    fn transmit(&mut self, ports: &mut [Port], now: Time, sink: &mut dyn Sink) {
        self.next = Time(u64::MAX);
        for port in ports.iter_mut() {
            if port.runs {
                if transmit::due(port, now) {
                    self.send(port, now, sink);
                }
                port.runs = false;
                port.wake = port.deadline().unwrap_or(Time(u64::MAX));
            }
            self.next = self.next.min(if port.woken { now } else { port.wake });
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

/// Returns where in the list a port is: `guess`, most often.
pub(super) fn place(ports: &[Port], guess: usize, id: PortId) -> Option<usize> {
    if ports.get(guess).is_some_and(|port| port.id == id) {
        return Some(guess);
    }
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
