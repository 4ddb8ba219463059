// SPDX-License-Identifier: GPL-2.0

//! balance-alb: as balance-tlb, and ARP tells each peer which slave to send to.

use compat::trace::Drop;
use lag::balance::{class, rlb::Route};
use netdev::{
    prelude::*,
    skb::{Sent, Skb},
    time, Rcu,
};

use super::{lanes::Lanes, Exit, Subject, Transmit};
use crate::{flow::Hashed, keeps::balance::Orders, live::Live};

/// The slaves whose link is up.
pub(crate) struct Alb(pub(super) Lanes);

impl Transmit for Alb {
    fn build(of: &Subject<'_>) -> Result<Self> {
        Ok(Alb(Lanes::build(of)?))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let Alb(lanes) = self;
        match class::quick_alb(&skb.frame()) {
            Some(key) if !lanes.is_static() => lanes.spread::<E>(key, live, skb, rcu),
            _ => self.send_slowly::<E>(live, skb, rcu),
        }
    }
}

impl Alb {
    /// A packet that has to be looked at more closely.
    #[inline(never)]
    fn send_slowly<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let Alb(lanes) = self;
        match skb.look(class::alb) {
            Some(class::Alb::Spread(_)) if lanes.is_static() => {
                lanes.send_flow::<E>(live, skb, rcu)
            }
            Some(class::Alb::Spread(key)) => lanes.spread::<E>(key, live, skb, rcu),
            Some(class::Alb::Arp) if E::may_lock(&skb) => send_arp::<E>(lanes, live, skb, rcu),
            Some(class::Alb::Arp | class::Alb::Active) | None => {
                lanes.send_active::<E>(live, skb, rcu)
            }
        }
    }
}

/// Sends ARP by the slave that its receiver is to send to, and with that one's address in an
/// answer.
#[cold]
fn send_arp<E: Exit>(lanes: &Lanes, live: &Live, mut skb: Skb, rcu: &Rcu) -> Sent {
    let Some(route) = arp_sent(lanes, live, &skb) else {
        return lanes.send_active::<E>(live, skb, rcu);
    };
    // Without memory to change it the packet is lost: as it is, it would undo what was dealt.
    if !route.sender_mac.is_none_or(|mac| skb.set_arp_sender(mac)) {
        return live.drop(skb, Drop::NoMemory);
    }
    match lanes.find(route.slave) {
        Some(lane) => lane.send::<E>(live, skb, rcu),
        None => lanes.send_active::<E>(live, skb, rcu),
    }
}

/// ARP of this host is about to be sent. None: as it is, by the active slave.
fn arp_sent(lanes: &Lanes, live: &Live, skb: &Skb) -> Option<Route> {
    let arp = skb.arp()?;
    let clients = lanes.balance.clients.as_ref()?;
    if skb.device().has_bridge_with(arp.sender_ip) {
        return None;
    }
    // One client may have to go, and is told where it belongs.
    let mut outbox = [None];
    let mut orders = Orders::new(&mut outbox);
    let mut rlb = clients.lock();
    let route = rlb.arp_sent(lanes, &arp, skb.tag(), time::now(), &mut orders);
    let next = rlb.next_deadline();
    drop(rlb);
    for reply in outbox.iter().flatten() {
        if let Some(lane) = lanes.find(reply.slave) {
            reply.send(&lane.slave.dev);
        }
    }
    live.expect_balance(next);
    route
}
