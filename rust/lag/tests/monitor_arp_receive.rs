// SPDX-License-Identifier: GPL-2.0

//! arp_validate: which frames count on which slave.

use lag::mac::Mac;
use lag::mode::Mode;
use lag::monitor::arp::{Arp, Ear, Kind, Known, Nd, Port, Settings, Sighting, Slot, Trust};
use lag::options::{ArpValidate, Params};
use lag::time::{Span, Time};
use proptest::prelude::*;

const OURS: [u8; 4] = [10, 0, 0, 100];
const TARGETS: [[u8; 4]; 2] = [[10, 0, 0, 1], [10, 0, 0, 2]];
const OTHER: [u8; 4] = [10, 0, 0, 77];
const OURS6: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
const TARGET6: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa, 0xb, 0xc];
const SOLICITED: [u8; 16] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xa, 0xb, 0xc];
const ALL_NODES: [u8; 16] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const GATEWAY: Mac = Mac([2, 0, 0, 0, 0, 1]);

fn at(ms: u64) -> Time {
    Time(0) + Span::millis(ms)
}

fn params(mode: Mode, validate: ArpValidate) -> Params {
    let mut params = Params {
        mode,
        arp_interval: 1000,
        arp_validate: validate,
        ..Params::default()
    };
    for target in TARGETS {
        params.arp_targets.add(target).unwrap();
    }
    params.ns_targets.add(TARGET6).unwrap();
    params
}

fn settings(mode: Mode, validate: ArpValidate) -> Settings {
    Settings::of(&params(mode, validate), false).unwrap()
}

fn adaptive(mode: Mode, validate: ArpValidate) -> Settings {
    Settings::of(&params(mode, validate), true).unwrap()
}

fn ear<'a>(settings: &'a Settings, port: &'a Port, active: bool) -> Ear<'a> {
    Ear {
        settings,
        port,
        active,
    }
}

fn arp(reply: bool, sender: [u8; 4], target: [u8; 4]) -> Arp {
    Arp {
        reply,
        sender,
        target,
    }
}

fn v4(i: usize) -> Slot {
    Slot::v4(i).unwrap()
}

fn v6(i: usize) -> Slot {
    Slot::v6(i).unwrap()
}

fn started(settings: &Settings, ms: u64) -> Port {
    let port = Port::new();
    port.start(settings, true, at(ms));
    port
}

#[test]
fn evidence_that_counts_by_arp_validate() {
    use ArpValidate::*;
    // On the active slave and on a backup: is it validated; does other traffic count.
    let cases = [
        (None, [false, false], [true, true]),
        (Active, [true, false], [false, true]),
        (Backup, [false, true], [true, false]),
        (All, [true, true], [false, false]),
        (Filter, [false, false], [false, false]),
        (FilterActive, [true, false], [false, false]),
        (FilterBackup, [false, true], [false, false]),
    ];
    assert_eq!(cases.len(), ArpValidate::ALL.len());
    let known = Known::new();
    known.learn(v4(0), GATEWAY);
    for (validate, validated, traffic) in cases {
        let s = settings(Mode::ActiveBackup, validate);
        let port = started(&s, 0);
        for (i, active) in [true, false].into_iter().enumerate() {
            let ear = ear(&s, &port, active);
            let counts = |yes| {
                if yes {
                    Sighting::Traffic
                } else {
                    Sighting::Nothing
                }
            };
            // A stranger's ARP counts where nothing is validated.
            let stranger = arp(false, OTHER, TARGETS[0]);
            let saw = ear.arp(Trust::Answers, stranger, |ip| ip == OURS);
            assert_eq!(saw, counts(!validated[i]), "{validate:?} {active}");
            let saw = ear.frame(Kind::Discovery, &known, GATEWAY, true);
            assert_eq!(saw, counts(!validated[i]), "{validate:?} {active}");
            let nd = Nd {
                advertisement: false,
                src: OURS6,
                dst: TARGET6,
            };
            let saw = ear.nd(Trust::Answers, nd, |ip| ip == OURS6);
            assert_eq!(saw, counts(!validated[i]), "{validate:?} {active}");
            // Anything else where neither validation nor filter is on.
            let saw = ear.frame(Kind::Other, &known, GATEWAY, true);
            assert_eq!(saw, counts(traffic[i]), "{validate:?} {active}");
            // The target's answer counts as such where it is looked at.
            let answer = arp(true, TARGETS[1], OURS);
            let want = if validated[i] {
                Sighting::Answer(v4(1))
            } else {
                Sighting::Traffic
            };
            let saw = ear.arp(Trust::Answers, answer, |ip| ip == OURS);
            assert_eq!(saw, want, "{validate:?} {active}");
        }
    }
}

