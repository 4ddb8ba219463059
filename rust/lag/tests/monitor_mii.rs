// SPDX-License-Identifier: GPL-2.0

//! The MII monitor: each row of its table, and what holds whatever happens.

use lag::mode::Mode;
use lag::monitor::mii::{Delays, Link, Mii, Note, Transition, Waiver};
use lag::monitor::Status;
use lag::time::{Span, Time};
use proptest::prelude::*;

fn at(ms: u64) -> Time {
    Time(0) + Span::millis(ms)
}

fn delays(up: u64, down: u64) -> Delays {
    Delays {
        up: Span::millis(up),
        down: Span::millis(down),
    }
}

/// A waiver that holds, got the only way there is.
fn waived() -> Waiver {
    Waiver::of(Mode::ActiveBackup, false, 0)
}

fn link(carrier: bool, delays: Delays) -> Mii {
    Mii::new(carrier, delays, &mut Waiver::none(), at(0))
}

fn step(from: Status, to: Status, failure: bool, note: Option<Note>) -> Option<Transition> {
    Some(Transition {
        from,
        to,
        failure,
        note,
    })
}

#[test]
fn numbers_and_names_are_the_abi() {
    let all = [Status::Up, Status::Fail, Status::Down, Status::Back];
    assert_eq!(all.map(Status::number), [0, 1, 2, 3]);
    assert_eq!(
        all.map(Status::name),
        ["up", "going down", "down", "going back"]
    );
}

#[test]
fn without_delays_the_link_is_its_carrier() {
    let mut l = link(true, delays(0, 0));
    let none = &mut Waiver::none();
    assert_eq!(l.link(), Link::Up);
    assert_eq!(l.observe(true, none, at(1)), None);
    assert_eq!(
        l.observe(false, none, at(2)),
        step(Status::Up, Status::Down, true, None)
    );
    assert_eq!(l.observe(false, none, at(3)), None);
    assert_eq!(
        l.observe(true, none, at(4)),
        step(Status::Down, Status::Up, false, None)
    );
    assert_eq!(l.next_deadline(), None);
}

#[test]
fn downdelay_is_exact() {
    let none = &mut Waiver::none();
    let mut l = link(true, delays(0, 200));
    assert_eq!(
        l.observe(false, none, at(10)),
        step(
            Status::Up,
            Status::Fail,
            false,
            Some(Note::Disabling(Span::millis(200)))
        )
    );
    assert_eq!(l.next_deadline(), Some(at(210)));
    assert_eq!(l.tick(none, Time(at(210).0 - 1)), None);
    // A poll that sees the carrier still gone is as good as a tick, and does not start over.
    assert_eq!(l.observe(false, none, at(209)), None);
    assert_eq!(
        l.tick(none, at(210)),
        step(Status::Fail, Status::Down, true, None)
    );
    assert_eq!(l.tick(none, at(500)), None);
}

#[test]
fn carrier_back_within_downdelay() {
    let none = &mut Waiver::none();
    let mut l = link(true, delays(5000, 200));
    // The link is in use again with no updelay: it never went down.
    assert!(
        l.link()
            == Link::ComingUp {
                since: at(0),
                until: at(5000)
            }
    );
    l.tick(none, at(5000));
    l.observe(false, none, at(6000));
    assert_eq!(
        l.observe(true, none, at(6030)),
        step(
            Status::Fail,
            Status::Up,
            false,
            Some(Note::UpAgain(Span::millis(30)))
        )
    );
    assert_eq!(l.next_deadline(), None);
}

#[test]
fn updelay_is_exact() {
    let none = &mut Waiver::none();
    let mut l = link(false, delays(300, 0));
    assert_eq!(l.link(), Link::Down);
    assert_eq!(
        l.observe(true, none, at(50)),
        step(
            Status::Down,
            Status::Back,
            false,
            Some(Note::Enabling(Span::millis(300)))
        )
    );
    assert_eq!(l.observe(true, none, at(349)), None);
    assert_eq!(l.next_deadline(), Some(at(350)));
    assert_eq!(
        l.observe(true, none, at(350)),
        step(Status::Back, Status::Up, false, None)
    );
}

#[test]
fn carrier_lost_within_updelay_is_a_failure() {
    let none = &mut Waiver::none();
    let mut l = link(true, delays(300, 100));
    assert_eq!(
        l.observe(false, none, at(120)),
        step(
            Status::Back,
            Status::Down,
            true,
            Some(Note::DownAgain(Span::millis(120)))
        )
    );
    // The next return waits for the whole of updelay again.
    l.observe(true, none, at(130));
    assert_eq!(l.next_deadline(), Some(at(430)));
}

