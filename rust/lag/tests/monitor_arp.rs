// SPDX-License-Identifier: GPL-2.0

//! The ARP monitor's verdicts and probes: by cases, and against a plain model of the rules.

use lag::mode::Mode;
use lag::monitor::arp::{inspect, probe, Port, Rounds, Seat, Settings, Sighting, Sink, Slot};
use lag::monitor::mii::Transition;
use lag::monitor::Status;
use lag::options::{ArpAllTargets, ArpValidate, Params};
use lag::time::{Span, Time};
use proptest::prelude::*;

/// arp_interval of every test, in milliseconds.
const INTERVAL: u64 = 1000;

fn at(ms: u64) -> Time {
    Time(0) + Span::millis(ms)
}

fn params(mode: Mode, missed_max: u8) -> Params {
    let mut params = Params {
        mode,
        arp_interval: INTERVAL as u32,
        missed_max,
        ..Params::default()
    };
    params.arp_targets.add([10, 0, 0, 1]).unwrap();
    params
}

fn settings(mode: Mode, missed_max: u8) -> Settings {
    Settings::of(&params(mode, missed_max), false).unwrap()
}

#[derive(Default)]
struct Log {
    changes: Vec<(usize, Transition)>,
    probes: Vec<usize>,
}

impl Sink for Log {
    fn changed(&mut self, slave: usize, transition: Transition) {
        self.changes.push((slave, transition));
    }

    fn probe(&mut self, slave: usize) {
        self.probes.push(slave);
    }
}

impl Log {
    /// Changes of links: the slave, its new state, and whether it counts as a failure.
    fn changes(&self) -> Vec<(usize, Status, bool)> {
        let brief = |&(i, t): &(usize, Transition)| (i, t.to, t.failure);
        self.changes.iter().map(brief).collect()
    }
}

/// Ports with everything but the network.
struct Bench {
    settings: Settings,
    ports: Vec<Port>,
    carrier: Vec<bool>,
    active: Option<usize>,
}

impl Bench {
    fn new(settings: Settings, slaves: usize, active: Option<usize>) -> Bench {
        let ports: Vec<Port> = (0..slaves).map(|_| Port::new()).collect();
        for port in &ports {
            port.start(&settings, true, at(0));
        }
        Bench {
            settings,
            ports,
            carrier: vec![true; slaves],
            active,
        }
    }

    fn seats(&self) -> impl Iterator<Item = Seat<&Port>> + Clone {
        self.ports.iter().enumerate().map(|(i, port)| Seat {
            port,
            carrier: self.carrier[i],
            active: self.active == Some(i),
        })
    }

    fn inspect(&self, ms: u64) -> Log {
        let mut log = Log::default();
        inspect(&self.settings, self.seats(), at(ms), &mut log);
        log
    }

    fn probe(&self, ms: u64) -> Log {
        let mut log = Log::default();
        probe(&self.settings, self.seats(), at(ms), &mut log);
        for &i in &log.probes {
            self.ports[i].sent(at(ms));
        }
        log
    }

    fn hears(&self, slave: usize, ms: u64) {
        self.ports[slave].saw(&self.settings, Sighting::Traffic, at(ms));
    }

    fn status(&self) -> Vec<Status> {
        self.ports.iter().map(Port::status).collect()
    }
}

#[test]
fn there_is_a_monitor_only_where_it_can_work() {
    for mode in Mode::ALL {
        let some = Settings::of(&params(mode, 2), false).is_some();
        assert_eq!(some, mode.uses_arp_monitor(), "{mode:?}");
        let mut off = params(mode, 2);
        off.arp_interval = 0;
        assert_eq!(Settings::of(&off, false), None, "{mode:?}");
    }
}

#[test]
fn slots_end_at_sixteen_of_each() {
    assert_eq!(Slot::v4(0).map(Slot::index), Some(0));
    assert_eq!(Slot::v4(15).map(Slot::index), Some(15));
    assert_eq!(Slot::v4(16), None);
    assert_eq!(Slot::v6(0).map(Slot::index), Some(16));
    assert_eq!(Slot::v6(15).map(Slot::index), Some(31));
    assert_eq!(Slot::v6(16), None);
    assert_eq!(Slot::v6(usize::MAX), None);
    assert_eq!(Slot::v4(usize::MAX), None);
}

