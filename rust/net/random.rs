// SPDX-License-Identifier: GPL-2.0

//! Random numbers.

use cbindings as c;

/// Any number, from any context.
#[inline]
pub fn number() -> u32 {
    // SAFETY: Callable from any context.
    unsafe { c::rb_random_u32() }
}
