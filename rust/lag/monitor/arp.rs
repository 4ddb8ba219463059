// SPDX-License-Identifier: GPL-2.0

//! ARP and neighbor monitoring: a link works while something is heard over it, and what is heard
//! is provoked by asking the targets (arp_ip_target, ns_ip6_target) every arp_interval.
//!
//! The receive path notes in a [`Port`] what each slave has received and sent, and the monitor
//! reads it without a lock. Once an interval ([`Rounds`]) the driver
//!
//! 1. calls [`inspect`], which judges every link by what its port has noted;
//! 2. chooses the active slave anew if one of the changes asks for it;
//! 3. calls [`probe`], which says from which slaves to ask all targets.
//!
//! Two sets of rules:
//!
//! - **Load balancing** (balance-rr, balance-xor, broadcast). Every slave asks. A link comes up
//!   when it has both sent and heard within an interval, and goes down when one of the two was
//!   more than arp_missed_max intervals ago.
//! - **Active-backup.** The active slave asks and has to hear the answers, within arp_missed_max
//!   intervals; backups hear what the active slave broadcasts, and have one interval more. Without
//!   an active slave the backups become the candidate in turn, an interval each: `Back` while it
//!   asks, `Fail` when it has heard nothing, `Up` when it has.
//!
//! An interval always has half of one as slack, for the answer to come in. A round that comes late,
//! for the machine was busy, is not a round without an answer: [`excuse_lateness`].
//!
//! arp_adaptive: while the targets are heard without being asked, nobody asks. Frames count that
//! come from the MAC of a target ([`Known`]) to the bond's. Silence longer than an interval, and
//! the probes are back; silence is measured from the last round that was skipped, so that a pause
//! in the traffic never takes a link down before it was asked for.
//!
//! Beyond native bonding: a link without carrier is down at once and does not come up, and a
//! failure is counted once.

mod known;
mod port;
mod receive;

pub use known::Known;
pub use port::{Port, Seen};
pub use receive::{Arp, Ear, Kind, Nd, Sighting, Trust};

use super::mii::Transition;
use super::Status;
use crate::mode::Mode;
use crate::options::{ArpAllTargets, ArpValidate, Params, Targets};
use crate::time::{Deadline, Span, Time};

/// Number of targets that there can be, of both kinds.
pub const SLOTS: usize = Targets::<[u8; 4]>::MAX + Targets::<[u8; 16]>::MAX;

/// The place of a target in every table: first arp_ip_target, then ns_ip6_target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u8);

impl Slot {
    /// The slot of the IPv4 target at this position of its list.
    pub fn v4(position: usize) -> Option<Slot> {
        let position = u8::try_from(position).ok()?;
        (usize::from(position) < Targets::<[u8; 4]>::MAX).then_some(Slot(position))
    }

    /// The slot of the IPv6 target at this position of its list.
    pub fn v6(position: usize) -> Option<Slot> {
        let slot = Targets::<[u8; 4]>::MAX.checked_add(position)?;
        (slot < SLOTS).then_some(Slot(u8::try_from(slot).ok()?))
    }

    /// 0 to 31.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which of the two sets of rules holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Active-backup.
    ActiveBackup,
    /// balance-rr, balance-xor, broadcast.
    LoadBalance,
}

/// Settings of the monitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Which set of rules holds.
    pub variant: Variant,
    interval: Span,
    missed_max: u8,
    validate: ArpValidate,
    all_targets: bool,
    adaptive: bool,
    arp: Targets<[u8; 4]>,
    ns: Targets<[u8; 16]>,
}

impl Settings {
    /// The monitor that `params` ask for; none if arp_interval is 0, or in a mode that cannot be
    /// monitored so. `adaptive` is arp_adaptive.
    pub fn of(params: &Params, adaptive: bool) -> Option<Settings> {
        let variant = match params.mode {
            Mode::ActiveBackup => Variant::ActiveBackup,
            Mode::RoundRobin | Mode::Xor | Mode::Broadcast => Variant::LoadBalance,
            Mode::Lacp | Mode::Tlb | Mode::Alb => return None,
        };
        if params.arp_interval == 0 {
            return None;
        }
        Some(Settings {
            variant,
            interval: Span::millis(params.arp_interval.into()),
            missed_max: params.missed_max,
            validate: params.arp_validate,
            all_targets: params.arp_all_targets == ArpAllTargets::All,
            adaptive,
            arp: params.arp_targets,
            ns: params.ns_targets,
        })
    }

    /// arp_interval, never zero.
    pub const fn interval(&self) -> Span {
        self.interval
    }

    /// Returns the least time between two sightings that are noted: an eighth of the interval. The
    /// slack of half an interval covers the ones between.
    pub const fn grain(&self) -> Span {
        Span(self.interval.0 / 8)
    }