#[test]
fn rounds_come_every_interval() {
    let s = settings(Mode::Xor, 2);
    let rounds = Rounds::default();
    let due = |ms| rounds.due(&s, at(ms)).map(Span::as_millis);
    assert!(due(0).is_none() && rounds.next_deadline() == Time::NEVER);
    rounds.start(at(10));
    assert_eq!(due(9), None);
    assert_eq!(due(10), Some(0));
    assert_eq!(due(10), None);
    assert_eq!(rounds.next_deadline(), at(1010));
    // One that came late is not made up for.
    assert_eq!(
        [due(5000), due(5999), due(6000)],
        [Some(3990), None, Some(0)]
    );
    rounds.stop();
    assert_eq!(due(99_000), None);
}

#[test]
fn balanced_links_live_on_both_directions() {
    for (missed, limit) in [(1, 1500), (2, 2500), (255, 255_500)] {
        let b = Bench::new(settings(Mode::Xor, missed), 1, None);
        let (sent, heard) = (at(10_000), 11_000);
        b.ports[0].sent(at(11_000 + limit));
        b.hears(0, heard);
        assert_eq!(b.inspect(heard + limit).changes(), []);
        let down = [(0, Status::Down, true)];
        assert_eq!(b.inspect(heard + limit + 1).changes(), down);
        // It stays down, and that is no further failure.
        assert_eq!(b.inspect(heard + limit + 2).changes(), []);

        // The same for what it has sent.
        let b = Bench::new(settings(Mode::Xor, missed), 1, None);
        b.ports[0].sent(sent);
        b.hears(0, 10_000 + limit);
        assert_eq!(b.inspect(10_000 + limit).changes(), []);
        assert_eq!(b.inspect(10_000 + limit + 1).changes(), down);
    }
}

#[test]
fn balanced_links_come_up_within_one_interval() {
    let b = Bench::new(settings(Mode::RoundRobin, 5), 1, None);
    b.inspect(50_000);
    assert_eq!(b.status(), [Status::Down]);
    b.hears(0, 50_100);
    assert_eq!(b.inspect(50_200).changes(), []);
    b.ports[0].sent(at(50_200));
    assert_eq!(b.inspect(51_601).changes(), []);
    assert_eq!(b.inspect(51_600).changes(), [(0, Status::Up, false)]);
}

#[test]
fn every_balanced_slave_with_a_carrier_asks() {
    let mut b = Bench::new(settings(Mode::Broadcast, 2), 3, None);
    b.carrier[1] = false;
    assert_eq!(b.probe(0).probes, [0, 2]);
    b.inspect(90_000);
    assert_eq!(b.probe(90_000).probes, [0, 2]);
}

#[test]
fn no_link_is_up_without_carrier() {
    for mode in [Mode::RoundRobin, Mode::ActiveBackup] {
        let mut b = Bench::new(settings(mode, 2), 2, None);
        b.carrier[0] = false;
        // It was heard just now, and yet it is down; once.
        b.ports[0].sent(at(10));
        b.hears(0, 10);
        assert_eq!(b.inspect(20).changes(), [(0, Status::Down, true)]);
        assert_eq!(b.inspect(30).changes(), []);
        b.carrier[0] = true;
        assert_eq!(b.inspect(40).changes(), [(0, Status::Up, false)]);
        // The event itself does the same, once.
        let lost = b.ports[0].carrier_lost().unwrap();
        assert_eq!((lost.to, lost.failure), (Status::Down, true));
        assert_eq!(b.ports[0].carrier_lost(), None);
    }
}

#[test]
fn the_active_slave_has_missed_max_and_backups_one_more() {
    for missed in [1u8, 2, 7, 255] {
        let limit = u64::from(missed) * INTERVAL + INTERVAL / 2;
        let b = Bench::new(settings(Mode::ActiveBackup, missed), 2, Some(0));
        let base = 100_000;
        b.hears(0, base);
        b.hears(1, base);
        b.ports[0].sent(at(base + limit));
        assert_eq!(b.inspect(base + limit).changes(), []);
        let down = b.inspect(base + limit + 1).changes();
        assert_eq!(down, [(0, Status::Down, true)], "{missed}");
        assert_eq!(b.inspect(base + limit + INTERVAL).changes(), []);
        let down = b.inspect(base + limit + INTERVAL + 1).changes();
        assert_eq!(down, [(1, Status::Down, true)], "{missed}");
    }
    // An active slave that cannot send is no better than a deaf one.
    let b = Bench::new(settings(Mode::ActiveBackup, 2), 2, Some(0));
    b.ports[0].sent(at(100_000));
    b.hears(0, 102_501);
    b.hears(1, 102_501);
    assert_eq!(b.inspect(102_500).changes(), []);
    assert_eq!(b.inspect(102_501).changes(), [(0, Status::Down, true)]);
}

