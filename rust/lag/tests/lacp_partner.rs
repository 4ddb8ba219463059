// SPDX-License-Identifier: GPL-2.0

//! One bond, and a partner that says what the test makes it say.

use crate::lacp_net;

use std::cell::RefCell;
use std::collections::BTreeMap;

use lacp_net::{Event, Net, Orders, UP};
use lag::duplex::Duplex;
use lag::lacp::config::{Config, Control};
use lag::lacp::mux::State as Mux;
use lag::lacp::port::{Link, Port, PortId, Usability};
use lag::lacp::reason::Reason;
use lag::lacp::rx::State as Rx;
use lag::lacp::system::{System, Verdict};
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

/// An LACPDU of a partner that is in sync, collects and knows `port`, as far as `change` leaves it.
fn pdu_for(port: &Port, change: impl FnOnce(&mut Repr)) -> [u8; PDU_LEN] {
    let actor = Info {
        system_priority: 1,
        system: Mac([2, 7, 7, 7, 1, 7]),
        key: 5,
        port_priority: 1,
        port: 9,
        state: PortState(0x3d),
    };
    let mut repr = Repr {
        actor,
        partner: *port.actor(),
        collector_max_delay: 0,
    };
    change(&mut repr);
    let mut pdu = [0; PDU_LEN];
    repr.emit(&mut pdu);
    pdu
}

/// Clause 6.4.9, update_NTT. Clause 6.4.8, NTT.
#[test]
fn a_partner_that_has_it_wrong_is_told_at_once() {
    let mut net = Net::new(1);
    net.tainted = true;
    let n = net.add_node(Config::default());
    let end = net.add_port(n);
    net.link(end, UP);
    for _ in 0..4 {
        let pdu = pdu_for(net.port(end), |_| {});
        net.event(n, Event::Receive(end.1, &pdu));
        net.run(ms(900));
    }
    assert!(net.usable(end));
    // Every field of the partner's view, and four of its flags.
    type Wrong = (fn(&mut Info), bool);
    let wrong: [Wrong; 13] = [
        (|_| {}, false),
        (|i| i.system_priority = 9, true),
        (|i| i.system = Mac([2, 0, 0, 0, 0, 3]), true),
        (|i| i.key ^= 1, true),
        (|i| i.port_priority ^= 1, true),
        (|i| i.port ^= 1, true),
        (|i| i.state.0 ^= 0x01, true),
        (|i| i.state.0 ^= 0x02, true),
        (|i| i.state.0 ^= 0x04, true),
        (|i| i.state.0 ^= 0x08, true),
        (|i| i.state.0 ^= 0x10, false),
        (|i| i.state.0 ^= 0x20, false),
        (|i| i.state.0 ^= 0xc0, false),
    ];
    for (at, (change, answered)) in wrong.into_iter().enumerate() {
        net.run(ms(2000));
        // In sync again, and nothing left to say.
        let pdu = pdu_for(net.port(end), |_| {});
        net.event(n, Event::Receive(end.1, &pdu));
        let pdu = pdu_for(net.port(end), |_| {});
        net.event(n, Event::Receive(end.1, &pdu));
        net.run(ms(2000));
        let pdu = pdu_for(net.port(end), |repr| change(&mut repr.partner));
        let sent = net.port(end).stats().lacpdu_tx;
        net.event(n, Event::Receive(end.1, &pdu));
        let now = net.port(end).stats().lacpdu_tx;
        assert_eq!(now - sent, u64::from(answered), "case {at}");
    }
}

/// A bond with two ports in use; the first is the one that something will happen to.
fn in_use(config: Config) -> (Net, usize, lacp_net::End) {
    let mut net = Net::new(1);
    net.tainted = true;
    let n = net.add_node(config);
    let ends = [net.add_port(n), net.add_port(n)];
    for round in 0..4 {
        for (end, number) in ends.into_iter().zip([9, 8]) {
            if round == 0 {
                net.link(end, UP);
            }
            let pdu = pdu_for(net.port(end), |repr| repr.actor.port = number);
            net.event(n, Event::Receive(end.1, &pdu));
        }
        net.run(ms(900));
    }
    assert!(net.usable(ends[0]) && net.usable(ends[1]));
    (net, n, ends[0])
}

