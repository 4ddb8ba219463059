// SPDX-License-Identifier: GPL-2.0

//! The bonds of a network namespace as plain data, and the sources of it.
//!
//! A [`Source`] fills it. Today there is one, [`kernel::Kernel`]: rtnetlink, sysfs and proc, which
//! native bonding and ours have both, and the driver's own family where there is one. JSON is this
//! structure as it stands.

pub mod kernel;
pub mod link;
pub mod proc;

use std::collections::BTreeMap;
use std::fmt;

use lag::family::{bond_counters, slave_counters, Set};
use lag::mode::Mode;
use serde::{Deserialize, Serialize};

/// The number of the form that JSON has; it grows when a field is renamed or leaves.
pub const FORMAT: u32 = 1;

/// Reads the bonds of a network namespace.
pub trait Source {
    /// Reads all bonds.
    fn read(&mut self) -> Result<State, Trouble>;
}

/// All bonds at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// [`FORMAT`].
    pub format: u32,
    /// Time of reading, in seconds since 1970.
    pub seconds: f64,
    /// The bonds, in the order of their interface numbers.
    pub bonds: Vec<Bond>,
}

/// A bond.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bond {
    /// Name of the interface.
    pub name: String,
    /// Number of the interface.
    pub index: u32,
    /// Link kind: `bond` or `rustbond`.
    pub kind: String,
    /// The driver behind the kind, where /proc tells it.
    pub driver: Option<Driver>,
    /// MAC address.
    pub address: Option<String>,
    /// Octets.
    pub mtu: u32,
    /// It is up (IFF_UP).
    pub up: bool,
    /// It has a carrier.
    pub carrier: bool,
    /// Mb/s, as the bond's own sysfs file tells it.
    pub speed: Option<u32>,
    /// `full` or `half`.
    pub duplex: Option<String>,
    /// Counters of its traffic.
    pub traffic: Traffic,
    /// The options, by the names of their files in sysfs, or of their attributes where there is no
    /// file. Which there are depends on the kernel, and some need CAP_NET_ADMIN.
    pub options: BTreeMap<String, Setting>,
    /// The active aggregator of 802.3ad.
    pub aggregate: Option<Aggregate>,
    /// Other interfaces with the bond's MAC address, or with that of one of its slaves, that neither
    /// stand on it nor below it.
    pub twins: Vec<String>,
    /// Counters since the bond was made, by the names of the driver's family; told by rustbond only.
    #[serde(default)]
    pub counters: Option<BTreeMap<String, u64>>,
    /// The slaves, in the order of their interface numbers.
    pub slaves: Vec<Slave>,
}

/// A driver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Driver {
    /// `bonding`, native's, or `rustbond`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Counters of an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Packets received.
    pub rx_packets: u64,
    /// Packets transmitted.
    pub tx_packets: u64,
    /// Octets received.
    pub rx_bytes: u64,
    /// Octets transmitted.
    pub tx_bytes: u64,
    /// Bad frames received.
    pub rx_errors: u64,
    /// Failures to transmit.
    pub tx_errors: u64,
    /// Frames dropped that were received.
    pub rx_dropped: u64,
    /// Frames dropped on their way out.
    pub tx_dropped: u64,
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// Nothing, as of a primary that there is not.
    Nothing,
    /// A number.
    Number(i64),
    /// A word, an address, or the name of an interface.
    Text(String),
    /// Addresses.
    List(Vec<String>),
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Nothing => f.write_str("none"),
            Setting::Number(number) => write!(f, "{number}"),
            Setting::Text(text) => f.write_str(text),
            Setting::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

/// An aggregator of 802.3ad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// Its number.
    pub aggregator: u16,
    /// Number of its ports.
    pub ports: u16,
    /// This end's key.
    pub actor_key: u16,
    /// The partner's key.
    pub partner_key: u16,
    /// The partner's system.
    pub partner_mac: String,
}

/// A slave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slave {
    /// Name of the interface.
    pub name: String,
    /// Number of the interface.
    pub index: u32,
    /// MAC address that it has now.
    pub address: Option<String>,
    /// MAC address that it had before it was enslaved.
    pub permanent_address: Option<String>,
    /// Octets.
    pub mtu: u32,
    /// It is up (IFF_UP).
    pub up: bool,
    /// It has a carrier.
    pub carrier: bool,
    /// Number of times that the carrier came or went.
    pub carrier_changes: Option<u32>,
    /// Mb/s.
    pub speed: Option<u32>,
    /// `full` or `half`.
    pub duplex: Option<String>,
    /// `active` or `backup`, as netlink and sysfs say it.
    pub state: Option<String>,
    /// The link in the eyes of the bond's monitoring: `up`, `going down`, `down` or `going back`.
    pub mii_status: Option<String>,
    /// Number of times that the monitoring took the link down.
    pub link_failures: u32,
    /// Counters of its traffic.
    pub traffic: Traffic,
    /// The options of a slave.
    pub options: BTreeMap<String, Setting>,
    /// Counters since it joined, by the names of the driver's family; told by rustbond only.
    #[serde(default)]
    pub counters: Option<BTreeMap<String, u64>>,
    /// Its port of 802.3ad.
    pub port: Option<Port>,
}

