// SPDX-License-Identifier: GPL-2.0

//! Choice of the active slave.

use lag::duplex::Duplex;
use lag::options::PrimaryReselect::{self, Always, Better, Failure};
use lag::select::{matters, select, Candidate, Choice, Readiness, Rules};
use lag::time::Span;
use proptest::prelude::*;

const UP: Candidate = Candidate {
    readiness: Readiness::Up,
    prio: 0,
    speed: Some(1000),
    duplex: Duplex::Full,
};
const DOWN: Candidate = Candidate {
    readiness: Readiness::Down,
    ..UP
};

const fn coming(ms: u64) -> Candidate {
    let left = Span::millis(ms);
    Candidate {
        readiness: Readiness::ComingUp { left },
        ..UP
    }
}

const fn prio(prio: i32) -> Candidate {
    Candidate { prio, ..UP }
}

const fn quality(speed: Option<u32>, duplex: Duplex) -> Candidate {
    Candidate {
        speed,
        duplex,
        ..UP
    }
}

fn rules(current: Option<usize>, primary: Option<usize>, reselect: PrimaryReselect) -> Rules {
    Rules {
        current,
        primary,
        reselect,
        force_primary: false,
    }
}

fn active(slaves: &[Candidate], rules: Rules) -> Option<usize> {
    select(slaves.iter().copied(), rules).active
}

#[test]
fn the_first_that_is_up_starts() {
    for reselect in [Always, Better, Failure] {
        let none = rules(None, None, reselect);
        assert_eq!(active(&[], none), None);
        assert_eq!(active(&[DOWN, DOWN], none), None);
        assert_eq!(active(&[DOWN, UP, UP], none), Some(1));
        assert_eq!(active(&[DOWN, prio(-5), prio(-3), prio(-3)], none), Some(2));
    }
}

#[test]
fn the_shortest_wait_when_none_is_up() {
    for reselect in [Always, Better, Failure] {
        let none = rules(None, None, reselect);
        assert_eq!(
            active(&[coming(30), coming(10), DOWN, coming(10)], none),
            Some(1)
        );
        assert_eq!(active(&[coming(30), UP], none), Some(1));
        // Whoever was active or primary has no claim while its link comes up.
        let was = rules(Some(0), Some(0), reselect);
        assert_eq!(active(&[coming(30), coming(10)], was), Some(1));
        assert_eq!(active(&[DOWN, DOWN], was), None);
    }
}

#[test]
fn a_failed_slave_is_left_whatever_reselect_says() {
    for reselect in [Always, Better, Failure] {
        assert_eq!(
            active(&[DOWN, UP, UP], rules(Some(0), None, reselect)),
            Some(1)
        );
        let slaves = [DOWN, prio(1), prio(9)];
        assert_eq!(active(&slaves, rules(Some(0), None, reselect)), Some(2));
        assert_eq!(active(&slaves, rules(Some(0), Some(1), reselect)), Some(1));
        assert_eq!(active(&slaves, rules(Some(0), Some(0), reselect)), Some(2));
    }
}

#[test]
fn when_the_primary_is_back() {
    let slaves = [UP, UP];
    assert_eq!(active(&slaves, rules(Some(1), Some(0), Always)), Some(0));
    assert_eq!(active(&slaves, rules(Some(1), Some(0), Better)), Some(1));
    assert_eq!(active(&slaves, rules(Some(1), Some(0), Failure)), Some(1));
    // The primary comes before any prio.
    let slaves = [prio(-9), prio(9)];
    assert_eq!(active(&slaves, rules(Some(1), Some(0), Always)), Some(0));
}

#[test]
fn better_means_faster_then_duplex() {
    use Duplex::{Full, Half, Unknown};
    for (primary, current, better) in [
        (quality(Some(1000), Full), quality(Some(100), Full), true),
        (quality(Some(1000), Half), quality(Some(100), Full), true),
        (quality(Some(100), Full), quality(Some(100), Half), true),
        (quality(Some(100), Full), quality(Some(100), Full), false),
        (quality(Some(100), Half), quality(Some(100), Full), false),
        (quality(Some(10), Full), quality(Some(100), Half), false),
        // What a device does not say is not better than what another one says.
        (quality(None, Unknown), quality(Some(10), Half), false),
        (quality(Some(10), Half), quality(None, Unknown), true),
        (quality(Some(10), Unknown), quality(Some(10), Half), false),
        (quality(None, Unknown), quality(None, Unknown), false),
    ] {
        let expect = if better { 0 } else { 1 };
        let choice = active(&[primary, current], rules(Some(1), Some(0), Better));
        assert_eq!(choice, Some(expect), "{primary:?} {current:?}");
        let choice = active(&[primary, current], rules(Some(1), Some(0), Failure));
        assert_eq!(choice, Some(1));
    }
}

#[test]
fn prio_follows_reselect_too() {
    let slaves = [prio(3), prio(7), prio(7)];
    assert_eq!(active(&slaves, rules(Some(0), None, Always)), Some(1));
    assert_eq!(active(&slaves, rules(Some(0), None, Better)), Some(0));
    assert_eq!(active(&slaves, rules(Some(0), None, Failure)), Some(0));
    let fast = Candidate {
        speed: Some(10_000),
        ..prio(7)
    };
    let slaves = [prio(3), fast];
    assert_eq!(active(&slaves, rules(Some(0), None, Better)), Some(1));
    // A primary that is down leaves it to prio.
    let slaves = [prio(3), prio(7), DOWN];
    assert_eq!(active(&slaves, rules(Some(0), Some(2), Always)), Some(1));
}

