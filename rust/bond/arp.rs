// SPDX-License-Identifier: GPL-2.0

//! ARP and neighbour monitoring: hands to `lag::monitor::arp` what is heard, and asks for it.

use core::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    sync::atomic::{AtomicBool, Ordering},
};

use kernel::sync::Arc;
use lag::{
    history::Cause,
    mode::Mode,
    monitor::{
        arp::{self, Arp, Ear, Kind, Nd, Seat, Settings, Sighting, Variant},
        mii::{Mii, Transition, Waiver},
        Status,
    },
    options::{ArpValidate, Params, Targets},
    report::{Event, Part, Watch},
};
use netdev::{prelude::*, probe, skb::RxSkb, time, NetDevice, Rcu};
use wire::{
    arp::{Op, Repr},
    eth, ndisc,
    time::Time,
};

use crate::{enslave::delays, link::tell_link, report, slave::Slave, state::Bond, tx::View, Cx};

/// Bytes of an IPv6 header and of a neighbour discovery message up to its options, behind as many
/// VLAN tags as are looked behind.
const ND_LEN: usize = 64 + eth::TAGS_MAX * eth::TAG;

/// Somebody was told that there is no route to a target: once is enough.
static NO_ROUTE: AtomicBool = AtomicBool::new(false);
/// The same of IPv6.
static NO_ROUTE6: AtomicBool = AtomicBool::new(false);

/// Makes the monitor's settings of the options, on the heap.
#[inline(never)]
fn wanted(params: &Params) -> Result<Option<Arc<Settings>>> {
    let settings = Settings::of(params, params.arp_adaptive);
    Ok(settings.map(|s| Arc::new(s, GFP_KERNEL)).transpose()?)
}

/// By which questions links are watched.
pub(crate) fn asked_by(params: &Params) -> Cause {
    match params.arp_targets.is_empty() && !params.ns_targets.is_empty() {
        true => Cause::Ns,
        false => Cause::Arp,
    }
}

/// Carries out what the monitor wants, in a read-side section.
struct Orders<'a> {
    bond: &'a Bond,
    dev: &'a NetDevice,
    view: &'a View,
    rcu: &'a Rcu,
    /// The bond has to follow.
    moved: bool,
    /// The active slave may have to be another one.
    news: bool,
    watch: Watch,
}

impl arp::Sink for Orders<'_> {
    fn changed(&mut self, at: usize, transition: Transition) {
        let Some(slave) = self.view.all.get(at) else {
            return;
        };
        self.moved = true;
        // A candidate comes and goes; that is no news.
        if matches!(transition.to, Status::Up | Status::Down) {
            tell_link(
                &self.bond.history,
                self.dev,
                slave,
                &transition,
                self.watch,
                Part::None,
                asked_by(self.bond.params.read(self.rcu)),
            );
            slave.arp_moved.store(true, Ordering::Release);
            self.news = true;
        } else {
            self.bond.live.unsettled.store(true, Ordering::Release);
        }
    }

    fn probe(&mut self, at: usize) {
        let Some(slave) = self.view.all.get(at) else {
            return;
        };
        let (params, rcu) = (self.bond.params.read(self.rcu), self.rcu);
        let mut sent = false;
        let validates = params.arp_validate != ArpValidate::None;
        let told = |no_route: &AtomicBool, target: &dyn fmt::Display, v6| {
            if validates && !no_route.swap(true, Ordering::Relaxed) {
                report(self.dev, None, &Event::NoRoute(target, v6));
            }
        };
        for target in params.arp_targets.iter().map(Ipv4Addr::from) {
            let asked = probe::arp(self.dev, &slave.dev, target, rcu);
            sent |= asked.sent;
            if !asked.routed {
                told(&NO_ROUTE, &target, false);
            }
        }
        for target in params.ns_targets.iter().map(Ipv6Addr::from) {
            let asked = probe::neighbour(self.dev, &slave.dev, target, rcu);
            sent |= asked.sent;
            if !asked.routed {
                told(&NO_ROUTE6, &target, true);
            }
        }
        if sent {
            slave.arp.sent(time::now());
        }
    }
}

impl View {
    /// By what links are watched, for a line about them: as it is when a round begins.
    fn watch(&self, settings: &Settings) -> Watch {
        match settings.variant {
            Variant::ActiveBackup => Watch::Arp,
            Variant::LoadBalance => Watch::Balanced {
                first: !self.all.iter().any(|s| s.arp.status() == Status::Up),
            },
        }
    }

    /// The slaves as the monitor sees them.
    fn seats(&self) -> impl Iterator<Item = Seat<&Slave>> + Clone + '_ {
        self.all.iter().map(|slave| Seat {
            carrier: slave.dev.can_send(),
            active: self.active.as_ref().is_some_and(|a| Arc::ptr_eq(a, slave)),
            port: &**slave,
        })
    }
}

