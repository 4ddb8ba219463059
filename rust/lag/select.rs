// SPDX-License-Identifier: GPL-2.0

//! Selects the active slave: in active-backup, balance-tlb and balance-alb, and in the other modes
//! the slave whose MAC counts.
//!
//! The rules are those of primary, primary_reselect, prio and updelay in
//! Documentation/networking/bonding.rst. Slaves are known by their place among all slaves.

use crate::duplex::Duplex;
use crate::options::PrimaryReselect;
use crate::time::Span;

/// The ability of a slave to carry traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Its link is up.
    Up,
    /// It has a carrier, but updelay is not over.
    ComingUp {
        /// The rest of updelay.
        left: Span,
    },
    /// It cannot: the link is down, or going down with downdelay not over.
    Down,
}

/// A slave, as far as the choice depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its ability to carry traffic.
    pub readiness: Readiness,
    /// prio: the higher one wins.
    pub prio: i32,
    /// Mb/s, if the device says.
    pub speed: Option<u32>,
    /// Duplex.
    pub duplex: Duplex,
}

/// The state that the choice depends on, besides the slaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// The active slave.
    pub current: Option<usize>,
    /// The primary, if it is a slave.
    pub primary: Option<usize>,
    /// Policy by which a better slave takes over from a good one.
    pub reselect: PrimaryReselect,
    /// The user has just named the primary: it takes over whatever `reselect` says.
    pub force_primary: bool,
}

/// The outcome of a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The slave that is to be the active one.
    pub active: Option<usize>,
    /// The new value of `force_primary`: it is spent when the primary takes over.
    pub force_primary: bool,
}

/// Chooses the active slave: the primary, else the highest prio among the slaves that are up,
/// else the one whose updelay ends first. Among equals the active slave stays, then the first
/// wins. Whether a better one takes over from one that works is up to primary_reselect.
pub fn select(slaves: impl Iterator<Item = Candidate> + Clone, rules: Rules) -> Choice {
    let up = |index: Option<usize>| {
        let index = index?;
        let slave = slaves.clone().nth(index)?;
        (slave.readiness == Readiness::Up).then_some((index, slave))
    };
    let current = up(rules.current);
    let stay = |active: Option<(usize, Candidate)>| Choice {
        active: active.map(|(index, _)| index),
        force_primary: rules.force_primary,
    };

    let primary = up(rules.primary);
    if let (Some((index, _)), true) = (primary, rules.force_primary) {
        return Choice {
            active: Some(index),
            force_primary: false,
        };
    }
    let all = || (0..usize::MAX).zip(slaves.clone());
    let is_current = |index| rules.current == Some(index);
    let highest = || {
        all()
            .filter(|(_, slave)| slave.readiness == Readiness::Up)
            .reduce(|best, slave| match slave.1.prio.cmp(&best.1.prio) {
                core::cmp::Ordering::Greater => slave,
                core::cmp::Ordering::Equal if is_current(slave.0) => slave,
                _ => best,
            })
    };
    let (best, current) = match (primary.or_else(highest), current) {
        (Some(best), Some(current)) => (best, current),
        (Some(best), None) => return stay(Some(best)),
        (None, _) => return stay(soonest(all())),
    };

    let quality = |slave: Candidate| (slave.speed, slave.duplex);
    stay(Some(match rules.reselect {
        PrimaryReselect::Always => best,
        PrimaryReselect::Better if quality(best.1) > quality(current.1) => best,
        PrimaryReselect::Better | PrimaryReselect::Failure => current,
    }))
}

/// The slave whose updelay ends first.
fn soonest(slaves: impl Iterator<Item = (usize, Candidate)>) -> Option<(usize, Candidate)> {
    let left = |slave: &Candidate| match slave.readiness {
        Readiness::ComingUp { left } => Some(left),
        Readiness::Up | Readiness::Down => None,
    };
    slaves
        .filter(|(_, slave)| left(slave).is_some())
        .min_by_key(|(_, slave)| left(slave))
}

/// A link of a slave has changed: whether the active slave has to be chosen anew. A slave that is
/// up matters if there is no active one, or if it is the primary or has a higher prio; one that
/// is not, if it is the active one. Any other change leaves the choice alone, so that a slave the
/// user made the active one stays it.
pub fn matters(
    slaves: impl Iterator<Item = Candidate> + Clone,
    rules: &Rules,
    changed: usize,
) -> bool {
    let slave = |index: usize| slaves.clone().nth(index);
    let Some(Candidate {
        readiness, prio, ..
    }) = slave(changed)
    else {
        return false;
    };
    let active = rules.current.and_then(slave);
    match (readiness, active) {
        (Readiness::Up, Some(active)) => rules.primary == Some(changed) || prio > active.prio,
        (Readiness::Up | Readiness::ComingUp { .. }, None) => true,
        (Readiness::Down, None) => false,
        (_, Some(_)) => rules.current == Some(changed),
    }
}
