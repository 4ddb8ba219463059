// SPDX-License-Identifier: GPL-2.0

//! The generic netlink family of the driver: asks it, and listens to its group.
//!
//! Commands, attributes and numbers are those of [`lag::family`].

pub mod facts;
pub mod message;

use std::io::{self, ErrorKind};

use lag::family::{
    self, bonds, flow, record, BOND_GET, EVENTS, FLOW_GET, HISTORY_GET, NAME, RECORD_NTF,
    SLAVE_GET, VERSION,
};
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST};
use netlink_sys::{protocols::NETLINK_GENERIC, Socket, SocketAddr};

use crate::flow::Answer;
use crate::history::Record;
use crate::state::Trouble;
use facts::Facts;
use message::{attr, attributes, messages, Fields, Message, Refused, Request};

/// The controller of generic netlink, which knows the families by name. linux/genetlink.h.
mod controller {
    pub(super) const FAMILY: u16 = 0x10;
    /// Number of its group `notify`.
    pub(super) const NOTIFY: u32 = 0x10;
    pub(super) const VERSION: u8 = 2;
    pub(super) const DELFAMILY: u8 = 2;
    pub(super) const GETFAMILY: u8 = 3;
    pub(super) const FAMILY_ID: u16 = 1;
    pub(super) const FAMILY_NAME: u16 = 2;
    pub(super) const MCAST_GROUPS: u16 = 7;
    pub(super) const MCAST_GRP_NAME: u16 = 1;
    pub(super) const MCAST_GRP_ID: u16 = 2;
}

/// Errors of the kernel that mean something of their own here.
mod errno {
    pub(super) const EPERM: i32 = 1;
    pub(super) const ENOENT: i32 = 2;
    pub(super) const ENODEV: i32 = 19;
    pub(super) const ENOBUFS: i32 = 105;
}

/// Octets that the socket of a listener holds.
const ROOM: u32 = 4 << 20;

/// An error of a netlink socket, and what to do.
fn trouble(what: &str, error: &io::Error) -> Trouble {
    Trouble(format!(
        "cannot {what} generic netlink: {error}; a sandbox may forbid it (systemd: \
         RestrictAddressFamilies= has to hold AF_NETLINK)"
    ))
}

/// The answer to a request.
type Answered = Result<Vec<Fields>, Refusal>;

/// A request that was not answered.
enum Refusal {
    /// The kernel has refused it.
    Kernel(Refused),
    /// It could not be asked.
    Trouble(Trouble),
}

impl Refusal {
    fn trouble(self, what: &str) -> Trouble {
        match self {
            Refusal::Trouble(trouble) => trouble,
            Refusal::Kernel(refused) if refused.errno == errno::ENOENT => gone(),
            Refusal::Kernel(refused) => {
                let error = io::Error::from_raw_os_error(refused.errno);
                let text = refused
                    .text
                    .map_or(String::new(), |text| format!(": {text}"));
                Trouble(format!("cannot {what}: {error}{text}"))
            }
        }
    }
}

/// Says that the module has gone while it was asked, or listened to.
pub(crate) fn gone() -> Trouble {
    Trouble(format!(
        "the kernel has no longer a family {NAME}: the module was unloaded"
    ))
}

/// Speaks with the family.
#[derive(Debug)]
pub struct Client {
    socket: Socket,
    sequence: u32,
    family: u16,
    events: u32,
}

fn open() -> Result<Socket, Trouble> {
    let mut socket = Socket::new(NETLINK_GENERIC).map_err(|e| trouble("open a socket for", &e))?;
    socket
        .bind_auto()
        .map_err(|e| trouble("bind a socket for", &e))?;
    // The kernel's sentences come without it as well on some; not all have it.
    let _ = socket.set_ext_ack(true);
    Ok(socket)
}

