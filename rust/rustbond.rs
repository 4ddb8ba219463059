// SPDX-License-Identifier: GPL-2.0

//! rustbond: the Linux bonding driver, written in Rust.

use kernel::prelude::*;
use netdev::errno::code;

module! {
    type: Rustbond,
    name: "rustbond",
    authors: ["The rustbond developers"],
    description: "Ethernet channel bonding driver",
    license: "GPL",
}

struct Rustbond {
    _module: bond::Module,
}

impl kernel::Module for Rustbond {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // Of an EEXIST, modprobe thinks that the module is loaded already, unless the kernel, as newer
        // ones do, makes EBUSY of it.
        match bond::Module::new() {
            Ok(module) => Ok(Rustbond { _module: module }),
            Err(code::EEXIST) => Err(code::EBUSY.into()),
            Err(error) => Err(error.into()),
        }
    }
}
