// SPDX-License-Identifier: GPL-2.0

//! balance-tlb: what is sent is spread by load; what comes in comes by the active slave.

use crate::flow::Hashed;
use lag::balance::class;
use netdev::{
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{lanes::Lanes, Exit, Subject, Transmit};
use crate::live::Live;

/// The slaves whose link is up.
pub(crate) struct Tlb(pub(super) Lanes);

impl Transmit for Tlb {
    fn build(of: &Subject<'_>) -> Result<Self> {
        Ok(Tlb(Lanes::build(of)?))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let Tlb(lanes) = self;
        let hash = match class::quick_tlb(&skb.frame()) {
            true if !lanes.is_static() => skb.quick_hash(lanes.policy),
            _ => None,
        };
        match hash {
            // The lowest eight bits are the key.
            Some(hash) => lanes.spread::<E>(hash as u8, live, skb, rcu),
            None => self.send_slowly::<E>(live, skb, rcu),
        }
    }
}

impl Tlb {
    /// A packet that has to be looked at more closely.
    #[inline(never)]
    fn send_slowly<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let Tlb(lanes) = self;
        match skb.look(class::tlb) {
            Some(class::Tlb::Spread) if lanes.is_static() => lanes.send_flow::<E>(live, skb, rcu),
            Some(class::Tlb::Spread) => {
                let hash = skb.hash(lanes.policy);
                lanes.spread::<E>(hash as u8, live, skb, rcu)
            }
            Some(class::Tlb::Active) | None => lanes.send_active::<E>(live, skb, rcu),
        }
    }
}
