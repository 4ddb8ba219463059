// SPDX-License-Identifier: GPL-2.0

//! A hash of the flow picks the slave: what balance-xor and 802.3ad share.

use kernel::{prelude::*, sync::Arc};
use lag::hash::{self, Policy};
use net::{
    skb::{Sent, Skb},
    RcuBh,
};

use super::Exit;
use crate::{device::Bond, slave::Slave};

/// The slaves that flows are spread over.
pub(super) struct Spread {
    slaves: KVec<Arc<Slave>>,
    policy: Policy,
}

impl Spread {
    /// Spreads flows over `slaves`.
    pub(super) fn new(slaves: KVec<Arc<Slave>>, policy: Policy) -> Self {
        Spread { slaves, policy }
    }

    /// Sends a packet on the slave of its flow; on the next one if that has no carrier.
    #[inline]
    pub(super) fn send<E: Exit>(&self, bond: &Bond, skb: Skb, rcu: &RcuBh) -> Sent {
        let count = self.slaves.len() as u32;
        let Some(at) = hash::pick(skb.hash(self.policy), count) else {
            return Sent::DONE;
        };
        let Some(slave) = self.slaves.get(at as usize) else {
            return Sent::DONE;
        };
        if slave.dev.can_send() {
            return E::send(skb, slave, rcu);
        }
        self.send_past::<E>(bond, at as usize, skb, rcu)
    }

    /// Sends a packet on every slave.
    pub(super) fn send_all<E: Exit>(&self, skb: Skb, rcu: &RcuBh) -> Sent {
        send_all::<E>(&self.slaves, skb, rcu)
    }

    #[cold]
    fn send_past<E: Exit>(&self, bond: &Bond, dead: usize, skb: Skb, rcu: &RcuBh) -> Sent {
        bond.hurry();
        let (before, from) = self.slaves.split_at_checked(dead).unwrap_or_default();
        match Iterator::chain(from.iter(), before).find(|s| s.dev.can_send()) {
            Some(slave) => E::send(skb, slave, rcu),
            None => Sent::DONE,
        }
    }
}

/// Sends a packet on every one of `slaves` that has a carrier.
#[inline]
pub(super) fn send_all<E: Exit>(slaves: &[Arc<Slave>], skb: Skb, rcu: &RcuBh) -> Sent {
    let mut can = slaves.iter().filter(|s| s.dev.can_send());
    let Some(mut slave) = can.next() else {
        return Sent::DONE;
    };
    // The last one gets the packet itself.
    for next in can {
        if let Some(copy) = skb.try_clone() {
            let _ = E::send(copy, slave, rcu);
        }
        slave = next;
    }
    let _ = E::send(skb, slave, rcu);
    Sent::DONE
}
