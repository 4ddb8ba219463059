// SPDX-License-Identifier: GPL-2.0

//! balance-tlb: what is sent is spread by load; what comes in comes by the active slave.

use kernel::sync::Arc;
use lag::balance::class;
use net::{
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{lanes::Lanes, Exit, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// The slaves whose link is up.
pub(crate) struct Table(pub(super) Lanes);

impl Transmit for Table {
    fn build(bond: &Bond, cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        Ok(Table(Lanes::build(bond, cx, slaves)?))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        let Table(lanes) = self;
        let hash = match class::quick_tlb(&skb.frame()) {
            true if !lanes.is_static() => skb.quick_hash(lanes.policy),
            _ => None,
        };
        match hash {
            // The lowest eight bits are the key.
            Some(hash) => lanes.spread::<E>(hash as u8, bond, skb, rcu),
            None => self.send_slowly::<E>(bond, skb, rcu),
        }
    }
}

impl Table {
    /// A packet that has to be looked at more closely.
    #[inline(never)]
    fn send_slowly<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        let Table(lanes) = self;
        match skb.look(class::tlb) {
            Some(class::Tlb::Spread) if lanes.is_static() => lanes.send_flow::<E>(bond, skb, rcu),
            Some(class::Tlb::Spread) => {
                let hash = skb.hash(lanes.policy);
                lanes.spread::<E>(hash as u8, bond, skb, rcu)
            }
            Some(class::Tlb::Active) | None => lanes.send_active::<E>(bond, skb, rcu),
        }
    }
}
