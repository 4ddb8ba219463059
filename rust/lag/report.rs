// SPDX-License-Identifier: GPL-2.0

//! The lines of the kernel log: what happens to a bond, and how it is told.
//!
//! Each [`Event`] has two renderings, chosen by [`Words`], which the identity of the driver says: our
//! own, and those of native bonding ([`native`]), which rules and people grep for where we stand in
//! its place. What native has no line for is told in our own words there too. A line break in a
//! rendering begins another line of the log.

mod native;

use core::fmt;

use crate::duplex::Duplex;
use crate::hash::Policy;
use crate::lacp::system::Notice;
use crate::mac::Mac;
use crate::mode::Mode;
use crate::monitor::mii;
use crate::options::{self, Opt, Params, Quote, Refusal};
use crate::time::Span;

/// In whose words events are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// Ours.
    Own,
    /// Those of native bonding.
    Native,
}

/// Level of a log line. The numbers are those of printk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Level {
    /// KERN_ERR
    Error = 3,
    /// KERN_WARNING
    Warn = 4,
    /// KERN_NOTICE
    Notice = 5,
    /// KERN_INFO
    Info = 6,
}

/// By what a link is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Its carrier.
    Carrier,
    /// ARP or neighbour monitoring, in active-backup.
    Arp,
    /// ARP or neighbour monitoring where the load is balanced. `first`: no other link was up.
    Balanced {
        /// No other link was up when the round began.
        first: bool,
    },
}

/// The part of a slave in an active-backup bond, for a line about its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The mode is another.
    None,
    /// The active slave.
    Active,
    /// A backup.
    Backup,
}

/// The reason why a device cannot be a slave, or cannot run the bond's XDP program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It is a CAN device.
    Can,
    /// It is the bond itself.
    Itself,
    /// It is a master of another kind.
    Master,
    /// It has another master.
    InUse,
    /// It carries no VLANs, and the bond has some.
    NoVlans,
    /// It is up.
    Up,
    /// Something on the bond forbids to change its type to the device's.
    TypeHeld,
    /// It is of another type than the other slaves.
    OtherType,
    /// 802.3ad needs Ethernet.
    NotEthernet,
    /// InfiniBand needs active-backup.
    Infiniband,
    /// Its address cannot be set.
    FixedAddress,
    /// Its driver has no XDP.
    NoXdp,
    /// It has an XDP program of its own.
    OwnProgram,
}

impl fmt::Display for Unfit {
    /// In our own words: what an extack says, at most 80 bytes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unfit::Can => "a CAN device cannot be a slave",
            Unfit::Itself => "a bond cannot be its own slave",
            Unfit::Master => "a master of another kind cannot be a slave",
            Unfit::InUse => "the device is in use by another master",
            Unfit::NoVlans => "the device cannot carry VLANs, and the bond has some",
            Unfit::Up => "the device is up; take it down first",
            Unfit::TypeHeld => "something on the bond forbids to change its type",
            Unfit::OtherType => "the device is of another type than the other slaves",
            Unfit::NotEthernet => "802.3ad needs Ethernet devices",
            Unfit::Infiniband => "InfiniBand devices need mode active-backup",
            Unfit::FixedAddress => {
                "the device cannot change its MAC; that needs active-backup with fail_over_mac 1"
            }
            Unfit::NoXdp => "its driver has no XDP",
            Unfit::OwnProgram => "it has an XDP program of its own; take that off first",
        })
    }
}

/// A step on the way to being a slave that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The bond's MTU.
    Mtu,
    /// The bond's address.
    Address,
    /// Coming up.
    Open,
    /// An address of its own, in balance-tlb and balance-alb.
    OwnAddress,
    /// The bond's VLANs.
    Vlans,
    /// netpoll, as the bond is used by it.
    Netpoll,
}

impl Step {
    const fn what(self) -> &'static str {
        match self {
            Step::Mtu => "set its MTU",
            Step::Address => "set its address",
            Step::Open => "bring it up",
            Step::OwnAddress => "set its own address",
            Step::Vlans => "add the bond's VLANs",
            Step::Netpoll => "use it for netpoll, as the bond is",
        }
    }
}

/// The device whose address was not set at a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The slave that becomes active.
    New,
    /// The one that was, or that has the new one's address.
    Old,
}

/// The result of a write to the file of all bonds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masters {
    /// No command that is known.
    Syntax,
    /// A bond is about to be made.
    Making,
    /// There is a device of that name.
    Exists,
    /// It was not made, for this error (a positive number).
    Failed(i32),
    /// A bond is about to be removed.
    Removing,
    /// There is none of that name.
    Missing,
}

/// The way by which a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// As a text written to a file.
    File,
    /// As an attribute of netlink.
    Netlink,
}

