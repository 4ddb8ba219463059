// SPDX-License-Identifier: GPL-2.0

//! Events in the kernel's log, in native bonding's words or in our own.

use kernel::str::CStr;
use lag::report::{self, Event, Words};
use netdev::{
    log::{self, Level},
    NetDevice,
};

/// The start of native's line about no device.
const NATIVE: &CStr = c"bonding: ";
const NOTHING: &CStr = c"";

/// Logs an event of `dev`, or of the driver where there is none, in the words that it is told in, if
/// it is. `lower` is the slave that it is about.
#[inline(never)]
pub fn report(words: Words, dev: Option<&NetDevice>, lower: Option<&NetDevice>, event: &Event<'_>) {
    let Some(level) = event.level(words) else {
        return;
    };
    let level = match level {
        report::Level::Error => Level::Error,
        report::Level::Warn => Level::Warn,
        report::Level::Notice => Level::Notice,
        report::Level::Info => Level::Info,
    };
    let name = match words {
        Words::Own => None,
        Words::Native if event.names_driver() => Some(NATIVE),
        Words::Native => Some(NOTHING),
    };
    let lower = lower.filter(|_| event.names_slave(words));
    log::line_as(
        level,
        name,
        dev,
        lower,
        format_args!("{}", event.told(words)),
    );
}