impl Client {
    /// Looks for the family; none if the kernel has none of that name.
    pub fn new() -> Result<Option<Client>, Trouble> {
        let mut client = Client {
            socket: open()?,
            sequence: 0,
            family: 0,
            events: 0,
        };
        let name = [NAME.as_bytes(), b"\0"].concat();
        let rows = client.rows(Request {
            family: controller::FAMILY,
            version: controller::VERSION,
            command: controller::GETFAMILY,
            flags: NLM_F_REQUEST | NLM_F_ACK,
            sequence: 0,
            attrs: &[attr(controller::FAMILY_NAME, &name)],
        });
        let rows = match rows {
            Err(Refusal::Kernel(refused)) if refused.errno == errno::ENOENT => return Ok(None),
            rows => rows.map_err(|refusal| refusal.trouble("look for the family"))?,
        };
        for row in &rows {
            for attr in attributes(row) {
                match attr.kind() {
                    controller::FAMILY_ID => client.family = number16(attr.value()),
                    controller::MCAST_GROUPS => client.events = events(attr.value()),
                    _ => {}
                }
            }
        }
        Ok((client.family != 0).then_some(client))
    }

    /// Sends a request and collects the rows of attributes that answer it.
    fn rows(&mut self, mut request: Request<'_>) -> Result<Vec<Vec<u8>>, Refusal> {
        let failed = |what, e: io::Error| Refusal::Trouble(trouble(what, &e));
        self.sequence = self.sequence.wrapping_add(1);
        request.sequence = self.sequence;
        self.socket
            .send_to(&request.octets(), &SocketAddr::new(0, 0), 0)
            .map_err(|e| failed("ask", e))?;
        let mut rows = Vec::new();
        loop {
            let (datagram, _) = (self.socket.recv_from_full()).map_err(|e| failed("read", e))?;
            for message in messages(&datagram) {
                if message.sequence_number() != self.sequence {
                    continue;
                }
                match Message::parse(&message) {
                    Some(Message::Of(_, _, row)) => rows.push(row),
                    Some(Message::Done) => return Ok(rows),
                    Some(Message::Refused(refused)) => return Err(Refusal::Kernel(refused)),
                    None => {}
                }
            }
        }
    }

    /// Asks for one thing, or for all of a kind.
    fn ask(&mut self, command: u8, dump: bool, attrs: &[Vec<u8>]) -> Answered {
        let flags = if dump { NLM_F_DUMP } else { NLM_F_ACK };
        let rows = self.rows(Request {
            family: self.family,
            version: VERSION,
            command,
            flags: NLM_F_REQUEST | flags,
            sequence: 0,
            attrs,
        })?;
        let telling = &family::TELLINGS[usize::from(command) - 1];
        Ok(rows
            .iter()
            .map(|row| Fields::read(&telling.set, row))
            .collect())
    }

    /// Reads all bonds and slaves.
    pub fn facts(&mut self) -> Result<Facts, Trouble> {
        let what = "read bonds by the family";
        let bonds = self.ask(BOND_GET, true, &[]);
        let slaves = self.ask(SLAVE_GET, true, &[]);
        Ok(Facts {
            bonds: bonds.map_err(|refusal| refusal.trouble(what))?,
            slaves: slaves.map_err(|refusal| refusal.trouble(what))?,
        })
    }

    /// Lists the bonds of the driver: ifindex and name of each.
    pub fn bonds(&mut self) -> Result<Vec<(u32, String)>, Trouble> {
        let bonds = self.ask(BOND_GET, true, &[]);
        let bonds = bonds.map_err(|refusal| refusal.trouble("list bonds by the family"))?;
        let named = bonds.iter().filter_map(|bond| {
            let name = bond.text(bonds::IFNAME)?;
            Some((bond.number32(bonds::IFINDEX)?, name.to_string()))
        });
        Ok(named.collect())
    }

