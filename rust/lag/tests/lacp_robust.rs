// SPDX-License-Identifier: GPL-2.0

//! Harm that no single LACPDU and no single port may do to the others: by strays, floods, partners
//! that come one by one, and events that concern many ports.

use crate::lacp_net;

use lacp_net::{End, Event, Net, Orders, UP};
use lag::duplex::Duplex;
use lag::lacp::config::{Config, Control};
use lag::lacp::intake::Budget;
use lag::lacp::port::{Link, Port, PortId, Usability};
use lag::lacp::system::{Notice, System, BATCH};
use lag::mac::Mac;
use lag::time::{Span, Time};
use lag::wire::lacpdu::{Info, PortState, Repr, PDU_LEN};

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
fn pair(a: Config, b: Config, wires: usize) -> (Net, Vec<End>, Vec<End>) {
    let mut net = Net::new(1);
    let (a, b) = (net.add_node(a), net.add_node(b));
    let (left, right) = (0..wires).map(|_| net.join(a, b)).unzip();
    (net, left, right)
}

fn all_usable(net: &Net, ends: &[End]) -> bool {
    ends.iter()
        .all(|e| net.usable(*e) && net.port(*e).actor().state.has(PortState::DISTRIBUTING))
}

/// An LACPDU to `end` as `far` would send it, as far as `change` leaves it.
fn pdu_from(net: &Net, far: End, end: End, change: impl FnOnce(&mut Repr)) -> [u8; PDU_LEN] {
    let mut repr = Repr {
        actor: *net.port(far).actor(),
        partner: *net.port(end).actor(),
        collector_max_delay: 0,
    };
    change(&mut repr);
    let mut pdu = [0; PDU_LEN];
    repr.emit(&mut pdu);
    pdu
}

/// Makes an LACPDU one of somebody else. It may say anything but that the partner's own port is
/// out of sync: that is not to be told from the partner's last word.
fn random_stranger(net: &mut Net, repr: &mut Repr) {
    let who = net.rng.below(3) as u8;
    match net.rng.below(5) {
        0 => repr.actor.key ^= 1 + net.rng.below(99) as u16,
        1 => repr.actor.port ^= 1 + net.rng.below(99) as u16,
        2 => repr.actor.system_priority ^= 1 + net.rng.below(99) as u16,
        3 => repr.actor.state.0 ^= PortState::AGGREGATION.0,
        _ => {
            repr.actor.system = Mac([2, 9, 9, 9, 9, who]);
            repr.actor.state.0 = net.rng.below(256) as u8;
        }
    }
    if net.rng.percent(50) {
        repr.partner = Info::default();
    }
}

/// Sends an LACPDU of somebody else to one end of one of the wires, of whom it may know.
fn send_stray(net: &mut Net, wires: &[(End, End)], knows: bool) {
    let (x, y) = net.rng.pick(wires);
    let (end, far) = if net.rng.percent(50) { (x, y) } else { (y, x) };
    let mut repr = Repr {
        actor: *net.port(far).actor(),
        partner: *net.port(end).actor(),
        collector_max_delay: 0,
    };
    random_stranger(net, &mut repr);
    if !knows {
        repr.partner = Info::default();
    }
    let mut pdu = [0; PDU_LEN];
    repr.emit(&mut pdu);
    net.event(end.0, Event::Receive(end.1, &pdu));
}

/// At any times, from anybody, at both ends, on wires that delay: nothing changes.
#[test]
fn random_strays_change_nothing_while_partners_answer() {
    for seed in 0..12 {
        let mut net = Net::new(seed);
        let rate = |net: &mut Net| Config {
            fast: net.rng.percent(50),
            control: net.rng.pick(&[Control::Coupled, Control::Independent]),
            ..Config::default()
        };
        let (left, right) = (rate(&mut net), rate(&mut net));
        let (a, b) = (net.add_node(left), net.add_node(right));
        let wires: Vec<_> = (0..3).map(|_| net.join(a, b)).collect();
        net.run(ms(60_000));
        assert!(wires.iter().all(|(x, y)| all_usable(&net, &[*x, *y])));
        net.tainted = true;
        let delay = net.rng.pick(&[0, 1, 50]);
        for wire in &mut net.wires {
            wire.faults.delay = delay;
        }
        let (changes, often) = (net.changes, net.rng.pick(&[20, 300, 1500, 4000]));
        let end_of_strays = net.now + ms(60_000);
        let mut sent = 0u64;
        while net.now < end_of_strays {
            send_stray(&mut net, &wires, true);
            sent += 1;
            let pause = 1 + net.rng.below(often);
            net.run(ms(pause));
            assert_eq!(net.changes, changes, "seed {seed}, after {sent} strays");
        }
        let ends = wires.iter().flat_map(|(x, y)| [x, y]);
        let refuted: u64 = ends.map(|e| net.port(*e).strays()).sum();
        assert!(refuted > 0 && refuted <= sent);
    }
}

