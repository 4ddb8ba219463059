// SPDX-License-Identifier: GPL-2.0

//! Links come and go: who is active then, and what the bond shows of it.

use core::sync::atomic::Ordering;

use kernel::sync::Arc;
use lag::{
    history::Cause,
    lacp::port::Usability,
    mode::Mode,
    monitor::{
        arp::Variant,
        mii::{Link, Note, Transition, Waiver},
        notify::{self, Burst, Spacing},
        Status,
    },
    options::{FailOverMac, PrimaryReselect},
    report::{Event, Part, Watch, Whose},
    select::{self, Candidate, Readiness, Rules},
};
use netdev::{
    device::{HwAddr, Notice},
    time, NetDevice,
};
use wire::time::{Span, Time};

use crate::{
    history::History,
    report,
    slave::{Hears, Role, Slave},
    state::Bond,
    Cx,
};

/// Delay from a failover to the IGMP reports. A failover within it puts them off, so that one burst
/// follows the last.
const REPORTS: Span = Span::millis(1);

/// Counts and tells a change of a link.
pub(crate) fn tell_link(
    history: &History,
    dev: &NetDevice,
    slave: &Slave,
    transition: &Transition,
    watch: Watch,
    part: Part,
    cause: Cause,
) {
    history.link(dev, slave, cause);
    let told = |event| report(dev, Some(&slave.dev), &event);
    if transition.failure {
        slave.count_failure();
    }
    if let Some(note) = transition.note {
        told(Event::Delay(note, part));
    }
    let (speed, duplex) = slave.speed.get();
    match transition.to {
        Status::Up => told(Event::LinkUp(watch, speed, duplex)),
        Status::Down => told(Event::LinkDown(watch)),
        Status::Fail | Status::Back => {}
    }
}

/// The outcome of asking the slaves for speed and duplex.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Speeds {
    /// All are what they were.
    Same,
    /// One is another.
    Changed,
    /// One is another, and the active slave is to be selected anew for it.
    Reselect,
}

impl Bond {
    /// Looks at all links, and has the bond follow. Runs on a carrier event, at a deadline, and when
    /// the timer has found that something is not as it was; see `on_timer`.
    pub(crate) fn poll(&self, cx: Cx<'_>) {
        let now = time::now();
        self.live.due.committed(now);
        let unsettled = self.live.unsettled.load(Ordering::Acquire);
        let mut changed = unsettled || self.stale.get(cx.rtnl);
        let mut reselect = self.choice.reconsider.replace(cx.rtnl, false);
        let mut moved = false;
        if let Some(settings) = self.monitor.settings(cx.rtnl) {
            let watch = match settings.variant {
                Variant::ActiveBackup => Watch::Arp,
                Variant::LoadBalance => Watch::Balanced { first: false },
            };
            for (at, slave) in self.each(cx).enumerate() {
                self.lose_carrier(cx.dev, &slave, watch);
                if slave.arp_moved.swap(false, Ordering::AcqRel) {
                    slave.retrained.set(cx.rtnl, true);
                    moved = true;
                    reselect |= self.needs_choice(cx, at);
                }
            }
        } else {
            let mut look = |observe: bool, waiver: &mut Waiver| {
                for (at, slave) in self.each(cx).enumerate() {
                    let mut link = slave.link(cx.rtnl);
                    let transition = if observe {
                        link.observe(slave.dev.can_send(), waiver, now)
                    } else {
                        link.tick(waiver, now)
                    };
                    let Some(transition) = transition else {
                        continue;
                    };
                    let cause = match observe {
                        true => Cause::Carrier,
                        false => Cause::Delay,
                    };
                    slave.set_link(cx.rtnl, link);
                    slave.retrained.set(cx.rtnl, true);
                    tell_link(
                        &self.history,
                        cx.dev,
                        &slave,
                        &transition,
                        Watch::Carrier,
                        self.part(cx, &slave),
                        cause,
                    );
                    moved = true;
                    // Lost for less than downdelay: it stays what it is.
                    reselect |= transition.to != Status::Fail && self.needs_choice(cx, at);
                }
                moved
            };
            // When the last link goes, those that are coming up need not wait any more.
            if look(true, &mut self.waiver(cx)) || changed {
                look(false, &mut self.waiver(cx));
            }
        }
        let speeds = self.ask_speeds(cx);
        changed |= moved | (speeds != Speeds::Same);
        reselect |= speeds == Speeds::Reselect;
        if reselect {
            self.reselect(cx);
            changed = true;
        }
        if moved && !self.has_active(cx.rtnl) {
            self.announce(cx, false);
        }
        if changed {
            self.refresh(cx, true);
        } else {
            self.speak(cx, now);
            self.rearm(cx, now);
        }
        self.ask_targets(cx, now);
        self.calm_balance(cx);
    }

