// SPDX-License-Identifier: GPL-2.0

//! Reads bonds from the running kernel: rtnetlink first, then sysfs and proc for what it does not
//! tell, and the driver's family.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use lag::options::{Kind, Opt};
use netlink_packet_core::{
    NetlinkBuffer, NLMSG_DONE, NLMSG_ERROR, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST,
};
use netlink_sys::{protocols::NETLINK_ROUTE, Socket, SocketAddr};

use crate::family::message::messages;
use crate::family::Client;

use super::link::{Link, SlaveData};
use super::proc::{self, Part};
use super::{Bond, Port, Reason, Setting, Slave, Source, State, Trouble, FORMAT};

const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
const RTM_GETLINK: u16 = 18;
const RTNLGRP_LINK: u32 = 1;
const AF_UNSPEC: u8 = 0;
/// Number of times that a dump is made anew because interfaces came or went meanwhile.
const TRIES: u32 = 5;

/// The running kernel.
#[derive(Debug, Default)]
pub struct Kernel {
    socket: Option<Socket>,
    sequence: u32,
    family: Option<Client>,
}

/// An error of a netlink socket, and what to do.
fn netlink(what: &str, error: &std::io::Error) -> Trouble {
    let advice = match error.kind() {
        ErrorKind::PermissionDenied => {
            "something forbids it, as seccomp or SELinux: run this outside of the sandbox"
        }
        _ => "a sandbox may forbid it (systemd: RestrictAddressFamilies= has to hold AF_NETLINK)",
    };
    Trouble(format!("cannot {what} rtnetlink: {error}; {advice}"))
}

impl Kernel {
    fn socket(&mut self) -> Result<&Socket, Trouble> {
        if self.socket.is_none() {
            let mut socket =
                Socket::new(NETLINK_ROUTE).map_err(|e| netlink("open a socket for", &e))?;
            socket
                .bind_auto()
                .map_err(|e| netlink("bind a socket for", &e))?;
            self.socket = Some(socket);
        }
        Ok(self.socket.as_ref().expect("it has just been opened"))
    }

    /// All interfaces; none if some came or went meanwhile.
    fn dump(&mut self) -> Result<Option<Vec<Link>>, Trouble> {
        self.sequence = self.sequence.wrapping_add(1);
        let sequence = self.sequence;
        let socket = self.socket()?;
        // struct ifinfomsg, all of it zero: any interface.
        let mut request = vec![0; 32];
        let mut head = NetlinkBuffer::new(&mut request);
        head.set_length(32);
        head.set_message_type(RTM_GETLINK);
        head.set_flags(NLM_F_REQUEST | NLM_F_DUMP);
        head.set_sequence_number(sequence);
        socket
            .send_to(&request, &SocketAddr::new(0, 0), 0)
            .map_err(|e| netlink("ask", &e))?;
        let (mut links, mut whole) = (Vec::new(), true);
        loop {
            let (answer, _) = socket
                .recv_from_full()
                .map_err(|e| netlink("read from", &e))?;
            for message in messages(&answer) {
                if message.sequence_number() != sequence {
                    continue;
                }
                whole &= message.flags() & NLM_F_DUMP_INTR == 0;
                match message.message_type() {
                    NLMSG_DONE => return Ok(whole.then_some(links)),
                    NLMSG_ERROR => {
                        let number = message.payload().first_chunk().map_or(0, |b| {
                            i32::from_ne_bytes(*b).checked_neg().unwrap_or(i32::MAX)
                        });
                        let error = std::io::Error::from_raw_os_error(number);
                        return Err(netlink("list the interfaces by", &error));
                    }
                    RTM_NEWLINK => links.extend(Link::parse(message.payload())),
                    _ => {}
                }
            }
        }
    }

    /// Adds what the driver's family tells. It is more than can be read of native bonding: without it
    /// the state is whole.
    fn add_facts(&mut self, state: &mut State) {
        if state.bonds.is_empty() {
            return;
        }
        if self.family.is_none() {
            self.family = Client::new().unwrap_or_default();
        }
        let Some(client) = &mut self.family else {
            return;
        };
        match client.facts() {
            Ok(facts) => facts.add_to(state),
            // The module has gone, or another one has come.
            Err(_) => self.family = None,
        }
    }

    /// Reads all interfaces of the network namespace.
    pub fn links(&mut self) -> Result<Vec<Link>, Trouble> {
        for _ in 0..TRIES {
            if let Some(links) = self.dump()? {
                return Ok(links);
            }
        }
        Err(Trouble(
            "interfaces come and go faster than they can be listed: try again in a while".into(),
        ))
    }
}

impl Source for Kernel {
    fn read(&mut self) -> Result<State, Trouble> {
        let links = self.links()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut state = assemble(&links, &Files, now.map_or(0.0, |d| d.as_secs_f64()));
        self.add_facts(&mut state);
        Ok(state)
    }
}

