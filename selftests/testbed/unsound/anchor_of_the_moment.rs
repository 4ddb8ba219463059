// SPDX-License-Identifier: GPL-2.0
//! error: borrowed data escapes outside of function
//!
//! What a driver's devices are known by is there for as long as the module.

use netdev::anchor::{Anchor, Fixed};

/// Takes one that is not.
pub fn refused<D: 'static>(anchor: &Anchor<D>) -> Fixed<Anchor<D>> {
    Fixed::new(anchor)
}
