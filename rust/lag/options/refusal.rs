// SPDX-License-Identifier: GPL-2.0

//! Reasons why a request was refused, and notes that a user should read on one that was not.

use core::fmt;

use super::name::write_lossy;
use super::spec::{Attr, Kind};
use super::table::Opt;
use super::targets::{Ip4, Ip6};
use crate::mac::Mac;
use crate::mode::Mode;

/// The error numbers that options give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// EPERM: malformed text, or not at present.
    Perm,
    /// EACCES: not in this mode.
    Acces,
    /// EBUSY: the bond is up.
    Busy,
    /// ENODEV: no such interface.
    NoDev,
    /// EINVAL: no such value.
    Inval,
    /// ERANGE: an attribute of the wrong length, or out of its policy's range.
    Range,
    /// ENOTEMPTY: the bond has slaves.
    NotEmpty,
    /// EOPNOTSUPP: an XDP program is in the way.
    OpNotSupp,
}

impl Errno {
    /// The kernel's number, negative. The numbers are those of every architecture but alpha,
    /// mips, parisc and sparc, of which none builds Rust.
    pub const fn number(self) -> i32 {
        match self {
            Errno::Perm => -1,
            Errno::Acces => -13,
            Errno::Busy => -16,
            Errno::NoDev => -19,
            Errno::Inval => -22,
            Errno::Range => -34,
            Errno::NotEmpty => -39,
            Errno::OpNotSupp => -95,
        }
    }
}

/// The value of a request, kept for the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// The start of a text, printable ASCII, NULs after it.
    Text([u8; Quote::MAX]),
    /// A number.
    Number(i64),
    /// An IPv4 address.
    Ip4([u8; 4]),
    /// An IPv6 address.
    Ip6([u8; 16]),
    /// An Ethernet address.
    Mac(Mac),
    /// Nothing worth showing.
    None,
}

impl Quote {
    /// Number of bytes of a text that are kept: a whole message has to fit an extack, 80 bytes.
    pub const MAX: usize = 18;

    /// The start of a text, up to its first line's end.
    pub fn text(text: &[u8]) -> Quote {
        let mut bytes = [0; Quote::MAX];
        let line = text.iter().take_while(|b| !matches!(b, b'\n' | 0));
        for (to, from) in bytes.iter_mut().zip(line) {
            *to = match from {
                b' '..=b'~' => *from,
                b'\t' => b' ',
                _ => b'?',
            };
        }
        Quote::Text(bytes)
    }

    /// The start of a text, as it is.
    pub fn shown(&self) -> Option<&str> {
        match self {
            Quote::Text(bytes) => core::str::from_utf8(super::name::until(bytes, |b| b == 0)).ok(),
            _ => None,
        }
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Quote::Text(bytes) => {
                f.write_str("\"")?;
                write_lossy(f, super::name::until(bytes, |b| b == 0))?;
                f.write_str("\"")
            }
            Quote::Number(number) => write!(f, "{number}"),
            Quote::Ip4(address) => write!(f, "{}", Ip4(*address)),
            Quote::Ip6(address) => write!(f, "{}", Ip6(*address)),
            Quote::Mac(mac) => write!(f, "{mac}"),
            Quote::None => Ok(()),
        }
    }
}

/// The reason why a value is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The option is not for this mode.
    Mode(Mode),
    /// The bond has slaves.
    HasSlaves,
    /// The bond is up.
    Up,
    /// No value of the option has this name or number.
    NoSuchValue,
    /// Below the smallest or above the largest number.
    OutOfRange(i64, i64),
    /// An attribute that is shorter or longer than what it carries.
    Length,
    /// The value came in a form that the option does not have.
    Form,
    /// The text is no command: what it has to look like.
    Syntax(&'static str),
    /// There is no interface by this name or ifindex.
    NoInterface,
    /// There cannot be an interface by this name.
    BadName,
    /// The interface is not a slave of the bond.
    NotASlave,
    /// The slave cannot become active: it is down, or its link is.
    SlaveDown,
    /// A delay needs miimon.
    NoMiimon,
    /// miimon is in the same request.
    WithMiimon,
    /// The address cannot be a target.
    BadTarget,
    /// The target is in the list.
    TargetPresent,
    /// The target is not in the list.
    TargetAbsent,
    /// There are 16 targets.
    TargetsFull,
    /// IPv6 is switched off.
    NoIpv6,
    /// A group address.
    Multicast,
    /// The bond has fewer queues.
    NoSuchQueue(u32),
    /// Another slave has this queue.
    QueueTaken,
    /// The XDP program cannot run with this.
    Xdp,
    /// The value is obsolete: links are seen by their carrier only.
    Obsolete,
    /// ARP validation without ARP monitoring.
    NoArpInterval,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Mode(mode) => return write!(f, "not in mode {}", mode.name()),
            Reason::OutOfRange(min, max) => return write!(f, "not in {min}..{max}"),
            Reason::Syntax(form) => return write!(f, "write {form}"),
            Reason::NoSuchQueue(last) => return write!(f, "the last queue is {last}"),
            Reason::HasSlaves => "the bond has slaves",
            Reason::Up => "the bond is up",
            Reason::NoSuchValue => "no such value",
            Reason::Length => "wrong length",
            Reason::Form => "wrong form of value",
            Reason::NoInterface => "no such interface",
            Reason::BadName => "no interface name",
            Reason::NotASlave => "not a slave of this bond",
            Reason::SlaveDown => "slave or its link is down",
            Reason::NoMiimon => "needs miimon",
            Reason::WithMiimon => "excludes miimon",
            Reason::BadTarget => "cannot be a target",
            Reason::TargetPresent => "already a target",
            Reason::TargetAbsent => "not a target",
            Reason::TargetsFull => "at most 16 targets",
            Reason::NoIpv6 => "IPv6 is off",
            Reason::Multicast => "a group address",
            Reason::QueueTaken => "another slave's queue",
            Reason::Xdp => "the XDP program forbids it",
            Reason::Obsolete => "only 1 (carrier) is supported",
            Reason::NoArpInterval => "needs arp_interval",
        })
    }
}

