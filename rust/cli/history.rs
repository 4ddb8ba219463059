// SPDX-License-Identifier: GPL-2.0

//! The history of bonds: the driver's records, as sentences and as JSON.

pub mod follow;
pub mod sentence;

use std::collections::BTreeMap;

use lag::family::record as attr;
use lag::history::{Cause, What};
use serde::Serialize;

use crate::family::facts::word;
use crate::family::message::Fields;

/// A record, as the family tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The bond's ifindex.
    pub bond_index: u32,
    /// The bond's name.
    pub bond: String,
    /// Its number: the bond's first has 1, each next one the next.
    pub seq: u64,
    /// Nanoseconds of CLOCK_MONOTONIC.
    pub monotonic: u64,
    /// Nanoseconds since 1970-01-01 UTC.
    pub wall: u64,
    /// Number of the property that has changed: a [`What`], or one of tomorrow.
    pub what: u64,
    /// Number of the cause: a [`Cause`], or one of tomorrow.
    pub cause: u64,
    /// The value before.
    pub from: u64,
    /// The value now.
    pub to: u64,
    /// The slave's ifindex and its name at that time; none of a change of the bond itself.
    pub slave: Option<(u32, String)>,
    /// The option that was changed.
    pub option: Option<String>,
    /// Number of the reason of LACP, where that is the cause.
    pub reason: Option<u64>,
}

impl Record {
    /// Reads a message; none without a bond or a number.
    pub fn read(fields: &Fields) -> Option<Record> {
        let number = |attr| fields.number(attr).unwrap_or(0);
        let slave = fields.number32(attr::SLAVE).map(|index| {
            let name = fields.text(attr::IFNAME).unwrap_or_default();
            (index, name.to_string())
        });
        Some(Record {
            bond_index: fields.number32(attr::BOND)?,
            bond: fields.text(attr::BOND_IFNAME)?.to_string(),
            seq: fields.number(attr::SEQ)?,
            monotonic: number(attr::MONOTONIC),
            wall: number(attr::WALL),
            what: number(attr::WHAT),
            cause: number(attr::CAUSE),
            from: number(attr::FROM),
            to: number(attr::TO),
            slave,
            option: fields.text(attr::OPTION).map(str::to_string),
            reason: fields.number(attr::REASON),
        })
    }

    /// Returns the property, if it is one that we know.
    pub fn what(&self) -> Option<What> {
        What::from_number(self.what)
    }

    /// Returns the cause, if it is one that we know.
    pub fn cause(&self) -> Option<Cause> {
        Cause::from_number(self.cause)
    }
}

/// Names of interfaces, those that have gone included.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<u32, String>);

impl Names {
    /// Begins with the interfaces that are there.
    pub fn new(here: impl IntoIterator<Item = (u32, String)>) -> Names {
        Names(here.into_iter().collect())
    }

    /// Takes the name that a record has for its slave.
    pub fn learn(&mut self, record: &Record) {
        if let Some((index, name)) = &record.slave {
            self.0.insert(*index, name.clone());
        }
    }

    /// Takes a name for an interface that has none yet: an earlier record may need it.
    pub fn learn_new(&mut self, record: &Record) {
        if let Some((index, name)) = &record.slave {
            self.0.entry(*index).or_insert_with(|| name.clone());
        }
    }

    /// Returns the name of an ifindex, or words in place of it.
    pub fn of(&self, index: u64) -> String {
        if index == 0 {
            return "none".to_string();
        }
        let name = u32::try_from(index).ok().and_then(|n| self.0.get(&n));
        name.map_or_else(|| format!("interface {index}"), String::clone)
    }
}

/// A line of the history.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// A record.
    Record(Box<Record>),
    /// Records that were overwritten before they could be read.
    Overwritten {
        /// The bond's name.
        bond: String,
        /// Number of the first one.
        first: u64,
        /// Number of the last one.
        last: u64,
    },
    /// Announcements were lost, and the history is read again.
    Again {
        /// The bond's name; all bonds if there is none.
        bond: Option<String>,
        /// Number of the last record seen of that bond.
        after: u64,
    },
}

/// A record in JSON.
#[derive(Serialize)]
struct Told<'a> {
    bond: &'a str,
    bond_index: u32,
    seq: u64,
    time: String,
    wall_ns: u64,
    monotonic_ns: u64,
    slave: Option<&'a str>,
    slave_index: Option<u32>,
    what: Option<&'static str>,
    cause: Option<&'static str>,
    from: u64,
    to: u64,
    option: Option<&'a str>,
    reason: Option<&'static str>,
    text: String,
}

#[derive(Serialize)]
struct Overwritten<'a> {
    bond: &'a str,
    overwritten: [u64; 2],
}

#[derive(Serialize)]
struct Again<'a> {
    bond: Option<&'a str>,
    read_again_after: u64,
}

impl Line {
    /// Returns the line as a JSON object, on one line.
    pub fn json(&self, names: &Names) -> String {
        let text = match self {
            Line::Record(record) => serde_json::to_string(&Told {
                bond: &record.bond,
                bond_index: record.bond_index,
                seq: record.seq,
                time: time(record.wall) + "Z",
                wall_ns: record.wall,
                monotonic_ns: record.monotonic,
                slave: record.slave.as_ref().map(|(_, name)| name.as_str()),
                slave_index: record.slave.as_ref().map(|(index, _)| *index),
                what: word("what", record.what),
                cause: word("cause", record.cause),
                from: record.from,
                to: record.to,
                option: record.option.as_deref(),
                reason: record.reason.and_then(|reason| word("reason", reason)),
                text: sentence::of(record, names),
            }),
            Line::Overwritten { bond, first, last } => serde_json::to_string(&Overwritten {
                bond,
                overwritten: [*first, *last],
            }),
            Line::Again { bond, after } => serde_json::to_string(&Again {
                bond: bond.as_deref(),
                read_again_after: *after,
            }),
        };
        // Strings and numbers only.
        text.unwrap_or_default()
    }

