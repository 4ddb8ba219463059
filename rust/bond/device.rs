// SPDX-License-Identifier: GPL-2.0

//! A bond, and its answers to the kernel.

use core::{num::NonZeroU32, sync::atomic::Ordering};

use compat::{abi, proc, trace::Drop};
use kernel::{str::CStr, sync::Arc};
use lag::{hash, mode::Mode, monitor::notify::Burst, report};
use netdev::{
    anchor::{Anchor, Fixed},
    device::{Addresses, HwAddr, Vlan},
    driver::{Fresh, Registering, Timed},
    event::Event,
    headers::Headers,
    hwtstamp::Timestamps,
    netlink::ExtAck,
    offers::Offers,
    ops::{Address, Counts, Mtu, RxMode, Vlans},
    prelude::*,
    rdma::XmitSlave,
    skb::{RxSkb, Sent, Skb},
    stats::Stats,
    time,
    upper::Receive,
    Driver, NetDevice, Rcu, Rtnl, Upper,
};
use wire::{
    lacpdu::SLOW_PROTOCOLS_GROUP,
    time::{Span, Time},
};

use crate::{flow::Flow, rx, settings, slave::Slave, state::Bond, tx::Listeners, Cx};

impl Driver for Bond {
    type Prefix = abi::Master;

    const DEVTYPE: Option<&'static CStr> = Some(c"bond");
    const ANCHOR: Fixed<Anchor<Bond>> = {
        static ANCHOR: Anchor<Bond> = Anchor::new();
        Fixed::new(&ANCHOR)
    };

    fn kind() -> &'static CStr {
        settings::identity().kind
    }

    fn offers(to: &mut Offers<'_, Bond>) {
        to.upper().link().port_link().xstats();
        to.counts().rx_mode().mtu().address().vlans();
        to.files()
            .port_files()
            .ioctls()
            .mii()
            .ethtool()
            .statistics();
        to.timestamps().xmit_slave().headers();
        to.netpoll().xdp().xfrm();
    }

    fn setup(dev: &Fresh<'_, Bond>) {
        dev.master();
        abi::begin(dev);
    }

    fn init(dev: &Registering<'_, Bond>, rtnl: &Rtnl) -> Result<KBox<Self>> {
        let bond = Bond::on_heap(dev.timer()?, dev.later()?)?;
        let cx = Cx { dev, rtnl };
        bond.offer_ipsec(cx);
        // Whoever looks finds a bond without slaves.
        bond.view.publish(rtnl, Some(bond.frame(cx, KVec::new())?));
        Ok(bond)
    }

    const NAME: &'static CStr = c"bond%d";

    fn tx_queues() -> u32 {
        settings::tx_queues()
    }

    fn uninit(&self, dev: &NetDevice, rtnl: &Rtnl) {
        let cx = Cx { dev, rtnl };
        self.live.alarm.disable();
        self.ending.set(rtnl, true);
        self.view.publish(rtnl, None);
        while let Some(slave) = self.slaves.get(rtnl, 0) {
            self.let_go(cx, &slave, true);
        }
        cx.report(report::Event::ReleasedAll);
    }

    fn open(&self, dev: &NetDevice, rtnl: &Rtnl) -> Result {
        let cx = Cx { dev, rtnl };
        if self.params.get(rtnl).mode == Mode::Lacp {
            self.each(cx)
                .for_each(|s| s.dev.dev_mc_add(rtnl, SLOW_PROTOCOLS_GROUP));
        }
        self.live.unsettled.store(true, Ordering::Relaxed);
        self.poll(cx);
        Ok(())
    }

    fn stop(&self, dev: &NetDevice, rtnl: &Rtnl) {
        let cx = Cx { dev, rtnl };
        self.sync_lacp(cx);
        self.forget_balance(cx);
        self.live.due.poll_every(Span::ZERO, time::now());
        self.monitor.stop();
        self.live.alarm.cancel();
        self.announce.peers.set(rtnl, Burst::Idle);
        self.announce.groups.set(rtnl, Burst::Idle);
        if self.params.get(rtnl).mode == Mode::Lacp {
            self.each(cx)
                .for_each(|s| s.dev.dev_mc_del(rtnl, SLOW_PROTOCOLS_GROUP));
        }
        for slave in self.listeners(rtnl) {
            slave.dev.dev_mc_unsync(rtnl, dev);
        }
    }

    #[inline]
    fn xmit(&self, skb: Skb, rcu: &Rcu) -> Sent {
        match self.view.read(rcu) {
            Some(view) => view.table.send(&self.live, skb, rcu),
            None => self.live.drop(skb, Drop::NoMemory),
        }
    }
}

