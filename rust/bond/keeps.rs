// SPDX-License-Identifier: GPL-2.0

//! What parts of a bond remember: data with its lock, which knows nothing of the bond.

pub(crate) mod balance;
pub(crate) mod lacp;
pub(crate) mod monitor;
pub(crate) mod refusals;
pub(crate) mod xdp;
