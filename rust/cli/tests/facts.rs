// SPDX-License-Identifier: GPL-2.0

//! Facts that the family tells beside rtnetlink: in the state, the picture, `why`, metrics and `watch`.

use cli::family::facts::Facts;
use cli::family::message::{attr, messages, Fields, Message, Refused, Request};
use cli::show::{self, Glyphs};
use cli::state::kernel::Heard;
use cli::state::link::{BondData, Link, SlaveData};
use cli::state::State;
use cli::watch::changes::Follower;
use cli::{metrics, why};
use lag::family::{
    bond_counters, bonds, end, lacp, port, slave as slaves, slave_counters, BOND_GET, TELLINGS,
};
use lag::lacp::reason::Reason;

use super::load;

fn word(number: u16, value: u32) -> Vec<u8> {
    attr(number, &value.to_ne_bytes())
}

fn text(number: u16, text: &str) -> Vec<u8> {
    attr(number, &[text.as_bytes(), b"\0"].concat())
}

/// Facts that the driver would tell of the only bond of a state, with that reason for its second slave.
fn facts(state: &State, reason: u32) -> Facts {
    let bond = &state.bonds[0];
    let counters = [
        word(bond_counters::FAILOVERS, 2),
        word(bond_counters::TX_NO_SLAVE, 1),
        attr(bond_counters::FLOWS_MOVED, &(1u64 << 40).to_ne_bytes()),
        word(bond_counters::TX_NO_MEMORY, 0),
    ];
    let row = [
        word(bonds::IFINDEX, bond.index),
        text(bonds::IFNAME, &bond.name),
        word(bonds::RECORDS, 77),
        attr(bonds::COUNTERS, &counters.concat()),
        attr(bonds::LACP, &word(lacp::AGGREGATOR, 4)),
    ];
    let slave = |at: usize| {
        let counters = [
            word(slave_counters::PROBES_SENT, 40),
            word(slave_counters::PROBES_ANSWERED, 39),
        ];
        let actor = [
            word(end::KEY, 15),
            attr(end::SYSTEM, &[2, 0, 0, 0, 0, 0x77]),
        ];
        let of_port = [
            word(port::REASON, if at == 1 { reason } else { 0 }),
            attr(port::ACTOR, &actor.concat()),
            text(port::RECEIVE, "CURRENT"),
            text(port::PERIODIC, "FAST"),
            text(port::MUX, "WAITING"),
            word(port::WAIT_WHILE, 1200),
            word(port::STRAYS, 3),
        ];
        let row = [
            word(slaves::BOND, bond.index),
            word(slaves::IFINDEX, bond.slaves[at].index),
            attr(slaves::COUNTERS, &counters.concat()),
            attr(slaves::LACP, &of_port.concat()),
        ];
        Fields::read(&slaves::SET, &row.concat())
    };
    Facts {
        bonds: vec![Fields::read(&bonds::SET, &row.concat())],
        slaves: vec![slave(0), slave(1)],
    }
}

/// A recorded state, as it is with the family.
pub(crate) fn told(name: &str, reason: u32) -> State {
    let mut state = load(name);
    facts(&state, reason).add_to(&mut state);
    state
}

#[test]
fn the_state() {
    let state = told("bond-lacp", Reason::NotActive { active: 0 }.number().into());
    let bond = &state.bonds[0];
    assert_eq!(bond.counter(bond_counters::FLOWS_MOVED), Some(1 << 40));
    assert_eq!(bond.counter(bond_counters::CLIENTS_MOVED), None);
    assert_eq!(bond.records(), Some(77));
    let slave = &bond.slaves[1];
    assert_eq!(slave.counter(slave_counters::PROBES_ANSWERED), Some(39));
    let port = slave.port.as_ref().expect("it is a port");
    let reason = port.reason.as_ref().expect("it is told");
    assert_eq!(
        (reason.word.as_str(), reason.text.as_str()),
        ("not_active", "aggregator 4 is the active one")
    );
    assert_eq!(port.strays, Some(3));
    assert_eq!(
        port.actor.as_ref().expect("it is told").system,
        "02:00:00:00:00:77"
    );
    // Not told here, and so it stays.
    assert_eq!(
        port.partner,
        load("bond-lacp").bonds[0].slaves[1]
            .port
            .as_ref()
            .expect("it")
            .partner
    );
    let json = serde_json::to_value(&state).expect("it is JSON");
    assert_eq!(json["bonds"][0]["counters"]["tx_no_slave"], 1);
    assert_eq!(
        serde_json::from_value::<State>(json).expect("it is a state"),
        state
    );
}

#[test]
fn of_another_bond() {
    let mut other = load("bond-lacp");
    let facts = facts(&other, 0);
    other.bonds[0].index += 1;
    let before = other.clone();
    facts.add_to(&mut other);
    assert_eq!(other, before);
}

#[test]
fn the_picture() {
    let state = told("rustbond-lacp", Reason::Waiting.number().into());
    let picture = show::text(&state, &Glyphs::ASCII);
    for line in [
        "|  2 failovers, 1 packet dropped as no slave could send, 1099511627776 flows moved by failures",
        "      machines: receive CURRENT, periodic FAST, mux WAITING, waits for 1200 ms",
    ] {
        assert!(picture.lines().any(|l| l == line), "no '{line}' in\n{picture}");
    }
    // A port in use has no such line.
    assert_eq!(picture.matches("machines").count(), 1, "{picture}");
    let found = why::judge(&state.bonds[0]).findings;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].what,
        "eth1 is not in use yet, for another 1200 ms."
    );
}

