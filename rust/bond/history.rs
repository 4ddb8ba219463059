// SPDX-License-Identifier: GPL-2.0

//! The history of a bond: each change of its state is put down once, told to the family's group, and shown
//! to tracepoints. A leaf, which knows nothing of the bond.

use core::sync::atomic::{AtomicU64, Ordering};

use compat::trace;
use lag::{
    family::{record as attr, RECORD_NTF},
    history::{Cause, Record, Ring, What, RECORDS},
    lacp::reason::Reason,
    monitor::Status,
    options::Opt,
};
use netdev::{
    genetlink::Anchor,
    lock::{LockClass, SpinLockBh},
    netlink::Fill,
    prelude::*,
    time, NetDevice,
};

static RING: LockClass = LockClass::new();

/// The family in whose group records are told.
pub(crate) static FAMILY: Anchor = Anchor::new();

/// A value as it was last put down.
pub(crate) struct Last(AtomicU64);

impl Last {
    /// Nobody has been told anything but this.
    pub(crate) const fn new(value: u64) -> Self {
        Last(AtomicU64::new(value))
    }

    /// The value.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The values last recorded of a slave.
pub(crate) struct OfSlave {
    /// [`What::Link`]
    pub(crate) link: Last,
    /// [`What::Usability`]
    pub(crate) usability: Last,
    /// [`What::Speed`]
    pub(crate) speed: Last,
    /// [`What::Aggregator`]
    pub(crate) aggregator: Last,
    /// [`What::Partner`]
    pub(crate) partner: Last,
    /// [`What::Reason`]
    pub(crate) reason: Last,
}

impl OfSlave {
    /// A slave that is about to join: its link is down until it is known, and LACP has not looked at it.
    pub(crate) const fn new() -> Self {
        OfSlave {
            link: Last::new(Status::Down.number() as u64),
            usability: Last::new(0),
            speed: Last::new(0),
            aggregator: Last::new(0),
            partner: Last::new(0),
            reason: Last::new(Reason::Waiting.number() as u64),
        }
    }
}

/// The bond, or a slave of it, of which something is put down.
#[derive(Clone, Copy)]
pub(crate) struct On<'a> {
    /// The bond.
    pub(crate) bond: &'a NetDevice,
    /// The slave.
    pub(crate) slave: Option<&'a NetDevice>,
}

/// The reason for a change: [`Record::cause`] and [`Record::detail`].
#[derive(Clone, Copy)]
pub(crate) struct Why {
    cause: Cause,
    detail: u16,
}

impl Why {
    /// LACP, with the number of its reason.
    pub(crate) fn lacp(reason: u8) -> Self {
        Why {
            cause: Cause::Lacp,
            detail: reason.into(),
        }
    }

    /// A request for that option.
    pub(crate) fn option(opt: Opt) -> Self {
        let at = Opt::ALL.iter().position(|of| *of == opt).unwrap_or(0);
        Why {
            cause: Cause::User,
            detail: at as u16,
        }
    }
}

impl From<Cause> for Why {
    fn from(cause: Cause) -> Self {
        Why { cause, detail: 0 }
    }
}

/// The records, and who of the slaves was the last active one.
struct Kept {
    ring: Ring,
    slots: KVec<Record>,
    last_active: u64,
    failovers: u64,
}

/// The history of one bond. Its memory is allotted when the bond is made.
pub(crate) struct History {
    kept: SpinLockBh<Kept>,
    /// [`What::Active`]
    pub(crate) active: Last,
    /// [`What::Primary`]
    pub(crate) primary: Last,
    /// [`What::Carrier`]
    pub(crate) carrier: Last,
    /// [`What::ActiveAggregator`]
    pub(crate) aggregator: Last,
}

impl History {
    /// Nothing has happened yet.
    #[inline(never)]
    pub(crate) fn new() -> Result<Self> {
        let mut slots = KVec::with_capacity(RECORDS, GFP_KERNEL)?;
        for _ in 0..RECORDS {
            slots.push(Record::NONE, GFP_KERNEL)?;
        }
        let kept = Kept {
            ring: Ring::new(),
            slots,
            last_active: 0,
            failovers: 0,
        };
        Ok(History {
            kept: SpinLockBh::new(kept, c"rustbond_history", &RING)?,
            active: Last::new(0),
            primary: Last::new(0),
            carrier: Last::new(0),
            aggregator: Last::new(0),
        })
    }

