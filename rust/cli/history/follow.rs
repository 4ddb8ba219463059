// SPDX-License-Identifier: GPL-2.0

//! Reads the history of bonds, and goes on with the records that are announced.

use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use lag::family::NAME;

use super::{merge, Line, Names, Next, Order, Record};
use crate::family::{self, Client, Event};
use crate::state::kernel::{Heard, Kernel, Listener};
use crate::state::{Bond, Trouble, OURS};

/// Time that the last announcements of a bond that has gone may take.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Reads histories. Tests have one of their own.
pub trait Histories {
    /// Lists the bonds: ifindex and name of each.
    fn bonds(&mut self) -> Result<Vec<(u32, String)>, Trouble>;
    /// Reads the records of a bond behind number `after`; none if the bond has gone.
    fn history(&mut self, bond: u32, after: u64) -> Result<Option<Vec<Record>>, Trouble>;
}

impl Histories for Client {
    fn bonds(&mut self) -> Result<Vec<(u32, String)>, Trouble> {
        Client::bonds(self)
    }

    fn history(&mut self, bond: u32, after: u64) -> Result<Option<Vec<Record>>, Trouble> {
        Client::history(self, bond, after)
    }
}

/// Tells the records of one bond, or of all, each once and in their order.
#[derive(Debug)]
pub struct Teller {
    only: Option<u32>,
    since: u64,
    order: Order,
    /// Names of interfaces as far as they are known.
    pub names: Names,
}

impl Teller {
    /// Begins behind number `since` of each bond; with `only`, tells of that bond.
    pub fn new(only: Option<u32>, since: u64, names: Names) -> Teller {
        Teller {
            only,
            since,
            order: Order::default(),
            names,
        }
    }

    /// Reads all that has not been told.
    pub fn read(&mut self, from: &mut dyn Histories) -> Result<Vec<Line>, Trouble> {
        let mut found = Vec::new();
        for (bond, _) in from.bonds()? {
            if self.only.is_none_or(|only| only == bond) {
                found.push(self.read_bond(bond, from)?);
            }
        }
        Ok(merge(found))
    }

    fn read_bond(&mut self, bond: u32, from: &mut dyn Histories) -> Result<Vec<Line>, Trouble> {
        let last = match self.order.last(bond) {
            0 => {
                self.order.since(bond, self.since);
                self.since
            }
            last => last,
        };
        let records = from.history(bond, last)?.unwrap_or_default();
        records
            .iter()
            .for_each(|record| self.names.learn_new(record));
        Ok(self.order.read(records))
    }

    /// Takes an event: what is to be told of it.
    pub fn event(&mut self, event: Event, from: &mut dyn Histories) -> Result<Vec<Line>, Trouble> {
        let record = match event {
            Event::Record(record) => record,
            Event::Lost => {
                let again = Line::Again {
                    bond: None,
                    after: 0,
                };
                let mut lines = vec![again];
                lines.extend(self.read(from)?);
                return Ok(lines);
            }
            Event::Gone => return Err(family::gone()),
        };
        if self.only.is_some_and(|only| only != record.bond_index) {
            return Ok(Vec::new());
        }
        self.names.learn(&record);
        match self.order.announced(&record) {
            Next::Known => Ok(Vec::new()),
            Next::Tell => Ok(vec![Line::Record(record)]),
            Next::Read(after) => {
                let bond = record.bond_index;
                let mut lines = vec![Line::Again {
                    bond: Some(record.bond.clone()),
                    after,
                }];
                lines.extend(self.read_bond(bond, from)?);
                // The bond has gone, or it is more than its history holds.
                lines.extend(self.order.read(vec![*record]));
                Ok(lines)
            }
        }
    }
}

/// Range of the records that are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Go on with what is announced.
    pub follow: bool,
    /// Only records behind this number.
    pub since: u64,
}

/// Says why the family does not know a bond.
fn not_there(bond: &Bond) -> Trouble {
    let name = &bond.name;
    Trouble(match bond.is_ours() {
        true => format!("the running driver of {name} has no family {NAME}: load a newer module"),
        false => format!(
            "{name} is a bond of native bonding: only those of the driver {OURS} keep a history \
             and answer for flows"
        ),
    })
}