/// LACPDUs that are under way for up to 200 ms, so that an answer can take longer than a port waits for at
/// first. It waits for longer from then on: a wire is out of use once in two minutes at most.
#[test]
fn strays_where_answers_are_late_take_a_wire_out_once() {
    for seed in 80..100 {
        let (mut net, left, right) = pair(fast(), fast(), 2);
        net.rng.0 = seed;
        let wires: Vec<_> = left.into_iter().zip(right).collect();
        net.run(ms(10_000));
        assert!(wires.iter().all(|(x, y)| all_usable(&net, &[*x, *y])));
        net.tainted = true;
        for wire in &mut net.wires {
            wire.faults.delay = 200;
        }
        let often = net.rng.pick(&[20, 100, 300, 1500]);
        let mut holes = vec![Vec::new(); wires.len()];
        let mut used = vec![true; wires.len()];
        let mut next = 0;
        for now in (0..120_000).step_by(10) {
            while next <= now {
                send_stray(&mut net, &wires, false);
                next += 1 + net.rng.below(often);
            }
            net.run(ms(10));
            for (at, (x, y)) in wires.iter().enumerate() {
                let uses = net.usable(*x) && net.usable(*y);
                if !uses && used[at] {
                    holes[at].push(0);
                }
                if !uses {
                    *holes[at].last_mut().unwrap() += 10;
                }
                used[at] = uses;
            }
        }
        for holes in &holes {
            let few = holes.len() <= 1 && holes.iter().all(|hole| *hole < 5000);
            assert!(
                few,
                "seed {seed}, strays up to {often} ms apart: out for {holes:?} ms"
            );
        }
    }
}

/// Ports of the partner that turn up at any times, in any order: one port carries the traffic all
/// the time, an agreement is there within three seconds, and none waits for more than two.
#[test]
fn random_arrivals_leave_no_hole() {
    for seed in 0..60 {
        let mut net = Net::new(seed);
        let control = net.rng.pick(&[Control::Coupled, Control::Independent]);
        let a = net.add_node(Config { control, ..fast() });
        let b = net.add_node(Config { control, ..fast() });
        let count = 1 + net.rng.below(12);
        let mut ends: Vec<_> = (0..count).map(|_| net.add_port(a)).collect();
        for end in &ends {
            net.link(*end, UP);
        }
        net.run(ms(8000));
        let longest = net.rng.pick(&[20, 700, 2500]);
        let mut first = None;
        let mut wired = Vec::new();
        while !ends.is_empty() {
            let at = net.rng.below(ends.len() as u64) as usize;
            let (end, far) = (ends.swap_remove(at), net.add_port(b));
            net.wire(end, far);
            wired.push((end, net.now));
            let first = *first.get_or_insert(net.now);
            for _ in 0..net.rng.below(longest) / 10 {
                net.run(ms(10));
                let node = &net.nodes[a];
                let carries = |p: &&Port| p.usability() == Usability::Distributing;
                assert!(node.ports.iter().any(|p| carries(&p)), "seed {seed}: dark");
                let agreed = wired.iter().any(|(end, _)| all_usable(&net, &[*end]));
                assert!(agreed || net.now - first < ms(3010), "seed {seed}");
                for (end, since) in &wired {
                    let late = net.now - *since > ms(3100);
                    assert!(
                        !late || all_usable(&net, &[*end]),
                        "seed {seed}: {end:?} waits"
                    );
                }
            }
        }
        net.run(ms(4000));
        assert!(wired.iter().all(|(end, _)| all_usable(&net, &[*end])));
    }
}