    /// Asks the drivers for speed and duplex where they may be others than they were: after an event,
    /// after the link has changed, and while they are not known.
    fn ask_speeds(&self, cx: Cx<'_>) -> Speeds {
        let mut speeds = Speeds::Same;
        let better = self.params.get(cx.rtnl).primary_reselect == PrimaryReselect::Better;
        for (at, slave) in self.each(cx).enumerate() {
            if slave.retrained.replace(cx.rtnl, false) || slave.may_tell_speed() {
                let speed = slave.dev.link_settings(cx.rtnl);
                if slave.speed.replace(cx.rtnl, speed) != speed {
                    let reselect = better && self.needs_choice(cx, at);
                    speeds = speeds.max(match reselect {
                        true => Speeds::Reselect,
                        false => Speeds::Changed,
                    });
                }
            }
        }
        speeds
    }

    /// Returns whether the bond depends on the speed of its slaves. If so, a driver that has not
    /// told one yet is asked with every poll. Otherwise events will do.
    fn goes_by_speed(&self, cx: Cx<'_>) -> bool {
        let params = self.params.get(cx.rtnl);
        let better = params.primary_reselect == PrimaryReselect::Better;
        matches!(params.mode, Mode::Lacp | Mode::Tlb | Mode::Alb) || better
    }

    /// The link of the slave at that place has changed: the active slave is to be chosen anew.
    pub(crate) fn needs_choice(&self, cx: Cx<'_>, at: usize) -> bool {
        self.has_active(cx.rtnl) && select::matters(self.candidates(cx), &self.rules(cx), at)
    }

    fn waiver(&self, cx: Cx<'_>) -> Waiver {
        Waiver::of(
            self.params.get(cx.rtnl).mode,
            self.choice.active.share(cx.rtnl).is_some(),
            self.each(cx).filter(|s| s.is_usable()).count(),
        )
    }

    /// Returns the part that a slave plays, for a line of the log about its link.
    fn part(&self, cx: Cx<'_>, slave: &Arc<Slave>) -> Part {
        let active = self.choice.active.share(cx.rtnl);
        match self.params.get(cx.rtnl).mode {
            Mode::ActiveBackup if active.is_some_and(|a| Arc::ptr_eq(&a, slave)) => Part::Active,
            Mode::ActiveBackup => Part::Backup,
            _ => Part::None,
        }
    }

    /// Draws the consequences of any change: who is active, what packets see, whether the bond
    /// has a carrier, when to look again.
    pub(crate) fn settle(&self, cx: Cx<'_>) {
        if self.ending.get(cx.rtnl) {
            // The machines and whoever looks at it have to forget a slave; no other follows it.
            self.sync_lacp(cx);
            self.publish(cx);
            return;
        }
        self.reselect(cx);
        self.refresh(cx, false);
    }

    /// As `settle`, with the active slave left as it is as long as its link is up: the user may
    /// have chosen it.
    pub(crate) fn settle_as_is(&self, cx: Cx<'_>) {
        let active = self.choice.active.share(cx.rtnl);
        let well = active.is_some_and(|a| a.is_usable());
        if well && !self.ending.get(cx.rtnl) {
            self.refresh(cx, false);
        } else {
            self.settle(cx);
        }
    }