/// Looks for the family; it is an error if there is none. `bond` is the one that is asked for, as
/// the state has it.
pub fn client(bond: Option<&Bond>) -> Result<Client, Trouble> {
    match (Client::new()?, bond) {
        (Some(client), _) => Ok(client),
        (None, Some(bond)) => Err(not_there(bond)),
        (None, None) => Err(Trouble(match Path::new("/sys/module").join(OURS).exists() {
            true => format!("the loaded module {OURS} has no family {NAME}: load a newer one"),
            false => format!(
                "the module {OURS} is not loaded, and only its bonds keep a history: modprobe {OURS}"
            ),
        })),
    }
}

/// Looks for the bond in what the family lists.
pub fn find(client: &mut Client, bond: &Bond) -> Result<u32, Trouble> {
    let bonds = client.bonds()?;
    match bonds.iter().any(|(index, _)| *index == bond.index) {
        true => Ok(bond.index),
        false => Err(not_there(bond)),
    }
}

/// Input of the loop.
enum Input {
    Events(Vec<Event>),
    Removed,
    Failed(Trouble),
}

/// Prints lines; returns whether anybody still reads.
pub type Tell<'a> = dyn FnMut(&[Line], &Names) -> Result<bool, Trouble> + 'a;

/// Tells the history line by line. `tell` returns false when nobody reads any more.
pub fn run(
    kernel: &mut Kernel,
    bond: Option<&Bond>,
    wanted: &Wanted,
    tell: &mut Tell<'_>,
) -> Result<(), Trouble> {
    let mut client = client(bond)?;
    let only = match bond {
        Some(bond) => Some(find(&mut client, bond)?),
        None => None,
    };
    // First of all, so that nothing is missed between the reading and the first event.
    let inputs = match wanted.follow {
        true => Some(listen(&client, only)?),
        false => None,
    };
    let links = kernel.links()?;
    let names = Names::new(links.into_iter().map(|link| (link.index, link.name)));
    let mut teller = Teller::new(only, wanted.since, names);
    let lines = teller.read(&mut client)?;
    if !tell(&lines, &teller.names)? {
        return Ok(());
    }
    let Some(inputs) = inputs else {
        return Ok(());
    };
    let mut removed = false;
    loop {
        let input = match removed {
            true => inputs.recv_timeout(LAST_WORDS),
            false => inputs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        let events = match input {
            Ok(Input::Events(events)) => events,
            Ok(Input::Removed) => {
                removed = true;
                continue;
            }
            Ok(Input::Failed(trouble)) => return Err(trouble),
            Err(_) => {
                let name = bond.map_or("the bond", |bond| bond.name.as_str());
                return Err(Trouble(format!(
                    "{name} was removed: its history has ended"
                )));
            }
        };
        for event in events {
            let lines = teller.event(event, &mut client)?;
            if !tell(&lines, &teller.names)? {
                return Ok(());
            }
        }
    }
}

/// Listens to the group, and for the end of the bond, each in a thread.
fn listen(client: &Client, only: Option<u32>) -> Result<mpsc::Receiver<Input>, Trouble> {
    let events = client.listen()?;
    let (to, inputs) = mpsc::channel();
    let gone = to.clone();
    thread::spawn(move || loop {
        let (input, end) = match events.next() {
            Ok(events) => (Input::Events(events), false),
            Err(trouble) => (Input::Failed(trouble), true),
        };
        if to.send(input).is_err() || end {
            return;
        }
    });
    if let Some(index) = only {
        let listener = Listener::new()?;
        thread::spawn(move || loop {
            let Ok(heard) = listener.hear() else { return };
            let is_gone = |heard: &Heard| matches!(heard, Heard::Gone(link) if link.index == index);
            if heard.iter().any(is_gone) {
                let _ = gone.send(Input::Removed);
                return;
            }
        });
    }
    Ok(inputs)
}
