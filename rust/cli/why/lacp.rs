// SPDX-License-Identifier: GPL-2.0

//! Rules about 802.3ad.
//!
//! Our driver says why a port is not used. For native bonding, and in its place, the same is told from
//! the states of both ends, in the same order.

use lag::lacp::reason::Reason;

use super::{of_bond, of_slaves, Fault, NONE};
use crate::family::facts;
use crate::state::{bits, Bond, Port, Slave};
use crate::words::{self, by};

/// The cause that keeps a port from being used, beside its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    SpeedUnknown,
    Loopback,
    NoPartner,
    PartnerSilent,
    OtherAggregator,
    Waiting,
    PartnerMismatch,
    PartnerOutOfSync,
    PartnerNotCollecting,
    Disputed,
}

/// By the reason that the driver tells; faults of the bond and of the link have rules of their own.
fn told(number: u8) -> Option<Cause> {
    Some(match facts::reason(number.into())? {
        Reason::SpeedUnknown => Cause::SpeedUnknown,
        Reason::Loopback => Cause::Loopback,
        Reason::NoPartner => Cause::NoPartner,
        Reason::PartnerSilent => Cause::PartnerSilent,
        Reason::NotActive { .. } => Cause::OtherAggregator,
        Reason::Waiting => Cause::Waiting,
        Reason::PartnerMismatch => Cause::PartnerMismatch,
        Reason::PartnerOutOfSync => Cause::PartnerOutOfSync,
        Reason::PartnerNotCollecting => Cause::PartnerNotCollecting,
        Reason::Disputed => Cause::Disputed,
        Reason::BondDown | Reason::LinkDown | Reason::HalfDuplex => return None,
    })
}

/// By the states of both ends.
fn seen(bond: &Bond, slave: &Slave, port: &Port) -> Option<Cause> {
    if slave.speed.is_none() && !bond.is_ours() {
        return Some(Cause::SpeedUnknown);
    }
    if slave.duplex.as_deref() == Some("half") || port.actor_state.is_none() {
        return None;
    }
    let other = match (port.aggregator, bond.aggregator()) {
        (Some(own), Some(active)) => own != active,
        _ => false,
    };
    if port.has(bits::DEFAULTED) {
        Some(Cause::NoPartner)
    } else if port.has(bits::EXPIRED) {
        Some(Cause::PartnerSilent)
    } else if other {
        Some(Cause::OtherAggregator)
    } else if !port.partner_has(bits::SYNC) {
        Some(Cause::PartnerOutOfSync)
    } else if !port.has(bits::SYNC | bits::COLLECTING) {
        Some(Cause::Waiting)
    } else if !port.partner_has(bits::COLLECTING) {
        Some(Cause::PartnerNotCollecting)
    } else {
        None
    }
}

fn cause(bond: &Bond, slave: &Slave) -> Option<Cause> {
    let port = slave.port.as_ref()?;
    if !bond.up || !slave.up || !slave.carrier {
        return None;
    }
    match &port.reason {
        Some(reason) => told(reason.number),
        None => seen(bond, slave, port),
    }
}

fn with(bond: &Bond, wanted: Cause) -> impl Iterator<Item = &Slave> {
    let slaves = bond.slaves.iter();
    slaves.filter(move |slave| cause(bond, slave) == Some(wanted))
}

pub(super) fn min_links(bond: &Bond) -> Vec<Fault> {
    let wanted = bond.number("min_links").unwrap_or(0);
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let used = bond.used().count();
    if !bond.is_lacp() || !bond.up || wanted <= 1 || used >= wanted || bond.slaves.is_empty() {
        return NONE;
    }
    let (name, slaves) = (&bond.name, bond.slaves.len());
    let more = if slaves < wanted {
        format!("; it has {} in all", words::count(slaves, "slave"))
    } else {
        String::new()
    };
    of_bond(
        format!(
            "min_links of {name} is {wanted}, and {} in use{more}: so it has no carrier.",
            match used {
                0 => "no port is".to_string(),
                1 => "1 port is".to_string(),
                n => format!("{n} ports are"),
            }
        ),
        format!(
            "Bring the other ports into use, or: echo {} > /sys/class/net/{name}/bonding/min_links",
            used.max(1)
        ),
    )
}

