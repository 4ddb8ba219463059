// SPDX-License-Identifier: GPL-2.0

//! balance-rr: packets in turn over all slaves whose link is up.

use core::num::NonZeroU32;

use netdev::{
    port::Hop,
    prelude::*,
    random,
    skb::{Sent, Skb},
    Rcu,
};

use super::{ring::Ring, usable, Exit, Subject, Transmit};
use crate::{flow::Flow, live::Live, slave::Slave};

/// Number of packets that a slave sends before the next one's turn.
enum Turn {
    /// The slave is drawn by lot. packets_per_slave 0.
    Random,
    /// One.
    Each,
    /// So many.
    After(NonZeroU32),
}

/// The slaves that take turns.
pub(crate) struct RoundRobin {
    ring: Ring,
    turn: Turn,
}

impl Transmit for RoundRobin {
    fn build(of: &Subject<'_>) -> Result<Self> {
        let turn = match of.params.packets_per_slave {
            0 => Turn::Random,
            1 => Turn::Each,
            n => NonZeroU32::new(n.into()).map_or(Turn::Each, Turn::After),
        };
        Ok(RoundRobin {
            ring: Ring::new(usable(of.slaves)?),
            turn,
        })
    }

    #[inline(never)]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let turn = match &self.turn {
            Turn::Each => live.turns.count(rcu),
            Turn::After(n) => live.turns.count(rcu) / *n,
            Turn::Random => return self.send_at_random::<E>(live, skb, rcu),
        };
        self.ring.send::<E>(turn, live, skb, rcu)
    }

    fn pick(&self, live: &Live, _flow: &impl Flow, rcu: &Rcu) -> Option<&Hop<Slave>> {
        let turn = match &self.turn {
            Turn::Each => live.turns.count(rcu),
            Turn::After(n) => live.turns.count(rcu) / *n,
            Turn::Random => random::number(),
        };
        self.ring.pick(turn, live)
    }
}

impl RoundRobin {
    /// The slaves are drawn by lot.
    pub(super) fn is_random(&self) -> bool {
        matches!(self.turn, Turn::Random)
    }

    /// No slave can send.
    pub(super) fn is_dead(&self) -> bool {
        self.ring.ask(0).0.is_none()
    }

    #[inline(never)]
    fn send_at_random<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        self.ring.send::<E>(random::number(), live, skb, rcu)
    }
}
