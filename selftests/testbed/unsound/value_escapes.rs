// SPDX-License-Identifier: GPL-2.0
//! error: lifetime may not live long enough
//!
//! What was found in a read-side section is lent until its end.

use netdev::{rcu::RcuSlot, Rcu};

/// Takes it along.
pub fn refused(slot: &RcuSlot<u32>) -> Option<&u32> {
    Rcu::read(|rcu| slot.read(rcu))
}