/// Every field of the partner's own description, and one flag; once the partner as it was had its
/// time to object. A change that leads to the same aggregator costs no wait.
///
/// Clause 6.4.9, update_Selected. Clause 6.4.8, Selected.
#[test]
fn a_partner_that_is_another_is_selected_for_anew() {
    type Change = (fn(&mut Info), bool, bool);
    let changes: [Change; 8] = [
        (|_| {}, false, false),
        (|i| i.system_priority = 9, true, true),
        (|i| i.system = Mac([2, 7, 7, 7, 1, 8]), true, true),
        (|i| i.key = 6, true, true),
        (|i| i.port_priority = 2, true, false),
        (|i| i.port = 10, true, false),
        (|i| i.state.0 ^= 0x04, true, true),
        (|i| i.state.0 ^= 0x02, false, false),
    ];
    for (at, (change, other, anew)) in changes.into_iter().enumerate() {
        let (mut net, n, end) = in_use(Config::default());
        let before = *net.port(end).partner();
        let sent = net.port(end).stats().lacpdu_tx;
        let pdu = pdu_for(net.port(end), |repr| change(&mut repr.actor));
        net.event(n, Event::Receive(end.1, &pdu));
        // The partner is asked, and meanwhile it is the partner.
        let asked = net.port(end).stats().lacpdu_tx - sent;
        assert!(asked == 1 || !other, "case {at}");
        net.run(ms(590));
        assert_eq!(*net.port(end).partner() == before, other || at == 0);
        assert!(net.usable(end), "case {at}");
        net.run(ms(20));
        let state = net.port(end).mux_state();
        assert_eq!(state == Mux::Waiting, anew, "case {at}: {state}");
        assert_eq!(net.usable(end), !anew, "case {at}");
        assert_eq!(net.port(end).partner().port, if at == 5 { 10 } else { 9 });
        assert_eq!(net.port(end).strays(), 0);
    }
}

/// Changes that make the partner's LACPDU a stranger's: its name, or the rest.
fn strangers() -> [fn(&mut Repr); 6] {
    [
        |r| r.actor.system = Mac([2, 9, 9, 9, 9, 9]),
        |r| r.actor.key = 77,
        |r| r.actor.port = 77,
        |r| r.actor.system_priority = 77,
        |r| r.actor.state.set(PortState::AGGREGATION, false),
        |r| {
            r.actor.system = Mac([2, 9, 9, 9, 9, 9]);
            r.actor.state = PortState(0);
            r.partner = Info::default();
        },
    ]
}

#[test]
fn a_stray_lacpdu_costs_nothing_while_the_partner_speaks() {
    for every in [30, 300, 1000, 1900] {
        for (at, strange) in strangers().into_iter().enumerate() {
            let mut net = Net::new(1);
            let (a, b) = (net.add_node(fast()), net.add_node(Config::default()));
            let wires: Vec<_> = (0..2).map(|_| net.join(a, b)).collect();
            net.run(ms(5000));
            net.tainted = true;
            let changes = net.changes;
            for _ in 0..20_000 / every {
                for (end, far) in &wires {
                    let mut repr = Repr {
                        actor: *net.port(*far).actor(),
                        partner: *net.port(*end).actor(),
                        collector_max_delay: 0,
                    };
                    strange(&mut repr);
                    let mut pdu = [0; PDU_LEN];
                    repr.emit(&mut pdu);
                    net.event(a, Event::Receive(end.1, &pdu));
                }
                net.run(ms(every));
            }
            assert_eq!(net.changes, changes, "each {every} ms, stranger {at}");
            for (end, _) in &wires {
                let refuted = net.port(*end).strays();
                assert!(refuted >= (20_000 / every).min(20) - 2, "{refuted}");
            }
        }
    }
}

