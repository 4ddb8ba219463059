// SPDX-License-Identifier: GPL-2.0

//! The XDP program of a bond.

use netdev::xdp::{Program, Steering};

/// A program that runs. As long as it does, drivers ask the bond where a frame goes.
pub(crate) struct Running {
    pub(crate) program: Program,
    pub(crate) _steering: Steering,
}
