// SPDX-License-Identifier: GPL-2.0

//! An interface, as rtnetlink describes it.
//!
//! Attributes are read by their numbers, the same for native's kind and for ours; a library that knows
//! only `bond` would hand on the others as octets. Which option an attribute carries is told by the
//! driver's own table, [`lag::options`].

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use lag::options::{Attr, Kind, Opt, Spec, Width};
use netlink_packet_core::{NlaBuffer, NlasIterator};

use super::{Aggregate, Setting, Traffic, KINDS};

/// linux/if_link.h and linux/if.h.
mod number {
    pub(super) const IFLA_ADDRESS: u16 = 1;
    pub(super) const IFLA_IFNAME: u16 = 3;
    pub(super) const IFLA_MTU: u16 = 4;
    pub(super) const IFLA_LINK: u16 = 5;
    pub(super) const IFLA_MASTER: u16 = 10;
    pub(super) const IFLA_LINKINFO: u16 = 18;
    pub(super) const IFLA_STATS64: u16 = 23;
    pub(super) const IFLA_CARRIER: u16 = 33;
    pub(super) const IFLA_CARRIER_CHANGES: u16 = 35;
    pub(super) const IFLA_LINK_NETNSID: u16 = 37;
    pub(super) const IFLA_PERM_ADDRESS: u16 = 54;

    pub(super) const IFLA_INFO_KIND: u16 = 1;
    pub(super) const IFLA_INFO_DATA: u16 = 2;
    pub(super) const IFLA_INFO_SLAVE_KIND: u16 = 4;
    pub(super) const IFLA_INFO_SLAVE_DATA: u16 = 5;

    pub(super) const IFLA_BOND_AD_INFO: u16 = 23;
    pub(super) const IFLA_BOND_SLAVE_STATE: u16 = 1;
    pub(super) const IFLA_BOND_SLAVE_MII_STATUS: u16 = 2;
    pub(super) const IFLA_BOND_SLAVE_LINK_FAILURE_COUNT: u16 = 3;
    pub(super) const IFLA_BOND_SLAVE_PERM_HWADDR: u16 = 4;
    pub(super) const IFLA_BOND_SLAVE_AD_AGGREGATOR_ID: u16 = 6;
    pub(super) const IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE: u16 = 7;
    pub(super) const IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE: u16 = 8;
    pub(super) const IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE: u16 = 11;
    pub(super) const IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE: u16 = 12;

    pub(super) const IFF_UP: u32 = 1;
    /// struct ifinfomsg.
    pub(super) const HEADER: usize = 16;
}

/// An interface.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// IFF_UP.
    pub up: bool,
    /// Its carrier.
    pub carrier: bool,
    /// Number of times that the carrier came or went.
    pub carrier_changes: Option<u32>,
    /// MAC address.
    pub address: Option<String>,
    /// MAC address of the hardware.
    pub permanent_address: Option<String>,
    /// Octets.
    pub mtu: u32,
    /// The master's number.
    pub master: Option<u32>,
    /// The number of the interface below it, in this network namespace.
    pub below: Option<u32>,
    /// Counters.
    pub traffic: Traffic,
    /// Link kind, if it has one.
    pub kind: Option<String>,
    /// Attributes that only a bond has.
    pub bond: Option<BondData>,
    /// Attributes that only a bond's slave has.
    pub slave: Option<SlaveData>,
}

/// IFLA_INFO_DATA of a bond. Interfaces are numbers still.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BondData {
    /// Options; an interface is its number.
    pub options: BTreeMap<&'static str, Setting>,
    /// IFLA_BOND_AD_INFO.
    pub aggregate: Option<Aggregate>,
}

/// IFLA_INFO_SLAVE_DATA of a bond's slave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlaveData {
    /// Options.
    pub options: BTreeMap<&'static str, Setting>,
    /// `active` or `backup`.
    pub state: Option<&'static str>,
    /// `up`, `going down`, `down` or `going back`.
    pub mii_status: Option<&'static str>,
    /// Failures of the link.
    pub link_failures: u32,
    /// MAC address before it was enslaved.
    pub permanent_address: Option<String>,
    /// Number of the aggregator.
    pub aggregator: Option<u16>,
    /// State of the actor.
    pub actor_state: Option<u8>,
    /// State of the partner.
    pub partner_state: Option<u8>,
    /// Churn machine of the actor.
    pub actor_churn: Option<&'static str>,
    /// Churn machine of the partner.
    pub partner_churn: Option<&'static str>,
}

/// The attributes of a row, up to the first that does not fit.
fn attributes(row: &[u8]) -> impl Iterator<Item = NlaBuffer<&[u8]>> {
    NlasIterator::new(row).map_while(Result::ok)
}