impl Timed for Bond {
    fn on_timer(&self, dev: &NetDevice) {
        self.live.alarm.fired();
        let now = time::now();
        let due = &self.live.due;
        if due.lacp.take(now, Time::NEVER).is_some() {
            self.expire_lacp(dev);
        }
        if due.balance.take(now, Time::NEVER).is_some() {
            self.expire_balance(dev, now);
        }
        let patient = due.listen(now);
        let polls = due.takes_poll(now);
        let unsettled = self.live.unsettled.load(Ordering::Acquire);
        let mut wanted = due.commit.take(now, Time::NEVER).is_some();
        wanted |= unsettled && now >= due.for_wire();
        wanted |= Rcu::read(|rcu| match self.view.read(rcu) {
            Some(view) if view.arp.is_some() => self.judge_arp(dev, view, now, rcu),
            Some(view) => view.all.iter().any(|slave| slave.has_moved()),
            None => false,
        });
        wanted |= polls
            && Rcu::read(|rcu| {
                let all = self.view.read(rcu).map_or(&[][..], |view| &view.all);
                all.iter().any(|slave| slave.may_tell_speed())
            });
        if wanted {
            self.live.later.ask();
        } else if unsettled {
            self.live.alarm.by(due.for_wire());
        }
        self.live
            .alarm
            .by(due.next().min(patient).min(self.monitor.next_deadline()));
    }

    fn on_rtnl(&self, dev: &NetDevice, rtnl: &Rtnl) {
        if !self.ending.get(rtnl) {
            self.poll(Cx { dev, rtnl });
        }
    }
}

impl Upper for Bond {
    type Port = Slave;
    type PortPrefix = abi::Port;

    fn begin_port(&self, slave: &Slave, lower: &NetDevice, master: &NetDevice, to: &mut abi::Port) {
        abi::begin_port::<Bond>(to, lower, master, &slave.own_address, slave.own_mtu);
    }

    fn on_handler(lower: &NetDevice, rtnl: &Rtnl, there: bool) {
        abi::mark_port::<Bond>(lower, rtnl, there);
    }

    fn on_link(lower: &NetDevice, rtnl: &Rtnl, below: bool) {
        lower.mark_slave(rtnl, below);
    }

    fn own_event(dev: &NetDevice, event: Event, rtnl: &Rtnl) {
        proc::follow::<Bond>(dev, event, rtnl);
    }