#[test]
fn among_equals_the_active_one_stays() {
    assert_eq!(active(&[UP, UP, UP], rules(Some(1), None, Always)), Some(1));
    assert_eq!(active(&[UP, UP, UP], rules(Some(2), None, Always)), Some(2));
    let slaves = [prio(1), prio(7), prio(7)];
    assert_eq!(active(&slaves, rules(Some(2), None, Always)), Some(2));
}

#[test]
fn a_primary_just_named_takes_over() {
    let forced = |current, primary| Rules {
        force_primary: true,
        ..rules(current, primary, Failure)
    };
    let choice = select([UP, UP].into_iter(), forced(Some(1), Some(0)));
    let spent = Choice {
        active: Some(0),
        force_primary: false,
    };
    assert_eq!(choice, spent);
    let choice = select([DOWN, UP].into_iter(), forced(Some(1), Some(0)));
    let waits = Choice {
        active: Some(1),
        force_primary: true,
    };
    assert_eq!(choice, waits);
    assert_eq!(select([UP, UP].into_iter(), forced(Some(1), None)), waits);
}

#[test]
fn places_behind_the_last_slave_are_none() {
    assert_eq!(active(&[UP], rules(Some(7), Some(8), Always)), Some(0));
    assert_eq!(active(&[], rules(Some(0), Some(0), Always)), None);
    assert!(!matters([UP].into_iter(), &rules(None, None, Always), 1));
}

#[test]
fn link_events_that_matter() {
    let matters = |slaves: &[Candidate], current, primary, changed| {
        matters(
            slaves.iter().copied(),
            &rules(current, primary, Always),
            changed,
        )
    };
    // Up.
    assert!(matters(&[UP, DOWN], None, None, 0));
    assert!(!matters(&[UP, UP], Some(1), None, 0));
    assert!(matters(&[UP, UP], Some(1), Some(0), 0));
    assert!(matters(&[prio(1), UP], Some(1), None, 0));
    assert!(!matters(&[prio(-1), UP], Some(1), None, 0));
    // Down.
    assert!(matters(&[DOWN, UP], Some(0), None, 0));
    assert!(!matters(&[DOWN, UP], Some(1), Some(0), 0));
    assert!(!matters(&[DOWN, DOWN], None, Some(0), 0));
    // Coming up.
    assert!(matters(&[coming(5), DOWN], None, None, 0));
    assert!(!matters(&[coming(5), UP], Some(1), Some(0), 0));
    assert!(matters(&[coming(5), UP], Some(0), None, 0));
}

#[test]
fn duplex_by_its_ethtool_number() {
    let names = [0, 1, 255].map(|n| Duplex::from_ethtool(n).to_string());
    assert_eq!(names, ["half", "full", "Unknown"]);
}

fn any_slave() -> impl Strategy<Value = Candidate> {
    let readiness = prop_oneof![
        Just(Readiness::Up),
        Just(Readiness::Down),
        (0u64..4).prop_map(|ms| Readiness::ComingUp {
            left: Span::millis(ms)
        }),
    ];
    let speed = prop::option::of(prop::sample::select(vec![10, 100]));
    let duplex = prop::sample::select(vec![Duplex::Unknown, Duplex::Half, Duplex::Full]);
    (readiness, -2i32..3, speed, duplex).prop_map(|(readiness, prio, speed, duplex)| Candidate {
        readiness,
        prio,
        speed,
        duplex,
    })
}

proptest! {
    #[test]
    fn the_choice_is_sound(
        slaves in prop::collection::vec(any_slave(), 0..6),
        current in prop::option::of(0usize..6),
        primary in prop::option::of(0usize..6),
        reselect in prop::sample::select(vec![Always, Better, Failure]),
        force_primary in any::<bool>(),
    ) {
        let rules = Rules { current, primary, reselect, force_primary };
        let choice = select(slaves.iter().copied(), rules);
        let up = |index: usize| slaves.get(index).is_some_and(|s| s.readiness == Readiness::Up);
        let any_up = (0..slaves.len()).any(up);
        let usable = slaves.iter().any(|s| s.readiness != Readiness::Down);
        prop_assert_eq!(choice.active.is_some(), usable);
        if let Some(index) = choice.active {
            prop_assert_eq!(up(index), any_up);
        }
        // A second look changes nothing.
        if any_up {
            let again = Rules { current: choice.active, force_primary: choice.force_primary, ..rules };
            prop_assert_eq!(select(slaves.iter().copied(), again), choice);
        }
        if let Some(primary) = primary.filter(|p| up(*p)) {
            if force_primary || reselect == Always {
                prop_assert_eq!(choice.active, Some(primary));
            }
        }
        if let Some(current) = current.filter(|c| up(*c)) {
            let forced = force_primary && primary.is_some_and(up);
            if reselect == Failure && !forced {
                prop_assert_eq!(choice.active, Some(current));
            }
        }
    }
}
