// SPDX-License-Identifier: GPL-2.0

//! The Receive machine, figure 6-18 of IEEE 802.1AX-2014.
//!
//! Clause 6.4.12.

use super::doubt;
use super::port::{Port, Selected, PARTNER_ADMIN};
use super::table::{self, named, Arc};
use super::timer::{self, Timer};
use crate::time::Time;
use crate::wire::lacpdu::{Info, PortState, Repr};

named! {
    /// States of the Receive machine.
    #[derive(Default)]
    pub enum State {
        /// Started, or moved: what was known of the partner is dropped.
        #[default]
        Initialize => "INITIALIZE",
        /// The link is down; the partner is remembered.
        PortDisabled => "PORT_DISABLED",
        /// The link is up but LACP does not run on it: it is not full duplex.
        LacpDisabled => "LACP_DISABLED",
        /// The partner is silent, or not heard yet; it is asked to speak fast.
        Expired => "EXPIRED",
        /// The partner is given up; the administrative values stand in for it.
        Defaulted => "DEFAULTED",
        /// The partner speaks.
        Current => "CURRENT",
    }
}

named! {
    /// Conditions of the Receive machine.
    pub enum Condition {
        /// Reinitialisation.
        Begin => "BEGIN",
        /// Unconditional.
        Always => "UCT",
        /// The link is down.
        Disabled => "!port_enabled",
        /// Another port hears the partner of this one.
        Moved => "port_moved",
        /// The link is up and may run LACP.
        EnabledLacp => "port_enabled && LACP_Enabled",
        /// The link is up and may not run LACP.
        EnabledNoLacp => "port_enabled && !LACP_Enabled",
        /// LACP may run again.
        Lacp => "LACP_Enabled",
        /// LACP may no longer run.
        NoLacp => "!LACP_Enabled",
        /// An LACPDU came in.
        Lacpdu => "LACPDU received",
        /// current_while_timer has run out.
        Silence => "current_while_timer expired",
    }
}

use State::{Current, Defaulted, Expired, Initialize, LacpDisabled, PortDisabled};

/// Figure 6-18; of two arcs that could be taken, the upper is.
pub const TABLE: &[Arc<State, Condition>] = &[
    Arc {
        from: State::ALL,
        when: Condition::Begin,
        to: Initialize,
    },
    Arc {
        from: &[Initialize],
        when: Condition::Always,
        to: PortDisabled,
    },
    Arc {
        from: &[LacpDisabled, Expired, Defaulted, Current],
        when: Condition::Disabled,
        to: PortDisabled,
    },
    Arc {
        from: &[PortDisabled],
        when: Condition::Moved,
        to: Initialize,
    },
    Arc {
        from: &[PortDisabled],
        when: Condition::EnabledLacp,
        to: Expired,
    },
    Arc {
        from: &[PortDisabled],
        when: Condition::EnabledNoLacp,
        to: LacpDisabled,
    },
    Arc {
        from: &[LacpDisabled],
        when: Condition::Lacp,
        to: PortDisabled,
    },
    Arc {
        from: &[Expired, Defaulted, Current],
        when: Condition::NoLacp,
        to: PortDisabled,
    },
    Arc {
        from: &[Expired, Defaulted, Current],
        when: Condition::Lacpdu,
        to: Current,
    },
    Arc {
        from: &[Current],
        when: Condition::Silence,
        to: Expired,
    },
    Arc {
        from: &[Expired],
        when: Condition::Silence,
        to: Defaulted,
    },
];

/// The variables that the conditions read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs {
    /// BEGIN.
    pub begin: bool,
    /// port_enabled.
    pub enabled: bool,
    /// LACP_Enabled.
    pub lacp: bool,
    /// port_moved.
    pub moved: bool,
    /// An LACPDU is at hand.
    pub lacpdu: bool,
    /// current_while_timer has run out.
    pub silence: bool,
}