    fn enslave(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result {
        self.take_in(Cx { dev, rtnl }, lower, ext)
    }

    fn release(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result {
        let cx = Cx { dev, rtnl };
        let Some(slave) = self.slave_of(cx, lower) else {
            cx.report_on(lower, report::Event::NotASlave);
            return Err(EINVAL);
        };
        self.let_go(cx, &slave, false);
        Ok(())
    }

    fn port_event(
        &self,
        dev: &NetDevice,
        slave: &Arc<Slave>,
        _lower: &NetDevice,
        event: Event,
        rtnl: &Rtnl,
    ) {
        let cx = Cx { dev, rtnl };
        match event {
            Event::Unregister => {
                self.let_go(cx, slave, true);
                // Nothing but such devices could be a slave of it.
                if !dev.is_ethernet() && self.slaves.is_empty(rtnl) && !dev.is_leaving() {
                    cx.report(report::Event::Destroyed);
                    dev.unregister_netdevice::<Bond>(rtnl);
                }
            }
            // The device's own lock may be held just now, and what a failover does to a device
            // takes it: the worker looks at the links as soon as RTNL is free.
            Event::Up | Event::Down | Event::Change => {
                slave.retrained.set(rtnl, true);
                self.live.later.ask();
            }
            // By the user: what is sent carries it.
            Event::ChangeAddr if self.is_balanced(rtnl) => {
                self.live.unsettled.store(true, Ordering::Release);
                self.live.later.ask();
            }
            // The primary is known by its name.
            Event::ChangeName if self.has_active(rtnl) => {
                let name = slave.dev.name();
                let primary = self.params.get(rtnl).primary;
                if primary.is_some_and(|p| p.as_bytes() == name.as_bytes()) {
                    cx.report(report::Event::Primary(&name));
                }
                self.choice.reconsider.set(rtnl, true);
                self.live.later.ask();
            }
            Event::FeatureChange if !self.in_features.replace(rtnl, true) => {
                dev.netdev_compute_master_upper_features(rtnl);
                self.in_features.set(rtnl, false);
            }
            Event::XdpFeatureChange => self.show_xdp_features(cx),
            Event::ResendIgmp => {
                let _ = dev.call_netdevice_notifiers(rtnl, netdev::device::Notice::ResendIgmp);
            }
            _ => {}
        }
    }

    #[inline]
    fn takes(dev: &NetDevice, slave: &Slave, skb: &RxSkb<'_>) -> bool {
        rx::takes(dev, slave, skb)
    }

    fn receive(&self, dev: &NetDevice, slave: &Slave, skb: &mut RxSkb<'_>, rcu: &Rcu) -> Receive {
        self.receive_frame(dev, slave, skb, rcu)
    }

    fn for_each_lower(&self, rcu: &Rcu, f: &mut dyn FnMut(&NetDevice)) {
        for slave in self.view.read(rcu).map_or(&[][..], |v| &v.all) {
            f(&slave.dev);
        }
    }

    fn device_of(slave: &Slave) -> &NetDevice {
        &slave.dev
    }
}

impl Counts for Bond {
    fn stats(&self, dev: &NetDevice, to: &mut Stats, rcu: &Rcu) {
        let mut total = self.total.lock_nested(dev.levels_below());
        for slave in self.view.read(rcu).map_or(&[][..], |v| &v.all) {
            // Bonds may lie below one another: nothing of ours is on the stack.
            slave.count(&mut total, to);
        }
        *to = *total;
    }
}

impl RxMode for Bond {
    fn change_rx_flags(&self, promisc: i32, allmulti: i32, rtnl: &Rtnl) {
        for slave in self.listeners(rtnl) {
            // A device that refuses stays as it is, as a bare device would.
            if promisc != 0 {
                let _ = slave.dev.dev_set_promiscuity(rtnl, promisc);
            }
            if allmulti != 0 {
                let _ = slave.dev.dev_set_allmulti(rtnl, allmulti);
            }
        }
    }

    fn sync_addresses(&self, addresses: &Addresses<'_>, rcu: &Rcu) {
        let Some(view) = self.view.read(rcu) else {
            return;
        };
        match view.table.listeners() {
            Listeners::Active(None) => {}
            Listeners::Active(Some(slave)) => addresses.sync_to(&slave.dev, true),
            Listeners::All => {
                for slave in view.all.iter() {
                    addresses.sync_to(&slave.dev, false);
                }
            }
        }
    }
}

impl Mtu for Bond {
    fn change_mtu(&self, dev: &NetDevice, mtu: u32, rtnl: &Rtnl) -> Result {
        let cx = Cx { dev, rtnl };
        self.on_all(
            cx,
            |s| s.dev.dev_set_mtu(rtnl, mtu),
            |s| {
                let _ = s.dev.dev_set_mtu(rtnl, dev.mtu());
            },
        )?;
        dev.record_mtu(rtnl, mtu);
        Ok(())
    }
}

impl Address for Bond {
    fn change_address(&self, dev: &NetDevice, addr: &mut HwAddr, rtnl: &Rtnl) -> Result {
        let cx = Cx { dev, rtnl };
        if self.slaves_keep_address(rtnl) {
            // The address follows the active slave. Native says yes and does nothing, too.
            return Ok(());
        }
        if dev.is_ethernet() && !addr.mac().is_valid_unicast() {
            return Err(EADDRNOTAVAIL);
        }
        if self.is_balanced(rtnl) {
            return self.change_balanced_address(cx, addr);
        }
        // The bond's own stays the old one until all have the new one.
        self.on_all(
            cx,
            |s| s.dev.dev_set_mac_address(rtnl, addr, None),
            |s| {
                let _ = s
                    .dev
                    .dev_set_mac_address(rtnl, &mut dev.address(rtnl), None);
            },
        )?;
        dev.dev_addr_set(rtnl, addr);
        self.borrowed.set(rtnl, false);
        self.sync_lacp(cx);
        Ok(())
    }
}

impl Vlans for Bond {
    fn add_vlan(&self, dev: &NetDevice, vlan: Vlan, rtnl: &Rtnl) -> Result {
        let cx = Cx { dev, rtnl };
        self.on_all(
            cx,
            |s| s.dev.vlan_vid_add(rtnl, vlan),
            |s| s.dev.vlan_vid_del(rtnl, vlan),
        )
    }

    fn del_vlan(&self, dev: &NetDevice, vlan: Vlan, rtnl: &Rtnl) {
        let cx = Cx { dev, rtnl };
        self.forget_vlan(cx, vlan.id());
        for slave in self.each(cx) {
            slave.dev.vlan_vid_del(rtnl, vlan);
        }
    }
}

impl Headers for Bond {
    fn header_lower<'a>(&self, rcu: &'a Rcu) -> Option<&'a NetDevice> {
        let view = self.view.read(rcu)?;
        let slave = view.active.as_ref().or_else(|| view.all.first())?;
        Some(&slave.dev)
    }
}

