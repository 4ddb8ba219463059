// SPDX-License-Identifier: GPL-2.0

//! A hash of the flow picks the slave: what balance-xor and 802.3ad share.

use lag::hash::Policy;
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{ring::Ring, Exit};
use crate::{
    flow::{Flow, Hashed},
    live::Live,
    slave::Slave,
};

/// The slaves that flows are spread over.
pub(super) struct Spread {
    pub(super) ring: Ring,
    pub(super) policy: Policy,
}

impl Spread {
    /// Spreads flows over `slaves`.
    pub(super) fn new(slaves: KVec<Hop<Slave>>, policy: Policy) -> Self {
        let ring = Ring::new(slaves);
        Spread { ring, policy }
    }

    /// Sends a packet on the slave of its flow; on the next one if that has no carrier.
    #[inline]
    pub(super) fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        match skb.quick_hash(self.policy) {
            Some(hash) => self.ring.send::<E>(hash, live, skb, rcu),
            None => self.send_slowly::<E>(live, skb, rcu),
        }
    }

    /// The slave of a flow; the next one if that has no carrier.
    pub(super) fn pick(&self, live: &Live, flow: &impl Flow) -> Option<&Hop<Slave>> {
        self.ring.pick(flow.flow(self.policy), live)
    }

    /// A packet that has to be looked at more closely.
    #[inline(never)]
    fn send_slowly<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let hash = skb.hash(self.policy);
        self.ring.send::<E>(hash, live, skb, rcu)
    }
}
