// SPDX-License-Identifier: GPL-2.0

//! Values as they come through the doors, and how they are read.

use super::name::{is_space, until, Name};
use super::refusal::{Errno, Quote, Reason, Refusal};
use super::spec::{Kind, Numbers, Width};
use super::table::Opt;
use crate::mac::Mac;

/// A value as a front end has it, not yet looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text written to a sysfs file, with or without a newline at its end.
    Text(&'a [u8]),
    /// A number.
    Number(i64),
    /// IFLA_BOND_ARP_IP_TARGET or IFLA_BOND_NS_IP6_TARGET: the nested attributes, whole. They
    /// replace the list.
    Nested(&'a [u8]),
    /// An Ethernet address.
    Mac(Mac),
    /// An interface of the bond's namespace; 0 is none.
    Ifindex(u32),
    /// A number for one slave.
    Slave {
        /// The slave.
        ifindex: u32,
        /// The number.
        number: i64,
    },
}

impl<'a> Value<'a> {
    /// The value in a netlink attribute; `slave` is the ifindex of the slave that an
    /// IFLA_BOND_SLAVE_* belongs to, and is not looked at for IFLA_BOND_*.
    ///
    /// ERANGE if the payload is shorter than what it should hold, as the kernel's own policies
    /// have it; of a longer one the start counts.
    pub fn from_attr(opt: Opt, slave: u32, payload: &'a [u8]) -> Result<Value<'a>, Refusal> {
        let refuse = |errno, value, reason| Refusal {
            opt,
            errno,
            value,
            reason,
        };
        let short = refuse(Errno::Range, Quote::None, Reason::Length);
        let spec = opt.spec();
        let number = match spec.width {
            Width::U8 => payload.first().map(|b| i64::from(*b)),
            Width::U16 => payload
                .first_chunk()
                .map(|b| i64::from(u16::from_ne_bytes(*b))),
            Width::U32 => payload
                .first_chunk()
                .map(|b| i64::from(u32::from_ne_bytes(*b))),
            Width::S32 => payload
                .first_chunk()
                .map(|b| i64::from(i32::from_ne_bytes(*b))),
            Width::Mac => {
                return match <[u8; 6]>::try_from(payload) {
                    Ok(mac) => Ok(Value::Mac(Mac(mac))),
                    Err(_) if payload.len() > 6 => Err(short),
                    Err(_) => Err(refuse(Errno::Inval, Quote::None, Reason::Length)),
                }
            }
            Width::Nested4 | Width::Nested6 => return Ok(Value::Nested(payload)),
            Width::None => return Err(refuse(Errno::Inval, Quote::None, Reason::Form)),
        };
        let number = number.ok_or(short)?;
        match spec.kind {
            Kind::Interface => Ok(Value::Ifindex(u32::try_from(number).unwrap_or(0))),
            Kind::PerSlave { .. } => Ok(Value::Slave {
                ifindex: slave,
                number,
            }),
            Kind::Number(Numbers {
                range: Some((min, max)),
                ..
            }) if opt == Opt::PeerNotifDelay && number > max => Err(refuse(
                Errno::Range,
                Quote::Number(number),
                Reason::OutOfRange(min, max),
            )),
            _ => Ok(Value::Number(number)),
        }
    }

    /// Returns the part of it that a message shows.
    pub(super) fn quote(&self) -> Quote {
        match self {
            Value::Text(text) => Quote::text(text),
            Value::Number(number) | Value::Slave { number, .. } => Quote::Number(*number),
            Value::Ifindex(ifindex) => Quote::Number(i64::from(*ifindex)),
            Value::Mac(mac) => Quote::Mac(*mac),
            Value::Nested(_) => Quote::None,
        }
    }
}

/// `+` or `-` before an item of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Add,
    Remove,
}

/// The text without what follows a NUL or the first newline.
pub(super) fn line(text: &[u8]) -> &[u8] {
    until(text, |b| matches!(b, b'\n' | 0))
}

/// The first word of a text, without the white space around it.
pub(super) fn word(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|b| !is_space(*b));
    let text = start.and_then(|start| text.get(start..)).unwrap_or(&[]);
    until(text, |b| is_space(b) || b == 0)
}

/// The digits at the start of a text as a number, and what follows them; none without a digit or
/// if they say more than 64 bits hold.
pub(super) fn digits(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|b| !b.is_ascii_digit());
    let (digits, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let (_, _) = digits.split_first()?;
    let number = digits.iter().try_fold(0i64, |number, digit| {
        number
            .checked_mul(10)?
            .checked_add(i64::from(digit.wrapping_sub(b'0')))
    })?;
    Some((number, rest))
}

/// The number that a text means for an option with numbers: its first word, a name or digits.
/// It is one that is allowed.
pub(super) fn number(numbers: &Numbers, text: &[u8]) -> Option<i64> {
    let line = line(text);
    if !line.iter().all(|b| b.is_ascii_digit() || is_space(*b)) {
        return numbers.by_word(word(line));
    }
    let (number, _) = digits(word(line))?;
    numbers.allows(number).then_some(number)
}

/// The command in front of a text and what follows it.
pub(super) fn command(text: &[u8]) -> Option<(Command, &[u8])> {
    match text.split_first()? {
        (b'+', rest) => Some((Command::Add, rest)),
        (b'-', rest) => Some((Command::Remove, rest)),
        _ => None,
    }
}

/// An IPv4 address, read as the kernel's in4_pton() does without a delimiter: four decimal
/// numbers and dots, up to a colon or what is neither a dot nor a hexadecimal digit.
pub(super) fn ip4(text: &[u8]) -> Option<[u8; 4]> {
    let end = |b: u8| !(b == b'.' || b.is_ascii_hexdigit());
    let mut parts = until(text, end).split(|b| *b == b'.');
    let mut address = [0; 4];
    for octet in &mut address {
        let (number, rest) = digits(parts.next()?)?;
        if !rest.is_empty() {
            return None;
        }
        *octet = u8::try_from(number).ok()?;
    }
    parts.next().is_none().then_some(address)
}

/// An Ethernet address, read as the kernel's mac_pton() does: six times two hexadecimal digits
/// with colons between them, and then anything.
pub(super) fn mac(text: &[u8]) -> Option<Mac> {
    let text: &[u8; 17] = text.first_chunk()?;
    let mut mac = [0; 6];
    let mut parts = text.split(|b| *b == b':');
    for octet in &mut mac {
        let [high, low] = <[u8; 2]>::try_from(parts.next()?).ok()?;
        *octet = (hex(high)? << 4) | hex(low)?;
    }
    Some(Mac(mac))
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a' - 10)),
        b'A'..=b'F' => Some(digit.wrapping_sub(b'A' - 10)),
        _ => None,
    }
}

/// `eth0:1`: a slave's name, and the number behind the first colon.
pub(super) fn per_slave(text: &[u8]) -> Option<(Name, i64)> {
    let mut parts = text.splitn(2, |b| *b == b':');
    let name = Name::new(parts.next()?)?;
    let (number, _) = digits(word(parts.next()?))?;
    Some((name, number))
}

/// The payloads in a run of netlink attributes, as nla_for_each_nested() walks them: the walk
/// ends at an attribute that does not fit.
pub(super) fn nested(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const HEADER: usize = 4;
    const ALIGN: usize = 4;
    core::iter::from_fn(move || {
        let length = usize::from(u16::from_ne_bytes(*bytes.first_chunk()?));
        let payload = bytes.get(HEADER..length)?;
        let next = length.checked_next_multiple_of(ALIGN)?;
        bytes = bytes.get(next..).unwrap_or(&[]);
        Some(payload)
    })
}