/// Nobody answers for the partner any more: it is followed in less than a second, however often
/// it was asked before.
#[test]
fn a_partner_that_has_changed_is_followed_within_a_second() {
    for strange in strangers() {
        for before in [0, 30, 450] {
            let mut net = Net::new(1);
            net.tainted = true;
            let (a, b) = (net.add_node(fast()), net.add_node(fast()));
            let (end, far) = net.join(a, b);
            net.run(ms(5010));
            let mut repr = Repr {
                actor: *net.port(far).actor(),
                partner: *net.port(end).actor(),
                collector_max_delay: 0,
            };
            let mut pdu = [0; PDU_LEN];
            if before != 0 {
                let mut stray = repr;
                stray.actor.key = 999;
                stray.emit(&mut pdu);
                net.event(a, Event::Receive(end.1, &pdu));
                net.run(ms(before));
            }
            strange(&mut repr);
            repr.emit(&mut pdu);
            net.wires.clear();
            net.event(a, Event::Receive(end.1, &pdu));
            net.run(ms(1000));
            let partner = net.port(end).partner();
            let who = |i: &Info| (i.system_priority, i.system, i.key, i.port);
            assert_eq!(who(partner), who(&repr.actor), "after {before} ms");
        }
    }
}

/// The last word of a port that leaves its aggregation: taken at once, whoever objects later.
#[test]
fn a_partners_port_that_takes_no_frames_gets_none() {
    let (mut net, n, end) = in_use(fast());
    let bye = pdu_for(net.port(end), |repr| repr.actor.state = PortState(0x01));
    net.event(n, Event::Receive(end.1, &bye));
    assert!(!net.usable(end));
    assert_eq!(net.port(end).mux_state(), Mux::Attached);
    let pdu = pdu_for(net.port(end), |_| {});
    net.event(n, Event::Receive(end.1, &pdu));
    assert!(net.usable(end));
}

/// No fourth LACPDU goes out within a second: the question waits, and the answer is waited for.
#[test]
fn a_question_that_is_held_back_is_answered_in_time() {
    let (mut net, n, end) = in_use(fast());
    net.run(ms(1000));
    let wrong = |net: &Net| pdu_for(net.port(end), |repr| repr.partner.key ^= 1);
    for _ in 0..4 {
        let (pdu, right) = (wrong(&net), pdu_for(net.port(end), |_| {}));
        net.event(n, Event::Receive(end.1, &pdu));
        net.event(n, Event::Receive(end.1, &right));
    }
    net.run(ms(400));
    let sent = net.port(end).stats().lacpdu_tx;
    let stray = pdu_for(net.port(end), |r| r.actor.system = Mac([2, 9, 9, 9, 9, 9]));
    net.event(n, Event::Receive(end.1, &stray));
    assert_eq!(net.port(end).stats().lacpdu_tx, sent, "three are all");
    while net.port(end).stats().lacpdu_tx == sent {
        net.run(ms(10));
        assert!(net.usable(end));
    }
    net.run(ms(300));
    let pdu = pdu_for(net.port(end), |_| {});
    net.event(n, Event::Receive(end.1, &pdu));
    assert!(net.usable(end));
    assert_eq!(net.port(end).strays(), 1);
}

/// The log has one line for strays that go on, and another for those of the next day.
#[test]
fn strays_are_told_once() {
    let (mut net, n, end) = in_use(fast());
    let stray = pdu_for(net.port(end), |r| r.actor.system = Mac([2, 9, 9, 9, 9, 9]));
    for (told, quiet) in [(1, 1), (1, 60_000), (1, 601_000), (2, 0)] {
        let end_of_quiet = net.now + ms(quiet);
        net.event(n, Event::Receive(end.1, &stray));
        loop {
            let pdu = pdu_for(net.port(end), |_| {});
            net.event(n, Event::Receive(end.1, &pdu));
            if net.now >= end_of_quiet {
                break;
            }
            net.run(ms(900));
        }
        assert_eq!(net.strays_told, told);
    }
    assert_eq!(net.port(end).strays(), 4);
}

/// A partner that was late to object comes back without a wait.
#[test]
fn a_late_objection_costs_no_wait() {
    let (mut net, n, end) = in_use(fast());
    let stray = pdu_for(net.port(end), |r| r.actor.system = Mac([2, 9, 9, 9, 9, 9]));
    net.event(n, Event::Receive(end.1, &stray));
    net.run(ms(700));
    assert!(!net.usable(end));
    let pdu = pdu_for(net.port(end), |_| {});
    net.event(n, Event::Receive(end.1, &pdu));
    assert!(net.usable(end));
}

