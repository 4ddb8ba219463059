// SPDX-License-Identifier: GPL-2.0

//! One line in the kernel log, about a device.

use core::fmt::{self, Write};

use cbindings as c;
use kernel::{ffi, str::CStr};

use crate::{text::Text, NetDevice};

/// How loud.
#[derive(Clone, Copy)]
pub enum Level {
    /// KERN_ERR
    Error,
    /// KERN_WARNING
    Warn,
    /// KERN_INFO
    Info,
}

impl Level {
    fn prefix(self) -> &'static CStr {
        match self {
            Level::Error => c"\x013",
            Level::Warn => c"\x014",
            Level::Info => c"\x016",
        }
    }
}

/// Whether a line may be logged that others can make us log: there is a limit on how many.
pub fn may_speak() -> bool {
    // SAFETY: Callable from any context.
    unsafe { c::net_ratelimit() != 0 }
}

/// Logs a line about `dev`, or about the driver where there is none.
pub fn line(level: Level, dev: Option<&NetDevice>, args: fmt::Arguments<'_>) {
    let mut buf = [0u8; 256];
    let mut text = Text::new(&mut buf);
    let _ = text.write_fmt(args);
    let bytes = text.as_bytes();
    let (at, len) = (bytes.as_ptr().cast(), bytes.len() as ffi::c_int);
    let prefix = level.prefix().as_ptr().cast();
    match dev {
        // SAFETY: `len` bytes are at `at`; a level is a C string; the device is alive.
        Some(dev) => unsafe { c::rb_dev_log(prefix, dev.as_ptr(), at, len) },
        // SAFETY: As above.
        None => unsafe { c::rb_log(prefix, at, len) },
    }
}

/// Logs an error about a device.
#[macro_export]
macro_rules! dev_error {
    ($dev:expr, $($args:tt)+) => {
        $crate::log::line($crate::log::Level::Error, Some($dev), format_args!($($args)+))
    };
}

/// Logs a warning about a device.
#[macro_export]
macro_rules! dev_warning {
    ($dev:expr, $($args:tt)+) => {
        $crate::log::line($crate::log::Level::Warn, Some($dev), format_args!($($args)+))
    };
}

/// Logs news about a device.
#[macro_export]
macro_rules! dev_note {
    ($dev:expr, $($args:tt)+) => {
        $crate::log::line($crate::log::Level::Info, Some($dev), format_args!($($args)+))
    };
}
