// SPDX-License-Identifier: GPL-2.0

//! The ARP monitor on a network: slaves on a switch, a target behind it, and paths that fail.

use lag::mac::Mac;
use lag::mode::Mode;
use lag::monitor::arp::{
    excuse_lateness, inspect, probe, Arp, Ear, Kind, Known, Port, Rounds, Seat, Settings, Sighting,
    Sink, Trust,
};
use lag::monitor::mii::Transition;
use lag::monitor::Status;
use lag::options::{ArpValidate, Params};
use lag::time::{Span, Time};
use proptest::prelude::*;

const OURS: [u8; 4] = [10, 0, 0, 100];
const TARGET: [u8; 4] = [10, 0, 0, 1];
const GATEWAY: Mac = Mac([2, 0, 0, 0, 0, 1]);
const INTERVAL: u64 = 1000;
/// Time that the target takes to answer, in milliseconds.
const RTT: u64 = 7;
/// Time between frames of the target's own traffic, while it talks, in milliseconds.
const GAP: u64 = 50;

fn at(ms: u64) -> Time {
    Time(0) + Span::millis(ms)
}

/// One bond of some slaves, all on one switch.
struct Net {
    settings: Settings,
    balanced: bool,
    ports: Vec<Port>,
    known: Known,
    rounds: Rounds,
    active: Option<usize>,
    carrier: Vec<bool>,
    /// Frames pass between the slave and the switch.
    path: Vec<bool>,
    /// The target is there.
    target: bool,
    /// The target sends to the bond without being asked.
    talks: bool,
    /// Somebody else broadcasts ARP all the time.
    noise: bool,
    /// Frames on their way: when each arrives, where, and what it is.
    wire: Vec<(u64, usize, Arp)>,
    now: u64,
    /// The machine is busy: no round comes before that.
    busy_until: u64,
    probes: usize,
    failures: usize,
    failovers: usize,
}

impl Net {
    fn new(mode: Mode, slaves: usize, validate: ArpValidate, adaptive: bool) -> Net {
        let mut params = Params {
            mode,
            arp_interval: INTERVAL as u32,
            arp_validate: validate,
            ..Params::default()
        };
        params.arp_targets.add(TARGET).unwrap();
        let settings = Settings::of(&params, adaptive).unwrap();
        let ports: Vec<Port> = (0..slaves).map(|_| Port::new()).collect();
        for port in &ports {
            port.start(&settings, true, at(0));
        }
        let rounds = Rounds::default();
        rounds.start(at(0));
        Net {
            settings,
            balanced: mode != Mode::ActiveBackup,
            ports,
            known: Known::new(),
            rounds,
            active: (mode == Mode::ActiveBackup).then_some(0),
            carrier: vec![true; slaves],
            path: vec![true; slaves],
            target: true,
            talks: false,
            noise: false,
            wire: Vec::new(),
            now: 0,
            busy_until: 0,
            probes: 0,
            failures: 0,
            failovers: 0,
        }
    }

