// SPDX-License-Identifier: GPL-2.0

//! active-backup: one slave carries all traffic.

use compat::trace::Drop;
use kernel::sync::Arc;
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{Exit, Subject, Transmit};
use crate::{flow::Flow, live::Live, slave::Slave};

/// The active slave, and the backups that could take over at once.
pub(crate) struct ActiveBackup {
    active: Option<Hop<Slave>>,
    backups: KVec<Hop<Slave>>,
}

impl ActiveBackup {
    /// The active slave.
    pub(super) fn active(&self) -> Option<&Slave> {
        self.active.as_deref()
    }
}

impl Transmit for ActiveBackup {
    fn build(of: &Subject<'_>) -> Result<Self> {
        let active = of.active;
        let mut backups = KVec::with_capacity(of.slaves.len(), GFP_KERNEL)?;
        if let Some(active) = active {
            for slave in of.slaves.iter().filter(|s| !Arc::ptr_eq(s, active)) {
                if slave.is_usable() {
                    backups.push(Hop::new(slave.clone()), GFP_KERNEL)?;
                }
            }
        }
        Ok(ActiveBackup {
            active: active.cloned().map(Hop::new),
            backups,
        })
    }

    #[inline]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        match &self.active {
            Some(active) if active.device().can_send() => E::send(skb, active, rcu),
            Some(_) => self.send_past::<E>(live, skb, rcu),
            None => live.drop(skb, Drop::NoSlave),
        }
    }

    fn pick(&self, live: &Live, _flow: &impl Flow, _rcu: &Rcu) -> Option<&Hop<Slave>> {
        match &self.active {
            Some(active) if active.device().can_send() => Some(active),
            Some(_) => self.past(live),
            None => None,
        }
    }
}

impl ActiveBackup {
    /// The active slave's link is gone.
    #[cold]
    fn send_past<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        match self.past(live) {
            Some(backup) => E::send(skb, backup, rcu),
            None => live.drop(skb, Drop::NoSlave),
        }
    }

    /// The slave that would send a packet, for who only asks.
    pub(super) fn ask(&self) -> Option<&Hop<Slave>> {
        let active = self.active.as_ref()?;
        match active.device().can_send() {
            true => Some(active),
            false => self.backup(),
        }
    }

    /// A backup that can send.
    #[cold]
    fn past(&self, live: &Live) -> Option<&Hop<Slave>> {
        live.hurry();
        self.backup()
    }

    fn backup(&self) -> Option<&Hop<Slave>> {
        self.backups.iter().find(|hop| hop.device().can_send())
    }
}