#[test]
fn a_new_role_gets_two_intervals() {
    let b = Bench::new(settings(Mode::ActiveBackup, 1), 1, Some(0));
    b.ports[0].took_role(at(50_000));
    assert_eq!(b.inspect(52_500).changes(), []);
    assert_eq!(b.inspect(52_501).changes(), [(0, Status::Down, true)]);
}

#[test]
fn only_the_active_slave_asks() {
    let b = Bench::new(settings(Mode::ActiveBackup, 2), 3, Some(1));
    assert_eq!(b.probe(0).probes, [1]);
}

#[test]
fn candidates_take_turns() {
    let mut b = Bench::new(settings(Mode::ActiveBackup, 2), 4, None);
    b.carrier[3] = false;
    b.inspect(90_000);
    assert_eq!(b.status(), [Status::Down; 4]);
    // Behind the first, past the one without carrier, around the end.
    let mut last = None;
    for (round, next) in (90..).zip([1, 2, 0, 1, 2]) {
        let log = b.inspect(round * INTERVAL);
        // Nothing heard: not failed, as it was not up.
        let want: Vec<_> = last.map(|i| (i, Status::Fail, false)).into_iter().collect();
        assert_eq!(log.changes(), want);
        let log = b.probe(round * INTERVAL);
        assert_eq!(log.changes(), [(next, Status::Back, false)]);
        assert_eq!(log.probes, [next]);
        let candidates: Vec<_> = b.ports.iter().map(Port::is_candidate).collect();
        assert_eq!(candidates.iter().filter(|&&c| c).count(), 1);
        assert!(candidates[next]);
        last = Some(next);
    }
    // The one that is heard is up and no candidate any more.
    b.hears(2, 94_900);
    assert_eq!(b.inspect(95_000).changes(), [(2, Status::Up, false)]);
    assert!(!b.ports.iter().any(Port::is_candidate));
}

#[test]
fn a_single_slave_is_its_own_successor() {
    let mut b = Bench::new(settings(Mode::ActiveBackup, 2), 1, None);
    b.inspect(90_000);
    assert_eq!(b.probe(90_000).probes, [0]);
    assert_eq!(b.probe(91_000).probes, [0]);
    b.carrier[0] = false;
    assert_eq!(b.probe(92_000).probes, []);
    let none = Bench::new(settings(Mode::ActiveBackup, 2), 0, None);
    assert_eq!(none.inspect(0).changes(), []);
    assert_eq!(none.probe(0).probes, []);
}

#[test]
fn a_slave_that_joins_ends_the_search() {
    let mut b = Bench::new(settings(Mode::ActiveBackup, 2), 2, None);
    b.inspect(90_000);
    b.probe(90_000);
    assert!(b.ports[1].is_candidate());
    // The search keeps backups from being judged.
    b.ports[0].start(&b.settings, true, at(90_100));
    b.active = Some(0);
    assert_eq!(b.inspect(91_000).changes(), [(1, Status::Fail, false)]);
    assert!(!b.ports[1].is_candidate());
    assert_eq!(b.probe(91_000).probes, [0]);
}

#[test]
fn backups_are_not_judged_during_a_search() {
    let mut b = Bench::new(settings(Mode::ActiveBackup, 1), 3, None);
    for i in [0, 1] {
        assert!(b.ports[i].carrier_lost().is_some());
    }
    b.probe(50_000);
    assert_eq!(b.ports[1].status(), Status::Back);
    assert_eq!(b.inspect(51_000).changes(), [(1, Status::Fail, false)]);
    // Slave 2 has been deaf for 50 s; without a search that is the end.
    assert_eq!(b.ports[2].status(), Status::Up);
    b.active = Some(0);
    b.inspect(52_000);
    assert_eq!(b.inspect(53_000).changes(), [(2, Status::Down, true)]);
}

