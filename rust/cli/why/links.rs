// SPDX-License-Identifier: GPL-2.0

//! Rules about links, their monitoring and their addresses.

use lag::family::slave_counters;
use lag::mode::Mode;

use super::{of_bond, of_slaves, Fault, NONE};
use crate::state::{Bond, Slave};
use crate::words::{self, by};

pub(super) fn bond_down(bond: &Bond) -> Vec<Fault> {
    if bond.up {
        return NONE;
    }
    let name = &bond.name;
    of_bond(
        format!("{name} is down, so that it carries nothing."),
        format!("ip link set {name} up"),
    )
}

/// Returns the command that adds a slave.
fn enslave(bond: &Bond) -> String {
    format!(
        "ip link set eth0 down; ip link set eth0 master {}",
        bond.name
    )
}

pub(super) fn no_slave(bond: &Bond) -> Vec<Fault> {
    if !bond.slaves.is_empty() {
        return NONE;
    }
    of_bond(
        format!("{} has no slaves.", bond.name),
        format!(
            "Add them, with their own names in place of eth0: {}",
            enslave(bond)
        ),
    )
}

pub(super) fn one_slave(bond: &Bond) -> Vec<Fault> {
    let [only] = &bond.slaves[..] else {
        return NONE;
    };
    of_bond(
        format!(
            "{} is the only slave of {}: when it fails, nothing takes over.",
            only.name, bond.name
        ),
        format!(
            "Add a second, with its own name in place of eth0: {}",
            enslave(bond)
        ),
    )
}

pub(super) fn bond_no_carrier(bond: &Bond) -> Vec<Fault> {
    if !bond.up || bond.carrier || bond.slaves.is_empty() {
        return NONE;
    }
    of_bond(
        format!(
            "{} has no carrier, so that nothing is transmitted by it.",
            bond.name
        ),
        "The findings below say why: no slave is used, or too few are.".to_string(),
    )
}

pub(super) fn monitoring_off(bond: &Bond) -> Vec<Fault> {
    let off = bond.number("miimon") == Some(0) && bond.number("arp_interval").unwrap_or(0) == 0;
    // Ours acts upon a lost carrier without them.
    if !off || bond.is_ours() {
        return NONE;
    }
    let name = &bond.name;
    of_bond(
        format!(
            "Nothing watches the links of {name}: miimon and arp_interval are both 0. \
             When a link fails, what goes by it is lost."
        ),
        format!("ip link set {name} type {} miimon 100", bond.kind),
    )
}

pub(super) fn slave_down(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        bond.slaves.iter().filter(|slave| !slave.up),
        |list, n| format!("{list} {} down.", by(n, "is", "are")),
        |list, n| match n {
            1 => format!("ip link set {list} up"),
            _ => "ip link set SLAVE up, for each of them".to_string(),
        },
    )
}

pub(super) fn no_carrier(bond: &Bond) -> Vec<Fault> {
    of_slaves(
        bond.slaves
            .iter()
            .filter(|slave| slave.up && !slave.carrier),
        |list, n| format!("{list} {} no carrier.", by(n, "has", "have")),
        |list, n| {
            let look = by(n, list, "SLAVE");
            format!(
                "Look at the cable and at the other end: is the port there enabled? \
                 'ethtool {look}' shows what the driver sees."
            )
        },
    )
}

/// The targets of ARP monitoring, IPv4 and IPv6.
fn targets(bond: &Bond) -> Vec<&str> {
    let both = [bond.list("arp_ip_target"), bond.list("ns_ip6_target")];
    both.into_iter().flatten().map(String::as_str).collect()
}

fn probes(bond: &Bond) -> bool {
    bond.number("arp_interval")
        .is_some_and(|interval| interval > 0)
}

pub(super) fn arp_no_target(bond: &Bond) -> Vec<Fault> {
    if !probes(bond) || !targets(bond).is_empty() {
        return NONE;
    }
    let name = &bond.name;
    of_bond(
        format!("{name} monitors its links by ARP, and has no target to probe."),
        format!(
            "Name one that always answers, as the gateway: \
             echo +192.0.2.1 > /sys/class/net/{name}/bonding/arp_ip_target"
        ),
    )
}

pub(super) fn arp_silent(bond: &Bond) -> Vec<Fault> {
    if !bond.up || !probes(bond) || targets(bond).is_empty() {
        return NONE;
    }
    let silent = |slave: &&Slave| slave.up && slave.carrier && !slave.is_linked();
    let targets = targets(bond);
    let of = words::list(&targets);
    of_slaves(
        bond.slaves.iter().filter(silent),
        |list, n| {
            format!(
                "{list} {} a carrier and no answer to the probes of ARP monitoring (to {of}{}).",
                by(n, "has", "have"),
                probed(bond, silent)
            )
        },
        |_, _| {
            let none = by(targets.len(), "Is it there", "Is one of them there");
            format!(
                "{none} ('ping -I {0} {1}')? Has {0} an address in its network, and is the path \
                 beyond the first switch whole?",
                bond.name,
                targets.first().unwrap_or(&"TARGET"),
            )
        },
    )
}

/// Number of probes that were sent and answered, where the driver tells it.
fn probed(bond: &Bond, of: impl Fn(&&Slave) -> bool) -> String {
    let (mut sent, mut answered) = (0, 0);
    for slave in bond.slaves.iter().filter(of) {
        let counter = |attr| slave.counter(attr);
        let (Some(s), Some(a)) = (
            counter(slave_counters::PROBES_SENT),
            counter(slave_counters::PROBES_ANSWERED),
        ) else {
            return String::new();
        };
        (sent, answered) = (sent + s, answered + a);
    }
    format!("; {sent} sent, {answered} answered so far")
}