/// The texts of files. Tests have others.
pub trait Texts {
    /// The file's text without its last newline, if it can be read.
    fn text(&self, path: &str) -> Option<String>;
}

/// Those of the running kernel.
#[derive(Clone, Copy, Debug)]
pub struct Files;

impl Texts for Files {
    fn text(&self, path: &str) -> Option<String> {
        let text = fs::read_to_string(Path::new(path)).ok()?;
        Some(text.trim_end_matches('\n').to_string())
    }
}

/// The folder of an interface in sysfs: none if what is mounted there is another namespace's.
fn folder(link: &Link, files: &dyn Texts) -> Option<String> {
    let folder = format!("/sys/class/net/{}", link.name);
    let index = files.text(&format!("{folder}/ifindex"))?;
    (index.trim() == link.index.to_string()).then_some(folder)
}

/// Speed in Mb/s and duplex of an interface, as far as it tells.
fn speed(folder: Option<&str>, files: &dyn Texts) -> (Option<u32>, Option<String>) {
    let Some(folder) = folder else {
        return (None, None);
    };
    let read = |name: &str| files.text(&format!("{folder}/{name}"));
    // SPEED_UNKNOWN is -1.
    let speed = read("speed").and_then(|text| text.trim().parse().ok());
    let duplex = read("duplex").filter(|duplex| duplex != "unknown");
    (speed.filter(|speed| *speed != u32::MAX), duplex)
}

/// Makes the state of what was read.
pub fn assemble(links: &[Link], files: &dyn Texts, seconds: f64) -> State {
    let bonds = links.iter().filter(|link| link.bond.is_some());
    State {
        format: FORMAT,
        seconds,
        bonds: bonds.map(|link| bond(link, links, files)).collect(),
    }
}

/// The name of an interface in place of its number.
fn named(setting: &Setting, links: &[Link]) -> Setting {
    let Setting::Number(number) = setting else {
        return setting.clone();
    };
    let link = links.iter().find(|link| i64::from(link.index) == *number);
    link.map_or(Setting::Nothing, |link| Setting::Text(link.name.clone()))
}

fn bond(link: &Link, links: &[Link], files: &dyn Texts) -> Bond {
    let data = link.bond.clone().unwrap_or_default();
    let kind = link.kind.clone().unwrap_or_default();
    let folder = folder(link, files);
    let family = if kind == "bond" { "bonding" } else { &kind };
    let text = files.text(&format!("/proc/net/{family}/{}", link.name));
    let text = text.map(|text| proc::parse(&text)).unwrap_or_default();
    let mut options = BTreeMap::new();
    for opt in Opt::ALL {
        let spec = opt.spec();
        let told = data.options.get(spec.name).map(|told| match spec.kind {
            Kind::Interface => named(told, links),
            _ => told.clone(),
        });
        // Only a file tells of it.
        let told = told.or_else(|| match spec.kind {
            Kind::Number(_) if spec.attr.is_none() => {
                let file = format!("{}/bonding/{}", folder.as_ref()?, spec.name);
                files.text(&file)?.trim().parse().ok().map(Setting::Number)
            }
            _ => None,
        });
        if let Some(told) = told {
            options.insert(spec.name.to_string(), told);
        }
    }
    let (speed, duplex) = speed(folder.as_deref(), files);
    let lacp = options.get("mode") == Some(&Setting::Text("802.3ad".into()));
    let slaves: Vec<&Link> = links
        .iter()
        .filter(|slave| slave.slave.is_some() && slave.master == Some(link.index))
        .collect();
    Bond {
        name: link.name.clone(),
        index: link.index,
        kind,
        driver: text.driver,
        address: link.address.clone(),
        mtu: link.mtu,
        up: link.up,
        carrier: link.carrier,
        speed,
        duplex,
        traffic: link.traffic,
        options,
        counters: None,
        aggregate: data.aggregate.filter(|_| lacp),
        twins: twins(link, &slaves, links),
        slaves: slaves
            .iter()
            .map(|slave| {
                let part = text.slaves.get(&slave.name).cloned();
                self::slave(slave, part.unwrap_or_default(), lacp, files)
            })
            .collect(),
    }
}

fn slave(link: &Link, part: Part, lacp: bool, files: &dyn Texts) -> Slave {
    let data = link.slave.clone().unwrap_or_default();
    let folder = folder(link, files);
    let (speed, duplex) = speed(folder.as_deref(), files);
    Slave {
        name: link.name.clone(),
        index: link.index,
        address: link.address.clone(),
        permanent_address: (data.permanent_address.clone()).or(link.permanent_address.clone()),
        mtu: link.mtu,
        up: link.up,
        carrier: link.carrier,
        carrier_changes: link.carrier_changes,
        speed: speed.or(part.speed),
        duplex: duplex.or(part.duplex.clone()),
        state: data.state.map(str::to_string),
        mii_status: data.mii_status.map(str::to_string),
        link_failures: data.link_failures,
        traffic: link.traffic,
        options: data
            .options
            .iter()
            .map(|(name, setting)| (name.to_string(), setting.clone()))
            .collect(),
        counters: None,
        port: lacp.then(|| port(&data, part, folder.as_deref(), files)),
    }
}