    /// As `settle`, with the active slave left as it is. `watched`: a monitor has seen a change.
    ///
    /// Once for each event, in this order: the machines see how it is, each slave gets its role, packets see the
    /// whole, and then all others are told.
    #[inline(never)]
    pub(crate) fn refresh(&self, cx: Cx<'_>, watched: bool) {
        self.live.unsettled.store(false, Ordering::Relaxed);
        self.stale.set(cx.rtnl, false);
        self.sync_arp(cx);
        self.sync_lacp(cx);
        self.sync_balance(cx);
        self.show_xdp_features(cx);
        let active = self.choice.active.share(cx.rtnl);
        let by_speed = self.goes_by_speed(cx);
        let mut joined = false;
        for slave in self.each(cx) {
            let untold = by_speed && slave.speed.get().0.is_none();
            let awaits = untold && slave.dev.tells_speed(cx.rtnl);
            slave.awaits_speed.set(cx.rtnl, awaits);
            let is_active = active.as_ref().is_some_and(|a| Arc::ptr_eq(a, &slave));
            let was_backup = slave.is_backup();
            self.assign(cx, &slave, is_active);
            joined |= was_backup && !slave.is_backup();
        }
        self.publish(cx);
        for slave in self.each(cx) {
            self.tell_state(cx, &slave);
        }
        self.put_down(cx);
        self.tell_failover(cx);
        self.show_carrier(cx, watched);
        let params = self.params.get(cx.rtnl);
        if joined && notify::tells_peers_of_port(params.mode, params.broadcast_neighbor) {
            self.announce_peers(cx);
        }
        let now = time::now();
        self.speak(cx, now);
        self.rearm(cx, now);
    }

    /// The slaves as the choice of the active one sees them.
    fn candidates<'a>(&'a self, cx: Cx<'a>) -> impl Iterator<Item = Candidate> + Clone + 'a {
        let now = time::now();
        (0..usize::MAX).map_while(move |at| {
            let slave = self.slaves.get(cx.rtnl, at)?;
            let (speed, duplex) = slave.speed.get();
            Some(Candidate {
                readiness: match slave.link(cx.rtnl).link() {
                    _ if slave.by_arp.get() => match slave.arp.status() {
                        Status::Up => Readiness::Up,
                        _ => Readiness::Down,
                    },
                    Link::Up => Readiness::Up,
                    Link::ComingUp { until, .. } => Readiness::ComingUp { left: until - now },
                    Link::Down | Link::GoingDown { .. } => Readiness::Down,
                },
                prio: slave.prio.get(),
                speed,
                duplex,
            })
        })
    }

    fn rules(&self, cx: Cx<'_>) -> Rules {
        let params = self.params.get(cx.rtnl);
        let active = self.choice.active.share(cx.rtnl);
        let place = |is_it: &dyn Fn(&Arc<Slave>) -> bool| self.each(cx).position(|s| is_it(&s));
        Rules {
            current: active.and_then(|a| place(&|s| Arc::ptr_eq(s, &a))),
            primary: params
                .primary
                .and_then(|p| place(&|s| s.dev.name().as_bytes() == p.as_bytes())),
            reselect: params.primary_reselect,
            force_primary: self.choice.force_primary.get(cx.rtnl),
        }
    }

    /// Chooses the active slave anew, in the modes that have one.
    #[inline(never)]
    pub(crate) fn reselect(&self, cx: Cx<'_>) {
        if !self.has_active(cx.rtnl) {
            self.choice.active.set(cx.rtnl, None);
            return;
        }
        // Who has lost its link has no more to do with it when its address goes to another.
        self.sync_balance(cx);
        let rules = self.rules(cx);
        let choice = select::select(self.candidates(cx), rules);
        self.choice.force_primary.set(cx.rtnl, choice.force_primary);
        // A link that is going down is used until it is down.
        let staying = rules.current.and_then(|at| self.slaves.get(cx.rtnl, at));
        if choice.active.is_none() && staying.is_some_and(|s| s.is_usable()) {
            return;
        }
        if choice.active != rules.current {
            let new = choice.active.and_then(|at| self.slaves.get(cx.rtnl, at));
            let old = rules.current.and_then(|at| self.slaves.get(cx.rtnl, at));
            let cause = match old {
                None => Cause::Links,
                Some(old) if old.is_usable() => Cause::Preference,
                Some(old) => self.watched_by(cx, &old),
            };
            self.change_active(cx, new, cause);
        }
    }

