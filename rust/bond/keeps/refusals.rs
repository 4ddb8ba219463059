// SPDX-License-Identifier: GPL-2.0

//! Counters of PDUs that the machines of LACP never saw.

use core::sync::atomic::{AtomicU64, Ordering};

use lag::lacp::intake::Refused;

/// Numbers of PDUs that the machines never saw, by [`Refused`]: counted without their lock.
#[derive(Default)]
pub(crate) struct Refusals {
    unknown: AtomicU64,
    illegal: AtomicU64,
    unknown_markers: AtomicU64,
}

impl Refusals {
    /// One more.
    pub(crate) fn count(&self, why: Refused) {
        let counter = match why {
            Refused::Unknown => &self.unknown,
            Refused::Illegal => &self.illegal,
            Refused::UnknownMarker => &self.unknown_markers,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds these to counters in the order of BOND_3AD_STAT_*.
    pub(crate) fn add_to(&self, mut counters: [u64; 9]) -> [u64; 9] {
        let [_, _, unknown, illegal, .., markers] = &mut counters;
        for (to, from) in [
            (unknown, &self.unknown),
            (illegal, &self.illegal),
            (markers, &self.unknown_markers),
        ] {
            *to = to.wrapping_add(from.load(Ordering::Relaxed));
        }
        counters
    }

    /// None.
    pub(crate) fn clear(&self) {
        for counter in [&self.unknown, &self.illegal, &self.unknown_markers] {
            counter.store(0, Ordering::Relaxed);
        }
    }
}
