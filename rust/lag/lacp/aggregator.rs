// SPDX-License-Identifier: GPL-2.0

//! Aggregators, IEEE 802.1AX-2014 6.3.4 and 6.4.6.
//!
//! Every port brings one along, so there is always one free for a port that finds no other. It
//! is described by the link aggregation group that it serves: the keys and the partner that all
//! its ports share.

use super::key;
use super::port::Port;
use crate::mac::Mac;
use crate::wire::lacpdu::PortState;

/// An aggregator, free while it has no ports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aggregator {
    pub(super) id: u16,
    pub(super) group: Group,
    pub(super) tally: Tally,
}

/// The identity of a link aggregation group, 6.3.6.
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

/// What the ports of an aggregator add up to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Ports selected for it.
    pub members: u32,
    /// Those with a link.
    pub enabled: u32,
    /// Those that carry traffic both ways by agreement with the partner.
    pub agreed: u32,
    /// Those that keep the others waiting.
    pub waiting: u32,
    /// Mb/s of the links.
    pub bandwidth: u64,
    /// Sum of the priorities of the ports with a link.
    pub priority: u64,
}

/// Adds up every aggregator anew.
pub(super) fn tally(ports: &mut [Port]) {
    for port in ports.iter_mut() {
        port.slot.tally = Tally::default();
    }
    for at in 0..ports.len() {
        let Some(port) = ports.get(at) else { continue };
        let Some(home) = port.aggregator else {
            continue;
        };
        let enabled = u32::from(port.enabled);
        let waiting = u32::from(port.enabled && port.mux.holds_up());
        let agreed = u32::from(port.distributes());
        let speed = u64::from(port.speed());
        let priority = u64::from(port.actor.port_priority);
        let Some(aggregator) = ports.get_mut(home) else {
            continue;
        };
        let tally = &mut aggregator.slot.tally;
        tally.members = tally.members.saturating_add(1);
        tally.waiting = tally.waiting.saturating_add(waiting);
        tally.agreed = tally.agreed.saturating_add(agreed);
        if enabled != 0 {
            tally.enabled = tally.enabled.saturating_add(1);
            tally.bandwidth = tally.bandwidth.saturating_add(speed);
            tally.priority = tally.priority.saturating_add(priority);
        }
    }
}
