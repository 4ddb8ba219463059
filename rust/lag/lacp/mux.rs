// SPDX-License-Identifier: GPL-2.0

//! The Mux machine of IEEE 802.1AX-2014: figure 6-21 with independent control, figure 6-22 with
//! coupled control of Collecting and Distributing.
//!
//! Clause 6.4.15.

use super::config::Control;
use super::port::{Port, Selected};
use super::table::{self, named, Arc};
use super::timer::{self, Timer};
use crate::time::Time;
use crate::wire::lacpdu::PortState;

named! {
    /// States of the Mux machine.
    #[derive(Default)]
    pub enum State {
        /// Not attached to an aggregator.
        #[default]
        Detached => "DETACHED",
        /// Waits for others that may attach with it, or in standby.
        Waiting => "WAITING",
        /// Attached; the partner is not in sync yet.
        Attached => "ATTACHED",
        /// Accepts frames (independent control).
        Collecting => "COLLECTING",
        /// Accepts and sends frames (independent control).
        Distributing => "DISTRIBUTING",
        /// Accepts and sends frames (coupled control).
        CollectingDistributing => "COLLECTING_DISTRIBUTING",
    }
}

named! {
    /// Conditions of the Mux machine.
    pub enum Condition {
        /// Reinitialisation.
        Begin => "BEGIN",
        /// An aggregator is chosen.
        Chosen => "SELECTED || STANDBY",
        /// No aggregator is chosen.
        Unselected => "UNSELECTED",
        /// The aggregator's ports are ready to attach.
        Ready => "SELECTED && Ready",
        /// The partner is in sync.
        InSync => "SELECTED && Partner Synchronization",
        /// The port may not be attached.
        Dropped => "UNSELECTED || STANDBY",
        /// The partner is in sync and accepts frames.
        Collects => "SELECTED && Partner Synchronization && Partner Collecting",
        /// No longer in sync.
        OutOfSync => "UNSELECTED || STANDBY || !Partner Synchronization",
        /// No longer in sync, or the partner accepts no frames.
        Refuses => "UNSELECTED || STANDBY || !Partner Synchronization || !Partner Collecting",
    }
}

use State::{Attached, Collecting, CollectingDistributing, Detached, Distributing, Waiting};

/// Figure 6-21; of two arcs that could be taken, the upper is.
pub const INDEPENDENT: &[Arc<State, Condition>] = &[
    Arc {
        from: State::ALL,
        when: Condition::Begin,
        to: Detached,
    },
    Arc {
        from: &[Detached],
        when: Condition::Chosen,
        to: Waiting,
    },
    Arc {
        from: &[Waiting],
        when: Condition::Unselected,
        to: Detached,
    },
    Arc {
        from: &[Waiting],
        when: Condition::Ready,
        to: Attached,
    },
    Arc {
        from: &[Attached],
        when: Condition::Dropped,
        to: Detached,
    },
    Arc {
        from: &[Attached],
        when: Condition::InSync,
        to: Collecting,
    },
    Arc {
        from: &[Collecting],
        when: Condition::OutOfSync,
        to: Attached,
    },
    Arc {
        from: &[Collecting],
        when: Condition::Collects,
        to: Distributing,
    },
    Arc {
        from: &[Distributing],
        when: Condition::Refuses,
        to: Collecting,
    },
];

/// Figure 6-22; of two arcs that could be taken, the upper is.
pub const COUPLED: &[Arc<State, Condition>] = &[
    Arc {
        from: State::ALL,
        when: Condition::Begin,
        to: Detached,
    },
    Arc {
        from: &[Detached],
        when: Condition::Chosen,
        to: Waiting,
    },
    Arc {
        from: &[Waiting],
        when: Condition::Unselected,
        to: Detached,
    },
    Arc {
        from: &[Waiting],
        when: Condition::Ready,
        to: Attached,
    },
    Arc {
        from: &[Attached],
        when: Condition::Dropped,
        to: Detached,
    },
    Arc {
        from: &[Attached],
        when: Condition::InSync,
        to: CollectingDistributing,
    },
    Arc {
        from: &[CollectingDistributing],
        when: Condition::OutOfSync,
        to: Attached,
    },
];

