// SPDX-License-Identifier: GPL-2.0

//! A counter that every CPU has one of.

use cbindings as c;
use kernel::{error::code::ENOMEM, prelude::*};

/// A counter for each CPU; no CPU writes what another one reads.
///
/// # Invariants
///
/// The pointer is a live per-CPU allocation of a `u32`.
pub struct Counter(*mut u32);

// SAFETY: Each CPU touches its own.
unsafe impl Send for Counter {}
// SAFETY: As above.
unsafe impl Sync for Counter {}

impl Counter {
    /// All zero.
    pub fn new() -> Result<Self> {
        // SAFETY: May sleep, as the callers may.
        let counter = unsafe { c::rb_percpu_u32_alloc() };
        if counter.is_null() {
            return Err(ENOMEM);
        }
        Ok(Counter(counter))
    }

    /// Counts on this CPU and returns the new count, which wraps.
    #[inline]
    pub fn count(&self) -> u32 {
        // SAFETY: By the invariant.
        unsafe { c::rb_percpu_u32_inc(self.0) }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        // SAFETY: By the invariant, and nobody else has it.
        unsafe { c::rb_percpu_u32_free(self.0) };
    }
}
