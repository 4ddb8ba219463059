// SPDX-License-Identifier: GPL-2.0

//! 802.3ad: as balance-xor, over the ports that LACP lets transmit.

use lag::{hash::Policy, lacp::port::Usability};
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{spread::Spread, Exit, Subject, Transmit};
use crate::{
    flow::{Flow, Hashed},
    live::Live,
    slave::Slave,
};

/// The distributing ports of the active aggregator.
pub(crate) struct Lacp {
    spread: Spread,
    /// Neighbour discovery goes out on all of them.
    broadcast_neighbor: bool,
}

impl Transmit for Lacp {
    fn build(of: &Subject<'_>) -> Result<Self> {
        let mut ports = KVec::with_capacity(of.slaves.len(), GFP_KERNEL)?;
        for slave in of.slaves {
            let distributing = (of.usability)(slave) == Usability::Distributing;
            if distributing && slave.is_usable() {
                ports.push(Hop::new(slave.clone()), GFP_KERNEL)?;
            }
        }
        Ok(Lacp {
            spread: Spread::new(ports, of.params.xmit_policy),
            broadcast_neighbor: of.params.broadcast_neighbor,
        })
    }

    #[inline(never)]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        if self.broadcast_neighbor {
            return self.send_or_broadcast::<E>(live, skb, rcu);
        }
        self.spread.send::<E>(live, skb, rcu)
    }

    fn pick(&self, live: &Live, flow: &impl Flow, _rcu: &Rcu) -> Option<&Hop<Slave>> {
        self.spread.pick(live, flow)
    }
}

impl Lacp {
    /// The ports, and what tells flows apart.
    pub(super) fn spread(&self) -> &Spread {
        &self.spread
    }

    /// Neighbour discovery goes out on all of them.
    pub(super) fn tells_all(&self, skb: &Skb) -> bool {
        self.broadcast_neighbor && skb.is_neighbor_discovery()
    }

    /// The hash that tells flows apart.
    pub(super) fn policy(&self) -> Policy {
        self.spread.policy
    }

    #[inline(never)]
    fn send_or_broadcast<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        if skb.is_neighbor_discovery() {
            return self.spread.ring.send_all::<E>(live, skb, rcu);
        }
        self.spread.send::<E>(live, skb, rcu)
    }
}
