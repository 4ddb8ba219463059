// SPDX-License-Identifier: GPL-2.0

//! The slaves of balance-tlb and balance-alb: each sends by an address of its own.

use compat::trace::Drop;
use core::num::NonZeroU32;

use kernel::sync::Arc;
use lag::{
    balance::{
        self,
        tlb::{Candidate, Load},
        SlaveId,
    },
    hash::{self, Policy},
};
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};
use wire::mac::Mac;

use super::{Exit, Subject};
use crate::{flow::Hashed, keeps::balance::Balance, live::Live, slave::Slave};

/// A slave, and the address that it sends by.
#[derive(Clone)]
pub(crate) struct Lane {
    /// The slave.
    pub(crate) slave: Hop<Slave>,
    /// It, when the table was built.
    view: balance::Slave,
    /// The address that it puts into its frames; none for the active slave: like the bond's own,
    /// they carry the bond's address.
    source: Option<Mac>,
}

/// All slaves, and which of them send.
pub(crate) struct Lanes {
    /// Loads, clients and timers.
    pub(crate) balance: Arc<Balance>,
    /// All slaves, in the order in which they came.
    all: KVec<Lane>,
    /// Those whose link is up, in that order.
    usable: KVec<Lane>,
    /// The same, each where its number says, counted from 1.
    places: KVec<Option<Lane>>,
    /// The active slave.
    active: Option<Lane>,
    /// The address of the bond.
    pub(crate) mac: Mac,
    /// The hash that tells flows apart.
    pub(super) policy: Policy,
    /// By load, not by hash. tlb_dynamic_lb.
    dynamic: bool,
}

impl balance::Bond for Lanes {
    fn slaves(&self) -> impl Iterator<Item = balance::Slave> {
        self.all.iter().map(|lane| balance::Slave {
            can_tx: lane.view.can_tx && lane.slave.device().can_send(),
            ..lane.view
        })
    }

    fn active(&self) -> Option<SlaveId> {
        self.active.as_ref().map(|lane| lane.view.id)
    }

    fn mac(&self) -> Mac {
        self.mac
    }
}

impl Lanes {
    /// The slaves as they are.
    pub(super) fn build(of: &Subject<'_>) -> Result<Self> {
        let mut lanes = Lanes {
            balance: of.balance.clone().ok_or(ENOMEM)?,
            all: KVec::with_capacity(of.slaves.len(), GFP_KERNEL)?,
            usable: KVec::with_capacity(of.slaves.len(), GFP_KERNEL)?,
            places: KVec::new(),
            active: None,
            mac: of.mac,
            policy: of.params.xmit_policy,
            dynamic: of.params.tlb_dynamic_lb,
        };
        for slave in of.slaves {
            let is_active = of.active.is_some_and(|a| Arc::ptr_eq(a, slave));
            let view = slave.balanced(of.rtnl);
            let lane = Lane {
                slave: Hop::new(slave.clone()),
                view,
                source: (!is_active).then_some(view.mac),
            };
            if slave.is_usable() {
                lanes.place(&lane)?;
                lanes.usable.push(lane.clone(), GFP_KERNEL)?;
            }
            if is_active {
                lanes.active = Some(lane.clone());
            }
            lanes.all.push(lane, GFP_KERNEL)?;
        }
        Ok(lanes)
    }

    fn place(&mut self, lane: &Lane) -> Result {
        let at = usize::from(lane.view.id.0.get() - 1);
        while self.places.len() <= at {
            self.places.push(None, GFP_KERNEL)?;
        }
        if let Some(place) = self.places.get_mut(at) {
            *place = Some(lane.clone());
        }
        Ok(())
    }

    /// The slave with that number, if its link is up and it can send.
    #[inline]
    fn ready(&self, id: SlaveId) -> Option<&Lane> {
        let at = usize::from(id.0.get()).wrapping_sub(1);
        let lane = self.places.get(at)?.as_ref()?;
        lane.slave.device().can_send().then_some(lane)
    }

    /// The active slave.
    pub(crate) fn active_slave(&self) -> Option<&Slave> {
        self.active.as_ref().map(|lane| &*lane.slave)
    }

    /// The slave with that number.
    pub(crate) fn find(&self, id: SlaveId) -> Option<&Lane> {
        self.all.iter().find(|lane| lane.view.id == id)
    }

    /// The address is that of a slave that does not receive just now.
    #[cold]
    pub(crate) fn is_orphan(&self, mac: Mac) -> bool {
        let mut lanes = self.all.iter();
        lanes.any(|lane| lane.view.mac == mac && !lane.slave.device().can_send())
    }

    /// The slaves that can send.
    pub(crate) fn ready_lanes(&self) -> impl Iterator<Item = &Lane> {
        self.all.iter().filter(|l| l.slave.device().can_send())
    }

    /// There are slaves, and what they carry is dealt out anew from time to time.
    pub(crate) fn has_periods(&self) -> bool {
        let dynamic = self.balance.is_alb() || self.dynamic;
        dynamic && !self.all.is_empty()
    }

    /// Returns the load of each slave.
    pub(crate) fn loads(&self) -> impl Iterator<Item = &Load> {
        self.all.iter().map(|lane| &lane.slave.load)
    }

