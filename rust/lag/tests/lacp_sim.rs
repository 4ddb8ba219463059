// SPDX-License-Identifier: GPL-2.0

//! Histories of systems on bad wires, each a function of its seed. LAG_LACP_SEED=n replays one,
//! with LAG_LACP_TRACE=1 its events are printed; LAG_LACP_RUNS=n runs that many of each kind,
//! for which --release is worth its while.

use crate::lacp_net;

use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

use lacp_net::{End, Event, Faults, Net, UP};
use lag::duplex::Duplex;
use lag::lacp::config::{Config, Control};
use lag::lacp::port::{Link, Usability};
use lag::lacp::system::Verdict;
use lag::lacp::timer::{AGGREGATE_WAIT, SHORT_TIMEOUT, SLOW_PERIODIC};
use lag::mac::Mac;
use lag::options::AdSelect;
use lag::time::Span;
use lag::wire::lacpdu::{PortState, PDU_LEN};

/// From the moment the wires are whole and nobody touches anything: a partner that was given up
/// is spoken to once in Slow_Periodic_Time; what it says then may make a port select anew, and
/// wait, twice, if that of another port comes later; and a PDU may be held back for a second
/// each time it matters.
fn convergence() -> Span {
    Span(SLOW_PERIODIC.0 + SHORT_TIMEOUT.0 + 2 * AGGREGATE_WAIT.0 + Span::secs(3).0)
}

/// Runs `history` for every seed, and says which one failed.
fn histories(name: &str, runs: u64, history: fn(u64)) {
    let number = |name| {
        std::env::var(name)
            .ok()
            .map(|v: String| v.parse::<u64>().unwrap())
    };
    if let Some(seed) = number("LAG_LACP_SEED") {
        return history(seed);
    }
    for seed in 0..number("LAG_LACP_RUNS").unwrap_or(runs) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| history(seed))) {
            eprintln!("replay with: LAG_LACP_SEED={seed} cargo test --test lag lacp_sim::{name}");
            resume_unwind(panic);
        }
    }
}

fn config(net: &mut Net) -> Config {
    let rng = &mut net.rng;
    Config {
        fast: rng.percent(70),
        active: rng.percent(80),
        strict: rng.percent(20),
        select: rng.pick(&AdSelect::ALL),
        min_links: rng.below(3) as u32,
        control: rng.pick(&[Control::Coupled, Control::Independent]),
        ..Config::default()
    }
}

/// A hub, node 0, and one to three neighbours with one to four wires each.
fn star(net: &mut Net, leaves: u64) -> Vec<Vec<(End, End)>> {
    let settings = config(net);
    let hub = net.add_node(settings);
    (0..leaves)
        .map(|_| {
            let settings = config(net);
            let leaf = net.add_node(settings);
            let wires = 1 + net.rng.below(4);
            (0..wires).map(|_| net.join(hub, leaf)).collect()
        })
        .collect()
}

fn random_end(net: &mut Net) -> Option<End> {
    let n = net.rng.below(net.nodes.len() as u64) as usize;
    let count = net.nodes[n].ports.len() as u64;
    if count == 0 {
        return None;
    }
    let at = net.rng.below(count) as usize;
    Some((n, net.nodes[n].ports[at].id()))
}

fn random_link(net: &mut Net) -> Link {
    if net.rng.percent(40) {
        return Link::Down;
    }
    Link::Up {
        speed: net
            .rng
            .pick(&[0, 1000, 1000, 10_000, 10_000, 123, u32::MAX]),
        duplex: net
            .rng
            .pick(&[Duplex::Full, Duplex::Full, Duplex::Half, Duplex::Unknown]),
    }
}

