// SPDX-License-Identifier: GPL-2.0
//! error: function `private` is private
//!
//! Nobody else looks behind a device without a look at whose it is.

use netdev::{anchor::private, Driver, NetDevice};

/// Takes it for one of `D`.
pub fn refused<D: Driver>(dev: &NetDevice) -> bool {
    private::<D>(dev).is_null()
}
