// SPDX-License-Identifier: GPL-2.0

//! The state of ARP monitoring.

use core::sync::atomic::AtomicBool;

use kernel::sync::Arc;
use lag::monitor::arp::{self, Settings};
use netdev::{rtnl::RtnlCell, Rtnl};
use wire::time::Time;

/// The monitor of one bond. It judges and asks in read-side sections, whoever holds RTNL; what follows
/// of it is left to the worker.
pub(crate) struct Monitor {
    /// Settings of the monitor; none while it is off.
    pub(crate) settings: RtnlCell<Option<Arc<Settings>>>,
    pub(crate) rounds: arp::Rounds,
    /// The targets are to be probed once the active slave has been chosen anew.
    pub(crate) asks: AtomicBool,
}

impl Monitor {
    pub(crate) fn new() -> Self {
        Monitor {
            settings: RtnlCell::new(None),
            rounds: arp::Rounds::default(),
            asks: AtomicBool::new(false),
        }
    }

    /// Returns the settings of the monitor; none while it is off.
    pub(crate) fn settings(&self, rtnl: &Rtnl) -> Option<Arc<Settings>> {
        self.settings.share(rtnl)
    }

    /// Returns the time of the next round.
    pub(crate) fn next_deadline(&self) -> Time {
        self.rounds.next_deadline()
    }

    /// The bond goes down.
    pub(crate) fn stop(&self) {
        self.rounds.stop();
    }
}
