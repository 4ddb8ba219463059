// SPDX-License-Identifier: GPL-2.0

//! broadcast: every packet on every slave.

use kernel::sync::Arc;
use net::{
    port::Hop,
    prelude::*,
    skb::{Sent, Skb},
    Rcu,
};

use super::{ring::send_all, usable, Exit, Transmit};
use crate::{device::Bond, slave::Slave, Cx};

/// The slaves whose link is up.
pub(crate) struct Table(KVec<Hop<Slave>>);

impl Table {
    /// No slaves.
    pub(super) fn nothing() -> Self {
        Table(KVec::new())
    }
}

impl Transmit for Table {
    fn build(_bond: &Bond, _cx: Cx<'_>, slaves: &[Arc<Slave>]) -> Result<Self> {
        Ok(Table(usable(slaves)?))
    }

    #[inline(never)]
    fn send<E: Exit>(&self, _bond: &Bond, skb: Skb, rcu: &Rcu) -> Sent {
        send_all::<E>(&self.0, skb, rcu)
    }
}
