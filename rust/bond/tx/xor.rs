// SPDX-License-Identifier: GPL-2.0

//! balance-xor: a hash of the flow picks the slave.

use lag::hash::Policy;
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{spread::Spread, usable, Exit, Subject, Transmit};
use crate::{flow::Flow, live::Live, slave::Slave};

/// The slaves whose link is up.
pub(crate) struct Xor(Spread);

impl Xor {
    /// The slaves, and what tells flows apart.
    pub(super) fn spread(&self) -> &Spread {
        &self.0
    }

    /// The hash that tells flows apart.
    pub(super) fn policy(&self) -> Policy {
        self.0.policy
    }
}

impl Transmit for Xor {
    fn build(of: &Subject<'_>) -> Result<Self> {
        let policy = of.params.xmit_policy;
        Ok(Xor(Spread::new(usable(of.slaves)?, policy)))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        self.0.send::<E>(live, skb, rcu)
    }

    fn pick(&self, live: &Live, flow: &impl Flow, _rcu: &Rcu) -> Option<&Hop<Slave>> {
        self.0.pick(live, flow)
    }
}
