// SPDX-License-Identifier: GPL-2.0
//! error: the trait bound `Evil: Shareable` is not satisfied
//!
//! The same for a list.

use netdev::rtnl::RtnlList;

/// Any code may be in its `Clone`.
#[derive(Clone)]
pub struct Evil;

/// Makes one.
pub fn refused() -> RtnlList<Evil> {
    RtnlList::new()
}
