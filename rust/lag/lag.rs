// SPDX-License-Identifier: GPL-2.0

//! Link aggregation, pure: protocol and policy of a bond with no kernel in sight.
//!
//! Nothing here allocates, sleeps, reads a clock or touches a device. Every machine takes the
//! time as an argument and answers with what has to be done; the driver in `rust/bond` does it.
//! The same source is a crate of the kernel module and a Cargo crate that is tested on the host.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub)]

pub mod alarm;
pub mod balance;
pub mod family;
pub mod hash;
pub mod history;
pub mod lacp;
pub mod mode;
pub mod monitor;
mod named;
pub mod options;
pub mod report;
pub mod select;
pub mod status;

pub use ::wire;
pub use ::wire::{batch, duplex, mac, time};
