// SPDX-License-Identifier: GPL-2.0

//! One bond, or two, in situations that have a name.

use crate::lacp_net;

use lacp_net::{Event, Net, UP};
use lag::duplex::Duplex;
use lag::lacp::config::{Config, Control};
use lag::lacp::mux::State as Mux;
use lag::lacp::periodic::State as Periodic;
use lag::lacp::port::{Link, Usability};
use lag::lacp::reason::Reason;
use lag::lacp::rx::State as Rx;
use lag::lacp::system::AdInfo;
use lag::mac::Mac;
use lag::options::AdSelect;
use lag::time::Span;
use lag::wire::lacpdu::PortState;

fn fast() -> Config {
    Config {
        fast: true,
        ..Config::default()
    }
}

fn ms(ms: u64) -> Span {
    Span::millis(ms)
}

/// A net of two nodes with these settings and `wires` wires.
fn pair(a: Config, b: Config, wires: usize) -> (Net, Vec<lacp_net::End>, Vec<lacp_net::End>) {
    let mut net = Net::new(1);
    let (a, b) = (net.add_node(a), net.add_node(b));
    let (left, right) = (0..wires).map(|_| net.join(a, b)).unzip();
    (net, left, right)
}

fn all_usable(net: &Net, ends: &[lacp_net::End]) -> bool {
    ends.iter()
        .all(|e| net.usable(*e) && net.port(*e).actor().state.has(PortState::DISTRIBUTING))
}

#[test]
fn two_bonds_agree_in_a_little_over_two_seconds() {
    for control in [Control::Coupled, Control::Independent] {
        let config = Config { control, ..fast() };
        let (mut net, left, right) = pair(config, fast(), 3);
        net.run(ms(1900));
        assert_eq!(net.port(left[0]).mux_state(), Mux::Waiting);
        // With independent control more has to be said, and the limit of PDUs holds it up.
        let coupled = control == Control::Coupled;
        net.run(ms(if coupled { 200 } else { 1200 }));
        assert!(
            all_usable(&net, &left) && all_usable(&net, &right),
            "{control:?}"
        );
        let info = net.nodes[0].system.ad_info(&net.nodes[0].ports).unwrap();
        let expected = AdInfo {
            aggregator: info.aggregator,
            ports: 3,
            actor_key: 15,
            partner_key: 15,
            partner: net.nodes[1].system.system(),
        };
        assert_eq!(info, expected);
        assert_eq!(net.port(left[1]).actor().state, PortState(0x3f));
    }
}

/// Clause 6.4.4. Clause 6.4.10. Clause 6.4.9, recordDefault. Clause 6.4.7, Partner_Admin.
/// Clause 6.4.9, update_Default_Selected.
#[test]
fn a_silent_partner_expires_and_is_given_up() {
    for (config, timeout) in [(fast(), 3000), (Config::default(), 90_000)] {
        let (mut net, left, _) = pair(config, config, 1);
        // Slow at both ends: so the last PDU is one that we make them exchange now.
        net.run(ms(10_000));
        let heard = net.nodes[0].port(left[0].1).stats().lacpdu_rx;
        net.configure(1, |c| c.system_priority = 7);
        net.run(ms(2_500));
        assert!(net.nodes[0].port(left[0].1).stats().lacpdu_rx > heard);
        net.wires[0].faults.lose = 100;
        let mut last = net.now;
        let rx = |net: &Net| net.port(left[0]).rx_state();
        while rx(&net) == Rx::Current {
            net.run(ms(1));
        }
        let waited = (net.now - last).as_millis();
        assert!(
            waited <= timeout && waited + 1100 >= timeout || timeout > 3000,
            "{waited}"
        );
        assert!(waited <= timeout && waited + 3000 >= timeout, "{waited}");
        assert_eq!(rx(&net), Rx::Expired);
        assert!(!net.usable(left[0]));
        // It is asked to speak up, and spoken to, fast whatever lacp_rate says.
        assert_eq!(net.port(left[0]).periodic_state(), Periodic::FastPeriodic);
        assert!(net.port(left[0]).partner().state.has(PortState::TIMEOUT));
        assert_eq!(net.port(left[0]).actor().state.0 & 0xb0, 0x80);
        let node = &net.nodes[0];
        let reason = node.system.reason(&node.ports, net.port(left[0]));
        assert_eq!(reason, Some(Reason::PartnerSilent));
        last = net.now;
        while rx(&net) == Rx::Expired {
            net.run(ms(1));
        }
        assert_eq!((net.now - last).as_millis(), 3000);
        assert_eq!(rx(&net), Rx::Defaulted);
        // Without a partner the one port carries traffic, as it does with native bonding.
        assert!(net.usable(left[0]));
        assert_eq!(
            net.port(left[0]).actor().state.0 & 0xf8,
            0x40 | 0x08 & net.port(left[0]).actor().state.0
        );
    }
}