fn u8_of(payload: &[u8]) -> Option<u8> {
    payload.first().copied()
}

fn u16_of(payload: &[u8]) -> Option<u16> {
    payload.first_chunk().map(|b| u16::from_ne_bytes(*b))
}

fn u32_of(payload: &[u8]) -> Option<u32> {
    payload.first_chunk().map(|b| u32::from_ne_bytes(*b))
}

fn u64_at(payload: &[u8], at: usize) -> u64 {
    let bytes = payload.get(at * 8..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |b| u64::from_ne_bytes(*b))
}

fn text_of(payload: &[u8]) -> String {
    let end = payload.iter().position(|b| *b == 0);
    String::from_utf8_lossy(&payload[..end.unwrap_or(payload.len())]).into_owned()
}

/// An address of any length, with colons; none if it is empty.
fn address_of(payload: &[u8]) -> Option<String> {
    let octets: Vec<String> = payload.iter().map(|b| format!("{b:02x}")).collect();
    (!octets.is_empty()).then(|| octets.join(":"))
}

/// The word of a number.
fn word_of(words: &[&'static str], payload: &[u8]) -> Option<&'static str> {
    words.get(usize::from(u8_of(payload)?)).copied()
}

/// The option that an attribute of a bond carries, by number.
fn bond_option(number: u16) -> Option<&'static Spec> {
    Opt::by_attr(Attr::Bond(number)).map(Opt::spec)
}

fn slave_option(number: u16) -> Option<&'static Spec> {
    Opt::by_attr(Attr::Slave(number)).map(Opt::spec)
}

/// The value of an option in an attribute; an interface is its number.
fn setting(spec: &Spec, payload: &[u8]) -> Option<Setting> {
    let number = match spec.width {
        Width::U8 => i64::from(u8_of(payload)?),
        Width::U16 => i64::from(u16_of(payload)?),
        Width::U32 => i64::from(u32_of(payload)?),
        Width::S32 => i64::from(u32_of(payload)? as i32),
        Width::Mac => return address_of(payload).map(Setting::Text),
        Width::Nested4 => {
            let octets = attributes(payload).filter_map(|a| a.value().first_chunk().copied());
            let list = octets.map(|octets: [u8; 4]| Ipv4Addr::from(octets).to_string());
            return Some(Setting::List(list.collect()));
        }
        Width::Nested6 => {
            let octets = attributes(payload).filter_map(|a| a.value().first_chunk().copied());
            let list = octets.map(|octets: [u8; 16]| Ipv6Addr::from(octets).to_string());
            return Some(Setting::List(list.collect()));
        }
        Width::None => return None,
    };
    Some(match spec.kind {
        // Those that sysfs shows by name.
        Kind::Number(numbers) if numbers.named => match numbers.word(number) {
            Some(word) => Setting::Text(word.to_string()),
            None => Setting::Number(number),
        },
        _ => Setting::Number(number),
    })
}

fn traffic_of(payload: &[u8]) -> Traffic {
    // struct rtnl_link_stats64.
    Traffic {
        rx_packets: u64_at(payload, 0),
        tx_packets: u64_at(payload, 1),
        rx_bytes: u64_at(payload, 2),
        tx_bytes: u64_at(payload, 3),
        rx_errors: u64_at(payload, 4),
        tx_errors: u64_at(payload, 5),
        rx_dropped: u64_at(payload, 6),
        tx_dropped: u64_at(payload, 7),
    }
}

fn aggregate_of(row: &[u8]) -> Option<Aggregate> {
    // IFLA_BOND_AD_INFO_*, from 1.
    let mut numbers = [None; 5];
    let mut partner_mac = None;
    for attr in attributes(row) {
        match attr.kind() {
            5 => partner_mac = address_of(attr.value()),
            n if usize::from(n) < numbers.len() => numbers[usize::from(n)] = u16_of(attr.value()),
            _ => {}
        }
    }
    Some(Aggregate {
        aggregator: numbers[1]?,
        ports: numbers[2]?,
        actor_key: numbers[3]?,
        partner_key: numbers[4]?,
        partner_mac: partner_mac?,
    })
}

