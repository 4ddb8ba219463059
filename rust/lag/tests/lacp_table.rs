// SPDX-License-Identifier: GPL-2.0

//! Every state of every machine under every input, against the figures told a second time.

use std::fmt::Debug;

use lag::lacp::port::Selected;
use lag::lacp::table::{next, Arc};
use lag::lacp::{churn, mux, periodic, rx};

#[allow(dead_code)]
#[path = "../examples/lacp_tables.rs"]
mod lacp_tables;

/// Walks a table: it says what `oracle` says, each arc is of use, each state can be reached, and
/// no input leads round in circles. `spent` is what of the inputs is left after a transition.
fn walk<S, C, I>(
    table: &'static [Arc<S, C>],
    states: &[S],
    inputs: &[I],
    hold: fn(&I, C) -> bool,
    oracle: fn(S, &I) -> Option<S>,
    spent: fn(&I) -> I,
    steps: usize,
) where
    S: Copy + PartialEq + Debug + Default,
    C: Copy + Debug,
    I: Debug,
{
    let mut used = vec![false; table.len()];
    let mut reached = vec![S::default()];
    let mut longest = 0;
    for &state in states {
        for input in inputs {
            let to = next(table, state, |c| hold(input, c));
            assert_eq!(to, oracle(state, input), "{state:?} {input:?}");
            let first = |a: &Arc<S, C>| a.from.contains(&state) && hold(input, a.when);
            if let Some(n) = table.iter().position(first) {
                used[n] = true;
            }
            let (mut to, mut left, mut n) = (to, spent(input), 0);
            while let Some(at) = to {
                n += 1;
                assert!(n < 20, "{state:?} {input:?} does not end");
                to = next(table, at, |c| hold(&left, c));
                left = spent(&left);
            }
            longest = longest.max(n);
        }
    }
    for _ in states {
        for input in inputs {
            let more: Vec<S> = reached
                .iter()
                .filter_map(|s| next(table, *s, |c| hold(input, c)))
                .collect();
            for state in more {
                if !reached.contains(&state) {
                    reached.push(state);
                }
            }
        }
    }
    let idle: Vec<_> = used.iter().zip(table).filter(|(u, _)| !**u).collect();
    assert!(idle.is_empty(), "never taken: {idle:?}");
    for arc in table {
        assert!(reached.contains(&arc.to), "{:?} cannot be reached", arc.to);
    }
    // The machine's own bound leaves room to find that there is nothing left to do.
    assert!(longest < steps, "{longest} transitions");
}

/// All combinations of `n` yes or no.
fn bits(n: u32) -> impl Iterator<Item = Vec<bool>> {
    (0..1u32 << n).map(move |x| (0..n).map(|i| (x >> i) & 1 == 1).collect())
}

/// Clause 6.4.12.
#[test]
fn receive_is_figure_6_18() {
    use rx::State::*;
    let inputs: Vec<_> = bits(6)
        .map(|b| rx::Inputs {
            begin: b[0],
            enabled: b[1],
            lacp: b[2],
            moved: b[3],
            lacpdu: b[4],
            silence: b[5],
        })
        .collect();
    fn oracle(state: rx::State, i: &rx::Inputs) -> Option<rx::State> {
        if i.begin {
            return Some(Initialize);
        }
        if state == Initialize {
            return Some(PortDisabled);
        }
        if !i.enabled {
            return match state {
                PortDisabled if i.moved => Some(Initialize),
                PortDisabled => None,
                _ => Some(PortDisabled),
            };
        }
        match (state, i.lacp) {
            (PortDisabled, _) if i.moved => Some(Initialize),
            (PortDisabled, true) => Some(Expired),
            (PortDisabled, false) => Some(LacpDisabled),
            (LacpDisabled, true) => Some(PortDisabled),
            (LacpDisabled, false) => None,
            (_, false) => Some(PortDisabled),
            (_, true) if i.lacpdu => Some(Current),
            (Current, true) if i.silence => Some(Expired),
            (Expired, true) if i.silence => Some(Defaulted),
            _ => None,
        }
    }
    let spent = |i: &rx::Inputs| rx::Inputs {
        begin: false,
        lacpdu: false,
        silence: false,
        moved: false,
        ..*i
    };
    let hold = |i: &rx::Inputs, c| i.hold(c);
    walk(
        rx::TABLE,
        rx::State::ALL,
        &inputs,
        hold,
        oracle,
        spent,
        rx::STEPS,
    );
}

/// Clause 6.4.13.
#[test]
fn periodic_is_figure_6_19() {
    use periodic::State::*;
    let inputs: Vec<_> = bits(3)
        .map(|b| periodic::Inputs {
            off: b[0],
            due: b[1],
            short: b[2],
        })
        .collect();
    fn oracle(state: periodic::State, i: &periodic::Inputs) -> Option<periodic::State> {
        match state {
            NoPeriodic => (!i.off).then_some(FastPeriodic),
            _ if i.off => Some(NoPeriodic),
            FastPeriodic if i.due => Some(PeriodicTx),
            FastPeriodic => (!i.short).then_some(SlowPeriodic),
            SlowPeriodic => (i.due || i.short).then_some(PeriodicTx),
            PeriodicTx => Some(if i.short { FastPeriodic } else { SlowPeriodic }),
        }
    }
    let spent = |i: &periodic::Inputs| periodic::Inputs { due: false, ..*i };
    let hold = |i: &periodic::Inputs, c| i.hold(c);
    let states = periodic::State::ALL;
    walk(
        periodic::TABLE,
        states,
        &inputs,
        hold,
        oracle,
        spent,
        periodic::STEPS,
    );
}

