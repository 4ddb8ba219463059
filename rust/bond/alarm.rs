// SPDX-License-Identifier: GPL-2.0

//! When the bond is to be looked at next.

use core::sync::atomic::{AtomicU64, Ordering};

use lag::time::Time;
use net::{time, work::Work};

/// Runs [`net::Driver::on_timer`] no later than all that it was asked for.
pub(crate) struct Alarm {
    work: Work,
    /// When it runs, in nanoseconds; `u64::MAX` if it does not.
    next: AtomicU64,
}

impl Alarm {
    pub(crate) fn new(work: Work) -> Self {
        Alarm {
            work,
            next: AtomicU64::new(u64::MAX),
        }
    }

    /// Asks for a run at `at` or before. From any context.
    pub(crate) fn by(&self, at: Time) {
        if at.0 < self.next.fetch_min(at.0, Ordering::AcqRel) {
            self.work.queue(at - time::now());
        }
    }

    /// Asks for a run now.
    pub(crate) fn now(&self) {
        self.by(Time(0));
    }

    /// It runs: whoever asks from here on asks for another run. What was asked for before is part
    /// of the state that this run looks at.
    pub(crate) fn fired(&self) {
        self.next.store(u64::MAX, Ordering::Release);
    }

    /// Takes back what was asked for; waits for the end of a run.
    pub(crate) fn cancel(&self) {
        self.work.cancel();
        self.fired();
    }

    /// As `cancel`, and no run will be any more.
    pub(crate) fn disable(&self) {
        self.work.disable();
    }
}