/// The diagram for this kind of control.
pub const fn diagram(control: Control) -> &'static [Arc<State, Condition>] {
    match control {
        Control::Coupled => COUPLED,
        Control::Independent => INDEPENDENT,
    }
}

/// The variables that the conditions read.
#[derive(Clone, Copy, Debug)]
pub struct Inputs {
    /// BEGIN.
    pub begin: bool,
    /// The Selected variable.
    pub selected: Selected,
    /// Ready: this port and every other that waits for the same aggregator has waited enough.
    pub ready: bool,
    /// The partner's Synchronization.
    pub in_sync: bool,
    /// The partner's Collecting.
    pub collecting: bool,
}

impl Inputs {
    /// The condition is met.
    pub fn hold(&self, condition: Condition) -> bool {
        let selected = self.selected == Selected::Selected;
        match condition {
            Condition::Begin => self.begin,
            Condition::Chosen => self.selected != Selected::Unselected,
            Condition::Unselected => self.selected == Selected::Unselected,
            Condition::Ready => selected && self.ready,
            Condition::InSync => selected && self.in_sync,
            Condition::Dropped => !selected,
            Condition::Collects => selected && self.in_sync && self.collecting,
            Condition::OutOfSync => !selected || !self.in_sync,
            Condition::Refuses => !selected || !self.in_sync || !self.collecting,
        }
    }
}

/// The machine of one port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    pub(super) state: State,
    pub(super) wait_while: Timer,
    /// Runs in COLLECTING_DISTRIBUTING until the partner collects, or was given the time to.
    pub(super) handover: Timer,
}

impl Machine {
    /// Attached to an aggregator.
    pub(super) fn is_attached(&self) -> bool {
        !matches!(self.state, Detached | Waiting)
    }

    /// In WAITING with wait_while_timer still running.
    pub(super) fn holds_up(&self) -> bool {
        self.state == Waiting && !self.wait_while.expired()
    }

    /// Ends the wait.
    pub(super) fn wait_no_longer(&mut self) {
        if self.state == Waiting {
            self.wait_while = Timer::Expired;
        }
    }

    /// May send, and what it sends may be lost yet: figure 6-22 does not ask whether the partner
    /// collects.
    pub(super) fn is_early(&self) -> bool {
        matches!(self.handover, Timer::Running(_))
    }
}

/// More than the longest way through either diagram on one set of inputs.
pub const STEPS: usize = 6;

/// Takes every transition that is due; `ready` is the aggregator's Ready, `wait` until when to wait
/// for others that may attach with it.
pub(super) fn run(
    port: &mut Port,
    control: Control,
    begin: bool,
    ready: bool,
    wait: Time,
    now: Time,
) {
    let mut begin = begin;
    for _ in 0..STEPS {
        let inputs = Inputs {
            begin,
            selected: port.selected,
            ready: ready && port.mux.wait_while.expired(),
            in_sync: port.partner.state.has(PortState::SYNCHRONIZATION),
            collecting: port.partner.state.has(PortState::COLLECTING),
        };
        begin = false;
        let Some(to) = table::next(diagram(control), port.mux.state, |c| inputs.hold(c)) else {
            break;
        };
        port.mux.state = to;
        let (sync, collecting, distributing) = match to {
            Detached | Waiting => (false, false, false),
            Attached => (true, false, false),
            Collecting => (true, true, false),
            Distributing | CollectingDistributing => (true, true, true),
        };
        let state = &mut port.actor.state;
        state.set(PortState::SYNCHRONIZATION, sync);
        state.set(PortState::COLLECTING, collecting);
        state.set(PortState::DISTRIBUTING, distributing);
        port.mux.handover.stop();
        match to {
            Waiting => port.mux.wait_while.until(wait, now),
            // The figure asks for no PDU here: the partner collects already.
            Distributing => {}
            Detached | Attached | Collecting | CollectingDistributing => {
                port.mux.wait_while.stop();
                port.ntt = true;
            }
        }
        if to == CollectingDistributing {
            port.mux.handover.start(now, timer::HANDOVER);
        }
    }
    if port.partner.state.has(PortState::COLLECTING) {
        port.mux.handover.stop();
    }
}