#[test]
fn strict_wants_a_partner() {
    let (mut net, left, right) = pair(
        Config {
            strict: true,
            ..fast()
        },
        fast(),
        2,
    );
    assert!(!net.usable(left[0]) && !net.nodes[0].system.carrier());
    net.run(ms(2500));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
    assert!(net.nodes[0].system.carrier());
    for wire in &mut net.wires {
        wire.faults.lose = 100;
    }
    net.run(ms(7000));
    assert!(left
        .iter()
        .all(|e| net.port(*e).usability() == Usability::Blocked));
    assert!(!net.nodes[0].system.carrier());
    assert_eq!(right.iter().filter(|e| net.usable(**e)).count(), 1);
    assert!(net.nodes[1].system.carrier());
    net.configure(0, |c| c.strict = false);
    assert!(net.nodes[0].system.carrier());
    assert_eq!(left.iter().filter(|e| net.usable(**e)).count(), 1);
}

#[test]
fn a_lost_link_is_out_at_once_and_back_without_the_wait() {
    let (mut net, left, right) = pair(fast(), fast(), 2);
    net.run(ms(5000));
    let before = net.port(left[0]).aggregator_id();
    net.link(left[0], Link::Down);
    assert_eq!(net.port(left[0]).usability(), Usability::Blocked);
    assert_eq!(net.port(left[0]).rx_state(), Rx::PortDisabled);
    assert_eq!(net.port(left[0]).actor().key, 0);
    assert!(net.usable(left[1]));
    assert_eq!(
        net.nodes[0]
            .system
            .ad_info(&net.nodes[0].ports)
            .unwrap()
            .ports,
        1
    );
    net.link(right[0], Link::Down);
    net.run(ms(4000));
    net.link(right[0], UP);
    net.link(left[0], UP);
    net.run(ms(100));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
    assert_eq!(net.port(left[0]).aggregator_id(), before);
    // At another speed it is another port.
    net.link(
        left[0],
        Link::Up {
            speed: 1000,
            duplex: Duplex::Full,
        },
    );
    assert_eq!(net.port(left[0]).mux_state(), Mux::Waiting);
    assert_eq!(net.port(left[0]).actor().key, 9);
    assert_ne!(net.port(left[0]).aggregator_id(), before);
    assert_eq!(net.port(left[0]).rx_state(), Rx::Expired);
    assert!(net.port(left[0]).partner().system.is_zero());
}

#[test]
fn min_links_decides_on_the_carrier() {
    let (mut net, left, _) = pair(
        Config {
            min_links: 2,
            ..fast()
        },
        fast(),
        3,
    );
    net.run(ms(3000));
    assert!(net.nodes[0].system.carrier());
    net.link(left[0], Link::Down);
    assert!(net.nodes[0].system.carrier());
    net.link(left[2], Link::Down);
    assert!(!net.nodes[0].system.carrier());
    net.configure(0, |c| c.min_links = 1);
    assert!(net.nodes[0].system.carrier());
}

#[test]
fn passive_speaks_when_spoken_to() {
    let passive = Config {
        active: false,
        ..fast()
    };
    let (mut net, left, right) = pair(passive, passive, 1);
    net.run(ms(100_000));
    assert_eq!(net.frames, 0);
    assert_eq!(net.port(left[0]).periodic_state(), Periodic::NoPeriodic);
    net.configure(1, |c| c.active = true);
    net.run(ms(34_000));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
    assert!(!net.port(left[0]).actor().state.has(PortState::ACTIVITY));
    // Alone again, it falls silent after the partner is given up.
    net.wires.clear();
    net.run(ms(6100));
    let quiet = net.nodes[0].system.stats().lacpdu_tx;
    net.run(ms(100_000));
    assert_eq!(net.nodes[0].system.stats().lacpdu_tx, quiet);
}

