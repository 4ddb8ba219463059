// SPDX-License-Identifier: GPL-2.0

//! Pictures and metrics of recorded states.

use clap::CommandFactory;
use cli::args::Args;
use cli::show::{self, Glyphs};
use cli::state::{Driver, Traffic};
use cli::{man, metrics, why};

use super::facts::told;
use super::{all, load};

/// A recorded state with what changes from record to record set.
fn steady(name: &str) -> cli::State {
    let mut state = load(name);
    let bond = &mut state.bonds[0];
    bond.driver = Some(Driver {
        name: "bonding".to_string(),
        version: "1".to_string(),
    });
    for (number, slave) in (1..).zip(&mut bond.slaves) {
        slave.link_failures = 0;
        slave.traffic = Traffic {
            tx_bytes: 1000 * number * number,
            rx_bytes: 3000 - 1000 * number,
            ..Traffic::default()
        };
        if let Some(partner) = slave.port.as_mut().and_then(|port| port.partner.as_mut()) {
            partner.system = "02:00:00:00:00:77".to_string();
        }
    }
    if let Some(aggregate) = &mut bond.aggregate {
        (aggregate.aggregator, aggregate.partner_key) = (1, 15);
        aggregate.partner_mac = "02:00:00:00:00:77".to_string();
    }
    state
}

#[test]
fn pictures() {
    assert_eq!(
        show::text(&steady("bond-no_carrier"), &Glyphs::UNICODE),
        "\
b0  active-backup  up, 10 Gb/s, MTU 1500, 02:00:00:00:0a:01
│  bonding 1, miimon 100 ms
├─● eth0  up          10 Gb/s full  active  sent 20.0 %  received 66.7 %  0 failures
└─○ eth1  no carrier  -             backup  sent 80.0 %  received 33.3 %  0 failures
"
    );
    assert_eq!(
        show::text(&steady("bond-no_slave"), &Glyphs::ASCII)
            .lines()
            .skip(1)
            .collect::<Vec<_>>(),
        ["   bonding 1, miimon 100 ms", "   no slaves"]
    );
    let lacp = show::text(&steady("bond-lacp"), &Glyphs::ASCII);
    let lines: Vec<&str> = lacp.lines().collect();
    assert_eq!(
        lines[0],
        "b0  802.3ad  up, 20 Gb/s, MTU 1500, 02:00:00:00:0a:01"
    );
    assert_eq!(lines[1], "|  bonding 1, miimon 100 ms, hash layer2");
    assert_eq!(
        lines[2],
        "|  aggregator 1: 2 ports, key 15, LACP rate fast, partner 02:00:00:00:00:77 key 15"
    );
    assert_eq!(
        lines[3],
        "+-* eth0  up  10 Gb/s full  used  sent 20.0 %  received 66.7 %  0 failures"
    );
    assert_eq!(
        lines[4],
        "|     partner 02:00:00:00:00:77 port 1 key 15: active, fast, aggregation, in sync, \
         collecting, distributing"
    );
    assert!(lines[5].starts_with("`-* eth1"));
    assert_eq!(lines.len(), 7);
    let dark = show::text(&steady("bond-bond_no_carrier"), &Glyphs::ASCII);
    assert!(
        dark.starts_with("b0  active-backup  up, no carrier, MTU 1500"),
        "{dark}"
    );
    let nobody = show::text(&steady("rustbond-no_partner"), &Glyphs::ASCII);
    assert!(
        nobody.contains("used without an agreement: no LACP partner"),
        "{nobody}"
    );
    assert!(nobody.contains("not used: "), "{nobody}");
}

#[test]
fn all_can_be_drawn_and_counted() {
    for name in all() {
        let state = load(&name);
        let picture = show::text(&state, &Glyphs::UNICODE);
        let slaves = state.bonds[0].slaves.len();
        let rows = picture.lines().filter(|line| line.contains("─")).count();
        assert_eq!(rows, slaves, "{name}:\n{picture}");
        let page = metrics::text(&state);
        assert!(page.ends_with("\n# EOF\n"), "{name}");
        let sent = page
            .lines()
            .filter(|line| line.starts_with("bond_slave_transmit_bytes_total{"));
        assert_eq!(sent.count(), slaves, "{name}");
    }
}

#[test]
fn metrics_of_one() {
    let page = metrics::text(&steady("bond-lacp"));
    for line in [
        "bond_info{bond=\"b0\",kind=\"bond\",mode=\"802.3ad\",driver=\"bonding\",version=\"1\"} 1",
        "# TYPE bond_slave_link_failures counter",
        "bond_slave_transmit_bytes_total{bond=\"b0\",slave=\"eth1\"} 4000",
        "bond_slave_speed_bytes{bond=\"b0\",slave=\"eth0\"} 1250000000",
        "bond_slave_lacp_state{bond=\"b0\",slave=\"eth0\",end=\"partner\",flag=\"in_sync\"} 1",
        "bond_findings{bond=\"b0\",rule=\"no_partner\"} 0",
        "bond_lacp_ports{bond=\"b0\"} 2",
    ] {
        assert!(page.lines().any(|l| l == line), "no {line} in:\n{page}");
    }
    let mut odd = steady("bond-sound");
    odd.bonds[0].name = "a\"b\\".to_string();
    assert!(metrics::text(&odd).contains("bond_up{bond=\"a\\\"b\\\\\"} 1"));
}

#[test]
fn the_man_page() {
    let page = man::page(&Args::command()).expect("a Vec takes all");
    for (rule, _) in why::rules() {
        assert!(page.contains(&format!("{rule}: ")), "no {rule}");
    }
    for heading in [
        ".SH NAME",
        ".SH SYNOPSIS",
        ".SH DESCRIPTION",
        ".SH COMMANDS",
        ".SS \"rustbond show [OPTIONS] [BOND]\"",
        ".SS \"rustbond why [OPTIONS] [BOND]\"",
        ".SS \"rustbond watch [OPTIONS] [BOND]\"",
        ".SS \"rustbond history [OPTIONS] [BOND]\"",
        ".SS \"rustbond flow [OPTIONS] <BOND>\"",
        ".SS \"rustbond completions <SHELL>\"",
        ".SH \"EXIT STATUS\"",
    ] {
        assert_eq!(
            page.lines().filter(|line| *line == heading).count(),
            1,
            "{heading}:\n{page}"
        );
    }
    assert!(page.contains("textfile collector"));
}

#[test]
fn the_page_lists_all() {
    let path = format!(
        "{}/../../Documentation/command.rst",
        env!("CARGO_MANIFEST_DIR")
    );
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let listed = |name: &str, what: &str| {
        let name = format!("``{name}`` ");
        page.lines()
            .any(|line| line.starts_with(&name) && line.ends_with(what))
    };
    for (rule, what) in why::rules() {
        assert!(
            listed(rule, &format!(" {what}")),
            "{path}: no row: {rule} {what}"
        );
    }
    let mut seen = 0;
    let with_family = [told("rustbond-lacp", 0), told("rustbond-sound", 0)];
    for state in all().iter().map(|name| load(name)).chain(with_family) {
        let metrics = metrics::text(&state);
        let mut lines = metrics.lines();
        while let Some(line) = lines.next() {
            let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|l| l.split_once(' '))
            else {
                continue;
            };
            let counter = lines.next().is_some_and(|line| line.ends_with(" counter"));
            let name = format!("{name}{}", if counter { "_total" } else { "" });
            assert!(
                listed(&name, &format!(" {help}")),
                "{path}: no row: {name} {help}"
            );
            seen += 1;
        }
    }
    assert!(seen > 1000, "{seen}");
}
