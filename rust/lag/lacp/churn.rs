// SPDX-License-Identifier: GPL-2.0

//! The Churn Detection machines, figures 6-23 and 6-24 of IEEE 802.1AX-2014.
//!
//! One machine serves for actor and partner: the figures differ in whose Synchronization is
//! looked at.
//!
//! Clause 6.4.17.

use super::table::{self, named, Arc};
use super::timer::{self, Timer};
use crate::time::Time;

named! {
    /// States of a Churn Detection machine.
    #[derive(Default)]
    pub enum State {
        /// Out of sync, but not for long.
        #[default]
        Monitor => "CHURN_MONITOR",
        /// Out of sync for too long.
        Churn => "CHURN",
        /// In sync.
        NoChurn => "NO_CHURN",
    }
}

impl State {
    /// 0 monitoring, 1 churned, 2 none. IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE and _PARTNER_STATE.
    pub const fn number(self) -> u8 {
        match self {
            State::Monitor => 0,
            State::Churn => 1,
            State::NoChurn => 2,
        }
    }

    /// The word that /proc uses.
    pub const fn word(self) -> &'static str {
        match self {
            State::Monitor => "monitoring",
            State::Churn => "churned",
            State::NoChurn => "none",
        }
    }
}

named! {
    /// Conditions of a Churn Detection machine.
    pub enum Condition {
        /// No link.
        Off => "!port_enabled",
        /// In sync.
        InSync => "Synchronization",
        /// Out of sync.
        OutOfSync => "!Synchronization",
        /// The churn timer has run out.
        TooLong => "churn timer expired",
    }
}

use State::{Churn, Monitor, NoChurn};

/// Figures 6-23 and 6-24; of two arcs that could be taken, the upper is.
pub const TABLE: &[Arc<State, Condition>] = &[
    Arc {
        from: &[Churn, NoChurn],
        when: Condition::Off,
        to: Monitor,
    },
    Arc {
        from: &[Monitor, Churn],
        when: Condition::InSync,
        to: NoChurn,
    },
    Arc {
        from: &[NoChurn],
        when: Condition::OutOfSync,
        to: Monitor,
    },
    Arc {
        from: &[Monitor],
        when: Condition::TooLong,
        to: Churn,
    },
];

/// The variables that the conditions read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs {
    /// No link; BEGIN acts through a machine made anew.
    pub off: bool,
    /// Synchronization of the end that is watched.
    pub in_sync: bool,
    /// The churn timer has run out.
    pub too_long: bool,
}

impl Inputs {
    /// The condition is met. Off holds the machine: nothing else does then.
    pub fn hold(&self, condition: Condition) -> bool {
        match condition {
            Condition::Off => self.off,
            Condition::InSync => !self.off && self.in_sync,
            Condition::OutOfSync => !self.in_sync,
            Condition::TooLong => !self.off && self.too_long,
        }
    }
}

/// The machine for one end of one link.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    pub(super) state: State,
    pub(super) timer: Timer,
    pub(super) count: u32,
}

/// More than the longest way through the diagram on one set of inputs.
pub const STEPS: usize = 3;

impl Machine {
    /// The state.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Returns how often churn was found: IEEE aAggPortDebugActorChurnCount and -PartnerChurnCount.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Takes every transition that is due; true if churn was found by one of them.
    pub(super) fn run(&mut self, begin: bool, off: bool, in_sync: bool, now: Time) -> bool {
        let mut found = false;
        if begin {
            self.state = Monitor;
            self.timer.stop();
        }
        for _ in 0..STEPS {
            let inputs = Inputs {
                off,
                in_sync,
                too_long: self.timer.expired(),
            };
            let Some(to) = table::next(TABLE, self.state, |c| inputs.hold(c)) else {
                break;
            };
            self.state = to;
            self.timer.stop();
            if to == Churn {
                self.count = self.count.wrapping_add(1);
                found = true;
            }
        }
        if off {
            self.timer.stop();
        } else if self.state == Monitor && self.timer == Timer::Stopped {
            self.timer.start(now, timer::CHURN_DETECTION);
        }
        found
    }
}
