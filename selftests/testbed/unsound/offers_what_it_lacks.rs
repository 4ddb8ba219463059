// SPDX-License-Identifier: GPL-2.0
//! error: but its trait bounds were not satisfied
//!
//! A driver offers what it has, so that no callback is there without one who answers.

use netdev::{offers::Offers, Driver};

/// Offers counters, whatever the driver is.
pub fn refused<D: Driver>(to: &mut Offers<'_, D>) {
    to.counts();
}
