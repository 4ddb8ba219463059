// SPDX-License-Identifier: GPL-2.0

//! balance-tlb: what is sent is spread by load; what comes in comes by the active slave.

use kernel::{prelude::*, sync::Arc};
use lag::balance::class;
use net::{
    skb::{Sent, Skb},
    RcuBh,
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
    fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &RcuBh) -> Sent {
        let Table(lanes) = self;
        match skb.look(class::tlb) {
            // The lowest eight bits are the key.
            Some(class::Tlb::Spread) => {
                lanes.spread::<E>(bond, |skb| skb.hash(lanes.policy) as u8, skb, rcu)
            }
            Some(class::Tlb::Active) | None => lanes.send_active::<E>(bond, skb, rcu),
        }
    }
}