fn mux_inputs() -> Vec<mux::Inputs> {
    let selected = [Selected::Unselected, Selected::Standby, Selected::Selected];
    selected
        .into_iter()
        .flat_map(|selected| {
            bits(4).map(move |b| mux::Inputs {
                begin: b[0],
                selected,
                ready: b[1],
                in_sync: b[2],
                collecting: b[3],
            })
        })
        .collect()
}

fn mux_spent(i: &mux::Inputs) -> mux::Inputs {
    mux::Inputs {
        begin: false,
        ready: false,
        ..*i
    }
}

/// The arcs that figures 6-21 and 6-22 share.
fn mux_common(state: mux::State, i: &mux::Inputs) -> Option<Option<mux::State>> {
    use mux::State::*;
    if i.begin {
        return Some(Some(Detached));
    }
    Some(match (state, i.selected) {
        (Detached, Selected::Unselected) => None,
        (Detached, _) => Some(Waiting),
        (Waiting, Selected::Unselected) => Some(Detached),
        (Waiting, Selected::Standby) => None,
        (Waiting, Selected::Selected) => i.ready.then_some(Attached),
        (Attached, Selected::Unselected | Selected::Standby) => Some(Detached),
        _ => return None,
    })
}

/// Clause 6.4.15.
#[test]
fn mux_is_figure_6_21_with_independent_control() {
    use mux::State::*;
    fn oracle(state: mux::State, i: &mux::Inputs) -> Option<mux::State> {
        if let Some(common) = mux_common(state, i) {
            return common;
        }
        let synced = i.selected == Selected::Selected && i.in_sync;
        match state {
            Attached => synced.then_some(Collecting),
            Collecting if !synced => Some(Attached),
            Collecting => i.collecting.then_some(Distributing),
            Distributing => (!synced || !i.collecting).then_some(Collecting),
            _ => None,
        }
    }
    let hold = |i: &mux::Inputs, c| i.hold(c);
    let states = mux::State::ALL;
    walk(
        mux::INDEPENDENT,
        states,
        &mux_inputs(),
        hold,
        oracle,
        mux_spent,
        mux::STEPS,
    );
}

/// Clause 6.4.15.
#[test]
fn mux_is_figure_6_22_with_coupled_control() {
    use mux::State::*;
    fn oracle(state: mux::State, i: &mux::Inputs) -> Option<mux::State> {
        if let Some(common) = mux_common(state, i) {
            return common;
        }
        let synced = i.selected == Selected::Selected && i.in_sync;
        match state {
            Attached => synced.then_some(CollectingDistributing),
            CollectingDistributing => (!synced).then_some(Attached),
            _ => None,
        }
    }
    let hold = |i: &mux::Inputs, c| i.hold(c);
    let states = mux::State::ALL;
    walk(
        mux::COUPLED,
        states,
        &mux_inputs(),
        hold,
        oracle,
        mux_spent,
        mux::STEPS,
    );
}

/// Clause 6.4.17.
#[test]
fn churn_is_figures_6_23_and_6_24() {
    use churn::State::*;
    let inputs: Vec<_> = bits(3)
        .map(|b| churn::Inputs {
            off: b[0],
            in_sync: b[1],
            too_long: b[2],
        })
        .collect();
    fn oracle(state: churn::State, i: &churn::Inputs) -> Option<churn::State> {
        match state {
            Monitor if i.off => None,
            _ if i.off => Some(Monitor),
            NoChurn => (!i.in_sync).then_some(Monitor),
            _ if i.in_sync => Some(NoChurn),
            Monitor => i.too_long.then_some(Churn),
            Churn => None,
        }
    }
    let spent = |i: &churn::Inputs| churn::Inputs {
        too_long: false,
        ..*i
    };
    let hold = |i: &churn::Inputs, c| i.hold(c);
    walk(
        churn::TABLE,
        churn::State::ALL,
        &inputs,
        hold,
        oracle,
        spent,
        churn::STEPS,
    );
}

#[test]
fn the_documentation_has_these_tables() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Documentation");
    let read = |name| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    assert_eq!(
        read("lacp-machines.rst"),
        lacp_tables::rst(),
        "cargo run --example lacp_tables writes it"
    );
    assert_eq!(
        read("lacp-machines.dot"),
        lacp_tables::dot(),
        "cargo run --example lacp_tables dot writes it"
    );
}

#[test]
fn the_drawing_has_every_state() {
    let dot = lacp_tables::dot();
    for name in rx::State::ALL.iter().map(|s| s.name()) {
        assert!(
            dot.contains(&format!("\"0{name}\" [label=\"{name}\"]")),
            "{name}"
        );
    }
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
    assert!(dot.contains("\"4CHURN_MONITOR\" -> \"4CHURN\""));
}