    /// Returns the line for people who see it beside others, and when it was, in seconds since 1970; no
    /// time of what is no record.
    pub fn event(&self, names: &Names) -> (Option<u64>, String) {
        let Line::Record(record) = self else {
            return (None, self.text(names, true));
        };
        let text = sentence::of(record, names);
        let text = match &record.slave {
            Some((_, slave)) => format!("{}: {slave} {text}", record.bond),
            None => format!("{}: {text}", record.bond),
        };
        (Some(record.wall / 1_000_000_000), text)
    }

    /// Returns the line for people. With several bonds, each line names its own.
    pub fn text(&self, names: &Names, several: bool) -> String {
        match self {
            Line::Record(record) => {
                let time = time(record.wall);
                let text = sentence::of(record, names);
                let slave = record.slave.as_ref().map(|(_, name)| name.as_str());
                let head = match (several, slave) {
                    (true, Some(slave)) => format!("{}: {slave}", record.bond),
                    (true, None) => format!("{}:", record.bond),
                    (false, Some(slave)) => slave.to_string(),
                    (false, None) => record.bond.clone(),
                };
                format!("{time}  {head}  {text}")
            }
            Line::Overwritten { bond, first, last } => {
                let what = match last - first {
                    0 => format!("record {first} of {bond} has been overwritten"),
                    _ => format!("records {first} to {last} of {bond} have been overwritten"),
                };
                format!("-- {what} by newer ones --")
            }
            Line::Again {
                bond: Some(bond),
                after,
            } => format!(
                "-- announcements of {bond} are missing: its history is read again after record \
                 {after} --"
            ),
            Line::Again { bond: None, .. } => "-- more was announced than could be read: the \
                                               history of each bond is read again --"
                .to_string(),
        }
    }
}

/// Returns date and time of day in UTC, to the millisecond: `2026-11-30 17:51:02.123`.
pub fn time(wall: u64) -> String {
    let seconds = wall / 1_000_000_000;
    let (days, day) = (seconds / 86400, seconds % 86400);
    let (year, month, date) = civil(days);
    format!(
        "{year}-{month:02}-{date:02} {:02}:{:02}:{:02}.{:03}",
        day / 3600,
        day / 60 % 60,
        day % 60,
        wall / 1_000_000 % 1000
    )
}

/// Year, month and day of the month, so many days after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01 on, in eras of 400 years, so that the leap day is a year's last.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + later, month, date)
}

/// Number up to which each bond's history has been read. All that comes, by the group or by a reading, goes
/// through it: no record is told twice, and none is passed over.
#[derive(Clone, Debug, Default)]
pub struct Order {
    last: BTreeMap<u32, u64>,
}

/// Treatment of a record that was announced.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// It is the next one: tell it.
    Tell,
    /// It has been told.
    Known,
    /// Others stand between it and the last one told: read the history behind that number.
    Read(u64),
}

impl Order {
    /// Sets the number behind which a bond's records are told.
    pub fn since(&mut self, bond: u32, seq: u64) {
        self.last.insert(bond, seq);
    }

    /// Returns the number of the last record told of a bond; 0 if there was none.
    pub fn last(&self, bond: u32) -> u64 {
        self.last.get(&bond).copied().unwrap_or(0)
    }

    /// Judges a record that was announced.
    pub fn announced(&mut self, record: &Record) -> Next {
        let last = self.last(record.bond_index);
        if record.seq <= last {
            Next::Known
        } else if record.seq == last + 1 {
            self.last.insert(record.bond_index, record.seq);
            Next::Tell
        } else {
            Next::Read(last)
        }
    }

    /// Takes what a reading of one bond's history has found, and tells what is new of it: records, and
    /// that some have been overwritten.
    pub fn read(&mut self, records: Vec<Record>) -> Vec<Line> {
        let mut lines = Vec::new();
        for record in records {
            let last = self.last(record.bond_index);
            if record.seq <= last {
                continue;
            }
            if record.seq > last + 1 {
                lines.push(Line::Overwritten {
                    bond: record.bond.clone(),
                    first: last + 1,
                    last: record.seq - 1,
                });
            }
            self.last.insert(record.bond_index, record.seq);
            lines.push(Line::Record(Box::new(record)));
        }
        lines
    }
}

/// Puts the lines of several bonds into the order of time; each bond's stay in their own.
pub fn merge(bonds: Vec<Vec<Line>>) -> Vec<Line> {
    let mut all: Vec<(u64, Line)> = Vec::new();
    for lines in bonds {
        // One that is no record stands before the record that follows it.
        let mut at = u64::MAX;
        let mut timed: Vec<(u64, Line)> = Vec::new();
        for line in lines.into_iter().rev() {
            if let Line::Record(record) = &line {
                at = record.monotonic;
            }
            timed.push((at, line));
        }
        all.extend(timed.into_iter().rev());
    }
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, line)| line).collect()
}
