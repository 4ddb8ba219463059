// SPDX-License-Identifier: GPL-2.0

//! Data that the parts of a bond keep, each with its lock; it knows nothing of the bond.

pub(crate) mod balance;
pub(crate) mod lacp;
pub(crate) mod monitor;
pub(crate) mod refusals;
pub(crate) mod xdp;