#[test]
fn monitoring_starts_with_a_grace() {
    for mode in [Mode::RoundRobin, Mode::ActiveBackup] {
        let mut b = Bench::new(settings(mode, 2), 2, Some(0));
        b.carrier[1] = false;
        // As if nothing had been received for an hour before arp_interval was set.
        let hour = 3_600_000;
        b.ports[0].start(&b.settings, true, at(hour));
        b.ports[1].start(&b.settings, false, at(hour));
        assert_eq!(b.status(), [Status::Up, Status::Down]);
        for ms in [hour, hour + 1000] {
            assert_eq!(b.inspect(ms).changes(), []);
        }
    }
}

#[test]
fn all_targets_means_the_one_silent_longest() {
    let mut p = params(Mode::ActiveBackup, 2);
    p.arp_targets.add([10, 0, 0, 2]).unwrap();
    p.ns_targets.add([0xfe; 16]).unwrap();
    let slots = [Slot::v4(0), Slot::v4(1), Slot::v6(0)].map(Option::unwrap);
    let run = |p: &Params, silent: Option<usize>| {
        let b = Bench::new(Settings::of(p, false).unwrap(), 1, Some(0));
        for round in 1..20 {
            for (i, &slot) in slots.iter().enumerate() {
                if silent != Some(i) {
                    let saw = Sighting::Answer(slot);
                    b.ports[0].saw(&b.settings, saw, at(round * INTERVAL));
                }
            }
            b.ports[0].sent(at(round * INTERVAL));
        }
        b.inspect(19 * INTERVAL).changes()
    };
    let down = [(0, Status::Down, true)];
    p.arp_validate = ArpValidate::Active;
    for silent in 0..3 {
        p.arp_all_targets = ArpAllTargets::Any;
        assert_eq!(run(&p, Some(silent)), []);
        p.arp_all_targets = ArpAllTargets::All;
        assert_eq!(run(&p, Some(silent)), down);
        assert_eq!(run(&p, None), []);
    }
    // It is a matter of validation: without it nothing tells the targets apart.
    p.arp_validate = ArpValidate::Backup;
    assert_eq!(run(&p, Some(0)), []);
}

#[test]
fn targets_keep_their_history_when_others_go() {
    let mut p = params(Mode::ActiveBackup, 2);
    p.arp_validate = ArpValidate::All;
    p.arp_all_targets = ArpAllTargets::All;
    p.arp_targets.add([10, 0, 0, 2]).unwrap();
    let old = Settings::of(&p, false).unwrap();
    let b = Bench::new(old.clone(), 1, Some(0));
    // The first target is silent, the second is not.
    let hear = |s: &Settings, slot: usize, ms| {
        b.ports[0].saw(s, Sighting::Answer(Slot::v4(slot).unwrap()), at(ms));
        b.ports[0].sent(at(ms));
    };
    hear(&old, 1, 20_000);
    p.arp_targets.remove([10, 0, 0, 1]).unwrap();
    let new = Settings::of(&p, false).unwrap();
    let check = |s: &Settings, ms| {
        let mut log = Log::default();
        inspect(s, b.seats(), at(ms), &mut log);
        log.changes()
    };
    b.ports[0].retarget(&old, &new, at(20_100));
    assert_eq!(check(&new, 20_100), []);
    // A new one has as long as if it had just been heard.
    p.arp_targets.add([10, 0, 0, 3]).unwrap();
    let newer = Settings::of(&p, false).unwrap();
    b.ports[0].retarget(&new, &newer, at(21_000));
    hear(&newer, 0, 23_500);
    assert_eq!(check(&newer, 23_500), []);
    assert_eq!(check(&newer, 23_501), [(0, Status::Down, true)]);
}

