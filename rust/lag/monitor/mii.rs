// SPDX-License-Identifier: GPL-2.0

//! The state of one link as its carrier tells it, with updelay and downdelay.
//!
//! | state        | carrier on                             | carrier off                     | deadline |
//! |--------------|----------------------------------------|---------------------------------|----------|
//! | `Up`         | -                                      | `GoingDown`, or `Down` at once if downdelay is 0 | |
//! | `GoingDown`  | `Up`                                   | -                               | `Down`   |
//! | `Down`       | `ComingUp`, or `Up` at once if updelay is 0 or waived | -                |          |
//! | `ComingUp`   | `Up` at once if updelay is now waived  | `Down`                          | `Up`     |
//!
//! Each way into `Down` is one link failure, also the one from `ComingUp`.
//!
//! The carrier's own event drives the machine at once, the poll of miimon only finds what an
//! event missed. Both call [`Mii::observe`] with what they saw.

use super::Status;
use crate::mode::Mode;
use crate::time::{Span, Time};
use core::fmt;

/// updelay and downdelay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// From the carrier's return to the use of the link; zero for none. IFLA_BOND_UPDELAY.
    pub up: Span,
    /// From the carrier's loss to the end of the use of the link; zero for none.
    /// IFLA_BOND_DOWNDELAY.
    pub down: Span,
}

/// Leave for one link to skip updelay, because the bond has none that works.
///
/// Make one anew for every walk over the slaves and pass it along: the first link that goes up
/// uses it, the others wait.
#[derive(Debug, PartialEq, Eq)]
pub struct Waiver(bool);

impl Waiver {
    /// No leave: every link waits for updelay.
    pub const fn none() -> Waiver {
        Waiver(false)
    }

    /// The leave that holds in a bond of this mode.
    ///
    /// Active-backup gives it while there is no active slave. The modes that keep a table of the
    /// slaves they can send on, `usable` of them, give it while that is empty; in 802.3ad the
    /// active aggregator's slaves count. Balance-rr and broadcast never do, as in native bonding.
    pub const fn of(mode: Mode, has_active: bool, usable: usize) -> Waiver {
        Waiver(match mode {
            Mode::ActiveBackup => !has_active,
            Mode::Xor | Mode::Lacp | Mode::Tlb | Mode::Alb => usable == 0,
            Mode::RoundRobin | Mode::Broadcast => false,
        })
    }

    /// The leave is still there.
    pub const fn holds(&self) -> bool {
        self.0
    }
}

/// A link and how long it stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The carrier is there and the link is in use.
    Up,
    /// The carrier is gone; the link is taken out if it is not back by `until`.
    GoingDown {
        /// Time at which the carrier went.
        since: Time,
        /// Time at which downdelay is over.
        until: Time,
    },
    /// The link is not in use.
    Down,
    /// The carrier is there again; the link is put to use if it stays until `until`.
    ComingUp {
        /// Time at which the carrier came.
        since: Time,
        /// Time at which updelay is over.
        until: Time,
    },
}

impl Link {
    /// Returns the state as it is reported.
    pub const fn status(self) -> Status {
        match self {
            Link::Up => Status::Up,
            Link::GoingDown { .. } => Status::Fail,
            Link::Down => Status::Down,
            Link::ComingUp { .. } => Status::Back,
        }
    }
}

/// A message about a delay. `Display` gives the line for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// downdelay begins, and lasts this long.
    Disabling(Span),
    /// updelay begins, and lasts this long.
    Enabling(Span),
    /// The carrier was gone this long, less than downdelay.
    UpAgain(Span),
    /// The carrier was there this long, less than updelay.
    DownAgain(Span),
    /// The link was chosen as the active one this long before updelay was over.
    Early(Span),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Disabling(s) => {
                write!(f, "link status down, disabling it in {} ms", s.as_millis())
            }
            Note::Enabling(s) => write!(f, "link status up, enabling it in {} ms", s.as_millis()),
            Note::UpAgain(s) => write!(f, "link status up again after {} ms", s.as_millis()),
            Note::DownAgain(s) => write!(f, "link status down again after {} ms", s.as_millis()),
            Note::Early(s) => {
                write!(
                    f,
                    "making interface the new active one {} ms earlier",
                    s.as_millis()
                )
            }
        }
    }
}

/// A change of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state before.
    pub from: Status,
    /// The new state, never the same.
    pub to: Status,
    /// Add one to the slave's link_failure_count.
    pub failure: bool,
    /// A line for the log about the delay, beside the one that `to` deserves.
    pub note: Option<Note>,
}