    /// arp_validate holds for this role: bit 0 for active slaves, bit 1 for backups.
    fn validates(&self, role: Role) -> bool {
        let bit = match role {
            Role::Active => 1,
            Role::Backup => 2,
        };
        self.validate.number() & bit != 0
    }

    /// Only ARP and neighbor discovery count: bit 2 of arp_validate.
    fn filters(&self) -> bool {
        self.validate.number() & 4 != 0
    }

    /// `then` is not more than `times` intervals ago, and half of one.
    fn within(&self, then: Time, times: u64, now: Time) -> bool {
        let limit = self.interval.0.saturating_mul(times);
        now - then <= Span(limit.saturating_add(self.interval.0 / 2))
    }

    /// The slots in use.
    fn slots(&self) -> impl Iterator<Item = Slot> + '_ {
        let v4 = numbered(self.arp.iter());
        let v6 = numbered(self.ns.iter());
        v4.filter_map(|(i, _)| Slot::v4(i))
            .chain(v6.filter_map(|(i, _)| Slot::v6(i)))
    }

    /// Returns the time at which something that counts was last heard, in active-backup.
    /// arp_all_targets = all: the target that was silent longest counts, where arp_validate tells
    /// them apart.
    fn last_heard(&self, port: &Port, role: Role) -> Time {
        let oldest = self.slots().map(|slot| port.target(slot)).min();
        match oldest {
            Some(oldest) if self.all_targets && self.validates(role) => oldest,
            _ => port.heard(),
        }
    }

    /// arp_adaptive: the targets are heard without being asked, since the slave is in its role.
    fn proven(&self, port: &Port, now: Time) -> bool {
        let stamps = self.slots().map(|slot| port.target(slot));
        let stamp = if self.all_targets {
            stamps.min()
        } else {
            stamps.max()
        };
        self.adaptive && stamp.is_some_and(|t| t > port.since() && now - t < self.interval)
    }
}

/// As `enumerate`, but bounded, so that the count needs no check for overflow.
fn numbered<T>(items: impl Iterator<Item = T>) -> impl Iterator<Item = (usize, T)> {
    (0..usize::MAX).zip(items)
}

/// The part of a slave, for the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// The active slave or the candidate; any slave that is up where the load is balanced.
    Active,
    /// Any other.
    Backup,
}

/// The time of the rounds: at once when the monitor starts, then every arp_interval.
#[derive(Debug, Default)]
pub struct Rounds(Deadline);

impl Rounds {
    /// The bond was opened, or arp_interval set: the first round is due. Start every port too.
    pub fn start(&self, now: Time) {
        self.0.set(Some(now));
    }

    /// The bond was closed, or the monitor turned off.
    pub fn stop(&self) {
        self.0.set(None);
    }

    /// Returns the time of the next round; [`Time::NEVER`] while the monitor is off.
    pub fn next_deadline(&self) -> Time {
        self.0.at()
    }

    /// A round is due: how late it comes. The next one is an interval from now.
    #[must_use]
    pub fn due(&self, settings: &Settings, now: Time) -> Option<Span> {
        self.0.take(now, now + settings.interval)
    }
}

/// A round comes so late that nobody was asked in the meantime: what was last heard and sent is taken
/// as that much younger. Silence counts only while there were questions. Call it before [`inspect`].
pub fn excuse_lateness<P: AsRef<Port>>(
    settings: &Settings,
    seats: impl Iterator<Item = Seat<P>>,
    late: Span,
    now: Time,
) {
    // Less is within the slack that each interval has.
    if late.0 > settings.interval.0 / 4 {
        seats.for_each(|seat| seat.port().shift(late, now));
    }
}

/// A slave as the monitor finds it. Slaves are known by their place among all slaves.
#[derive(Clone, Copy, Debug)]
pub struct Seat<P> {
    /// Its state for the monitor.
    pub port: P,
    /// Its device is running and has its carrier.
    pub carrier: bool,
    /// It is the active slave. Of no effect where the load is balanced.
    pub active: bool,
}

impl<P: AsRef<Port>> Seat<P> {
    fn port(&self) -> &Port {
        self.port.as_ref()
    }

    fn role(&self, settings: &Settings) -> Role {
        self.port().role(settings, self.active)
    }
}

/// Takes the orders of the monitor.
pub trait Sink {
    /// The link of this slave has changed. `Up` alone is usable: `Back` and `Fail` are a
    /// candidate's.
    fn changed(&mut self, slave: usize, transition: Transition);

    /// Ask all targets from this slave, and call [`Port::sent`] if a frame could be sent.
    fn probe(&mut self, slave: usize);
}

