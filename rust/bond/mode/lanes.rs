// SPDX-License-Identifier: GPL-2.0

//! The slaves of balance-tlb and balance-alb: each sends by an address of its own.

use kernel::{prelude::*, sync::Arc};
use lag::{
    balance::{
        self,
        tlb::{Candidate, Load},
        SlaveId,
    },
    hash::{self, Policy},
    mac::Mac,
};
use net::{
    skb::{Sent, Skb},
    RcuBh,
};

use super::Exit;
use crate::{balance::Balance, device::Bond, slave::Slave, Cx};

/// A slave, and the address that it sends by.
#[derive(Clone)]
pub(crate) struct Lane {
    /// The slave.
    pub(crate) slave: Arc<Slave>,
    /// It, when the table was built.
    view: balance::Slave,
}

/// All slaves, and which of them send.
pub(crate) struct Lanes {
    /// Who sends to whom.
    pub(crate) balance: Arc<Balance>,
    /// All slaves, in the order in which they came.
    all: KVec<Lane>,
    /// Those whose link is up, in that order.
    usable: KVec<Lane>,
    /// The active slave. Like the bond's own, its frames carry the bond's address.
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
            can_tx: lane.view.can_tx && lane.slave.dev.can_send(),
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
    pub(super) fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let params = bond.params.get(cx.rtnl);
        let active = bond.active.get(cx.rtnl);
        let mut lanes = Lanes {
            balance: bond.balance.get(cx.rtnl).ok_or(ENOMEM)?,
            all: KVec::with_capacity(slaves.len(), GFP_KERNEL)?,
            usable: KVec::with_capacity(slaves.len(), GFP_KERNEL)?,
            active: None,
            mac: cx.dev.address(cx.rtnl).mac(),
            policy: params.xmit_policy,
            dynamic: params.tlb_dynamic_lb,
        };
        for slave in slaves {
            let lane = Lane {
                slave: slave.clone(),
                view: slave.balanced(cx.rtnl),
            };
            if slave.is_usable(cx.rtnl) {
                lanes.usable.push(lane.clone(), GFP_KERNEL)?;
            }
            if active.as_ref().is_some_and(|a| Arc::ptr_eq(a, slave)) {
                lanes.active = Some(lane.clone());
            }
            lanes.all.push(lane, GFP_KERNEL)?;
        }
        Ok(lanes)
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
        lanes.any(|lane| lane.view.mac == mac && !lane.slave.dev.can_send())
    }

    /// What each slave has been dealt.
    pub(crate) fn loads(&self) -> impl Iterator<Item = &Load> {
        self.all.iter().map(|lane| &lane.slave.load)
    }

    /// Sends a packet that may not be spread, or that no slave was found for.
    pub(super) fn send_active<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &RcuBh) -> Sent {
        let Some(active) = &self.active else {
            return Sent::DONE;
        };
        if self.dynamic {
            self.balance.counters.this(rcu).count_unbalanced(skb.len());
        }
        if active.slave.dev.can_send() {
            return E::send(skb, &active.slave, rcu);
        }
        bond.hurry();
        match self.usable.iter().find(|l| l.slave.dev.can_send()) {
            Some(lane) => self.send_by::<E>(lane, skb, rcu),
            None => Sent::DONE,
        }
    }

    /// Sends a packet by load, as one of those with that key; or by its flow, if load does not
    /// count.
    #[inline]
    pub(super) fn spread<E: Exit>(
        &self,
        bond: &Bond,
        key: impl FnOnce(&Skb) -> u8,
        skb: Skb,
        rcu: &RcuBh,
    ) -> Sent {
        if !self.dynamic {
            return self.send_flow::<E>(bond, skb, rcu);
        }
        let bucket = key(&skb);
        let ready = |lane: &&Lane| lane.slave.dev.can_send();
        let found = self.balance.table.choose(
            bucket,
            |id| {
                let lane = self.usable.iter().find(|lane| lane.view.id == id);
                lane.filter(ready)
            },
            || {
                if !self.usable.iter().all(|lane| ready(&lane)) {
                    bond.hurry();
                }
                self.usable.iter().filter(ready).map(|lane| Candidate {
                    id: lane.view.id,
                    speed: lane.view.speed,
                    load: &lane.slave.load,
                })
            },
        );
        match found {
            Some(lane) => {
                self.balance.counters.this(rcu).count(bucket, skb.len());
                self.send_by::<E>(lane, skb, rcu)
            }
            None => self.send_active::<E>(bond, skb, rcu),
        }
    }

    /// Sends a packet by the slave of its flow; by the next one if that has no carrier.
    fn send_flow<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &RcuBh) -> Sent {
        let at = hash::pick(skb.hash(self.policy), self.usable.len() as u32);
        let parts = at.and_then(|at| self.usable.split_at_checked(at as usize));
        let Some((before, from)) = parts else {
            return self.send_active::<E>(bond, skb, rcu);
        };
        for lane in Iterator::chain(from.iter(), before) {
            if lane.slave.dev.can_send() {
                return self.send_by::<E>(lane, skb, rcu);
            }
            bond.hurry();
        }
        Sent::DONE
    }

    /// Sends a packet by a slave, whose address it carries from here on.
    #[inline]
    pub(super) fn send_by<E: Exit>(&self, lane: &Lane, mut skb: Skb, rcu: &RcuBh) -> Sent {
        let active = balance::Bond::active(self) == Some(lane.view.id);
        if active || skb.set_source(lane.view.mac) {
            E::send(skb, &lane.slave, rcu)
        } else {
            Sent::DONE
        }
    }
}