#[test]
fn the_rate_is_what_the_partner_asks_for() {
    for (a, b, per_minute) in [(true, true, 60), (true, false, 2), (false, true, 60)] {
        let rate = |fast| Config {
            fast,
            ..Config::default()
        };
        let (mut net, left, _) = pair(rate(a), rate(b), 1);
        net.run(ms(10_000));
        let before = net.port(left[0]).stats().lacpdu_tx;
        net.run(ms(60_000));
        let sent = net.port(left[0]).stats().lacpdu_tx - before;
        assert_eq!(sent, per_minute, "asks fast {a}, partner asks fast {b}");
    }
    // A change of rate is told at once.
    let (mut net, left, right) = pair(Config::default(), Config::default(), 1);
    net.run(ms(40_000));
    net.configure(0, |c| c.fast = true);
    net.run(ms(10));
    assert_eq!(net.port(right[0]).periodic_state(), Periodic::FastPeriodic);
    assert_eq!(net.port(left[0]).periodic_state(), Periodic::SlowPeriodic);
}

/// Two switches: bond 0 has `wires` to each of its neighbours.
fn star(config: Config, wires: [usize; 2]) -> (Net, [Vec<lacp_net::End>; 2]) {
    let mut net = Net::new(1);
    let hub = net.add_node(config);
    let leaves = [net.add_node(fast()), net.add_node(fast())];
    let mut ends = [Vec::new(), Vec::new()];
    for i in 0..2 {
        for _ in 0..wires[i] {
            let (end, _) = net.join(hub, leaves[i]);
            ends[i].push(end);
        }
    }
    net.run(ms(5000));
    (net, ends)
}

/// Clause 6.4.14. Clause 6.4.6. Clause 6.3.6.
#[test]
fn one_aggregator_of_two_partners_is_active() {
    let (mut net, [a, b]) = star(fast(), [1, 2]);
    assert!(all_usable(&net, &a) && b.iter().all(|e| !net.usable(*e)));
    let node = &net.nodes[0];
    let active = node.system.ad_info(&node.ports).unwrap().aggregator;
    assert_eq!(
        node.system.reason(&node.ports, net.port(b[0])),
        Some(Reason::NotActive { active })
    );
    assert_eq!(net.port(b[0]).actor().state.0 & 0x38, 0);
    // Stable: two are no reason to leave one; a lost link is.
    net.link(a[0], Link::Down);
    net.run(ms(500));
    assert!(all_usable(&net, &b));
    net.link(a[0], UP);
    net.run(ms(5000));
    assert!(all_usable(&net, &b) && !net.usable(a[0]));
}

#[test]
fn stable_holds_on_to_a_partner_and_not_to_an_aggregator() {
    let (mut net, [a, b]) = star(fast(), [1, 2]);
    assert!(all_usable(&net, &a));
    net.event(1, Event::Address(Mac([2, 0, 0, 0, 2, 77])));
    net.run(ms(5000));
    assert!(all_usable(&net, &b) && !net.usable(a[0]));
}

#[test]
fn stable_prefers_a_port_that_has_a_key() {
    let mut net = Net::new(1);
    let n = net.add_node(fast());
    let (odd, known) = (net.add_port(n), net.add_port(n));
    let half = |speed| Link::Up {
        speed,
        duplex: Duplex::Half,
    };
    net.link(odd, half(123));
    assert_eq!(net.port(odd).actor().key, 0);
    assert!(net.usable(odd));
    net.link(known, half(1000));
    assert!(net.usable(known) && !net.usable(odd));
}

#[test]
fn ad_select_count_and_bandwidth_prefer_more() {
    for select in [AdSelect::Bandwidth, AdSelect::Count] {
        let (mut net, [a, b]) = star(Config { select, ..fast() }, [2, 3]);
        assert!(
            all_usable(&net, &b) && a.iter().all(|e| !net.usable(*e)),
            "{select:?}"
        );
        net.link(b[0], Link::Down);
        net.run(ms(5000));
        // Equal is not better.
        assert!(all_usable(&net, &b[1..]), "{select:?}");
        net.link(b[1], Link::Down);
        net.run(ms(5000));
        assert!(all_usable(&net, &a) && !net.usable(b[2]), "{select:?}");
    }
    let (mut net, [a, b]) = star(
        Config {
            select: AdSelect::Bandwidth,
            ..fast()
        },
        [1, 2],
    );
    assert!(all_usable(&net, &b));
    let quick = Link::Up {
        speed: 100_000,
        duplex: Duplex::Full,
    };
    net.link(a[0], quick);
    net.run(ms(5000));
    assert!(all_usable(&net, &a) && !net.usable(b[0]));
    net.configure(0, |c| c.select = AdSelect::Count);
    net.run(ms(5000));
    assert!(all_usable(&net, &b) && !net.usable(a[0]));
}