fn port(data: &SlaveData, part: Part, folder: Option<&str>, files: &dyn Texts) -> Port {
    let file = |name: &str| files.text(&format!("{}/bonding_slave/{name}", folder?));
    // As `no_partner 6`.
    let reason = file("ad_reason").and_then(|text| {
        let (word, number) = text.split_once(' ')?;
        Some(Reason {
            number: number.parse().ok()?,
            word: word.to_string(),
            text: part.reason.clone().unwrap_or_else(|| word.to_string()),
        })
    });
    let number = |name| file(name).and_then(|text| text.trim().parse().ok());
    Port {
        aggregator: data.aggregator,
        actor_state: data.actor_state,
        partner_state: data.partner_state,
        actor_churn: data.actor_churn.map(str::to_string).or(part.actor_churn),
        partner_churn: data
            .partner_churn
            .map(str::to_string)
            .or(part.partner_churn),
        actor: part.actor,
        partner: part.partner,
        machines: None,
        reason,
        strays: number("ad_strays"),
        dropped: number("ad_dropped"),
    }
}

/// Names of the interfaces that share a MAC address with the bond or its slaves and should not: those
/// that stand on the bond, as VLANs and bridges, or below its slaves have it by right.
fn twins(bond: &Link, slaves: &[&Link], links: &[Link]) -> Vec<String> {
    let mut family = BTreeSet::from([bond.index]);
    family.extend(slaves.iter().map(|slave| slave.index));
    loop {
        let before = family.len();
        for link in links {
            let below = link.below.filter(|n| *n != link.index);
            let above = [link.master, below].into_iter().flatten();
            if family.contains(&link.index) {
                family.extend(above);
            } else if below.is_some_and(|n| family.contains(&n)) {
                family.insert(link.index);
            }
        }
        if family.len() == before {
            break;
        }
    }
    let ours: BTreeSet<&String> = std::iter::once(&bond.address)
        .chain(slaves.iter().map(|slave| &slave.address))
        .flatten()
        .collect();
    let zero = |address: &str| address.bytes().all(|b| b == b'0' || b == b':');
    links
        .iter()
        .filter(|link| !family.contains(&link.index))
        .filter(|link| {
            let address = link.address.as_ref();
            address.is_some_and(|a| ours.contains(a) && !zero(a))
        })
        .map(|link| link.name.clone())
        .collect()
}

/// An event about an interface.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// An interface is there, or has changed.
    Link(Box<Link>),
    /// An interface is gone.
    Gone(Box<Link>),
    /// Messages were lost: there were more than the socket holds.
    Lost,
}

/// Hears of the changes of interfaces.
#[derive(Debug)]
pub struct Listener(Socket);

impl Listener {
    /// Begins to listen.
    pub fn new() -> Result<Listener, Trouble> {
        let mut socket =
            Socket::new(NETLINK_ROUTE).map_err(|e| netlink("open a socket for", &e))?;
        socket
            .bind_auto()
            .and_then(|_| socket.add_membership(RTNLGRP_LINK))
            .map_err(|e| netlink("listen to", &e))?;
        // More may come at once than the usual buffer holds. Not all may ask for it.
        let _ = socket.set_rx_buf_sz(4u32 << 20);
        Ok(Listener(socket))
    }

    /// Waits for the next ones.
    pub fn hear(&self) -> Result<Vec<Heard>, Trouble> {
        const ENOBUFS: i32 = 105;
        let answer = match self.0.recv_from_full() {
            Ok((answer, _)) => answer,
            Err(e) if e.raw_os_error() == Some(ENOBUFS) => return Ok(vec![Heard::Lost]),
            Err(e) if e.kind() == ErrorKind::Interrupted => return Ok(Vec::new()),
            Err(e) => return Err(netlink("read from", &e)),
        };
        let heard = messages(&answer).filter_map(|message| {
            // A bridge announces its ports by the same messages, with AF_BRIDGE, and tells less.
            if message.payload().first() != Some(&AF_UNSPEC) {
                return None;
            }
            let link = || Link::parse(message.payload()).map(Box::new);
            match message.message_type() {
                RTM_NEWLINK => link().map(Heard::Link),
                RTM_DELLINK => link().map(Heard::Gone),
                _ => None,
            }
        });
        Ok(heard.collect())
    }
}