/// Two ports whose links come up, and whose partner is heard, one after the other; `state` changes what it
/// says of itself.
fn heard_one_by_one(
    gap: Span,
    state: impl Fn(&mut PortState),
) -> (Net, usize, [(usize, PortId); 2]) {
    let mut net = Net::new(1);
    net.tainted = true;
    let n = net.add_node(fast());
    let ends = [net.add_port(n), net.add_port(n)];
    for (end, number) in ends.into_iter().zip([9, 10]) {
        net.link(end, UP);
        let pdu = pdu_for(net.port(end), |repr| {
            repr.actor.port = number;
            state(&mut repr.actor.state);
        });
        net.event(n, Event::Receive(end.1, &pdu));
        net.run(gap);
    }
    (net, n, ends)
}

/// A partner that waits for nobody, as teamd, takes no frames until the port is in sync: that does not
/// wait where it is the only way, and the next does.
#[test]
fn a_partner_in_sync_is_not_kept_waiting() {
    let (net, _, ends) = heard_one_by_one(ms(20), |_| {});
    assert_eq!(net.port(ends[0]).mux_state(), Mux::CollectingDistributing);
    assert_eq!(net.port(ends[1]).mux_state(), Mux::Waiting);
}

/// Ready is for all the ports that wait to attach to an aggregator; they wait together, as long as
/// the first of them does.
///
/// Clause 6.4.8, Ready.
#[test]
fn ports_that_wait_attach_together() {
    let (mut net, n, ends) = heard_one_by_one(ms(950), |state| {
        state.set(PortState::SYNCHRONIZATION, false);
    });
    assert_eq!(net.port(ends[0]).mux_state(), Mux::Waiting);
    net.run(ms(110));
    for (end, number) in ends.into_iter().zip([9, 10]) {
        assert_eq!(net.port(end).mux_state(), Mux::Attached);
        let pdu = pdu_for(net.port(end), |repr| repr.actor.port = number);
        net.event(n, Event::Receive(end.1, &pdu));
        assert_eq!(net.port(end).mux_state(), Mux::CollectingDistributing);
    }
    let (late, other) = (net.add_port(n), net.add_port(n));
    for (end, number) in [(late, 11), (other, 12)] {
        net.link(end, UP);
        let pdu = pdu_for(net.port(end), |repr| repr.actor.port = number);
        net.event(n, Event::Receive(end.1, &pdu));
        net.run(ms(1000));
    }
    // A port without a link keeps nobody waiting.
    net.link(other, Link::Down);
    net.run(ms(10));
    assert!(net.usable(late));
}

#[test]
fn a_partner_that_was_given_up_is_looked_for_every_second() {
    for config in [fast(), Config::default()] {
        let mut net = Net::new(1);
        let (a, b) = (net.add_node(config), net.add_node(config));
        let (left, right) = net.join(a, b);
        net.run(ms(10_000));
        let sent = |net: &mut Net| {
            let before = net.port(left).stats().lacpdu_tx;
            net.run(ms(60_000));
            net.port(left).stats().lacpdu_tx - before
        };
        let state = |net: &Net| [left, right].map(|end| net.port(end).rx_state());
        net.wires[0].faults.lose = 100;
        while state(&net) != [Rx::Defaulted; 2] {
            net.run(ms(100));
        }
        net.run(ms(40_000));
        assert_eq!(sent(&mut net), 60);
        // What nobody is said to want is what native bonding says.
        assert!(!net.port(left).partner().state.has(PortState::TIMEOUT));
        net.wires[0].faults.lose = 0;
        net.run(ms(1_010));
        assert_eq!(state(&net), [Rx::Current; 2]);
        // Aggregate_Wait_Time of one end, then of the other.
        net.run(ms(4_000));
        assert!(net.usable(left) && net.usable(right));

        // A link that came up meanwhile may lead to somebody else.
        net.wires[0].faults.lose = 100;
        net.run(ms(120_000));
        net.link(left, Link::Down);
        net.link(left, UP);
        net.run(ms(40_000));
        assert_eq!(state(&net)[0], Rx::Defaulted);
        assert_eq!(sent(&mut net), 2);
    }
}