    fn ear(&self, slave: usize) -> Ear<'_> {
        Ear {
            settings: &self.settings,
            port: &self.ports[slave],
            active: self.active == Some(slave),
        }
    }

    fn trust(&self, slave: usize) -> Trust {
        let active = self.active.map(|a| &self.ports[a]);
        self.ear(slave)
            .trust(active, self.ports.iter(), at(self.now))
    }

    fn arrives(&self, slave: usize, arp: Arp) {
        if !self.path[slave] || !self.carrier[slave] {
            return;
        }
        let saw = self.ear(slave).arp(self.trust(slave), arp, |ip| ip == OURS);
        if let Sighting::Answer(slot) = saw {
            self.known.learn(slot, GATEWAY);
        }
        self.ports[slave].saw(&self.settings, saw, at(self.now));
    }

    fn reselect(&mut self) {
        let up = |&i: &usize| self.ports[i].status() == Status::Up;
        if !self.balanced && self.active.filter(up).is_none() {
            self.active = (0..self.ports.len()).find(up);
            if let Some(active) = self.active {
                self.failovers += 1;
                self.ports[active].took_role(at(self.now));
            }
        }
    }

    fn set_carrier(&mut self, slave: usize, carrier: bool) {
        self.carrier[slave] = carrier;
        if !carrier {
            let lost = self.ports[slave].carrier_lost();
            self.failures += usize::from(lost.is_some_and(|t| t.failure));
            self.reselect();
        }
    }

    fn seats(&self) -> impl Iterator<Item = Seat<&Port>> + Clone {
        self.ports.iter().enumerate().map(|(i, port)| Seat {
            port,
            carrier: self.carrier[i],
            active: self.active == Some(i),
        })
    }

    fn round(&mut self, late: Span) {
        let mut done = Done::default();
        excuse_lateness(&self.settings, self.seats(), late, at(self.now));
        inspect(&self.settings, self.seats(), at(self.now), &mut done);
        self.reselect();
        probe(&self.settings, self.seats(), at(self.now), &mut done);
        self.failures += done.failures;
        self.probes += done.probes.len();
        for slave in done.probes {
            self.ports[slave].sent(at(self.now));
            self.ask(slave);
        }
    }

    fn ask(&mut self, slave: usize) {
        if !self.path[slave] || !self.carrier[slave] {
            return;
        }
        let question = Arp {
            reply: false,
            sender: OURS,
            target: TARGET,
        };
        for other in (0..self.ports.len()).filter(|&other| other != slave) {
            self.wire.push((self.now + 1, other, question));
        }
        if self.target {
            let answer = Arp {
                reply: true,
                sender: TARGET,
                target: OURS,
            };
            self.wire.push((self.now + RTT, slave, answer));
        }
    }

    /// The target's own frames come in: by the active slave, or by any in turn.
    fn talk(&self) {
        let slaves = self.ports.len();
        let to = self.active.unwrap_or((self.now / GAP) as usize % slaves);
        if self.target
            && self.path[to]
            && self.carrier[to]
            && (self.balanced || self.active.is_some())
        {
            let saw = self.ear(to).frame(Kind::Other, &self.known, GATEWAY, true);
            self.ports[to].saw(&self.settings, saw, at(self.now));
        }
    }

    /// Lets `ms` pass.
    fn run(&mut self, ms: u64) {
        for _ in 0..ms {
            self.now += 1;
            let (now, mut wire) = (self.now, std::mem::take(&mut self.wire));
            wire.retain(|&(when, slave, arp)| {
                if when == now {
                    self.arrives(slave, arp);
                }
                when != now
            });
            self.wire = wire;
            if self.talks && now % GAP == 0 {
                self.talk();
            }
            if self.noise && now % 100 == 0 {
                let stranger = Arp {
                    reply: false,
                    sender: [10, 0, 0, 55],
                    target: [10, 0, 0, 56],
                };
                for slave in 0..self.ports.len() {
                    self.arrives(slave, stranger);
                }
            }
            if now < self.busy_until {
                continue;
            }
            if let Some(late) = self.rounds.due(&self.settings, at(now)) {
                self.round(late);
            }
        }
    }

    fn status(&self) -> Vec<Status> {
        self.ports.iter().map(Port::status).collect()
    }
}

#[derive(Default)]
struct Done {
    failures: usize,
    probes: Vec<usize>,
}

impl Sink for Done {
    fn changed(&mut self, _: usize, transition: Transition) {
        self.failures += usize::from(transition.failure);
    }

    fn probe(&mut self, slave: usize) {
        self.probes.push(slave);
    }
}

const VALIDATES: [ArpValidate; 7] = [
    ArpValidate::None,
    ArpValidate::Active,
    ArpValidate::Backup,
    ArpValidate::All,
    ArpValidate::Filter,
    ArpValidate::FilterActive,
    ArpValidate::FilterBackup,
];

#[test]
fn a_good_network_is_left_alone() {
    for validate in VALIDATES {
        for mode in [
            Mode::ActiveBackup,
            Mode::RoundRobin,
            Mode::Xor,
            Mode::Broadcast,
        ] {
            let mut net = Net::new(mode, 3, validate, false);
            net.run(60 * INTERVAL);
            assert_eq!(net.status(), [Status::Up; 3], "{mode:?} {validate:?}");
            assert_eq!((net.failures, net.failovers), (0, 0));
            let asking = if mode == Mode::ActiveBackup { 1 } else { 3 };
            assert_eq!(net.probes, 60 * asking, "{mode:?} {validate:?}");
        }
    }
}

#[test]
fn a_path_that_fails_is_left_within_missed_max() {
    for validate in VALIDATES {
        let mut net = Net::new(Mode::ActiveBackup, 2, validate, false);
        net.run(10 * INTERVAL);
        net.path[0] = false;
        net.run(4 * INTERVAL);
        assert_eq!(net.active, Some(1), "{validate:?}");
        assert_eq!((net.failures, net.failovers), (1, 1), "{validate:?}");
        net.run(20 * INTERVAL);
        let want = [Status::Down, Status::Up];
        assert_eq!(net.status(), want, "{validate:?}");
        assert_eq!((net.failures, net.failovers), (1, 1), "{validate:?}");
        // It is back as soon as it hears the active slave ask.
        net.path[0] = true;
        net.run(3 * INTERVAL);
        assert_eq!(net.status(), [Status::Up; 2], "{validate:?}");
        assert_eq!(net.active, Some(1));
    }
}

