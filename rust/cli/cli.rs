// SPDX-License-Identifier: GPL-2.0

//! The command `rustbond`: shows bonds, those of native bonding and ours, and says what is wrong with
//! them.
//!
//! [`state`] reads what the kernel tells into a plain [`State`]. Everything else is functions over
//! that: [`show`] draws it, [`why`] judges it, [`metrics`] writes it for Prometheus, [`watch`] follows
//! it. [`family`] asks the driver itself: for its [`history`], and for the slave of a [`flow`].

#![forbid(unsafe_code)]

pub mod args;
pub mod family;
pub mod flow;
pub mod history;
pub mod man;
pub mod metrics;
pub mod show;
pub mod state;
pub mod watch;
pub mod why;

mod words;

pub use state::State;
