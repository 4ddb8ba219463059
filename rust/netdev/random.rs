// SPDX-License-Identifier: GPL-2.0

//! Random numbers.
//!
//! C header: `include/linux/random.h`.

use cbindings as c;
use wire::mac::Mac;

/// Any number, from any context.
#[inline]
pub fn number() -> u32 {
    // SAFETY: Callable from any context.
    unsafe { c::rb_random_u32() }
}

/// An address that no vendor has given out: unicast, locally administered.
pub fn mac() -> Mac {
    let ([a, b, c, d], [e, f, ..]) = (number().to_ne_bytes(), number().to_ne_bytes());
    Mac([(a & 0xfc) | 0x02, b, c, d, e, f])
}
