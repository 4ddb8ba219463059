// SPDX-License-Identifier: GPL-2.0

//! Records: from octets to sentences, each once and in their order.

use std::collections::BTreeMap;

use cli::family::message::{attr, Fields};
use cli::family::Event;
use cli::history::follow::{Histories, Teller};
use cli::history::{merge, sentence, time, Line, Names, Next, Order, Record};
use cli::state::Trouble;
use lag::family::{record, ENUMS};
use lag::history::{Cause, What};
use lag::options::Opt;

const BOND: u32 = 5;

fn record(seq: u64, what: What, cause: Cause, from: u64, to: u64) -> Record {
    Record {
        bond_index: BOND,
        bond: "b0".to_string(),
        seq,
        monotonic: seq * 1_000,
        wall: 1_796_061_062_123_456_789 + seq,
        what: what.number().into(),
        cause: cause.number().into(),
        from,
        to,
        slave: None,
        option: None,
        reason: None,
    }
}

fn of_slave(what: What, cause: Cause, from: u64, to: u64) -> Record {
    Record {
        slave: Some((2, "eth0".to_string())),
        ..record(1, what, cause, from, to)
    }
}

fn of_option(option: Opt, from: u64, to: u64) -> Record {
    Record {
        option: Some(option.spec().name.to_string()),
        ..record(1, What::Option, Cause::User, from, to)
    }
}

fn of_lacp(what: What, from: u64, to: u64, reason: u64) -> Record {
    Record {
        reason: Some(reason),
        ..of_slave(what, Cause::Lacp, from, to)
    }
}

fn names() -> Names {
    Names::new([(2, "eth0".to_string()), (3, "eth1".to_string())])
}

fn says(record: &Record) -> String {
    sentence::of(record, &names())
}

#[test]
fn sentences_of_each_property() {
    for (record, text) in [
        (
            of_slave(What::Link, Cause::Carrier, 0, 2),
            "link up -> down, because of its carrier",
        ),
        (
            of_slave(What::Link, Cause::Carrier, 0, 1),
            "link up -> going down, because of its carrier",
        ),
        (
            of_slave(What::Link, Cause::Delay, 3, 0),
            "link coming up -> up, as updelay is over",
        ),
        (
            of_slave(What::Link, Cause::Delay, 1, 2),
            "link going down -> down, as downdelay is over",
        ),
        (
            of_slave(What::Link, Cause::Arp, 0, 2),
            "link up -> down, by ARP monitoring",
        ),
        (
            record(1, What::Active, Cause::Carrier, 2, 3),
            "active slave eth0 -> eth1, because of a carrier",
        ),
        (
            record(1, What::Active, Cause::Links, 0, 9),
            "active slave none -> interface 9, because of the links of its slaves",
        ),
        (
            record(1, What::Primary, Cause::User, 3, 0),
            "primary eth1 -> none, by request",
        ),
        (
            of_slave(What::Usability, Cause::Choice, 2, 0),
            "traffic distributing -> blocked, by the choice of the active slave",
        ),
        (
            of_lacp(What::Usability, 2, 0, 6),
            "traffic distributing -> blocked, by LACP: no LACP partner",
        ),
        (
            of_lacp(What::Usability, 0, 2, 6),
            "traffic blocked -> distributing, by LACP, without an agreement: no LACP partner",
        ),
        (
            of_lacp(What::Usability, 0, 2, 0),
            "traffic blocked -> distributing, by LACP",
        ),
        (
            of_lacp(What::Aggregator, 0, 2, 6),
            "aggregator none -> 2, by LACP",
        ),
        (
            record(1, What::ActiveAggregator, Cause::Lacp, 2, 0),
            "active aggregator 2 -> none: the whole aggregate is lost, by LACP",
        ),
        (
            of_lacp(What::Partner, 0, 0x0200_0000_0a01, 6),
            "LACP partner none -> 02:00:00:00:0a:01, by LACP",
        ),
        (
            of_lacp(What::Reason, 0, 2, 2),
            "not used by LACP: link is down",
        ),
        (
            of_lacp(What::Reason, 6, 8, 8),
            "not used by LACP: another aggregator is the active one; before: no LACP partner",
        ),
        (
            of_lacp(What::Reason, 6, 0, 0),
            "used by LACP; before: no LACP partner",
        ),
        (
            record(1, What::Carrier, Cause::Links, 1, 0),
            "carrier up -> down, because of the links of its slaves",
        ),
        (
            of_slave(What::Member, Cause::User, 0, 1),
            "joined the bond, by request",
        ),
        (
            of_slave(What::Member, Cause::Device, 1, 0),
            "left the bond, because the device has gone",
        ),
        (
            of_slave(What::Speed, Cause::Device, 0, 2500),
            "speed unknown -> 2.5 Gb/s, as its device says",
        ),
        (
            record(1, What::Xdp, Cause::User, 0, 1),
            "XDP program attached, by request",
        ),
        (
            of_option(Opt::Miimon, 0, 100),
            "option miimon off -> 100 ms, by request",
        ),
        (
            of_option(Opt::Mode, 0, 4),
            "option mode balance-rr -> 802.3ad, by request",
        ),
        (
            of_option(Opt::ArpTargets, 1, 2),
            "option arp_ip_target 1 address -> 2 addresses, by request",
        ),
        (
            of_option(Opt::ArpTargets, 1, 1),
            "option arp_ip_target set; 1 address as before, by request",
        ),
        (
            of_option(Opt::Primary, 0, 3),
            "option primary none -> eth1, by request",
        ),
        (
            of_option(Opt::AdActorSystem, 0, 0x0200_0000_0077),
            "option ad_actor_system none -> 02:00:00:00:00:77, by request",
        ),
        (
            of_option(Opt::Prio, 0, u64::from((-5i32) as u32)),
            "option prio 0 -> -5, by request",
        ),
    ] {
        assert_eq!(says(&record), text);
    }
}

