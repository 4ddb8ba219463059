// SPDX-License-Identifier: GPL-2.0
//! error: function `driver_of` is private
//!
//! Nobody else looks behind a device.

use net::{vtable::driver_of, Driver, NetDevice};

/// Takes it for one of `D`.
pub fn refused<D: Driver>(dev: &NetDevice) -> bool {
    driver_of::<D>(dev).is_some()
}