#[test]
fn a_bond_without_a_link_does_not_wait() {
    let mut waiver = waived();
    let mut first = link(false, delays(300, 0));
    let mut second = first;
    assert_eq!(
        first.observe(true, &mut waiver, at(10)),
        step(Status::Down, Status::Up, false, None)
    );
    // One link uses the waiver up.
    assert!(!waiver.holds());
    second.observe(true, &mut waiver, at(10));
    assert_eq!(second.status(), Status::Back);

    // And one that waits already is let go when the last usable link is lost.
    let mut waiver = waived();
    assert_eq!(
        second.tick(&mut waiver, at(20)),
        step(Status::Back, Status::Up, false, None)
    );
    assert!(!waiver.holds());

    // A slave that joins an empty bond is up at once.
    let l = Mii::new(true, delays(300, 0), &mut waived(), at(0));
    assert_eq!(l.link(), Link::Up);
}

#[test]
fn the_waiver_is_for_links_that_come_up() {
    let mut waiver = waived();
    let mut l = link(true, delays(0, 200));
    l.observe(false, &mut waiver, at(0));
    assert_eq!(l.status(), Status::Fail);
    l.observe(true, &mut waiver, at(1));
    assert_eq!(l.status(), Status::Up);
    assert!(waiver.holds());
}

#[test]
fn modes_that_waive_updelay() {
    let holds = |mode, active, usable| Waiver::of(mode, active, usable).holds();
    assert!(holds(Mode::ActiveBackup, false, 2));
    assert!(!holds(Mode::ActiveBackup, true, 0));
    for mode in [Mode::Xor, Mode::Lacp, Mode::Tlb, Mode::Alb] {
        assert!(holds(mode, true, 0), "{mode:?}");
        assert!(!holds(mode, false, 1), "{mode:?}");
    }
    // Broadcast keeps no table of usable slaves, and an empty one must not switch updelay off.
    for mode in [Mode::RoundRobin, Mode::Broadcast] {
        for usable in [0, 1, 2] {
            assert!(!holds(mode, false, usable), "{mode:?}");
        }
    }
}

#[test]
fn delays_change_under_way() {
    let none = &mut Waiver::none();
    let mut l = link(true, delays(1000, 0));
    l.set_delays(delays(100, 0));
    assert_eq!(l.next_deadline(), Some(at(100)));
    assert_eq!(l.tick(none, at(100)).map(|t| t.to), Some(Status::Up));
    l.set_delays(delays(100, 500));
    l.observe(false, none, at(200));
    l.set_delays(delays(100, 800));
    assert_eq!(l.tick(none, at(700)), None);
    assert_eq!(l.tick(none, at(1000)).map(|t| t.failure), Some(true));
}

#[test]
fn the_active_slave_skips_what_is_left_of_updelay() {
    let mut l = link(true, delays(1000, 0));
    assert_eq!(
        l.promote(at(400)),
        step(
            Status::Back,
            Status::Up,
            false,
            Some(Note::Early(Span::millis(600)))
        )
    );
    assert_eq!(l.promote(at(500)), None);
    l.observe(false, &mut Waiver::none(), at(600));
    assert_eq!(l.promote(at(700)), None);
    assert_eq!(l.status(), Status::Down);
}

#[test]
fn a_link_without_speed_is_tried_again() {
    let none = &mut Waiver::none();
    let mut l = link(true, delays(0, 0));
    assert_eq!(l.reject(), step(Status::Up, Status::Down, false, None));
    assert_eq!(l.reject(), None);
    assert_eq!(
        l.observe(true, none, at(100)),
        step(Status::Down, Status::Up, false, None)
    );
}