impl Inputs {
    /// The condition is met.
    pub fn hold(&self, condition: Condition) -> bool {
        match condition {
            Condition::Begin => self.begin,
            Condition::Always => true,
            Condition::Disabled => !self.enabled,
            Condition::Moved => self.moved,
            Condition::EnabledLacp => self.enabled && self.lacp,
            Condition::EnabledNoLacp => self.enabled && !self.lacp,
            Condition::Lacp => self.lacp,
            Condition::NoLacp => !self.lacp,
            Condition::Lacpdu => self.lacpdu,
            Condition::Silence => self.silence,
        }
    }
}

/// The machine of one port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    pub(super) state: State,
    pub(super) current_while: Timer,
    /// The partner has turned up on another port.
    ///
    /// Clause 6.4.8, port_moved.
    pub(super) moved: bool,
    /// A partner has spoken since the link came up.
    heard: bool,
}

impl Machine {
    /// There was a partner on this very link, and it was given up. What is lost may be a minute of
    /// the way between: its administrative LACP_Timeout (6.4.7) is Short, and both ends, which have
    /// given each other up, need not wait for Slow_Periodic_Time.
    pub(super) fn looks_for_partner(&self) -> bool {
        self.heard && self.state == Defaulted
    }
}

/// More than the longest way through the diagram on one set of inputs.
pub const STEPS: usize = 6;

/// Takes every transition that is due; `lacpdu` is consumed by the first that it causes. Returns
/// whether an LACPDU, this one or one that was kept, was recorded.
pub(super) fn run(port: &mut Port, begin: bool, lacpdu: Option<&Repr>, now: Time) -> bool {
    let mut begin = begin;
    let mut recorded = false;
    let kept = port.doubt.verdict().filter(|_| !begin);
    let mut lacpdu = lacpdu.or(kept.as_ref());
    doubt::run(port);
    for _ in 0..STEPS {
        let inputs = Inputs {
            begin,
            enabled: port.enabled,
            lacp: port.lacp_enabled(),
            moved: port.rx.moved,
            lacpdu: lacpdu.is_some(),
            silence: port.rx.current_while.expired(),
        };
        let Some(to) = table::next(TABLE, port.rx.state, |c| inputs.hold(c)) else {
            break;
        };
        port.rx.state = to;
        begin = false;
        match to {
            Initialize => {
                port.doubt.reset();
                port.selected = Selected::Unselected;
                record_default(port);
                port.actor.state.set(PortState::EXPIRED, false);
                port.rx.moved = false;
                port.rx.heard = false;
                port.rx.current_while.stop();
            }
            PortDisabled => {
                port.doubt.reset();
                port.rx.heard = false;
                port.partner.state.set(PortState::SYNCHRONIZATION, false);
                port.rx.current_while.stop();
                port.loopback = false;
            }
            LacpDisabled => {
                port.rx.heard = false;
                port.selected = Selected::Unselected;
                record_default(port);
                port.partner.state.set(PortState::AGGREGATION, false);
                port.actor.state.set(PortState::EXPIRED, false);
            }
            Expired => {
                port.partner.state.set(PortState::SYNCHRONIZATION, false);
                port.partner.state.set(PortState::TIMEOUT, true);
                port.rx.current_while.start(now, timer::SHORT_TIMEOUT);
                port.actor.state.set(PortState::EXPIRED, true);
            }
            Defaulted => {
                update_default_selected(port);
                record_default(port);
                port.actor.state.set(PortState::EXPIRED, false);
                port.rx.current_while.stop();
            }
            Current => {
                // Only Lacpdu leads here, so there is one.
                if let Some(pdu) = lacpdu.take() {
                    recorded = true;
                    port.doubt.clear();
                    update_selected(port, pdu, now);
                    update_ntt(port, pdu);
                    record_pdu(port, pdu);
                }
                start_current_while(port, now);
                port.rx.heard = true;
                port.actor.state.set(PortState::EXPIRED, false);
            }
        }
    }
    recorded
}

