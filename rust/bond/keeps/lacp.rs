// SPDX-License-Identifier: GPL-2.0

//! The machines of LACP and their ports, behind a lock.

use core::sync::atomic::{AtomicBool, Ordering};

use kernel::sync::Arc;
use lag::{
    lacp::{
        config::{Config, Control},
        port::{Link, Port, PortId, Usability},
        reason::Reason,
        system::{AdInfo, Notice, Sink, System, BATCH},
    },
    options::{LacpRate, Params},
    report::Event,
};
use netdev::{
    lock::{LockClass, SpinLockBh},
    log,
    prelude::*,
    skb, time, NetDevice,
};
use wire::{lacpdu::FRAME_LEN, mac::Mac, time::Time};

use super::refusals::Refusals;
use crate::{history::History, report, slave::Slave, Cx};

static MACHINES: LockClass = LockClass::new();

/// A port's slave, and what the machines were last told about it.
pub(crate) struct Member {
    pub(crate) slave: Arc<Slave>,
    pub(crate) link: Link,
    pub(crate) priority: u16,
}

/// The machines and their ports; `ports` and `members` go in step.
pub(crate) struct State {
    pub(crate) system: System,
    pub(crate) address: Mac,
    pub(crate) running: bool,
    pub(crate) ports: KVec<Port>,
    pub(crate) members: KVec<Member>,
}

/// LACP of one bond.
pub(crate) struct Lacp {
    pub(crate) state: SpinLockBh<State>,
    /// There are ports: the mode is 802.3ad.
    pub(crate) is_on: AtomicBool,
    pub(crate) refused: Refusals,
    /// The records of changes of the bond.
    pub(crate) history: Arc<History>,
}

/// Carries out what the machines say while the lock is held; what needs RTNL is left for later.
struct Orders<'a> {
    pub(crate) members: &'a [Member],
    dev: &'a NetDevice,
    /// Place of the port that was looked for last: the machines go through all in order.
    at: usize,
    /// The transmit table, the carrier or the slaves' roles have to follow.
    changed: bool,
    /// Something has changed that is worth a line in the log.
    noticed: bool,
}

impl Orders<'_> {
    fn member(&mut self, port: PortId) -> Option<&Member> {
        let is_it = |member: &Member| id(&member.slave) == port;
        let (before, from_there) = self.members.split_at_checked(self.at)?;
        let at = match from_there.iter().position(is_it) {
            Some(steps) => self.at.saturating_add(steps),
            None => before.iter().position(is_it)?,
        };
        let member = self.members.get(at)?;
        self.at = at;
        Some(member)
    }
}

pub(crate) fn id(slave: &Slave) -> PortId {
    PortId(slave.dev.ifindex() as u32)
}

impl Sink for Orders<'_> {
    fn transmit(&mut self, port: PortId, frame: &[u8; FRAME_LEN]) -> bool {
        self.member(port)
            .is_some_and(|m| skb::send_control(&m.slave.dev, frame, None))
    }

    fn notice(&mut self, notice: Notice) {
        self.noticed = true;
        let port = match notice {
            Notice::Usability { port, .. }
            | Notice::Partner { port, .. }
            | Notice::Loopback { port }
            | Notice::Stray { port, .. }
            | Notice::ActorChurn { port }
            | Notice::PartnerChurn { port } => Some(port),
            Notice::Active { .. } | Notice::NoLacp | Notice::Carrier { .. } => None,
        };
        self.changed |= matches!(
            notice,
            Notice::Usability { .. } | Notice::Active { .. } | Notice::Carrier { .. }
        );
        // A partner can make these come often; strays are told of once in ten minutes.
        if !matches!(notice, Notice::Stray { .. }) && !log::may_speak() {
            return;
        }
        let dev = self.dev;
        let member = port.and_then(|port| self.member(port));
        report(dev, member.map(|m| &*m.slave.dev), &Event::Lacp(notice));
    }
}

/// Returns the index of a slave's entry in the list. It is looked for first where it was found the
/// last time.
pub(crate) fn place<T>(list: &[T], slave: &Slave, is_it: impl Fn(&T) -> bool) -> Option<usize> {
    let guess = slave.port_at.load(Ordering::Relaxed);
    if list.get(guess).is_some_and(&is_it) {
        return Some(guess);
    }
    let at = list.iter().position(is_it)?;
    slave.port_at.store(at, Ordering::Relaxed);
    Some(at)
}

pub(crate) fn port_of<'a>(ports: &'a [Port], slave: &Slave) -> Option<&'a Port> {
    ports.get(place(ports, slave, |port| port.id() == id(slave))?)
}

