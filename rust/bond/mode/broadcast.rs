// SPDX-License-Identifier: GPL-2.0

//! broadcast: every packet on every slave.

use kernel::{prelude::*, sync::Arc};
use net::{skb::Skb, RcuBh};

use super::{usable, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// The slaves whose link is up.
pub(crate) struct Table(KVec<Arc<Slave>>);

impl Transmit for Table {
    fn build(_bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        Ok(Table(usable(cx, slaves)?))
    }

    #[inline]
    fn send(&self, _bond: &Bond, skb: Skb, rcu: &RcuBh) {
        let mut can = self.0.iter().filter(|s| s.dev.can_send());
        let Some(mut slave) = can.next() else {
            return;
        };
        // The last one gets the packet itself.
        for next in can {
            if let Some(copy) = skb.try_clone() {
                copy.send_via(&slave.dev, rcu);
            }
            slave = next;
        }
        skb.send_via(&slave.dev, rcu);
    }
}
