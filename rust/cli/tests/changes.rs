// SPDX-License-Identifier: GPL-2.0

//! Events in the words of `watch`, and the pictures that it draws.

use cli::state::kernel::Heard;
use cli::state::link::{BondData, Link, SlaveData};
use cli::state::Setting;
use cli::watch::changes::Follower;
use cli::watch::view::{clock, rates, View};
use ratatui::backend::TestBackend;
use ratatui::Terminal;

use super::load;

fn bond() -> Link {
    let mut data = BondData::default();
    data.options.insert("active_slave", Setting::Number(2));
    data.options.insert("miimon", Setting::Number(100));
    Link {
        index: 5,
        name: "b0".to_string(),
        up: true,
        carrier: true,
        kind: Some("rustbond".to_string()),
        bond: Some(data),
        ..Link::default()
    }
}

fn slave(index: u32, name: &str) -> Link {
    Link {
        index,
        name: name.to_string(),
        up: true,
        carrier: true,
        master: Some(5),
        slave: Some(SlaveData {
            state: Some("active"),
            mii_status: Some("up"),
            actor_state: Some(5),
            ..SlaveData::default()
        }),
        ..Link::default()
    }
}

fn here() -> Vec<Link> {
    vec![slave(2, "eth0"), slave(3, "eth1"), bond()]
}

/// A message with a changed interface.
fn heard(mut link: Link, change: impl Fn(&mut Link)) -> Heard {
    change(&mut link);
    Heard::Link(Box::new(link))
}

#[test]
fn each_change_is_a_line() {
    let mut all = Follower::new(here(), None);
    assert!(all.hear(&heard(bond(), |_| {})).is_empty());
    let told = all.hear(&heard(slave(2, "eth0"), |link| {
        link.carrier = false;
        let data = link.slave.as_mut().expect("it is a slave");
        (data.mii_status, data.state) = (Some("down"), Some("backup"));
    }));
    assert_eq!(
        told,
        [
            "b0: eth0 carrier down",
            "b0: eth0 link down",
            "b0: eth0 backup"
        ]
    );
    let told = all.hear(&heard(bond(), |link| {
        let data = link.bond.as_mut().expect("it is a bond");
        data.options.insert("active_slave", Setting::Number(3));
        data.options.insert("miimon", Setting::Number(50));
    }));
    assert_eq!(told, ["b0: active slave eth1", "b0: miimon 50"]);
    let told = all.hear(&heard(slave(3, "eth1"), |link| {
        let data = link.slave.as_mut().expect("it is a slave");
        (data.actor_state, data.aggregator) = (Some(5 | 8), Some(2));
    }));
    assert_eq!(
        told,
        [
            "b0: eth1 in aggregator 2",
            "b0: eth1 LACP: active, aggregation, in sync"
        ]
    );
    let told = all.hear(&heard(slave(3, "eth1"), |link| {
        (link.slave, link.master) = (None, None);
    }));
    assert_eq!(told, ["b0: eth1 is a slave no more"]);
    assert_eq!(
        all.hear(&heard(slave(3, "eth1"), |_| {})),
        ["b0: eth1 is a slave now"]
    );
    assert_eq!(
        all.hear(&Heard::Gone(Box::new(slave(3, "eth1")))),
        ["b0: slave eth1 is gone"]
    );
    assert_eq!(all.hear(&Heard::Gone(Box::new(bond()))), ["b0: removed"]);
    assert!(all.hear(&Heard::Gone(Box::new(bond()))).is_empty());
    assert_eq!(all.hear(&heard(bond(), |_| {})), ["b0: made"]);
    assert_eq!(all.hear(&Heard::Lost).len(), 1);
}

#[test]
fn of_one_bond_only() {
    let down = || heard(slave(2, "eth0"), |link| link.carrier = false);
    assert_eq!(Follower::new(here(), Some("b0")).hear(&down()).len(), 1);
    assert!(Follower::new(here(), Some("b1")).hear(&down()).is_empty());
}

#[test]
fn rates_between_two_looks() {
    let before = load("bond-sound");
    let mut now = before.clone();
    now.seconds += 2.0;
    now.bonds[0].slaves[0].traffic.tx_bytes += 3000;
    // Counters of a device that was made anew.
    now.bonds[0].slaves[1].traffic.rx_bytes = 0;
    let index = now.bonds[0].slaves[0].index;
    let rates = rates(&before, &now);
    assert_eq!((rates[&index].tx, rates[&index].rx), (1500.0, 0.0));
    assert_eq!(rates[&now.bonds[0].slaves[1].index].rx, 0.0);
    assert!(cli::watch::view::rates(&now, &now).is_empty());
}

#[test]
fn the_picture() {
    let before = load("rustbond-no_partner");
    let mut now = before.clone();
    now.seconds += 1.0;
    now.bonds[0].slaves[0].traffic.tx_bytes += 1_000_000;
    let mut view = View::new(before);
    view.look(now);
    view.tell(vec!["b0: eth0 carrier down".to_string()]);
    for (width, height) in [(100, 30), (20, 6), (1, 1)] {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("no real one");
        terminal
            .draw(|frame| view.draw(frame))
            .expect("no real one");
        if width < 100 {
            continue;
        }
        let buffer = terminal.backend().buffer().clone();
        let rows: Vec<String> = (0..height)
            .map(|y| (0..width).map(|x| buffer[(x, y)].symbol()).collect())
            .collect();
        let picture = rows.join("\n");
        for text in [
            " b0  802.3ad  up",
            "8 Mb/s (100 %)",
            "no LACP partner",
            "actor active, fast, aggregation",
            "b0: eth0 carrier down",
            "q ends",
        ] {
            assert!(picture.contains(text), "no '{text}' in\n{picture}");
        }
    }
    view.scroll(5);
    view.scroll(-9);
}

#[test]
fn times() {
    assert_eq!(clock(86400 * 3 + 3600 * 13 + 60 * 5 + 7), "13:05:07");
}
