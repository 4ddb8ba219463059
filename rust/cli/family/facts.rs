// SPDX-License-Identifier: GPL-2.0

//! Facts that the family tells of bonds and slaves, put into the state that was read without it.

use lag::family::{
    bond_counters, bonds, end, lacp, port as ports, slave as slaves, slave_counters, ENUMS,
};
use lag::lacp::reason::Reason as Lacp;

use super::message::Fields;
use crate::state::{Bond, Machines, Party, Port, Reason, Slave, State, RECORDS};

/// The reasons of LACP, whose sentences are those of /proc.
const REASONS: [Lacp; 13] = [
    Lacp::BondDown,
    Lacp::LinkDown,
    Lacp::SpeedUnknown,
    Lacp::HalfDuplex,
    Lacp::Loopback,
    Lacp::NoPartner,
    Lacp::PartnerSilent,
    Lacp::NotActive { active: 0 },
    Lacp::Waiting,
    Lacp::PartnerMismatch,
    Lacp::PartnerOutOfSync,
    Lacp::PartnerNotCollecting,
    Lacp::Disputed,
];

/// Answers of the family: all bonds, and all slaves of all bonds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Bonds.
    pub bonds: Vec<Fields>,
    /// Slaves.
    pub slaves: Vec<Fields>,
}

/// Returns the name of a number of an enum of the family.
pub(crate) fn word(of: &str, number: u64) -> Option<&'static str> {
    let values = ENUMS.iter().find(|e| e.name == of)?.values;
    let number = i64::try_from(number).ok()?;
    let found = values.iter().find(|(_, n)| *n == number)?;
    Some(found.0)
}

/// Returns the reason of LACP with that number; none for 0, a port in use.
pub(crate) fn reason(number: u64) -> Option<Lacp> {
    let mut all = REASONS.into_iter();
    all.find(|reason| u64::from(reason.number()) == number)
}

/// Returns the sentence of a reason of LACP; none for 0, a port in use. `active` is the number of the
/// active aggregator, where it is known.
pub(crate) fn sentence(number: u64, active: Option<u16>) -> Option<String> {
    Some(match (reason(number)?, active) {
        (Lacp::NotActive { .. }, Some(active)) => Lacp::NotActive { active }.to_string(),
        (Lacp::NotActive { .. }, None) => "another aggregator is the active one".to_string(),
        (reason, _) => reason.to_string(),
    })
}

impl Facts {
    /// Adds them to a state.
    pub fn add_to(&self, state: &mut State) {
        for bond in &mut state.bonds {
            let is = |fields: &&Fields| fields.number32(bonds::IFINDEX) == Some(bond.index);
            if let Some(fields) = self.bonds.iter().find(is) {
                self.add_bond(fields, bond);
            }
        }
    }

    fn add_bond(&self, fields: &Fields, bond: &mut Bond) {
        let mut counters = (fields.nest(bonds::COUNTERS))
            .map(|nest| nest.numbers(&bond_counters::SET))
            .unwrap_or_default();
        if let Some(records) = fields.number(bonds::RECORDS) {
            counters.insert(RECORDS.to_string(), records);
        }
        bond.counters = Some(counters);
        let active = fields.nest(bonds::LACP);
        let active = active.and_then(|nest| nest.number(lacp::AGGREGATOR));
        let active = active.and_then(|n| u16::try_from(n).ok());
        for slave in &mut bond.slaves {
            let is = |fields: &&Fields| {
                fields.number32(slaves::IFINDEX) == Some(slave.index)
                    && fields.number32(slaves::BOND) == Some(bond.index)
            };
            if let Some(fields) = self.slaves.iter().find(is) {
                add_slave(fields, active, slave);
            }
        }
    }
}

fn add_slave(fields: &Fields, active: Option<u16>, slave: &mut Slave) {
    let counters = fields.nest(slaves::COUNTERS);
    slave.counters = counters.map(|nest| nest.numbers(&slave_counters::SET));
    if let (Some(nest), Some(port)) = (fields.nest(slaves::LACP), &mut slave.port) {
        add_port(nest, active, port);
    }
}

fn add_port(fields: &Fields, active: Option<u16>, port: &mut Port) {
    if let Some(number) = fields.number(ports::REASON) {
        let word = word("reason", number).unwrap_or("unknown").to_string();
        port.reason = Some(Reason {
            number: u8::try_from(number).unwrap_or(u8::MAX),
            text: sentence(number, active).unwrap_or_else(|| word.clone()),
            word,
        });
    }
    let text = |attr| fields.text(attr).unwrap_or_default().to_string();
    port.machines = Some(Machines {
        receive: text(ports::RECEIVE),
        periodic: text(ports::PERIODIC),
        mux: text(ports::MUX),
        current_while: fields.number(ports::CURRENT_WHILE),
        periodic_timer: fields.number(ports::PERIODIC_TIMER),
        wait_while: fields.number(ports::WAIT_WHILE),
    });
    port.strays = fields.number(ports::STRAYS).or(port.strays);
    port.dropped = fields.number(ports::DROPPED).or(port.dropped);
    port.actor = fields.nest(ports::ACTOR).map(party).or(port.actor.take());
    port.partner = (fields.nest(ports::PARTNER).map(party)).or(port.partner.take());
}

fn party(fields: &Fields) -> Party {
    let number = |attr| {
        let number = fields.number(attr).and_then(|n| u16::try_from(n).ok());
        number.unwrap_or(0)
    };
    Party {
        system_priority: number(end::SYSTEM_PRIORITY),
        system: fields.mac(end::SYSTEM).unwrap_or_default(),
        key: number(end::KEY),
        port_priority: number(end::PORT_PRIORITY),
        port: number(end::PORT),
        state: number(end::STATE).to_le_bytes()[0],
    }
}
