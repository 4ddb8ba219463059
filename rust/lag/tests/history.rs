// SPDX-License-Identifier: GPL-2.0

//! The ring of records against a list that forgets nothing.

use lag::history::{Cause, Record, Ring, What};
use proptest::prelude::*;

fn record(what: What, to: u64) -> Record {
    Record {
        to,
        what,
        ..Record::NONE
    }
}

fn any_what() -> impl Strategy<Value = What> {
    (0..What::ALL.len()).prop_map(|at| What::ALL[at])
}

proptest! {
    /// Whatever is pushed, the last ones are there in order, under their numbers, and a reader that
    /// comes late learns by the numbers how many it has missed.
    #[test]
    fn the_last_ones_stay(all in prop::collection::vec((any_what(), any::<u64>()), 0..60), room in 1usize..20, after in 0u64..70) {
        let mut slots = vec![Record::NONE; room];
        let mut ring = Ring::new();
        for (at, (what, to)) in all.iter().enumerate() {
            prop_assert_eq!(ring.push(&mut slots, record(*what, *to)), at as u64 + 1);
        }
        prop_assert_eq!(ring.last(), all.len() as u64);
        let mut seen = Vec::new();
        let mut at = after;
        while let Some((number, record)) = ring.next(&slots, at) {
            prop_assert!(number > at);
            prop_assert_eq!((record.what, record.to), all[number as usize - 1]);
            seen.push(number);
            at = number;
        }
        let first = (all.len().saturating_sub(room) as u64).max(after) + 1;
        prop_assert_eq!(seen, (first..=all.len() as u64).collect::<Vec<_>>());
        for what in What::ALL {
            let of_it = all.iter().filter(|(w, _)| *w == what).count() as u64;
            prop_assert_eq!(ring.count(what), of_it);
        }
    }
}

#[test]
fn no_room_no_record() {
    let mut ring = Ring::new();
    assert_eq!(ring.push(&mut [], record(What::Link, 1)), 1);
    assert_eq!(ring.next(&[], 0), None);
    assert_eq!(ring.count(What::Link), 1);
}

#[test]
fn a_name_ends_at_its_first_zero() {
    let mut named = Record::NONE;
    named.name[..4].copy_from_slice(b"eth0");
    assert_eq!(named.name(), b"eth0");
    assert_eq!(Record::NONE.name(), b"");
    named.name = *b"exactlysixteen!!";
    assert_eq!(named.name(), b"exactlysixteen!!");
}

#[test]
fn numbers_are_those_of_the_interface() {
    assert_eq!(What::from_number(13), Some(What::Xdp));
    assert_eq!(What::from_number(0), None);
    assert_eq!(Cause::from_number(5).map(Cause::name), Some("lacp"));
}