#[test]
fn no_frame_is_sent_too_early_while_another_port_carries_it() {
    let mut net = Net::new(1);
    net.tainted = true;
    let n = net.add_node(fast());
    let ends = [net.add_port(n), net.add_port(n)];
    let hear = |net: &mut Net, at: usize, collects: bool| {
        let pdu = pdu_for(net.port(ends[at]), |repr| {
            repr.actor.port = at as u16 + 1;
            repr.actor.state.set(PortState::COLLECTING, collects);
        });
        net.event(n, Event::Receive(ends[at].1, &pdu));
    };
    let uses = |net: &Net| ends.map(|end| net.port(end).usability());
    let wait = |net: &mut Net, ports: &[(usize, bool)], time: u64| {
        for _ in 0..time / 100 {
            for &(at, collects) in ports {
                hear(net, at, collects);
            }
            net.run(ms(100));
        }
    };
    use Usability::{Blocked, Collecting, Distributing};
    net.link(ends[0], UP);
    // Nobody else would send: so it does, whatever becomes of the frames.
    wait(&mut net, &[(0, false)], 2_100);
    assert_eq!(uses(&net), [Distributing, Blocked]);
    wait(&mut net, &[(0, false)], 5_000);
    assert_eq!(uses(&net), [Distributing, Blocked]);
    net.link(ends[1], UP);
    wait(&mut net, &[(0, true), (1, false)], 2_100);
    assert_eq!(uses(&net), [Distributing, Collecting]);
    assert_eq!(net.port(ends[1]).mux_state(), Mux::CollectingDistributing);
    let node = &net.nodes[n];
    let reason = node.system.reason(&node.ports, net.port(ends[1]));
    assert_eq!(reason, Some(Reason::PartnerNotCollecting));
    hear(&mut net, 1, true);
    assert_eq!(uses(&net), [Distributing; 2]);
    // That it stops to collect, being in sync, is for independent control to see.
    hear(&mut net, 1, false);
    assert_eq!(uses(&net), [Distributing; 2]);
    // Who never says that it collects, or not in time, is sent to all the same.
    net.link(ends[1], Link::Down);
    assert_eq!(uses(&net), [Distributing, Blocked]);
    net.link(ends[1], UP);
    wait(&mut net, &[(0, true), (1, false)], 900);
    assert_eq!(uses(&net), [Distributing, Collecting]);
    wait(&mut net, &[(0, true), (1, false)], 200);
    assert_eq!(uses(&net), [Distributing; 2]);
    // The other one goes: there is nobody to wait for.
    net.link(ends[1], Link::Down);
    net.link(ends[1], UP);
    wait(&mut net, &[(0, true), (1, false)], 100);
    assert_eq!(uses(&net), [Distributing, Collecting]);
    net.link(ends[0], Link::Down);
    assert_eq!(uses(&net), [Blocked, Distributing]);
}

