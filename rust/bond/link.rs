// SPDX-License-Identifier: GPL-2.0

//! Links come and go: who is active then, and what the bond shows of it.

use core::sync::atomic::Ordering;

use kernel::sync::Arc;
use lag::{
    lacp::port::Usability,
    mode::Mode,
    monitor::{
        mii::{Link, Transition, Waiver},
        Status,
    },
    select::{self, Candidate, Readiness, Rules},
    time::{Span, Time},
};
use net::{dev_note, dev_warning, device::Notice, time};

use crate::{device::Bond, slave::Slave, Cx};

impl Bond {
    /// Looks at all links. Runs on a carrier event, at a deadline, every miimon, and when a
    /// packet met a dead link.
    pub(crate) fn poll(&self, cx: Cx<'_>) {
        let now = time::now();
        let unsettled = self.unsettled.load(Ordering::Acquire);
        let (mut changed, mut reselect) = (unsettled || self.stale.get(cx.rtnl), false);
        let mut look = |observe: bool, waiver: &mut Waiver| {
            for (at, slave) in self.each(cx).enumerate() {
                let mut link = slave.link.get(cx.rtnl);
                let transition = if observe {
                    link.observe(slave.dev.can_send(), waiver, now)
                } else {
                    link.tick(waiver, now)
                };
                slave.link.set(cx.rtnl, link);
                let Some(transition) = transition else {
                    continue;
                };
                self.tell_link(cx, &slave, &transition);
                changed = true;
                reselect |= self.has_active(cx.rtnl)
                    && select::matters(self.candidates(cx), &self.rules(cx), at);
            }
            changed
        };
        // When the last link goes, those that are coming up need not wait any more.
        if look(true, &mut self.waiver(cx)) {
            look(false, &mut self.waiver(cx));
        }
        if reselect {
            self.reselect(cx);
        }
        if changed {
            self.refresh(cx);
        } else {
            self.rearm(cx, now);
        }
    }

    fn waiver(&self, cx: Cx<'_>) -> Waiver {
        Waiver::of(
            self.params.get(cx.rtnl).mode,
            self.active.get(cx.rtnl).is_some(),
            self.each(cx).filter(|s| s.is_usable(cx.rtnl)).count(),
        )
    }

    fn tell_link(&self, cx: Cx<'_>, slave: &Slave, transition: &Transition) {
        let name = slave.dev.name();
        if transition.failure {
            let failures = slave.failures.get(cx.rtnl);
            slave.failures.set(cx.rtnl, failures.wrapping_add(1));
        }
        if let Some(note) = transition.note {
            dev_note!(cx.dev, "(slave {name}): {note}");
        }
        match transition.to {
            Status::Up => dev_note!(cx.dev, "(slave {name}): link is up"),
            Status::Down => dev_note!(cx.dev, "(slave {name}): link is down, not used"),
            Status::Fail | Status::Back => {}
        }
    }

    /// Draws the consequences of any change: who is active, what packets see, whether the bond
    /// has a carrier, when to look again.
    pub(crate) fn settle(&self, cx: Cx<'_>) {
        self.reselect(cx);
        self.refresh(cx);
    }

    /// As `settle`, with the active slave left as it is.
    fn refresh(&self, cx: Cx<'_>) {
        self.unsettled.store(false, Ordering::Relaxed);
        self.sync_lacp(cx);
        self.publish(cx);
        let active = self.active.get(cx.rtnl);
        for slave in self.each(cx) {
            let is_active = active.as_ref().is_some_and(|a| Arc::ptr_eq(a, &slave));
            let (backup, deaf) = self.role(cx, &slave, is_active);
            slave.set_role(backup, deaf);
            slave.tell_state(cx.rtnl);
        }
        self.show_carrier(cx);
        self.rearm(cx, time::now());
    }

    /// The slaves as the choice of the active one sees them.
    fn candidates<'a>(&'a self, cx: Cx<'a>) -> impl Iterator<Item = Candidate> + Clone + 'a {
        let now = time::now();
        (0..).map_while(move |at| {
            let slave = self.slaves.get(cx.rtnl, at)?;
            let (speed, duplex) = slave.speed.get(cx.rtnl);
            Some(Candidate {
                readiness: match slave.link.get(cx.rtnl).link() {
                    Link::Up => Readiness::Up,
                    Link::ComingUp { until, .. } => Readiness::ComingUp { left: until - now },
                    Link::Down | Link::GoingDown { .. } => Readiness::Down,
                },
                prio: slave.prio.get(cx.rtnl),
                speed,
                duplex,
            })
        })
    }

