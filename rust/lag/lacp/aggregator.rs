// SPDX-License-Identifier: GPL-2.0

//! The Aggregators of IEEE 802.1AX-2014.
//!
//! Every port brings one along, so there is always one free for a port that finds no other. It
//! is described by the link aggregation group that it serves: the keys and the partner that all
//! its ports share.
//!
//! Clause 6.4.6.

use super::port::Port;
use super::{key, mux};
use crate::mac::Mac;
use crate::time::Time;
use crate::wire::lacpdu::PortState;

/// An aggregator, free while it has no ports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aggregator {
    pub(super) id: u16,
    pub(super) group: Group,
    pub(super) tally: Tally,
    /// Time at which the first of the ports that wait has waited enough.
    pub(super) ready_at: Time,
}

/// The identity of a link aggregation group.
///
/// Clause 6.3.6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Key of the ports.
    pub actor_key: u16,
    /// The partner's system; zero is no partner.
    pub partner_system: Mac,
    /// The partner's system priority.
    pub partner_system_priority: u16,
    /// Key of the partner's ports.
    pub partner_key: u16,
    /// Takes one port only: it, or its partner, cannot aggregate.
    pub individual: bool,
}

impl Aggregator {
    /// A port is selected for it.
    pub(super) fn is_used(&self) -> bool {
        self.tally.members > 0
    }
}

impl Group {
    /// The group that a port belongs to.
    pub(super) fn of(port: &Port) -> Group {
        let partner = &port.partner;
        let partner_alone = !partner.system.is_zero() && !partner.state.has(PortState::AGGREGATION);
        Group {
            actor_key: port.actor.key,
            partner_system: partner.system,
            partner_system_priority: partner.system_priority,
            partner_key: partner.key,
            individual: !port.lacp_enabled() || partner_alone,
        }
    }

    /// A partner has answered.
    pub fn has_partner(&self) -> bool {
        !self.partner_system.is_zero()
    }

    /// Its ports are full duplex.
    pub(super) fn runs_lacp(&self) -> bool {
        key::runs_lacp(self.actor_key)
    }

    /// Another port of the same group may join.
    pub(super) fn is_shared(&self) -> bool {
        self.has_partner() && !self.individual
    }
}

/// The contribution of one port to its aggregator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Has a link.
    pub(super) enabled: bool,
    /// Keeps others waiting.
    pub(super) waiting: bool,
    /// Carries traffic both ways by agreement with the partner.
    pub(super) agreed: bool,
    /// The same, and nothing that it sends may be lost yet.
    pub(super) settled: bool,
    /// Receives only, by agreement with the partner.
    pub(super) collecting: bool,
    /// Its partner knows it.
    pub(super) matched: bool,
    /// Carries traffic, with an agreement or without.
    pub(super) carries: bool,
    /// Mb/s of the link.
    pub(super) speed: u32,
    /// Priority, if it has a link.
    pub(super) priority: u16,
}

impl Share {
    /// The share of a port as it is now.
    pub(super) fn of(port: &Port) -> Share {
        let agreed = port.distributes();
        let mut share = Share {
            enabled: port.enabled,
            waiting: port.enabled && port.mux.holds_up(),
            agreed,
            settled: agreed && !port.mux.is_early(),
            collecting: port.mux.state == mux::State::Collecting,
            matched: port.matched,
            carries: agreed || port.stands_in,
            ..Share::default()
        };
        if share.enabled {
            share.speed = port.speed();
            share.priority = port.actor.port_priority;
        }
        share
    }

    /// Both weigh the same when the active aggregator is chosen.
    pub(super) fn weighs(&self, other: &Share) -> bool {
        self.enabled == other.enabled
            && self.speed == other.speed
            && self.priority == other.priority
    }
}

/// The sum over the ports of an aggregator. Kept up to date by [`Tally::replace`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Ports selected for it.
    pub members: u32,
    /// Those with a link.
    pub enabled: u32,
    /// Those that carry traffic both ways by agreement with the partner.
    pub agreed: u32,
    /// Those of them whose traffic surely arrives.
    pub settled: u32,
    /// Those that receive only, by agreement with the partner.
    pub collecting: u32,
    /// Those whose partner knows them.
    pub matched: u32,
    /// Those that keep the others waiting.
    pub waiting: u32,
    /// Mb/s of the links.
    pub bandwidth: u64,
    /// Sum of the priorities of the ports with a link.
    pub priority: u64,
}

/// `count` without `old` and with `new`.
fn count(count: u32, old: bool, new: bool) -> u32 {
    count
        .wrapping_add(u32::from(new))
        .wrapping_sub(u32::from(old))
}

impl Tally {
    /// A port's share was `old` and is `new`.
    pub(super) fn replace(&mut self, old: &Share, new: &Share) {
        self.enabled = count(self.enabled, old.enabled, new.enabled);
        self.agreed = count(self.agreed, old.agreed, new.agreed);
        self.settled = count(self.settled, old.settled, new.settled);
        self.collecting = count(self.collecting, old.collecting, new.collecting);
        self.matched = count(self.matched, old.matched, new.matched);
        self.waiting = count(self.waiting, old.waiting, new.waiting);
        self.bandwidth = self
            .bandwidth
            .wrapping_add(new.speed.into())
            .wrapping_sub(old.speed.into());
        self.priority = self
            .priority
            .wrapping_add(new.priority.into())
            .wrapping_sub(old.priority.into());
    }
}
