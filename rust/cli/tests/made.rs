// SPDX-License-Identifier: GPL-2.0

//! `why` over states that no guest was brought into: recorded ones with a change.

use cli::state::{bits, Bond, Driver, Party, Reason, Setting};
use cli::why::{self, Finding};

use super::bond;

fn found(bond: &Bond) -> Vec<Finding> {
    why::judge(bond).findings
}

/// The only finding.
fn only(bond: &Bond) -> Finding {
    let found = found(bond);
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

fn set(bond: &mut Bond, option: &str, value: Setting) {
    bond.options.insert(option.to_string(), value);
}

fn number(bond: &mut Bond, option: &str, value: i64) {
    set(bond, option, Setting::Number(value));
}

fn text(bond: &mut Bond, option: &str, value: &str) {
    set(bond, option, Setting::Text(value.to_string()));
}

/// Changes the two parties of the bond's second port.
fn port(bond: &mut Bond, change: impl Fn(&mut Party, &mut Party)) {
    let port = bond.slaves[1].port.as_mut().expect("it is a port");
    let (actor, partner) = (&mut port.actor, &mut port.partner);
    change(
        actor.as_mut().expect("root has read it"),
        partner.as_mut().expect("root has read it"),
    );
}

/// The second port is in an aggregator of its own, as native's states tell it.
fn apart() -> Bond {
    let mut bond = bond("bond-lacp");
    let port = bond.slaves[1].port.as_mut().expect("it is a port");
    port.aggregator = port.aggregator.map(|number| number + 1);
    bond.slaves[1].state = Some("backup".to_string());
    bond
}

#[test]
fn why_ports_are_apart() {
    let mut systems = apart();
    port(&mut systems, |_, partner| {
        partner.system = "02:00:00:00:00:99".to_string()
    });
    let finding = only(&systems);
    assert_eq!(finding.rule, "other_aggregator");
    assert!(finding
        .what
        .starts_with("eth1 ends at another system (02:00:00:00:00:99) than eth0"));

    let mut groups = apart();
    port(&mut groups, |_, partner| partner.key += 1);
    let finding = only(&groups);
    assert!(finding
        .what
        .starts_with("The switch has eth1 in another group (key "));
    assert!(finding.todo.contains("channel-group"));

    let mut speeds = apart();
    speeds.slaves[1].speed = Some(2500);
    port(&mut speeds, |actor, _| actor.key += 2);
    let what: Vec<String> = found(&speeds).into_iter().map(|f| f.what).collect();
    assert!(
        what[0].starts_with("eth1 (2.5 Gb/s) has another key ("),
        "{what:?}"
    );
    assert_eq!(
        what[1],
        "The links differ in speed (eth0 10 Gb/s and eth1 2.5 Gb/s): only ports of one speed \
         aggregate."
    );

    let finding = only(&apart());
    assert!(finding.what.ends_with("with the same partner and keys."));

    let mut user = apart();
    for slave in &mut user.slaves {
        let port = slave.port.as_mut().expect("it is a port");
        (port.actor, port.partner) = (None, None);
    }
    user.aggregate = None;
    let finding = only(&user);
    assert!(finding.todo.contains("sudo rustbond why"), "{finding:?}");
}

#[test]
fn states_of_native_ports() {
    let state = |actor: u8, partner: u8| {
        let mut bond = bond("bond-lacp");
        let port = bond.slaves[1].port.as_mut().expect("it is a port");
        (port.actor_state, port.partner_state) = (Some(actor), Some(partner));
        found(&bond).into_iter().map(|f| f.rule).collect::<Vec<_>>()
    };
    let good =
        bits::ACTIVITY | bits::AGGREGATION | bits::SYNC | bits::COLLECTING | bits::DISTRIBUTING;
    assert!(state(good, good).is_empty());
    assert_eq!(state(good | bits::DEFAULTED, good), ["no_partner"]);
    assert_eq!(state(good | bits::EXPIRED, good), ["partner_silent"]);
    assert_eq!(state(good, good & !bits::SYNC), ["partner_out_of_sync"]);
    assert_eq!(state(good & !bits::COLLECTING, good), ["waiting"]);
    assert_eq!(
        state(good, good & !bits::COLLECTING),
        ["partner_not_collecting"]
    );
}

#[test]
fn reasons_of_ours() {
    let rules = [
        (0, None),
        (1, None),
        (2, None),
        (3, Some("speed_unknown")),
        (4, None),
        (5, Some("loopback")),
        (6, Some("no_partner")),
        (7, Some("partner_silent")),
        (8, Some("other_aggregator")),
        (9, Some("waiting")),
        (10, Some("partner_mismatch")),
        (11, Some("partner_out_of_sync")),
        (12, Some("partner_not_collecting")),
        (13, Some("disputed")),
        (14, None),
    ];
    for (number, rule) in rules {
        let mut bond = bond("rustbond-lacp");
        let port = bond.slaves[1].port.as_mut().expect("it is a port");
        port.reason = Some(Reason {
            number,
            word: String::new(),
            text: String::new(),
        });
        let found: Vec<_> = found(&bond).into_iter().map(|f| f.rule).collect();
        assert_eq!(found, rule.into_iter().collect::<Vec<_>>(), "{number}");
    }
}

#[test]
fn native_without_a_speed() {
    let mut bond = bond("bond-lacp");
    bond.slaves[1].speed = None;
    assert_eq!(only(&bond).rule, "speed_unknown");
    bond.driver = Some(Driver {
        name: "rustbond".to_string(),
        version: "0".to_string(),
    });
    assert!(found(&bond).is_empty());
}

#[test]
fn in_the_place_of_native_no_monitor_is_needed() {
    let mut bond = bond("bond-monitoring_off");
    assert_eq!(only(&bond).rule, "monitoring_off");
    bond.driver.as_mut().expect("it is told").name = "rustbond".to_string();
    assert!(found(&bond).is_empty());
    // Nothing is said of what could not be read.
    bond.driver = None;
    bond.options.remove("miimon");
    assert!(found(&bond).is_empty());
}

#[test]
fn options_without_effect() {
    let mut ab = bond("bond-sound");
    text(&mut ab, "xmit_hash_policy", "layer3+4");
    text(&mut ab, "lacp_rate", "fast");
    number(&mut ab, "packets_per_slave", 3);
    let what: Vec<String> = found(&ab).into_iter().map(|f| f.what).collect();
    assert_eq!(
        what,
        [
            "xmit_hash_policy of b0 is layer3+4, which has no effect in active-backup.",
            "packets_per_slave of b0 is 3, which has no effect in active-backup.",
            "lacp_rate of b0 is fast, which has no effect in active-backup.",
        ]
    );
    let todo = &found(&ab)[0].todo;
    assert_eq!(
        todo,
        "It belongs to balance-xor, 802.3ad and balance-tlb: take that mode, or set \
         xmit_hash_policy back to layer2."
    );
    text(&mut ab, "mode", "a mode of tomorrow");
    assert!(found(&ab).is_empty());
}

#[test]
fn delays_without_miimon() {
    let mut ab = bond("rustbond-sound");
    number(&mut ab, "miimon", 0);
    number(&mut ab, "updelay", 200);
    assert_eq!(
        only(&ab).what,
        "updelay of b0 is set, and has no effect without miimon."
    );
}

#[test]
fn no_active_slave() {
    let mut ab = bond("bond-sound");
    set(&mut ab, "active_slave", Setting::Nothing);
    let finding = only(&ab);
    assert_eq!((finding.rule, finding.slaves.len()), ("no_active", 2));
    for slave in &mut ab.slaves {
        slave.mii_status = Some("down".to_string());
    }
    assert!(found(&ab).is_empty());
}

#[test]
fn two_slaves_with_one_address() {
    let mut ab = bond("bond-sound");
    ab.slaves[1].permanent_address = ab.slaves[0].permanent_address.clone();
    let finding = only(&ab);
    assert_eq!(
        finding.what,
        "eth0 and eth1 have the same MAC address of their own."
    );
}

#[test]
fn passive_here() {
    let mut lacp = bond("bond-no_partner");
    assert!(!found(&lacp)[0].todo.contains("lacp_active"));
    text(&mut lacp, "lacp_active", "off");
    assert!(found(&lacp)[0].todo.contains("lacp_active is off here"));
}
