// SPDX-License-Identifier: GPL-2.0

//! Frames that go out together.

use lag::batch::send_runs;
use proptest::prelude::*;

/// Sends frames, which are their own ways (255: none), by a device that takes `room` in all and
/// then says `last`. Returns the result, and the runs.
fn send(
    ways: &[u8],
    room: usize,
    last: Result<usize, i32>,
) -> (Result<usize, Option<i32>>, Vec<Vec<u8>>) {
    let mut frames = ways.to_vec();
    let (mut left, mut runs) = (room, Vec::new());
    let result = send_runs(
        &mut frames,
        |f| (*f != 255).then_some(*f),
        |way, run| {
            assert!(run.iter().all(|f| *f == way));
            if run.len() <= left {
                left -= run.len();
                runs.push(run.to_vec());
                return Ok(run.len());
            }
            let took = last?.min(left);
            left = 0;
            runs.push(run[..took].to_vec());
            Ok(took)
        },
    );
    (result, runs)
}

#[test]
fn one_call_a_run() {
    let (result, runs) = send(&[1, 1, 1, 2, 1, 1], 99, Ok(0));
    assert_eq!(result, Ok(6));
    assert_eq!(runs, [vec![1, 1, 1], vec![2], vec![1, 1]]);
    assert_eq!(send(&[], 99, Ok(0)).0, Ok(0));
}

#[test]
fn it_ends_where_there_is_no_way() {
    assert_eq!(send(&[255, 1], 99, Ok(0)).0, Err(None));
    assert_eq!(send(&[1, 1, 255, 1], 99, Ok(0)).0, Ok(2));
    assert_eq!(send(&[1, 255], 0, Err(-6)).0, Err(Some(-6)));
}

#[test]
fn an_error_is_told_if_nothing_was_sent() {
    assert_eq!(send(&[1, 1], 0, Err(-6)).0, Err(Some(-6)));
    assert_eq!(send(&[1, 1, 2], 2, Err(-6)).0, Ok(2));
    // Taken, and dropped by the device: it has been sent as far as we know.
    assert_eq!(send(&[1, 1, 2], 1, Ok(1)).0, Ok(1));
    assert_eq!(send(&[1, 1, 2], 0, Ok(0)).0, Ok(0));
}

#[test]
fn each_is_asked_for_once() {
    let mut asked = Vec::new();
    let mut frames: Vec<usize> = (0..9).collect();
    let result = send_runs(
        &mut frames,
        |f| {
            asked.push(*f);
            Some(*f / 4)
        },
        |_, run| Ok::<_, ()>(run.len()),
    );
    assert_eq!(result, Ok(9));
    assert_eq!(asked, (0..9).collect::<Vec<_>>());
}

proptest! {
    /// The frames sent are the beginning of those that came, in order, and as many as is said.
    #[test]
    fn nothing_is_sent_twice_or_out_of_order(
        ways in prop::collection::vec(prop_oneof![4 => 0u8..3, 1 => Just(255)], 0..40),
        room in 0usize..50,
        last in prop_oneof![(0usize..5).prop_map(Ok), Just(Err(-6))],
    ) {
        let (result, runs) = send(&ways, room, last);
        let sent = runs.concat();
        prop_assert_eq!(&sent[..], &ways[..sent.len()]);
        match result {
            Ok(count) => prop_assert_eq!(count, sent.len()),
            Err(None) => prop_assert!(ways[0] == 255),
            Err(Some(e)) => prop_assert!(sent.is_empty() && last == Err(e)),
        }
    }
}
