// SPDX-License-Identifier: GPL-2.0

//! Errors: an errno of C, which is negative.

use core::{fmt, num::NonZeroI32};

use crate::alloc::AllocError;

/// An errno, from -4095 to -1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(NonZeroI32);

/// Result whose error is an [`Error`].
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

/// The errors by their names.
pub mod code {
    use super::Error;

    // One a line: the build holds each number against C's.
    macro_rules! codes {
        ($($name:ident = $number:literal,)*) => {
            $(
                #[doc = stringify!($name)]
                pub const $name: Error = Error::of(-$number);
            )*
        };
    }

    codes! {
        EPERM = 1,
        ENOENT = 2,
        ESRCH = 3,
        EINTR = 4,
        EIO = 5,
        ENXIO = 6,
        E2BIG = 7,
        ENOEXEC = 8,
        EBADF = 9,
        ECHILD = 10,
        EAGAIN = 11,
        ENOMEM = 12,
        EACCES = 13,
        EFAULT = 14,
        ENOTBLK = 15,
        EBUSY = 16,
        EEXIST = 17,
        EXDEV = 18,
        ENODEV = 19,
        ENOTDIR = 20,
        EISDIR = 21,
        EINVAL = 22,
        ENFILE = 23,
        EMFILE = 24,
        ENOTTY = 25,
        ETXTBSY = 26,
        EFBIG = 27,
        ENOSPC = 28,
        ESPIPE = 29,
        EROFS = 30,
        EMLINK = 31,
        EPIPE = 32,
        EDOM = 33,
        ERANGE = 34,
        EOVERFLOW = 75,
        EMSGSIZE = 90,
        EPROTONOSUPPORT = 93,
        EOPNOTSUPP = 95,
        EADDRINUSE = 98,
        EADDRNOTAVAIL = 99,
        ENETDOWN = 100,
        ENOBUFS = 105,
        ETIMEDOUT = 110,
        EALREADY = 114,
        EINPROGRESS = 115,
    }
}

impl Error {
    const fn of(errno: i32) -> Error {
        match NonZeroI32::new(errno) {
            Some(errno) => Error(errno),
            None => panic!("0 is no error"),
        }
    }

    /// The error of this number; `EINVAL` if it is none.
    #[inline]
    pub fn from_errno(errno: i32) -> Error {
        match NonZeroI32::new(errno) {
            Some(number) if (-4095..0).contains(&errno) => Error(number),
            _ => code::EINVAL,
        }
    }

    /// Its number, which is negative.
    #[inline]
    pub const fn to_errno(self) -> i32 {
        self.0.get()
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({})", self.0)
    }
}

impl From<AllocError> for Error {
    #[inline]
    fn from(_: AllocError) -> Error {
        code::ENOMEM
    }
}

impl From<fmt::Error> for Error {
    fn from(_: fmt::Error) -> Error {
        code::EINVAL
    }
}

impl From<core::num::TryFromIntError> for Error {
    fn from(_: core::num::TryFromIntError) -> Error {
        code::EINVAL
    }
}

impl From<core::str::Utf8Error> for Error {
    fn from(_: core::str::Utf8Error) -> Error {
        code::EINVAL
    }
}

/// Takes what C returned: an error if it is negative.
///
/// # Errors
///
/// The one with that number.
#[inline]
pub fn to_result(err: i32) -> Result {
    if err < 0 {
        Err(Error::from_errno(err))
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
        Err(e) => T::from(e.to_errno() as i16),
    }
}
