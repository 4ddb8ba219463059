// SPDX-License-Identifier: GPL-2.0

//! balance-rr: packets in turn over all slaves whose link is up.

use core::num::NonZeroU32;

use kernel::sync::Arc;
use net::{
    port::Hop,
    prelude::*,
    random,
    skb::{Flow, Sent, Skb},
    Rcu,
};

use super::{ring::Ring, usable, Exit, Transmit};
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
    ring: Ring,
    turn: Turn,
}

impl Transmit for Table {
    fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let turn = match bond.params.get(cx.rtnl).packets_per_slave {
            0 => Turn::Random,
            1 => Turn::Each,
            n => NonZeroU32::new(n.into()).map_or(Turn::Each, Turn::After),
        };
        Ok(Table {
            ring: Ring::new(usable(slaves)?),
            turn,
        })
    }

    #[inline(never)]
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        let turn = match &self.turn {
            Turn::Each => bond.turns.count(rcu),
            Turn::After(n) => bond.turns.count(rcu) / *n,
            Turn::Random => return self.send_at_random::<E>(bond, skb, rcu),
        };
        self.ring.send::<E>(turn, bond, skb, rcu)
    }

    fn pick(&self, bond: &Bond, _flow: &impl Flow, rcu: &Rcu) -> Option<&Hop<Slave>> {
        let turn = match &self.turn {
            Turn::Each => bond.turns.count(rcu),
            Turn::After(n) => bond.turns.count(rcu) / *n,
            Turn::Random => random::number(),
        };
        self.ring.pick(turn, bond)
    }
}

impl Table {
    #[inline(never)]
    fn send_at_random<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        self.ring.send::<E>(random::number(), bond, skb, rcu)
    }
}