/// Twenty in any second at the most, ten of them at once.
#[test]
fn a_budget_is_twenty_a_second() {
    let mut budget = Budget::default();
    let start = Time(5_000_000_000);
    let taken = |budget: &mut Budget, from: u64, to: u64, step: usize| {
        let times = (from..to).step_by(step);
        times.filter(|at| budget.take(start + ms(*at))).count()
    };
    assert_eq!(taken(&mut budget, 0, 1000, 1), 19);
    assert_eq!(taken(&mut budget, 1000, 2000, 1), 10);
    assert_eq!(taken(&mut budget, 5000, 5001, 1), 1);
    assert_eq!(taken(&mut budget, 6000, 16_000, 100), 100);
}

/// A flood of others, or of the partner itself, is dropped and counted, and the port stays in use.
#[test]
fn a_flood_is_dropped_and_counted() {
    let mut net = Net::new(1);
    let (a, b) = (net.add_node(fast()), net.add_node(Config::default()));
    let (end, far) = net.join(a, b);
    net.run(ms(5000));
    assert!(all_usable(&net, &[end, far]));
    net.tainted = true;
    let changes = net.changes;
    for round in 0..10_000 {
        let pdu = pdu_from(&net, far, end, |repr| {
            if round % 2 == 0 {
                repr.actor.key ^= 1;
            } else {
                repr.partner.key ^= 1;
                repr.actor.state.0 ^= PortState::TIMEOUT.0;
            }
        });
        net.event(a, Event::Receive(end.1, &pdu));
        net.run(ms(1));
    }
    let port = net.port(end);
    let lacpdus = port.stats().lacpdu_rx;
    assert!(lacpdus >= 10_000);
    let taken = lacpdus - port.dropped();
    assert!(taken > 150 && taken <= 240, "{taken} of {lacpdus}");
    net.run(ms(2000));
    assert!(all_usable(&net, &[end, far]));
    // Those that have a wrong idea of the port are not its partner's agreement.
    assert!(net.changes - changes <= 2 * 220);
}

/// An event that concerns all ports is done in pieces, between which the driver lets go of its
/// lock.
#[test]
fn many_ports_are_done_in_pieces() {
    let mut system = System::new(fast(), Mac([2, 0, 0, 0, 1, 0]));
    let (mut ports, mut orders) = (Vec::new(), Orders::default());
    let now = Time(1_000_000_000);
    for n in 0..50 {
        ports.push(Port::new(PortId(n), Mac([2, 0, 0, 0, 1, n as u8])));
        system.port_added(&mut ports, now, &mut orders);
        system.link_changed(&mut ports, PortId(n), UP, now, &mut orders);
    }
    let mut pieces = |ports: &mut Vec<Port>, system: &mut System, now| {
        let mut calls = 1;
        while system.next_deadline().is_some_and(|at| at <= now) {
            let before = orders.frames.len();
            system.expire(ports, now, &mut orders);
            assert!(orders.frames.len() - before <= BATCH);
            calls += 1;
        }
        calls
    };
    let later = now + ms(10);
    system.opened(&mut ports, later, &mut Orders::default());
    assert_eq!(
        pieces(&mut ports, &mut system, later),
        50usize.div_ceil(BATCH)
    );
    assert!(ports.iter().all(|p| p.stats().lacpdu_tx == 1));
    let later = later + ms(2000);
    system.closed(&mut ports, later, &mut Orders::default());
    assert_eq!(
        pieces(&mut ports, &mut system, later),
        50usize.div_ceil(BATCH)
    );
    let speaks = |p: &Port| p.rx_state() != lag::lacp::rx::State::PortDisabled;
    assert!(!ports.iter().any(speaks));
}

/// Partners that turn up one by one: the port that carried the traffic does so until the first of
/// them is in use, and that is two seconds after it was heard at most.
#[test]
fn partners_that_come_one_by_one_leave_no_hole() {
    for control in [Control::Coupled, Control::Independent] {
        for (count, gap) in [(8u64, 500), (8, 1900), (4, 1500), (4, 100)] {
            let mut net = Net::new(1);
            let a = net.add_node(Config { control, ..fast() });
            let b = net.add_node(Config { control, ..fast() });
            let ends: Vec<_> = (0..count).map(|_| net.add_port(a)).collect();
            for end in &ends {
                net.link(*end, UP);
            }
            net.run(ms(8000));
            for (at, end) in ends.iter().enumerate() {
                let far = net.add_port(b);
                net.wire(*end, far);
                for step in 0..gap / 10 {
                    net.run(ms(10));
                    let used = ends.iter().any(|e| net.usable(*e));
                    assert!(used, "port {at} of {count}, {gap} ms apart, {step}");
                    let time = at as u64 * gap + step * 10;
                    let agreed = ends.iter().any(|e| all_usable(&net, &[*e]));
                    assert!(agreed || time < 3010, "nobody agrees after {time} ms");
                }
            }
            net.run(ms(4000));
            assert!(all_usable(&net, &ends));
        }
    }
}

