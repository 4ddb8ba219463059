// SPDX-License-Identifier: GPL-2.0

//! The time at which a worker has to run next: asked for from any context, without a lock.
//!
//! A timer that can only be set has one value, and whoever sets it last wins. [`Alarm`] remembers
//! the earliest time that was asked for, so that a request for later never puts off one for sooner,
//! however the two interleave, and none is lost that comes while the worker begins. Checked over all
//! interleavings by `loom/alarm.rs`.

#[cfg(not(loom))]
use core::sync::atomic::{AtomicU64, Ordering};
#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering};

use crate::time::Time;

/// The earliest time that a run was asked for; [`Time::NEVER`] if it was not.
#[derive(Debug)]
pub struct Alarm(AtomicU64);

impl Default for Alarm {
    fn default() -> Alarm {
        Alarm::new()
    }
}

impl Alarm {
    /// No run is asked for.
    #[cfg(not(loom))]
    pub const fn new() -> Alarm {
        Alarm(AtomicU64::new(Time::NEVER.0))
    }

    /// No run is asked for.
    #[cfg(loom)]
    pub fn new() -> Alarm {
        Alarm(AtomicU64::new(Time::NEVER.0))
    }

    /// Asks for a run at `at` or before. Calls `set` to set the timer, which replaces what it was
    /// set to.
    ///
    /// Data for the run is written before the call. A run that begins after it sees them; otherwise
    /// the timer is set to `at` or earlier when this returns, or when others return who set it at
    /// the same time.
    pub fn by(&self, at: Time, mut set: impl FnMut(Time)) {
        let mut at = at.0;
        if at >= self.0.fetch_min(at, Ordering::AcqRel) {
            return;
        }
        loop {
            set(Time(at));
            // Who asked for sooner may have set the timer before us.
            let next = self.0.load(Ordering::Acquire);
            if next >= at {
                return;
            }
            at = next;
        }
    }

    /// The worker runs. Whoever asks from here on asks for another run; what was written before an
    /// earlier request is seen by this one.
    pub fn fired(&self) {
        // Not a plain store, which the reads behind it could overtake.
        self.0.swap(Time::NEVER.0, Ordering::AcqRel);
    }
}