pub(super) fn no_active(bond: &Bond) -> Vec<Fault> {
    let chooses = bond.mode().is_some_and(Mode::has_active_slave);
    if !bond.up || !chooses || bond.active().is_some() {
        return NONE;
    }
    of_slaves(
        bond.slaves.iter().filter(|slave| slave.is_linked()),
        |list, n| {
            let link = by(n, "its link is", "their links are");
            format!(
                "{} has no active slave, although {link} up: {list}.",
                bond.name
            )
        },
        |list, n| {
            let name = by(n, list, "SLAVE");
            format!(
                "echo {name} > /sys/class/net/{}/bonding/active_slave",
                bond.name
            )
        },
    )
}

pub(super) fn link_delayed(bond: &Bond) -> Vec<Fault> {
    let waits = |slave: &&Slave| slave.mii_status.as_deref() == Some("going back");
    let delay = bond.number("updelay").unwrap_or(0);
    of_slaves(
        bond.slaves.iter().filter(waits),
        |list, n| {
            let link = by(n, "link is back, and waits", "links are back, and wait");
            format!("{list}: the {link} for updelay ({delay} ms) before it is used.")
        },
        |_, _| "It passes. If it takes too long, lower updelay.".to_string(),
    )
}

/// Those whose speed and duplex count.
fn linked(bond: &Bond) -> impl Iterator<Item = &Slave> {
    bond.slaves.iter().filter(|slave| slave.up && slave.carrier)
}

pub(super) fn half_duplex(bond: &Bond) -> Vec<Fault> {
    let half = |slave: &&Slave| slave.duplex.as_deref() == Some("half");
    of_slaves(
        linked(bond).filter(half),
        |list, n| {
            let used = if bond.is_lacp() {
                ", on which LACP does not run"
            } else {
                ""
            };
            format!("{list} {} half duplex{used}.", by(n, "is", "are"))
        },
        |_, _| {
            "Let both ends negotiate, or set both alike: ethtool -s SLAVE autoneg on".to_string()
        },
    )
}

pub(super) fn speed_differs(bond: &Bond) -> Vec<Fault> {
    if bond.mode() == Some(Mode::ActiveBackup) {
        return NONE;
    }
    let known: Vec<(&Slave, u32)> = linked(bond)
        .filter_map(|slave| Some((slave, slave.speed?)))
        .collect();
    let Some(fastest) = known.iter().map(|(_, speed)| *speed).max() else {
        return NONE;
    };
    let slower: Vec<_> = known.iter().filter(|(_, speed)| *speed < fastest).collect();
    if slower.is_empty() {
        return NONE;
    }
    let told: Vec<String> = known
        .iter()
        .map(|(slave, speed)| format!("{} {}", slave.name, words::speed(*speed)))
        .collect();
    let so = if bond.is_lacp() {
        "only ports of one speed aggregate"
    } else {
        "the slower ones are given as much as the others"
    };
    of_slaves(
        slower.iter().map(|(slave, _)| *slave),
        |_, _| format!("The links differ in speed ({}): {so}.", words::list(&told)),
        |list, n| {
            let what = by(n, "has", "have");
            format!("See why {list} {what} not negotiated more: cable, port, 'ethtool SLAVE'.")
        },
    )
}

pub(super) fn mtu_differs(bond: &Bond) -> Vec<Fault> {
    let other: Vec<&Slave> = bond.slaves.iter().filter(|s| s.mtu != bond.mtu).collect();
    let told: Vec<String> = other
        .iter()
        .map(|slave| format!("{} {}", slave.name, slave.mtu))
        .collect();
    of_slaves(
        other,
        |_, _| {
            format!(
                "{} has MTU {}, and of its slaves {}: longer frames are lost there.",
                bond.name,
                bond.mtu,
                words::list(&told)
            )
        },
        |list, n| match n {
            1 => format!("ip link set {list} mtu {}", bond.mtu),
            _ => format!("ip link set SLAVE mtu {}, for each of them", bond.mtu),
        },
    )
}

pub(super) fn duplicate_mac(bond: &Bond) -> Vec<Fault> {
    let mut faults = Vec::new();
    let own = |slave: &Slave| slave.permanent_address.clone();
    let twice = |slave: &&Slave| {
        let others = bond
            .slaves
            .iter()
            .filter(|other| other.index != slave.index);
        own(slave).is_some() && others.map(own).any(|other| other == own(slave))
    };
    faults.extend(of_slaves(
        bond.slaves.iter().filter(twice),
        |list, _| format!("{list} have the same MAC address of their own."),
        |_, _| {
            "Give one another address while it is no slave: ip link set SLAVE address ADDRESS"
                .to_string()
        },
    ));
    if !bond.twins.is_empty() {
        let n = bond.twins.len();
        let list = words::list(&bond.twins);
        faults.extend(of_bond(
            format!(
                "{list} {} a MAC address of {} or of one of its slaves, and no part in it: \
                 switches see it move from port to port.",
                by(n, "has", "have"),
                bond.name
            ),
            format!(
                "ip link set {} address ADDRESS, with one that nobody else has",
                by(n, &list, "INTERFACE")
            ),
        ));
    }
    faults
}
