// SPDX-License-Identifier: GPL-2.0

//! broadcast: every packet on every slave.

use netdev::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{ring::send_all, usable, Exit, Subject, Transmit};
use crate::{live::Live, slave::Slave};

/// The slaves whose link is up.
pub(crate) struct Broadcast(KVec<Hop<Slave>>);

impl Broadcast {
    /// No slaves.
    pub(super) fn nothing() -> Self {
        Broadcast(KVec::new())
    }
}

impl Broadcast {
    /// No slave can send.
    pub(super) fn is_dead(&self) -> bool {
        !self.0.iter().any(|hop| hop.device().can_send())
    }
}

impl Transmit for Broadcast {
    fn build(of: &Subject<'_>) -> Result<Self> {
        Ok(Broadcast(usable(of.slaves)?))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        send_all::<E>(&self.0, live, skb, rcu)
    }
}
