// SPDX-License-Identifier: GPL-2.0

//! `why` over recorded states: each names its fault, and a mended bond has none.

use std::collections::BTreeSet;

use cli::why;

use super::{all, bond, load, KINDS};

fn found(name: &str) -> BTreeSet<&'static str> {
    let verdict = why::judge(&bond(name));
    verdict
        .findings
        .iter()
        .map(|finding| finding.rule)
        .collect()
}

#[test]
fn each_recorded_fault_is_found() {
    let rules: BTreeSet<&str> = why::rules().map(|(name, _)| name).collect();
    let mut seen = BTreeSet::new();
    for name in all() {
        let (kind, fault) = name.split_once('-').expect("KIND-NAME");
        assert!(KINDS.contains(&kind), "{name}");
        let found = found(&name);
        match fault {
            "sound" | "lacp" => assert_eq!(found, BTreeSet::new(), "{name}"),
            fault => {
                assert!(rules.contains(fault), "{name}: no such rule");
                assert!(found.contains(fault), "{name}: {found:?}");
                seen.insert(fault.to_string());
            }
        }
    }
    assert!(seen.len() >= 20, "{seen:?}");
}

/// Faults that are found besides the one that was made, by its nature.
const BESIDES: &[(&str, &[&str])] = &[
    ("bond_no_carrier", &["no_carrier"]),
    ("primary_missing", &[]),
    ("arp_silent", &["bond_no_carrier"]),
    ("min_links", &["no_carrier", "bond_no_carrier"]),
    ("partner_out_of_sync", &["one_slave", "bond_no_carrier"]),
    ("loopback", &["bond_no_carrier", "no_partner", "waiting"]),
];

#[test]
fn nothing_else_is_found() {
    for name in all() {
        let (_, fault) = name.split_once('-').expect("KIND-NAME");
        let besides = BESIDES.iter().find(|(rule, _)| *rule == fault);
        for rule in found(&name) {
            let known = rule == fault || besides.is_some_and(|(_, more)| more.contains(&rule));
            assert!(known, "{name}: {rule}");
        }
    }
}

/// The whole text for a state.
fn text(name: &str) -> String {
    let state = load(name);
    why::text(&state, &why::judge_all(&state))
}

#[test]
fn sentences() {
    assert_eq!(
        text("bond-sound"),
        "b0: nothing is wrong; eth0 carries its traffic\n"
    );
    assert_eq!(
        text("bond-monitoring_off"),
        "b0: 1 thing is wrong\n  1. Nothing watches the links of b0: miimon and arp_interval are \
         both 0. When a\n     link fails, what goes by it is lost.\n     -> ip link set b0 type \
         bond miimon 100\n"
    );
    assert_eq!(
        text("rustbond-mtu_differs"),
        "b0: 1 thing is wrong\n  1. b0 has MTU 1500, and of its slaves eth1 1400: longer frames \
         are lost there.\n     -> ip link set eth1 mtu 1500\n"
    );
    assert_eq!(
        text("bond-min_links"),
        "b0: 3 things are wrong\n  1. b0 has no carrier, so that nothing is transmitted by it.\n     \
         -> The findings below say why: no slave is used, or too few are.\n  2. min_links of b0 is \
         2, and 1 port is in use: so it has no carrier.\n     -> Bring the other ports into use, \
         or: echo 1 >\n        /sys/class/net/b0/bonding/min_links\n  3. eth1 has no carrier.\n     \
         -> Look at the cable and at the other end: is the port there enabled?\n        \
         'ethtool eth1' shows what the driver sees.\n"
    );
}

#[test]
fn both_drivers_are_judged_alike() {
    for name in all() {
        let Some(fault) = name.strip_prefix("bond-") else {
            continue;
        };
        // Ours acts upon a lost carrier without a monitor.
        if fault != "monitoring_off" {
            let ours = found(&format!("rustbond-{fault}"));
            assert!(
                ours.contains(fault) || matches!(fault, "sound" | "lacp"),
                "{fault}"
            );
        }
    }
}