#[test]
fn ad_select_actor_port_prio_adds_priorities_up() {
    let (mut net, [a, b]) = star(
        Config {
            select: AdSelect::ActorPortPrio,
            ..fast()
        },
        [2, 2],
    );
    assert!(all_usable(&net, &a));
    net.event(0, Event::Priority(a[0].1, 1000));
    net.event(0, Event::Priority(b[0].1, 10));
    net.run(ms(5000));
    assert!(all_usable(&net, &a));
    assert_eq!(net.port(a[0]).actor().port_priority, 1000);
    net.event(0, Event::Priority(a[0].1, 10));
    net.event(0, Event::Priority(b[0].1, 1000));
    net.run(ms(5000));
    assert!(all_usable(&net, &b) && !net.usable(a[0]));
}

/// Clause 6.3.5.
#[test]
fn keys_come_from_speed_duplex_and_user() {
    use lag::lacp::key::{key, speed_code, user};
    let speeds = [
        (1, 1),
        (10, 2),
        (100, 3),
        (1000, 4),
        (2500, 5),
        (5000, 6),
        (10_000, 7),
        (14_000, 8),
        (20_000, 9),
        (25_000, 10),
        (40_000, 11),
        (50_000, 12),
        (56_000, 13),
        (80_000, 14),
        (100_000, 15),
        (200_000, 16),
        (400_000, 17),
        (800_000, 18),
        (1_600_000, 19),
        (0, 0),
        (1234, 0),
        (u32::MAX, 0),
    ];
    for (speed, code) in speeds {
        assert_eq!(speed_code(speed), code);
    }
    assert_eq!(key(0, 10_000, true), 15);
    assert_eq!(key(1023, 1_600_000, false), 0xffc0 | (19 << 1));
    assert_eq!(user(0xffff), 0xffc0);
    let (mut net, left, _) = pair(
        Config {
            user_key: 3,
            ..fast()
        },
        fast(),
        1,
    );
    net.run(ms(3000));
    assert_eq!(net.port(left[0]).actor().key, (3 << 6) | 15);
    net.configure(0, |c| c.user_key = 4);
    assert_eq!(net.port(left[0]).actor().key, (4 << 6) | 15);
    assert_eq!(net.port(left[0]).mux_state(), Mux::Waiting);
}

/// Clause 6.4.8, LACP_Enabled.
#[test]
fn half_duplex_and_unknown_speed_have_a_clear_state() {
    let (mut net, left, _) = pair(fast(), fast(), 3);
    net.run(ms(3000));
    net.link(
        left[0],
        Link::Up {
            speed: 100,
            duplex: Duplex::Half,
        },
    );
    net.link(
        left[1],
        Link::Up {
            speed: u32::MAX,
            duplex: Duplex::Unknown,
        },
    );
    net.run(ms(5000));
    let node = &net.nodes[0];
    let reason = |i: usize| node.system.reason(&node.ports, net.port(left[i]));
    assert_eq!(net.port(left[0]).rx_state(), Rx::LacpDisabled);
    assert_eq!(reason(0), Some(Reason::HalfDuplex));
    assert_eq!(net.port(left[1]).rx_state(), Rx::PortDisabled);
    assert_eq!(reason(1), Some(Reason::SpeedUnknown));
    assert_eq!(reason(2), None);
    // LACP_DISABLED is left when full duplex comes back.
    net.link(left[0], UP);
    net.link(left[1], UP);
    net.run(ms(5000));
    assert!(all_usable(&net, &left));
    // A half duplex port alone stands in like one without a partner.
    net.link(left[1], Link::Down);
    net.link(left[2], Link::Down);
    net.link(
        left[0],
        Link::Up {
            speed: 100,
            duplex: Duplex::Half,
        },
    );
    assert!(net.usable(left[0]));
}

