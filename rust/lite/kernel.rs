// SPDX-License-Identifier: GPL-2.0

//! Stands in for the kernel's crate `kernel` where the kernel is built without Rust: under the same
//! names, what the driver uses of that crate, on `core` and a little C (`entry.c`).
//!
//! Not more than that: whoever needs another of the crate's functions adds it here, too.

#![cfg_attr(not(test), no_std)]

pub mod alloc;
pub mod error;
mod module;
pub mod str;
pub mod sync;
#[cfg(test)]
mod tests;

pub use module::{Module, ThisModule, THIS_MODULE};

/// C's types as the kernel's crate has them: `char` without a sign, `long` as wide as a pointer.
pub mod ffi {
    pub use core::ffi::{
        c_int, c_longlong, c_schar, c_short, c_uchar, c_uint, c_ulonglong, c_ushort, c_void, CStr,
    };
    /// `char`, which the kernel compiles as `unsigned char`.
    #[allow(non_camel_case_types)]
    pub type c_char = u8;
    /// `long`.
    #[allow(non_camel_case_types)]
    pub type c_long = isize;
    /// `unsigned long`.
    #[allow(non_camel_case_types)]
    pub type c_ulong = usize;
}

/// Pages of memory.
pub mod page {
    /// `PAGE_SHIFT`: the number of bits of an address within a page.
    #[cfg(CONFIG_PAGE_SHIFT = "12")]
    pub const PAGE_SHIFT: usize = 12;
    /// `PAGE_SHIFT`: the number of bits of an address within a page.
    #[cfg(CONFIG_PAGE_SHIFT = "14")]
    pub const PAGE_SHIFT: usize = 14;
    /// `PAGE_SHIFT`: the number of bits of an address within a page.
    #[cfg(CONFIG_PAGE_SHIFT = "16")]
    pub const PAGE_SHIFT: usize = 16;
}

/// Names that every file of the driver begins with.
pub mod prelude {
    pub use crate::{
        alloc::{flags::*, InPlaceInit, KBox, KVec},
        error::{code::*, Error, Result},
        ffi::*,
        fmt, module,
        str::CStrExt as _,
        ThisModule,
    };
    pub use core::pin::Pin;
}

/// Formats, as `format_args!` does.
#[macro_export]
macro_rules! fmt {
    ($($args:tt)*) => { ::core::format_args!($($args)*) };
}
