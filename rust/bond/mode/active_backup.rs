// SPDX-License-Identifier: GPL-2.0

//! active-backup: one slave carries all traffic.

use kernel::sync::Arc;
use net::{
    port::Hop,
    prelude::*,
    skb::{Flow, Sent, Skb},
    Rcu,
};

use super::{Exit, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// The active slave, and the backups that could take over at once.
pub(crate) struct Table {
    active: Option<Hop<Slave>>,
    backups: KVec<Hop<Slave>>,
}

impl Table {
    /// The active slave.
    pub(super) fn active(&self) -> Option<&Slave> {
        self.active.as_deref()
    }
}

impl Transmit for Table {
    fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let active = bond.active.share(cx.rtnl);
        let mut backups = KVec::with_capacity(slaves.len(), GFP_KERNEL)?;
        if let Some(active) = &active {
            for slave in slaves.iter().filter(|s| !Arc::ptr_eq(s, active)) {
                if slave.is_usable() {
                    backups.push(Hop::new(slave.clone()), GFP_KERNEL)?;
                }
            }
        }
        Ok(Table {
            active: active.map(Hop::new),
            backups,
        })
    }

    #[inline]
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        match &self.active {
            Some(active) if active.device().can_send() => E::send(skb, active, rcu),
            Some(_) => self.send_past::<E>(bond, skb, rcu),
            None => skb.kfree_skb(),
        }
    }

    fn pick(&self, bond: &Bond, _flow: &impl Flow, _rcu: &Rcu) -> Option<&Hop<Slave>> {
        match &self.active {
            Some(active) if active.device().can_send() => Some(active),
            Some(_) => self.past(bond),
            None => None,
        }
    }
}

impl Table {
    /// The active slave's link is gone.
    #[cold]
    fn send_past<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        match self.past(bond) {
            Some(backup) => E::send(skb, backup, rcu),
            None => skb.kfree_skb(),
        }
    }

    /// A backup that can send.
    #[cold]
    fn past(&self, bond: &Bond) -> Option<&Hop<Slave>> {
        bond.hurry();
        self.backups.iter().find(|hop| hop.device().can_send())
    }
}