    /// Puts down a change, if `now` says another value than the last one that was put down.
    pub(crate) fn follow(
        &self,
        on: On<'_>,
        what: What,
        last: &Last,
        why: impl Into<Why>,
        now: impl Fn() -> u64,
    ) {
        if last.get() != now() {
            self.follow_slowly(on, what, last, why.into(), &now);
        }
    }

    #[inline(never)]
    fn follow_slowly(&self, on: On<'_>, what: What, last: &Last, why: Why, now: &dyn Fn() -> u64) {
        let mut kept = self.kept.lock();
        // Here, so that of two who have seen a change one puts it down, and what comes later is told later.
        let (from, to) = (last.get(), now());
        if from != to {
            last.0.store(to, Ordering::Relaxed);
            kept.put(on, what, (from, to), why);
        }
    }

    /// Puts down a change.
    #[inline(never)]
    pub(crate) fn put(&self, on: On<'_>, what: What, (from, to): (u64, u64), why: impl Into<Why>) {
        self.kept.lock().put(on, what, (from, to), why.into());
    }

    /// The oldest record behind number `after` that there still is, and its number.
    pub(crate) fn next(&self, after: u64) -> Option<(u64, Record)> {
        let kept = self.kept.lock();
        kept.ring.next(&kept.slots, after)
    }

    /// The number of the last record; 0 if there was none.
    pub(crate) fn last(&self) -> u64 {
        self.kept.lock().ring.last()
    }

    /// Returns the number of records of a kind.
    pub(crate) fn count(&self, what: What) -> u64 {
        self.kept.lock().ring.count(what)
    }

    /// Returns how often another slave than the last one has become the active one.
    pub(crate) fn failovers(&self) -> u64 {
        self.kept.lock().failovers
    }
}

impl Kept {
    /// Puts down a change. Who listens hears of it before anybody puts down the next one.
    fn put(&mut self, on: On<'_>, what: What, (from, to): (u64, u64), why: Why) {
        let record = Record {
            at: time::now(),
            wall: time::real(),
            from,
            to,
            ifindex: on.slave.map_or(0, |dev| dev.ifindex() as u32),
            detail: why.detail,
            what,
            cause: why.cause,
            name: on.slave.map_or([0; 16], |dev| *dev.name().padded()),
        };
        if what == What::Active && to != 0 {
            let first = self.last_active == 0;
            let other = core::mem::replace(&mut self.last_active, to) != to;
            self.failovers = self.failovers.wrapping_add((other && !first).into());
        }
        let seq = self.ring.push(&mut self.slots, record);
        FAMILY.tell(on.bond, RECORD_NTF, |to| fill(on.bond, seq, &record, to));
        trace::record(on.bond, seq, &record);
    }
}

/// Writes the attributes of a record.
pub(crate) fn fill(bond: &NetDevice, seq: u64, record: &Record, to: &mut Fill<'_>) -> Result {
    to.put_u32(attr::BOND, bond.ifindex() as u32)?;
    to.put_uint(attr::SEQ, seq)?;
    to.put_uint(attr::MONOTONIC, record.at.0)?;
    to.put_uint(attr::WALL, record.wall)?;
    to.put_u32(attr::WHAT, record.what.number().into())?;
    to.put_u32(attr::CAUSE, record.cause.number().into())?;
    to.put_uint(attr::FROM, record.from)?;
    to.put_uint(attr::TO, record.to)?;
    if record.ifindex != 0 {
        to.put_u32(attr::SLAVE, record.ifindex)?;
        to.put_text(attr::IFNAME, record.name())?;
    }
    if record.what == What::Option {
        let opt = Opt::ALL.get(usize::from(record.detail));
        to.put_text(
            attr::OPTION,
            opt.map_or("", |opt| opt.spec().name).as_bytes(),
        )?;
    }
    if record.cause == Cause::Lacp {
        to.put_u32(attr::REASON, record.detail.into())?;
    }
    to.put_text(attr::BOND_IFNAME, bond.name().as_bytes())
}