/// Takes an LACPDU of the partner that says what its last one said, and that has the right idea of
/// this port: all that CURRENT does with it is to start current_while_timer anew. Returns false,
/// and does nothing, if there is more to do.
pub(super) fn refresh(port: &mut Port, pdu: &Repr, now: Time) -> bool {
    let nothing_new = port.rx.state == Current
        && !port.is_due(now)
        && !port.ntt
        && !port.loopback
        && !port.doubt.is_open()
        && !is_wrong(port, pdu)
        && recorded(port, pdu) == (port.partner.state, port.matched);
    if nothing_new {
        start_current_while(port, now);
    }
    nothing_new
}

fn start_current_while(port: &mut Port, now: Time) {
    let timeout = if port.actor.state.has(PortState::TIMEOUT) {
        timer::SHORT_TIMEOUT
    } else {
        timer::LONG_TIMEOUT
    };
    port.rx.current_while.start(now, timeout);
}

/// Forgets the partner. It is not taken to be in sync: a bond carries traffic by one port without
/// a partner, which is the aggregator's decision and not an agreement.
///
/// Clause 6.4.9, recordDefault.
fn record_default(port: &mut Port) {
    port.partner = PARTNER_ADMIN;
    port.matched = false;
    port.loopback = false;
    port.actor.state.set(PortState::DEFAULTED, true);
}

/// The two describe the same port of the same aggregation.
pub(super) fn same_link(a: &Info, b: &Info) -> bool {
    a.port == b.port
        && a.port_priority == b.port_priority
        && a.system == b.system
        && a.system_priority == b.system_priority
        && a.key == b.key
        && a.state.agrees(b.state, PortState::AGGREGATION)
}

/// Selects anew for a partner that is not who it was.
///
/// Clause 6.4.9, update_Selected.
fn update_selected(port: &mut Port, pdu: &Repr, now: Time) {
    if !same_link(&pdu.actor, &port.partner) {
        port.selected = Selected::Unselected;
        if !port.partner.system.is_zero() {
            port.doubt.replaced(port.partner, now);
        }
    }
}

/// Selects anew if the partner was not the one that stands in for none.
///
/// Clause 6.4.9, update_Default_Selected.
fn update_default_selected(port: &mut Port) {
    if !same_link(&PARTNER_ADMIN, &port.partner) {
        port.selected = Selected::Unselected;
    }
}

/// Tells a partner that has a wrong idea of this port.
///
/// Clause 6.4.9, update_NTT.
fn update_ntt(port: &mut Port, pdu: &Repr) {
    port.ntt |= is_wrong(port, pdu);
}

/// Returns whether the partner has a wrong idea of this port.
fn is_wrong(port: &Port, pdu: &Repr) -> bool {
    let told = PortState(
        PortState::ACTIVITY.0
            | PortState::TIMEOUT.0
            | PortState::SYNCHRONIZATION.0
            | PortState::AGGREGATION.0,
    );
    let state = port.actor.state;
    !same_link(&pdu.partner, &port.actor) || !pdu.partner.state.agrees(state, told)
}

/// Records what the partner says of itself, and whether it knows this port.
///
/// Clause 6.4.9, recordPDU.
fn record_pdu(port: &mut Port, pdu: &Repr) {
    let (state, matched) = recorded(port, pdu);
    port.matched = matched;
    port.loopback = false;
    port.partner = Info { state, ..pdu.actor };
    port.actor.state.set(PortState::DEFAULTED, false);
}

/// The partner's state as recordPDU has it, and whether the partner knows this port.
fn recorded(port: &Port, pdu: &Repr) -> (PortState, bool) {
    let individual = !pdu.actor.state.has(PortState::AGGREGATION);
    let partner_active = pdu.actor.state.has(PortState::ACTIVITY);
    let actor_active =
        port.actor.state.has(PortState::ACTIVITY) && pdu.partner.state.has(PortState::ACTIVITY);
    let matched = same_link(&pdu.partner, &port.actor) || individual;
    let in_sync = matched
        && (partner_active || actor_active)
        && pdu.actor.state.has(PortState::SYNCHRONIZATION);
    let mut state = pdu.actor.state;
    state.set(PortState::SYNCHRONIZATION, in_sync);
    (state, matched)
}
