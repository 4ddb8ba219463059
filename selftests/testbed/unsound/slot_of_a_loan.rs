// SPDX-License-Identifier: GPL-2.0
//! error: `borrowed` does not live long enough
//!
//! A slot's value is dropped after a grace period, whenever that is: it borrows nothing.

use netdev::{
    prelude::*,
    rcu::{RcuBox, RcuSlot},
    Rtnl,
};

/// Publishes a loan.
pub fn refused(rtnl: &Rtnl) -> Result {
    let borrowed = 1;
    let slot = RcuSlot::empty();
    slot.publish(rtnl, Some(RcuBox::new(&borrowed)?));
    Ok(())
}