/// Something happens.
fn trouble(net: &mut Net, corrupt: bool) {
    let n = net.rng.below(net.nodes.len() as u64) as usize;
    match net.rng.below(16) {
        0..=3 => {
            let Some(end) = random_end(net) else { return };
            let link = random_link(net);
            net.link(end, link);
        }
        4 | 5 => {
            let Some(end) = random_end(net) else { return };
            net.link(end, UP);
        }
        6..=8 if !net.wires.is_empty() => {
            let at = net.rng.below(net.wires.len() as u64) as usize;
            net.wires[at].faults = Faults {
                lose: net.rng.pick(&[0, 0, 10, 50, 100]),
                repeat: net.rng.pick(&[0, 20]),
                corrupt: if corrupt { net.rng.pick(&[0, 30]) } else { 0 },
                delay: net.rng.pick(&[0, 1, 300, 1500]),
            };
        }
        9 => {
            let new = config(net);
            net.event(n, Event::Configure(new));
        }
        10 if net.rng.percent(30) => {
            let event = if net.nodes[n].open {
                Event::Close
            } else {
                Event::Open
            };
            net.event(n, event);
        }
        11 => {
            let Some(end) = random_end(net) else { return };
            let priority = net.rng.pick(&[1, 255, 1000]);
            net.event(end.0, Event::Priority(end.1, priority));
        }
        12 if net.rng.percent(30) => {
            let address = Mac([2, 0, 0, 0, n as u8 + 1, net.rng.below(3) as u8]);
            net.event(n, Event::Address(address));
        }
        // Two wires change ends, and no carrier is lost.
        13 if net.wires.len() > 1 => {
            let (a, b) = (0, 1 + net.rng.below(net.wires.len() as u64 - 1) as usize);
            let other = net.wires[a].ends[1];
            net.wires[a].ends[1] = net.wires[b].ends[1];
            net.wires[b].ends[1] = other;
        }
        14 => {
            let Some(end) = random_end(net) else { return };
            if net.nodes[end.0].ports.len() > 1 && net.rng.percent(30) {
                net.remove_port(end);
            }
        }
        15 => net.refuse = net.rng.pick(&[0, 0, 0, 50]),
        _ => {}
    }
}

fn chaos(net: &mut Net, corrupt: bool) {
    let events = net.rng.below(40);
    for _ in 0..events {
        trouble(net, corrupt);
        let pause = net.rng.pick(&[0, 1, 50, 700, 2100, 7000]);
        let pause = Span::millis(net.rng.below(pause + 1));
        net.run(pause);
    }
}

/// All is well again, and one end at least of every wire is active.
fn heal(net: &mut Net) {
    net.refuse = 0;
    for wire in &mut net.wires {
        wire.faults = Faults::default();
    }
    // What is still under way may be as bad as it was.
    net.run(Span::secs(2));
    let mut ends = Vec::new();
    for n in 0..net.nodes.len() {
        if !net.nodes[n].open {
            net.event(n, Event::Open);
        }
        net.configure(n, |c| {
            c.active |= n == 0;
            c.min_links = 0;
        });
        ends.extend(net.nodes[n].ports.iter().map(|p| (n, p.id())));
    }
    for end in ends {
        let wired = net.wires.iter().any(|w| w.ends.contains(&end));
        net.link(end, if wired { UP } else { Link::Down });
    }
}

/// Checks a net that was left alone for long enough: at the hub all wires to one neighbour are in
/// use, at both ends, and at nobody else's.
fn converged(net: &Net) {
    let info = net.nodes[0].system.ad_info(&net.nodes[0].ports);
    for wire in &net.wires {
        let [a, b] = wire.ends;
        if a.0 == b.0 {
            for end in [a, b] {
                assert!(
                    !net.port(end).actor().state.has(PortState::SYNCHRONIZATION)
                        || net.port(end).partner().system.is_zero()
                );
            }
            continue;
        }
        let (hub, leaf) = if a.0 == 0 { (a, b) } else { (b, a) };
        assert_eq!(hub.0, 0);
        let info = info.expect("a hub with wires has an active aggregator");
        let here = info.aggregator == net.port(hub).aggregator_id();
        for (end, other) in [(hub, leaf), (leaf, hub)] {
            let port = net.port(end);
            let system = &net.nodes[other.0].system;
            assert_eq!(port.partner().system, system.system());
            assert_eq!(port.partner().port, net.port(other).actor().port);
            assert_eq!(port.usability() == Usability::Distributing, here, "{end:?}");
            assert_eq!(
                port.actor().state.has(PortState::DISTRIBUTING),
                here,
                "{end:?}"
            );
            assert_eq!(port.usability() == Usability::Blocked, !here);
        }
        if here {
            assert_eq!(info.partner, net.nodes[leaf.0].system.system());
        }
    }
}

/// Left alone for a minute more, nothing changes and only periodic PDUs are sent.
fn quiet(net: &mut Net) {
    let (changes, frames) = (net.changes, net.frames);
    net.run(Span::secs(65));
    assert_eq!(net.changes, changes, "it does not come to rest");
    let ends: u64 = net.nodes.iter().map(|n| n.ports.len() as u64).sum();
    assert!(net.frames - frames <= ends * 67, "too many PDUs");
    converged(net);
}

