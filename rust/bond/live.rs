// SPDX-License-Identifier: GPL-2.0

//! What packets and timers may touch of a bond, besides its [`View`](crate::tx::View): a leaf, which knows
//! nothing of the bond.

use core::sync::atomic::{AtomicBool, Ordering};

use netdev::{percpu::Counter, prelude::*, rtnl_work::RtnlWork, time, work::Work};
use wire::time::Time;

use crate::alarm::{Alarm, Due};

/// The part of a bond that changes without RTNL.
pub(crate) struct Live {
    /// Whose turn it is in balance-rr.
    pub(crate) turns: Counter,
    /// Something has changed that needs RTNL to be drawn.
    pub(crate) unsettled: AtomicBool,
    /// What is to be done, and when.
    pub(crate) due: Due,
    /// Runs `on_timer`.
    pub(crate) alarm: Alarm,
    /// Runs `on_rtnl`.
    pub(crate) later: RtnlWork,
}

impl Live {
    /// That of a bond which has nothing to do.
    pub(crate) fn new(timer: Work, later: RtnlWork) -> Result<Self> {
        Ok(Live {
            turns: Counter::new()?,
            unsettled: AtomicBool::new(false),
            due: Due::new(),
            alarm: Alarm::new(timer),
            later,
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