#[test]
fn arp_by_trust() {
    use Sighting::{Answer, Nothing, Request};
    let s = settings(Mode::ActiveBackup, ArpValidate::All);
    let port = started(&s, 0);
    let [one, two] = TARGETS;
    let cases = [
        // What the targets send to us, question or answer.
        (Trust::Answers, arp(true, one, OURS), Answer(v4(0))),
        (Trust::Answers, arp(true, two, OURS), Answer(v4(1))),
        (Trust::Answers, arp(false, two, OURS), Answer(v4(1))),
        // Not to others, not from others, not our own.
        (Trust::Answers, arp(true, one, OTHER), Nothing),
        (Trust::Answers, arp(true, OTHER, OURS), Nothing),
        (Trust::Answers, arp(false, OURS, one), Nothing),
        (Trust::Answers, arp(false, one, one), Nothing),
        (Trust::Answers, arp(true, [0; 4], OURS), Nothing),
        // Our own question, with sender and target swapped.
        (Trust::Requests, arp(false, OURS, one), Request(v4(0))),
        (Trust::Requests, arp(false, OURS, two), Request(v4(1))),
        (Trust::Requests, arp(false, OTHER, two), Nothing),
        (Trust::Requests, arp(false, OURS, OTHER), Nothing),
        (Trust::Requests, arp(true, one, OURS), Nothing),
        (Trust::Requests, arp(false, OURS, [0; 4]), Nothing),
        // Replies only.
        (Trust::Replies, arp(true, one, OURS), Answer(v4(0))),
        (Trust::Replies, arp(false, one, OURS), Nothing),
        (Trust::Replies, arp(false, OURS, one), Nothing),
        (Trust::Replies, arp(true, OTHER, OURS), Nothing),
        (Trust::Nothing, arp(true, one, OURS), Nothing),
        (Trust::Nothing, arp(false, OURS, one), Nothing),
    ];
    for (trust, packet, want) in cases {
        let saw = ear(&s, &port, false).arp(trust, packet, |ip| ip == OURS);
        assert_eq!(saw, want, "{trust:?} {packet:?}");
    }
}

#[test]
fn neighbor_discovery_by_trust() {
    use Sighting::{Answer, Nothing, Request};
    let s = settings(Mode::ActiveBackup, ArpValidate::All);
    let port = started(&s, 0);
    let na = |src, dst| Nd {
        advertisement: true,
        src,
        dst,
    };
    let ns = |src, dst| Nd {
        advertisement: false,
        src,
        dst,
    };
    let cases = [
        (Trust::Answers, na(TARGET6, OURS6), Answer(v6(0))),
        (Trust::Answers, na(TARGET6, ALL_NODES), Answer(v6(0))),
        (Trust::Answers, ns(TARGET6, OURS6), Answer(v6(0))),
        (Trust::Answers, na(SOLICITED, OURS6), Nothing),
        (Trust::Answers, na([0; 16], OURS6), Nothing),
        (Trust::Answers, na(OURS6, OURS6), Nothing),
        (Trust::Answers, na(TARGET6, SOLICITED), Nothing),
        (Trust::Answers, ns(OURS6, SOLICITED), Nothing),
        (Trust::Requests, ns(OURS6, SOLICITED), Request(v6(0))),
        (Trust::Requests, ns(OURS6, TARGET6), Request(v6(0))),
        (Trust::Requests, ns(TARGET6, SOLICITED), Nothing),
        (Trust::Requests, ns([0; 16], SOLICITED), Nothing),
        (Trust::Requests, ns(ALL_NODES, SOLICITED), Nothing),
        (Trust::Requests, ns(OURS6, ALL_NODES), Nothing),
        (Trust::Replies, na(TARGET6, OURS6), Answer(v6(0))),
        (Trust::Replies, na(TARGET6, ALL_NODES), Answer(v6(0))),
        (Trust::Replies, ns(TARGET6, OURS6), Nothing),
        (Trust::Nothing, na(TARGET6, OURS6), Nothing),
    ];
    for (trust, packet, want) in cases {
        let saw = ear(&s, &port, false).nd(trust, packet, |ip| ip == OURS6);
        assert_eq!(saw, want, "{trust:?} {packet:?}");
    }
}

