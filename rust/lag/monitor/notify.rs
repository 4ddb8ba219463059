// SPDX-License-Identifier: GPL-2.0

//! Telling the network that the traffic has moved: peer notifications (num_grat_arp,
//! num_unsol_na) and IGMP reports (resend_igmp).
//!
//! Both are a [`Burst`]: so many in all, the first at once, the others at a distance. A failover
//! in the middle of one begins it anew. One that cannot go out is held, not counted as sent.

use crate::mode::Mode;
use crate::time::{Span, Time};
use core::num::NonZeroU8;

/// The time from one to the next of a burst, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spacing(Span);

impl Spacing {
    /// IGMP reports follow each other at 200 ms; see resend_igmp.
    pub const IGMP: Spacing = Spacing(Span::millis(200));

    /// Peer notifications follow each other at peer_notif_delay; when that is zero at the rate of
    /// the link monitor, whose `miimon` or `arp_interval` is not zero; without one at 100 ms.
    pub const fn peers(peer_notif_delay: Span, miimon: Span, arp_interval: Span) -> Spacing {
        Spacing(if peer_notif_delay.0 != 0 {
            peer_notif_delay
        } else if miimon.0 != 0 {
            miimon
        } else if arp_interval.0 != 0 {
            arp_interval
        } else {
            Span::millis(100)
        })
    }

    /// The time itself.
    pub const fn span(self) -> Span {
        self.0
    }
}

/// A change of the active slave is told to the peers: in active-backup.
pub const fn tells_peers(mode: Mode) -> bool {
    matches!(mode, Mode::ActiveBackup)
}

/// A port that begins to send is told to the peers: in 802.3ad with broadcast_neighbor, where the
/// switches at the other ends may not be one and have to learn separately.
pub const fn tells_peers_of_port(mode: Mode, broadcast_neighbor: bool) -> bool {
    matches!(mode, Mode::Lacp) && broadcast_neighbor
}

/// A change of the active slave makes the bond report its multicast groups again.
pub const fn reports_groups(mode: Mode, new_active: bool) -> bool {
    match mode {
        Mode::RoundRobin => true,
        Mode::ActiveBackup | Mode::Tlb | Mode::Alb => new_active,
        Mode::Xor | Mode::Broadcast | Mode::Lacp => false,
    }
}

/// A number of equal things to send over time.
///
/// # Examples
///
/// ```
/// use lag::monitor::notify::{Burst, Spacing};
/// use lag::time::Time;
///
/// let mut igmp = Burst::default();
/// igmp.start(2, Time(0));
/// assert!(igmp.tick(true, Spacing::IGMP, Time(0)));
/// let second = igmp.next_deadline().unwrap();
/// assert!(igmp.tick(true, Spacing::IGMP, second));
/// assert_eq!(igmp.next_deadline(), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Burst {
    /// Nothing is left to send.
    #[default]
    Idle,
    /// So many are left, the next at the time given.
    Due {
        /// Number left.
        left: NonZeroU8,
        /// Time of the next.
        at: Time,
    },
    /// One should have gone and could not.
    Held {
        /// Number left, with this one.
        left: NonZeroU8,
        /// Time of the next try, if nobody says sooner that it can go.
        retry: Time,
    },
}

impl Burst {
    /// The traffic has moved: send `count` from now on, whatever was left of an earlier burst.
    /// Zero sends none. Call [`Burst::tick`] at once.
    pub fn start(&mut self, count: u8, now: Time) {
        *self = match NonZeroU8::new(count) {
            None => Burst::Idle,
            Some(left) => Burst::Due { left, at: now },
        };
    }

    /// The bond was closed.
    pub fn stop(&mut self) {
        *self = Burst::Idle;
    }

    /// Returns how many are left to send.
    pub fn left(&self) -> u8 {
        match self {
            Burst::Idle => 0,
            Burst::Due { left, .. } | Burst::Held { left, .. } => left.get(),
        }
    }

    /// Returns the time at which [`Burst::tick`] has something to do, if nothing happens before.
    pub const fn next_deadline(&self) -> Option<Time> {
        match self {
            Burst::Idle => None,
            Burst::Due { at, .. } => Some(*at),
            Burst::Held { retry, .. } => Some(*retry),
        }
    }

    /// True: send one now.
    ///
    /// `ready`: it can go out; for peer notifications, that the bond has its carrier and there is
    /// an active slave whose link event has been dealt with, or in 802.3ad a port that sends. Call it
    /// at [`Burst::next_deadline`], and when `ready` may have become true.
    #[must_use]
    pub fn tick(&mut self, ready: bool, spacing: Spacing, now: Time) -> bool {
        let left = match *self {
            Burst::Idle => return false,
            Burst::Due { at, .. } if now < at => return false,
            Burst::Due { left, .. } | Burst::Held { left, .. } => left,
        };
        let next = now + spacing.0;
        if !ready {
            *self = Burst::Held { left, retry: next };
            return false;
        }
        *self = match NonZeroU8::new(left.get().saturating_sub(1)) {
            None => Burst::Idle,
            Some(left) => Burst::Due { left, at: next },
        };
        true
    }
}