/// Clause 6.4.9, recordPDU.
#[test]
fn every_reason_has_its_situation() {
    let mut net = Net::new(1);
    net.tainted = true;
    let control = Control::Independent;
    let n = net.add_node(Config {
        control,
        strict: true,
        ..fast()
    });
    let end = net.add_port(n);
    // Each has a word of its own.
    let words = RefCell::new(BTreeMap::new());
    let why = |net: &Net| {
        let node = &net.nodes[n];
        let reason = node.system.reason(&node.ports, net.port(end))?;
        assert!(words
            .borrow_mut()
            .insert(reason.word(), reason)
            .is_none_or(|r| r == reason));
        Some((reason.number(), reason.to_string()))
    };
    let is = |number: u8, text: &str| Some((number, text.to_string()));
    assert_eq!(why(&net), is(2, "link is down"));
    // One that has told a speed before.
    net.link(end, UP);
    net.link(
        end,
        Link::Up {
            speed: 0,
            duplex: Duplex::Full,
        },
    );
    assert_eq!(why(&net), is(3, "link speed or duplex is unknown"));
    net.link(
        end,
        Link::Up {
            speed: 10,
            duplex: Duplex::Half,
        },
    );
    assert_eq!(why(&net), is(4, "link is half duplex"));
    net.link(end, UP);
    assert_eq!(why(&net), is(6, "no LACP partner"));
    let own = net.nodes[n].system.system();
    let pdu = pdu_for(net.port(end), |repr| repr.actor.system = own);
    net.event(n, Event::Receive(end.1, &pdu));
    assert_eq!(why(&net), is(5, "link leads back to this bond"));
    let hear = |net: &mut Net, change: fn(&mut Repr)| {
        let pdu = pdu_for(net.port(end), change);
        net.event(n, Event::Receive(end.1, &pdu));
    };
    hear(&mut net, |_| {});
    assert_eq!(why(&net), is(9, "waiting for other ports to attach"));
    net.run(ms(2100));
    hear(&mut net, |repr| repr.partner.port = 77);
    assert_eq!(why(&net), is(10, "LACP partner does not know this port"));
    hear(&mut net, |repr| {
        repr.actor.state.set(PortState::SYNCHRONIZATION, false)
    });
    assert_eq!(why(&net), is(11, "LACP partner is not in sync"));
    // Its key is another one, and the port is to be selected for anew: or it is not the partner.
    hear(&mut net, |_| {});
    hear(&mut net, |repr| {
        repr.actor.key = 6;
        repr.actor.state.set(PortState::SYNCHRONIZATION, false)
    });
    assert_eq!(why(&net), is(13, "several systems claim the link"));
    hear(&mut net, |repr| {
        repr.actor.state.set(PortState::COLLECTING, false)
    });
    assert_eq!(why(&net), is(12, "LACP partner is not collecting"));
    assert_eq!(net.port(end).usability(), Usability::Collecting);
    hear(&mut net, |_| {});
    assert_eq!(why(&net), None);
    // Synchronization counts only if one of the two keeps the link up (6.4.9, recordPDU).
    net.configure(n, |c| c.active = false);
    hear(&mut net, |repr| {
        repr.actor.state.set(PortState::ACTIVITY, false)
    });
    assert_eq!(why(&net), is(11, "LACP partner is not in sync"));
    hear(&mut net, |_| {});
    net.run(ms(3001));
    assert_eq!(why(&net), is(7, "LACP partner is silent"));
    net.event(n, Event::Close);
    assert_eq!(why(&net), is(1, "bond is down"));
    let other = Reason::NotActive { active: 3 };
    assert_eq!(
        (other.number(), other.to_string().as_str()),
        (8, "aggregator 3 is the active one")
    );
    words.borrow_mut().insert(other.word(), other);
    assert_eq!(words.borrow().len(), 13);
    assert!(!words.borrow().contains_key("none"));
}

#[test]
fn an_individual_partner_is_better_than_none() {
    let mut net = Net::new(1);
    let n = net.add_node(fast());
    net.tainted = true;
    let (a, b) = (net.add_port(n), net.add_port(n));
    net.link(a, UP);
    net.link(b, UP);
    let pdu = |net: &Net, alone: bool| {
        pdu_for(net.port(b), |repr| {
            repr.actor.state.set(PortState::AGGREGATION, !alone);
        })
    };
    // It could aggregate at first; then it says that it cannot: another aggregator, and none
    // that is active until one is chosen anew.
    for alone in [false, false, false, false, true, true, true, true] {
        let pdu = pdu(&net, alone);
        net.event(n, Event::Receive(b.1, &pdu));
        assert!(!net.usable(a) || !net.usable(b));
        net.run(ms(900));
    }
    assert!(net.usable(b) && !net.usable(a));
    let node = &net.nodes[n];
    assert_eq!(node.system.reason(&node.ports, net.port(b)), None);
}

#[test]
fn an_individual_partner_shares_with_nobody() {
    let mut net = Net::new(1);
    let n = net.add_node(fast());
    net.tainted = true;
    let (a, b) = (net.add_port(n), net.add_port(n));
    net.link(a, UP);
    net.link(b, UP);
    let pdu = |net: &Net, end: lacp_net::End, port| {
        pdu_for(net.port(end), |repr| {
            repr.actor.port = port;
            repr.actor.state.set(PortState::AGGREGATION, false);
        })
    };
    for _ in 0..5 {
        let (to_a, to_b) = (pdu(&net, a, 1), pdu(&net, b, 2));
        net.event(n, Event::Receive(a.1, &to_a));
        net.event(n, Event::Receive(b.1, &to_b));
        net.run(ms(900));
    }
    assert_ne!(net.port(a).aggregator_id(), net.port(b).aggregator_id());
    assert!(net.port(a).actor().state.has(PortState::DISTRIBUTING));
    assert_eq!([a, b].iter().filter(|e| net.usable(**e)).count(), 1);
}