/// Judges all links; the first half of a round.
pub fn inspect<P: AsRef<Port>>(
    settings: &Settings,
    seats: impl Iterator<Item = Seat<P>> + Clone,
    now: Time,
    sink: &mut impl Sink,
) {
    let has_active = seats.clone().any(|seat| seat.active);
    let searching = seats.clone().any(|seat| seat.port().is_candidate());
    let mut found = has_active;
    for (index, seat) in numbered(seats.clone()) {
        let to = match settings.variant {
            Variant::LoadBalance => judge_balanced(settings, &seat, now),
            Variant::ActiveBackup => judge_backup(settings, &seat, searching, now),
        };
        if let Some(transition) = to.and_then(|to| seat.port().set_status(to)) {
            found |= transition.to == Status::Up;
            sink.changed(index, transition);
        }
    }
    // The search is over, by its own success or because a slave joined.
    if found {
        seats.for_each(|seat| seat.port().set_candidate(false));
    }
}

/// Returns the new state of a link where every slave asks; none if it stays.
fn judge_balanced<P: AsRef<Port>>(
    settings: &Settings,
    seat: &Seat<P>,
    now: Time,
) -> Option<Status> {
    let port = seat.port();
    let sent = port.last_sent().max(port.excused());
    if port.status() != Status::Up {
        let alive = settings.within(sent, 1, now) && settings.within(port.heard(), 1, now);
        return (seat.carrier && alive).then_some(Status::Up);
    }
    let missed = settings.missed_max.into();
    let heard = port.heard().max(port.excused());
    let alive = settings.within(sent, missed, now) && settings.within(heard, missed, now);
    (!seat.carrier || !alive).then_some(Status::Down)
}

/// Returns the new state of a link in active-backup; none if it stays.
fn judge_backup<P: AsRef<Port>>(
    settings: &Settings,
    seat: &Seat<P>,
    searching: bool,
    now: Time,
) -> Option<Status> {
    let port = seat.port();
    let role = seat.role(settings);
    let heard = settings.last_heard(port, role);
    let status = port.status();
    if !seat.carrier {
        return Some(Status::Down);
    }
    if status != Status::Up {
        if settings.within(heard, 1, now) {
            return Some(Status::Up);
        }
        return (status == Status::Back).then_some(Status::Fail);
    }
    // A new role takes two intervals to show in what is heard.
    if settings.within(port.since(), 2, now) {
        return None;
    }
    let missed = u64::from(settings.missed_max);
    let heard = heard.max(port.excused());
    let alive = match role {
        Role::Active => {
            let sent = port.last_sent().max(port.excused());
            settings.within(sent, missed, now) && settings.within(heard, missed, now)
        }
        // While a candidate asks, the backups had no chance to hear the active slave.
        Role::Backup => searching || settings.within(heard, missed.saturating_add(1), now),
    };
    (!alive).then_some(Status::Down)
}

/// Says who asks the targets; the second half of a round. The active slave may have changed since
/// [`inspect`].
pub fn probe<P: AsRef<Port>>(
    settings: &Settings,
    seats: impl Iterator<Item = Seat<P>> + Clone,
    now: Time,
    sink: &mut impl Sink,
) {
    if settings.variant == Variant::LoadBalance {
        for (index, seat) in numbered(seats).filter(|(_, seat)| seat.carrier) {
            let port = seat.port();
            if port.status() == Status::Up && settings.proven(port, now) {
                port.excuse(now);
            } else {
                sink.probe(index);
            }
        }
        return;
    }
    if let Some((index, seat)) = numbered(seats.clone()).find(|(_, seat)| seat.active) {
        if settings.proven(seat.port(), now) {
            // The backups live on the active slave's questions: they are excused with it.
            seats.for_each(|seat| seat.port().excuse(now));
        } else {
            sink.probe(index);
        }
        return;
    }
    let Some((index, next)) = next_candidate(seats.clone()) else {
        return;
    };
    seats.for_each(|seat| seat.port().set_candidate(false));
    let port = next.port();
    port.set_candidate(true);
    if let Some(transition) = port.set_status(Status::Back) {
        sink.changed(index, transition);
    }
    sink.probe(index);
}

/// The next slave with a carrier behind the candidate, around the end; without a candidate, behind
/// the first slave.
fn next_candidate<P: AsRef<Port>>(
    seats: impl Iterator<Item = Seat<P>> + Clone,
) -> Option<(usize, Seat<P>)> {
    let candidate = numbered(seats.clone()).find(|(_, seat)| seat.port().is_candidate());
    let from = candidate.map_or(0, |(index, _)| index).saturating_add(1);
    let usable = || numbered(seats.clone()).filter(|(_, seat)| seat.carrier);
    let mut behind = usable().skip_while(|(index, _)| *index < from);
    behind.next().or_else(|| usable().next())
}