#[test]
fn whom_to_believe() {
    let s = settings(Mode::ActiveBackup, ArpValidate::None);
    let ports = [started(&s, 0), started(&s, 0)];
    let [active, backup] = &ports;
    let trust = |active_port: Option<&Port>, ms| {
        ear(&s, backup, false).trust(active_port, ports.iter(), at(ms))
    };
    // The active slave believes answers.
    let own = ear(&s, active, true).trust(Some(active), ports.iter(), at(0));
    assert_eq!(own, Trust::Answers);
    // A backup believes nothing until the active slave was answered in its role.
    active.took_role(at(5000));
    active.saw(&s, Sighting::Traffic, at(5000));
    assert_eq!(trust(Some(active), 5100), Trust::Nothing);
    active.saw(&s, Sighting::Traffic, at(5200));
    assert_eq!(trust(Some(active), 5300), Trust::Requests);
    // Without an active slave nobody asks, and who has asked before does not count.
    active.sent(at(5300));
    assert_eq!(trust(None, 5300), Trust::Nothing);
}

#[test]
fn a_candidate_makes_others_believe_replies() {
    use lag::monitor::arp::{probe, Seat, Sink};
    use lag::monitor::mii::Transition;
    struct Silent;
    impl Sink for Silent {
        fn changed(&mut self, _: usize, _: Transition) {}
        fn probe(&mut self, slave: usize) {
            assert_eq!(slave, 1);
        }
    }
    let s = settings(Mode::ActiveBackup, ArpValidate::All);
    let ports = [started(&s, 0), started(&s, 0)];
    let seats = ports.iter().map(|port| Seat {
        port,
        carrier: true,
        active: false,
    });
    let trust = |i: usize, ms| ear(&s, &ports[i], false).trust(None, ports.iter(), at(ms));
    probe(&s, seats, at(9000), &mut Silent);
    // It has not sent yet.
    assert_eq!(trust(0, 9000), Trust::Nothing);
    ports[1].sent(at(9000));
    assert_eq!(trust(0, 9000), Trust::Replies);
    assert_eq!(trust(0, 10_500), Trust::Replies);
    assert_eq!(trust(0, 10_501), Trust::Nothing);
    // The candidate itself is active for the time being.
    assert_eq!(trust(1, 99_000), Trust::Answers);
}

#[test]
fn balanced_slaves_all_ask() {
    let s = settings(Mode::Xor, ArpValidate::All);
    let port = started(&s, 0);
    assert!(port.carrier_lost().is_some());
    let ear = ear(&s, &port, false);
    // Also the one that is down, or it would never come up again.
    let trust = ear.trust(None, [&port].into_iter(), at(0));
    assert_eq!(trust, Trust::Answers);
    let saw = ear.arp(trust, arp(true, TARGETS[0], OURS), |ip| ip == OURS);
    assert_eq!(saw, Sighting::Answer(v4(0)));
    // arp_validate takes it for a backup while it is down.
    let s = settings(Mode::Xor, ArpValidate::Active);
    let down = self::ear(&s, &port, false);
    let saw = down.frame(Kind::Other, &Known::new(), GATEWAY, true);
    assert_eq!(saw, Sighting::Traffic);
    port.start(&s, true, at(0));
    let saw = down.frame(Kind::Other, &Known::new(), GATEWAY, true);
    assert_eq!(saw, Sighting::Nothing);
}

#[test]
fn adaptive_takes_frames_from_the_targets() {
    for validate in [ArpValidate::None, ArpValidate::All, ArpValidate::Filter] {
        let s = adaptive(Mode::ActiveBackup, validate);
        let port = started(&s, 0);
        let known = Known::new();
        let counts = validate == ArpValidate::None;
        let unproven = if counts {
            Sighting::Traffic
        } else {
            Sighting::Nothing
        };
        let frame =
            |active, mac, to_bond| ear(&s, &port, active).frame(Kind::Other, &known, mac, to_bond);
        // The MAC has to be learnt first.
        assert_eq!(frame(true, GATEWAY, true), unproven);
        known.learn(v4(1), GATEWAY);
        assert_eq!(frame(true, GATEWAY, true), Sighting::Answer(v4(1)));
        // Not a stranger's, not what is sent to a group, not on a backup.
        assert_eq!(frame(true, Mac([2, 0, 0, 0, 0, 2]), true), unproven);
        assert_eq!(frame(true, GATEWAY, false), unproven);
        assert_eq!(frame(false, GATEWAY, true), unproven);
        // An answer is told apart even where nothing is validated.
        let answer = arp(true, TARGETS[0], OURS);
        let saw = ear(&s, &port, true).arp(Trust::Answers, answer, |ip| ip == OURS);
        assert_eq!(saw, Sighting::Answer(v4(0)));
    }
    // Off: it changes nothing.
    let s = settings(Mode::ActiveBackup, ArpValidate::None);
    let port = started(&s, 0);
    let known = Known::new();
    known.learn(v4(1), GATEWAY);
    let saw = ear(&s, &port, true).frame(Kind::Other, &known, GATEWAY, true);
    assert_eq!(saw, Sighting::Traffic);
}