#[test]
fn a_target_that_moves_up_stays_as_silent_as_it_was() {
    let mut p = params(Mode::ActiveBackup, 2);
    p.arp_validate = ArpValidate::All;
    p.arp_all_targets = ArpAllTargets::All;
    p.arp_targets.add([10, 0, 0, 2]).unwrap();
    p.ns_targets.add([1; 16]).unwrap();
    p.ns_targets.add([2; 16]).unwrap();
    let old = Settings::of(&p, false).unwrap();
    p.arp_targets.remove([10, 0, 0, 1]).unwrap();
    p.ns_targets.remove([1; 16]).unwrap();
    let new = Settings::of(&p, false).unwrap();
    for silent in [Slot::v4(1), Slot::v6(1)] {
        let b = Bench::new(old.clone(), 1, Some(0));
        for slot in [Slot::v4(0), Slot::v4(1), Slot::v6(0), Slot::v6(1)] {
            let ms = if slot == silent { 20_000 } else { 22_000 };
            let saw = Sighting::Answer(slot.unwrap());
            b.ports[0].saw(&old, saw, at(ms));
        }
        b.ports[0].sent(at(22_000));
        b.ports[0].retarget(&old, &new, at(22_000));
        let b = Bench {
            settings: new.clone(),
            ..b
        };
        assert_eq!(b.inspect(22_500).changes(), []);
        assert_eq!(b.inspect(22_501).changes(), [(0, Status::Down, true)]);
    }
}

#[test]
fn a_candidate_without_carrier_has_not_failed() {
    let mut b = Bench::new(settings(Mode::ActiveBackup, 2), 2, None);
    b.inspect(90_000);
    b.probe(90_000);
    assert_eq!(b.ports[1].status(), Status::Back);
    b.carrier[1] = false;
    assert_eq!(b.inspect(90_100).changes(), [(1, Status::Down, false)]);
    // It is the candidate still, until there is another; a new start ends that.
    assert!(b.ports[1].is_candidate());
    b.ports[1].start(&b.settings, true, at(90_200));
    assert!(!b.ports[1].is_candidate());
}

fn adaptive(mode: Mode, all: ArpAllTargets) -> Settings {
    let mut p = params(mode, 2);
    p.arp_all_targets = all;
    p.arp_targets.add([10, 0, 0, 2]).unwrap();
    Settings::of(&p, true).unwrap()
}

#[test]
fn adaptive_wants_one_target_or_all() {
    let slots = [Slot::v4(0), Slot::v4(1)].map(Option::unwrap);
    for (all, one_is_enough) in [(ArpAllTargets::Any, true), (ArpAllTargets::All, false)] {
        for mode in [Mode::ActiveBackup, Mode::Xor] {
            for slot in slots {
                let b = Bench::new(adaptive(mode, all), 1, Some(0));
                let saw = |slot| b.ports[0].saw(&b.settings, Sighting::Answer(slot), at(9500));
                saw(slot);
                assert_eq!(b.probe(10_000).probes.is_empty(), one_is_enough);
                slots.into_iter().for_each(saw);
                assert_eq!(b.probe(10_499).probes, []);
                // A whole interval of silence.
                assert_eq!(b.probe(10_500).probes, [0]);
            }
        }
    }
}

#[test]
fn adaptive_asks_after_a_failover() {
    let mut b = Bench::new(adaptive(Mode::ActiveBackup, ArpAllTargets::Any), 2, Some(0));
    // The backup has just heard the other one ask: that proves nothing for its own questions.
    let slot = Slot::v4(0).unwrap();
    b.ports[1].saw(&b.settings, Sighting::Request(slot), at(9990));
    b.active = Some(1);
    b.ports[1].took_role(at(10_000));
    assert_eq!(b.probe(10_000).probes, [1]);
}

#[test]
fn adaptive_asks_for_a_link_that_is_down() {
    let b = Bench::new(adaptive(Mode::Xor, ArpAllTargets::Any), 1, None);
    assert!(b.ports[0].carrier_lost().is_some());
    let slot = Slot::v4(0).unwrap();
    b.ports[0].saw(&b.settings, Sighting::Answer(slot), at(9990));
    assert_eq!(b.probe(10_000).probes, [0]);
}

