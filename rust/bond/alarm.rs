// SPDX-License-Identifier: GPL-2.0

//! Times at which the bond has work, and the two that do it: a timer that never waits for RTNL, and
//! a worker that does.
//!
//! [`Due`] holds one deadline for each kind of work, set by whoever knows of it, so that the timer does
//! not search. An idle bond costs a timer at each miimon tick, and RTNL never.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use lag::alarm;
use netdev::{time, work::Work};
use wire::time::{Deadline, Span, Time};

/// The least time between two runs under RTNL that frames from the wire, or packets on their way out,
/// can cause: 20 a second.
pub(crate) const WIRE_SPACING: Span = Span::millis(50);

/// Runs [`netdev::driver::Timed::on_timer`] no later than all that it was asked for.
pub(crate) struct Alarm {
    work: Work,
    next: alarm::Alarm,
}

impl Alarm {
    pub(crate) fn new(work: Work) -> Self {
        Alarm {
            work,
            next: alarm::Alarm::new(),
        }
    }

    /// Asks for a run at `at` or before. From any context.
    pub(crate) fn by(&self, at: Time) {
        if at != Time::NEVER {
            self.next.by(at, |at| self.work.queue(at - time::now()));
        }
    }

    /// Asks for a run now.
    pub(crate) fn now(&self) {
        self.by(Time(0));
    }

    /// It runs: whoever asks from here on asks for another run. What was asked for before is part
    /// of the state that this run looks at.
    pub(crate) fn fired(&self) {
        self.next.fired();
    }

    /// Takes back what was asked for; waits for the end of a run.
    pub(crate) fn cancel(&self) {
        self.work.cancel();
        self.fired();
    }

    /// As `cancel`, and no run will be any more.
    pub(crate) fn disable(&self) {
        self.work.disable();
    }
}

/// Holds the deadlines of a bond, one for each kind of work.
pub(crate) struct Due {
    /// The links are looked at: miimon.
    pub(crate) poll: Deadline,
    /// Nanoseconds from one poll to the next; 0 for none.
    every: AtomicU64,
    /// The deadline of work under RTNL: delays that end, announcements, retries for want of memory.
    pub(crate) commit: Deadline,
    /// The machines of LACP.
    pub(crate) lacp: Deadline,
    /// balance-tlb and balance-alb: learning packets, rebalancing, clients.
    pub(crate) balance: Deadline,
    /// Not before that does the wire cause another run under RTNL.
    quiet_until: AtomicU64,
    /// A packet has found a slave without its carrier.
    hurried: AtomicBool,
    /// Not before that is `hurried` taken back.
    patient_until: AtomicU64,
}

impl Due {
    pub(crate) const fn new() -> Self {
        Due {
            poll: Deadline::never(),
            every: AtomicU64::new(0),
            commit: Deadline::never(),
            lacp: Deadline::never(),
            balance: Deadline::never(),
            quiet_until: AtomicU64::new(0),
            hurried: AtomicBool::new(false),
            patient_until: AtomicU64::new(0),
        }
    }

    /// The links are looked at that often from now on; zero for never.
    pub(crate) fn poll_every(&self, every: Span, now: Time) {
        self.every.store(every.0, Ordering::Relaxed);
        self.poll.set((every.0 != 0).then(|| now + every));
    }

    /// A poll is due; the next one is an interval from now.
    pub(crate) fn takes_poll(&self, now: Time) -> bool {
        let next = match self.every.load(Ordering::Relaxed) {
            0 => Time::NEVER,
            every => now + Span(every),
        };
        self.poll.take(now, next).is_some()
    }

    /// A run under RTNL begins.
    pub(crate) fn committed(&self, now: Time) {
        let until = now + WIRE_SPACING;
        self.quiet_until.store(until.0, Ordering::Relaxed);
    }

    /// Returns the time at which the wire may cause a run under RTNL: at once, if there was none of
    /// late.
    pub(crate) fn for_wire(&self) -> Time {
        Time(self.quiet_until.load(Ordering::Relaxed))
    }

    /// A packet has found a slave without its carrier. True if that is news.
    pub(crate) fn hurry(&self) -> bool {
        // A plain load first: of many packets one writes.
        !self.hurried.load(Ordering::Relaxed) && !self.hurried.swap(true, Ordering::Relaxed)
    }

    /// Listens to packets that are in a hurry, unless that was but now. Returns when to do it then.
    pub(crate) fn listen(&self, now: Time) -> Time {
        if !self.hurried.load(Ordering::Relaxed) {
            return Time::NEVER;
        }
        let until = Time(self.patient_until.load(Ordering::Relaxed));
        if now < until {
            return until;
        }
        let until = now + WIRE_SPACING;
        self.patient_until.store(until.0, Ordering::Relaxed);
        self.hurried.store(false, Ordering::Relaxed);
        Time::NEVER
    }

    /// The earliest of what is due.
    pub(crate) fn next(&self) -> Time {
        let all = [&self.poll, &self.commit, &self.lacp, &self.balance];
        all.into_iter()
            .fold(Time::NEVER, |next, deadline| next.min(deadline.at()))
    }
}
