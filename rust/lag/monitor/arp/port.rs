// SPDX-License-Identifier: GPL-2.0

//! The state of one slave for ARP monitoring.

use super::{Role, Settings, Sighting, Slot, Variant, SLOTS};
use crate::monitor::mii::Transition;
use crate::monitor::Status;
use crate::time::{Span, Time};
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicU8, Ordering::Relaxed};

/// The time at which something was last seen. Any CPU may write it; a stamp is only ever a little
/// old, never torn, and needs no order with other memory.
#[derive(Debug, Default)]
pub struct Seen(AtomicU64);

impl Seen {
    /// Seen at the beginning of time.
    pub const fn new() -> Seen {
        Seen(AtomicU64::new(0))
    }

    /// The time noted.
    pub fn last(&self) -> Time {
        Time(self.0.load(Relaxed))
    }

    /// Notes `now`, whatever was noted.
    pub fn set(&self, now: Time) {
        self.0.store(now.0, Relaxed);
    }

    /// Takes what was noted as that much younger.
    fn shift(&self, by: Span, now: Time) {
        self.set((self.last() + by).min(now));
    }

    /// Notes `now`, unless the last note is younger than `grain`: then the line stays shared by
    /// the CPUs that receive.
    pub fn touch(&self, now: Time, grain: Span) {
        if now - self.last() >= grain {
            self.set(now);
        }
    }
}

/// One slave under ARP monitoring: its link and what it has heard and sent. Part of the slave for
/// as long as it lives; everything in it can be read and written from anywhere.
#[derive(Debug)]
pub struct Port {
    status: AtomicU8,
    candidate: AtomicBool,
    since: Seen,
    heard: Seen,
    sent: Seen,
    excused: Seen,
    targets: [Seen; SLOTS],
    /// Rounds of questions sent, and answers of targets heard.
    probes: AtomicU64,
    answers: AtomicU64,
}

impl Default for Port {
    fn default() -> Port {
        Port::new()
    }
}

impl AsRef<Port> for Port {
    fn as_ref(&self) -> &Port {
        self
    }
}

impl Port {
    /// A port that is not monitored yet.
    pub const fn new() -> Port {
        Port {
            status: AtomicU8::new(Status::Down.number()),
            candidate: AtomicBool::new(false),
            since: Seen::new(),
            heard: Seen::new(),
            sent: Seen::new(),
            excused: Seen::new(),
            targets: [const { Seen::new() }; SLOTS],
            probes: AtomicU64::new(0),
            answers: AtomicU64::new(0),
        }
    }

    /// Returns the number of rounds of questions that have left by this slave.
    pub fn probes(&self) -> u64 {
        self.probes.load(Relaxed)
    }

    /// Returns the number of answers of targets that have come in by it.
    pub fn answers(&self) -> u64 {
        self.answers.load(Relaxed)
    }

    /// Monitoring begins: the slave joins, the bond is opened, or arp_interval is set. The link is
    /// up if it has its carrier, and has arp_missed_max intervals to show that it works, the first
    /// of which is over.
    pub fn start(&self, settings: &Settings, carrier: bool, now: Time) {
        let status = if carrier { Status::Up } else { Status::Down };
        let before = Time(now.0.saturating_sub(settings.interval.0));
        self.status.store(status.number(), Relaxed);
        self.candidate.store(false, Relaxed);
        self.since.set(now);
        let stamps = [&self.heard, &self.sent, &self.excused];
        for stamp in stamps.into_iter().chain(&self.targets) {
            stamp.set(before);
        }
    }

    /// The link as it is reported.
    pub fn status(&self) -> Status {
        Status::from_number(self.status.load(Relaxed)).unwrap_or(Status::Down)
    }

    /// The slave is being tried, because there is no active one.
    pub fn is_candidate(&self) -> bool {
        self.candidate.load(Relaxed)
    }

    /// The slave became the active one.
    pub fn took_role(&self, now: Time) {
        self.since.set(now);
    }

    /// A probe has left this slave.
    pub fn sent(&self, now: Time) {
        self.sent.set(now);
        self.probes.fetch_add(1, Relaxed);
    }

    /// Something was seen in a frame that this slave has received.
    pub fn saw(&self, settings: &Settings, sighting: Sighting, now: Time) {
        let slot = match sighting {
            Sighting::Nothing => return,
            Sighting::Traffic => None,
            Sighting::Request(slot) => Some(slot),
            Sighting::Answer(slot) => {
                self.answers.fetch_add(1, Relaxed);
                Some(slot)
            }
        };
        self.heard.touch(now, settings.grain());
        if let Some(stamp) = slot.and_then(|slot| self.targets.get(slot.index())) {
            stamp.touch(now, settings.grain());
        }
    }

    /// The carrier was lost: the link is down at once.
    pub fn carrier_lost(&self) -> Option<Transition> {
        self.set_status(Status::Down)
    }

    /// The targets change from `old` to `new`. What was heard of those that stay is kept; a new
    /// one counts as heard now.
    pub fn retarget(&self, old: &Settings, new: &Settings, now: Time) {
        let was: [Time; SLOTS] = core::array::from_fn(|i| match self.targets.get(i) {
            Some(stamp) => stamp.last(),
            None => now,
        });
        for (stamp, origin) in self.targets.iter().zip(new.origins(old)) {
            let kept = origin.and_then(|slot| was.get(slot.index()));
            stamp.set(kept.copied().unwrap_or(now));
        }
    }

    pub(super) fn heard(&self) -> Time {
        self.heard.last()
    }

    pub(super) fn last_sent(&self) -> Time {
        self.sent.last()
    }

    pub(super) fn since(&self) -> Time {
        self.since.last()
    }

    /// Returns the time at which it was last told that no probe was needed.
    pub(super) fn excused(&self) -> Time {
        self.excused.last()
    }

    /// The time that has passed since everything that was noted is shorter by that much.
    pub(super) fn shift(&self, by: Span, now: Time) {
        let stamps = [&self.since, &self.heard, &self.sent, &self.excused];
        for stamp in stamps.into_iter().chain(&self.targets) {
            stamp.shift(by, now);
        }
    }

    pub(super) fn excuse(&self, now: Time) {
        self.excused.set(now);
    }

    pub(super) fn target(&self, slot: Slot) -> Time {
        match self.targets.get(slot.index()) {
            Some(stamp) => stamp.last(),
            None => Time(0),
        }
    }

    pub(super) fn set_candidate(&self, candidate: bool) {
        self.candidate.store(candidate, Relaxed);
    }

    pub(super) fn role(&self, settings: &Settings, active: bool) -> Role {
        let is_active = match settings.variant {
            Variant::ActiveBackup => active || self.is_candidate(),
            Variant::LoadBalance => self.status() == Status::Up,
        };
        if is_active {
            Role::Active
        } else {
            Role::Backup
        }
    }

    /// A link that was up and is down has failed; a candidate that was not heard has not.
    pub(super) fn set_status(&self, to: Status) -> Option<Transition> {
        let from = self.status();
        self.status.store(to.number(), Relaxed);
        (from != to).then_some(Transition {
            from,
            to,
            failure: from == Status::Up,
            note: None,
        })
    }
}
