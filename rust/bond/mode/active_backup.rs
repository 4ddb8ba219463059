// SPDX-License-Identifier: GPL-2.0

//! active-backup: one slave carries all traffic.

use kernel::{prelude::*, sync::Arc};
use net::{
    skb::{Sent, Skb},
    RcuBh,
};

use super::{queues::Queues, Exit, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// The active slave first, then the backups that could take over at once.
pub(crate) struct Table {
    order: KVec<Arc<Slave>>,
    queues: Queues,
}

impl Table {
    /// The active slave.
    pub(super) fn active(&self) -> Option<&Slave> {
        self.order.first().map(|s| &**s)
    }
}

impl Transmit for Table {
    fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let mut order = KVec::with_capacity(slaves.len(), GFP_KERNEL)?;
        if let Some(active) = bond.active.get(cx.rtnl) {
            order.push(active.clone(), GFP_KERNEL)?;
            for slave in slaves.iter().filter(|s| !Arc::ptr_eq(s, &active)) {
                if slave.is_usable(cx.rtnl) {
                    order.push(slave.clone(), GFP_KERNEL)?;
                }
            }
        }
        let queues = Queues::build(cx, slaves)?;
        Ok(Table { order, queues })
    }

    #[inline]
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &RcuBh) -> Sent {
        if let Some(slave) = self.queues.find(&skb) {
            return E::send(skb, slave, rcu);
        }
        let Some((active, backups)) = self.order.split_first() else {
            return Sent::DONE;
        };
        if active.dev.can_send() {
            return E::send(skb, active, rcu);
        }
        send_past::<E>(bond, backups, skb, rcu)
    }
}

/// The active slave's link is gone.
#[cold]
fn send_past<E: Exit>(bond: &Bond, backups: &[Arc<Slave>], skb: Skb, rcu: &RcuBh) -> Sent {
    bond.hurry();
    match backups.iter().find(|s| s.dev.can_send()) {
        Some(backup) => E::send(skb, backup, rcu),
        None => Sent::DONE,
    }
}
