// SPDX-License-Identifier: GPL-2.0

//! ARP and neighbour monitoring: hands to `lag::monitor::arp` what is heard, and asks for it.

use core::net::{Ipv4Addr, Ipv6Addr};

use kernel::{prelude::*, sync::Arc};
use lag::{
    mode::Mode,
    monitor::{
        arp::{self, Arp, Ear, Kind, Nd, Seat, Settings, Sighting},
        mii::{Mii, Transition, Waiver},
        Status,
    },
    options::{ArpValidate, Params, Targets},
    time::Time,
    wire::{
        arp::{Op, Repr},
        eth, ndisc,
    },
};
use net::{probe, rtnl::RtnlCell, skb::RxSkb, time, NetDevice};

use crate::{device::Bond, enslave::delays, slave::Slave, view::View, Cx};

/// Bytes of an IPv6 header and of a neighbour discovery message up to its options.
const ND_LEN: usize = 64;

/// The monitor of one bond.
pub(crate) struct Monitor {
    /// What it is told to do; none while it is off.
    settings: RtnlCell<Option<Arc<Settings>>>,
    rounds: RtnlCell<arp::Rounds>,
}

impl Monitor {
    pub(crate) fn new() -> Self {
        Monitor {
            settings: RtnlCell::new(None),
            rounds: RtnlCell::new(arp::Rounds::default()),
        }
    }

    /// What it is told to do; none while it is off.
    pub(crate) fn settings(&self, cx: Cx<'_>) -> Option<Arc<Settings>> {
        self.settings.get(cx.rtnl)
    }

    /// When it wants to run.
    pub(crate) fn next_deadline(&self, cx: Cx<'_>) -> Option<Time> {
        self.rounds.get(cx.rtnl).next_deadline()
    }

    /// The bond goes down.
    pub(crate) fn stop(&self, cx: Cx<'_>) {
        let mut rounds = self.rounds.get(cx.rtnl);
        rounds.stop();
        self.rounds.set(cx.rtnl, rounds);
    }
}

/// Collects what the monitor wants, to be done when it has spoken.
struct Orders<'a> {
    bond: &'a Bond,
    cx: Cx<'a>,
    changed: bool,
    reselect: bool,
}

impl arp::Sink for Orders<'_> {
    fn changed(&mut self, at: usize, transition: Transition) {
        let Some(slave) = self.bond.slaves.get(self.cx.rtnl, at) else {
            return;
        };
        self.changed = true;
        // A candidate comes and goes; that is no news.
        if matches!(transition.to, Status::Up | Status::Down) {
            self.bond.tell_link(self.cx, &slave, &transition);
            self.reselect |= self.bond.needs_choice(self.cx, at);
        }
    }

    fn probe(&mut self, at: usize) {
        let Some(slave) = self.bond.slaves.get(self.cx.rtnl, at) else {
            return;
        };
        let params = self.bond.params.get(self.cx.rtnl);
        let (dev, rtnl) = (self.cx.dev, self.cx.rtnl);
        let mut sent = false;
        for target in params.arp_targets.iter() {
            sent |= probe::arp(dev, &slave.dev, Ipv4Addr::from(target), rtnl);
        }
        for target in params.ns_targets.iter() {
            sent |= probe::neighbour(dev, &slave.dev, Ipv6Addr::from(target), rtnl);
        }
        if sent {
            slave.arp.sent(time::now());
        }
    }
}

impl Bond {
    fn seats<'a>(&'a self, cx: Cx<'a>) -> impl Iterator<Item = Seat<Heard>> + Clone + 'a {
        (0..usize::MAX).map_while(move |at| {
            let slave = self.slaves.get(cx.rtnl, at)?;
            let active = self.active.get(cx.rtnl);
            Some(Seat {
                carrier: slave.dev.can_send(),
                active: active.is_some_and(|a| Arc::ptr_eq(&a, &slave)),
                port: Heard(slave),
            })
        })
    }

    /// Starts, changes or ends the monitor as the options say.
    pub(crate) fn sync_arp(&self, cx: Cx<'_>) {
        let params = self.params.get(cx.rtnl);
        let old = self.monitor.settings(cx);
        let new = Settings::of(&params, params.arp_adaptive);
        let now = time::now();
        match (&old, &new) {
            (None, None) => {}
            (Some(old), Some(new)) if **old == *new => {}
            (None, Some(new)) => self.each(cx).for_each(|slave| {
                slave.arp.start(new, slave.dev.can_send(), now);
            }),
            (Some(old), Some(new)) => {
                self.known.retarget(old, new);
                self.each(cx)
                    .for_each(|slave| slave.arp.retarget(old, new, now));
            }
            (Some(_), None) => self.each(cx).for_each(|slave| {
                let mut none = Waiver::none();
                let up = slave.dev.can_send();
                slave
                    .link
                    .set(cx.rtnl, Mii::new(up, delays(&params), &mut none, now));
            }),
        }
        if old.as_deref() != new.as_ref() {
            let Ok(new) = new.map(|s| Arc::new(s, GFP_KERNEL)).transpose() else {
                self.try_again(cx);
                return;
            };
            self.monitor.settings.set(cx.rtnl, new);
        }
        let mut rounds = self.monitor.rounds.get(cx.rtnl);
        let on = cx.dev.is_running() && self.monitor.settings(cx).is_some();
        match (rounds.next_deadline(), on) {
            (None, true) => rounds.start(now),
            (Some(_), false) => rounds.stop(),
            _ => {}
        }
        self.monitor.rounds.set(cx.rtnl, rounds);
        let on = self.monitor.settings(cx).is_some();
        for slave in self.each(cx) {
            slave.by_arp.set(cx.rtnl, on);
            self.join_targets(cx, &slave, &params);
        }
    }

