// SPDX-License-Identifier: GPL-2.0

//! A picture of bonds in text.

use lag::family::bond_counters;
use lag::mode::Mode;

use crate::state::{bits, Bond, Party, Slave, State};
use crate::why;
use crate::words;

/// Characters of which lines and marks are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Glyphs {
    branch: &'static str,
    last: &'static str,
    pipe: &'static str,
    used: &'static str,
    idle: &'static str,
}

impl Glyphs {
    /// For terminals that show UTF-8.
    pub const UNICODE: Glyphs = Glyphs {
        branch: "├─",
        last: "└─",
        pipe: "│",
        used: "●",
        idle: "○",
    };
    /// For all others.
    pub const ASCII: Glyphs = Glyphs {
        branch: "+-",
        last: "`-",
        pipe: "|",
        used: "*",
        idle: "o",
    };

    /// Those that fit the locale, as the environment gives it.
    pub fn of_environment() -> Glyphs {
        let set = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
        let names = ["LC_ALL", "LC_CTYPE", "LANG"];
        let locale = names
            .into_iter()
            .find(set)
            .and_then(|n| std::env::var(n).ok());
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") {
            Glyphs::UNICODE
        } else {
            Glyphs::ASCII
        }
    }
}

/// Draws bonds, one under the other.
pub fn text(state: &State, glyphs: &Glyphs) -> String {
    let pictures: Vec<String> = state.bonds.iter().map(|b| bond(b, glyphs)).collect();
    pictures.join("\n")
}

/// Returns which monitor watches the links.
pub(crate) fn monitoring(bond: &Bond) -> String {
    let number = |name| bond.number(name).unwrap_or(0);
    let (miimon, arp) = (number("miimon"), number("arp_interval"));
    if arp > 0 {
        let targets = [bond.list("arp_ip_target"), bond.list("ns_ip6_target")].concat();
        format!("ARP each {arp} ms to {}", words::list(&targets))
    } else if miimon > 0 {
        format!("miimon {miimon} ms")
    } else if bond.is_ours() {
        "carrier".to_string()
    } else {
        "no monitoring".to_string()
    }
}

/// The lines about the bond itself.
pub(crate) fn head(bond: &Bond) -> Vec<String> {
    let mut first = vec![match (bond.up, bond.carrier) {
        (false, _) => "down".to_string(),
        (true, false) => "up, no carrier".to_string(),
        (true, true) => "up".to_string(),
    }];
    first.extend(bond.speed.filter(|_| bond.carrier).map(words::speed));
    first.push(format!("MTU {}", bond.mtu));
    first.extend(bond.address.clone());
    let mut second = Vec::new();
    if let Some(driver) = &bond.driver {
        second.push(format!("{} {}", driver.name, driver.version));
    }
    second.push(monitoring(bond));
    let hashed = matches!(bond.mode(), Some(Mode::Xor | Mode::Lacp));
    if let Some(policy) = bond.text("xmit_hash_policy").filter(|_| hashed) {
        second.push(format!("hash {policy}"));
    }
    if let Some(primary) = bond.text("primary") {
        second.push(format!("primary {primary}"));
    }
    let mode = bond.text("mode").unwrap_or("unknown mode");
    let mut lines = vec![
        format!("{}  {mode}  {}", bond.name, first.join(", ")),
        second.join(", "),
    ];
    if bond.is_lacp() {
        let rate = bond.text("lacp_rate").unwrap_or("unknown");
        lines.push(match &bond.aggregate {
            Some(a) => format!(
                "aggregator {}: {}, key {}, LACP rate {rate}, partner {} key {}",
                a.aggregator,
                words::count(a.ports.into(), "port"),
                a.actor_key,
                a.partner_mac,
                a.partner_key
            ),
            None => match bond.aggregator() {
                Some(number) => format!("aggregator {number}, LACP rate {rate}"),
                None => format!("no active aggregator, LACP rate {rate}"),
            },
        });
    }
    lines.extend(counted(bond));
    lines
}

/// Counters of the bond that are not zero, where the driver tells them.
fn counted(bond: &Bond) -> Option<String> {
    let texts = [
        (bond_counters::FAILOVERS, "failover", "failovers"),
        (
            bond_counters::TX_NO_SLAVE,
            "packet dropped as no slave could send",
            "packets dropped as no slave could send",
        ),
        (
            bond_counters::TX_NO_MEMORY,
            "packet dropped for want of memory",
            "packets dropped for want of memory",
        ),
        (
            bond_counters::FLOWS_MOVED,
            "flow moved by failures",
            "flows moved by failures",
        ),
        (
            bond_counters::FLOWS_REBALANCED,
            "flow moved by load",
            "flows moved by load",
        ),
        (
            bond_counters::CLIENTS_MOVED,
            "client given to another slave",
            "clients given to another slave",
        ),
    ];
    let counted = texts.into_iter().filter_map(|(attr, one, several)| {
        match bond.counter(attr).unwrap_or(0) {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {several}")),
        }
    });
    let counted: Vec<String> = counted.collect();
    (!counted.is_empty()).then(|| counted.join(", "))
}

