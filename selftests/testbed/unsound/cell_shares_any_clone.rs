// SPDX-License-Identifier: GPL-2.0
//! error: the trait bound `Evil: Shareable` is not satisfied
//!
//! Nor is it by the other way to a copy.

use netdev::rtnl::{Rtnl, RtnlCell};

/// Any code may be in its `Clone`.
#[derive(Clone)]
pub struct Evil;

/// Takes a copy.
pub fn refused(cell: &RtnlCell<Evil>, rtnl: &Rtnl) -> Evil {
    cell.share(rtnl)
}
