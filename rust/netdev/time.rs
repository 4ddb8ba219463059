// SPDX-License-Identifier: GPL-2.0

//! The clock, for those who pass the time on.
//!
//! C header: `include/linux/timekeeping.h`.

use cbindings as c;
use wire::time::Time;

/// Now, on the monotonic clock.
pub fn now() -> Time {
    // SAFETY: Callable from any context.
    Time(unsafe { c::ktime_get() } as u64)
}

/// Now, in nanoseconds since 1970-01-01 UTC.
pub fn real() -> u64 {
    // SAFETY: Callable from any context.
    unsafe { c::rb_time_real() }
}