pub(crate) fn member_of<'a>(members: &'a mut [Member], slave: &Slave) -> Option<&'a mut Member> {
    let at = place(members, slave, |member| id(&member.slave) == id(slave))?;
    members.get_mut(at)
}

/// The settings as the machines want them.
pub(crate) fn config(params: &Params) -> Config {
    Config {
        fast: params.lacp_rate == LacpRate::Fast,
        active: params.lacp_active,
        strict: params.lacp_strict,
        select: params.ad_select,
        min_links: params.min_links,
        system_priority: params.ad_actor_sys_prio,
        system: params.ad_actor_system,
        user_key: params.ad_user_port_key,
        control: if params.coupled_control {
            Control::Coupled
        } else {
            Control::Independent
        },
    }
}

/// The link of a slave as the machines want it.
pub(crate) fn link(slave: &Slave) -> Link {
    if !slave.is_usable() {
        return Link::Down;
    }
    let (speed, duplex) = slave.speed.get();
    Link::Up {
        speed: speed.unwrap_or(0),
        duplex,
    }
}

impl State {
    /// Runs `f` on the machines. Returns whether the bond has to follow, and when they want to run
    /// again: that is now, if not all is done.
    pub(crate) fn step(
        &mut self,
        dev: &NetDevice,
        history: &History,
        f: impl FnOnce(&mut System, &mut [Port], Time, &mut dyn Sink),
    ) -> (bool, Option<Time>) {
        let mut orders = Orders {
            members: &self.members,
            dev,
            at: 0,
            changed: false,
            noticed: false,
        };
        let runs = self.system.runs();
        f(&mut self.system, &mut self.ports, time::now(), &mut orders);
        let (changed, noticed) = (orders.changed, orders.noticed);
        if noticed || self.system.runs() != runs {
            self.put_down(dev, history);
        }
        (changed, self.system.next_deadline())
    }

    /// Puts down what has changed of the ports.
    #[inline(never)]
    fn put_down(&self, dev: &NetDevice, history: &History) {
        for (port, member) in self.ports.iter().zip(&self.members) {
            let reason = self.system.reason(&self.ports, port);
            let reason = reason.map_or(0, |reason| reason.number());
            history.port(dev, &member.slave, Some(port), reason);
        }
        let active = self.system.ad_info(&self.ports).map(|info| info.aggregator);
        history.aggregator(dev, active);
    }
}

impl Lacp {
    pub(crate) fn new(history: Arc<History>) -> Result<Self> {
        let state = State {
            system: System::new(Config::default(), Mac::ZERO),
            address: Mac::ZERO,
            running: false,
            ports: KVec::new(),
            members: KVec::new(),
        };
        Ok(Lacp {
            state: SpinLockBh::new(state, c"rustbond_lacp", &MACHINES)?,
            is_on: AtomicBool::new(false),
            refused: Refusals::default(),
            history,
        })
    }

    /// Runs `f` on the machines, and all that is to be done then. Returns whether the bond has to
    /// follow, and when they want to run again.
    pub(crate) fn run(
        &self,
        dev: &NetDevice,
        f: impl FnOnce(&mut System, &mut [Port], Time, &mut dyn Sink),
    ) -> (bool, Option<Time>) {
        let mut state = self.state.lock();
        let mut calls = (state.ports.len() / BATCH).saturating_add(1);
        let (mut changed, mut next) = state.step(dev, &self.history, f);
        drop(state);
        // What concerns many ports is done in pieces: softirqs run in between.
        while calls > 0 && next.is_some_and(|at| at <= time::now()) {
            calls = calls.saturating_sub(1);
            let (more, then) =
                self.state
                    .lock()
                    .step(dev, &self.history, |system, ports, now, sink| {
                        system.expire(ports, now, sink)
                    });
            changed |= more;
            next = then;
        }
        (changed, next)
    }

    /// Returns whether the machines have nothing to do: the mode is another one.
    pub(crate) fn is_idle(&self) -> bool {
        self.state.lock().members.is_empty()
    }

    /// Returns which traffic a port may carry.
    pub(crate) fn usability(&self, slave: &Slave) -> Usability {
        self.with_port(slave, |_, _, port| port.usability())
            .unwrap_or_default()
    }

    /// The bond has a carrier, as far as the machines are concerned.
    pub(crate) fn carrier(&self) -> bool {
        self.state.lock().system.carrier()
    }

    /// The active aggregator, and who the bond is as a system.
    pub(crate) fn info(&self) -> (Option<AdInfo>, Mac) {
        let state = self.state.lock();
        (state.system.ad_info(&state.ports), state.system.system())
    }

