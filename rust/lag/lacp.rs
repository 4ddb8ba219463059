// SPDX-License-Identifier: GPL-2.0

//! The Link Aggregation Control Protocol of IEEE 802.1AX-2014 clause 6.
//!
//! Each machine is a file, named as the standard names it: a table of transitions that [`table`]
//! evaluates, and what is done on entry to a state. [`system::System`] puts them together for a
//! bond: the driver hands it events and the time, and carries out what [`system::Sink`] asks.
//! Nothing waits for a tick: an event runs every machine it concerns before it returns.

pub mod aggregator;
pub mod churn;
pub mod config;
pub mod doubt;
pub mod info;
pub mod intake;
pub mod key;
pub mod limit;
pub mod marker;
pub mod mux;
pub mod notice;
pub mod periodic;
pub mod port;
pub mod reason;
pub mod receive;
pub mod rx;
pub mod selection;
pub mod stats;
pub mod system;
pub mod table;
pub mod timer;
pub mod traffic;
pub mod transmit;
