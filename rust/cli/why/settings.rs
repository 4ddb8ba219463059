// SPDX-License-Identifier: GPL-2.0

//! Rules about options.

use lag::mode::Mode;
use lag::options::{Kind, Opt};

use super::{of_bond, Fault, NONE};
use crate::state::{Bond, Setting};
use crate::words;

pub(super) fn primary_missing(bond: &Bond) -> Vec<Fault> {
    let chooses = bond.mode().is_some_and(Mode::has_active_slave);
    let rule = bond.text("primary_reselect").unwrap_or("always");
    if !chooses || rule == "always" || bond.text("primary").is_some() || bond.slaves.is_empty() {
        return NONE;
    }
    let name = &bond.name;
    of_bond(
        format!(
            "primary_reselect of {name} is {rule}, and no slave is the primary: its name is not \
             set, or it is that of an interface that is not a slave."
        ),
        format!("echo SLAVE > /sys/class/net/{name}/bonding/primary"),
    )
}

pub(super) fn primary_idle(bond: &Bond) -> Vec<Fault> {
    let primary = bond.text("primary").and_then(|name| bond.slave(name));
    let (Some(primary), Some(active), true) = (primary, bond.active(), bond.up) else {
        return NONE;
    };
    if primary.name == active.name || !primary.is_linked() {
        return NONE;
    }
    let rule = bond.text("primary_reselect").unwrap_or("always");
    vec![Fault {
        slaves: vec![primary.name.clone()],
        what: format!(
            "{} is the primary and its link is up, but {} is the active slave (primary_reselect \
             is {rule}).",
            primary.name, active.name
        ),
        todo: format!(
            "echo {} > /sys/class/net/{}/bonding/active_slave",
            primary.name, bond.name
        ),
    }]
}

pub(super) fn silent_failover(bond: &Bond) -> Vec<Fault> {
    let none = bond.number("num_unsol_na") == Some(0);
    if bond.mode() != Some(Mode::ActiveBackup) || !none {
        return NONE;
    }
    let name = &bond.name;
    of_bond(
        format!(
            "{name} does not announce a failover (num_grat_arp is 0): switches send to the old \
             port until they hear from this host."
        ),
        format!("echo 1 > /sys/class/net/{name}/bonding/num_grat_arp"),
    )
}

/// Options that can be set in any mode, and matter in these.
const MATTERS: &[(&str, &[Mode])] = &[
    ("fail_over_mac", &[Mode::ActiveBackup]),
    ("min_links", &[Mode::Lacp]),
    ("ad_select", &[Mode::Lacp]),
    ("xmit_hash_policy", &[Mode::Xor, Mode::Lacp, Mode::Tlb]),
    (
        "primary_reselect",
        &[Mode::ActiveBackup, Mode::Tlb, Mode::Alb],
    ),
    ("lp_interval", &[Mode::Tlb, Mode::Alb]),
];

/// Returns the value in a new bond; none where a value does not tell that somebody wanted it.
fn default(opt: Opt) -> Option<Setting> {
    let Kind::Number(numbers) = opt.spec().kind else {
        return None;
    };
    // Words without a default begin with it, as lacp_rate.
    let number = numbers.default.or(numbers.words.first().map(|(_, n)| *n))?;
    Some(match numbers.word(number) {
        Some(word) if numbers.named => Setting::Text(word.to_string()),
        _ => Setting::Number(number),
    })
}

pub(super) fn option_without_effect(bond: &Bond) -> Vec<Fault> {
    let Some(mode) = bond.mode() else {
        return NONE;
    };
    let matters = |opt: Opt, mode: Mode| {
        let name = opt.spec().name;
        let modes = MATTERS.iter().find(|(option, _)| *option == name);
        !opt.spec().not_in.contains(mode) && modes.is_none_or(|(_, modes)| modes.contains(&mode))
    };
    let mut faults = Vec::new();
    for opt in Opt::ALL {
        let name = opt.spec().name;
        let (Some(is), Some(default)) = (bond.options.get(name), default(*opt)) else {
            continue;
        };
        if matters(*opt, mode) || *is == default {
            continue;
        }
        let where_so: Vec<&str> = Mode::ALL
            .into_iter()
            .filter(|mode| matters(*opt, *mode))
            .map(Mode::name)
            .collect();
        faults.extend(of_bond(
            format!(
                "{name} of {} is {is}, which has no effect in {}.",
                bond.name,
                mode.name()
            ),
            format!(
                "It belongs to {}: take that mode, or set {name} back to {default}.",
                words::list(&where_so)
            ),
        ));
    }
    faults
}

pub(super) fn delay_without_miimon(bond: &Bond) -> Vec<Fault> {
    if bond.number("miimon") != Some(0) {
        return NONE;
    }
    let set = |name: &&str| bond.number(name).is_some_and(|delay| delay > 0);
    let names: Vec<&str> = ["updelay", "downdelay"].into_iter().filter(set).collect();
    if names.is_empty() {
        return NONE;
    }
    of_bond(
        format!(
            "{} of {} {} set, and {} no effect without miimon.",
            words::list(&names),
            bond.name,
            words::by(names.len(), "is", "are"),
            words::by(names.len(), "has", "have"),
        ),
        format!(
            "Set miimon, or {} to 0.",
            words::by(names.len(), "it", "them")
        ),
    )
}
