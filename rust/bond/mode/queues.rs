// SPDX-License-Identifier: GPL-2.0

//! queue_id: a transmit queue of the bond that leads to one slave, in balance-rr and
//! active-backup. What chooses the queue is up to tc.

use kernel::{prelude::*, sync::Arc};
use net::skb::Skb;

use crate::{slave::Slave, Cx};

/// The slaves that a queue leads to.
pub(super) struct Queues(KVec<(u16, Arc<Slave>)>);

impl Queues {
    /// The queues of those slaves that have one.
    pub(super) fn build(cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let mut queues = KVec::new();
        for slave in slaves.iter().filter(|s| s.is_usable(cx.rtnl)) {
            match slave.queue_id.get(cx.rtnl) {
                0 => {}
                queue => queues.push((queue, slave.clone()), GFP_KERNEL)?,
            }
        }
        Ok(Queues(queues))
    }

    /// The slave that the packet's queue leads to, if it can send.
    #[inline]
    pub(super) fn find(&self, skb: &Skb) -> Option<&Slave> {
        if self.0.is_empty() {
            return None;
        }
        let queue = skb.queue();
        let found = self.0.iter().find(|(id, _)| *id == queue);
        found
            .map(|(_, slave)| &**slave)
            .filter(|s| s.dev.can_send())
    }
}