#[test]
fn all_that_the_driver_can_say_has_words() {
    for what in What::ALL {
        for cause in Cause::ALL {
            let text = says(&of_slave(what, cause, 0, 1));
            assert!(!text.contains("does not know"), "{text}");
        }
    }
    for opt in Opt::ALL {
        let text = says(&of_option(*opt, 0, 1));
        assert!(
            text.starts_with(&format!("option {} ", opt.spec().name)),
            "{text}"
        );
    }
    let reasons = ENUMS
        .iter()
        .find(|e| e.name == "reason")
        .expect("it is there");
    for (word, number) in reasons.values {
        let number = u64::try_from(*number).expect("it is positive");
        let text = says(&of_lacp(What::Usability, 2, 0, number));
        let said = text.starts_with("traffic distributing -> blocked, by LACP: ");
        assert_eq!(said, *word != "none", "{text}");
        assert!(!text.contains("reason"), "{text}");
    }
    let mut tomorrow = record(1, What::Active, Cause::User, 1, 2);
    (tomorrow.what, tomorrow.cause) = (99, 98);
    assert_eq!(
        says(&tomorrow),
        "property 99, which this command does not know: 1 -> 2, cause 98, which this command does \
         not know"
    );
}

#[test]
fn lines() {
    let first = of_slave(What::Link, Cause::Carrier, 0, 2);
    let line = Line::Record(Box::new(first));
    assert_eq!(
        line.text(&names(), false),
        "2026-11-30 17:51:02.123  eth0  link up -> down, because of its carrier"
    );
    assert!(line.text(&names(), true).contains("  b0: eth0  link up"));
    let json: serde_json::Value = serde_json::from_str(&line.json(&names())).expect("it is JSON");
    assert_eq!(json["time"], "2026-11-30 17:51:02.123Z");
    assert_eq!(json["wall_ns"], 1_796_061_062_123_456_790_u64);
    assert_eq!(
        (&json["what"], &json["cause"]),
        (&"link".into(), &"carrier".into())
    );
    let lost = Line::Overwritten {
        bond: "b0".to_string(),
        first: 3,
        last: 12,
    };
    assert_eq!(
        lost.text(&names(), false),
        "-- records 3 to 12 of b0 have been overwritten by newer ones --"
    );
    assert_eq!(lost.json(&names()), r#"{"bond":"b0","overwritten":[3,12]}"#);
    let again = Line::Again {
        bond: None,
        after: 0,
    };
    assert!(again.text(&names(), true).contains("is read again"));
}

#[test]
fn days() {
    for (day, text) in [
        (0, "1970-01-01"),
        (59, "1970-03-01"),
        (11_016, "2000-02-29"),
        (11_017, "2000-03-01"),
        (20_787, "2026-11-30"),
        (47_540, "2100-02-28"),
        (47_541, "2100-03-01"),
    ] {
        assert_eq!(
            time(day * 86_400_000_000_000),
            format!("{text} 00:00:00.000")
        );
    }
}

#[test]
fn from_octets() {
    let word = |number, value: u32| attr(number, &value.to_ne_bytes());
    let row = [
        word(record::BOND, BOND),
        attr(record::SEQ, &7u32.to_ne_bytes()),
        attr(record::WALL, &(1u64 << 60).to_ne_bytes()),
        word(record::WHAT, What::Link.number().into()),
        word(record::TO, 2),
        word(record::SLAVE, 2),
        attr(record::IFNAME, b"eth0\0"),
        attr(record::BOND_IFNAME, b"b0\0"),
        // One of tomorrow.
        word(99, 1),
    ]
    .concat();
    let read = Record::read(&Fields::read(&record::SET, &row)).expect("it is whole");
    assert_eq!((read.seq, read.wall, read.to), (7, 1 << 60, 2));
    assert_eq!(read.slave, Some((2, "eth0".to_string())));
    // Cut off anywhere, it is less or nothing.
    for end in 0..row.len() {
        let _ = Record::read(&Fields::read(&record::SET, &row[..end]));
    }
    assert_eq!(Record::read(&Fields::default()), None);
}

/// Histories of bonds, of which the last 256 records can be read.
#[derive(Default)]
struct Fake(BTreeMap<u32, Vec<Record>>);

impl Fake {
    fn make(&mut self, bond: u32) -> Event {
        let all = self.0.entry(bond).or_default();
        let seq = all.len() as u64 + 1;
        let made = Record {
            bond_index: bond,
            ..record(seq, What::Carrier, Cause::Links, seq % 2, (seq + 1) % 2)
        };
        all.push(made.clone());
        Event::Record(Box::new(made))
    }
}

impl Histories for Fake {
    fn bonds(&mut self) -> Result<Vec<(u32, String)>, Trouble> {
        Ok(self
            .0
            .keys()
            .map(|bond| (*bond, "b0".to_string()))
            .collect())
    }

    fn history(&mut self, bond: u32, after: u64) -> Result<Option<Vec<Record>>, Trouble> {
        let all = self.0.get(&bond);
        Ok(all.map(|all| {
            let kept = all.iter().skip(all.len().saturating_sub(256));
            kept.filter(|record| record.seq > after).cloned().collect()
        }))
    }
}

/// Numbers of the records in lines; 0 for what is no record.
fn numbers(lines: &[Line]) -> Vec<u64> {
    let number = |line: &Line| match line {
        Line::Record(record) => record.seq,
        _ => 0,
    };
    lines.iter().map(number).collect()
}

#[test]
fn each_record_once() {
    let mut fake = Fake::default();
    let mut teller = Teller::new(None, 0, names());
    // Announced between the beginning of listening and the reading.
    let early: Vec<Event> = (0..3).map(|_| fake.make(BOND)).collect();
    assert_eq!(
        numbers(&teller.read(&mut fake).expect("it reads")),
        [1, 2, 3]
    );
    for event in early {
        assert!(teller.event(event, &mut fake).expect("it reads").is_empty());
    }
    let next = fake.make(BOND);
    assert_eq!(
        numbers(&teller.event(next, &mut fake).expect("it reads")),
        [4]
    );
    // Two announcements are missing.
    fake.make(BOND);
    fake.make(BOND);
    let late = fake.make(BOND);
    let lines = teller.event(late, &mut fake).expect("it reads");
    assert_eq!(numbers(&lines), [0, 5, 6, 7]);
    assert!(
        matches!(&lines[0], Line::Again { after: 4, .. }),
        "{lines:?}"
    );
    // More than the socket holds: some are in the history, and some are announced again.
    let queued: Vec<Event> = (0..5).map(|_| fake.make(BOND)).collect();
    let lines = teller.event(Event::Lost, &mut fake).expect("it reads");
    assert_eq!(numbers(&lines), [0, 8, 9, 10, 11, 12]);
    for event in queued {
        assert!(teller.event(event, &mut fake).expect("it reads").is_empty());
    }
    // More than the history holds.
    (0..300).for_each(|_| drop(fake.make(BOND)));
    let lines = teller.event(Event::Lost, &mut fake).expect("it reads");
    assert_eq!(
        lines[1],
        Line::Overwritten {
            bond: "b0".to_string(),
            first: 13,
            last: 56
        }
    );
    assert_eq!(numbers(&lines)[2..], (57..=312).collect::<Vec<u64>>());
    // A bond that was made later.
    let first = fake.make(6);
    assert_eq!(
        numbers(&teller.event(first, &mut fake).expect("it reads")),
        [1]
    );
    assert!(teller.event(Event::Gone, &mut fake).is_err());
}

#[test]
fn of_a_bond_that_has_gone() {
    let mut fake = Fake::default();
    let events: Vec<Event> = (0..3).map(|_| fake.make(BOND)).collect();
    fake.0.clear();
    let mut teller = Teller::new(Some(BOND), 0, names());
    let last = events.into_iter().next_back().expect("there are three");
    let lines = teller.event(last, &mut fake).expect("it reads");
    assert_eq!(numbers(&lines), [0, 0, 3]);
    assert!(matches!(
        &lines[1],
        Line::Overwritten {
            first: 1,
            last: 2,
            ..
        }
    ));
}

#[test]
fn of_one_bond_and_from_a_number() {
    let mut fake = Fake::default();
    (0..4).for_each(|_| drop(fake.make(BOND)));
    let other = fake.make(6);
    let mut teller = Teller::new(Some(BOND), 2, names());
    assert_eq!(numbers(&teller.read(&mut fake).expect("it reads")), [3, 4]);
    assert!(teller.event(other, &mut fake).expect("it reads").is_empty());
    let mut order = Order::default();
    assert_eq!(
        order.announced(&record(3, What::Xdp, Cause::User, 0, 1)),
        Next::Read(0)
    );
    order.since(BOND, 2);
    assert_eq!(
        order.announced(&record(3, What::Xdp, Cause::User, 0, 1)),
        Next::Tell
    );
    assert_eq!(
        order.announced(&record(3, What::Xdp, Cause::User, 0, 1)),
        Next::Known
    );
}

#[test]
fn bonds_are_merged_by_time() {
    let line = |at| {
        let made = record(at, What::Xdp, Cause::User, 0, 1);
        Line::Record(Box::new(made))
    };
    let lost = Line::Overwritten {
        bond: "b1".to_string(),
        first: 1,
        last: 2,
    };
    let merged = merge(vec![vec![line(1), line(5)], vec![lost, line(3), line(6)]]);
    assert_eq!(numbers(&merged), [1, 0, 3, 5, 6]);
}

#[test]
fn names_of_who_has_gone() {
    let mut known = Names::new([(2, "eth9".to_string())]);
    let left = of_slave(What::Member, Cause::User, 1, 0);
    known.learn_new(&left);
    assert_eq!(known.of(2), "eth9");
    known.learn(&left);
    assert_eq!(
        (known.of(2), known.of(0)),
        ("eth0".to_string(), "none".to_string())
    );
}