fn bond_data(row: &[u8]) -> BondData {
    let mut data = BondData::default();
    for attr in attributes(row) {
        if attr.kind() == number::IFLA_BOND_AD_INFO {
            data.aggregate = aggregate_of(attr.value());
        } else if let Some(spec) = bond_option(attr.kind()) {
            if let Some(setting) = setting(spec, attr.value()) {
                data.options.insert(spec.name, setting);
            }
        }
    }
    // Left out where there is none.
    for (name, nothing) in [
        ("active_slave", Setting::Nothing),
        ("primary", Setting::Nothing),
        ("arp_ip_target", Setting::List(Vec::new())),
        ("ns_ip6_target", Setting::List(Vec::new())),
    ] {
        data.options.entry(name).or_insert(nothing);
    }
    data
}

fn slave_data(row: &[u8]) -> SlaveData {
    const CHURN: [&str; 3] = ["monitoring", "churned", "none"];
    let mut data = SlaveData::default();
    for attr in attributes(row) {
        let payload = attr.value();
        match attr.kind() {
            number::IFLA_BOND_SLAVE_STATE => {
                data.state = word_of(&["active", "backup"], payload);
            }
            number::IFLA_BOND_SLAVE_MII_STATUS => {
                data.mii_status = word_of(&["up", "going down", "down", "going back"], payload);
            }
            number::IFLA_BOND_SLAVE_LINK_FAILURE_COUNT => {
                data.link_failures = u32_of(payload).unwrap_or(0);
            }
            number::IFLA_BOND_SLAVE_PERM_HWADDR => data.permanent_address = address_of(payload),
            number::IFLA_BOND_SLAVE_AD_AGGREGATOR_ID => data.aggregator = u16_of(payload),
            number::IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE => data.actor_state = u8_of(payload),
            // 16 bits for 8.
            number::IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE => {
                data.partner_state = u16_of(payload).and_then(|state| u8::try_from(state).ok());
            }
            number::IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE => {
                data.actor_churn = word_of(&CHURN, payload);
            }
            number::IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE => {
                data.partner_churn = word_of(&CHURN, payload);
            }
            number => {
                let spec = slave_option(number);
                if let Some((spec, setting)) = spec.and_then(|s| Some((s, setting(s, payload)?))) {
                    data.options.insert(spec.name, setting);
                }
            }
        }
    }
    data
}

impl Link {
    /// Reads what follows the head of an RTM_NEWLINK or RTM_DELLINK; none if that is too short.
    pub fn parse(message: &[u8]) -> Option<Link> {
        let mut link = Link {
            index: u32_of(message.get(4..)?)?,
            up: u32_of(message.get(8..)?)? & number::IFF_UP != 0,
            ..Link::default()
        };
        let (mut info, mut elsewhere) = (&[][..], false);
        let row = message.get(number::HEADER..)?;
        let found: Vec<_> = attributes(row).collect();
        for attr in &found {
            let payload = attr.value();
            match attr.kind() {
                number::IFLA_IFNAME => link.name = text_of(payload),
                number::IFLA_ADDRESS => link.address = address_of(payload),
                number::IFLA_PERM_ADDRESS => link.permanent_address = address_of(payload),
                number::IFLA_MTU => link.mtu = u32_of(payload).unwrap_or(0),
                number::IFLA_MASTER => link.master = u32_of(payload),
                number::IFLA_LINK => link.below = u32_of(payload),
                number::IFLA_LINK_NETNSID => elsewhere = true,
                number::IFLA_CARRIER => link.carrier = u8_of(payload) == Some(1),
                number::IFLA_CARRIER_CHANGES => link.carrier_changes = u32_of(payload),
                number::IFLA_STATS64 => link.traffic = traffic_of(payload),
                number::IFLA_LINKINFO => info = payload,
                _ => {}
            }
        }
        if elsewhere {
            link.below = None;
        }
        let (mut data, mut slave, mut slave_kind) = (None, None, None);
        let found: Vec<_> = attributes(info).collect();
        for attr in &found {
            match attr.kind() {
                number::IFLA_INFO_KIND => link.kind = Some(text_of(attr.value())),
                number::IFLA_INFO_DATA => data = Some(attr.value()),
                number::IFLA_INFO_SLAVE_KIND => slave_kind = Some(text_of(attr.value())),
                number::IFLA_INFO_SLAVE_DATA => slave = Some(attr.value()),
                _ => {}
            }
        }
        let is_bond = |kind: &Option<String>| {
            let kind = kind.as_deref();
            kind.is_some_and(|kind| KINDS.contains(&kind))
        };
        if is_bond(&link.kind) {
            link.bond = Some(bond_data(data.unwrap_or(&[])));
        }
        if is_bond(&slave_kind) {
            link.slave = Some(slave_data(slave.unwrap_or(&[])));
        }
        // A veth's other end is not below it.
        if link.kind.as_deref() == Some("veth") {
            link.below = None;
        }
        Some(link)
    }
}
