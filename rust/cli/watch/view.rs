// SPDX-License-Identifier: GPL-2.0

//! The picture on the terminal.

use std::collections::{BTreeMap, VecDeque};
use std::time::{SystemTime, UNIX_EPOCH};

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Style, Stylize};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};
use ratatui::Frame;

use crate::show;
use crate::state::{Bond, Slave, State, Traffic};
use crate::words;

/// Number of events that are kept.
const EVENTS: usize = 1000;

/// Octets a second of an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Received.
    pub rx: f64,
    /// Transmitted.
    pub tx: f64,
}

/// Rates of all slaves between two looks, by the numbers of their interfaces.
pub fn rates(before: &State, now: &State) -> BTreeMap<u32, Rates> {
    let traffic = |state: &State| -> BTreeMap<u32, Traffic> {
        let slaves = state.bonds.iter().flat_map(|bond| &bond.slaves);
        slaves.map(|slave| (slave.index, slave.traffic)).collect()
    };
    let (before_them, seconds) = (traffic(before), now.seconds - before.seconds);
    if seconds <= 0.0 {
        return BTreeMap::new();
    }
    let rate = |was: u64, is: u64| is.saturating_sub(was) as f64 / seconds;
    traffic(now)
        .into_iter()
        .filter_map(|(index, is)| {
            let was = before_them.get(&index)?;
            let rates = Rates {
                rx: rate(was.rx_bytes, is.rx_bytes),
                tx: rate(was.tx_bytes, is.tx_bytes),
            };
            Some((index, rates))
        })
        .collect()
}

/// Hours, minutes and seconds of the day, UTC.
pub fn clock(seconds: u64) -> String {
    let day = seconds % 86400;
    format!("{:02}:{:02}:{:02}", day / 3600, day / 60 % 60, day % 60)
}

/// The picture.
#[derive(Clone, Debug)]
pub struct View {
    state: State,
    rates: BTreeMap<u32, Rates>,
    events: VecDeque<(String, String)>,
    first: usize,
}

impl View {
    /// Begins with a state.
    pub fn new(state: State) -> View {
        View {
            state,
            rates: BTreeMap::new(),
            events: VecDeque::new(),
            first: 0,
        }
    }

    /// Returns the ifindex of a bond.
    pub fn index(&self, name: &str) -> Option<u32> {
        let bond = self.state.bonds.iter().find(|bond| bond.name == name)?;
        Some(bond.index)
    }

    /// Takes the next state.
    pub fn look(&mut self, state: State) {
        self.rates = rates(&self.state, &state);
        self.state = state;
    }

    /// Adds events of now.
    pub fn tell(&mut self, told: Vec<String>) {
        self.tell_at(told.into_iter().map(|text| (None, text)));
    }

    /// Adds events, each with its time in seconds since 1970 if that is not now.
    pub fn tell_at(&mut self, told: impl IntoIterator<Item = (Option<u64>, String)>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |d| d.as_secs());
        for (at, text) in told {
            self.events.push_back((clock(at.unwrap_or(now)), text));
        }
        while self.events.len() > EVENTS {
            self.events.pop_front();
        }
    }

    /// Moves to further bonds.
    pub fn scroll(&mut self, by: isize) {
        let last = self.state.bonds.len().saturating_sub(1);
        self.first = self.first.saturating_add_signed(by).min(last);
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let [bonds, events, help] = Layout::vertical([
            Constraint::Percentage(65),
            Constraint::Min(4),
            Constraint::Length(1),
        ])
        .areas(frame.area());
        self.draw_bonds(frame, bonds);
        self.draw_events(frame, events);
        let keys = Line::from(" q ends; up and down show other bonds; times are UTC").dim();
        frame.render_widget(keys, help);
    }

    fn draw_bonds(&self, frame: &mut Frame<'_>, mut area: Rect) {
        if self.state.bonds.is_empty() {
            frame.render_widget(Paragraph::new(" no bonds"), area);
            return;
        }
        for bond in self.state.bonds.iter().skip(self.first) {
            let lines: usize = bond.slaves.iter().map(|s| 1 + notes(bond, s).len()).sum();
            let head = show::head(bond);
            // The first line of the head stands in the frame, and the names of the columns are one.
            let height = lines + head.len() + 2;
            if area.height < 3 {
                return;
            }
            let height = u16::try_from(height).unwrap_or(u16::MAX).min(area.height);
            let [here, rest] =
                Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area);
            self.draw_bond(frame, here, bond, &head);
            area = rest;
        }
    }

    fn draw_bond(&self, frame: &mut Frame<'_>, area: Rect, bond: &Bond, head: &[String]) {
        let (first, more) = head.split_first().expect("a bond has a first line");
        let mut lines: Vec<Line<'_>> = more.iter().map(|line| Line::from(line.as_str())).collect();
        let columns = ["slave", "link", "speed", "", "sends", "receives"].map(String::from);
        lines.push(Line::from(row(&columns)).bold());
        let total: f64 = bond.slaves.iter().map(|s| self.rate(s).tx).sum();
        for slave in &bond.slaves {
            let rates = self.rate(slave);
            let share = match total > 0.0 {
                true => format!(" ({:.0} %)", rates.tx * 100.0 / total),
                false => String::new(),
            };
            let style = match (bond.uses(slave), slave.is_linked()) {
                (true, _) => Style::new().green(),
                (false, true) => Style::new(),
                (false, false) => Style::new().red(),
            };
            let cells = [
                slave.name.clone(),
                show::link(slave).to_string(),
                show::speed(slave),
                show::role(bond, slave).to_string(),
                format!("{}{share}", words::rate(rates.tx * 8.0)),
                words::rate(rates.rx * 8.0),
            ];
            lines.push(Line::from(row(&cells)).style(style));
            lines.extend(
                notes(bond, slave)
                    .into_iter()
                    .map(|note| Line::from(format!("    {note}"))),
            );
        }
        let block = Block::bordered().title(format!(" {first} "));
        frame.render_widget(Paragraph::new(lines).block(block), area);
    }

    fn rate(&self, slave: &Slave) -> Rates {
        self.rates.get(&slave.index).copied().unwrap_or_default()
    }

    fn draw_events(&self, frame: &mut Frame<'_>, area: Rect) {
        let block = Block::bordered().title(" events ");
        let room = usize::from(block.inner(area).height);
        let skip = self.events.len().saturating_sub(room);
        let lines: Vec<Line<'_>> = self
            .events
            .iter()
            .skip(skip)
            .map(|(time, text)| Line::from(format!("{time}  {text}")))
            .collect();
        frame.render_widget(Paragraph::new(lines).block(block), area);
    }
}

/// A line of the table.
fn row(cells: &[String; 6]) -> String {
    let [slave, link, speed, role, sends, receives] = cells;
    let line = format!("{slave:<12} {link:<10} {speed:<14} {role:<8} {sends:<20} {receives}");
    line.trim_end().to_string()
}

/// States of both ends of a port, and why it is not used.
fn notes(bond: &Bond, slave: &Slave) -> Vec<String> {
    let Some(port) = &slave.port else {
        return Vec::new();
    };
    let end = |name: &str, state: Option<u8>| {
        state.map(|state| format!("{name} {}", show::port_state(state)))
    };
    let mut notes: Vec<String> = [
        end("actor", port.actor_state),
        end("partner", port.partner_state),
    ]
    .into_iter()
    .flatten()
    .collect();
    let why = crate::why::lacp::short(bond, slave);
    if why.is_some() {
        notes.extend(show::machines(slave));
    }
    notes.splice(0..0, why);
    notes
}