#[test]
fn notes_read_as_the_log_does() {
    let ms = Span::millis(30);
    let lines = [
        (
            Note::Disabling(ms),
            "link status down, disabling it in 30 ms",
        ),
        (Note::Enabling(ms), "link status up, enabling it in 30 ms"),
        (Note::UpAgain(ms), "link status up again after 30 ms"),
        (Note::DownAgain(ms), "link status down again after 30 ms"),
        (
            Note::Early(ms),
            "making interface the new active one 30 ms earlier",
        ),
    ];
    for (note, line) in lines {
        assert_eq!(note.to_string(), line);
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Carrier(bool),
    Tick,
    Poll,
    Delays(u64, u64),
    Promote,
    Reject,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => any::<bool>().prop_map(Event::Carrier),
        2 => Just(Event::Tick),
        2 => Just(Event::Poll),
        1 => (0u64..400, 0u64..400).prop_map(|(u, d)| Event::Delays(u, d)),
        1 => Just(Event::Promote),
        1 => Just(Event::Reject),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever comes: the states agree with the carrier, the delays are kept, the failures are
    /// the times the link went down.
    #[test]
    fn invariants(
        events in prop::collection::vec((event(), 0u64..300, any::<bool>()), 1..80),
        up in 0u64..400,
        down in 0u64..400,
    ) {
        let mut delays = delays(up, down);
        let mut carrier = false;
        let mut changed = at(0);
        let mut now = at(0);
        let mut l = Mii::new(false, delays, &mut Waiver::none(), now);
        let mut rejected = false;

        for (event, pass, waive) in events {
            now = now + Span::millis(pass);
            let mut waiver = if waive { waived() } else { Waiver::none() };
            let (before, due) = (l.status(), l.next_deadline());
            let (t, timed) = match event {
                Event::Carrier(c) => {
                    if c != carrier {
                        carrier = c;
                        changed = now;
                    }
                    (l.observe(c, &mut waiver, now), true)
                }
                Event::Tick => (l.tick(&mut waiver, now), true),
                Event::Poll => (l.observe(carrier, &mut waiver, now), true),
                Event::Delays(u, d) => {
                    delays = self::delays(u, d);
                    l.set_delays(delays);
                    (None, false)
                }
                Event::Promote => (l.promote(now), false),
                Event::Reject => {
                    rejected = carrier;
                    (l.reject(), false)
                }
            };
            if matches!(event, Event::Carrier(_) | Event::Poll) {
                rejected = false;
            }

            match t {
                Some(t) => {
                    prop_assert_eq!(t.from, before);
                    prop_assert_eq!(t.to, l.status());
                    prop_assert_ne!(t.from, t.to);
                    // A failure is a link that was not down and is now, and was not just refused.
                    let refused = matches!(event, Event::Reject);
                    prop_assert_eq!(t.failure, t.to == Status::Down && !refused);
                    // Only a link with its carrier goes up.
                    prop_assert!(t.to != Status::Up || carrier);
                    // The delays were kept, unless waived, cut short or the carrier changed.
                    let early = waive || matches!(event, Event::Promote | Event::Reject);
                    if !early && matches!((t.from, t.to),
                        (Status::Back, Status::Up) | (Status::Fail, Status::Down))
                    {
                        prop_assert!(due.is_some_and(|due| now >= due));
                    }
                    prop_assert!(waive || t.from != Status::Down || t.to != Status::Up
                        || delays.up == Span::ZERO);
                }
                None => prop_assert_eq!(l.status(), before),
            }

            match l.link() {
                Link::Up => prop_assert!(carrier),
                Link::Down => prop_assert!(!carrier || rejected),
                Link::GoingDown { since, until } => {
                    prop_assert!(!carrier);
                    prop_assert_eq!(since, changed);
                    prop_assert_eq!(until, since + delays.down);
                    prop_assert!(!timed || now < until);
                }
                Link::ComingUp { since, until } => {
                    prop_assert!(carrier);
                    prop_assert!(since >= changed);
                    prop_assert_eq!(until, since + delays.up);
                    prop_assert!(!timed || (now < until && !waive));
                }
            }
            prop_assert_eq!(l.next_deadline().is_some(),
                matches!(l.status(), Status::Fail | Status::Back));
        }
    }

    /// A link ends in the same state however often it is polled.
    #[test]
    fn polls_change_nothing(
        flips in prop::collection::vec(1u64..1000, 1..20),
        up in 0u64..800,
        down in 0u64..800,
        every in 1u64..100,
    ) {
        let run = |poll: Option<u64>| {
            let none = &mut Waiver::none();
            let mut l = link(false, delays(up, down));
            let mut carrier = false;
            let mut seen = Vec::new();
            let mut now = 0;
            for flip in &flips {
                let end = now + flip;
                // The driver's timer: first what falls due before the flip, in order.
                while now < end {
                    let due = l.next_deadline().map(|t| Span(t.0).as_millis());
                    let tick = due.filter(|&d| d < end);
                    let next = poll.map(|p| (now / p + 1) * p).filter(|&n| n < end);
                    match (tick, next) {
                        (Some(d), n) if n.is_none_or(|n| d <= n) => {
                            now = d;
                            seen.extend(l.tick(none, at(now)).map(|t| (now, t)));
                        }
                        (_, Some(n)) => {
                            now = n;
                            seen.extend(l.observe(carrier, none, at(now)).map(|t| (now, t)));
                        }
                        _ => now = end,
                    }
                }
                carrier = !carrier;
                seen.extend(l.observe(carrier, none, at(now)).map(|t| (now, t)));
            }
            seen
        };
        prop_assert_eq!(run(None), run(Some(every)));
    }
}