/// Something worth a line. Numbers of errors are negative, as the kernel's are.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// updelay or downdelay begins, or ends before its time.
    Delay(mii::Note, Part),
    /// A link is up. Mbit/s.
    LinkUp(Watch, Option<u32>, Duplex),
    /// A link is down.
    LinkDown(Watch),
    /// A slave becomes the active one; so long before updelay was over.
    Active(Option<Span>),
    /// A slave leaves that is the last port of the active aggregator.
    AggregatorLeft,
    /// The bond has a usable slave again, or none any more. `watched`: a monitor has seen it, not a
    /// user's change.
    Usable {
        /// There is one.
        any: bool,
        /// A monitor has seen it.
        watched: bool,
    },
    /// A device was renamed to or from the name of the primary.
    Primary(&'a dyn fmt::Display),
    /// A device has become a slave.
    Enslaved {
        /// It does not transmit.
        backup: bool,
        /// Its link is up.
        up: bool,
    },
    /// A slave is released.
    Released {
        /// It was the active one.
        active: bool,
        /// The mode is balance-tlb or balance-alb.
        balanced: bool,
    },
    /// A bond that goes has released all its slaves.
    ReleasedAll,
    /// A bond goes with its last slave.
    Destroyed,
    /// A slave without VLANs has come: none can be added.
    VlansBlocked,
    /// The last such slave has gone.
    VlansFree,
    /// A device is none of the slaves.
    NotASlave,
    /// A device cannot be a slave.
    Unfit(Unfit),
    /// A step on the way to being a slave has failed.
    Failed(Step, i32),
    /// A first slave whose address cannot be set: fail_over_mac is active from now on.
    FollowsActive,
    /// The new active slave does not take all the flags of the bond.
    Flags,
    /// An address was not set at a failover.
    Address(Whose, &'a dyn fmt::Display, i32),
    /// An address was not set while the device is up, in balance-alb.
    AddressUp(Mac, i32),
    /// Somebody objects to the bond's taking the address of a device.
    AddressDenied(&'a dyn fmt::Display, i32),
    /// A slave leaves with its own address, which is still the bond's.
    AddressStays(&'a dyn fmt::Display),
    /// A slave that leaves does not take its own address back.
    AddressBack(&'a dyn fmt::Display, i32),
    /// The device's address is in use, it gets that of another slave.
    AddressBorrowed(Mac),
    /// The device's address is in use, and there is none for it.
    AddressTaken,
    /// No XDP in this mode, and with this policy if it is that.
    XdpMode(Mode, Option<Policy>),
    /// A driver refuses the XDP program.
    XdpRefused(i32),
    /// A slave keeps the XDP program that was to be taken back.
    XdpKept(i32),
    /// An option was refused.
    Refused(&'a Refusal, Door),
    /// An option could not be carried out, after it was judged: its value, and the error.
    NotDone(Opt, Quote, i32),
    /// Something odd about an option that was carried out.
    Note(options::Note, &'a Params),
    /// A module parameter was refused.
    BadParameter(&'a Refusal),
    /// Something odd about a module parameter.
    Parameter(options::Note, &'a Params),
    /// The monitoring that the module's parameters ask for.
    Monitoring(&'a Params),
    /// There is no route to a target, the first of this module's life for which that is so, and
    /// arp_validate is set; `v6`: a target of IPv6.
    NoRoute(&'a dyn fmt::Display, bool),
    /// LACP.
    Lacp(Notice),
    /// IPsec associations are with the kernel, as the new active slave works on none, or not on those.
    Associations {
        /// Number of them.
        left: u32,
        /// It works on none.
        none: bool,
    },
    /// A write to the file of all bonds: its name, what came of it, and the bond's name.
    Masters(&'a str, Masters, &'a str),
}

/// An event as text.
#[derive(Clone, Copy)]
pub struct Told<'a>(&'a Event<'a>, Words);

impl<'a> Event<'a> {
    /// Returns the level of the log line in those words; None if there is none.
    pub fn level(&self, words: Words) -> Option<Level> {
        match words {
            Words::Own => self.own_level(),
            Words::Native => self.native_level(),
        }
    }

    /// The text in those words, without the name of bond or slave.
    pub fn told(&'a self, words: Words) -> Told<'a> {
        Told(self, words)
    }

    /// The line names the slave that it is about.
    pub fn names_slave(&self, words: Words) -> bool {
        match self {
            // Native says it of the bond.
            Event::Unfit(Unfit::Can | Unfit::Itself | Unfit::Master) => words == Words::Own,
            _ => true,
        }
    }

    /// The line begins with the name of the driver: of those of native bonding that are about no
    /// device, what its parameters make it say does not.
    pub fn names_driver(&self) -> bool {
        !matches!(
            self,
            Event::BadParameter(_) | Event::Parameter(..) | Event::Monitoring(_)
        )
    }

    fn own_level(&self) -> Option<Level> {
        Some(match self {
            Event::ReleasedAll
            | Event::AggregatorLeft
            | Event::VlansFree
            | Event::Primary(_)
            | Event::NotDone(..)
            | Event::Monitoring(_)
            | Event::Masters(_, Masters::Making | Masters::Removing, _) => return None,
            Event::Usable { any: true, .. }
            | Event::Delay(..)
            | Event::LinkUp(..)
            | Event::LinkDown(_)
            | Event::Active(_)
            | Event::Enslaved { .. }
            | Event::Released { .. }
            | Event::Destroyed
            | Event::Note(..)
            | Event::Lacp(_) => Level::Info,
            Event::Usable { any: false, .. }
            | Event::VlansBlocked
            | Event::FollowsActive
            | Event::Flags
            | Event::Address(..)
            | Event::AddressUp(..)
            | Event::AddressBorrowed(_)
            | Event::AddressStays(_)
            | Event::AddressBack(..)
            | Event::XdpKept(_)
            | Event::Associations { .. }
            | Event::NoRoute(..)
            | Event::Parameter(..) => Level::Warn,
            Event::NotASlave
            | Event::Unfit(_)
            | Event::Failed(..)
            | Event::AddressTaken
            | Event::AddressDenied(..)
            | Event::XdpMode(..)
            | Event::XdpRefused(_)
            | Event::Refused(..)
            | Event::BadParameter(_)
            | Event::Masters(..) => Level::Error,
        })
    }

    fn own(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Event::Delay(note, _) => write!(f, "{note}"),
            Event::LinkUp(..) => f.write_str("link is up"),
            Event::LinkDown(_) => f.write_str("link is down, not used"),
            Event::Active(None) => f.write_str("is the active slave now"),
            Event::Active(Some(early)) => write!(
                f,
                "is the active slave now, {} ms before updelay is over",
                early.as_millis()
            ),
            Event::Usable { any: true, .. } => f.write_str("a slave is usable again"),
            Event::Usable { any: false, .. } => f.write_str("no slave is usable any more"),
            Event::Enslaved { backup, up } => write!(
                f,
                "enslaved as {} slave, link is {}",
                if backup { "a backup" } else { "an active" },
                if up { "up" } else { "down" }
            ),
            Event::Released { active, .. } => f.write_str(match active {
                true => "released, was the active slave",
                false => "released",
            }),
            Event::Destroyed => f.write_str("removed with its last slave"),
            Event::VlansBlocked => {
                f.write_str("cannot carry VLANs; none can be added while it is a slave")
            }
            Event::NotASlave => f.write_str("not a slave of this bond"),
            Event::Unfit(unfit) => write!(f, "{unfit}"),
            Event::Failed(step, errno) => write!(f, "cannot {} (error {errno})", step.what()),
            Event::FollowsActive => {
                f.write_str("cannot change its MAC: fail_over_mac is active now")
            }
            Event::Flags => f.write_str("does not take all the flags of the bond"),
            Event::Address(_, addr, errno) => {
                write!(f, "does not take the address {addr} (error {errno})")
            }
            Event::AddressUp(mac, errno) => write!(
                f,
                "does not take the address {mac} while it is up (error {errno})"
            ),
            Event::AddressDenied(addr, errno) => {
                write!(
                    f,
                    "the bond may not take its address {addr} (error {errno})"
                )
            }
            Event::AddressStays(own) => write!(
                f,
                "gets its address {own} back, which is still the bond's: give one of them another"
            ),
            Event::AddressBack(own, errno) => {
                write!(
                    f,
                    "does not take its own address {own} back (error {errno})"
                )
            }
            Event::AddressBorrowed(mac) => {
                write!(f, "its address is in use; it gets {mac}, another slave's")
            }
            Event::AddressTaken => f.write_str("its address is in use, and none is free for it"),
            Event::XdpMode(mode, policy) => {
                write!(f, "XDP: not in mode {}", mode.name())?;
                if let Some(policy) = policy {
                    write!(f, " with {}", policy.name())?;
                }
                f.write_str("; generic XDP works")
            }
            Event::XdpRefused(errno) => {
                write!(f, "its driver refuses the XDP program (error {errno})")
            }
            Event::XdpKept(errno) => write!(f, "keeps the new XDP program (error {errno})"),
            Event::Associations { left, .. } => write!(
                f,
                "does not take {left} IPsec associations: the kernel works on them"
            ),
            Event::Refused(refusal, _) | Event::BadParameter(refusal) => write!(f, "{refusal}"),
            Event::Note(note, _) | Event::Parameter(note, _) => write!(f, "{note}"),
            Event::NoRoute(target, _) => {
                write!(
                    f,
                    "no route to {target}, whose answers arp_validate waits for"
                )
            }
            Event::Lacp(notice) => write!(f, "{notice}"),
            Event::Masters(file, masters, name) => match masters {
                Masters::Syntax => {
                    write!(
                        f,
                        "{file} takes +name to make a device and -name to remove one"
                    )
                }
                Masters::Exists => write!(
                    f,
                    "{file}: cannot make {name}: there is one by that name (error -17)"
                ),
                Masters::Failed(errno) => {
                    write!(f, "{file}: cannot make {name} (error {errno})")
                }
                Masters::Missing => write!(f, "{file}: there is no bond {name} to remove"),
                Masters::Making | Masters::Removing => Ok(()),
            },
            Event::ReleasedAll
            | Event::AggregatorLeft
            | Event::VlansFree
            | Event::Primary(_)
            | Event::NotDone(..)
            | Event::Monitoring(_) => Ok(()),
        }
    }
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Told(event, words) = *self;
        match words {
            Words::Own => event.own(f),
            Words::Native => event.native(f),
        }
    }
}
