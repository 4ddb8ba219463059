// SPDX-License-Identifier: GPL-2.0

//! Points in time and spans of it, as numbers that the caller supplies.

use core::ops::{Add, Sub};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Nanoseconds since some fixed moment; the driver passes `ktime_get()`, a test what it likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

impl Time {
    /// The end of time: a deadline that never comes.
    pub const NEVER: Time = Time(u64::MAX);
}

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// A span of `ms` milliseconds, the unit of every bonding option that is a time.
    pub const fn millis(ms: u64) -> Span {
        Span(ms.saturating_mul(1_000_000))
    }

    /// A span of `s` seconds.
    pub const fn secs(s: u64) -> Span {
        Span(s.saturating_mul(1_000_000_000))
    }

    /// Whole milliseconds in the span, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }
}

impl Add<Span> for Time {
    type Output = Time;

    /// Saturates: a deadline past the end of time never comes.
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Time> for Time {
    type Output = Span;

    /// The span from `earlier` to `self`, zero if it is not earlier.
    fn sub(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

/// The time of work that one worker does and many may ask for: kept, so that nobody has to search
/// for it.
#[derive(Debug)]
pub struct Deadline(AtomicU64);

impl Default for Deadline {
    fn default() -> Deadline {
        Deadline::never()
    }
}

impl Deadline {
    /// Not due.
    pub const fn never() -> Deadline {
        Deadline(AtomicU64::new(Time::NEVER.0))
    }

    /// Returns the time; [`Time::NEVER`] if there is none.
    pub fn at(&self) -> Time {
        Time(self.0.load(Relaxed))
    }

    /// Due at `at`, or never, whatever it was.
    pub fn set(&self, at: Option<Time>) {
        self.0.store(at.unwrap_or(Time::NEVER).0, Relaxed);
    }

    /// Due at `at`, if it was not due before that.
    pub fn by(&self, at: Time) {
        self.0.fetch_min(at.0, Relaxed);
    }

    /// Returns for how long it has been due, if it is, and sets the next time. One that is set in
    /// between stays as it was set.
    pub fn take(&self, now: Time, next: Time) -> Option<Span> {
        let due = self.at();
        if now < due {
            return None;
        }
        let _ = self.0.compare_exchange(due.0, next.0, Relaxed, Relaxed);
        Some(now - due)
    }
}
