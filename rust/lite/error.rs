// SPDX-License-Identifier: GPL-2.0

//! Errors: an errno of C, which is negative.

use core::{fmt, num::NonZeroI32};

use crate::alloc::AllocError;

/// An errno, from -4095 to -1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Error(NonZeroI32);

/// Result whose error is an [`Error`].
pub type Result<T = (), E = Error> = core::result::Result<T, E>;

/// Errors that this crate returns, by their names.
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
        ENOMEM = 12,
        EINVAL = 22,
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
