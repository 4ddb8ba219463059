// SPDX-License-Identifier: GPL-2.0

//! balance-alb: as balance-tlb, and ARP tells each peer which slave to send to.

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
        match class::quick_alb(&skb.frame()) {
            Some(key) if !lanes.is_static() => lanes.spread::<E>(key, bond, skb, rcu),
            _ => self.send_slowly::<E>(bond, skb, rcu),
        }
    }
}

impl Table {
    /// A packet that has to be looked at more closely.
    #[inline(never)]
    fn send_slowly<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        let Table(lanes) = self;
        match skb.look(class::alb) {
            Some(class::Alb::Spread(_)) if lanes.is_static() => {
                lanes.send_flow::<E>(bond, skb, rcu)
            }
            Some(class::Alb::Spread(key)) => lanes.spread::<E>(key, bond, skb, rcu),
            Some(class::Alb::Arp) if E::may_lock(&skb) => send_arp::<E>(lanes, bond, skb, rcu),
            Some(class::Alb::Arp | class::Alb::Active) | None => {
                lanes.send_active::<E>(bond, skb, rcu)
            }
        }
    }
}

/// Sends ARP by the slave that its receiver is to send to, and with that one's address in an
/// answer.
#[cold]
fn send_arp<E: Exit>(lanes: &Lanes, bond: &Bond, mut skb: Skb, rcu: &Rcu) -> Sent {
    let Some(route) = bond.arp_sent(lanes, &skb) else {
        return lanes.send_active::<E>(bond, skb, rcu);
    };
    // Without memory to change it the packet is lost: as it is, it would undo what was dealt.
    if !route.sender_mac.is_none_or(|mac| skb.set_arp_sender(mac)) {
        return skb.kfree_skb();
    }
    match lanes.find(route.slave) {
        Some(lane) => lane.send::<E>(skb, rcu),
        None => lanes.send_active::<E>(bond, skb, rcu),
    }
}
