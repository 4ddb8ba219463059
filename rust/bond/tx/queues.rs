// SPDX-License-Identifier: GPL-2.0

//! queue_id: a transmit queue of the bond that leads to one slave, in balance-rr and
//! active-backup. What chooses the queue is up to tc.

use kernel::sync::Arc;
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{Exit, Table};
use crate::{live::Live, slave::Slave};

/// A mode's table, of a bond with slaves that a queue leads to.
pub(crate) struct Queues {
    pub(super) slaves: KVec<(u16, Hop<Slave>)>,
    pub(super) table: Table,
}

impl Queues {
    /// Sends a packet by the slave that its queue leads to, if that can send; by the mode's
    /// choice otherwise.
    #[inline(never)]
    pub(super) fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let queue = skb.queue();
        let found = self.slaves.iter().find(|(id, _)| *id == queue);
        match found {
            Some((_, hop)) if hop.device().can_send() => E::send(skb, hop, rcu),
            _ => self.table.send_by::<E>(live, skb, rcu),
        }
    }
}

/// The usable slaves that a queue leads to.
pub(super) fn led(all: &[Arc<Slave>]) -> Result<KVec<(u16, Hop<Slave>)>> {
    let mut slaves = KVec::new();
    for slave in all.iter().filter(|s| s.is_usable()) {
        match slave.queue_id.get() {
            0 => {}
            queue => slaves.push((queue, Hop::new(slave.clone())), GFP_KERNEL)?,
        }
    }
    Ok(slaves)
}