/// Clause 6.2, Control Parser. Clause 7.3.3.
#[test]
fn frames_are_counted_and_answered_as_the_standard_says() {
    let mut net = Net::new(1);
    let n = net.add_node(Config {
        active: false,
        ..fast()
    });
    let end = net.add_port(n);
    net.link(end, UP);
    let long = |head: &[u8]| {
        let mut v = head.to_vec();
        v.resize(PDU_LEN, 0);
        v
    };
    let marker = long(&[2, 1, 1, 16, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 5]);
    let mut lacpdu = long(&[1, 1, 1, 20, 0, 1, 2, 6, 6, 6, 6, 6]);
    let mut rx = |pdu: &[u8]| net.event(n, Event::Receive(end.1, pdu));
    assert_eq!(rx(&lacpdu), Verdict::Consumed);
    assert_eq!(rx(&lacpdu[..PDU_LEN - 1]), Verdict::PassOn);
    lacpdu[6] |= 1;
    assert_eq!(rx(&lacpdu), Verdict::PassOn);
    assert_eq!(rx(&[]), Verdict::PassOn);
    for subtype in [0, 3, 10, 11, 255] {
        assert_eq!(rx(&long(&[subtype])), Verdict::PassOn);
    }
    assert_eq!(rx(&marker), Verdict::Consumed);
    assert_eq!(rx(&marker[..PDU_LEN - 1]), Verdict::PassOn);
    assert_eq!(rx(&long(&[2, 1, 2, 16])), Verdict::Consumed);
    assert_eq!(rx(&long(&[2, 1, 3, 16])), Verdict::Consumed);
    for stats in [*net.port(end).stats(), *net.nodes[n].system.stats()] {
        assert_eq!(stats.values(), [1, 0, 5, 4, 1, 0, 1, 1, 1]);
    }
    // A flood of Markers is counted in full and answered ten times a second.
    for _ in 0..100 {
        net.event(n, Event::Receive(end.1, &marker));
    }
    assert_eq!(net.port(end).stats().marker_rx, 101);
    assert_eq!(net.port(end).stats().marker_resp_tx, 10);
    net.run(ms(1000));
    net.event(n, Event::Receive(end.1, &marker));
    assert_eq!(net.port(end).stats().marker_resp_tx, 11);
    assert_eq!(
        net.event(n, Event::Receive(PortId(4242), &marker)),
        Verdict::PassOn
    );
}

#[test]
fn a_frame_that_the_device_refuses_is_sent_later() {
    let mut net = Net::new(1);
    let (a, b) = (net.add_node(fast()), net.add_node(fast()));
    net.refuse = 100;
    let (left, right) = net.join(a, b);
    net.run(ms(450));
    assert_eq!(net.frames, 0);
    net.refuse = 0;
    net.run(ms(100));
    assert!(net.frames > 0);
    net.run(ms(3000));
    assert!(net.usable(left) && net.usable(right));
}

/// Clause 6.5.4.
#[test]
fn a_marker_response_repeats_the_question_and_nothing_else() {
    let mut system = System::new(Config::default(), Mac([2, 0, 0, 0, 1, 0]));
    let mut ports = [Port::new(PortId(7), Mac([2, 0, 0, 0, 1, 7]))];
    let mut orders = Orders::default();
    system.port_added(&mut ports, Time(0), &mut orders);
    let mut marker = [0xee; PDU_LEN];
    let question = [0, 1, 2, 0, 0, 0, 0, 1, 0xaa, 0xbb, 0xcc, 0xdd];
    marker[..4].copy_from_slice(&[2, 9, 1, 0x16]);
    marker[4..16].copy_from_slice(&question);
    let now = Time(1);
    let verdict = system.receive(&mut ports, PortId(7), &marker, now, &mut orders);
    assert_eq!(verdict, Verdict::Consumed);
    let [(port, frame)] = orders.frames[..] else {
        panic!("one answer")
    };
    assert_eq!(port, PortId(7));
    assert_eq!(frame[..6], [0x01, 0x80, 0xc2, 0, 0, 2]);
    assert_eq!(frame[6..14], [2, 0, 0, 0, 1, 7, 0x88, 0x09]);
    assert_eq!(frame[14..18], [2, 1, 2, 16]);
    assert_eq!(frame[18..30], question);
    assert_eq!(frame[30..], [0; 94]);
    // The answer is not answered.
    let answer = frame[14..].to_vec();
    system.receive(&mut ports, PortId(7), &answer, now, &mut orders);
    assert_eq!(orders.frames.len(), 1);
}
