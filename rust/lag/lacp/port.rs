// SPDX-License-Identifier: GPL-2.0

//! The Aggregation Ports of IEEE 802.1AX-2014: one for each slave.
//!
//! Clause 6.4.7.

use super::aggregator::{Aggregator, Group, Share};
use super::config::Config;
use super::doubt::Doubt;
use super::intake::Budget;
use super::stats::Stats;
use super::timer::Timer;
use super::{churn, key, marker, mux, periodic, rx, transmit};
use crate::duplex::Duplex;
use crate::mac::Mac;
use crate::time::Time;
use crate::wire::lacpdu::{Info, PortState};

/// The driver's own name for a slave, such as its ifindex: it must be unique in the bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortId(pub u32);

/// The state of a slave's link, as the driver knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// No carrier, or not taken for up yet.
    #[default]
    Down,
    /// Up.
    Up {
        /// Mb/s; 0 or SPEED_UNKNOWN, all bits set, if not known.
        speed: u32,
        /// Duplex.
        duplex: Duplex,
    },
}

impl Link {
    /// Speed in Mb/s and full duplex, if the link is up and both are known.
    fn known(self) -> Option<(u32, bool)> {
        match self {
            Link::Down
            | Link::Up {
                speed: 0 | u32::MAX,
                ..
            } => None,
            Link::Up { speed, duplex } => match duplex {
                Duplex::Half => Some((speed, false)),
                Duplex::Full => Some((speed, true)),
                Duplex::Unknown => None,
            },
        }
    }

    /// Not told to be half duplex.
    fn may_be_full(self) -> bool {
        !matches!(
            self,
            Link::Up {
                duplex: Duplex::Half,
                ..
            }
        )
    }

    /// Up, with speed and duplex known.
    pub(super) fn is_known(self) -> bool {
        self.known().is_some()
    }
}

/// Whether an aggregator is selected for a port.
///
/// Clause 6.4.8, Selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selected {
    /// No aggregator: to be selected once the Mux machine is detached.
    #[default]
    Unselected,
    /// Has an aggregator that is not the active one.
    Standby,
    /// Has the active aggregator.
    Selected,
}

/// The traffic that a port may carry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Usability {
    /// None.
    #[default]
    Blocked,
    /// Receive only.
    Collecting,
    /// Receive and transmit.
    Distributing,
}

/// The system at the other end of a link, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Partner {
    /// Never heard, or given up.
    #[default]
    Unheard,
    /// Speaks.
    Heard {
        /// Its system.
        system: Mac,
        /// The key of its port.
        key: u16,
    },
    /// Has fallen silent.
    Silent,
}

/// Stands in for a partner that is not heard; not configurable.
///
/// Clause 6.4.7, Partner_Admin.
pub const PARTNER_ADMIN: Info = Info {
    system_priority: 0xffff,
    system: Mac::ZERO,
    key: 1,
    port_priority: 0xff,
    port: 1,
    state: PortState(0),
};

/// Port priority unless set. IFLA_BOND_SLAVE_ACTOR_PORT_PRIO.
pub const DEFAULT_PRIORITY: u16 = 0xff;