/// The states of the machines of a port, where the driver tells them.
pub(crate) fn machines(slave: &Slave) -> Option<String> {
    let machines = slave.port.as_ref()?.machines.as_ref()?;
    let (receive, periodic, mux) = (&machines.receive, &machines.periodic, &machines.mux);
    let mut text = format!("machines: receive {receive}, periodic {periodic}, mux {mux}");
    if let Some(ms) = machines.wait_while {
        text += &format!(", waits for {ms} ms");
    }
    Some(text)
}

/// The link of a slave in a word.
pub(crate) fn link(slave: &Slave) -> &str {
    if !slave.up {
        "down"
    } else if !slave.carrier {
        "no carrier"
    } else {
        slave.mii_status.as_deref().unwrap_or("up")
    }
}

/// Speed and duplex.
pub(crate) fn speed(slave: &Slave) -> String {
    match (slave.carrier, slave.speed) {
        (true, Some(speed)) => {
            let speed = words::speed(speed);
            let duplex = slave.duplex.as_deref().unwrap_or("");
            format!("{speed} {duplex}").trim_end().to_string()
        }
        _ => "-".to_string(),
    }
}

/// Returns the part that the slave plays for the bond.
pub(crate) fn role(bond: &Bond, slave: &Slave) -> &'static str {
    if bond.text("active_slave") == Some(&slave.name) {
        "active"
    } else if bond.uses(slave) {
        "used"
    } else if bond.mode() == Some(Mode::ActiveBackup) {
        "backup"
    } else {
        "not used"
    }
}

/// Shares of what all slaves have transmitted and received, in percent.
pub(crate) fn shares(bond: &Bond, slave: &Slave) -> (Option<f64>, Option<f64>) {
    let tx = bond.slaves.iter().map(|s| s.traffic.tx_bytes).sum();
    let rx = bond.slaves.iter().map(|s| s.traffic.rx_bytes).sum();
    (
        words::share(slave.traffic.tx_bytes, tx),
        words::share(slave.traffic.rx_bytes, rx),
    )
}

fn percent(share: Option<f64>) -> String {
    match share {
        Some(share) => format!("{share:.1} %"),
        None => "-".to_string(),
    }
}

/// The state of a port in words.
pub(crate) fn port_state(state: u8) -> String {
    let set = bits::WORDS.iter().filter(|(bit, _)| state & bit != 0);
    let words: Vec<&str> = set.map(|(_, word)| *word).collect();
    if words.is_empty() {
        "nothing".to_string()
    } else {
        words.join(", ")
    }
}

fn party(party: &Party) -> String {
    let (system, port, key) = (&party.system, party.port, party.key);
    format!(
        "{system} port {port} key {key}: {}",
        port_state(party.state)
    )
}

/// Returns the lines about a port below its slave's line.
pub(crate) fn notes(bond: &Bond, slave: &Slave) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(port) = &slave.port {
        let nobody = |party: &&Party| party.system != "00:00:00:00:00:00";
        if let Some(partner) = port.partner.as_ref().filter(nobody) {
            notes.push(format!("partner {}", party(partner)));
        }
        if let Some(why) = why::lacp::short(bond, slave) {
            notes.push(match bond.uses(slave) {
                true => format!("used without an agreement: {why}"),
                false => format!("not used: {why}"),
            });
            notes.extend(machines(slave));
        }
    }
    notes
}

fn bond(bond: &Bond, glyphs: &Glyphs) -> String {
    let mut out = String::new();
    let pipe = if bond.slaves.is_empty() {
        " "
    } else {
        glyphs.pipe
    };
    for (at, line) in head(bond).iter().enumerate() {
        match at {
            0 => out += &format!("{line}\n"),
            _ => out += &format!("{pipe}  {line}\n"),
        }
    }
    let rows: Vec<Vec<String>> = bond.slaves.iter().map(|s| row(bond, s)).collect();
    let columns = rows.first().map_or(0, Vec::len);
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max();
    let widths: Vec<usize> = (0..columns).filter_map(width).collect();
    for (at, (slave, row)) in bond.slaves.iter().zip(&rows).enumerate() {
        let last = at + 1 == bond.slaves.len();
        let branch = if last { glyphs.last } else { glyphs.branch };
        let mark = match bond.uses(slave) {
            true => glyphs.used,
            false => glyphs.idle,
        };
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let fill = " ".repeat(width - cell.chars().count());
            format!("{cell}{fill}")
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        out += &format!("{branch}{mark} {}\n", line.trim_end());
        let pipe = if last { " " } else { glyphs.pipe };
        for note in notes(bond, slave) {
            out += &format!("{pipe}     {note}\n");
        }
    }
    if bond.slaves.is_empty() {
        out += "   no slaves\n";
    }
    out
}

fn row(bond: &Bond, slave: &Slave) -> Vec<String> {
    let (tx, rx) = shares(bond, slave);
    vec![
        slave.name.clone(),
        link(slave).to_string(),
        speed(slave),
        role(bond, slave).to_string(),
        format!("sent {}", percent(tx)),
        format!("received {}", percent(rx)),
        words::count(slave.link_failures as usize, "failure"),
    ]
}
