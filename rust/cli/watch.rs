// SPDX-License-Identifier: GPL-2.0

//! Follows bonds in the terminal.

pub mod changes;
pub mod view;

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{self, KeyCode, KeyModifiers};

use crate::family::{Client, Event, Events};
use crate::history::follow::Teller;
use crate::history::{Line, Names};
use crate::state::kernel::{Heard, Kernel, Listener};
use crate::state::{Source, State, Trouble};
use changes::Follower;
use view::View;

/// The events that the terminal's loop waits for.
enum Input {
    Key(event::KeyEvent),
    Redraw,
    Heard(Vec<Heard>),
    Events(Vec<Event>),
    Failed(Trouble),
}

fn hear(listener: &Listener, to: &Sender<Input>) {
    loop {
        let (input, end) = match listener.hear() {
            Ok(heard) => (Input::Heard(heard), false),
            Err(trouble) => (Input::Failed(trouble), true),
        };
        if to.send(input).is_err() || end {
            return;
        }
    }
}

fn hear_events(events: &Events, to: &Sender<Input>) {
    // Without them the rest goes on.
    while let Ok(events) = events.next() {
        let gone = events.contains(&Event::Gone);
        if to.send(Input::Events(events)).is_err() || gone {
            return;
        }
    }
}

/// The records of the driver, where it has the family.
struct Records {
    client: Client,
    teller: Teller,
}

impl Records {
    /// Begins to listen, and reads what there is.
    fn new(
        only: Option<u32>,
        names: Names,
        to: &Sender<Input>,
    ) -> Result<Option<(Records, Vec<Line>)>, Trouble> {
        let Some(mut client) = Client::new()? else {
            return Ok(None);
        };
        let events = client.listen()?;
        let to = to.clone();
        thread::spawn(move || hear_events(&events, &to));
        let mut teller = Teller::new(only, 0, names);
        let lines = teller.read(&mut client)?;
        Ok(Some((Records { client, teller }, lines)))
    }
}

fn type_in(to: &Sender<Input>) {
    loop {
        let (input, end) = match event::read() {
            Ok(event::Event::Key(key)) => (Input::Key(key), false),
            Ok(_) => (Input::Redraw, false),
            Err(e) => (
                Input::Failed(Trouble(format!("the terminal is gone: {e}"))),
                true,
            ),
        };
        if to.send(input).is_err() || end {
            return;
        }
    }
}

/// The bonds that are watched.
fn read(kernel: &mut Kernel, only: Option<&str>) -> Result<State, Trouble> {
    let state = kernel.read()?;
    Ok(match only {
        Some(name) => state.only(name),
        None => state,
    })
}

/// Follows all bonds, or one, until q is pressed.
pub fn run(mut kernel: Kernel, only: Option<&str>, interval: f64) -> Result<(), Trouble> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Trouble(
            "watch needs a terminal: take 'rustbond show' to print, or 'ip monitor link'".into(),
        ));
    }
    // First of all, so that nothing is missed between the first look and the first event.
    let listener = Listener::new()?;
    let links = kernel.links()?;
    let names = Names::new(links.iter().map(|link| (link.index, link.name.clone())));
    let mut follower = Follower::new(links, only);
    let mut view = View::new(read(&mut kernel, only)?);
    let (to, inputs) = mpsc::channel();
    let index = match only {
        Some(name) => view.index(name),
        None => None,
    };
    // It is more than can be told of native bonding: without it the rest is whole.
    let mut records = match Records::new(index, names, &to).unwrap_or_default() {
        Some((mut records, lines)) => {
            let bonds = records.client.bonds().unwrap_or_default();
            follower.recorded(bonds.into_iter().map(|(bond, _)| bond));
            view.tell_at(lines.iter().map(|line| line.event(&records.teller.names)));
            Some(records)
        }
        None => None,
    };
    let keys = to.clone();
    thread::spawn(move || hear(&listener, &to));
    let mut terminal = ratatui::try_init()
        .map_err(|e| Trouble(format!("the terminal cannot be drawn on: {e}; see TERM")))?;
    thread::spawn(move || type_in(&keys));
    let interval = Duration::from_secs_f64(interval);
    let mut next = Instant::now() + interval;
    let ended = loop {
        if let Err(e) = terminal.draw(|frame| view.draw(frame)) {
            break Err(Trouble(format!("the terminal is gone: {e}")));
        }
        match inputs.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Input::Key(key)) => {
                let control = key.modifiers.contains(KeyModifiers::CONTROL);
                match key.code {
                    KeyCode::Char('q') | KeyCode::Esc => break Ok(()),
                    KeyCode::Char('c') if control => break Ok(()),
                    KeyCode::Down => view.scroll(1),
                    KeyCode::Up => view.scroll(-1),
                    _ => {}
                }
            }
            Ok(Input::Redraw) => {}
            Ok(Input::Heard(heard)) => {
                let told: Vec<String> = heard.iter().flat_map(|h| follower.hear(h)).collect();
                if !told.is_empty() {
                    view.tell(told);
                }
            }
            Ok(Input::Events(events)) => {
                for event in events {
                    let Some(Records { client, teller }) = &mut records else {
                        break;
                    };
                    if let Event::Record(record) = &event {
                        follower.recorded([record.bond_index]);
                    }
                    match teller.event(event, client) {
                        Ok(lines) => {
                            view.tell_at(lines.iter().map(|line| line.event(&teller.names)));
                        }
                        Err(trouble) => {
                            view.tell(vec![trouble.to_string()]);
                            follower.unrecorded();
                            records = None;
                        }
                    }
                }
            }
            Ok(Input::Failed(trouble)) => break Err(trouble),
            Err(RecvTimeoutError::Timeout) => {
                next = Instant::now() + interval;
                match read(&mut kernel, only) {
                    Ok(state) => view.look(state),
                    Err(trouble) => break Err(trouble),
                }
            }
            Err(RecvTimeoutError::Disconnected) => break Ok(()),
        }
    };
    ratatui::restore();
    ended
}