    /// Makes another slave the active one, or none. [`refresh`](Bond::refresh) has to follow: with it come roles,
    /// what packets see, and who is told.
    #[inline(never)]
    pub(crate) fn change_active(&self, cx: Cx<'_>, new: Option<Arc<Slave>>, cause: Cause) {
        let rtnl = cx.rtnl;
        let cause = self.choice.cause.get(rtnl).unwrap_or(cause);
        self.choice.cause.set(rtnl, Some(cause));
        let old = self.choice.active.share(rtnl);
        self.withdraw_ipsec(cx);
        self.active_leaves(cx);
        if let Some(new) = &new {
            let mut link = new.link(rtnl);
            let early = link.promote(time::now());
            if early.is_some() {
                new.set_link(rtnl, link);
                self.history.link(cx.dev, new, Cause::Choice);
            }
            let early = match early.and_then(|transition| transition.note) {
                Some(Note::Early(left)) => Some(left),
                _ => None,
            };
            cx.report_on(&new.dev, Event::Active(early));
        }
        if let Some(old) = &old {
            self.unlisten(cx, old);
        }
        if let Some(new) = &new {
            self.move_address(cx, new, old.as_deref());
        }
        self.choice.active.set(rtnl, new.clone());
        if let Some(new) = &new {
            if self.listen(cx, new).is_err() {
                cx.report_on(&new.dev, Event::Flags);
            }
            new.arp.took_role(time::now());
            self.take_over(cx, old.as_deref());
            self.announce(cx, true);
            self.announce.failed_over.set(rtnl, true);
        }
    }

    /// Tells those who follow the active slave that it is another one: packets go the new way by now.
    fn tell_failover(&self, cx: Cx<'_>) {
        if self.announce.failed_over.replace(cx.rtnl, false)
            && self.choice.active.share(cx.rtnl).is_some()
        {
            let _ = cx
                .dev
                .call_netdevice_notifiers(cx.rtnl, Notice::BondingFailover);
            self.place_ipsec(cx);
        }
    }

    /// Tells neighbours and multicast routers that the traffic goes another way: begins to.
    pub(crate) fn announce(&self, cx: Cx<'_>, new_active: bool) {
        let params = self.params.get(cx.rtnl);
        if !cx.dev.netif_running() {
            return;
        }
        if notify::tells_peers(params.mode) {
            self.announce_peers(cx);
        }
        if notify::reports_groups(params.mode, new_active) {
            let mut burst = Burst::Idle;
            burst.start(params.resend_igmp, time::now() + REPORTS);
            self.announce.groups.set(cx.rtnl, burst);
        }
    }

    fn announce_peers(&self, cx: Cx<'_>) {
        if cx.dev.netif_running() {
            let mut burst = Burst::Idle;
            burst.start(self.params.get(cx.rtnl).num_peer_notif, time::now());
            self.announce.peers.set(cx.rtnl, burst);
        }
    }

    /// Sends what is due of the announcements.
    fn speak(&self, cx: Cx<'_>, now: Time) {
        let params = self.params.get(cx.rtnl);
        // What is sent by a link that has just come up is lost until the kernel knows of it.
        let pending = |s: &Arc<Slave>| s.dev.is_link_pending();
        let active = self.choice.active.share(cx.rtnl);
        let sends = match params.mode {
            Mode::Lacp => self.each(cx).any(|s| !s.is_backup() && !pending(&s)),
            _ => active
                .as_ref()
                .is_some_and(|s| s.dev.can_send() && !pending(s)),
        };
        let ready = cx.dev.netif_carrier_ok() && sends;
        let spacing = Spacing::peers(
            Span::millis(params.peer_notif_delay_ms().into()),
            Span::millis(params.miimon.into()),
            Span::millis(params.arp_interval.into()),
        );
        let mut peers = self.announce.peers.get(cx.rtnl);
        let tell = peers.tick(ready, spacing, now);
        self.announce.peers.set(cx.rtnl, peers);
        if tell {
            let _ = cx
                .dev
                .call_netdevice_notifiers(cx.rtnl, Notice::NotifyPeers);
        }
        let mut groups = self.announce.groups.get(cx.rtnl);
        let ready = cx.dev.netif_carrier_ok() && !active.as_ref().is_some_and(pending);
        // With many devices above, either takes its time: not both while RTNL is held.
        let report = !tell && groups.tick(ready, Spacing::IGMP, now);
        self.announce.groups.set(cx.rtnl, groups);
        if report {
            let _ = cx.dev.call_netdevice_notifiers(cx.rtnl, Notice::ResendIgmp);
        }
    }

