// SPDX-License-Identifier: GPL-2.0

//! The picture of a bond by which packets go.

use kernel::sync::Arc;
use lag::monitor::arp::Settings;
use netdev::prelude::*;

use super::Table;
use crate::slave::Slave;

/// The slaves of a bond, and which of them sends what.
pub(crate) struct View {
    /// All slaves, in the order in which they came.
    pub(crate) all: KVec<Arc<Slave>>,
    /// The active slave, in the modes that have one.
    pub(crate) active: Option<Arc<Slave>>,
    /// Settings of ARP monitoring; none while it is off.
    pub(crate) arp: Option<Arc<Settings>>,
    /// The table of the mode.
    pub(crate) table: Table,
}
