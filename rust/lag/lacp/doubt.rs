// SPDX-License-Identifier: GPL-2.0

//! Several systems that claim one link: a hold on what reaches the Receive machine.
//!
//! The standard takes whoever sent the last LACPDU for the partner (6.4.9, update_Selected), so
//! one stray LACPDU takes a port out for Aggregate_Wait_Time, twice. Here an LACPDU of somebody
//! else than the partner is kept while the partner is asked. If the partner answers within
//! [`PATIENCE`], the other was a stray; if it does not, what was kept is received then. The
//! machine itself is that of the standard.

use super::port::Port;
use super::rx::{self, same_link};
use super::timer::Timer;
use crate::time::{Span, Time};
use crate::wire::lacpdu::{Info, PortState, Repr};

/// Time for the partner to answer. The kernel's own bonding takes up to 0.4 s, and rustbond up to
/// 0.55 s if it asks, too; how long the way is, is learned.
pub const PATIENCE: Span = Span::millis(600);
/// From one question to the next: with its periodic LACPDU the partner may send three a second.
pub const ASK_AGAIN: Span = Span::millis(500);
/// The longest that an LACPDU is kept, whenever the question could be sent.
pub const HOLD: Span = Span::secs(1);
/// A partner that was given up for another and sends again within this time was only late, and a
/// port that returns to its aggregator within this time did not keep others waiting.
pub const RETURN: Span = Span::secs(1);
/// Time that is to be left when an answer comes: a partner that left less has longer from then on.
pub const MARGIN: Span = Span::millis(300);
/// The most that a partner has longer than [`PATIENCE`] and [`HOLD`], however far it is away.
pub const LENIENCE: Span = Span::secs(1);
/// Strays are logged again after so long without any.
pub const SILENCE: Span = Span::secs(600);

/// Claims to the link of a port.
#[derive(Clone, Copy, Debug, Default)]
pub struct Doubt {
    /// The last LACPDU of somebody else, while the partner may still answer.
    rival: Option<Repr>,
    /// Runs until the partner may be asked again.
    pub(super) ask: Timer,
    /// Runs until the rival's LACPDU is received.
    pub(super) decide: Timer,
    /// Time of the last question.
    asked: Option<Time>,
    /// The partner before this one, and when it was given up.
    former: Option<(Info, Time)>,
    /// Time that the partner has beyond what others have, for its answers have taken long.
    more: Span,
    strays: u64,
    last_stray: Option<Time>,
}

/// The decision about a received LACPDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// The Receive machine gets it.
    Now,
    /// The Receive machine gets it; this LACPDU of another system was a stray, the first in a
    /// while.
    Refutes(Repr),
    /// It is kept, unless the partner answers.
    Kept,
}

impl Doubt {
    /// There is a rival that the partner has not answered yet.
    pub(super) fn is_open(&self) -> bool {
        self.rival.is_some()
    }

    /// Returns how many LACPDUs, or runs of them, of another system the partner has refuted.
    pub const fn strays(&self) -> u64 {
        self.strays
    }

    /// Drops the rival.
    pub(super) fn clear(&mut self) {
        self.rival = None;
        self.ask.stop();
        self.decide.stop();
    }

    /// Starts over: nobody has a claim.
    pub(super) fn reset(&mut self) {
        self.clear();
        self.former = None;
        self.more = Span::ZERO;
    }

    /// Returns the rival's LACPDU once the partner had its time to answer.
    pub(super) fn verdict(&mut self) -> Option<Repr> {
        if !self.decide.expired() {
            return None;
        }
        let rival = self.rival;
        self.clear();
        rival
    }

    /// Notes that the partner gives way to another.
    pub(super) fn replaced(&mut self, partner: Info, now: Time) {
        self.former = Some((partner, now));
    }

    /// Returns whether this is the partner that was given up, and only late. It has longer from
    /// then on.
    fn returns(&mut self, actor: &Info, now: Time) -> bool {
        let Some((info, given_up)) = self.former else {
            return false;
        };
        if now - given_up > RETURN || !same_link(actor, &info) {
            return false;
        }
        self.former = None;
        self.answered(given_up, now);
        true
    }

    /// Notes that an answer came, and that the partner had been given up at `limit` without one.
    fn answered(&mut self, limit: Time, now: Time) {
        let missing = (now + MARGIN) - limit;
        self.more = Span(self.more.0.saturating_add(missing.0)).min(LENIENCE);
    }

    /// Notes that an LACPDU was sent: while there is doubt, each is a question.
    pub(super) fn sent(&mut self, now: Time) {
        if !self.is_open() {
            return;
        }
        self.ask.stop();
        self.asked = Some(now);
        let answer = now + PATIENCE + self.more;
        if self.decide.deadline().is_some_and(|at| at > answer) {
            self.decide = Timer::Running(answer);
        }
    }

    /// Counts a stray if there is a rival. Returns its LACPDU if it is the first in a while.
    fn refute(&mut self, now: Time) -> Option<Repr> {
        let rival = self.rival?;
        if let Some(limit) = self.decide.deadline() {
            self.answered(limit, now);
        }
        self.clear();
        self.strays = self.strays.wrapping_add(1);
        let last = self.last_stray.replace(now);
        last.is_none_or(|last| now - last > SILENCE)
            .then_some(rival)
    }
}

/// Asks the partner if it is time to.
pub(super) fn run(port: &mut Port) {
    if port.doubt.ask.expired() {
        port.doubt.ask.stop();
        port.ntt = true;
    }
}

/// Decides whether the Receive machine gets to see an LACPDU now.
pub(super) fn admit(port: &mut Port, pdu: &Repr, now: Time) -> Admission {
    if port.rx.state != rx::State::Current {
        return Admission::Now;
    }
    let doubt = &mut port.doubt;
    if same_link(&pdu.actor, &port.partner) {
        return doubt.refute(now).map_or(Admission::Now, Admission::Refutes);
    }
    // Of two that claim the link, the one that knows this port is at its other end.
    if !port.matched && same_link(&pdu.partner, &port.actor) {
        doubt.clear();
        return Admission::Now;
    }
    if doubt.returns(&pdu.actor, now) {
        doubt.clear();
        return Admission::Now;
    }
    // It may be the partner's last word, and nothing is lost if it is not: whatever else has
    // changed, a port that is out of sync takes no frames.
    let same_port = pdu.actor.system == port.partner.system && pdu.actor.port == port.partner.port;
    if same_port && !pdu.actor.state.has(PortState::SYNCHRONIZATION) {
        port.partner.state.set(PortState::SYNCHRONIZATION, false);
    }
    if doubt.rival.is_none() {
        let ask = doubt.asked.map_or(now, |asked| now.max(asked + ASK_AGAIN));
        doubt.ask.until(ask, now);
        doubt.decide.until(now + HOLD + doubt.more, now);
    }
    doubt.rival = Some(*pdu);
    Admission::Kept
}

/// Returns what the partner is told of itself while there is doubt: something that it contradicts
/// at once, also at a slow rate (6.4.9, update_NTT), and that changes nothing for it, since
/// recordPDU compares neither of these two flags. EXPIRED says the same of a partner.
pub(super) fn question(partner: &Info) -> Info {
    let mut info = *partner;
    if info.state.has(PortState::SYNCHRONIZATION) {
        info.state.set(PortState::SYNCHRONIZATION, false);
    } else {
        info.state.0 ^= PortState::TIMEOUT.0;
    }
    info
}