    /// fail_over_mac: who has which address when another slave becomes active.
    fn move_address(&self, cx: Cx<'_>, new: &Slave, old: Option<&Slave>) {
        let Cx { dev, rtnl } = cx;
        let params = self.params.get(rtnl);
        if params.mode != Mode::ActiveBackup {
            return;
        }
        match params.fail_over_mac {
            FailOverMac::None => {}
            FailOverMac::Active => {
                // Without an answer to give it is logged.
                let _ = self.adopt(cx, &new.dev, None);
            }
            FailOverMac::Follow => {
                let ours = dev.address(rtnl);
                if new.dev.address(rtnl) == ours {
                    return;
                }
                // Two devices must not have one address: who has it takes the newcomer's, be it
                // the last active slave or one of long ago.
                let spare = new.dev.address(rtnl);
                let has_ours =
                    |slave: &Slave| slave.id != new.id && slave.dev.address(rtnl) == ours;
                if let Some(old) = old.filter(|old| has_ours(old)) {
                    self.give_address(cx, old, &spare, Whose::Old);
                } else if let Some(old) = self.each(cx).find(|old| has_ours(old)) {
                    self.give_address(cx, &old, &spare, Whose::Old);
                }
                self.give_address(cx, new, &ours, Whose::New);
            }
        }
    }

    fn give_address(&self, cx: Cx<'_>, slave: &Slave, addr: &HwAddr, whose: Whose) {
        let mut lent = *addr;
        if let Err(e) = slave.dev.dev_set_mac_address(cx.rtnl, &mut lent, None) {
            cx.report_on(&slave.dev, Event::Address(whose, addr, e.to_errno()));
        }
    }

    /// Gives a slave its role: whether it transmits for the bond, and which received frames it
    /// passes up.
    fn assign(&self, cx: Cx<'_>, slave: &Slave, is_active: bool) {
        let params = self.params.get(cx.rtnl);
        let (backup, silent) = match params.mode {
            Mode::RoundRobin | Mode::Xor | Mode::Broadcast => (false, false),
            Mode::ActiveBackup => (!is_active, !is_active),
            Mode::Tlb | Mode::Alb => (false, !is_active),
            Mode::Lacp => {
                let usability = self.lacp.usability(slave);
                (
                    usability != Usability::Distributing,
                    usability == Usability::Blocked,
                )
            }
        };
        let silent = silent && !params.all_slaves_active;
        let hears = match (params.mode, silent) {
            (Mode::Alb, false) => Hears::Alb,
            (Mode::Alb, true) => Hears::Unicast,
            (_, false) => Hears::All,
            (_, true) => Hears::Nothing,
        };
        slave.set_role(Role {
            backup,
            hears,
            watched: self.monitor.settings(cx.rtnl).is_some(),
        });
        slave.show_abi(cx.rtnl);
    }

    fn show_carrier(&self, cx: Cx<'_>, watched: bool) {
        let up = match self.params.get(cx.rtnl).mode {
            Mode::Lacp => self.lacp.carrier(),
            _ => self.each(cx).any(|s| s.is_usable()),
        };
        if up != cx.dev.netif_carrier_ok() {
            cx.dev.set_carrier(up);
            self.put_down_carrier(cx, up);
            // LACP says it itself. Without slaves there is nothing to miss.
            let lacp = self.params.get(cx.rtnl).mode == Mode::Lacp;
            if !lacp && !self.slaves.is_empty(cx.rtnl) {
                cx.report(Event::Usable { any: up, watched });
            }
        }
    }

    /// Sees to it that the alarm goes off when there is something to do next.
    pub(crate) fn rearm(&self, cx: Cx<'_>, now: Time) {
        if self.stale.get(cx.rtnl) {
            return;
        }
        let delays = self
            .each(cx)
            .filter_map(|s| s.link(cx.rtnl).next_deadline());
        let bursts = [
            self.announce.peers.get(cx.rtnl),
            self.announce.groups.get(cx.rtnl),
        ];
        let bursts = bursts.iter().filter_map(Burst::next_deadline);
        self.live
            .due
            .commit
            .set(Iterator::chain(delays, bursts).min());
        let miimon = Span::millis(self.params.get(cx.rtnl).miimon.into());
        let polls = cx.dev.netif_running() && !self.slaves.is_empty(cx.rtnl);
        self.live
            .due
            .poll_every(if polls { miimon } else { Span::ZERO }, now);
        if let Some(at) = self.balance_deadline(cx) {
            self.live.due.balance.by(at);
        }
        self.live
            .alarm
            .by(self.live.due.next().min(self.monitor.next_deadline()));
    }
}
