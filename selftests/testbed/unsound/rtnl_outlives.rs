// SPDX-License-Identifier: GPL-2.0
//! error: cannot move out of `guard` because it is borrowed
//!
//! The token of RTNL ends when the mutex is given back.

use netdev::{rtnl::RtnlCell, Rtnl};

/// Reads without it.
pub fn refused(cell: &RtnlCell<u32>) -> u32 {
    let guard = Rtnl::lock();
    let rtnl: &Rtnl = &guard;
    drop(guard);
    cell.get(rtnl)
}
