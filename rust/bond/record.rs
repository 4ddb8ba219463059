// SPDX-License-Identifier: GPL-2.0

//! Puts down in the history what has changed of a bond and its slaves.

use kernel::sync::Arc;
use lag::{
    family::Usability,
    history::{Cause, What},
    lacp::port::{self, Port},
    mode::Mode,
    options::{self, Opt, Params, Payload, SlaveChange},
};
use netdev::{rcu::RcuBox, NetDevice};
use wire::mac::Mac;

use crate::{
    arp::asked_by,
    commit::with_params,
    history::{History, On, Why},
    slave::Slave,
    state::Bond,
    Cx,
};

/// A MAC as a number.
fn mac(Mac([a, b, c, d, e, f]): Mac) -> u64 {
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

/// The traffic that a port may carry, as the history has it.
pub(crate) fn usability(of: port::Usability) -> Usability {
    match of {
        port::Usability::Blocked => Usability::Blocked,
        port::Usability::Collecting => Usability::Collecting,
        port::Usability::Distributing => Usability::Distributing,
    }
}

/// The value of an option as a number: of lists, how many entries.
fn number(payload: Payload<'_>) -> u64 {
    match payload {
        Payload::U8(n) => n.into(),
        Payload::U16(n) => n.into(),
        Payload::U32(n) => n.into(),
        Payload::Mac(of) => mac(of),
        Payload::Nested4(all) => all.iter().count() as u64,
        Payload::Nested6(all) => all.iter().count() as u64,
    }
}

impl History {
    /// A slave's link may have changed.
    pub(crate) fn link(&self, bond: &NetDevice, slave: &Slave, cause: Cause) {
        let on = On {
            bond,
            slave: Some(&slave.dev),
        };
        let last = &slave.told_history.link;
        self.follow(on, What::Link, last, cause, || {
            slave.told_status().number().into()
        });
    }

    /// The machines of LACP have run: what they know of a port may have changed.
    pub(crate) fn port(&self, bond: &NetDevice, slave: &Slave, port: Option<&Port>, reason: u8) {
        let on = On {
            bond,
            slave: Some(&slave.dev),
        };
        let told = &slave.told_history;
        let (aggregator, partner) = match port {
            Some(port) => (port.aggregator_id().into(), mac(port.partner().system)),
            None => (0, 0),
        };
        for (what, last, now) in [
            (What::Partner, &told.partner, partner),
            (What::Aggregator, &told.aggregator, aggregator),
            (What::Reason, &told.reason, reason.into()),
        ] {
            self.follow(on, what, last, Why::lacp(reason), || now);
        }
    }

    /// The machines of LACP have run: another aggregator may be the active one.
    pub(crate) fn aggregator(&self, bond: &NetDevice, active: Option<u16>) {
        let on = On { bond, slave: None };
        let now = u64::from(active.unwrap_or(0));
        self.follow(
            on,
            What::ActiveAggregator,
            &self.aggregator,
            Why::lacp(0),
            || now,
        );
    }
}

impl Bond {
    /// By what a slave's link is watched.
    pub(crate) fn watched_by(&self, cx: Cx<'_>, slave: &Slave) -> Cause {
        match slave.by_arp.get() && slave.dev.can_send() {
            true => asked_by(&self.params.get(cx.rtnl)),
            false => Cause::Carrier,
        }
    }

    /// Puts down what has changed, once the bond has followed.
    #[inline(never)]
    pub(crate) fn put_down(&self, cx: Cx<'_>) {
        let rtnl = cx.rtnl;
        let params = self.params.get(rtnl);
        let active = self.choice.active.share(rtnl);
        let history = &self.history;
        for slave in self.each(cx) {
            history.link(cx.dev, &slave, self.watched_by(cx, &slave));
            let told = &slave.told_history;
            let on = cx.on(&slave.dev);
            let speed = u64::from(slave.speed.get().0.unwrap_or(0));
            history.follow(on, What::Speed, &told.speed, Cause::Device, || speed);
            let (usable, why) = match params.mode {
                Mode::Lacp => {
                    let reason = self.lacp.reason(&slave).map_or(0, |reason| reason.number());
                    (usability(self.lacp.usability(&slave)), Why::lacp(reason))
                }
                Mode::ActiveBackup => {
                    let is_it = active.as_ref().is_some_and(|a| a.id == slave.id);
                    (
                        distributing(is_it && slave.is_usable()),
                        Cause::Choice.into(),
                    )
                }
                _ => {
                    let why = self.watched_by(cx, &slave).into();
                    (distributing(slave.is_usable()), why)
                }
            };
            let usable = usable.number().into();
            history.follow(on, What::Usability, &told.usability, why, || usable);
        }
        let on = cx.itself();
        let ifindex = |slave: Option<&Slave>| slave.map_or(0, |s| s.dev.ifindex() as u64);
        let primary = ifindex(self.primary(cx).as_deref());
        history.follow(on, What::Primary, &history.primary, Cause::User, || primary);
        let cause = self.choice.cause.replace(rtnl, None).unwrap_or(Cause::User);
        let active = ifindex(active.as_deref());
        history.follow(on, What::Active, &history.active, cause, || active);
    }

    /// Puts down that the bond's carrier is there or not.
    pub(crate) fn put_down_carrier(&self, cx: Cx<'_>, up: bool) {
        let cause = match self.params.get(cx.rtnl).mode {
            Mode::Lacp => Cause::Lacp,
            _ => Cause::Links,
        };
        let history = &self.history;
        history.follow(cx.itself(), What::Carrier, &history.carrier, cause, || {
            up.into()
        });
    }

    /// The bond is set to that from now on, whoever wants it: the one place that says so. Returns what it was set to.
    pub(crate) fn set_params(&self, cx: Cx<'_>, new: RcuBox<Arc<Params>>) -> Arc<Params> {
        let old = self.params.replace(cx.rtnl, new);
        self.put_down_options(cx, &old, &self.params.get(cx.rtnl));
        old
    }

    /// Puts down which options of the bond are others than they were.
    #[inline(never)]
    fn put_down_options(&self, cx: Cx<'_>, old: &Params, new: &Params) {
        for opt in Opt::ALL {
            // That is no setting: it is put down when it has another slave.
            if *opt == Opt::ActiveSlave {
                continue;
            }
            let value = |params| {
                with_params(self, cx, params, |view| {
                    options::fill(*opt, view).map(number)
                })
            };
            let (was, now) = (value(old), value(new));
            let other = match opt {
                Opt::Primary => old.primary != new.primary,
                Opt::ArpTargets => old.arp_targets != new.arp_targets,
                Opt::NsTargets => old.ns_targets != new.ns_targets,
                // One that only some modes show has not changed with the mode.
                _ => was.is_some() && now.is_some() && was != now,
            };
            if other {
                let values = (was.unwrap_or(0), now.unwrap_or(0));
                let why = Why::option(*opt);
                self.history.put(cx.itself(), What::Option, values, why);
            }
        }
    }

    /// Puts down which options of a slave a request is about to change.
    pub(crate) fn put_down_slave_options(&self, cx: Cx<'_>, slave: &Slave, change: &SlaveChange) {
        let priority = |prio: i32| u64::from(prio as u32);
        let changes = [
            (
                Opt::QueueId,
                u64::from(slave.queue_id.get()),
                change.queue_id.map(u64::from),
            ),
            (
                Opt::Prio,
                priority(slave.prio.get()),
                change.prio.map(priority),
            ),
            (
                Opt::ActorPortPrio,
                u64::from(slave.port_priority.get()),
                change.actor_port_prio.map(u64::from),
            ),
        ];
        for (opt, was, now) in changes {
            if let Some(now) = now.filter(|now| *now != was) {
                let (on, why) = (cx.on(&slave.dev), Why::option(opt));
                self.history.put(on, What::Option, (was, now), why);
            }
        }
    }
}

fn distributing(on: bool) -> Usability {
    match on {
        true => Usability::Distributing,
        false => Usability::Blocked,
    }
}