#[test]
fn a_device_without_a_speed_runs_lacp_as_full_duplex() {
    const SPEEDLESS: Link = Link::Up {
        speed: u32::MAX,
        duplex: Duplex::Unknown,
    };
    let mut net = Net::new(1);
    let (n, m) = (net.add_node(fast()), net.add_node(fast()));
    let (a, b) = (net.add_port(n), net.add_port(n));
    net.link(a, SPEEDLESS);
    net.link(b, SPEEDLESS);
    net.run(ms(5000));
    let reason = |net: &Net, end: lacp_net::End| {
        let node = &net.nodes[n];
        node.system.reason(&node.ports, net.port(end))
    };
    // Without a partner one of them carries the traffic.
    for end in [a, b] {
        assert_eq!(net.port(end).rx_state(), Rx::Defaulted);
        assert_eq!(net.port(end).actor().key, 1);
        assert_eq!(reason(&net, end), Some(Reason::NoPartner));
    }
    assert!(net.usable(a) && !net.usable(b) && net.nodes[n].system.carrier());
    net.link(a, Link::Down);
    assert!(net.usable(b) && reason(&net, a) == Some(Reason::LinkDown));
    net.link(a, SPEEDLESS);
    // With one they are one aggregate; a port with a speed has another key, and is none of it.
    for end in [a, b] {
        let far = net.add_port(m);
        net.wire_as(end, far, SPEEDLESS);
    }
    net.run(ms(5000));
    assert!(all_usable(&net, &[a, b]));
    assert_eq!(net.port(a).aggregator_id(), net.port(b).aggregator_id());
    let c = net.add_port(n);
    let far = net.add_port(m);
    net.wire(c, far);
    net.run(ms(5000));
    assert!(matches!(reason(&net, c), Some(Reason::NotActive { .. })));
    assert!(all_usable(&net, &[a, b]));
    // One that says that it is half duplex does not run LACP.
    let half = Link::Up {
        speed: 0,
        duplex: Duplex::Half,
    };
    net.link(b, half);
    assert_eq!(net.port(b).rx_state(), Rx::LacpDisabled);
    net.link(b, SPEEDLESS);
    net.run(ms(5000));
    assert!(all_usable(&net, &[a, b]));
    // It has a speed after all, and joins those who have: from then on, a speed that is not told any
    // more is none.
    for wire in 0..2 {
        for end in net.wires[wire].ends {
            net.link(end, UP);
        }
    }
    net.run(ms(5000));
    assert!(all_usable(&net, &[a, b, c]));
    net.link(a, SPEEDLESS);
    assert!(!net.usable(a));
    assert_eq!(net.port(a).rx_state(), Rx::PortDisabled);
    assert_eq!(reason(&net, a), Some(Reason::SpeedUnknown));
    net.link(a, UP);
    net.run(ms(3100));
    assert_eq!(reason(&net, a), None);
}

/// Clause 6.4.14.1, loopback.
#[test]
fn own_frames_are_no_partner() {
    let mut net = Net::new(1);
    let n = net.add_node(fast());
    let (a, b, c) = (net.add_port(n), net.add_port(n), net.add_port(n));
    net.wire(a, b);
    net.wire(c, c);
    net.run(ms(60_000));
    for end in [a, b, c] {
        assert_eq!(net.port(end).rx_state(), Rx::Defaulted);
        assert!(!net.port(end).actor().state.has(PortState::COLLECTING));
        assert!(net.port(end).partner().system.is_zero());
        assert!(net.port(end).stats().lacpdu_rx > 0);
    }
    assert_eq!([a, b, c].iter().filter(|e| net.usable(**e)).count(), 1);
    let node = &net.nodes[n];
    let blocked = [a, b, c].into_iter().find(|e| !net.usable(*e)).unwrap();
    let reason = node.system.reason(&node.ports, net.port(blocked));
    assert_eq!(reason, Some(Reason::Loopback));
    // A partner whose frames stop and who is impersonated still expires.
    let (mut net, left, right) = pair(fast(), fast(), 1);
    net.run(ms(5000));
    net.wires[0].ends = [left[0], left[0]];
    net.run(ms(3100));
    assert_eq!(net.port(left[0]).rx_state(), Rx::Expired);
    assert_eq!(net.port(right[0]).rx_state(), Rx::Expired);
}