/// A request that was refused: nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The option to blame.
    pub opt: Opt,
    /// The error that the caller gets.
    pub errno: Errno,
    /// The value that was refused.
    pub value: Quote,
    /// The reason.
    pub reason: Reason,
}

impl Refusal {
    /// The attribute to point at.
    pub const fn attr(&self) -> Option<Attr> {
        self.opt.spec().attr
    }
}

impl fmt::Display for Refusal {
    /// One line without its end, ASCII, less than 80 bytes: it fits an extack.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.opt.spec().name)?;
        match self.value {
            Quote::None => {}
            value => write!(f, " {value}")?,
        }
        write!(f, ": {}", self.reason)?;
        match (self.reason, self.opt.spec().kind) {
            (Reason::NoSuchValue, Kind::Number(numbers)) => match numbers.range {
                Some((min, max)) => write!(f, ", {min}..{max}"),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// Something that a user should know about a request that was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// A delay is no multiple of miimon: asked for, and what holds. Milliseconds.
    Rounded(Opt, u32, u32),
    /// MII monitoring switched ARP monitoring off, which had this arp_interval. Milliseconds.
    ArpOff(u32),
    /// ARP monitoring switched MII monitoring off.
    MiiOff,
    /// The mode needs miimon, which was set. Milliseconds.
    MiimonSet(Mode, u32),
    /// ARP monitoring runs without a target.
    NoTarget(Opt),
    /// A prio does not count while there is a primary.
    PrioIdle,
    /// A module parameter out of its range, and what it was set to.
    Reset(&'static str, i64, i32),
    /// A module parameter that means nothing in this mode.
    Irrelevant(Opt, Mode),
    /// updelay and downdelay as module parameters without miimon. Milliseconds.
    DelaysIdle(u32, u32),
    /// A primary as a module parameter, which means nothing in this mode.
    PrimaryIdle(Quote, Mode),
    /// A module parameter that is no address to probe; ARP monitoring is off.
    BadTarget(Quote),
    /// An address is twice among the module parameters.
    TargetTwice([u8; 4]),
    /// arp_interval as a module parameter without an address to probe; it is off. Milliseconds.
    ArpIntervalOff(u32),
    /// In balance-alb clients may be cut off when updelay is shorter than the switch's
    /// forwarding delay. Milliseconds.
    AlbUpdelay(u32),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Rounded(opt, asked, holds) => write!(
                f,
                "{} {asked} is not a multiple of miimon, rounded down to {holds} ms",
                opt.spec().name
            ),
            Note::ArpOff(_) => f.write_str("miimon is on: ARP monitoring switched off"),
            Note::MiiOff => f.write_str("arp_interval is on: MII monitoring switched off"),
            Note::MiimonSet(mode, ms) => {
                write!(f, "mode {} needs miimon: set to {ms} ms", mode.name())
            }
            Note::NoTarget(opt) => write!(f, "arp_interval is on without a {}", opt.spec().name),
            Note::PrioIdle => f.write_str("prio has no effect while there is a primary slave"),
            Note::Reset(name, value, now) => {
                write!(f, "{name} {value}: out of range, set to {now}")
            }
            Note::Irrelevant(opt, mode) => {
                write!(
                    f,
                    "{} has no effect in mode {}",
                    opt.spec().name,
                    mode.name()
                )
            }
            Note::DelaysIdle(updelay, downdelay) => write!(
                f,
                "updelay {updelay} and downdelay {downdelay} have no effect without miimon"
            ),
            Note::PrimaryIdle(_, mode) => {
                write!(f, "primary has no effect in mode {}", mode.name())
            }
            Note::BadTarget(text) => {
                write!(
                    f,
                    "arp_ip_target {text}: cannot be a target, arp_interval is off"
                )
            }
            Note::TargetTwice(address) => {
                write!(f, "arp_ip_target {}: given twice", Ip4(*address))
            }
            Note::ArpIntervalOff(ms) => {
                write!(f, "arp_interval {ms}: no arp_ip_target, switched off")
            }
            Note::AlbUpdelay(ms) => write!(
                f,
                "mode balance-alb: clients may lose their connection when a link is back and \
                 the switch takes longer than updelay, {ms} ms, to forward"
            ),
        }
    }
}

/// The notes of one request, in the order in which they came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes<const MOST: usize> {
    list: [Option<Note>; MOST],
}

impl<const MOST: usize> Default for Notes<MOST> {
    #[inline]
    fn default() -> Self {
        Notes { list: [None; MOST] }
    }
}

impl<const MOST: usize> Notes<MOST> {
    /// The notes.
    pub fn iter(&self) -> impl Iterator<Item = Note> + '_ {
        self.list.iter().map_while(|note| *note)
    }

    /// Adds a note unless it is there. What does not fit is dropped.
    pub(super) fn push(&mut self, note: Note) {
        if self.iter().any(|n| n == note) {
            return;
        }
        if let Some(free) = self.list.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(note);
        }
    }
}
