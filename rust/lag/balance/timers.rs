// SPDX-License-Identifier: GPL-2.0

//! Periodic work of balance-tlb and balance-alb: learning packets, and dealing out anew.

use super::REBALANCE_INTERVAL;
use crate::time::{Span, Time};

/// The periods that are over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Every slave sends learning packets: for its own MAC, and the active slave of balance-tlb
    /// for every MAC that is used above the bond.
    pub learn: bool,
    /// [`Buckets::rebalance`](super::tlb::Buckets::rebalance).
    pub rebalance: bool,
}

/// The two periods. They run while the bond is up and has slaves, in balance-alb and in
/// balance-tlb with tlb_dynamic_lb.
#[derive(Clone, Copy, Debug)]
pub struct Timers {
    learn_at: Time,
    rebalance_at: Time,
    lp_interval: Span,
}

impl Timers {
    /// Both periods start at `now`. `lp_interval`: see [`set_lp_interval`](Self::set_lp_interval).
    pub fn new(now: Time, lp_interval: Span) -> Timers {
        let lp_interval = at_least_a_tick(lp_interval);
        Timers {
            learn_at: now + lp_interval,
            rebalance_at: now + REBALANCE_INTERVAL,
            lp_interval,
        }
    }

    /// The time between learning packets, option lp_interval. Taken into account at once: a
    /// shorter period does not wait for the end of the longer one.
    pub fn set_lp_interval(&mut self, now: Time, lp_interval: Span) {
        self.lp_interval = at_least_a_tick(lp_interval);
        self.learn_at = self.learn_at.min(now + self.lp_interval);
    }

    /// A slave joined or its link came up: the buckets are dealt out anew with it.
    pub fn rebalance_soon(&mut self, now: Time) {
        self.rebalance_at = now;
    }

    /// Returns which periods are over at `now`; the next ones start here. A period missed is not
    /// made up for.
    pub fn expire(&mut self, now: Time) -> Due {
        let due = Due {
            learn: self.learn_at <= now,
            rebalance: self.rebalance_at <= now,
        };
        if due.learn {
            self.learn_at = now + self.lp_interval;
        }
        if due.rebalance {
            self.rebalance_at = now + REBALANCE_INTERVAL;
        }
        due
    }

    /// Returns the time at which [`expire`](Self::expire) has to be called next.
    pub fn next_deadline(&self) -> Time {
        self.learn_at.min(self.rebalance_at)
    }
}

/// Native counts in tenths of a second; less would only be a way to flood the wire.
fn at_least_a_tick(span: Span) -> Span {
    span.max(Span::millis(100))
}
