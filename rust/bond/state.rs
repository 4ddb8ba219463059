// SPDX-License-Identifier: GPL-2.0

//! The data of a bond.

use kernel::sync::Arc;
use lag::{
    history::Cause,
    monitor::{arp::Known, notify::Burst},
    options::Params,
};
use netdev::{
    lock::{LockClass, SpinLockBh},
    prelude::*,
    rcu::{RcuBox, RcuCell, RcuSlot},
    rtnl::{RtnlCell, RtnlList},
    rtnl_work::RtnlWork,
    stats::Stats,
    work::Work,
    xfrm::Associations,
    NetDevice, Rtnl,
};

use crate::{
    history::History,
    keeps::{balance::Balance, lacp::Lacp, monitor::Monitor, xdp::Running},
    live::Live,
    settings,
    slave::Slave,
    tx::View,
    Cx,
};

static COUNTERS: LockClass = LockClass::new();

/// The choice of the slave that carries the traffic.
pub(crate) struct Choice {
    /// The one that carries the traffic, in the modes that have one.
    pub(crate) active: RtnlCell<Option<Arc<Slave>>>,
    /// The next selection takes the primary, whatever primary_reselect says.
    pub(crate) force_primary: RtnlCell<bool>,
    /// The active slave is to be chosen anew.
    pub(crate) reconsider: RtnlCell<bool>,
    /// The first cause for which the active slave has changed, and that has not been put down.
    pub(crate) cause: RtnlCell<Option<Cause>>,
}

/// Announcements that are still to be made.
pub(crate) struct Announce {
    /// Another slave is active, and those who follow it have not been told.
    pub(crate) failed_over: RtnlCell<bool>,
    /// Peer notifications that are still to be sent.
    pub(crate) peers: RtnlCell<Burst>,
    /// IGMP reports that are still to be sent.
    pub(crate) groups: RtnlCell<Burst>,
}

/// A bond.
#[repr(C)]
pub(crate) struct Bond {
    /// The part that packets and timers touch. First, so that who has the bond's address has this
    /// one's.
    pub(crate) live: Live,
    /// The picture by which packets are transmitted.
    pub(crate) view: RcuSlot<View>,
    /// Values of its options.
    pub(crate) params: RcuCell<Arc<Params>>,
    /// The slaves, in the order in which they came.
    pub(crate) slaves: RtnlList<Arc<Slave>>,
    /// The choice of the slave that carries the traffic.
    pub(crate) choice: Choice,
    /// Announcements that are still to be made.
    pub(crate) announce: Announce,
    /// There was no memory for `view`, or for another thing that follows from all this.
    pub(crate) stale: RtnlCell<bool>,
    /// Its address was taken from a slave: nobody has given it one.
    pub(crate) borrowed: RtnlCell<bool>,
    /// A change of features goes through the bond just now.
    pub(crate) in_features: RtnlCell<bool>,
    /// Packets may come with interrupts off.
    pub(crate) polled: RtnlCell<bool>,
    /// It is being unregistered, and lets one slave go after the other.
    pub(crate) ending: RtnlCell<bool>,
    /// The records of its changes.
    pub(crate) history: Arc<History>,
    /// Counters since the bond was made.
    pub(crate) total: SpinLockBh<Stats>,
    /// ARP monitoring.
    pub(crate) monitor: Monitor,
    /// The MACs of its targets.
    pub(crate) known: Known,
    /// LACP, for 802.3ad.
    pub(crate) lacp: Lacp,
    /// State of balance-tlb and balance-alb; none in another mode, or without memory for it.
    pub(crate) balance: RtnlCell<Option<Arc<Balance>>>,
    /// The XDP program that the slaves run.
    pub(crate) running: RtnlCell<Option<Arc<Running>>>,
    /// The security associations that the active slave works on.
    pub(crate) ipsec: Associations<Bond>,
}

impl Bond {
    /// A bond without slaves, on the heap.
    #[inline(never)]
    pub(crate) fn on_heap(timer: Work, later: RtnlWork) -> Result<KBox<Self>> {
        let params = RcuCell::new(RcuBox::new(settings::defaults()?)?);
        let history = Arc::new(History::new()?, GFP_KERNEL)?;
        Ok(KBox::new(
            Bond {
                view: RcuSlot::empty(),
                live: Live::new(timer, later)?,
                params,
                slaves: RtnlList::new(),
                choice: Choice {
                    active: RtnlCell::new(None),
                    force_primary: RtnlCell::new(false),
                    reconsider: RtnlCell::new(false),
                    cause: RtnlCell::new(None),
                },
                announce: Announce {
                    failed_over: RtnlCell::new(false),
                    peers: RtnlCell::new(Burst::Idle),
                    groups: RtnlCell::new(Burst::Idle),
                },
                stale: RtnlCell::new(false),
                borrowed: RtnlCell::new(false),
                in_features: RtnlCell::new(false),
                total: SpinLockBh::new(Stats::ZERO, c"rustbond_stats", &COUNTERS)?,
                monitor: Monitor::new(),
                known: Known::new(),
                lacp: Lacp::new(history.clone())?,
                history,
                balance: RtnlCell::new(None),
                polled: RtnlCell::new(false),
                ending: RtnlCell::new(false),
                running: RtnlCell::new(None),
                ipsec: Associations::new()?,
            },
            GFP_KERNEL,
        )?)
    }

    /// All slaves, in the order in which they came.
    pub(crate) fn each<'a>(&'a self, cx: Cx<'a>) -> impl Iterator<Item = Arc<Slave>> + 'a {
        self.slaves.iter(cx.rtnl)
    }

    /// The slave that a device is to this bond.
    pub(crate) fn slave_of(&self, cx: Cx<'_>, dev: &NetDevice) -> Option<Arc<Slave>> {
        self.each(cx).find(|s| s.dev.is(dev))
    }

    /// The mode has one slave that carries the traffic.
    pub(crate) fn has_active(&self, rtnl: &Rtnl) -> bool {
        self.params.get(rtnl).mode.has_active_slave()
    }
}
