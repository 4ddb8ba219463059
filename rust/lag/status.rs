// SPDX-License-Identifier: GPL-2.0

//! The text of `/proc/net/bonding/BOND`, written from plain data.
//!
//! [`write_bond`] writes what comes first, [`write_slave`] what follows for each slave. Every
//! byte behind the title is native bonding's.

use core::fmt::{self, Write};

use crate::duplex::Duplex;
use crate::lacp::info::AdInfo;
use crate::lacp::reason::Reason;
use crate::mac::Mac;
use crate::mode::Mode;
use crate::options::{FailOverMac, Ip4, Ip6, Name, Params};
use crate::wire::lacpdu::Info;

/// The lines about a bond in mode 802.3ad that only CAP_NET_ADMIN sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// System priority in use.
    pub priority: u16,
    /// System address in use.
    pub mac: Mac,
    /// The active aggregator, if there is one.
    pub active: Option<AdInfo>,
}

/// A bond, for its part of the text.
#[derive(Clone, Copy, Debug)]
pub struct Bond<'a> {
    /// Its name.
    pub name: Name,
    /// Its options.
    pub params: &'a Params,
    /// The primary, if it is a slave.
    pub primary: Option<Name>,
    /// The active slave.
    pub active: Option<Name>,
    /// The bond has a carrier.
    pub carrier: bool,
    /// The kernel is built with IPv6.
    pub ipv6: bool,
    /// For a reader with CAP_NET_ADMIN, in mode 802.3ad.
    pub system: Option<System>,
}

/// A port that belongs to an aggregator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port<'a> {
    /// The aggregator's number.
    pub aggregator: u16,
    /// The actor's churn state: `monitoring`, `churned` or `none`.
    pub actor_churn: &'a str,
    /// The partner's churn state: `monitoring`, `churned` or `none`.
    pub partner_churn: &'a str,
    /// Number of churns of the actor.
    pub actor_churned: u32,
    /// Number of churns of the partner.
    pub partner_churned: u32,
    /// Actor and partner, for a reader with CAP_NET_ADMIN.
    pub details: Option<(Info, Info)>,
}

/// The lines about a slave in mode 802.3ad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ad<'a> {
    /// Nothing: another mode.
    Off,
    /// The port has no aggregator.
    Detached,
    /// The port has one.
    Port(Port<'a>),
}

/// A slave, for its part of the text.
#[derive(Clone, Copy, Debug)]
pub struct Slave<'a> {
    /// Its name.
    pub name: Name,
    /// Its link: `up`, `going down`, `down` or `going back`.
    pub mii_status: &'a str,
    /// Mb/s, if the device says.
    pub speed: Option<u32>,
    /// Duplex.
    pub duplex: Duplex,
    /// Number of failures of its link.
    pub failures: u32,
    /// Its own hardware address, `addr_len` bytes.
    pub permanent: &'a [u8],
    /// queue_id.
    pub queue_id: u16,
    /// The lines of 802.3ad.
    pub ad: Ad<'a>,
}

/// Bytes in hexadecimal with colons between them, as `%*phC` prints: 64 at most.
#[derive(Clone, Copy, Debug)]
pub struct HwAddr<'a>(pub &'a [u8]);

impl fmt::Display for HwAddr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut colon = "";
        for byte in self.0.iter().take(64) {
            write!(f, "{colon}{byte:02x}")?;
            colon = ":";
        }
        Ok(())
    }
}

/// Items with `, ` between them and a space before the first.
fn write_list<T: fmt::Display>(
    out: &mut dyn Write,
    title: &str,
    items: impl Iterator<Item = T>,
) -> fmt::Result {
    out.write_str(title)?;
    let mut comma = "";
    for item in items {
        write!(out, "{comma} {item}")?;
        comma = ",";
    }
    out.write_str("\n")
}

/// Writes the bond's part. `title` is the first line, without its end.
pub fn write_bond(out: &mut dyn Write, title: &str, bond: &Bond<'_>) -> fmt::Result {
    let params = bond.params;
    write!(
        out,
        "{title}\n\nBonding Mode: {}",
        params.mode.description()
    )?;
    if params.mode == Mode::ActiveBackup && params.fail_over_mac != FailOverMac::None {
        write!(out, " (fail_over_mac {})", params.fail_over_mac.name())?;
    }
    out.write_str("\n")?;
    if params.uses_xmit_hash() {
        let policy = params.xmit_policy;
        let (name, number) = (policy.name(), policy.number());
        writeln!(out, "Transmit Hash Policy: {name} ({number})")?;
    }
    if params.mode.has_active_slave() {
        out.write_str("Primary Slave: ")?;
        match bond.primary {
            Some(primary) => {
                let reselect = params.primary_reselect.name();
                writeln!(out, "{primary} (primary_reselect {reselect})")?;
            }
            None => out.write_str("None\n")?,
        }
        match bond.active {
            Some(active) => writeln!(out, "Currently Active Slave: {active}")?,
            None => out.write_str("Currently Active Slave: None\n")?,
        }
    }
    let carrier = if bond.carrier { "up" } else { "down" };
    writeln!(out, "MII Status: {carrier}")?;
    writeln!(out, "MII Polling Interval (ms): {}", params.miimon)?;
    writeln!(out, "Up Delay (ms): {}", params.updelay_ms())?;
    writeln!(out, "Down Delay (ms): {}", params.downdelay_ms())?;
    let delay = params.peer_notif_delay_ms();
    writeln!(out, "Peer Notification Delay (ms): {delay}")?;
    if params.arp_interval != 0 {
        writeln!(out, "ARP Polling Interval (ms): {}", params.arp_interval)?;
        writeln!(out, "ARP Missed Max: {}", params.missed_max)?;
        let targets = params.arp_targets.iter().map(Ip4);
        write_list(out, "ARP IP target/s (n.n.n.n form):", targets)?;
        if bond.ipv6 {
            let targets = params.ns_targets.iter().map(Ip6);
            write_list(out, "NS IPv6 target/s (xx::xx form):", targets)?;
        }
    }
    if params.mode == Mode::Lacp {
        write_lacp(out, bond)?;
    }
    Ok(())
}