#[test]
fn macs_of_targets() {
    let known = Known::new();
    let mac = |n| Mac([2, 0, 0, 0, 0, n]);
    assert_eq!(known.slot(Mac::ZERO), None);
    assert_eq!(known.slot(mac(1)), None);
    for bad in [Mac::ZERO, Mac::BROADCAST, Mac([1, 0, 0x5e, 0, 0, 1])] {
        known.learn(v4(3), bad);
        assert_eq!(known.slot(bad), None);
    }
    known.learn(v4(0), mac(1));
    known.learn(v6(15), mac(2));
    assert_eq!(known.slot(mac(1)), Some(v4(0)));
    assert_eq!(known.slot(mac(2)), Some(v6(15)));
    // A target moved to another machine.
    known.learn(v4(0), mac(3));
    assert_eq!(
        (known.slot(mac(1)), known.slot(mac(3))),
        (None, Some(v4(0)))
    );
}

#[test]
fn macs_follow_their_targets() {
    let mut p = params(Mode::ActiveBackup, ArpValidate::None);
    let old = Settings::of(&p, true).unwrap();
    let known = Known::new();
    let mac = |n| Mac([2, 0, 0, 0, 0, n]);
    known.learn(v4(0), mac(1));
    known.learn(v4(1), mac(2));
    known.learn(v6(0), mac(6));
    p.arp_targets.remove(TARGETS[0]).unwrap();
    p.arp_targets.add(OTHER).unwrap();
    known.retarget(&old, &Settings::of(&p, true).unwrap());
    assert_eq!(known.slot(mac(1)), None);
    assert_eq!(known.slot(mac(2)), Some(v4(0)));
    assert_eq!(known.slot(mac(6)), Some(v6(0)));
    // The new target's slot starts empty.
    known.learn(v4(1), mac(9));
    assert_eq!(known.slot(mac(9)), Some(v4(1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever is received: only a target, speaking to us, is an answer; only our own question
    /// to a target is a request; and a validated slave takes nothing else.
    #[test]
    fn nothing_else_is_believed(
        trust in prop::sample::select(vec![
            Trust::Answers, Trust::Requests, Trust::Replies, Trust::Nothing,
        ]),
        reply in any::<bool>(),
        sender in prop::sample::select(vec![OURS, TARGETS[0], TARGETS[1], OTHER, [0; 4], [255; 4]]),
        target in prop::sample::select(vec![OURS, TARGETS[0], TARGETS[1], OTHER, [0; 4], [255; 4]]),
        validate in prop::sample::select(ArpValidate::ALL.to_vec()),
        active in any::<bool>(),
    ) {
        let s = settings(Mode::ActiveBackup, validate);
        let port = started(&s, 0);
        let saw = ear(&s, &port, active).arp(trust, arp(reply, sender, target), |ip| ip == OURS);
        let bit = if active { 1 } else { 2 };
        match saw {
            Sighting::Traffic => prop_assert_eq!(validate.number() & bit, 0),
            Sighting::Answer(slot) => {
                prop_assert_eq!(TARGETS.get(slot.index()), Some(&sender));
                prop_assert_eq!(target, OURS);
                prop_assert!(trust == Trust::Answers || (trust == Trust::Replies && reply));
            }
            Sighting::Request(slot) => {
                prop_assert_eq!(TARGETS.get(slot.index()), Some(&target));
                prop_assert_eq!((trust, sender), (Trust::Requests, OURS));
            }
            Sighting::Nothing => prop_assert_ne!(validate.number() & bit, 0),
        }
    }
}
