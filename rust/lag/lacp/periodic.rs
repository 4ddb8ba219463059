// SPDX-License-Identifier: GPL-2.0

//! The Periodic Transmission machine, figure 6-19 of IEEE 802.1AX-2014.
//!
//! Clause 6.4.13.

use super::port::Port;
use super::table::{self, named, Arc};
use super::timer::{self, Timer};
use crate::time::Time;
use crate::wire::lacpdu::PortState;

named! {
    /// States of the Periodic Transmission machine.
    #[derive(Default)]
    pub enum State {
        /// Nothing is sent: no link, no LACP, or both ends are passive.
        #[default]
        NoPeriodic => "NO_PERIODIC",
        /// A PDU a second.
        FastPeriodic => "FAST_PERIODIC",
        /// A PDU in 30 seconds.
        SlowPeriodic => "SLOW_PERIODIC",
        /// A PDU now.
        PeriodicTx => "PERIODIC_TX",
    }
}

named! {
    /// Conditions of the Periodic Transmission machine.
    pub enum Condition {
        /// There is nobody to send to, or no way.
        Off => "!LACP_Enabled || !port_enabled || both passive",
        /// Unconditional.
        Always => "UCT",
        /// periodic_timer has run out.
        Due => "periodic_timer expired",
        /// The partner is content with slow.
        Long => "Partner LACP_Timeout == Long Timeout",
        /// The partner wants fast.
        Short => "Partner LACP_Timeout == Short Timeout",
        /// Either reason to send.
        DueOrShort => "periodic_timer expired || Partner LACP_Timeout == Short Timeout",
    }
}

use State::{FastPeriodic, NoPeriodic, PeriodicTx, SlowPeriodic};

/// Figure 6-19; of two arcs that could be taken, the upper is.
pub const TABLE: &[Arc<State, Condition>] = &[
    Arc {
        from: &[FastPeriodic, SlowPeriodic, PeriodicTx],
        when: Condition::Off,
        to: NoPeriodic,
    },
    Arc {
        from: &[NoPeriodic],
        when: Condition::Always,
        to: FastPeriodic,
    },
    Arc {
        from: &[FastPeriodic],
        when: Condition::Due,
        to: PeriodicTx,
    },
    Arc {
        from: &[FastPeriodic],
        when: Condition::Long,
        to: SlowPeriodic,
    },
    Arc {
        from: &[SlowPeriodic],
        when: Condition::DueOrShort,
        to: PeriodicTx,
    },
    Arc {
        from: &[PeriodicTx],
        when: Condition::Short,
        to: FastPeriodic,
    },
    Arc {
        from: &[PeriodicTx],
        when: Condition::Long,
        to: SlowPeriodic,
    },
];

/// The variables that the conditions read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs {
    /// No LACP, no link, or nobody active; BEGIN acts through a machine made anew.
    pub off: bool,
    /// periodic_timer has run out.
    pub due: bool,
    /// The partner's LACP_Timeout is Short Timeout; or it was given up, and is looked for.
    pub short: bool,
}

impl Inputs {
    /// The condition is met. Off holds the machine: nothing else does then.
    pub fn hold(&self, condition: Condition) -> bool {
        match condition {
            Condition::Off => self.off,
            Condition::Always => !self.off,
            Condition::Due => self.due,
            Condition::Long => !self.short,
            Condition::Short => self.short,
            Condition::DueOrShort => self.due || self.short,
        }
    }
}

/// The machine of one port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    pub(super) state: State,
    pub(super) timer: Timer,
}

/// More than the longest way through the diagram on one set of inputs.
pub const STEPS: usize = 5;

/// Takes every transition that is due.
pub(super) fn run(port: &mut Port, begin: bool, now: Time) {
    if begin {
        port.periodic = Machine::default();
    }
    for _ in 0..STEPS {
        let active = port.actor.state.has(PortState::ACTIVITY)
            || port.partner.state.has(PortState::ACTIVITY);
        let inputs = Inputs {
            off: !port.lacp_enabled() || !port.enabled || !active,
            due: port.periodic.timer.expired(),
            short: port.partner.state.has(PortState::TIMEOUT) || port.rx.looks_for_partner(),
        };
        let Some(to) = table::next(TABLE, port.periodic.state, |c| inputs.hold(c)) else {
            break;
        };
        port.periodic.state = to;
        match to {
            NoPeriodic => port.periodic.timer.stop(),
            FastPeriodic => port.periodic.timer.start(now, timer::FAST_PERIODIC),
            SlowPeriodic => port.periodic.timer.start(now, timer::SLOW_PERIODIC),
            PeriodicTx => {
                port.periodic.timer.stop();
                port.ntt = true;
            }
        }
    }
}