    /// Returns the bond's counters, in the order of BOND_3AD_STAT_*.
    pub(crate) fn counters(&self) -> [u64; 9] {
        let counters = self.state.lock().system.stats().values();
        self.refused.add_to(counters)
    }

    /// Returns a port's counters, in the order of BOND_3AD_STAT_*; none if the slave has no port.
    pub(crate) fn counters_of(&self, slave: &Slave) -> Option<[u64; 9]> {
        let counters = self.with_port(slave, |_, _, port| port.stats().values())?;
        Some(slave.refused.add_to(counters))
    }

    /// Runs `f` with a port, all of them, and the system.
    pub(crate) fn with_port<R>(
        &self,
        slave: &Slave,
        f: impl FnOnce(&System, &[Port], &Port) -> R,
    ) -> Option<R> {
        let state = self.state.lock();
        let port = port_of(&state.ports, slave)?;
        Some(f(&state.system, &state.ports, port))
    }

    /// A slave is the last port of the active aggregator.
    pub(crate) fn is_last_active(&self, slave: &Slave) -> bool {
        let last = self.with_port(slave, |system, ports, port| {
            let active = system.ad_info(ports);
            active.is_some_and(|a| a.aggregator == port.aggregator_id() && a.ports <= 1)
        });
        last == Some(true)
    }

    /// Returns the reason why a port is not in use; None if it is.
    pub(crate) fn reason(&self, slave: &Slave) -> Option<Reason> {
        let reason = self.with_port(slave, |system, ports, port| system.reason(ports, port));
        // One that there was no memory for yet.
        reason.unwrap_or(Some(Reason::Waiting))
    }

    /// Returns how often another system claimed a slave's link while the partner answered:
    /// `ad_strays`.
    pub(crate) fn strays(&self, slave: &Slave) -> u64 {
        self.with_port(slave, |_, _, port| port.strays())
            .unwrap_or_default()
    }

    /// Returns how many LACPDUs were dropped because a slave received too many.
    pub(crate) fn dropped(&self, slave: &Slave) -> u64 {
        self.with_port(slave, |_, _, port| port.dropped())
            .unwrap_or_default()
    }

    /// Makes room for one more port, outside the lock.
    pub(crate) fn grow(&self) -> Result {
        let wanted = self.state.lock().ports.len() + 1;
        let mut ports = KVec::with_capacity(wanted, GFP_KERNEL)?;
        let mut members = KVec::with_capacity(wanted, GFP_KERNEL)?;
        let mut state = self.state.lock();
        for port in state.ports.iter() {
            let _ = ports.push_within_capacity(*port);
        }
        while let Ok(member) = state.members.remove(0) {
            let _ = members.push_within_capacity(member);
        }
        core::mem::swap(&mut state.ports, &mut ports);
        core::mem::swap(&mut state.members, &mut members);
        drop(state);
        Ok(())
    }

    #[inline(never)]
    pub(crate) fn add(&self, cx: Cx<'_>, slave: &Arc<Slave>) -> Result<bool> {
        self.grow()?;
        let priority = slave.port_priority.get();
        let port = Port::new(id(slave), slave.own_address.mac());
        let member = Member {
            slave: slave.clone(),
            link: Link::Down,
            priority,
        };
        slave.refused.clear();
        let mut state = self.state.lock();
        let _ = state.ports.push_within_capacity(port);
        let (changed, _) = state.step(cx.dev, &self.history, |system, ports, now, sink| {
            system.port_added(ports, now, sink);
            system.port_priority_changed(ports, id(slave), priority, now, sink);
        });
        // Behind the step: until its link is told there is nothing to put down of it.
        let _ = state.members.push_within_capacity(member);
        self.is_on.store(true, Ordering::Relaxed);
        drop(state);
        let (more, _) = self.run(cx.dev, |_, _, _, _| {});
        Ok(changed || more)
    }

    #[inline(never)]
    pub(crate) fn remove(&self, cx: Cx<'_>, gone: PortId) -> bool {
        let mut state = self.state.lock();
        let (changed, _) = state.step(cx.dev, &self.history, |system, ports, now, sink| {
            system.port_removed(ports, gone, now, sink);
        });
        // The port is the last one now.
        state.ports.pop();
        let at = state.members.iter().position(|m| id(&m.slave) == gone);
        let member = at.and_then(|at| state.members.remove(at).ok());
        self.is_on.store(!state.ports.is_empty(), Ordering::Relaxed);
        drop(state);
        if let Some(member) = &member {
            self.history.port(cx.dev, &member.slave, None, 0);
        }
        drop(member);
        let (more, _) = self.run(cx.dev, |_, _, _, _| {});
        changed || more
    }
}
