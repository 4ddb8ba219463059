// SPDX-License-Identifier: GPL-2.0
//! error: cannot be shared between threads safely
//!
//! The task that holds RTNL is the only one that may say so.

use netdev::Rtnl;

fn sent<T: Send>(_: T) {}

/// Lends it to another task.
pub fn refused(rtnl: &Rtnl) {
    sent(rtnl);
}