/// With lacp_strict every port waits as 6.4.4 has it, and none stands in.
#[test]
fn strict_waits_to_the_letter() {
    let strict = Config {
        strict: true,
        ..fast()
    };
    let (mut net, left, right) = pair(strict, fast(), 2);
    for _ in 0..199 {
        net.run(ms(10));
        assert!(left.iter().all(|e| !net.usable(*e)));
    }
    net.run(ms(1200));
    assert!(all_usable(&net, &left) && all_usable(&net, &right));
}

/// A partner that knows the bond and does not get in sync is no way for the traffic.
#[test]
fn a_port_stands_in_for_ten_seconds_at_most() {
    let mut net = Net::new(1);
    let hub = net.add_node(fast());
    let (first, second) = (net.add_node(fast()), net.add_node(fast()));
    let (_, _) = net.join(hub, first);
    net.run(ms(5000));
    let end = net.add_port(second);
    net.link(end, UP);
    net.run(ms(5000));
    assert!(net.usable(end));
    let far = net.add_port(hub);
    net.wire(end, far);
    net.run(ms(9000));
    assert!(net.usable(end));
    net.run(ms(2000));
    assert!(!net.usable(end));
    // Alone again.
    net.wires.pop();
    net.run(ms(7000));
    assert!(net.usable(end));
}

/// Links that come back to another switch, one by one: nobody carries the traffic, so the first is
/// in use at once, and the others have their wait.
#[test]
fn a_dark_bond_waits_for_nobody() {
    let mut net = Net::new(1);
    let n = net.add_node(fast());
    let old = net.add_node(fast());
    let ends: Vec<_> = (0..4).map(|_| net.join(n, old).0).collect();
    net.run(ms(4000));
    for end in &ends {
        net.link(*end, Link::Down);
    }
    net.run(ms(2000));
    net.wires.clear();
    // It was up long ago.
    let new = net.add_node(fast());
    let far: Vec<_> = (0..4).map(|_| net.add_port(new)).collect();
    for (end, far) in ends.iter().zip(&far) {
        net.wire(*far, *end);
        net.run(ms(1500));
        assert!(all_usable(&net, &ends[..1]));
    }
    net.run(ms(3000));
    assert!(all_usable(&net, &ends));
}

/// A link that runs no LACP is told of when it has to carry the traffic.
#[test]
fn a_link_without_lacp_that_is_used_is_told_of() {
    let mut system = System::new(Config::default(), Mac([2, 0, 0, 0, 1, 0]));
    let (mut ports, mut orders) = (Vec::new(), Orders::default());
    let now = Time(1_000_000_000);
    system.opened(&mut ports, now, &mut orders);
    for n in 0..2 {
        ports.push(Port::new(PortId(n), Mac([2, 0, 0, 0, 1, n as u8])));
        system.port_added(&mut ports, now, &mut orders);
    }
    let told = |orders: &mut Orders| {
        let notices = std::mem::take(&mut orders.notices);
        notices.iter().filter(|n| **n == Notice::NoLacp).count()
    };
    let half = Link::Up {
        speed: 100,
        duplex: Duplex::Half,
    };
    system.link_changed(&mut ports, PortId(0), half, now, &mut orders);
    assert_eq!(told(&mut orders), 1);
    system.link_changed(&mut ports, PortId(1), UP, now, &mut orders);
    system.link_changed(&mut ports, PortId(0), Link::Down, now, &mut orders);
    assert_eq!(told(&mut orders), 0);
    system.link_changed(&mut ports, PortId(0), half, now, &mut orders);
    system.link_changed(&mut ports, PortId(1), Link::Down, now, &mut orders);
    assert_eq!(told(&mut orders), 1);
}