impl Timestamps for Bond {
    fn stamping(&self, rtnl: &Rtnl) -> Option<Arc<Slave>> {
        self.choice.active.share(rtnl)
    }
}

impl XmitSlave for Bond {
    fn lower_of<'a>(&'a self, skb: &Skb, any: bool, rcu: &'a Rcu) -> Option<&'a NetDevice> {
        let view = self.view.read(rcu)?;
        match view.table.policy() {
            Some(policy) if any => {
                let count = NonZeroU32::new(view.all.len() as u32)?;
                let at = hash::pick(skb.flow(policy), count) as usize;
                Some(&view.all.get(at)?.dev)
            }
            _ => Some(view.table.pick(&self.live, skb, rcu)?.device()),
        }
    }
}

impl Bond {
    /// Changes the address in balance-tlb and -alb.
    #[inline(never)]
    fn change_balanced_address(&self, cx: Cx<'_>, addr: &HwAddr) -> Result {
        self.on_all(
            cx,
            |s| self.follow_address(cx, s, addr),
            |s| {
                let _ = self.follow_address(cx, s, &cx.dev.address(cx.rtnl));
            },
        )?;
        cx.dev.dev_addr_set(cx.rtnl, addr);
        self.borrowed.set(cx.rtnl, false);
        self.take_over(cx, None);
        self.publish(cx);
        Ok(())
    }

    /// The slaves that hear what the bond listens to: the active one, or all.
    pub(crate) fn listeners<'a>(&'a self, rtnl: &'a Rtnl) -> impl Iterator<Item = Arc<Slave>> + 'a {
        let only = self
            .has_active(rtnl)
            .then(|| self.choice.active.share(rtnl));
        self.slaves.iter(rtnl).filter(move |s| match &only {
            Some(active) => active.as_ref().is_some_and(|a| Arc::ptr_eq(a, s)),
            None => true,
        })
    }

    /// fail_over_mac keeps the bond from setting its slaves' addresses.
    pub(crate) fn slaves_keep_address(&self, rtnl: &Rtnl) -> bool {
        let params = self.params.get(rtnl);
        params.mode == Mode::ActiveBackup && params.fail_over_mac != lag::options::FailOverMac::None
    }

    /// Does something to all slaves, or to none: `undo` takes it back where one refuses.
    #[inline(never)]
    pub(crate) fn on_all(
        &self,
        cx: Cx<'_>,
        mut act: impl FnMut(&Slave) -> Result,
        mut undo: impl FnMut(&Slave),
    ) -> Result {
        for (done, slave) in self.each(cx).enumerate() {
            if let Err(e) = act(&slave) {
                self.undo_first(cx, done, &mut undo);
                return Err(e);
            }
        }
        Ok(())
    }

    /// Calls `undo` for the first slaves, in a frame of its own: what succeeds goes deep.
    #[cold]
    #[inline(never)]
    fn undo_first(&self, cx: Cx<'_>, count: usize, undo: &mut dyn FnMut(&Slave)) {
        self.each(cx).take(count).for_each(|s| undo(&s));
    }
}

impl Slave {
    /// Leaves what the device has counted until now out of the bond's counters.
    #[inline(never)]
    pub(crate) fn count_from_here(&self) {
        let mut before = Stats::ZERO;
        self.dev.dev_get_stats(&mut before);
        *self.counted.lock() = before;
    }

    /// Adds what the device has counted since the last time. `total`, the bond's, is locked; `room`
    /// is for what the device says.
    pub(crate) fn count(&self, total: &mut Stats, room: &mut Stats) {
        self.dev.dev_get_stats(room);
        total.add_since(room, &mut self.counted.lock());
    }
}
