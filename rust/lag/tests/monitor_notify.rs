// SPDX-License-Identifier: GPL-2.0

//! Bursts of notifications: as many as were asked for, no matter what happens meanwhile.

use lag::mode::Mode;
use lag::monitor::notify::{reports_groups, tells_peers, tells_peers_of_port, Burst, Spacing};
use lag::time::{Span, Time};
use proptest::prelude::*;

fn at(ms: u64) -> Time {
    Time(0) + Span::millis(ms)
}

fn every(ms: u64) -> Spacing {
    Spacing::peers(Span::millis(ms), Span::ZERO, Span::ZERO)
}

/// Runs the burst by its own deadlines and tells when something was sent.
fn run(burst: &mut Burst, ready: bool, spacing: Spacing, until: u64) -> Vec<u64> {
    let mut sent = Vec::new();
    while let Some(t) = burst.next_deadline().filter(|&t| t <= at(until)) {
        if burst.tick(ready, spacing, t) {
            sent.push(Span(t.0).as_millis());
        }
    }
    sent
}

#[test]
fn counts_are_kept() {
    // (count, spacing, when they go)
    let cases: [(u8, Spacing, &[u64]); 5] = [
        (0, every(100), &[]),
        (1, every(100), &[1000]),
        (3, every(100), &[1000, 1100, 1200]),
        (3, every(1), &[1000, 1001, 1002]),
        (4, Spacing::IGMP, &[1000, 1200, 1400, 1600]),
    ];
    for (count, spacing, times) in cases {
        let mut b = Burst::default();
        b.start(count, at(1000));
        assert_eq!(b.left(), count);
        assert_eq!(run(&mut b, true, spacing, 100_000), times);
        assert_eq!((b, b.left()), (Burst::Idle, 0));
    }
}

#[test]
fn the_largest_counts_and_delays_do_not_overflow() {
    // 255 notifications, peer_notif_delay 300000 ms, its largest.
    let mut b = Burst::default();
    b.start(255, at(0));
    assert_eq!(
        run(&mut b, true, every(300_000), u64::MAX / 2_000_000).len(),
        255
    );
    // At the end of time the rest never comes, and nothing panics.
    b.start(255, Time(u64::MAX - 1));
    assert!(b.tick(true, every(300_000), Time(u64::MAX - 1)));
    assert_eq!(b.next_deadline(), Some(Time(u64::MAX)));
}

#[test]
fn a_new_failover_starts_anew() {
    let mut b = Burst::default();
    b.start(3, at(0));
    assert_eq!(run(&mut b, true, every(100), 150), [0, 100]);
    b.start(3, at(150));
    assert_eq!(run(&mut b, true, every(100), 1000), [150, 250, 350]);
    // num_grat_arp was set to 0 meanwhile: the old burst does not go on.
    b.start(3, at(2000));
    assert_eq!(run(&mut b, true, every(100), 2000), [2000]);
    b.start(0, at(2050));
    assert_eq!(run(&mut b, true, every(100), 9000), []);
}

#[test]
fn two_failovers_in_one_moment_send_one_burst() {
    let mut b = Burst::default();
    b.start(2, at(0));
    b.start(2, at(0));
    assert_eq!(run(&mut b, true, every(10), 1000), [0, 10]);
}

#[test]
fn an_announcement_that_cannot_go_out_is_held() {
    let mut b = Burst::default();
    b.start(2, at(0));
    assert_eq!(run(&mut b, false, every(100), 1000), []);
    assert_eq!(b.left(), 2);
    assert_eq!(b.next_deadline(), Some(at(1100)));
    // The carrier comes: at once, not at the next try.
    assert!(b.tick(true, every(100), at(1010)));
    // But the second keeps its distance.
    assert!(!b.tick(true, every(100), at(1020)));
    assert_eq!(run(&mut b, true, every(100), 9000), [1110]);
}

#[test]
fn a_closed_bond_sends_nothing() {
    let mut b = Burst::default();
    b.start(5, at(0));
    b.stop();
    assert_eq!(run(&mut b, true, every(1), 1000), []);
}

#[test]
fn spacing_comes_from_the_options() {
    let ms = Span::millis;
    let cases = [
        ((500, 100, 0), 500),
        ((0, 100, 0), 100),
        ((0, 0, 1000), 1000),
        ((0, 0, 0), 100),
    ];
    for ((delay, miimon, arp), want) in cases {
        let spacing = Spacing::peers(ms(delay), ms(miimon), ms(arp));
        assert_eq!(spacing.span(), ms(want));
    }
    assert_eq!(Spacing::IGMP.span(), ms(200));
}

#[test]
fn modes_that_notify_of_a_failover() {
    let peers: Vec<Mode> = Mode::ALL.into_iter().filter(|&m| tells_peers(m)).collect();
    assert_eq!(peers, [Mode::ActiveBackup]);
    for mode in Mode::ALL {
        assert_eq!(tells_peers_of_port(mode, true), mode == Mode::Lacp);
        assert!(!tells_peers_of_port(mode, false));
    }
    for mode in Mode::ALL {
        let uses_primary = matches!(mode, Mode::ActiveBackup | Mode::Tlb | Mode::Alb);
        let rr = mode == Mode::RoundRobin;
        assert_eq!(reports_groups(mode, true), uses_primary || rr, "{mode:?}");
        assert_eq!(reports_groups(mode, false), rr, "{mode:?}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Failover(u8),
    Stop,
    Ready(bool),
    Nothing,
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Between two failovers never more than asked for, exactly as many once there was time and
    /// readiness, and never closer than the spacing.
    #[test]
    fn neither_lost_nor_doubled(
        events in prop::collection::vec((prop_oneof![
            1 => (0u8..6).prop_map(Event::Failover),
            1 => Just(Event::Stop),
            2 => any::<bool>().prop_map(Event::Ready),
            3 => Just(Event::Nothing),
        ], 0u64..250), 1..60),
        spacing in 1u64..120,
        last in 1u8..=255,
    ) {
        let gap = Span::millis(spacing);
        let spacing = every(spacing);
        let mut b = Burst::default();
        let (mut now, mut ready) = (at(0), true);
        let (mut owed, mut previous): (u8, Option<Time>) = (0, None);
        for (event, pass) in events {
            let end = now + Span::millis(pass);
            // The timer, at its deadlines.
            while let Some(t) = b.next_deadline().filter(|&t| t <= end) {
                prop_assert!(t >= now);
                now = t;
                if b.tick(ready, spacing, t) {
                    prop_assert!(ready && owed > 0);
                    prop_assert!(previous.is_none_or(|p| t - p >= gap));
                    owed -= 1;
                    previous = Some(t);
                }
            }
            now = end;
            match event {
                Event::Failover(n) => {
                    b.start(n, now);
                    owed = n;
                    previous = None;
                }
                Event::Stop => {
                    b.stop();
                    owed = 0;
                }
                Event::Ready(r) => ready = r,
                Event::Nothing => {}
            }
            if b.tick(ready, spacing, now) {
                prop_assert!(ready && owed > 0);
                prop_assert!(previous.is_none_or(|p| now - p >= gap));
                owed -= 1;
                previous = Some(now);
            }
            prop_assert_eq!(b.left(), owed);
            // Ready and owing: the first one has gone at once.
            prop_assert!(!ready || owed == 0 || previous.is_some());
        }
        b.start(last, now);
        let until = Span(now.0).as_millis() + 300 * gap.as_millis();
        prop_assert_eq!(run(&mut b, true, spacing, until).len(), usize::from(last));
    }
}