/// A port of 802.3ad.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Port {
    /// The number of its aggregator.
    pub aggregator: Option<u16>,
    /// This end's state, in bits (IEEE 802.1AX-2014 6.4.2.3): see [`bits`].
    pub actor_state: Option<u8>,
    /// The partner's state, as the partner tells it.
    pub partner_state: Option<u8>,
    /// Churn machine of this end: `none`, `monitoring` or `churned`.
    pub actor_churn: Option<String>,
    /// Churn machine of the partner's end.
    pub partner_churn: Option<String>,
    /// This end; read with CAP_NET_ADMIN only.
    pub actor: Option<Party>,
    /// The other end; read with CAP_NET_ADMIN only.
    pub partner: Option<Party>,
    /// The states of its machines and their timers; told by rustbond only.
    #[serde(default)]
    pub machines: Option<Machines>,
    /// The reason why the port is not used; told by rustbond only.
    pub reason: Option<Reason>,
    /// LACPDUs of another system than the partner; told by the kind `rustbond` only.
    pub strays: Option<u64>,
    /// LACPDUs that were not read; told by the kind `rustbond` only.
    pub dropped: Option<u64>,
}

/// The machines of a port. IEEE 802.1AX-2014, 6.4.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machines {
    /// State of the Receive machine.
    pub receive: String,
    /// State of the Periodic Transmission machine.
    pub periodic: String,
    /// State of the Mux machine.
    pub mux: String,
    /// Milliseconds until the partner is taken for lost.
    pub current_while: Option<u64>,
    /// Milliseconds until the next LACPDU is due.
    pub periodic_timer: Option<u64>,
    /// Milliseconds for which it waits for others of its aggregator.
    pub wait_while: Option<u64>,
}

/// Bits of a port's state.
pub mod bits {
    /// LACP_Activity: it speaks without being asked.
    pub const ACTIVITY: u8 = 1;
    /// LACP_Timeout: it wants to hear LACPDUs each second.
    pub const TIMEOUT: u8 = 2;
    /// Aggregation.
    pub const AGGREGATION: u8 = 4;
    /// Synchronization.
    pub const SYNC: u8 = 8;
    /// Collecting: it receives.
    pub const COLLECTING: u8 = 16;
    /// Distributing: it transmits.
    pub const DISTRIBUTING: u8 = 32;
    /// Defaulted: the partner has never spoken, or not for long.
    pub const DEFAULTED: u8 = 64;
    /// Expired: the partner is late.
    pub const EXPIRED: u8 = 128;

    /// The bits and their words.
    pub const WORDS: [(u8, &str); 8] = [
        (ACTIVITY, "active"),
        (TIMEOUT, "fast"),
        (AGGREGATION, "aggregation"),
        (SYNC, "in sync"),
        (COLLECTING, "collecting"),
        (DISTRIBUTING, "distributing"),
        (DEFAULTED, "defaulted"),
        (EXPIRED, "expired"),
    ];
}

/// One end of a link, as its LACPDUs describe it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Party {
    /// Priority of the system.
    pub system_priority: u16,
    /// MAC address of the system.
    pub system: String,
    /// Operational key.
    pub key: u16,
    /// Priority of the port.
    pub port_priority: u16,
    /// Number of the port.
    pub port: u16,
    /// Its state in bits.
    pub state: u8,
}

/// The reason why a port is not used, by `bonding_slave/ad_reason` and /proc.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The number, 0 for a port in use.
    pub number: u8,
    /// The word, as `no_partner`.
    pub word: String,
    /// The sentence in /proc.
    pub text: String,
}