pub(super) fn no_partner(bond: &Bond) -> Vec<Fault> {
    let passive = bond.text("lacp_active") == Some("off");
    of_slaves(
        with(bond, Cause::NoPartner),
        |list, n| {
            let alone = match with(bond, Cause::NoPartner).find(|slave| bond.uses(slave)) {
                Some(slave) => format!(" {} carries the traffic alone, without LACP.", slave.name),
                None => String::new(),
            };
            format!("{list} {} no LACP partner.{alone}", by(n, "has", "have"))
        },
        |_, n| {
            let ports = by(n, "port", "ports");
            let ours = if passive {
                " lacp_active is off here, so that the other end has to begin."
            } else {
                ""
            };
            // Ours says so itself.
            let loops = if bond.is_ours() {
                ""
            } else {
                " If the kernel log says 'illegal loopback', the link leads back to this bond."
            };
            format!("Turn LACP on for the {ports} at the switch, in active mode.{ours}{loops}")
        },
    )
}

pub(super) fn partner_silent(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::PartnerSilent),
        |list, _| format!("The LACP partner of {list} has stopped transmitting LACPDUs."),
        |_, n| {
            let ports = by(n, "port", "ports");
            format!(
                "Look at the switch: has it been restarted, or LACP been turned off on the \
                 {ports}? Does something between the two drop slow protocols \
                 (01:80:c2:00:00:02)?"
            )
        },
    )
}

pub(super) fn partner_out_of_sync(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::PartnerOutOfSync),
        |list, _| {
            let churned = |slave: &Slave| {
                let port = slave.port.as_ref();
                port.and_then(|p| p.partner_churn.as_deref()) == Some("churned")
            };
            let long = if with(bond, Cause::PartnerOutOfSync).any(churned) {
                ", and has not been for a minute"
            } else {
                ""
            };
            format!("The LACP partner of {list} is not in sync{long}: it does not use the link.")
        },
        |_, n| {
            let ports = by(n, "this port", "these ports");
            format!(
                "The switch keeps {ports} out of the group: look there for its reason (other \
                 speed or VLANs than the group's, too many ports, another system in the group)."
            )
        },
    )
}

pub(super) fn partner_mismatch(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::PartnerMismatch),
        |list, n| {
            format!(
                "The LACP partner of {list} does not know {}: its LACPDUs describe another.",
                by(n, "this port", "these ports")
            )
        },
        |_, _| {
            "Our LACPDUs do not reach it: look for a link that is broken in one direction, \
             or for a device in between."
                .to_string()
        },
    )
}

pub(super) fn partner_not_collecting(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::PartnerNotCollecting),
        |list, _| format!("The LACP partner of {list} does not receive frames yet."),
        |_, _| {
            "It passes in a second. If not, the port is blocked at the other end, as by spanning \
             tree."
                .to_string()
        },
    )
}

/// Returns why a port is in another aggregator than the one that is used, and what to do.
fn apart(bond: &Bond, slave: &Slave) -> (String, String) {
    let in_use = |other: &&Slave| {
        let aggregator = other.port.as_ref().and_then(|port| port.aggregator);
        aggregator.is_some() && aggregator == bond.aggregator()
    };
    let ends = |slave: &Slave| {
        let port = slave.port.clone()?;
        Some((port.actor?, port.partner?))
    };
    let name = &slave.name;
    let other = bond.slaves.iter().find(in_use);
    let known = other.and_then(|other| Some((other, ends(other)?, ends(slave)?)));
    let Some((other, (actor, partner), (own_actor, own_partner))) = known else {
        let root = if slave
            .port
            .as_ref()
            .is_some_and(|port| port.partner.is_none())
        {
            " Root sees both partners: 'sudo rustbond why'."
        } else {
            ""
        };
        return (
            format!("{name} is in another aggregator than the one in use."),
            format!("All ports have to end at one system, in one group, at one speed.{root}"),
        );
    };
    let theirs = &other.name;
    if partner.system != own_partner.system {
        (
            format!(
                "{name} ends at another system ({}) than {theirs} ({}), and a bond uses one.",
                own_partner.system, partner.system
            ),
            "Move the cable to the switch of the others, or let the two switches be one system \
             to LACP (stack, MLAG)."
                .to_string(),
        )
    } else if partner.key != own_partner.key {
        (
            format!(
                "The switch has {name} in another group (key {}) than {theirs} (key {}).",
                own_partner.key, partner.key
            ),
            "Put the ports into one group (channel-group, trunk) at the switch.".to_string(),
        )
    } else if actor.key != own_actor.key {
        let speed = |slave: &Slave| match slave.speed {
            Some(speed) => words::speed(speed),
            None => "of unknown speed".to_string(),
        };
        (
            format!(
                "{name} ({}) has another key ({}) than {theirs} ({}, key {}): speed or duplex \
                 differ.",
                speed(slave),
                own_actor.key,
                speed(other),
                actor.key
            ),
            "Bring all ports to the same speed and duplex.".to_string(),
        )
    } else {
        (
            format!(
                "{name} is in another aggregator than {theirs}, with the same partner and keys."
            ),
            format!(
                "It should join within seconds. If not: ip link set {name} down; \
                 ip link set {name} up"
            ),
        )
    }
}

