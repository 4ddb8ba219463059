// SPDX-License-Identifier: GPL-2.0

//! Lines in the kernel log.
//!
//! C header: `include/linux/printk.h`.

use core::fmt::{self, Write};

use cbindings as c;
use kernel::{ffi, str::CStr};

/// Severity of a line. KERN_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// KERN_ERR.
    Error,
    /// KERN_WARNING.
    Warn,
    /// KERN_NOTICE.
    Notice,
    /// KERN_INFO.
    Info,
}

use crate::NetDevice;

fn prefix(level: Level) -> &'static CStr {
    match level {
        Level::Error => c"\x013",
        Level::Warn => c"\x014",
        Level::Notice => c"\x015",
        Level::Info => c"\x016",
    }
}

/// Returns whether a line may be logged that others can make us log: their number is limited.
/// net_ratelimit.
pub fn may_speak() -> bool {
    // SAFETY: Callable from any context.
    unsafe { c::net_ratelimit() != 0 }
}

/// Text on its way to the log. Each line of it goes there by itself.
struct Lines<'a> {
    level: Level,
    /// The beginning of a line about no device; none: the module's name.
    name: Option<&'static CStr>,
    dev: Option<&'a NetDevice>,
    lower: Option<&'a NetDevice>,
    buf: [u8; 256],
    len: usize,
}

impl Lines<'_> {
    fn push(&mut self, s: &str) {
        for (to, from) in self.buf.iter_mut().skip(self.len).zip(s.bytes()) {
            *to = from;
            self.len = self.len.wrapping_add(1);
        }
    }

    fn begin(&mut self) {
        if let Some(lower) = self.lower.filter(|_| self.len == 0) {
            let _ = write!(Unbroken(self), "(slave {}): ", lower.name());
        }
    }

    fn end(&mut self) {
        let (at, len) = (self.buf.as_ptr().cast(), self.len as ffi::c_int);
        let level = prefix(self.level).as_ptr().cast();
        match self.dev {
            // SAFETY: `len` bytes are at `at`; a level is a C string; the device is alive.
            Some(dev) => unsafe { c::rb_dev_log(level, dev.as_ptr(), at, len) },
            // SAFETY: As above, and so is the name.
            None => unsafe {
                let name = self.name.map_or(core::ptr::null(), CStr::as_ptr);
                c::rb_log(level, name.cast(), at, len)
            },
        }
        self.len = 0;
    }
}

/// Writes without a look at line breaks.
struct Unbroken<'a, 'b>(&'a mut Lines<'b>);

impl fmt::Write for Unbroken<'_, '_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.0.push(s);
        Ok(())
    }
}

impl fmt::Write for Lines<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        let mut first = true;
        for part in s.split('\n') {
            if !first {
                self.end();
            }
            first = false;
            if !part.is_empty() {
                self.begin();
                self.push(part);
            }
        }
        Ok(())
    }
}

/// Logs a line about `dev`, or about the module where there is none.
pub fn line(level: Level, dev: Option<&NetDevice>, args: fmt::Arguments<'_>) {
    log(level, None, dev, None, args);
}

/// Logs a line about `dev`, or about the driver where there is none, in the words of somebody else: a line about
/// no device begins with `name` if there is one, and one about a lower device of `dev` names that.
pub fn line_as(
    level: Level,
    name: Option<&'static CStr>,
    dev: Option<&NetDevice>,
    lower: Option<&NetDevice>,
    args: fmt::Arguments<'_>,
) {
    log(level, name, dev, lower, args);
}

#[inline(never)]
fn log(
    level: Level,
    name: Option<&'static CStr>,
    dev: Option<&NetDevice>,
    lower: Option<&NetDevice>,
    args: fmt::Arguments<'_>,
) {
    let buf = [0; 256];
    let mut lines = Lines {
        level,
        name,
        dev,
        lower,
        buf,
        len: 0,
    };
    let _ = lines.write_fmt(args);
    lines.end();
}
