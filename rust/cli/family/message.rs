// SPDX-License-Identifier: GPL-2.0

//! Messages of generic netlink: requests as octets, and answers by the tables of [`lag::family`].

use std::collections::BTreeMap;

use lag::family::{Kind, Set, SETS};
use netlink_packet_core::{NetlinkBuffer, NlaBuffer, NlasIterator, NLMSG_DONE, NLMSG_ERROR};

/// struct nlmsghdr.
const HEAD: usize = 16;
/// struct genlmsghdr.
const GENERIC_HEAD: usize = 4;
/// NLM_F_CAPPED and NLM_F_ACK_TLVS of an error or the end of a dump.
const CAPPED: u16 = 0x100;
const ACK_TLVS: u16 = 0x200;
/// NLMSGERR_ATTR_MSG.
const ERROR_TEXT: u16 = 1;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number, of four octets or of eight.
    Number(u64),
    /// Text, without the zero behind it.
    Text(String),
    /// A MAC address.
    Mac([u8; 6]),
    /// Octets.
    Octets(Vec<u8>),
    /// A nest.
    Nest(Fields),
}

/// The attributes of a message or of a nest, by number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(BTreeMap<u16, Value>);

impl Fields {
    /// Reads a row of attributes by the table of its set; unknown and badly formed ones are left out.
    pub fn read(set: &Set, row: &[u8]) -> Fields {
        let mut fields = BTreeMap::new();
        for attr in attributes(row) {
            let known = set.attrs.iter().find(|known| known.number == attr.kind());
            if let Some(value) = known.and_then(|known| value(known.kind, attr.value())) {
                fields.insert(attr.kind(), value);
            }
        }
        Fields(fields)
    }

    /// Returns a number.
    pub fn number(&self, attr: u16) -> Option<u64> {
        match self.0.get(&attr)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns an ifindex, or another number of 32 bits.
    pub fn number32(&self, attr: u16) -> Option<u32> {
        self.number(attr).and_then(|n| u32::try_from(n).ok())
    }

    /// Returns a text.
    pub fn text(&self, attr: u16) -> Option<&str> {
        match self.0.get(&attr)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a MAC address, with colons.
    pub fn mac(&self, attr: u16) -> Option<String> {
        match self.0.get(&attr)? {
            Value::Mac(mac) => Some(colons(mac)),
            _ => None,
        }
    }

    /// Returns the attributes of a nest.
    pub fn nest(&self, attr: u16) -> Option<&Fields> {
        match self.0.get(&attr)? {
            Value::Nest(fields) => Some(fields),
            _ => None,
        }
    }

    /// Returns all numbers of a set, by the names of the table, with `_` for `-`.
    pub fn numbers(&self, set: &Set) -> BTreeMap<String, u64> {
        let named = set.attrs.iter().filter_map(|attr| {
            let number = self.number(attr.number)?;
            Some((attr.name.replace('-', "_"), number))
        });
        named.collect()
    }
}

/// A MAC address as people write it.
pub(crate) fn colons(mac: &[u8]) -> String {
    let octets: Vec<String> = mac.iter().map(|b| format!("{b:02x}")).collect();
    octets.join(":")
}

fn value(kind: Kind, payload: &[u8]) -> Option<Value> {
    Some(match kind {
        Kind::U32 | Kind::Enum(_) => {
            Value::Number(u32::from_ne_bytes(*payload.first_chunk()?).into())
        }
        Kind::Uint => Value::Number(match payload.len() {
            8 => u64::from_ne_bytes(*payload.first_chunk()?),
            _ => u32::from_ne_bytes(*payload.first_chunk()?).into(),
        }),
        Kind::Text => Value::Text(text(payload)),
        Kind::Mac => Value::Mac(*payload.first_chunk()?),
        Kind::Octets(_) => Value::Octets(payload.to_vec()),
        Kind::Nest(name) => {
            let set = SETS.iter().find(|set| set.name == name)?;
            Value::Nest(Fields::read(set, payload))
        }
    })
}

fn text(payload: &[u8]) -> String {
    let end = payload.iter().position(|b| *b == 0);
    String::from_utf8_lossy(&payload[..end.unwrap_or(payload.len())]).into_owned()
}

/// The attributes of a row, up to the first that does not fit.
pub(crate) fn attributes(row: &[u8]) -> impl Iterator<Item = NlaBuffer<&[u8]>> {
    NlasIterator::new(row).map_while(Result::ok)
}

/// Returns an attribute with its padding.
pub fn attr(number: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len().saturating_add(4)).unwrap_or(u16::MAX);
    let mut out = [length.to_ne_bytes(), number.to_ne_bytes()].concat();
    out.extend(payload);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

/// A request to a family.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The number of the family.
    pub family: u16,
    /// The family's version.
    pub version: u8,
    /// The number of the command.
    pub command: u8,
    /// NLM_F_*.
    pub flags: u16,
    /// Number by which the answer is known.
    pub sequence: u32,
    /// The attributes, each with its padding.
    pub attrs: &'a [Vec<u8>],
}

impl Request<'_> {
    /// Returns the message.
    pub fn octets(&self) -> Vec<u8> {
        let mut out = vec![0; HEAD];
        out.extend([self.command, self.version, 0, 0]);
        out.extend(self.attrs.concat());
        let length = u32::try_from(out.len()).unwrap_or(u32::MAX);
        let mut head = NetlinkBuffer::new(&mut out);
        head.set_length(length);
        head.set_message_type(self.family);
        head.set_flags(self.flags);
        head.set_sequence_number(self.sequence);
        out
    }
}

