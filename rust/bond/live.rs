// SPDX-License-Identifier: GPL-2.0

//! The part of a bond that packets and timers may touch, besides its [`View`](crate::tx::View): a
//! leaf, which knows nothing of the bond.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use compat::trace::{self, Drop};
use netdev::{
    percpu::{Counter, PerCpu},
    prelude::*,
    rtnl_work::RtnlWork,
    skb::{Sent, Skb},
    time,
    work::Work,
    Rcu,
};
use wire::time::Time;

use crate::alarm::{Alarm, Due};

/// Packets that were dropped, as one CPU has counted them.
#[derive(Default)]
pub(crate) struct Drops {
    no_slave: AtomicU64,
    no_memory: AtomicU64,
}

/// The part of a bond that changes without RTNL.
pub(crate) struct Live {
    /// Number of the packet, by which slaves take turns in balance-rr.
    pub(crate) turns: Counter,
    /// Packets that were dropped.
    drops: PerCpu<Drops>,
    /// Something has changed that needs RTNL to be drawn.
    pub(crate) unsettled: AtomicBool,
    /// Deadlines of all work.
    pub(crate) due: Due,
    /// Runs `on_timer`.
    pub(crate) alarm: Alarm,
    /// Runs `on_rtnl`.
    pub(crate) later: RtnlWork,
}

impl Live {
    /// Returns the live part of a bond that has nothing to do.
    pub(crate) fn new(timer: Work, later: RtnlWork) -> Result<Self> {
        Ok(Live {
            turns: Counter::new()?,
            drops: PerCpu::new()?,
            unsettled: AtomicBool::new(false),
            due: Due::new(),
            alarm: Alarm::new(timer),
            later,
        })
    }

    /// Drops a packet. Said as the last thing that a function does, it takes no room on the stack of those who send.
    #[cold]
    #[inline(never)]
    pub(crate) fn drop(&self, skb: Skb, why: Drop) -> Sent {
        // A section of its own: a token to hand on would take a register of those who send.
        Rcu::read(|rcu| {
            let drops = self.drops.this(rcu);
            let counter = match why {
                Drop::NoSlave => &drops.no_slave,
                Drop::NoMemory => &drops.no_memory,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        });
        trace::drop(skb, why)
    }

    /// Returns the numbers of packets dropped: for want of a slave, and for want of memory.
    pub(crate) fn dropped(&self) -> (u64, u64) {
        self.drops.each().fold((0, 0), |(slave, memory), drops| {
            (
                slave.wrapping_add(drops.no_slave.load(Ordering::Relaxed)),
                memory.wrapping_add(drops.no_memory.load(Ordering::Relaxed)),
            )
        })
    }

    /// A packet met a dead link: look at the links now, not at the next poll.
    #[cold]
    pub(crate) fn hurry(&self) {
        if self.due.hurry() {
            self.alarm.now();
        }
    }

    /// A frame has changed something that needs RTNL to be drawn: at once, if none did of late.
    pub(crate) fn follow_wire(&self) {
        self.unsettled.store(true, Ordering::Release);
        let at = self.due.for_wire();
        if time::now() < at {
            self.alarm.by(at);
        } else {
            self.later.ask();
        }
    }

    /// balance-alb has something to do at that time.
    pub(crate) fn expect_balance(&self, at: Option<Time>) {
        if let Some(at) = at {
            self.due.balance.by(at);
            self.alarm.by(at);
        }
    }
}
