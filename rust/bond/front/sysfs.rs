// SPDX-License-Identifier: GPL-2.0

//! /sys/class/net/<bond>/bonding/: a file for each option and each reading.

use core::fmt;

use kernel::prelude::*;
use lag::options::{self, Opt, Reading, Value};
use net::{dev_error, driver::Attribute};

use crate::{
    commit::{self, Failure},
    device::Bond,
    Cx,
};

/// What a file stands for.
enum File {
    Option(Opt),
    Reading(Reading),
}

/// The file with that number, and its name.
fn file(number: usize) -> Option<(File, &'static str)> {
    let options = Opt::ALL.iter().flat_map(|opt| {
        opt.spec()
            .files
            .iter()
            .map(|name| (File::Option(*opt), *name))
    });
    let readings = Reading::ALL
        .iter()
        .map(|reading| (File::Reading(*reading), reading.file()));
    Iterator::chain(options, readings).nth(number)
}

/// What the kernel is told about a file.
pub(crate) fn attribute(number: usize) -> Option<Attribute> {
    file(number).map(|(file, name)| Attribute {
        name,
        writable: matches!(file, File::Option(_)),
    })
}

/// Writes what a file says.
pub(crate) fn show(bond: &Bond, cx: Cx<'_>, number: usize, to: &mut dyn fmt::Write) -> Result {
    let written = commit::with_view(bond, cx, |view| match file(number) {
        Some((File::Option(opt), _)) => options::show(opt, view, to),
        Some((File::Reading(reading), _)) => reading.show(view, to),
        None => Err(fmt::Error),
    });
    written.map_err(|fmt::Error| EIO)
}

/// Carries out what has been written into a file. The log says why it was not.
pub(crate) fn store(bond: &Bond, cx: Cx<'_>, number: usize, text: &[u8]) -> Result {
    let Some((File::Option(opt), _)) = file(number) else {
        return Err(EPERM);
    };
    match bond.request(cx, &[(opt, Value::Text(text))], None) {
        Ok(()) => Ok(()),
        Err(Failure::Failed(e)) => Err(e),
        Err(Failure::Refused(refusal)) => {
            dev_error!(cx.dev, "{refusal}");
            Err(Error::from_errno(refusal.errno.number()))
        }
    }
}
