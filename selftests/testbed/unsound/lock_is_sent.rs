// SPDX-License-Identifier: GPL-2.0
//! error: cannot be shared between threads safely
//!
//! A spinlock is given back on the processor that took it.

use netdev::lock::SpinLockBh;

fn sent<T: Send>(_: T) {}

/// Lends it to another task.
pub fn refused(lock: &SpinLockBh<u32>) {
    sent(lock.lock());
}