#[test]
fn a_second_backup_may_fail_with_the_first_path() {
    // Validated, it believes the new active slave only once that is answered: too late for the
    // first question, and by the second its patience is over. As in native bonding.
    for (validate, failures) in [(ArpValidate::Active, 1), (ArpValidate::All, 2)] {
        let mut net = Net::new(Mode::ActiveBackup, 3, validate, false);
        net.run(10 * INTERVAL);
        net.path[0] = false;
        net.run(10 * INTERVAL);
        assert_eq!(net.status(), [Status::Down, Status::Up, Status::Up]);
        assert_eq!((net.failures, net.failovers), (failures, 1), "{validate:?}");
    }
}

#[test]
fn a_lost_carrier_is_left_at_once() {
    let mut net = Net::new(Mode::ActiveBackup, 2, ArpValidate::All, false);
    net.run(10 * INTERVAL + 300);
    net.set_carrier(0, false);
    assert_eq!((net.active, net.failures), (Some(1), 1));
    net.run(10 * INTERVAL);
    assert_eq!(net.status(), [Status::Down, Status::Up]);
    assert_eq!(net.failures, 1);
}

#[test]
fn a_target_that_fails_is_searched_on_every_slave() {
    let mut net = Net::new(Mode::ActiveBackup, 3, ArpValidate::All, false);
    net.run(10 * INTERVAL);
    net.target = false;
    net.run(30 * INTERVAL);
    // The bond's own questions come back through the switch, and keep no link up.
    assert_eq!(net.active, None);
    assert!(!net.status().contains(&Status::Up));
    // One candidate at a time, and every slave has its turn.
    let mut tried = [0; 3];
    for _ in 0..6 {
        net.run(INTERVAL);
        let candidates: Vec<_> = (0..3).filter(|&i| net.ports[i].is_candidate()).collect();
        assert_eq!(candidates.len(), 1);
        assert_eq!(net.ports[candidates[0]].status(), Status::Back);
        tried[candidates[0]] += 1;
    }
    assert_eq!(tried, [2; 3]);
    let failures = net.failures;
    net.target = true;
    net.run(6 * INTERVAL);
    assert!(net.active.is_some());
    assert_eq!(net.status(), [Status::Up; 3]);
    assert_eq!(net.failures, failures);
}

#[test]
fn strangers_fool_only_those_who_do_not_validate() {
    for validate in VALIDATES {
        let mut net = Net::new(Mode::ActiveBackup, 2, validate, false);
        net.noise = true;
        net.run(10 * INTERVAL);
        net.target = false;
        net.run(30 * INTERVAL);
        let fooled = validate.number() & 1 == 0;
        assert_eq!(
            net.active.is_some() && net.failures == 0,
            fooled,
            "{validate:?}"
        );
    }
}

#[test]
fn balanced_links_fail_and_come_back_each_by_itself() {
    for validate in VALIDATES {
        let mut net = Net::new(Mode::RoundRobin, 3, validate, false);
        net.run(10 * INTERVAL);
        net.path[1] = false;
        net.run(4 * INTERVAL);
        let want = [Status::Up, Status::Down, Status::Up];
        assert_eq!(net.status(), want, "{validate:?}");
        net.path[1] = true;
        net.run(3 * INTERVAL);
        assert_eq!(net.status(), [Status::Up; 3], "{validate:?}");
        assert_eq!(net.failures, 1);
    }
}

#[test]
fn adaptive_is_silent_while_the_target_talks() {
    for validate in VALIDATES {
        for (mode, asking) in [(Mode::ActiveBackup, 1), (Mode::Xor, 3)] {
            let mut net = Net::new(mode, 3, validate, true);
            net.talks = true;
            net.run(5 * INTERVAL);
            let before = net.probes;
            net.run(100 * INTERVAL);
            assert_eq!(net.probes, before, "{mode:?} {validate:?}");
            assert_eq!(net.status(), [Status::Up; 3], "{mode:?} {validate:?}");
            // The target falls silent: after an interval it is asked, and nothing is lost.
            net.talks = false;
            net.run(2 * INTERVAL);
            assert!(net.probes > before, "{mode:?} {validate:?}");
            net.run(18 * INTERVAL);
            assert_eq!(
                (net.failures, net.failovers),
                (0, 0),
                "{mode:?} {validate:?}"
            );
            // Answers alone are not silence enough to stop for long: one round in two asks.
            assert!(net.probes - before >= 9 * asking, "{mode:?} {validate:?}");
        }
    }
}

