// SPDX-License-Identifier: GPL-2.0

//! Slaves of which a number picks one: what the modes share that send in turn or by a hash.

use compat::trace::Drop;
use core::num::NonZeroU32;

use lag::hash;
use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::Exit;
use crate::{live::Live, slave::Slave};

/// The slaves that packets are spread over.
pub(super) struct Ring {
    hops: KVec<Hop<Slave>>,
    /// Number of slaves, or one where there is none.
    count: NonZeroU32,
}

impl Ring {
    /// Spreads packets over `hops`.
    pub(super) fn new(hops: KVec<Hop<Slave>>) -> Self {
        let count = NonZeroU32::new(hops.len() as u32).unwrap_or(NonZeroU32::MIN);
        Ring { hops, count }
    }

    /// Sends a packet on the slave that `number` picks; on the next one if that has no carrier.
    #[inline]
    pub(super) fn send<E: Exit>(&self, number: u32, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        let at = hash::pick(number, self.count) as usize;
        match self.hops.get(at) {
            Some(hop) if hop.device().can_send() => E::send(skb, hop, rcu),
            _ => self.send_past::<E>(at, live, skb, rcu),
        }
    }

    /// Sends a packet on every slave.
    pub(super) fn send_all<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        send_all::<E>(&self.hops, live, skb, rcu)
    }

    #[cold]
    fn send_past<E: Exit>(&self, dead: usize, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        match self.past(dead, live) {
            Some(hop) => E::send(skb, hop, rcu),
            None => live.drop(skb, Drop::NoSlave),
        }
    }

    /// The slave that `number` picks; the next one if that has no carrier.
    pub(super) fn pick(&self, number: u32, live: &Live) -> Option<&Hop<Slave>> {
        let at = hash::pick(number, self.count) as usize;
        match self.hops.get(at) {
            Some(hop) if hop.device().can_send() => Some(hop),
            _ => self.past(at, live),
        }
    }

    /// As `pick`, for who only asks; and its place.
    pub(super) fn ask(&self, number: u32) -> (Option<&Hop<Slave>>, u32) {
        let at = hash::pick(number, self.count);
        (self.next(at as usize), at)
    }

    /// The next one that can send.
    #[cold]
    fn past(&self, dead: usize, live: &Live) -> Option<&Hop<Slave>> {
        live.hurry();
        self.next(dead)
    }

    /// The first one from that place on that can send.
    fn next(&self, at: usize) -> Option<&Hop<Slave>> {
        let (before, from) = self.hops.split_at_checked(at).unwrap_or_default();
        let mut others = Iterator::chain(from.iter(), before);
        others.find(|hop| hop.device().can_send())
    }
}

/// Sends a packet on every one of `hops` that has a carrier. It is fine if one of them has taken
/// it.
#[inline]
pub(super) fn send_all<E: Exit>(hops: &[Hop<Slave>], live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
    let mut can = hops.iter().filter(|hop| hop.device().can_send());
    let Some(mut hop) = can.next() else {
        return live.drop(skb, Drop::NoSlave);
    };
    let mut fine = false;
    // The last one gets the packet itself.
    for next in can {
        if let Some(copy) = skb.skb_clone() {
            fine |= E::send(copy, hop, rcu).is_fine();
        }
        hop = next;
    }
    let last = E::send(skb, hop, rcu);
    if fine {
        Sent::DONE
    } else {
        last
    }
}