/// A slave's LACP state, and the aggregator that it brings along.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    pub(super) id: PortId,
    pub(super) address: Mac,
    pub(super) link: Link,
    /// The device has told speed and duplex before.
    pub(super) tells_speed: bool,
    /// port_enabled: the link can be used and the bond is up.
    pub(super) enabled: bool,
    /// The key when the port last was enabled.
    pub(super) agreed_key: Option<u16>,
    pub(super) actor: Info,
    pub(super) partner: Info,
    pub(super) selected: Selected,
    /// Place of the port whose aggregator is selected, and that aggregator's number.
    pub(super) aggregator: Option<usize>,
    pub(super) aggregator_id: u16,
    /// Its contribution, as the aggregator was last told.
    pub(super) share: Share,
    /// Settings, the system's identity or the link have changed since it was brought in line.
    pub(super) stale: bool,
    /// The bond was up when it was.
    pub(super) open: bool,
    /// Something has happened to it that its machines have not seen.
    pub(super) woken: bool,
    /// Its machines take part in the present pass.
    pub(super) runs: bool,
    /// No timer of it runs out before.
    pub(super) wake: Time,
    /// BEGIN: the machines start over.
    pub(super) begin: bool,
    /// An LACPDU has to be sent.
    ///
    /// Clause 6.4.8, NTT.
    pub(super) ntt: bool,
    /// The partner's last PDU describes this port.
    pub(super) matched: bool,
    /// The last PDU was the bond's own.
    pub(super) loopback: bool,
    /// For LACPDUs of others, and of the partner.
    pub(super) budgets: [Budget; 2],
    /// LACPDUs that were more than there was a budget for.
    pub(super) dropped: u64,
    /// Claims of others to the link.
    pub(super) doubt: Doubt,
    /// The group of the aggregator that it was attached to, and when it was detached.
    pub(super) left: Option<(Group, Time)>,
    /// Carries the traffic without an agreement.
    pub(super) stands_in: bool,
    /// Runs while it does so although a partner has turned up.
    pub(super) stand_in: Timer,
    pub(super) rx: rx::Machine,
    pub(super) periodic: periodic::Machine,
    pub(super) mux: mux::Machine,
    pub(super) transmit: transmit::Machine,
    pub(super) actor_churn: churn::Machine,
    pub(super) partner_churn: churn::Machine,
    pub(super) responder: marker::Responder,
    pub(super) usability: Usability,
    /// The partner, as the driver was last told.
    pub(super) told: Partner,
    pub(super) stats: Stats,
    pub(super) slot: Aggregator,
}

impl Port {
    /// A port that no system has taken up yet. `address` is the slave's permanent address, the
    /// source of its frames.
    pub fn new(id: PortId, address: Mac) -> Port {
        Port {
            id,
            address,
            link: Link::Down,
            tells_speed: false,
            enabled: false,
            agreed_key: None,
            actor: Info {
                port_priority: DEFAULT_PRIORITY,
                state: PortState::AGGREGATION,
                ..Info::default()
            },
            partner: PARTNER_ADMIN,
            selected: Selected::Unselected,
            aggregator: None,
            aggregator_id: 0,
            share: Share::default(),
            stale: true,
            open: false,
            woken: true,
            runs: false,
            wake: Time(0),
            begin: true,
            ntt: false,
            matched: false,
            loopback: false,
            budgets: [Budget::default(); 2],
            dropped: 0,
            doubt: Doubt::default(),
            left: None,
            stands_in: false,
            stand_in: Timer::Stopped,
            rx: rx::Machine::default(),
            periodic: periodic::Machine::default(),
            mux: mux::Machine::default(),
            transmit: transmit::Machine::default(),
            actor_churn: churn::Machine::default(),
            partner_churn: churn::Machine::default(),
            responder: marker::Responder::default(),
            usability: Usability::Blocked,
            told: Partner::Unheard,
            stats: Stats::default(),
            slot: Aggregator::default(),
        }
    }

    /// The driver's name for it.
    pub const fn id(&self) -> PortId {
        self.id
    }

    /// Number of the aggregator it is selected for, 0 for none. IFLA_BOND_SLAVE_AD_AGGREGATOR_ID.
    pub const fn aggregator_id(&self) -> u16 {
        self.aggregator_id
    }

    /// Number of the aggregator that it brought along.
    pub const fn slot_id(&self) -> u16 {
        self.slot.id
    }

    /// This end of the link as its LACPDUs describe it; the state is
    /// IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE.
    pub const fn actor(&self) -> &Info {
        &self.actor
    }

    /// The other end; the state is IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE.
    pub const fn partner(&self) -> &Info {
        &self.partner
    }

    /// Returns which traffic it may carry.
    pub const fn usability(&self) -> Usability {
        self.usability
    }

    /// The Churn machine that watches this end.
    pub const fn actor_churn(&self) -> &churn::Machine {
        &self.actor_churn
    }

    /// The Churn machine that watches the partner.
    pub const fn partner_churn(&self) -> &churn::Machine {
        &self.partner_churn
    }

    /// State of the Receive machine.
    pub const fn rx_state(&self) -> rx::State {
        self.rx.state
    }

    /// State of the Periodic Transmission machine.
    pub const fn periodic_state(&self) -> periodic::State {
        self.periodic.state
    }

    /// State of the Mux machine.
    pub const fn mux_state(&self) -> mux::State {
        self.mux.state
    }

