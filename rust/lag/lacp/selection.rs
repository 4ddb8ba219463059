// SPDX-License-Identifier: GPL-2.0

//! The Selection Logic of IEEE 802.1AX-2014: which aggregator a port joins; and, as a bond is one
//! interface, which of its aggregators is the active one.
//!
//! Clause 6.4.14.

use super::aggregator::{Aggregator, Group, Share};
use super::doubt::RETURN;
use super::port::{Port, Selected};
use super::timer::AGGREGATE_WAIT;
use crate::options::AdSelect;
use crate::time::Time;

/// One run through all ports: it remembers what it has found, so that it need not search all
/// aggregators for each port.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pass {
    /// No aggregator before this place is free.
    free: usize,
    /// Place of the aggregator that a port last found for its group.
    shared: usize,
}

impl Pass {
    /// Takes the port at `at`, and the share that it has, off its aggregator. Returns where that
    /// is, if it is free now.
    pub(super) fn leave(&mut self, ports: &mut [Port], at: usize) -> Option<usize> {
        let port = ports.get_mut(at)?;
        port.aggregator_id = 0;
        let share = core::mem::take(&mut port.share);
        let home = port.aggregator.take()?;
        let slot = &mut ports.get_mut(home)?.slot;
        slot.tally.replace(&share, &Share::default());
        slot.tally.members = slot.tally.members.saturating_sub(1);
        if slot.is_used() {
            return None;
        }
        self.free = self.free.min(home);
        Some(home)
    }

    /// Puts the port at `at`, which must have left its aggregator, on the one for its group, or on
    /// the first that is free.
    pub(super) fn join(&mut self, ports: &mut [Port], at: usize) {
        let Some(port) = ports.get(at) else { return };
        let group = Group::of(port);
        let shared = group.is_shared().then(|| self.serving(ports, &group));
        let Some(home) = shared.flatten().or_else(|| self.first_free(ports)) else {
            return;
        };
        let Some(owner) = ports.get_mut(home) else {
            return;
        };
        owner.slot.group = group;
        owner.slot.tally.members = owner.slot.tally.members.saturating_add(1);
        let id = owner.slot.id;
        if let Some(port) = ports.get_mut(at) {
            port.aggregator = Some(home);
            port.aggregator_id = id;
            port.selected = Selected::Standby;
        }
    }

    /// The aggregator in use for this group: there is one at most.
    fn serving(&mut self, ports: &[Port], group: &Group) -> Option<usize> {
        let serves = |port: &Port| port.slot.is_used() && port.slot.group == *group;
        if !ports.get(self.shared).is_some_and(serves) {
            self.shared = ports.iter().position(serves)?;
        }
        Some(self.shared)
    }

    fn first_free(&mut self, ports: &[Port]) -> Option<usize> {
        let rest = ports.get(self.free..)?;
        let steps = rest.iter().position(|port| !port.slot.is_used())?;
        self.free = self.free.saturating_add(steps);
        Some(self.free)
    }
}

/// Returns until when the port at `at`, which begins to wait for others to attach with it, has to:
/// as long as those that wait already, so that newcomers keep nobody waiting; not at all, unless
/// lacp_strict is on, if it comes back to where it has just been.
///
/// Clause 6.4.8, Ready.
pub(super) fn wait(ports: &mut [Port], at: usize, strict: bool, now: Time) -> Time {
    let full = now + AGGREGATE_WAIT;
    let Some(port) = ports.get(at) else {
        return full;
    };
    let left = port.left.filter(|_| !strict);
    let home = port.aggregator;
    let Some(slot) = home
        .and_then(|home| ports.get_mut(home))
        .map(|p| &mut p.slot)
    else {
        return full;
    };
    if left.is_some_and(|(group, at)| group == slot.group && now - at <= RETURN) {
        return now;
    }
    if slot.tally.waiting == 0 || slot.ready_at <= now {
        slot.ready_at = full;
    }
    slot.ready_at
}

/// Frees the aggregator that belongs to the port at `at` for its leaving: what it serves moves
/// to the first free one. Returns where that is.
pub(super) fn move_out(ports: &mut [Port], at: usize) -> Option<usize> {
    let old = ports.get(at)?.slot;
    if !old.is_used() {
        return None;
    }
    let to = (0..ports.len())
        .find(|to| *to != at && ports.get(*to).is_some_and(|p| !p.slot.is_used()))?;
    let slot = &mut ports.get_mut(to)?.slot;
    let id = slot.id;
    *slot = Aggregator { id, ..old };
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
