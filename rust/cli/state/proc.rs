// SPDX-License-Identifier: GPL-2.0

//! The text of /proc/net/bonding/BOND and /proc/net/rustbond/BOND.
//!
//! It tells what netlink does not: the driver, both ends of a port of 802.3ad (to a reader with
//! CAP_NET_ADMIN), and, with the kind `rustbond`, why a port is not used.

use std::collections::BTreeMap;

use super::{Driver, Party, OURS};

/// The contents of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// By the title.
    pub driver: Option<Driver>,
    /// The slaves' parts, by name.
    pub slaves: BTreeMap<String, Part>,
}

/// The text's part about a slave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Mb/s, as the bond last asked for it.
    pub speed: Option<u32>,
    /// `full` or `half`.
    pub duplex: Option<String>,
    /// This end.
    pub actor: Option<Party>,
    /// The other.
    pub partner: Option<Party>,
    /// Actor's churn state.
    pub actor_churn: Option<String>,
    /// Partner's churn state.
    pub partner_churn: Option<String>,
    /// The reason why it is not used.
    pub reason: Option<String>,
}

/// The driver that writes a text with that first line.
fn driver(title: &str) -> Option<Driver> {
    let (before, version) = title.split_once("Ethernet Channel Bonding Driver: v")?;
    let name = if before.contains("Rust") {
        OURS
    } else {
        "bonding"
    };
    Some(Driver {
        name: name.to_string(),
        version: version.trim().to_string(),
    })
}

/// Reads the text. What it does not know it passes over.
pub fn parse(text: &str) -> Text {
    let mut found = Text {
        driver: text.lines().next().and_then(driver),
        ..Text::default()
    };
    let mut name = None;
    // Which end the indented lines are about.
    let mut partner = false;
    for line in text.lines().skip(1) {
        let Some((key, value)) = line.split_once(": ") else {
            partner = match line.trim_end() {
                "details partner lacp pdu:" => true,
                "details actor lacp pdu:" => false,
                _ => partner,
            };
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if key == "Slave Interface" {
            name = Some(value.to_string());
            found.slaves.insert(value.to_string(), Part::default());
            continue;
        }
        let Some(part) = name.as_ref().and_then(|name| found.slaves.get_mut(name)) else {
            continue;
        };
        let known = |value: &str| (value != "N/A").then(|| value.to_string());
        match key {
            "Speed" => part.speed = value.strip_suffix(" Mbps").and_then(|n| n.parse().ok()),
            "Duplex" => part.duplex = Some(value.to_string()).filter(|d| d != "unknown"),
            "Actor Churn State" => part.actor_churn = known(value),
            "Partner Churn State" => part.partner_churn = known(value),
            "AD Reason" => part.reason = Some(value.to_string()),
            _ => {
                let end = if partner {
                    &mut part.partner
                } else {
                    &mut part.actor
                };
                say(end, key, value);
            }
        }
    }
    found
}

/// Puts a line of an end where it belongs.
fn say(end: &mut Option<Party>, key: &str, value: &str) {
    let number = || value.parse().unwrap_or(0);
    match key {
        "system priority" => end.get_or_insert_default().system_priority = number(),
        "system mac address" => end.get_or_insert_default().system = value.to_string(),
        "port key" | "oper key" => end.get_or_insert_default().key = number(),
        "port priority" => end.get_or_insert_default().port_priority = number(),
        "port number" => end.get_or_insert_default().port = number(),
        "port state" => end.get_or_insert_default().state = value.parse().unwrap_or(0),
        _ => {}
    }
}
