// SPDX-License-Identifier: GPL-2.0

//! Changes by an rtnetlink message, in words. Of a bond whose driver keeps records, only what those do
//! not tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::show::port_state;
use crate::state::kernel::Heard;
use crate::state::link::{BondData, Link, SlaveData};
use crate::state::{Setting, OURS};

/// Knows all interfaces, as they were when last heard of.
#[derive(Clone, Debug)]
pub struct Follower {
    links: BTreeMap<u32, Link>,
    only: Option<String>,
    /// Bonds of which there are records; none at all where nobody hears of them.
    recorded: Option<BTreeSet<u32>>,
}

fn up_down(is: bool) -> &'static str {
    if is {
        "up"
    } else {
        "down"
    }
}

impl Follower {
    /// Begins with these interfaces; with `only`, tells of that bond.
    pub fn new(links: Vec<Link>, only: Option<&str>) -> Follower {
        Follower {
            links: links.into_iter().map(|link| (link.index, link)).collect(),
            only: only.map(str::to_string),
            recorded: None,
        }
    }

    /// Says that records of these bonds are told, and of those that our driver makes from now on.
    pub fn recorded(&mut self, bonds: impl IntoIterator<Item = u32>) {
        self.recorded.get_or_insert_default().extend(bonds);
    }

    /// Says that no records are told any more.
    pub fn unrecorded(&mut self) {
        self.recorded = None;
    }

    fn has_records(&self, bond: &Link) -> bool {
        let ours = bond.kind.as_deref() == Some(OURS);
        let recorded = self.recorded.as_ref();
        recorded.is_some_and(|bonds| ours || bonds.contains(&bond.index))
    }

    /// Returns whether somebody watches that bond.
    fn wants(&self, bond: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == bond)
    }

    fn name(&self, index: Option<u32>) -> Option<&str> {
        let link = self.links.get(&index?)?;
        link.bond.as_ref().map(|_| link.name.as_str())
    }

    /// An interface by its number, in place of it.
    fn value(&self, setting: &Setting, interface: bool) -> String {
        match setting {
            Setting::Number(number) if interface => {
                let index = u32::try_from(*number).ok();
                let link = index.and_then(|index| self.links.get(&index));
                link.map_or("none".to_string(), |link| link.name.clone())
            }
            _ => setting.to_string(),
        }
    }

    /// Returns the changes by a message: a line each.
    pub fn hear(&mut self, heard: &Heard) -> Vec<String> {
        match heard {
            Heard::Lost => vec!["more happened than could be read: some events are lost".into()],
            Heard::Link(link) => {
                let old = self.links.insert(link.index, (**link).clone());
                self.compare(old.as_ref(), link)
            }
            Heard::Gone(link) => {
                let Some(old) = self.links.remove(&link.index) else {
                    return Vec::new();
                };
                if old.bond.is_some() && self.wants(&old.name) {
                    return vec![format!("{}: removed", old.name)];
                }
                let bond = old.slave.as_ref().and_then(|_| self.name(old.master));
                match bond.filter(|bond| self.wants(bond)) {
                    Some(bond) => vec![format!("{bond}: slave {} is gone", old.name)],
                    None => Vec::new(),
                }
            }
        }
    }

    fn compare(&self, old: Option<&Link>, new: &Link) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(data) = &new.bond {
            if self.wants(&new.name) {
                let before = old.and_then(|old| Some((old, old.bond.as_ref()?)));
                self.bond(before, new, data, &mut told);
            }
        }
        let bond_of = |link: &Link| {
            let bond = link.slave.as_ref().and_then(|_| self.name(link.master));
            bond.filter(|bond| self.wants(bond))
        };
        let (was, is) = (old.and_then(bond_of), bond_of(new));
        let master = |link: &Link| self.links.get(&link.master?);
        let records = [old.and_then(master), master(new)];
        let records = records.into_iter().flatten().any(|l| self.has_records(l));
        if was != is {
            if records {
                return told;
            }
            told.extend(was.map(|bond| format!("{bond}: {} is a slave no more", new.name)));
            told.extend(is.map(|bond| format!("{bond}: {} is a slave now", new.name)));
        } else if let (Some(bond), Some(old)) = (is, old) {
            slave(
                &format!("{bond}: {}", new.name),
                old,
                new,
                records,
                &mut told,
            );
        }
        told
    }

    fn bond(
        &self,
        before: Option<(&Link, &BondData)>,
        new: &Link,
        data: &BondData,
        told: &mut Vec<String>,
    ) {
        let name = &new.name;
        let Some((old, old_data)) = before else {
            told.push(format!("{name}: made"));
            return;
        };
        if old.up != new.up {
            told.push(format!("{name}: {}", up_down(new.up)));
        }
        let records = self.has_records(new);
        if old.carrier != new.carrier && !records {
            told.push(format!("{name}: carrier {}", up_down(new.carrier)));
        }
        let options = data.options.iter().filter(|_| !records);
        for (option, setting) in options {
            if old_data.options.get(option) == Some(setting) {
                continue;
            }
            let interface = matches!(*option, "active_slave" | "primary");
            let value = self.value(setting, interface);
            told.push(match *option {
                "active_slave" => format!("{name}: active slave {value}"),
                _ => format!("{name}: {option} {value}"),
            });
        }
        if let (Some(was), Some(is)) = (&old_data.aggregate, &data.aggregate) {
            if was != is {
                let (number, ports, partner) = (is.aggregator, is.ports, &is.partner_mac);
                told.push(format!(
                    "{name}: aggregator {number}, ports {ports}, partner {partner}"
                ));
            }
        }
    }
}

fn slave(head: &str, old: &Link, new: &Link, records: bool, told: &mut Vec<String>) {
    if old.up != new.up {
        told.push(format!("{head} {}", up_down(new.up)));
    }
    if old.carrier != new.carrier {
        told.push(format!("{head} carrier {}", up_down(new.carrier)));
    }
    let nothing = SlaveData::default();
    let was = old.slave.as_ref().unwrap_or(&nothing);
    let is = new.slave.as_ref().unwrap_or(&nothing);
    if let Some(status) = is
        .mii_status
        .filter(|_| !records && was.mii_status != is.mii_status)
    {
        told.push(format!("{head} link {status}"));
    }
    if let Some(state) = is.state.filter(|_| !records && was.state != is.state) {
        told.push(format!("{head} {state}"));
    }
    if let Some(number) = is
        .aggregator
        .filter(|_| !records && was.aggregator != is.aggregator)
    {
        told.push(format!("{head} in aggregator {number}"));
    }
    let ends = [
        ("LACP", was.actor_state, is.actor_state),
        ("LACP partner", was.partner_state, is.partner_state),
    ];
    for (end, was, is) in ends {
        if let Some(state) = is.filter(|_| was != is) {
            told.push(format!("{head} {end}: {}", port_state(state)));
        }
    }
}