    /// Reads the records of a bond behind number `after`; none if the bond has gone.
    pub fn history(&mut self, bond: u32, after: u64) -> Result<Option<Vec<Record>>, Trouble> {
        let attrs = [
            attr(record::BOND, &bond.to_ne_bytes()),
            attr(record::SEQ, &after.to_ne_bytes()),
        ];
        match self.ask(HISTORY_GET, true, &attrs) {
            Ok(records) => Ok(Some(records.iter().filter_map(Record::read).collect())),
            Err(Refusal::Kernel(refused)) if refused.errno == errno::ENODEV => Ok(None),
            Err(refusal) => Err(refusal.trouble("read the history")),
        }
    }

    /// Asks for the slave that would send a frame.
    pub fn flow(&mut self, bond: u32, frame: &[u8]) -> Result<Answer, Trouble> {
        let attrs = [
            attr(flow::BOND, &bond.to_ne_bytes()),
            attr(flow::FRAME, frame),
        ];
        let what = "ask for the slave of a flow";
        let rows = self
            .ask(FLOW_GET, false, &attrs)
            .map_err(|refusal| match refusal {
                Refusal::Kernel(refused) if refused.errno == errno::EPERM => Trouble(
                    "only who has CAP_NET_ADMIN may ask for the slave of a flow: run it by sudo"
                        .into(),
                ),
                refusal => refusal.trouble(what),
            })?;
        let answer = rows.first().and_then(Answer::read);
        answer.ok_or_else(|| Trouble(format!("cannot {what}: the kernel's answer is empty")))
    }

    /// Begins to listen to the group in which records are announced.
    pub fn listen(&self) -> Result<Events, Trouble> {
        let socket = open()?;
        // More may come at once than the usual buffer holds. Not all may ask for it.
        let _ = socket.set_rx_buf_sz(ROOM);
        socket
            .add_membership(controller::NOTIFY)
            .and_then(|()| socket.add_membership(self.events))
            .map_err(|e| trouble("listen to", &e))?;
        Ok(Events {
            socket,
            family: self.family,
        })
    }
}

fn number16(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(0, |b| u16::from_ne_bytes(*b))
}

/// The number of the group of events, in the list of groups.
fn events(groups: &[u8]) -> u32 {
    for group in attributes(groups) {
        let (mut name, mut number) = (String::new(), 0);
        for attr in attributes(group.value()) {
            let payload = attr.value();
            match attr.kind() {
                controller::MCAST_GRP_NAME => {
                    name = String::from_utf8_lossy(payload).into_owned();
                }
                controller::MCAST_GRP_ID => {
                    number = payload.first_chunk().map_or(0, |b| u32::from_ne_bytes(*b));
                }
                _ => {}
            }
        }
        if name.trim_end_matches('\0') == EVENTS {
            return number;
        }
    }
    0
}

/// An event of the group.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A record that has just been made.
    Record(Box<Record>),
    /// There was more than the socket holds: some are missing.
    Lost,
    /// The family has gone.
    Gone,
}

/// Listens to the group in which records are announced.
#[derive(Debug)]
pub struct Events {
    socket: Socket,
    family: u16,
}

impl Events {
    /// Waits for the next ones.
    pub fn next(&self) -> Result<Vec<Event>, Trouble> {
        let datagram = match self.socket.recv_from_full() {
            Ok((datagram, _)) => datagram,
            Err(e) if e.raw_os_error() == Some(errno::ENOBUFS) => return Ok(vec![Event::Lost]),
            Err(e) if e.kind() == ErrorKind::Interrupted => return Ok(Vec::new()),
            Err(e) => return Err(trouble("read", &e)),
        };
        let found = messages(&datagram).filter_map(|message| match Message::parse(&message)? {
            Message::Of(of, RECORD_NTF, row) if of == self.family => {
                let fields = Fields::read(&record::SET, &row);
                Record::read(&fields).map(|record| Event::Record(Box::new(record)))
            }
            Message::Of(controller::FAMILY, controller::DELFAMILY, row) => {
                let mut found = attributes(&row);
                let id = found.find(|attr| attr.kind() == controller::FAMILY_ID)?;
                (number16(id.value()) == self.family).then_some(Event::Gone)
            }
            _ => None,
        });
        Ok(found.collect())
    }
}
