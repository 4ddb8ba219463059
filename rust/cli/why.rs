// SPDX-License-Identifier: GPL-2.0

//! Judges a bond, in sentences.
//!
//! Each rule looks at one [`Bond`] and finds a fault or none. What is not known (on another kernel, or
//! without CAP_NET_ADMIN) is taken for right: a rule names what it has seen.

pub(crate) mod lacp;
mod links;
mod settings;

use serde::Serialize;

use crate::state::{Bond, Slave, State};
use crate::words;

/// A fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// The slaves that it is about; empty if it is about the bond.
    pub slaves: Vec<String>,
    /// The fault, in a sentence.
    pub what: String,
    /// The remedy, in a sentence.
    pub todo: String,
}

/// All that is wrong with a bond.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The bond.
    pub bond: String,
    /// Its faults, the gravest first.
    pub findings: Vec<Finding>,
}

/// A fault before it has the name of its rule.
struct Fault {
    slaves: Vec<String>,
    what: String,
    todo: String,
}

type Judge = fn(&Bond) -> Vec<Fault>;

/// A rule: its name, what it finds, in a noun for the page of the command, and how.
struct Rule(&'static str, &'static str, Judge);

/// All rules, in the order in which their findings are told.
const RULES: &[Rule] = &[
    Rule("bond_down", "the bond is down", links::bond_down),
    Rule("no_slave", "a bond without slaves", links::no_slave),
    Rule(
        "bond_no_carrier",
        "a bond that is up, has slaves and has no carrier",
        links::bond_no_carrier,
    ),
    Rule("min_links", "fewer ports in use than min_links asks for", lacp::min_links),
    Rule(
        "monitoring_off",
        "native bonding with miimon 0 and arp_interval 0",
        links::monitoring_off,
    ),
    Rule("slave_down", "a slave that is down", links::slave_down),
    Rule("no_carrier", "a slave without a carrier", links::no_carrier),
    Rule(
        "arp_no_target",
        "ARP monitoring without a target",
        links::arp_no_target,
    ),
    Rule("arp_silent", "ARP targets that do not answer", links::arp_silent),
    Rule("no_active", "no active slave although a link is up", links::no_active),
    Rule("link_delayed", "a link that waits for updelay", links::link_delayed),
    Rule("no_partner", "a port without an LACP partner", lacp::no_partner),
    Rule("partner_silent", "a partner that has stopped transmitting", lacp::partner_silent),
    Rule(
        "partner_out_of_sync",
        "a partner that is not in sync",
        lacp::partner_out_of_sync,
    ),
    Rule(
        "partner_mismatch",
        "a partner that describes another port than ours",
        lacp::partner_mismatch,
    ),
    Rule(
        "partner_not_collecting",
        "a partner that does not receive",
        lacp::partner_not_collecting,
    ),
    Rule(
        "other_aggregator",
        "a port in another aggregator: another partner, another key of the partner's, another speed",
        lacp::other_aggregator,
    ),
    Rule("waiting", "a port that is not in use yet", lacp::waiting),
    Rule("loopback", "a link that leads back to the bond", lacp::loopback),
    Rule("disputed", "several systems that claim a link", lacp::disputed),
    Rule(
        "speed_unknown",
        "a port whose speed is unknown, so that LACP does not run",
        lacp::speed_unknown,
    ),
    Rule("half_duplex", "a link that is half duplex", links::half_duplex),
    Rule(
        "speed_differs",
        "links of different speeds, in a mode that balances",
        links::speed_differs,
    ),
    Rule("mtu_differs", "a slave whose MTU is not the bond's", links::mtu_differs),
    Rule(
        "duplicate_mac",
        "a MAC address that two interfaces have",
        links::duplicate_mac,
    ),
    Rule(
        "primary_missing",
        "a rule for the primary, and no slave that is it",
        settings::primary_missing,
    ),
    Rule(
        "primary_idle",
        "a primary whose link is up and that is not the active slave",
        settings::primary_idle,
    ),
    Rule(
        "silent_failover",
        "active-backup that does not announce a failover",
        settings::silent_failover,
    ),
    Rule(
        "option_without_effect",
        "an option that is set and has no effect in the mode",
        settings::option_without_effect,
    ),
    Rule(
        "delay_without_miimon",
        "updelay or downdelay without miimon",
        settings::delay_without_miimon,
    ),
    Rule("one_slave", "a bond with a single slave", links::one_slave),
];

/// The names of the rules, and what each finds.
pub fn rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    RULES.iter().map(|rule| (rule.0, rule.1))
}

/// Judges a bond.
pub fn judge(bond: &Bond) -> Verdict {
    let findings = RULES.iter().flat_map(|Rule(name, _, judge)| {
        let faults = judge(bond).into_iter();
        faults.map(|fault| Finding {
            rule: name,
            slaves: fault.slaves,
            what: fault.what,
            todo: fault.todo,
        })
    });
    Verdict {
        bond: bond.name.clone(),
        findings: findings.collect(),
    }
}

/// Judges all bonds.
pub fn judge_all(state: &State) -> Vec<Verdict> {
    state.bonds.iter().map(judge).collect()
}

/// Verdicts as text for people.
pub fn text(state: &State, verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    for (bond, verdict) in state.bonds.iter().zip(verdicts) {
        if verdict.findings.is_empty() {
            out += &format!("{}: nothing is wrong; {}\n", bond.name, carried_by(bond));
            continue;
        }
        let many = verdict.findings.len();
        let verb = words::by(many, "is", "are");
        out += &format!(
            "{}: {} {verb} wrong\n",
            bond.name,
            words::count(many, "thing")
        );
        for (number, finding) in (1..).zip(&verdict.findings) {
            let head = format!("{number:>3}. ");
            out += &fold(&finding.what, &head, "     ");
            out += &fold(&finding.todo, "     -> ", "        ");
        }
    }
    out
}

fn carried_by(bond: &Bond) -> String {
    let used: Vec<&str> = bond.used().map(|slave| slave.name.as_str()).collect();
    let verb = words::by(used.len(), "carries", "carry");
    format!("{} {verb} its traffic", words::list(&used))
}

/// Breaks a text into lines of at most 80 characters.
fn fold(text: &str, first: &str, rest: &str) -> String {
    const WIDTH: usize = 80;
    let (mut out, mut line) = (String::new(), first.to_string());
    let mut empty = true;
    for word in text.split(' ') {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out += line.trim_end();
            out.push('\n');
            line = rest.to_string();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    out + &line + "\n"
}

/// No fault.
const NONE: Vec<Fault> = Vec::new();

/// A fault of the bond.
fn of_bond(what: String, todo: String) -> Vec<Fault> {
    vec![Fault {
        slaves: Vec::new(),
        what,
        todo,
    }]
}

/// A fault of slaves, if there are any: `what` and `todo` are told of their names, and of how many
/// they are.
fn of_slaves<'a>(
    slaves: impl IntoIterator<Item = &'a Slave>,
    what: impl Fn(&str, usize) -> String,
    todo: impl Fn(&str, usize) -> String,
) -> Vec<Fault> {
    let names: Vec<String> = slaves.into_iter().map(|slave| slave.name.clone()).collect();
    if names.is_empty() {
        return NONE;
    }
    let list = words::list(&names);
    vec![Fault {
        what: what(&list, names.len()),
        todo: todo(&list, names.len()),
        slaves: names,
    }]
}