/// Clause 6.4.14.1, detach first.
#[test]
fn a_port_moved_to_another_system_leaves_its_aggregator() {
    let (mut net, [a, b]) = star(fast(), [3, 1]);
    // The last wire to the first neighbour is plugged into a new port of the second; no link
    // was ever lost on this side.
    let to = net.add_port(2);
    let wire = net
        .wires
        .iter()
        .position(|w| w.ends.contains(&a[2]))
        .unwrap();
    net.wires[wire].ends = [a[2], to];
    net.link(to, UP);
    net.run(ms(4000));
    assert!(all_usable(&net, &a[..2]) && !net.usable(a[2]));
    assert_eq!(
        net.port(a[2]).aggregator_id(),
        net.port(b[0]).aggregator_id()
    );
}

/// Clause 6.4.8, port_moved.
#[test]
fn the_partners_port_on_another_port_of_ours_is_forgotten_on_the_first() {
    let (mut net, left, right) = pair(fast(), fast(), 2);
    net.run(ms(4000));
    net.link(left[0], Link::Down);
    net.link(left[1], Link::Down);
    net.run(ms(10));
    assert_eq!(
        net.port(left[0]).partner().system,
        net.nodes[1].system.system()
    );
    net.wires[1].ends = [left[1], right[0]];
    net.wires[0].ends = [left[0], right[1]];
    net.link(left[1], UP);
    net.run(ms(1500));
    // 6.4.8 port_moved
    assert!(net.port(left[0]).partner().system.is_zero());
}