    /// A slave joins: its link is as its carrier says, until it has been asked.
    pub(crate) fn start_arp(&self, cx: Cx<'_>, slave: &Slave) {
        let settings = self.monitor.settings(cx);
        slave.by_arp.set(cx.rtnl, settings.is_some());
        if let Some(settings) = settings {
            slave
                .arp
                .start(&settings, slave.dev.can_send(), time::now());
        }
    }

    /// A backup hears the active slave's solicitations only if it listens to their groups.
    fn join_targets(&self, cx: Cx<'_>, slave: &Arc<Slave>, params: &Params) {
        let active = self.active.get(cx.rtnl);
        let is_active = active.is_some_and(|a| Arc::ptr_eq(&a, slave));
        let listens = params.mode == Mode::ActiveBackup
            && params.arp_validate != ArpValidate::None
            && !is_active;
        let wanted = if listens {
            &params.ns_targets
        } else {
            &Targets::NONE
        };
        self.listen_for(cx, slave, wanted);
    }

    /// Has a slave listen to the groups of those targets, and of no others.
    pub(crate) fn listen_for(&self, cx: Cx<'_>, slave: &Slave, wanted: &Targets<[u8; 16]>) {
        if slave.groups.is(cx.rtnl, wanted) {
            return;
        }
        let had = slave.groups.replace(cx.rtnl, *wanted);
        let group = |t: [u8; 16]| eth::ipv6_group(ndisc::solicited_node(Ipv6Addr::from(t)));
        for target in had.iter() {
            slave.dev.leave(cx.rtnl, group(target));
        }
        for target in wanted.iter() {
            slave.dev.join(cx.rtnl, group(target));
        }
    }

    /// Runs a round if one is due. Returns whether anything has changed, and whether the active
    /// slave has to be chosen anew.
    pub(crate) fn judge_arp(&self, cx: Cx<'_>, settings: &Settings, now: Time) -> (bool, bool) {
        let mut orders = Orders {
            bond: self,
            cx,
            changed: false,
            reselect: false,
        };
        for (at, slave) in self.each(cx).enumerate() {
            if !slave.dev.can_send() {
                if let Some(transition) = slave.arp.carrier_lost() {
                    arp::Sink::changed(&mut orders, at, transition);
                }
            }
        }
        let mut rounds = self.monitor.rounds.get(cx.rtnl);
        let due = rounds.due(settings, now);
        self.monitor.rounds.set(cx.rtnl, rounds);
        if due {
            arp::inspect(settings, self.seats(cx), now, &mut orders);
            if core::mem::take(&mut orders.reselect) {
                self.reselect(cx);
            }
            arp::probe(settings, self.seats(cx), now, &mut orders);
        }
        (orders.changed, orders.reselect)
    }

    /// Notes what a frame proves about the slave that it came in on.
    #[cold]
    pub(crate) fn hear(
        &self,
        dev: &NetDevice,
        view: &View,
        settings: &Settings,
        slave: &Slave,
        skb: &RxSkb<'_>,
    ) {
        if skb.is_foreign() {
            return;
        }
        let now = time::now();
        let active = view.active.as_deref();
        let ear = Ear {
            settings,
            port: &slave.arp,
            active: active.is_some_and(|a| core::ptr::eq(a, slave)),
        };
        let trust = || ear.trust(active.map(|a| &a.arp), view.all.iter().map(|s| &s.arp), now);
        let plain = |kind| ear.frame(kind, &self.known, skb.source(), skb.is_to_host());
        let mut buf = [0u8; ND_LEN];
        let payload = skb.copy_payload(&mut buf);
        let sighting: Sighting = match skb.protocol() {
            eth::ARP => match Repr::parse(payload) {
                Ok(seen) => {
                    let seen = Arp {
                        reply: seen.op == Op::Reply,
                        sender: seen.sender_ip.octets(),
                        target: seen.target_ip.octets(),
                    };
                    ear.arp(trust(), seen, |ip| probe::has_address(dev, ip.into()))
                }
                Err(_) => plain(Kind::Discovery),
            },
            eth::IPV6 => match ndisc::Packet::new(payload) {
                Ok(packet) => {
                    let seen = Nd {
                        // The type is the first octet behind the header.
                        advertisement: payload.get(40) == Some(&136),
                        src: packet.src().octets(),
                        dst: packet.dst().octets(),
                    };
                    ear.nd(trust(), seen, |ip| probe::has_address6(dev, ip.into()))
                }
                Err(_) => plain(Kind::Other),
            },
            _ => plain(Kind::Other),
        };
        if let Sighting::Answer(slot) = sighting {
            self.known.learn(slot, skb.source());
        }
        slave.arp.saw(settings, sighting, now);
    }
}

/// A slave's port, kept alive.
#[derive(Clone)]
pub(crate) struct Heard(Arc<Slave>);

impl AsRef<arp::Port> for Heard {
    fn as_ref(&self) -> &arp::Port {
        &self.0.arp
    }
}