impl Bond {
    /// Starts, changes or ends the monitor as the options say.
    #[inline(never)]
    pub(crate) fn sync_arp(&self, cx: Cx<'_>) {
        let params = self.params.get(cx.rtnl);
        let old = self.monitor.settings(cx.rtnl);
        let Ok(new) = wanted(&params) else {
            return self.try_again(cx);
        };
        let now = time::now();
        match (&old, &new) {
            (None, None) => {}
            (Some(old), Some(new)) if **old == **new => {}
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
                slave.set_link(cx.rtnl, Mii::new(up, delays(&params), &mut none, now));
            }),
        }
        if old.as_deref() != new.as_deref() {
            self.monitor.settings.set(cx.rtnl, new);
        }
        let rounds = &self.monitor.rounds;
        let on = cx.dev.netif_running() && self.monitor.settings(cx.rtnl).is_some();
        match (rounds.next_deadline() != Time::NEVER, on) {
            (false, true) => rounds.start(now),
            (true, false) => rounds.stop(),
            _ => {}
        }
        let on = self.monitor.settings(cx.rtnl).is_some();
        for slave in self.each(cx) {
            slave.by_arp.set(cx.rtnl, on);
            self.join_targets(cx, &slave, &params);
        }
    }

    /// A slave joins: its link is as its carrier says, until it has been asked.
    pub(crate) fn start_arp(&self, cx: Cx<'_>, slave: &Slave) {
        let settings = self.monitor.settings(cx.rtnl);
        slave.by_arp.set(cx.rtnl, settings.is_some());
        if let Some(settings) = settings {
            slave
                .arp
                .start(&settings, slave.dev.can_send(), time::now());
        }
    }

    /// A backup hears the active slave's solicitations only if it listens to their groups.
    #[inline(never)]
    fn join_targets(&self, cx: Cx<'_>, slave: &Arc<Slave>, params: &Params) {
        let active = self.choice.active.share(cx.rtnl);
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
            slave.dev.dev_mc_del(cx.rtnl, group(target));
        }
        for target in wanted.iter() {
            slave.dev.dev_mc_add(cx.rtnl, group(target));
        }
    }

    /// A link without carrier is down at once.
    pub(crate) fn lose_carrier(&self, dev: &NetDevice, slave: &Slave, watch: Watch) {
        if slave.dev.can_send() {
            return;
        }
        if let Some(transition) = slave.arp.carrier_lost() {
            tell_link(
                &self.history,
                dev,
                slave,
                &transition,
                watch,
                Part::None,
                Cause::Carrier,
            );
            slave.arp_moved.store(true, Ordering::Release);
        }
    }

    /// Runs a round if one is due. Returns whether the bond has to follow.
    pub(crate) fn judge_arp(&self, dev: &NetDevice, view: &View, now: Time, rcu: &Rcu) -> bool {
        let Some(settings) = view.arp.as_deref() else {
            return false;
        };
        let watch = view.watch(settings);
        for slave in &view.all {
            self.lose_carrier(dev, slave, watch);
        }
        if let Some(late) = self.monitor.rounds.due(settings, now) {
            let mut orders = Orders {
                bond: self,
                dev,
                view,
                rcu,
                moved: false,
                news: false,
                watch,
            };
            arp::excuse_lateness(settings, view.seats(), late, now);
            arp::inspect(settings, view.seats(), now, &mut orders);
            if orders.news {
                self.monitor.asks.store(true, Ordering::Release);
            }
            // Without an active slave one may just have been found.
            if !orders.news || view.active.is_some() {
                arp::probe(settings, view.seats(), now, &mut orders);
            }
            if orders.moved {
                return true;
            }
        }
        view.all
            .iter()
            .any(|slave| slave.arp_moved.load(Ordering::Relaxed))
    }

    /// The active slave was chosen anew in the middle of a round: asks the targets.
    pub(crate) fn ask_targets(&self, cx: Cx<'_>, now: Time) {
        if !self.monitor.asks.swap(false, Ordering::AcqRel) {
            return;
        }
        let moved = Rcu::read(|rcu| {
            let Some(view) = self.view.read(rcu) else {
                return false;
            };
            let Some(settings) = view.arp.as_deref() else {
                return false;
            };
            let watch = view.watch(settings);
            let mut orders = Orders {
                bond: self,
                dev: cx.dev,
                view,
                rcu,
                moved: false,
                news: false,
                watch,
            };
            arp::probe(settings, view.seats(), now, &mut orders);
            orders.moved
        });
        if moved {
            self.refresh(cx, true);
        }
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
        let trust = || {
            ear.trust(
                active.map(AsRef::as_ref),
                view.all.iter().map(|s| &**s),
                now,
            )
        };
        let plain = |kind| ear.frame(kind, &self.known, skb.source(), skb.is_to_host());
        let mut buf = [0u8; ND_LEN];
        // A target may be behind a VLAN on a VLAN: only the outer tag travels outside of the bytes.
        let (protocol, payload) = eth::untag(skb.protocol(), skb.copy_payload(&mut buf));
        let sighting: Sighting = match protocol {
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
