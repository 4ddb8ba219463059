// SPDX-License-Identifier: GPL-2.0

//! Timers, and the times that they run for.
//!
//! Clause 6.4.4. Clause 6.4.10.

use crate::time::{Span, Time};

/// Fast_Periodic_Time: between PDUs to a partner that asked for Short Timeout.
pub const FAST_PERIODIC: Span = Span::secs(1);
/// Slow_Periodic_Time: between PDUs to a partner that asked for Long Timeout.
pub const SLOW_PERIODIC: Span = Span::secs(30);
/// Short_Timeout_Time: a partner silent for so long is lost, at lacp_rate fast.
pub const SHORT_TIMEOUT: Span = Span::secs(3);
/// Long_Timeout_Time: the same at lacp_rate slow.
pub const LONG_TIMEOUT: Span = Span::secs(90);
/// Churn_Detection_Time: out of sync for so long is churn.
pub const CHURN_DETECTION: Span = Span::secs(60);
/// Aggregate_Wait_Time: how long a port waits for others to attach with it.
pub const AGGREGATE_WAIT: Span = Span::secs(2);
/// Time for which others carry the traffic of a port whose partner is in sync and does not collect
/// yet. Not in the standard. A partner whose PDUs are held back (6.4.16) has sent one by then.
pub const HANDOVER: Span = Span::secs(1);

/// Time for which a port goes on to carry traffic without an agreement once a partner has turned up
/// that knows the bond. Not in the standard. The kernel's own bonding gets in sync after 8 s.
pub const STAND_IN: Span = Span::secs(10);

/// A timer that runs out once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Timer {
    /// Never started, or stopped.
    #[default]
    Stopped,
    /// Runs out at that time.
    Running(Time),
    /// Has run out.
    Expired,
}

impl Timer {
    /// Starts it anew.
    pub fn start(&mut self, now: Time, span: Span) {
        *self = Timer::Running(now + span);
    }

    /// Starts it anew, to run out at that time; it has if that is now.
    pub fn until(&mut self, at: Time, now: Time) {
        *self = Timer::Running(at);
        self.advance(now);
    }

    /// Stops it: it will not run out.
    pub fn stop(&mut self) {
        *self = Timer::Stopped;
    }

    /// Lets it run out if its time has come.
    pub fn advance(&mut self, now: Time) {
        if self.deadline().is_some_and(|at| at <= now) {
            *self = Timer::Expired;
        }
    }

    /// It has run out since it was started.
    pub const fn expired(self) -> bool {
        matches!(self, Timer::Expired)
    }

    /// Returns the time at which it will run out.
    pub const fn deadline(self) -> Option<Time> {
        match self {
            Timer::Running(at) => Some(at),
            Timer::Stopped | Timer::Expired => None,
        }
    }
}