/// One slave's link under MII monitoring.
///
/// # Examples
///
/// ```
/// use lag::monitor::mii::{Delays, Mii, Waiver};
/// use lag::monitor::Status;
/// use lag::time::{Span, Time};
///
/// let delays = Delays { up: Span::ZERO, down: Span::millis(200) };
/// let mut link = Mii::new(true, delays, &mut Waiver::none(), Time(0));
/// let lost = link.observe(false, &mut Waiver::none(), Time(0)).unwrap();
/// assert_eq!(lost.to, Status::Fail);
/// let deadline = link.next_deadline().unwrap();
/// let down = link.tick(&mut Waiver::none(), deadline).unwrap();
/// assert!(down.to == Status::Down && down.failure);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mii {
    link: Link,
    delays: Delays,
}

impl Mii {
    /// The link of a slave that joins, its carrier being `carrier`.
    ///
    /// Carrier is "the device is running and has its carrier", here and in [`Mii::observe`].
    pub fn new(carrier: bool, delays: Delays, waiver: &mut Waiver, now: Time) -> Mii {
        let mut mii = Mii {
            link: Link::Down,
            delays,
        };
        if carrier {
            mii.observe(true, waiver, now);
        }
        mii
    }

    /// The state.
    pub const fn link(&self) -> Link {
        self.link
    }

    /// The state as it is reported.
    pub const fn status(&self) -> Status {
        self.link.status()
    }

    /// Returns the time at which [`Mii::tick`] has something to do, if nothing happens before.
    pub const fn next_deadline(&self) -> Option<Time> {
        match self.link {
            Link::Up | Link::Down => None,
            Link::GoingDown { until, .. } | Link::ComingUp { until, .. } => Some(until),
        }
    }

    /// The carrier is seen to be on or off, by its event or by a poll.
    pub fn observe(&mut self, carrier: bool, waiver: &mut Waiver, now: Time) -> Option<Transition> {
        match (self.link, carrier) {
            (Link::Up, true) | (Link::Down, false) => None,
            (Link::Up, false) => {
                if self.delays.down == Span::ZERO {
                    return self.go(Link::Down, None);
                }
                let going = Link::GoingDown {
                    since: now,
                    until: now + self.delays.down,
                };
                self.go(going, Some(Note::Disabling(self.delays.down)))
            }
            (Link::GoingDown { since, .. }, true) => {
                self.go(Link::Up, Some(Note::UpAgain(now - since)))
            }
            (Link::Down, true) => {
                if self.delays.up == Span::ZERO || waiver.0 {
                    return self.go_up(waiver);
                }
                let coming = Link::ComingUp {
                    since: now,
                    until: now + self.delays.up,
                };
                self.go(coming, Some(Note::Enabling(self.delays.up)))
            }
            (Link::ComingUp { since, .. }, false) => {
                self.go(Link::Down, Some(Note::DownAgain(now - since)))
            }
            (Link::GoingDown { .. }, false) | (Link::ComingUp { .. }, true) => {
                self.tick(waiver, now)
            }
        }
    }

    /// Time has passed, or the waiver may have changed, and the carrier is as it was.
    ///
    /// Call it at [`Mii::next_deadline`], and for all links when the last usable one is lost.
    pub fn tick(&mut self, waiver: &mut Waiver, now: Time) -> Option<Transition> {
        match self.link {
            Link::GoingDown { until, .. } if now >= until => self.go(Link::Down, None),
            Link::ComingUp { until, .. } if now >= until || waiver.0 => self.go_up(waiver),
            _ => None,
        }
    }

    /// updelay or downdelay was set. A delay that runs takes the new length, from its old start.
    pub fn set_delays(&mut self, delays: Delays) {
        self.delays = delays;
        match &mut self.link {
            Link::GoingDown { since, until } => *until = *since + delays.down,
            Link::ComingUp { since, until } => *until = *since + delays.up,
            Link::Up | Link::Down => {}
        }
    }

    /// The slave was made the active one, although updelay may not be over: it is the best there
    /// is. Nothing changes for a link that is not `ComingUp`.
    pub fn promote(&mut self, now: Time) -> Option<Transition> {
        match self.link {
            Link::ComingUp { until, .. } => self.go(Link::Up, Some(Note::Early(until - now))),
            _ => None,
        }
    }

    /// The link came up, but the mode needs its speed and duplex and they cannot be had.
    ///
    /// It goes back to `Down` and is tried again when the carrier is next observed. That is no
    /// link failure.
    pub fn reject(&mut self) -> Option<Transition> {
        if self.link == Link::Down {
            return None;
        }
        let from = self.status();
        self.link = Link::Down;
        Some(Transition {
            from,
            to: Status::Down,
            failure: false,
            note: None,
        })
    }

    fn go_up(&mut self, waiver: &mut Waiver) -> Option<Transition> {
        waiver.0 = false;
        self.go(Link::Up, None)
    }

    fn go(&mut self, link: Link, note: Option<Note>) -> Option<Transition> {
        let from = self.status();
        self.link = link;
        Some(Transition {
            from,
            to: link.status(),
            failure: link == Link::Down,
            note,
        })
    }
}
