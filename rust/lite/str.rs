// SPDX-License-Identifier: GPL-2.0

//! Strings as C has them, ended by a zero.

use core::{fmt, ops::Deref};

pub use core::ffi::CStr;

use crate::{
    alloc::{flags::*, KVec},
    error::{code::*, Result},
    ffi,
};

/// The kernel's `char *` of a string and back.
pub trait CStrExt {
    /// Its first character.
    fn as_char_ptr(&self) -> *const ffi::c_char;

    /// The string that begins there.
    ///
    /// # Safety
    ///
    /// `at` is the first character of a string that ends with a zero, and that stays and does not
    /// change for all of `'a`.
    unsafe fn from_char_ptr<'a>(at: *const ffi::c_char) -> &'a Self;
}

impl CStrExt for CStr {
    #[inline]
    fn as_char_ptr(&self) -> *const ffi::c_char {
        self.as_ptr().cast()
    }

    #[inline]
    unsafe fn from_char_ptr<'a>(at: *const ffi::c_char) -> &'a CStr {
        // SAFETY: The caller's promise.
        unsafe { CStr::from_ptr(at.cast()) }
    }
}

/// A string that is allocated.
///
/// # Invariants
///
/// The last byte is zero, and no other is.
pub struct CString(KVec<u8>);

struct Push<'a>(&'a mut KVec<u8>);

impl fmt::Write for Push<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0
            .extend_from_slice(s.as_bytes(), GFP_KERNEL)
            .map_err(|_| fmt::Error)
    }
}

impl CString {
    /// Makes one of what `fmt!` gives.
    ///
    /// # Errors
    ///
    /// `ENOMEM` without memory; `EINVAL` if there is a zero in it.
    pub fn try_from_fmt(args: fmt::Arguments<'_>) -> Result<CString> {
        let mut text = KVec::new();
        fmt::write(&mut Push(&mut text), args).map_err(|_| ENOMEM)?;
        if text.contains(&0) {
            return Err(EINVAL);
        }
        text.push(0, GFP_KERNEL)?;
        Ok(CString(text))
    }
}

impl Deref for CString {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        // By the invariant it is all of it.
        CStr::from_bytes_until_nul(&self.0).unwrap_or(c"")
    }
}