#[test]
fn sixteen_targets_of_each_kind() {
    let mut p = params(Mode::ActiveBackup, 2);
    p.arp_validate = ArpValidate::All;
    p.arp_all_targets = ArpAllTargets::All;
    for i in 2..=16 {
        p.arp_targets.add([10, 0, 0, i]).unwrap();
    }
    for i in 1..=16 {
        p.ns_targets.add([i; 16]).unwrap();
    }
    assert!(p.arp_targets.add([10, 0, 0, 17]).is_err());
    let b = Bench::new(Settings::of(&p, false).unwrap(), 1, Some(0));
    let all = (0..16)
        .filter_map(Slot::v4)
        .chain((0..16).filter_map(Slot::v6));
    for slot in all.clone() {
        b.ports[0].saw(&b.settings, Sighting::Answer(slot), at(9000));
    }
    b.ports[0].sent(at(9000));
    assert_eq!(b.inspect(9000).changes(), []);
    // Each of the 32 counts.
    for deaf in all {
        b.ports[0].start(&b.settings, true, at(20_000));
        let others = (0..16)
            .filter_map(Slot::v4)
            .chain((0..16).filter_map(Slot::v6));
        for slot in others.filter(|&slot| slot != deaf) {
            b.ports[0].saw(&b.settings, Sighting::Answer(slot), at(29_000));
        }
        b.ports[0].sent(at(29_000));
        assert_eq!(b.inspect(29_000).changes(), [(0, Status::Down, true)]);
    }
}

#[test]
fn stamps_are_written_at_most_eight_times_an_interval() {
    use lag::monitor::arp::Seen;
    let seen = Seen::new();
    let mut writes = 0;
    let grain = settings(Mode::RoundRobin, 2).grain();
    assert_eq!(grain, Span::millis(INTERVAL / 8));
    for ms in 10_000..11_000 {
        let before = seen.last();
        seen.touch(at(ms), grain);
        writes += usize::from(seen.last() != before);
        assert!(at(ms) - seen.last() < grain);
    }
    assert_eq!(writes, 8);
    // A clock of another CPU that is behind writes nothing, and breaks nothing.
    let last = seen.last();
    seen.touch(at(5), grain);
    assert_eq!(seen.last(), last);
}

#[test]
fn the_end_of_time_and_wild_numbers_do_not_panic() {
    let mut p = params(Mode::ActiveBackup, 255);
    p.arp_interval = u32::MAX;
    for mode in [Mode::ActiveBackup, Mode::Xor] {
        p.mode = mode;
        let b = Bench::new(Settings::of(&p, true).unwrap(), 2, Some(0));
        for now in [0, 1, u64::MAX / 2, u64::MAX] {
            let mut log = Log::default();
            b.ports[0].saw(&b.settings, Sighting::Traffic, Time(now));
            b.ports[1].sent(Time(u64::MAX - now));
            inspect(&b.settings, b.seats(), Time(now), &mut log);
            probe(&b.settings, b.seats(), Time(now), &mut log);
        }
    }
}

// A plain model of the rules of active-backup and load balancing, in milliseconds, to compare
// with: each rule by itself, with none of the types.
struct Model {
    missed: u64,
    slaves: Vec<ModelSlave>,
    active: Option<usize>,
    candidate: Option<usize>,
}

#[derive(Clone)]
struct ModelSlave {
    link: Status,
    rx: u64,
    tx: u64,
    since: u64,
}

impl Model {
    fn near(last: u64, times: u64, now: u64) -> bool {
        now <= last + times * INTERVAL + INTERVAL / 2
    }

    /// One round; gives who was asked to probe.
    fn active_backup(&mut self, now: u64) -> Vec<usize> {
        let candidate = self.candidate;
        let mut proposed = vec![None; self.slaves.len()];
        for (i, s) in self.slaves.iter().enumerate() {
            let working = self.active == Some(i) || candidate == Some(i);
            proposed[i] = if s.link != Status::Up {
                if Model::near(s.rx, 1, now) {
                    Some(Status::Up)
                } else if s.link == Status::Back {
                    Some(Status::Fail)
                } else {
                    None
                }
            } else if Model::near(s.since, 2, now) {
                None
            } else if working {
                let near =
                    Model::near(s.tx, self.missed, now) && Model::near(s.rx, self.missed, now);
                (!near).then_some(Status::Down)
            } else if candidate.is_none() && !Model::near(s.rx, self.missed + 1, now) {
                Some(Status::Down)
            } else {
                None
            };
        }
        let mut failover = false;
        for (i, to) in proposed.into_iter().enumerate() {
            let Some(to) = to else { continue };
            self.slaves[i].link = to;
            match to {
                Status::Up => {
                    self.candidate = None;
                    failover |= self.active.is_none();
                }
                Status::Down => {
                    if self.active == Some(i) {
                        self.candidate = None;
                        failover = true;
                    }
                }
                _ => {
                    if self.active.is_some() {
                        self.candidate = None;
                    }
                }
            }
        }
        if failover {
            self.active = self.slaves.iter().position(|s| s.link == Status::Up);
            if let Some(a) = self.active {
                self.slaves[a].since = now;
            }
        }
        if let Some(a) = self.active {
            self.slaves[a].tx = now;
            return vec![a];
        }
        let n = self.slaves.len();
        let next = (self.candidate.unwrap_or(0) + 1) % n;
        self.slaves[next].link = Status::Back;
        self.slaves[next].since = now;
        self.slaves[next].tx = now;
        self.candidate = Some(next);
        vec![next]
    }