    /// Returns the times at which the timers of the Receive, the Periodic Transmission and the Mux
    /// machine run out; none of one that does not run: current_while_timer, periodic_timer,
    /// wait_while_timer.
    pub fn deadlines(&self) -> [Option<Time>; 3] {
        [
            self.rx.current_while.deadline(),
            self.periodic.timer.deadline(),
            self.mux.wait_while.deadline(),
        ]
    }

    /// Counters.
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns how often another system claimed the link while the partner answered.
    pub const fn strays(&self) -> u64 {
        self.doubt.strays()
    }

    /// Returns how many LACPDUs were dropped because they were more than anybody needs.
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns what is known of the partner.
    pub fn partner_status(&self) -> Partner {
        match self.rx.state {
            rx::State::Current => Partner::Heard {
                system: self.partner.system,
                key: self.partner.key,
            },
            rx::State::Expired if !self.partner.system.is_zero() => Partner::Silent,
            _ => Partner::Unheard,
        }
    }

    /// Its partner is this port of this system.
    pub(super) fn has(&self, partner: &Info) -> bool {
        self.partner.system == partner.system && self.partner.port == partner.port
    }

    /// Returns whether LACP runs on this port: whether it is full duplex (LACP_Enabled).
    pub(super) fn lacp_enabled(&self) -> bool {
        key::runs_lacp(self.actor.key)
    }

    /// Mb/s of the link, 0 if not known.
    pub(super) fn speed(&self) -> u32 {
        self.link.known().map_or(0, |(speed, _)| speed)
    }

    /// The Mux machine lets traffic through both ways.
    pub(super) fn distributes(&self) -> bool {
        matches!(
            self.mux.state,
            mux::State::Distributing | mux::State::CollectingDistributing
        )
    }

    /// The machines have something to do.
    pub(super) fn is_due(&self, now: Time) -> bool {
        self.woken || self.wake <= now
    }

    /// Has it brought in line with what has changed.
    pub(super) fn outdate(&mut self) {
        self.stale = true;
        self.woken = true;
    }

    /// Takes over settings, the system's identity and the link, and has the partner told what it
    /// would want to know.
    pub(super) fn refresh(&mut self, config: &Config, system: Mac, running: bool) {
        self.stale = false;
        self.open = running;
        let before = self.actor;
        let was_enabled = self.enabled;
        // A device that has a speed will tell it again: until then its link is not up. One that
        // has never told any is taken for full duplex, and aggregates with others of its kind.
        self.tells_speed |= self.link.is_known();
        let up = self.link.is_known() || self.link != Link::Down && !self.tells_speed;
        self.enabled = running && up;
        self.actor.system = system;
        self.actor.system_priority = config.system_priority;
        self.actor.state.set(PortState::ACTIVITY, config.active);
        self.actor.state.set(PortState::TIMEOUT, config.fast);
        self.actor.key = match self.link.known() {
            Some((speed, full)) => key::key(config.user_key, speed, full),
            None => key::key(
                config.user_key,
                0,
                !self.tells_speed && self.link.may_be_full(),
            ),
        };
        if self.enabled {
            // A port that comes back as it went need not start over: the partner is remembered.
            if self.agreed_key != Some(self.actor.key) {
                self.begin = true;
            }
            self.agreed_key = Some(self.actor.key);
        }
        self.ntt |= before != self.actor || was_enabled != self.enabled;
    }

    /// Lets the timers run out whose time has come.
    pub(super) fn advance(&mut self, now: Time) {
        self.rx.current_while.advance(now);
        self.doubt.ask.advance(now);
        self.doubt.decide.advance(now);
        self.stand_in.advance(now);
        self.periodic.timer.advance(now);
        self.mux.wait_while.advance(now);
        self.mux.handover.advance(now);
        self.actor_churn.timer.advance(now);
        self.partner_churn.timer.advance(now);
    }

    /// Returns the time at which the port next has something to do by itself.
    pub(super) fn deadline(&self) -> Option<Time> {
        [
            self.rx.current_while.deadline(),
            self.doubt.ask.deadline(),
            self.doubt.decide.deadline(),
            self.stand_in.deadline(),
            self.periodic.timer.deadline(),
            self.mux.wait_while.deadline(),
            self.mux.handover.deadline(),
            self.actor_churn.timer.deadline(),
            self.partner_churn.timer.deadline(),
            transmit::deadline(self),
        ]
        .into_iter()
        .flatten()
        .min()
    }
}
