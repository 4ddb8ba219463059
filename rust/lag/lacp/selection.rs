// SPDX-License-Identifier: GPL-2.0

//! Selection Logic, IEEE 802.1AX-2014 6.4.14: which aggregator a port joins; and, as a bond is
//! one interface, which of its aggregators is the active one.

use super::aggregator::{Aggregator, Group};
use super::doubt::RETURN;
use super::mux;
use super::port::{Port, Selected};
use super::timer::AGGREGATE_WAIT;
use crate::options::AdSelect;
use crate::time::Time;

/// Takes the port at `at` off its aggregator. Returns where that is, if it is free now.
pub(super) fn leave(ports: &mut [Port], at: usize) -> Option<usize> {
    let port = ports.get_mut(at)?;
    port.aggregator_id = 0;
    let home = port.aggregator.take()?;
    (!is_used(ports, home)).then_some(home)
}

/// A port is selected for the aggregator at `slot`.
fn is_used(ports: &[Port], slot: usize) -> bool {
    ports.iter().any(|port| port.aggregator == Some(slot))
}

/// Puts the port at `at`, which must have left its aggregator, on the one for its group, or on
/// the first that is free.
pub(super) fn join(ports: &mut [Port], at: usize) {
    let Some(port) = ports.get(at) else { return };
    let group = Group::of(port);
    let serves = |slot: &usize| {
        let same = ports.get(*slot).is_some_and(|p| p.slot.group == group);
        same && is_used(ports, *slot)
    };
    let shared = (0..ports.len()).find(|slot| group.is_shared() && serves(slot));
    let home = shared.or_else(|| (0..ports.len()).find(|slot| !is_used(ports, *slot)));
    let Some(home) = home else { return };
    let Some(slot) = ports.get_mut(home).map(|owner| &mut owner.slot) else {
        return;
    };
    slot.group = group;
    let id = slot.id;
    if let Some(port) = ports.get_mut(at) {
        port.aggregator = Some(home);
        port.aggregator_id = id;
        port.selected = Selected::Standby;
    }
}

/// Until when a port that now begins to wait has to wait for others to attach with it: as long as
/// the first of those that wait already, so that newcomers keep nobody waiting; not at all, unless
/// lacp_strict is on, if it comes back to where it has just been.
pub(super) fn wait(ports: &[Port], at: usize, strict: bool, now: Time) -> Time {
    let full = now + AGGREGATE_WAIT;
    let Some(port) = ports.get(at) else {
        return full;
    };
    let Some(home) = port.aggregator else {
        return full;
    };
    if port.mux.state != mux::State::Detached {
        return full;
    }
    let group = ports.get(home).map(|p| p.slot.group);
    if !strict
        && port
            .left
            .is_some_and(|(left, at)| Some(left) == group && now - at <= RETURN)
    {
        return now;
    }
    ports
        .iter()
        .filter(|p| p.aggregator == Some(home) && p.enabled && p.mux.holds_up())
        .filter_map(|p| p.mux.wait_while.deadline())
        .fold(full, Time::min)
}

/// Frees the aggregator that belongs to the port at `at` for its leaving: what it serves moves
/// to the first free one. Returns where that is.
pub(super) fn move_out(ports: &mut [Port], at: usize) -> Option<usize> {
    if !is_used(ports, at) {
        return None;
    }
    let to = (0..ports.len()).find(|slot| *slot != at && !is_used(ports, *slot))?;
    let group = ports.get(at)?.slot.group;
    let new = ports.get_mut(to)?;
    new.slot.group = group;
    let id = new.slot.id;
    for port in ports.iter_mut().filter(|p| p.aggregator == Some(at)) {
        port.aggregator = Some(to);
        port.aggregator_id = id;
    }
    Some(to)
}

/// `new` is better than `best`; equal is not better.
fn better(policy: AdSelect, best: &Aggregator, new: &Aggregator) -> bool {
    let by_kind = |a: &Aggregator| (a.group.has_partner(), a.group.runs_lacp());
    if by_kind(best) != by_kind(new) {
        return by_kind(new) > by_kind(best);
    }
    let measure = |a: &Aggregator| {
        let t = &a.tally;
        let enabled = u64::from(t.enabled);
        match policy {
            AdSelect::Stable | AdSelect::Bandwidth => [0, 0, t.bandwidth],
            AdSelect::Count => [0, enabled, t.bandwidth],
            AdSelect::ActorPortPrio => [t.priority, enabled, t.bandwidth],
        }
    };
    measure(new) > measure(best)
}

/// The active aggregator among those with a link up, given the one that was. A newcomer has to
/// be better to replace it; under stable it must have nothing left to lose.
pub(super) fn choose(ports: &[Port], policy: AdSelect, active: Option<usize>) -> Option<usize> {
    let up = |at: usize| {
        let slot = &ports.get(at)?.slot;
        (slot.tally.enabled > 0).then_some(slot)
    };
    let current = active.and_then(|at| Some((at, up(at)?)));
    let mut best = current;
    for (at, port) in ports.iter().enumerate() {
        let slot = &port.slot;
        if slot.tally.enabled > 0 && best.is_none_or(|(_, b)| better(policy, b, slot)) {
            best = Some((at, slot));
        }
    }
    if let (AdSelect::Stable, Some((at, old)), Some((_, new))) = (policy, current, best) {
        let keeps_partner = old.group.has_partner() || !new.group.has_partner();
        let has_key = old.group.actor_key != 0 || new.group.actor_key == 0;
        if keeps_partner && has_key {
            return Some(at);
        }
    }
    best.map(|(at, _)| at)
}
