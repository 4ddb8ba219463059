// SPDX-License-Identifier: GPL-2.0

//! balance-xor: a hash of the flow picks the slave.

use kernel::sync::Arc;
use lag::hash::Policy;
use net::{
    port::Hop,
    prelude::*,
    skb::{Flow, Sent, Skb},
    Rcu,
};

use super::{spread::Spread, usable, Exit, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// The slaves whose link is up.
pub(crate) struct Table(Spread);

impl Table {
    /// The hash that tells flows apart.
    pub(super) fn policy(&self) -> Policy {
        self.0.policy
    }
}

impl Transmit for Table {
    fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        let policy = bond.params.get(cx.rtnl).xmit_policy;
        Ok(Table(Spread::new(usable(slaves)?, policy)))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        self.0.send::<E>(bond, skb, rcu)
    }

    fn pick(&self, bond: &Bond, flow: &impl Flow, _rcu: &Rcu) -> Option<&Hop<Slave>> {
        self.0.pick(bond, flow)
    }
}
