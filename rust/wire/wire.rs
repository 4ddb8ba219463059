// SPDX-License-Identifier: GPL-2.0

//! Bytes and units: frames as they lie on the wire, addresses, time. No kernel, no protocol.
//!
//! Each format of frames has a checked view, `Packet`, and a meaning, `Repr`.
//!
//! A `Packet` borrows the bytes it describes and exists only if they hold the whole fixed part of
//! the format, so its getters cannot fail. A `Repr` is the meaning alone: `Repr::parse` refuses
//! what bonding must not act on, and `Repr::emit` writes it into a buffer that is large enough.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs, unreachable_pub)]

pub mod arp;
pub mod batch;
pub mod duplex;
pub mod eth;
pub mod flow;
pub mod ip;
pub mod lacpdu;
pub mod mac;
pub mod marker;
pub mod ndisc;
pub mod time;

/// The reason why bytes were refused, or not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The buffer ends before the format does.
    Truncated,
    /// A field has a value that the format, or bonding's use of it, does not allow.
    Malformed,
    /// The sum over the packet does not come out.
    Checksum,
}