#[test]
fn adaptive_finds_a_dead_path_one_interval_later_at_most() {
    for phase in (0..INTERVAL).step_by(90) {
        for validate in VALIDATES {
            let mut net = Net::new(Mode::ActiveBackup, 2, validate, true);
            net.talks = true;
            net.run(10 * INTERVAL + phase);
            net.path[0] = false;
            net.run(5 * INTERVAL);
            assert_eq!(net.active, Some(1), "{phase} {validate:?}");
            assert_eq!(
                (net.failures, net.failovers),
                (1, 1),
                "{phase} {validate:?}"
            );
            // The new active slave is asked at once, not believed on what it overheard.
            net.run(10 * INTERVAL);
            let want = [Status::Down, Status::Up];
            assert_eq!(net.status(), want, "{phase} {validate:?}");
        }
    }
}

#[test]
fn adaptive_survives_traffic_that_comes_and_goes() {
    for (mode, missed) in [
        (Mode::ActiveBackup, 1),
        (Mode::ActiveBackup, 2),
        (Mode::Xor, 1),
        (Mode::Xor, 2),
    ] {
        for pause in (100..4000).step_by(170) {
            let mut params = Params {
                mode,
                arp_interval: INTERVAL as u32,
                arp_validate: ArpValidate::All,
                missed_max: missed,
                ..Params::default()
            };
            params.arp_targets.add(TARGET).unwrap();
            let mut net = Net::new(mode, 2, ArpValidate::All, true);
            net.settings = Settings::of(&params, true).unwrap();
            for _ in 0..10 {
                net.talks = true;
                net.run(2300);
                net.talks = false;
                net.run(pause);
            }
            assert_eq!(
                (net.failures, net.failovers),
                (0, 0),
                "{mode:?} {missed} {pause}"
            );
            assert_eq!(net.status(), [Status::Up; 2], "{mode:?} {missed} {pause}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// The machine is busy at any time and for any length: no link of a good network is failed, and a
    /// path that is dead is left within its intervals of quiet all the same.
    #[test]
    fn a_round_that_is_late_is_no_round_without_an_answer(
        validate in prop::sample::select(VALIDATES.to_vec()),
        mode in prop::sample::select(vec![Mode::ActiveBackup, Mode::RoundRobin]),
        adaptive in any::<bool>(),
        pauses in prop::collection::vec((0u64..12_000, 1u64..3000), 1..12),
    ) {
        let mut net = Net::new(mode, 3, validate, adaptive);
        net.run(5000);
        for (busy, quiet) in pauses {
            net.busy_until = net.now + busy;
            net.run(busy + quiet);
            prop_assert_eq!((net.failures, net.failovers), (0, 0));
        }
        net.run(5000);
        net.path[0] = false;
        net.busy_until = net.now + 2500;
        net.run(2500 + 5 * INTERVAL);
        prop_assert_eq!(net.ports[0].status(), Status::Down);
    }

    /// Whatever fails and comes back in whatever order: never two candidates, no link up without
    /// carrier, and when all is well again every link is up and the bond has an active slave.
    #[test]
    fn recovers_from_anything(
        validate in prop::sample::select(VALIDATES.to_vec()),
        balanced in any::<bool>(),
        adaptive in any::<bool>(),
        talks in any::<bool>(),
        events in prop::collection::vec((0u8..4, 0usize..3, any::<bool>(), 1u64..4000), 1..15),
    ) {
        let mode = if balanced { Mode::RoundRobin } else { Mode::ActiveBackup };
        let mut net = Net::new(mode, 3, validate, adaptive);
        net.talks = talks;
        for (what, slave, on, ms) in events {
            match what {
                0 => net.path[slave] = on,
                1 => net.set_carrier(slave, on),
                2 => net.target = on,
                _ => net.talks = on,
            }
            net.run(ms);
            let candidates = net.ports.iter().filter(|p| p.is_candidate()).count();
            prop_assert!(candidates <= 1);
            prop_assert!(candidates == 0 || !balanced);
            for (port, &carrier) in net.ports.iter().zip(&net.carrier) {
                prop_assert!(carrier || port.status() != Status::Up);
            }
            if let Some(active) = net.active {
                prop_assert_eq!(net.ports[active].status(), Status::Up);
            }
        }
        net.path = vec![true; 3];
        net.target = true;
        for slave in 0..3 {
            net.set_carrier(slave, true);
        }
        net.talks = false;
        net.run(12 * INTERVAL);
        prop_assert_eq!(net.status(), [Status::Up; 3]);
        prop_assert!(balanced || net.active.is_some());
        let (failures, failovers) = (net.failures, net.failovers);
        net.run(20 * INTERVAL);
        prop_assert_eq!((net.failures, net.failovers), (failures, failovers));
    }
}