    fn balanced(&mut self, now: u64) -> Vec<usize> {
        for s in &mut self.slaves {
            let near = |times| Model::near(s.tx, times, now) && Model::near(s.rx, times, now);
            s.link = match s.link {
                Status::Up if !near(self.missed) => Status::Down,
                Status::Up => Status::Up,
                _ if near(1) => Status::Up,
                other => other,
            };
            s.tx = now;
        }
        (0..self.slaves.len()).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Rounds at odd times and slaves that hear now and then: the same links, candidate and
    /// probes as the model says, and as many failures as links that went from up to down.
    #[test]
    fn agrees_with_the_model(
        balanced in any::<bool>(),
        missed in 1u8..5,
        slaves in 1usize..5,
        rounds in prop::collection::vec((900u64..1300, prop::collection::vec(any::<u8>(), 4)), 1..60),
    ) {
        let mode = if balanced { Mode::RoundRobin } else { Mode::ActiveBackup };
        let mut b = Bench::new(settings(mode, missed), slaves, (!balanced).then_some(0));
        let mut now = 10_000;
        for port in &b.ports {
            port.start(&b.settings, true, at(now));
        }
        let fresh = ModelSlave {
            link: Status::Up, rx: now - INTERVAL, tx: now - INTERVAL, since: now,
        };
        let mut model = Model {
            missed: missed.into(),
            slaves: vec![fresh; slaves],
            active: b.active,
            candidate: None,
        };
        let mut failures = 0;
        let mut falls = 0;
        for (pass, heard) in rounds {
            for (i, heard) in heard.iter().enumerate().take(slaves) {
                // Once in the first half of the time that passes, or not at all.
                if heard & 3 == 0 {
                    let ms = now + u64::from(*heard) + 130;
                    b.hears(i, ms);
                    model.slaves[i].rx = ms;
                }
            }
            now += pass;
            let was: Vec<Status> = b.status();
            let log = b.inspect(now);
            failures += log.changes.iter().filter(|(_, t)| t.failure).count();
            let fell = |(was, is): (&Status, &Status)| *was == Status::Up && *is == Status::Down;
            falls += was.iter().zip(&b.status()).filter(|&p| fell(p)).count();
            for (i, t) in &log.changes {
                prop_assert_eq!(t.from, was[*i]);
                prop_assert_eq!(t.to, b.ports[*i].status());
            }
            if !balanced {
                // What the driver does between the halves.
                let gone = b.active.is_some_and(|a| b.ports[a].status() != Status::Up);
                if gone || b.active.is_none() {
                    b.active = b.ports.iter().position(|p| p.status() == Status::Up);
                    if let Some(a) = b.active {
                        b.ports[a].took_role(at(now));
                    }
                }
            }
            let probes = b.probe(now).probes;
            let want = if balanced { model.balanced(now) } else { model.active_backup(now) };
            prop_assert_eq!(probes, want);
            prop_assert_eq!(b.active, model.active);
            let links: Vec<Status> = model.slaves.iter().map(|s| s.link).collect();
            prop_assert_eq!(b.status(), links);
            let candidate = b.ports.iter().position(Port::is_candidate);
            if model.active.is_none() {
                prop_assert_eq!(candidate, model.candidate);
            } else {
                prop_assert_eq!(candidate, None);
            }
        }
        prop_assert_eq!(failures, falls);
    }
}
