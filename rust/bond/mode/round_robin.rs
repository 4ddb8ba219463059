// SPDX-License-Identifier: GPL-2.0

//! balance-rr: packets in turn over all slaves whose link is up.

use core::num::NonZeroU32;

use kernel::{prelude::*, sync::Arc};
use net::{
    random,
    skb::{Sent, Skb},
    RcuBh,
};

use super::{queues::Queues, usable, Exit, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// How many packets a slave gets before it is the next one's turn.
enum Turn {
    /// The slave is drawn by lot. packets_per_slave 0.
    Random,
    /// One.
    Each,
    /// So many.
    After(NonZeroU32),
}

/// The slaves that take turns.
pub(crate) struct Table {
    slaves: KVec<Arc<Slave>>,
    turn: Turn,
    queues: Queues,
}

impl Transmit for Table {
    fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let turn = match bond.params.get(cx.rtnl).packets_per_slave {
            0 => Turn::Random,
            1 => Turn::Each,
            n => NonZeroU32::new(n.into()).map_or(Turn::Each, Turn::After),
        };
        Ok(Table {
            slaves: usable(cx, slaves)?,
            turn,
            queues: Queues::build(cx, slaves)?,
        })
    }

    #[inline(never)]
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &RcuBh) -> Sent {
        if let Some(slave) = self.queues.find(&skb) {
            return E::send(skb, slave, rcu);
        }
        let turn = match &self.turn {
            Turn::Each => bond.turns.count(),
            Turn::After(n) => bond.turns.count() / *n,
            Turn::Random => random::number(),
        };
        let count = self.slaves.len();
        let Some(first) = (turn as usize).checked_rem(count) else {
            return Sent::DONE;
        };
        // In turn; who has no carrier is passed over.
        let (before, from) = self.slaves.split_at_checked(first).unwrap_or_default();
        for slave in Iterator::chain(from.iter(), before) {
            if slave.dev.can_send() {
                return E::send(skb, slave, rcu);
            }
        }
        Sent::DONE
    }
}