impl Bond {
    /// The mode, if it is one that we know.
    pub fn mode(&self) -> Option<Mode> {
        let name = self.text("mode")?;
        Mode::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Returns whether 802.3ad is its mode.
    pub fn is_lacp(&self) -> bool {
        self.mode() == Some(Mode::Lacp)
    }

    /// Returns whether our driver makes it, under either kind.
    pub fn is_ours(&self) -> bool {
        match &self.driver {
            Some(driver) => driver.name == OURS,
            None => self.kind == OURS,
        }
    }

    /// An option with a number; none if it is not known.
    pub fn number(&self, option: &str) -> Option<i64> {
        number(&self.options, option)
    }

    /// An option with a word, an address or an interface.
    pub fn text(&self, option: &str) -> Option<&str> {
        match self.options.get(option)? {
            Setting::Text(text) => Some(text),
            _ => None,
        }
    }

    /// An option with a list; empty if it is not known.
    pub fn list(&self, option: &str) -> &[String] {
        match self.options.get(option) {
            Some(Setting::List(list)) => list,
            _ => &[],
        }
    }

    /// A counter, by the number that it has in a set of the family; none if it is not told.
    pub fn counter(&self, attr: u16) -> Option<u64> {
        counter(self.counters.as_ref()?, &bond_counters::SET, attr)
    }

    /// Number of records that its history ever had; none if it is not told.
    pub fn records(&self) -> Option<u64> {
        self.counters.as_ref()?.get(RECORDS).copied()
    }

    /// The slave of that name.
    pub fn slave(&self, name: &str) -> Option<&Slave> {
        self.slaves.iter().find(|slave| slave.name == name)
    }

    /// The active slave, in a mode that has one.
    pub fn active(&self) -> Option<&Slave> {
        self.slave(self.text("active_slave")?)
    }

    /// The number of the active aggregator: as it is told, or else that of a port that transmits.
    pub fn aggregator(&self) -> Option<u16> {
        let told = self.aggregate.as_ref().map(|a| a.aggregator);
        told.or_else(|| {
            let transmits = |port: &&Port| port.has(bits::DISTRIBUTING);
            let mut ports = self.slaves.iter().filter_map(|s| s.port.as_ref());
            ports.find(transmits).and_then(|port| port.aggregator)
        })
    }

    /// Returns whether the slave carries this bond's traffic, as far as the bond is concerned.
    pub fn uses(&self, slave: &Slave) -> bool {
        if !self.up || !slave.is_linked() {
            return false;
        }
        match self.mode() {
            Some(Mode::ActiveBackup) => self.text("active_slave") == Some(&slave.name),
            Some(Mode::Lacp) => slave.state.as_deref() == Some("active"),
            _ => true,
        }
    }

    /// The slaves that carry traffic.
    pub fn used(&self) -> impl Iterator<Item = &Slave> {
        self.slaves.iter().filter(|slave| self.uses(slave))
    }
}

impl Slave {
    /// Returns whether its link is up, in the eyes of the bond's monitoring.
    pub fn is_linked(&self) -> bool {
        self.up
            && match self.mii_status.as_deref() {
                Some(status) => matches!(status, "up" | "going down"),
                None => self.carrier,
            }
    }

    /// An option with a number.
    pub fn number(&self, option: &str) -> Option<i64> {
        number(&self.options, option)
    }

    /// A counter, by the number that it has in a set of the family; none if it is not told.
    pub fn counter(&self, attr: u16) -> Option<u64> {
        counter(self.counters.as_ref()?, &slave_counters::SET, attr)
    }
}

impl Port {
    /// Returns whether this end's state has all of the bits.
    pub fn has(&self, bits: u8) -> bool {
        self.actor_state.is_some_and(|state| state & bits == bits)
    }

    /// Returns whether the partner's state has all of the bits.
    pub fn partner_has(&self, bits: u8) -> bool {
        self.partner_state.is_some_and(|state| state & bits == bits)
    }
}

fn counter(counters: &BTreeMap<String, u64>, set: &Set, attr: u16) -> Option<u64> {
    let found = set.attrs.iter().find(|known| known.number == attr)?;
    counters.get(&found.name.replace('-', "_")).copied()
}

fn number(options: &BTreeMap<String, Setting>, option: &str) -> Option<i64> {
    match options.get(option)? {
        Setting::Number(number) => Some(*number),
        _ => None,
    }
}

/// The name among a bond's counters of how many records there were.
pub const RECORDS: &str = "records";
/// The kind and the driver that are ours.
pub const OURS: &str = "rustbond";
/// The kinds of bonds.
pub const KINDS: [&str; 2] = ["bond", OURS];

impl State {
    /// Leaves one bond only.
    pub fn only(mut self, name: &str) -> State {
        self.bonds.retain(|bond| bond.name == name);
        self
    }
}

/// The reason why nothing could be read: one line that says what is wrong and what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble(pub String);

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}
