// SPDX-License-Identifier: GPL-2.0
//! error: the trait bound `Evil: core::marker::Copy` is not satisfied
//!
//! A `Clone` that comes back to the cell would free what it is made of.

use netdev::rtnl::{Rtnl, RtnlCell};

/// Any code may be in its `Clone`.
#[derive(Clone)]
pub struct Evil;

/// Takes a copy.
pub fn refused(cell: &RtnlCell<Evil>, rtnl: &Rtnl) -> Evil {
    cell.get(rtnl)
}