/// Clause 6.4.16.
#[test]
fn pairs_come_to_agree_after_any_trouble() {
    histories("pairs_come", 150, |seed| {
        let mut net = Net::new(seed);
        star(&mut net, 1);
        chaos(&mut net, seed % 3 == 0);
        heal(&mut net);
        net.run(convergence());
        converged(&net);
        quiet(&mut net);
    });
}

#[test]
fn a_hub_agrees_with_one_of_its_neighbours_after_any_trouble() {
    histories("a_hub_agrees", 60, |seed| {
        let mut net = Net::new(seed ^ 0x5eed);
        let leaves = 2 + net.rng.below(2);
        star(&mut net, leaves);
        chaos(&mut net, seed % 3 == 0);
        heal(&mut net);
        net.run(convergence());
        converged(&net);
        quiet(&mut net);
    });
}

#[test]
fn loops_never_aggregate() {
    histories("loops_never", 50, |seed| {
        let mut net = Net::new(seed ^ 0x100b);
        if net.rng.percent(50) {
            star(&mut net, 1);
        } else {
            let settings = config(&mut net);
            net.add_node(settings);
        }
        let (a, b, c) = (net.add_port(0), net.add_port(0), net.add_port(0));
        net.wire(a, b);
        net.wire(c, c);
        for _ in 0..net.rng.below(30) {
            // Wires keep their ends: a loop stays a loop.
            match net.rng.below(3) {
                0 => {
                    let end = net.rng.pick(&[a, b, c]);
                    let link = random_link(&mut net);
                    net.link(end, link);
                }
                1 => {
                    let new = config(&mut net);
                    net.event(0, Event::Configure(new));
                }
                _ => net.link(a, UP),
            }
            let pause = Span::millis(net.rng.below(5000));
            net.run(pause);
            for end in [a, b, c] {
                let port = net.port(end);
                assert!(port.partner().system.is_zero(), "a bond is its own partner");
                assert!(!port.actor().state.has(PortState::COLLECTING));
            }
        }
        heal(&mut net);
        net.run(convergence());
        quiet(&mut net);
    });
}

#[test]
fn any_bytes_at_any_time_do_no_harm() {
    histories("any_bytes", 50, |seed| {
        let mut net = Net::new(seed ^ 0xbad);
        star(&mut net, 1);
        for _ in 0..net.rng.below(300) {
            // Nobody can know what such a PDU proves.
            net.tainted = true;
            let Some(end) = random_end(&mut net) else {
                break;
            };
            let len = net
                .rng
                .pick(&[0, 1, 2, 15, 109, 110, 110, 110, 110, 111, 1500]);
            let mut pdu: Vec<u8> = (0..len).map(|_| net.rng.next() as u8).collect();
            if net.rng.percent(80) {
                if let Some(subtype) = pdu.first_mut() {
                    *subtype = net.rng.pick(&[1, 1, 1, 2, 2]);
                }
                if len > 20 && net.rng.percent(80) {
                    pdu[2] = net.rng.pick(&[1, 2]);
                    pdu[6] &= 0xfe;
                    let own = net.nodes[end.0].system.system();
                    if net.rng.percent(10) {
                        pdu[6..12].copy_from_slice(&own.0);
                    }
                }
            }
            let before = net.nodes[end.0].system.stats().values().iter().sum::<u64>();
            let verdict = net.event(end.0, Event::Receive(end.1, &pdu));
            let after = net.nodes[end.0].system.stats().values().iter().sum::<u64>();
            assert!(after > before, "not counted");
            let whole = pdu.len() >= PDU_LEN;
            let ours = whole
                && (pdu[0] == 2
                    || pdu[0] == 1 && {
                        let system = Mac([pdu[6], pdu[7], pdu[8], pdu[9], pdu[10], pdu[11]]);
                        system.is_valid_unicast()
                    });
            assert_eq!(verdict == Verdict::Consumed, ours, "{pdu:02x?}");
            let pause = net.rng.pick(&[0, 0, 10, 900]);
            net.run(Span::millis(pause));
        }
        heal(&mut net);
        // What a forger said holds until it runs out.
        net.run(Span::secs(90));
        net.run(convergence());
        converged(&net);
        quiet(&mut net);
    });
}
