// SPDX-License-Identifier: GPL-2.0

//! Errors: an errno of C, which is negative.
//!
//! The kernel's crate names more of them with each release; here are those that the driver uses, on
//! every kernel, by the numbers of its headers.
//!
//! C headers: `include/uapi/asm-generic/errno-base.h`, `include/uapi/asm-generic/errno.h`
//!
//! C header: `include/uapi/asm-generic/errno.h`.

use core::num::NonZeroI32;

use cbindings as c;
use kernel::{alloc::AllocError, ffi};

/// Errno, from -4095 to -1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Error(NonZeroI32);

/// Result whose error is an [`Error`].
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

/// Errors by their names.
pub mod code {
    use super::{c, Error};

    macro_rules! codes {
        ($($name:ident)*) => {
            $(
                #[doc = stringify!($name)]
                pub const $name: Error = match Error::new(-(c::$name as i32)) {
                    Some(error) => error,
                    None => panic!("no errno"),
                };
            )*
        };
    }

    codes! {
        EPERM EIO ENXIO EAGAIN ENOMEM EFAULT EBUSY EEXIST ENODEV EINVAL ENOSPC EMSGSIZE EOPNOTSUPP
        EADDRNOTAVAIL
    }
}

impl Error {
    const fn new(errno: i32) -> Option<Error> {
        match NonZeroI32::new(errno) {
            Some(number) if errno < 0 && errno >= -4095 => Some(Error(number)),
            _ => None,
        }
    }

    /// Returns the error of this number; `EINVAL` if it is none.
    #[inline]
    pub fn from_errno(errno: i32) -> Error {
        Error::new(errno).unwrap_or(code::EINVAL)
    }

    /// Returns its number, which is negative.
    #[inline]
    pub const fn to_errno(self) -> i32 {
        self.0.get()
    }
}

impl From<AllocError> for Error {
    #[inline]
    fn from(_: AllocError) -> Error {
        code::ENOMEM
    }
}

impl From<kernel::error::Error> for Error {
    #[inline]
    fn from(error: kernel::error::Error) -> Error {
        Error::from_errno(error.to_errno())
    }
}

impl From<Error> for kernel::error::Error {
    #[inline]
    fn from(error: Error) -> kernel::error::Error {
        kernel::error::Error::from_errno(error.to_errno())
    }
}

/// Takes what C returned: an error if it is negative.
///
/// # Errors
///
/// The one with that number.
#[inline]
pub fn to_result(returned: ffi::c_int) -> Result {
    if returned < 0 {
        Err(Error::from_errno(returned))
    } else {
        Ok(())
    }
}

/// Returns what `f` does, as C takes it: the value, or the number of the error.
#[inline]
pub fn from_result<T: From<i16>>(f: impl FnOnce() -> Result<T>) -> T {
    match f() {
        Ok(value) => value,
        // No error is below -4095.
        Err(error) => T::from(error.to_errno() as i16),
    }
}