fn write_lacp(out: &mut dyn Write, bond: &Bond<'_>) -> fmt::Result {
    let params = bond.params;
    let active = if params.lacp_active { "on" } else { "off" };
    writeln!(out, "\n802.3ad info\nLACP active: {active}")?;
    writeln!(out, "LACP rate: {}", params.lacp_rate.name())?;
    writeln!(out, "Min links: {}", params.min_links)?;
    let policy = params.ad_select.name();
    writeln!(out, "Aggregator selection policy (ad_select): {policy}")?;
    let Some(system) = bond.system else {
        return Ok(());
    };
    writeln!(out, "System priority: {}", system.priority)?;
    writeln!(out, "System MAC address: {}", system.mac)?;
    let Some(ad) = system.active else {
        return writeln!(out, "bond {} has no active aggregator", bond.name);
    };
    writeln!(out, "Active Aggregator Info:")?;
    writeln!(out, "\tAggregator ID: {}", ad.aggregator)?;
    writeln!(out, "\tNumber of ports: {}", ad.ports)?;
    writeln!(out, "\tActor Key: {}", ad.actor_key)?;
    writeln!(out, "\tPartner Key: {}", ad.partner_key)?;
    writeln!(out, "\tPartner Mac Address: {}", ad.partner)
}

/// Writes a slave's part.
pub fn write_slave(out: &mut dyn Write, slave: &Slave<'_>) -> fmt::Result {
    writeln!(out, "\nSlave Interface: {}", slave.name)?;
    writeln!(out, "MII Status: {}", slave.mii_status)?;
    match slave.speed {
        Some(speed) => writeln!(out, "Speed: {speed} Mbps")?,
        None => writeln!(out, "Speed: Unknown")?,
    }
    writeln!(out, "Duplex: {}", slave.duplex)?;
    writeln!(out, "Link Failure Count: {}", slave.failures)?;
    writeln!(out, "Permanent HW addr: {}", HwAddr(slave.permanent))?;
    writeln!(out, "Slave queue ID: {}", slave.queue_id)?;
    let port = match slave.ad {
        Ad::Off => return Ok(()),
        Ad::Detached => return writeln!(out, "Aggregator ID: N/A"),
        Ad::Port(port) => port,
    };
    writeln!(out, "Aggregator ID: {}", port.aggregator)?;
    writeln!(out, "Actor Churn State: {}", port.actor_churn)?;
    writeln!(out, "Partner Churn State: {}", port.partner_churn)?;
    writeln!(out, "Actor Churned Count: {}", port.actor_churned)?;
    writeln!(out, "Partner Churned Count: {}", port.partner_churned)?;
    if let Some((actor, partner)) = port.details {
        write_port(out, "actor", "port key", &actor)?;
        write_port(out, "partner", "oper key", &partner)?;
    }
    Ok(())
}

/// Writes the lines behind a slave's part that native bonding's text does not have: why the port
/// is not in use, how many LACPDUs of other systems it has ignored, and how many were too many.
pub fn write_reason(
    out: &mut dyn Write,
    reason: Option<Reason>,
    strays: u64,
    dropped: u64,
) -> fmt::Result {
    match reason {
        Some(reason) => writeln!(out, "AD Reason: {reason}")?,
        None => writeln!(out, "AD Reason: none")?,
    }
    writeln!(out, "AD Strays: {strays}")?;
    writeln!(out, "AD Dropped: {dropped}")
}

fn write_port(out: &mut dyn Write, side: &str, key: &str, port: &Info) -> fmt::Result {
    writeln!(out, "details {side} lacp pdu:")?;
    writeln!(out, "    system priority: {}", port.system_priority)?;
    writeln!(out, "    system mac address: {}", port.system)?;
    writeln!(out, "    {key}: {}", port.key)?;
    writeln!(out, "    port priority: {}", port.port_priority)?;
    writeln!(out, "    port number: {}", port.port)?;
    writeln!(out, "    port state: {}", port.state.0)
}
