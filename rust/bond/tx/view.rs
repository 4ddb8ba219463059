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
    /// What ARP monitoring looks for; none while it is off.
    pub(crate) arp: Option<Arc<Settings>>,
    /// How packets are sent.
    pub(crate) table: Table,
}