    /// Sends a packet that may not be spread, or that no slave was found for.
    pub(super) fn send_active<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let Some(active) = &self.active else {
            return live.drop(skb, Drop::NoSlave);
        };
        if self.dynamic {
            self.balance.counters.this(rcu).count_unbalanced(skb.len());
        }
        if active.slave.device().can_send() {
            return E::send(skb, &active.slave, rcu);
        }
        live.hurry();
        match self.usable.iter().find(|l| l.slave.device().can_send()) {
            Some(lane) => lane.send::<E>(live, skb, rcu),
            None => live.drop(skb, Drop::NoSlave),
        }
    }

    /// Sends a packet by load, as one of those with that key.
    #[inline(always)]
    pub(super) fn spread<E: Exit>(&self, bucket: u8, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let holder = self.balance.table.holder(bucket);
        match holder.and_then(|id| self.ready(id)) {
            Some(lane) => self.send_counted::<E>(lane, bucket, live, skb, rcu),
            None => self.deal::<E>(bucket, live, skb, rcu),
        }
    }

    /// Deals a bucket to a slave, and sends a packet of it.
    #[cold]
    fn deal<E: Exit>(&self, bucket: u8, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let ready = |lane: &&Lane| lane.slave.device().can_send();
        let found = self.balance.table.choose(
            bucket,
            |id| self.ready(id),
            || {
                if !self.usable.iter().all(|lane| ready(&lane)) {
                    live.hurry();
                }
                self.usable.iter().filter(ready).map(|lane| Candidate {
                    id: lane.view.id,
                    speed: lane.view.speed,
                    load: &lane.slave.load,
                })
            },
        );
        match found {
            Some(lane) => self.send_counted::<E>(lane, bucket, live, skb, rcu),
            None => self.send_active::<E>(live, skb, rcu),
        }
    }

    #[inline]
    fn send_counted<E: Exit>(
        &self,
        lane: &Lane,
        bucket: u8,
        live: &Live,
        skb: Skb,
        rcu: &Rcu,
    ) -> Sent {
        self.balance.counters.this(rcu).count(bucket, skb.len());
        lane.send::<E>(live, skb, rcu)
    }

    /// The slave that would send a packet of that bucket, for who only asks.
    pub(super) fn ask_bucket(&self, bucket: u8) -> Option<&Slave> {
        let ready = |lane: &&Lane| lane.slave.device().can_send();
        let candidates = self.usable.iter().filter(ready).map(|lane| Candidate {
            id: lane.view.id,
            speed: lane.view.speed,
            load: &lane.slave.load,
        });
        let found = self
            .balance
            .table
            .would_choose(bucket, |id| self.ready(id), candidates);
        found.map_or_else(|| self.ask_active(), |lane| Some(&lane.slave))
    }

    /// The slave that would send a packet with that hash, and its place.
    pub(super) fn ask_flow(&self, hash: u32) -> (Option<&Slave>, u32) {
        let Some(count) = NonZeroU32::new(self.usable.len() as u32) else {
            return (self.ask_active(), 0);
        };
        let at = hash::pick(hash, count);
        let (before, from) = self
            .usable
            .split_at_checked(at as usize)
            .unwrap_or_default();
        let mut lanes = Iterator::chain(from.iter(), before);
        let found = lanes.find(|lane| lane.slave.device().can_send());
        (found.map(|lane| &*lane.slave), at)
    }

    /// The slave that would send a packet which may not be spread.
    pub(super) fn ask_active(&self) -> Option<&Slave> {
        let active = self.active.as_ref()?;
        let can_send = |lane: &&Lane| lane.slave.device().can_send();
        let found = Iterator::chain([active].into_iter(), self.usable.iter()).find(can_send);
        found.map(|lane| &*lane.slave)
    }

    /// The slave that would send ARP, by the client that it is for.
    pub(super) fn ask_arp(&self, skb: &Skb) -> Option<&Slave> {
        let arp = skb.arp()?;
        if skb.device().has_bridge_with(arp.sender_ip) {
            return None;
        }
        let clients = self.balance.clients.as_ref()?;
        let id = clients.lock().would_send(self, &arp, skb.tag())?;
        self.find(id).map(|lane| &*lane.slave)
    }

    /// Load does not count: tlb_dynamic_lb=0.
    #[inline]
    pub(crate) fn is_static(&self) -> bool {
        !self.dynamic
    }

    /// Sends a packet by the slave of its flow; by the next one if that has no carrier.
    pub(super) fn send_flow<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let Some(count) = NonZeroU32::new(self.usable.len() as u32) else {
            return self.send_active::<E>(live, skb, rcu);
        };
        let hash = skb.quick_hash(self.policy);
        let hash = hash.unwrap_or_else(|| skb.hash(self.policy));
        let at = hash::pick(hash, count) as usize;
        let (before, from) = self.usable.split_at_checked(at).unwrap_or_default();
        for lane in Iterator::chain(from.iter(), before) {
            if lane.slave.device().can_send() {
                return lane.send::<E>(live, skb, rcu);
            }
            live.hurry();
        }
        live.drop(skb, Drop::NoSlave)
    }
}

impl Lane {
    /// The address that the slave had when the table was built.
    pub(crate) fn mac(&self) -> Mac {
        self.view.mac
    }

    /// Sends a packet by this slave, whose address it carries from here on.
    #[inline]
    pub(super) fn send<E: Exit>(&self, live: &Live, mut skb: Skb, rcu: &Rcu) -> Sent {
        match self.source {
            Some(mac) if !skb.set_source_in_place(mac) => self.send_copy::<E>(mac, live, skb, rcu),
            _ => E::send(skb, &self.slave, rcu),
        }
    }

    /// The packet's bytes are not its own.
    #[inline(never)]
    fn send_copy<E: Exit>(&self, mac: Mac, live: &Live, mut skb: Skb, rcu: &Rcu) -> Sent {
        if skb.set_source(mac) {
            E::send(skb, &self.slave, rcu)
        } else {
            live.drop(skb, Drop::NoMemory)
        }
    }
}