#[test]
fn the_reason_counts_in_the_place_of_native_too() {
    let state = told("bond-lacp", Reason::Disputed.number().into());
    let rules: Vec<_> = why::judge(&state.bonds[0])
        .findings
        .iter()
        .map(|f| f.rule)
        .collect();
    assert_eq!(rules, ["disputed"]);
}

#[test]
fn metrics_of_the_family() {
    let page = metrics::text(&told("rustbond-lacp", 0));
    for line in [
        "# TYPE bond_failovers counter",
        "bond_failovers_total{bond=\"b0\"} 2",
        "bond_transmit_dropped_packets_total{bond=\"b0\",reason=\"no_slave\"} 1",
        "bond_transmit_dropped_packets_total{bond=\"b0\",reason=\"no_memory\"} 0",
        "bond_records_total{bond=\"b0\"} 77",
        "bond_slave_probes_sent_total{bond=\"b0\",slave=\"eth1\"} 40",
    ] {
        assert!(page.lines().any(|l| l == line), "no {line} in:\n{page}");
    }
    let help = page
        .matches("# HELP bond_transmit_dropped_packets ")
        .count();
    assert_eq!(help, 1);
    assert!(!metrics::text(&load("bond-lacp")).contains("rustbond only"));
}

#[test]
fn silent_targets() {
    let state = told("rustbond-arp_silent", 0);
    let found = why::judge(&state.bonds[0]).findings;
    let silent = found
        .iter()
        .find(|f| f.rule == "arp_silent")
        .expect("it is found");
    assert!(silent.what.contains(" sent, "), "{}", silent.what);
}

#[test]
fn what_records_tell_is_not_told_twice() {
    let data = BondData::default();
    let bond = Link {
        index: 5,
        name: "b0".to_string(),
        kind: Some("bond".to_string()),
        bond: Some(data),
        ..Link::default()
    };
    let slave = Link {
        index: 2,
        name: "eth0".to_string(),
        carrier: true,
        master: Some(5),
        slave: Some(SlaveData {
            mii_status: Some("up"),
            ..SlaveData::default()
        }),
        ..Link::default()
    };
    let mut lost = slave.clone();
    lost.carrier = false;
    lost.slave.as_mut().expect("it is one").mii_status = Some("down");
    let heard = Heard::Link(Box::new(lost));
    let mut follower = Follower::new(vec![bond, slave], None);
    let both = follower.clone().hear(&heard);
    assert_eq!(both, ["b0: eth0 carrier down", "b0: eth0 link down"]);
    follower.recorded([5]);
    assert_eq!(follower.clone().hear(&heard), ["b0: eth0 carrier down"]);
    follower.unrecorded();
    assert_eq!(follower.hear(&heard), both);
}

#[test]
fn requests() {
    let request = Request {
        family: 0x1c,
        version: 1,
        command: BOND_GET,
        flags: 0x301,
        sequence: 9,
        attrs: &[word(bonds::IFINDEX, 5)],
    };
    let octets = request.octets();
    let mut want = 28u32.to_ne_bytes().to_vec();
    want.extend(0x1cu16.to_ne_bytes());
    want.extend(0x301u16.to_ne_bytes());
    want.extend(9u32.to_ne_bytes());
    want.extend([0; 4]);
    want.extend([BOND_GET, 1, 0, 0]);
    want.extend(word(1, 5));
    assert_eq!(octets, want);
    // The table of commands is in the order of their numbers, which is how an answer finds its set.
    assert_eq!(TELLINGS[usize::from(BOND_GET) - 1].name, "bond-get");
}

/// The messages in octets.
fn parsed(octets: &[u8]) -> Vec<Message> {
    messages(octets)
        .filter_map(|m| Message::parse(&m))
        .collect()
}

fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len() + 16).expect("it is short");
    let mut out = length.to_ne_bytes().to_vec();
    out.extend(kind.to_ne_bytes());
    out.extend(flags.to_ne_bytes());
    out.extend([0; 8]);
    out.extend(payload);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

#[test]
fn refusals() {
    const CAPPED: u16 = 0x100;
    const TLVS: u16 = 0x200;
    let minus = |errno: i32| (-errno).to_ne_bytes().to_vec();
    let why = text(1, "no device has that ifindex");
    let refused = |text: Option<&str>| {
        Message::Refused(Refused {
            errno: 19,
            text: text.map(str::to_string),
        })
    };
    let head = message(0x1c, 0, &[])[..16].to_vec();
    let capped = [minus(19), head, why.clone()].concat();
    let sentence = Some("no device has that ifindex");
    assert_eq!(
        parsed(&message(2, CAPPED | TLVS, &capped)),
        [refused(sentence)]
    );
    let whole = message(0x1c, 0, &[1, 1, 0, 0, 8, 0, 1, 0, 5, 0, 0, 0]);
    let full = [minus(19), whole, why.clone()].concat();
    assert_eq!(parsed(&message(2, TLVS, &full)), [refused(sentence)]);
    assert_eq!(parsed(&message(2, 0, &full)), [refused(None)]);
    // At the end of a dump no request stands between.
    let done = [minus(19), why].concat();
    assert_eq!(parsed(&message(3, TLVS, &done)), [refused(sentence)]);
    assert_eq!(parsed(&message(2, 0, &[0; 20])), [Message::Done]);
    for end in 0..capped.len() {
        parsed(&message(2, CAPPED | TLVS, &capped[..end]));
    }
}