    fn rules(&self, cx: Cx<'_>) -> Rules {
        let params = self.params.get(cx.rtnl);
        let active = self.active.get(cx.rtnl);
        let place = |is_it: &dyn Fn(&Arc<Slave>) -> bool| self.each(cx).position(|s| is_it(&s));
        Rules {
            current: active.and_then(|a| place(&|s| Arc::ptr_eq(s, &a))),
            primary: params
                .primary
                .and_then(|p| place(&|s| s.dev.name().as_bytes() == p.as_bytes())),
            reselect: params.primary_reselect,
            force_primary: self.force_primary.get(cx.rtnl),
        }
    }

    /// Chooses the active slave anew, in the modes that have one.
    fn reselect(&self, cx: Cx<'_>) {
        if !self.has_active(cx.rtnl) {
            self.active.set(cx.rtnl, None);
            return;
        }
        let rules = self.rules(cx);
        let choice = select::select(self.candidates(cx), rules);
        self.force_primary.set(cx.rtnl, choice.force_primary);
        // A link that is going down is used until it is down.
        let staying = rules.current.and_then(|at| self.slaves.get(cx.rtnl, at));
        if choice.active.is_none() && staying.is_some_and(|s| s.is_usable(cx.rtnl)) {
            return;
        }
        if choice.active != rules.current {
            let new = choice.active.and_then(|at| self.slaves.get(cx.rtnl, at));
            self.change_active(cx, new);
        }
    }

    /// Makes another slave the active one, or none.
    pub(crate) fn change_active(&self, cx: Cx<'_>, new: Option<Arc<Slave>>) {
        let Cx { dev, rtnl } = cx;
        let old = self.active.get(rtnl);
        if let Some(new) = &new {
            let mut link = new.link.get(rtnl);
            let early = link.promote(time::now());
            new.link.set(rtnl, link);
            if let Some(transition) = early {
                self.tell_link(cx, new, &transition);
            }
            dev_note!(dev, "(slave {}): is the active slave now", new.dev.name());
        } else if !self.slaves.is_empty(rtnl) {
            dev_warning!(dev, "no slave is usable any more");
        }
        if let Some(old) = &old {
            self.unlisten(cx, old);
            let (backup, deaf) = self.role(cx, old, false);
            old.set_role(backup, deaf);
        }
        self.active.set(rtnl, new.clone());
        if let Some(new) = &new {
            if self.listen(cx, new).is_err() {
                dev_warning!(
                    dev,
                    "(slave {}): does not take all the flags of the bond",
                    new.dev.name()
                );
            }
            new.set_role(false, false);
        }
        if new.is_none() {
            return;
        }
        // Packets go the new way before the neighbours are told about it.
        self.publish(cx);
        let _ = dev.notify(rtnl, Notice::BondingFailover);
        if dev.is_running() && dev.has_carrier() && self.params.get(rtnl).num_peer_notif > 0 {
            let _ = dev.notify(rtnl, Notice::NotifyPeers);
        }
    }

    /// Whether a slave sends (not: backup) and hears (not: deaf) for the bond.
    fn role(&self, cx: Cx<'_>, slave: &Slave, is_active: bool) -> (bool, bool) {
        let params = self.params.get(cx.rtnl);
        let (backup, silent) = match params.mode {
            Mode::RoundRobin | Mode::Xor | Mode::Broadcast => (false, false),
            Mode::ActiveBackup => (!is_active, !is_active),
            Mode::Tlb | Mode::Alb => (false, !is_active),
            Mode::Lacp => {
                let blocked = self.lacp.usability(slave) == Usability::Blocked;
                (blocked, blocked)
            }
        };
        (backup, silent && !params.all_slaves_active)
    }

    fn show_carrier(&self, cx: Cx<'_>) {
        let up = match self.params.get(cx.rtnl).mode {
            Mode::Lacp => self.lacp.carrier(),
            _ => self.each(cx).any(|s| s.is_usable(cx.rtnl)),
        };
        if up != cx.dev.has_carrier() {
            cx.dev.set_carrier(up);
        }
    }

    /// Sees to it that the alarm goes off when there is something to do next.
    fn rearm(&self, cx: Cx<'_>, now: Time) {
        if self.stale.get(cx.rtnl) {
            return;
        }
        let deadlines = self
            .each(cx)
            .filter_map(|s| s.link.get(cx.rtnl).next_deadline());
        let miimon = self.params.get(cx.rtnl).miimon;
        let poll = (miimon > 0 && cx.dev.is_running() && !self.slaves.is_empty(cx.rtnl))
            .then(|| now + Span::millis(miimon.into()));
        if let Some(next) = Iterator::chain(deadlines, poll).min() {
            self.alarm.by(next);
        }
    }
}