/// A refusal by the kernel.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// The errno.
    pub errno: i32,
    /// The kernel's sentence, if it has one.
    pub text: Option<String>,
}

/// A message from the kernel.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// One of a family: its number, the command, and the row of attributes.
    Of(u16, u8, Vec<u8>),
    /// The end of a dump, or of what a request asked for.
    Done,
    /// A refusal.
    Refused(Refused),
}

impl Message {
    /// Reads a message; none if it is too short, or is none for us.
    pub fn parse(message: &NetlinkBuffer<&[u8]>) -> Option<Message> {
        let payload = message.payload();
        let kind = message.message_type();
        match kind {
            NLMSG_DONE | NLMSG_ERROR => {
                let code = i32::from_ne_bytes(*payload.first_chunk()?);
                if code == 0 {
                    return Some(Message::Done);
                }
                Some(Message::Refused(Refused {
                    errno: code.checked_neg().unwrap_or(i32::MAX),
                    text: refusal(kind == NLMSG_ERROR, message.flags(), payload),
                }))
            }
            // Of netlink itself.
            ..0x10 => None,
            _ => {
                let row = payload.get(GENERIC_HEAD..)?;
                Some(Message::Of(kind, payload[0], row.to_vec()))
            }
        }
    }
}

/// The sentence behind an error: in an NLMSG_ERROR the request stands before it, or its head.
fn refusal(is_error: bool, flags: u16, payload: &[u8]) -> Option<String> {
    if flags & ACK_TLVS == 0 {
        return None;
    }
    let mut at = 4usize;
    if is_error {
        let length = u32::from_ne_bytes(*payload.get(4..)?.first_chunk()?);
        at += match flags & CAPPED {
            0 => (length as usize).next_multiple_of(4),
            _ => HEAD,
        };
    }
    let mut found = attributes(payload.get(at..)?);
    let attr = found.find(|attr| attr.kind() == ERROR_TEXT)?;
    Some(text(attr.value()))
}

/// The messages in a datagram.
pub fn messages(datagram: &[u8]) -> impl Iterator<Item = NetlinkBuffer<&[u8]>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        let message = NetlinkBuffer::new_checked(rest).ok()?;
        let length = message.length() as usize;
        let next = length.next_multiple_of(4);
        rest = rest.get(next..).unwrap_or(&[]);
        Some(message)
    })
}
