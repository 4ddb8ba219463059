// SPDX-License-Identifier: GPL-2.0
//! error: associated function `assume` is private
//!
//! Who gives addresses to a lower device shows that their list is locked.

use netdev::{device::Addresses, NetDevice};

/// Claims that it is.
pub fn refused(dev: &NetDevice, lower: &NetDevice) {
    Addresses::assume(dev).sync_to(lower, true);
}