pub(super) fn other_aggregator(bond: &Bond) -> Vec<Fault> {
    let apart = with(bond, Cause::OtherAggregator).map(|slave| {
        let (what, todo) = apart(bond, slave);
        Fault {
            slaves: vec![slave.name.clone()],
            what,
            todo,
        }
    });
    apart.collect()
}

pub(super) fn waiting(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::Waiting),
        |list, n| {
            format!(
                "{list} {} not in use yet{}.",
                by(n, "is", "are"),
                left(bond)
            )
        },
        |_, _| "LACP waits for other ports that may attach: it passes in two seconds.".to_string(),
    )
}

/// Time for which the slowest of them still waits, where the driver tells it.
fn left(bond: &Bond) -> String {
    let machines = |slave: &Slave| slave.port.as_ref()?.machines.as_ref()?.wait_while;
    let longest = with(bond, Cause::Waiting).filter_map(machines).max();
    longest.map_or(String::new(), |ms| format!(", for another {ms} ms"))
}

pub(super) fn loopback(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::Loopback),
        |list, n| {
            let link = by(n, "link", "links");
            let leads = by(n, "leads", "lead");
            format!(
                "The {link} of {list} {leads} back to this bond, or to a system with its address."
            )
        },
        |_, _| {
            "Look at the cabling. Two bonds with one MAC address need another ad_actor_system each."
                .to_string()
        },
    )
}

pub(super) fn disputed(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::Disputed),
        |list, _| format!("Several systems claim to be the other end of {list}."),
        |_, _| {
            "Something between the two ends transmits or floods LACPDUs: a tap, a switch without \
             LACP, a second host. Connect each port to one LACP port directly."
                .to_string()
        },
    )
}

pub(super) fn speed_unknown(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        with(bond, Cause::SpeedUnknown),
        |list, n| {
            format!(
                "The speed of {list} is unknown, so that LACP does not run on {}.",
                by(n, "it", "them")
            )
        },
        |list, n| {
            let name = by(n, list, "SLAVE");
            format!(
                "'ethtool {name}' shows what its driver tells. A virtual card may be given one: \
                 ethtool -s {name} speed 1000 duplex full"
            )
        },
    )
}

/// Returns why a port is not used, in a few words: those of our driver where it tells them.
pub(crate) fn short(bond: &Bond, slave: &Slave) -> Option<String> {
    let reason = slave.port.as_ref()?.reason.as_ref();
    if let Some(reason) = reason {
        return (reason.number != 0).then(|| reason.text.clone());
    }
    let words = match cause(bond, slave)? {
        Cause::SpeedUnknown => "link speed or duplex is unknown",
        Cause::Loopback => "link leads back to this bond",
        Cause::NoPartner => "no LACP partner",
        Cause::PartnerSilent => "LACP partner is silent",
        Cause::OtherAggregator => "in another aggregator",
        Cause::Waiting => "not in use yet",
        Cause::PartnerMismatch => "LACP partner does not know this port",
        Cause::PartnerOutOfSync => "LACP partner is not in sync",
        Cause::PartnerNotCollecting => "LACP partner is not collecting",
        Cause::Disputed => "several systems claim the link",
    };
    Some(words.to_string())
}
