// SPDX-License-Identifier: GPL-2.0
//! error: lifetime may not live long enough
//!
//! The token of a read-side section ends with it.

use netdev::Rcu;

/// Takes it along.
pub fn refused() -> &'static Rcu {
    Rcu::read(|rcu| rcu)
}