#[test]
fn removing_ports_keeps_the_others_going_and_tells_the_partner() {
    let (mut net, left, right) = pair(fast(), fast(), 3);
    net.run(ms(5000));
    let brought = net.port(left[0]).slot_id();
    assert_eq!(net.port(left[2]).aggregator_id(), brought);
    assert_eq!(
        left.iter()
            .map(|e| net.port(*e).actor().port)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let changes = net.changes;
    net.remove_port(left[0]);
    assert!(all_usable(&net, &left[1..]));
    assert_eq!(net.changes, changes + 1);
    let moved = net.port(left[1]).aggregator_id();
    assert_ne!(moved, brought);
    assert_eq!(moved, net.port(left[2]).aggregator_id());
    net.remove_port(left[1]);
    net.remove_port(left[2]);
    assert!(net.nodes[0].system.ad_info(&net.nodes[0].ports).is_none());
    assert!(!net.nodes[0].system.carrier());
    let _ = right;
    // Numbers start anew with the first slave, and go on from the last otherwise.
    let first = net.add_port(0);
    assert_eq!(
        (net.port(first).actor().port, net.port(first).slot_id()),
        (1, 1)
    );
    let second = net.add_port(0);
    assert_eq!(
        (net.port(second).actor().port, net.port(second).slot_id()),
        (2, 2)
    );
    net.remove_port(second);
    let third = net.add_port(0);
    assert_eq!(
        (net.port(third).actor().port, net.port(third).slot_id()),
        (2, 3)
    );
}

#[test]
fn the_active_aggregator_survives_the_port_that_brought_it() {
    let (mut net, [a, b]) = star(fast(), [3, 4]);
    assert!(all_usable(&net, &a));
    assert_eq!(net.port(a[1]).aggregator_id(), net.port(a[0]).slot_id());
    // Not only does it move: the ports after the one that went have new places.
    net.remove_port(a[0]);
    assert!(all_usable(&net, &a[1..]));
    assert!(b.iter().all(|e| !net.usable(*e)));
    net.remove_port(b[0]);
    net.run(ms(5000));
    assert!(all_usable(&net, &a[1..]));
}

#[test]
fn the_partner_of_a_removed_port_stops_at_once() {
    let (mut net, left, right) = pair(fast(), fast(), 2);
    net.run(ms(5000));
    // The frame is on the wire when the port goes, so only the port is taken away.
    net.event(0, Event::Remove(left[0].1));
    net.run(ms(1));
    assert!(!net.usable(right[0]) && net.usable(right[1]));
}

#[test]
fn a_bond_that_goes_down_says_so() {
    let (mut net, left, right) = pair(fast(), fast(), 2);
    net.run(ms(5000));
    net.event(0, Event::Close);
    assert!(left.iter().all(|e| !net.usable(*e)));
    net.run(ms(1));
    assert!(right.iter().all(|e| !net.usable(*e)));
    let node = &net.nodes[0];
    assert_eq!(
        node.system.reason(&node.ports, net.port(left[0])),
        Some(Reason::BondDown)
    );
    let sent = node.system.stats().lacpdu_tx;
    net.run(ms(60_000));
    assert_eq!(net.nodes[0].system.stats().lacpdu_tx, sent);
    net.event(0, Event::Open);
    net.run(ms(33_000));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
}

/// Clause 6.4.14.1, groups.
#[test]
fn ports_selected_for_while_down_find_their_aggregator() {
    let (mut net, left, right) = pair(fast(), fast(), 3);
    net.run(ms(5000));
    net.link(left[2], Link::Down);
    net.event(0, Event::Close);
    net.event(0, Event::Open);
    net.link(left[2], UP);
    net.run(ms(5000));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
}

/// Clause 6.4.7.
#[test]
fn a_new_address_or_priority_is_told_at_once() {
    let (mut net, left, right) = pair(fast(), fast(), 1);
    net.run(ms(5000));
    let sent = net.nodes[0].system.stats().lacpdu_tx;
    net.event(0, Event::Address(Mac([2, 9, 9, 9, 1, 9])));
    assert_eq!(net.nodes[0].system.stats().lacpdu_tx, sent + 1);
    // The old one has its time to object.
    net.run(ms(610));
    assert_eq!(net.port(right[0]).partner().system, Mac([2, 9, 9, 9, 1, 9]));
    net.configure(0, |c| c.system = Mac([2, 8, 8, 8, 1, 8]));
    // Both ends have said much in this second, and may be held back.
    net.run(ms(2000));
    assert_eq!(net.port(right[0]).partner().system, Mac([2, 8, 8, 8, 1, 8]));
    net.run(ms(4000));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
    // Nothing changed, nothing sent.
    let sent = net.nodes[0].system.stats().lacpdu_tx;
    net.configure(0, |_| {});
    assert_eq!(net.nodes[0].system.stats().lacpdu_tx, sent);
}

#[test]
fn churn_is_found_after_a_minute_and_ends_with_sync() {
    use lag::lacp::churn::State;
    let (mut net, left, _) = pair(fast(), fast(), 1);
    net.run(ms(2500));
    assert_eq!(net.port(left[0]).actor_churn().state(), State::NoChurn);
    assert_eq!(net.port(left[0]).partner_churn().state(), State::NoChurn);
    net.wires[0].faults.lose = 100;
    net.run(ms(4000));
    assert_eq!(net.port(left[0]).partner_churn().state(), State::Monitor);
    net.run(ms(61_000));
    assert_eq!(net.port(left[0]).partner_churn().state(), State::Churn);
    assert_eq!(net.port(left[0]).partner_churn().count(), 1);
    assert_eq!(net.port(left[0]).partner_churn().state().word(), "churned");
    net.wires[0].faults.lose = 0;
    net.run(ms(40_000));
    assert_eq!(net.port(left[0]).partner_churn().state(), State::NoChurn);
    net.link(left[0], Link::Down);
    assert_eq!(net.port(left[0]).partner_churn().state(), State::Monitor);
    net.run(ms(200_000));
    assert_eq!(net.port(left[0]).partner_churn().count(), 1);
}

#[test]
fn the_churn_timer_does_not_run_without_a_link() {
    let mut net = Net::new(1);
    let n = net.add_node(fast());
    let end = net.add_port(n);
    net.link(end, UP);
    net.run(ms(50_000));
    net.link(end, Link::Down);
    net.run(ms(20_000));
    net.link(end, UP);
    net.run(ms(59_000));
    assert_eq!(net.port(end).partner_churn().count(), 0);
    net.run(ms(2_000));
    assert_eq!(net.port(end).partner_churn().count(), 1);
}

#[test]
fn a_partner_counts_for_more_than_bandwidth() {
    let select = AdSelect::Bandwidth;
    let (mut net, left, _) = pair(Config { select, ..fast() }, fast(), 1);
    let quick = net.add_port(0);
    let speed = 100_000;
    net.link(
        quick,
        Link::Up {
            speed,
            duplex: Duplex::Full,
        },
    );
    net.run(ms(5000));
    assert!(net.usable(left[0]) && !net.usable(quick));
    // Of two without a partner, one that could have one counts for more.
    net.link(left[0], Link::Down);
    assert!(net.usable(quick));
    net.link(
        quick,
        Link::Up {
            speed,
            duplex: Duplex::Half,
        },
    );
    assert!(net.usable(quick));
    let slow = net.add_port(0);
    net.link(slow, UP);
    assert!(net.usable(slow) && !net.usable(quick));
}
