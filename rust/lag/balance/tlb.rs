// SPDX-License-Identifier: GPL-2.0

//! Transmit load balancing: 256 buckets of peers, each served by one slave, dealt out by load.
//!
//! Documentation/networking/bonding.rst, mode balance-tlb with tlb_dynamic_lb=1. (With 0 there is
//! no table: `hash::pick` over the usable slaves.)
//!
//! # Who writes what
//!
//! [`Buckets`] is shared by all CPUs, and a packet only reads it: one byte pair, which changes when
//! a bucket is dealt, at most once in a rebalancing interval. A bucket that is not dealt, or whose
//! slave cannot be used any more, is dealt by the packet that finds it, with one compare and
//! exchange; the loser of a race takes the winner's slave. [`Counters`] exist once per CPU and are
//! written by that CPU alone, so counting is a plain addition. [`Ledger`] belongs to the periodic
//! work. Every access is relaxed: the values stand for themselves, no other memory is published
//! by them, and a stale one costs a packet on the slave of a moment ago.

use super::SlaveId;
use crate::time::{Span, Time};
use core::sync::atomic::{AtomicU16, AtomicU64, Ordering::Relaxed};

/// Number of buckets: as many as the eight bits of a key can tell apart.
pub const BUCKETS: usize = 256;

/// Bytes per second that a slave has been dealt. One for each slave, kept with it; memory of
/// zeroes is a load of nothing.
#[derive(Debug, Default)]
pub struct Load(AtomicU64);

impl Load {
    /// Bytes per second.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// A slave that may be dealt a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its number.
    pub id: SlaveId,
    /// Mb/s; 0 if it is not known.
    pub speed: u32,
    /// Its share of the load.
    pub load: &'a Load,
}

impl Candidate<'_> {
    /// Bits per second left to it, negative if it has more than it can carry. As native does, a
    /// megabit is taken for 2^20 bits.
    fn gap(&self) -> i128 {
        (i128::from(self.speed) << 20) - (i128::from(self.load.get()) << 3)
    }
}

/// Which slave serves each bucket. Memory of zeroes is a table with nothing dealt.
#[derive(Debug)]
pub struct Buckets {
    /// A [`SlaveId`], or 0.
    slaves: [AtomicU16; BUCKETS],
    /// Bytes per second that went to each bucket in the interval before.
    history: [AtomicU64; BUCKETS],
    /// The slave that held each bucket before the last rebalancing, or 0.
    before: [AtomicU16; BUCKETS],
    /// Buckets that were dealt anew because their slave could not send.
    moved: AtomicU64,
    /// Buckets that came to another slave by a rebalancing.
    rebalanced: AtomicU64,
}

impl Buckets {
    /// A table with nothing dealt.
    pub const fn new() -> Buckets {
        Buckets {
            slaves: [const { AtomicU16::new(0) }; BUCKETS],
            history: [const { AtomicU64::new(0) }; BUCKETS],
            before: [const { AtomicU16::new(0) }; BUCKETS],
            moved: AtomicU64::new(0),
            rebalanced: AtomicU64::new(0),
        }
    }

    /// Returns the number of buckets that were dealt anew because their slave could not send.
    pub fn moved(&self) -> u64 {
        self.moved.load(Relaxed)
    }

    /// Returns the number of buckets that came to another slave by a rebalancing.
    pub fn rebalanced(&self) -> u64 {
        self.rebalanced.load(Relaxed)
    }

    /// As [`choose`](Buckets::choose), for who only asks: nothing is dealt.
    pub fn would_choose<'a, S>(
        &self,
        bucket: u8,
        find: impl Fn(SlaveId) -> Option<S>,
        candidates: impl Iterator<Item = Candidate<'a>>,
    ) -> Option<S> {
        let held = self.holder(bucket).and_then(&find);
        held.or_else(|| find(best(candidates)?.id))
    }

    /// The slave that serves `bucket`, for a packet about to be sent.
    ///
    /// `find` looks the id up among the slaves that can be used at this moment. If it has none the
    /// bucket is dealt anew to one of `candidates`, those same slaves in their order. None if there
    /// are none, or another CPU dealt it to one that `find` does not know yet: the active slave
    /// sends. Any number of CPUs may call this at once.
    #[inline]
    pub fn choose<'a, S, I>(
        &self,
        bucket: u8,
        find: impl Fn(SlaveId) -> Option<S>,
        candidates: impl FnOnce() -> I,
    ) -> Option<S>
    where
        I: Iterator<Item = Candidate<'a>>,
    {
        let cell = self.slaves.get(usize::from(bucket))?;
        let held = cell.load(Relaxed);
        if let Some(slave) = SlaveId::new(held).and_then(&find) {
            return Some(slave);
        }
        find(self.deal(bucket, held, candidates())?)
    }

    /// Gives `bucket`, seen to hold `held`, to the candidate with the most to spare, the first of
    /// them if several have as much.
    #[cold]
    #[inline(never)]
    fn deal<'a>(
        &self,
        bucket: u8,
        held: u16,
        candidates: impl Iterator<Item = Candidate<'a>>,
    ) -> Option<SlaveId> {
        let cell = self.slaves.get(usize::from(bucket))?;
        let history = self.history.get(usize::from(bucket))?;
        let best = best(candidates)?;
        match cell.compare_exchange(held, best.id.0.get(), Relaxed, Relaxed) {
            Ok(_) => {
                best.load.0.fetch_add(history.load(Relaxed), Relaxed);
                let before = self.before.get(usize::from(bucket))?.load(Relaxed);
                if held != 0 {
                    self.moved.fetch_add(1, Relaxed);
                } else if before != 0 && before != best.id.0.get() {
                    self.rebalanced.fetch_add(1, Relaxed);
                }
                Some(best.id)
            }
            Err(winner) => SlaveId::new(winner).or(Some(best.id)),
        }
    }

    /// Takes all buckets back, to be dealt by the packets to come, and notes what went to each.
    ///
    /// Called every [`REBALANCE_INTERVAL`](super::REBALANCE_INTERVAL) and when a slave's link came up. `counters` are those
    /// of all CPUs, `loads` those of all slaves; `active` is the active slave's, which starts with
    /// what is sent unbalanced. A packet that deals a bucket while this runs may find its share
    /// missing from a load; the next interval sets it right.
    pub fn rebalance<'a, C, L>(
        &self,
        ledger: &mut Ledger,
        now: Time,
        counters: impl Fn() -> C,
        loads: L,
        active: Option<&Load>,
    ) where
        C: Iterator<Item = &'a Counters>,
        L: Iterator<Item = &'a Load>,
    {
        let elapsed = now - ledger.since;
        ledger.since = now;
        for load in loads {
            load.0.store(0, Relaxed);
        }
        let sum = counters().fold(0, |sum: u64, cpu| {
            sum.wrapping_add(cpu.unbalanced.load(Relaxed))
        });
        let unbalanced = rate(sum.wrapping_sub(ledger.unbalanced), elapsed);
        ledger.unbalanced = sum;
        if let Some(active) = active {
            active.0.store(unbalanced, Relaxed);
        }
        let buckets = self.slaves.iter().zip(&self.before);
        let buckets = buckets.zip(&self.history).zip(&mut ledger.bytes);
        for (bucket, (((cell, holder), history), before)) in (0..BUCKETS).zip(buckets) {
            let sum = counters().fold(0, |sum: u64, cpu| sum.wrapping_add(cpu.bytes(bucket)));
            // One byte more than nothing, so that idle peers are spread as well.
            history.store(
                rate(sum.wrapping_sub(*before), elapsed).saturating_add(1),
                Relaxed,
            );
            *before = sum;
            match cell.swap(0, Relaxed) {
                0 => {}
                held => holder.store(held, Relaxed),
            }
        }
    }

    /// The slave that holds `bucket`, if it is dealt.
    #[inline]
    pub fn holder(&self, bucket: u8) -> Option<SlaveId> {
        SlaveId::new(self.slaves.get(usize::from(bucket))?.load(Relaxed))
    }
}

impl Default for Buckets {
    fn default() -> Buckets {
        Buckets::new()
    }
}

/// The one with the most to spare, the first of them if several have as much.
fn best<'a>(candidates: impl Iterator<Item = Candidate<'a>>) -> Option<Candidate<'a>> {
    let mut candidates = candidates;
    let first = candidates.next()?;
    Some(candidates.fold(
        first,
        |best, next| {
            if best.gap() < next.gap() {
                next
            } else {
                best
            }
        },
    ))
}

/// Bytes per second. What came within less than a second is taken for a second's worth, or a burst
/// between two rebalancings in a row would look like a flood.
fn rate(bytes: u64, elapsed: Span) -> u64 {
    bytes
        .saturating_mul(1000)
        .checked_div(elapsed.as_millis().max(1000))
        .unwrap_or(0)
}

/// The bytes that one CPU has sent, ever, modulo 2^64. One for each CPU; memory of zeroes is a
/// counter at zero.
#[derive(Debug)]
pub struct Counters {
    bytes: [AtomicU64; BUCKETS],
    unbalanced: AtomicU64,
}

impl Counters {
    /// Counters at zero.
    pub const fn new() -> Counters {
        Counters {
            bytes: [const { AtomicU64::new(0) }; BUCKETS],
            unbalanced: AtomicU64::new(0),
        }
    }

    /// Counts a packet of `bucket`. Only by the CPU that these counters belong to, with softirqs
    /// off, as a transmit path has them: two calls at once would lose one of the two.
    #[inline]
    pub fn count(&self, bucket: u8, len: u32) {
        if let Some(cell) = self.bytes.get(usize::from(bucket)) {
            add(cell, len);
        }
    }

    /// Counts a packet that the active slave sends because it may not be spread. As
    /// [`count`](Counters::count).
    #[inline]
    pub fn count_unbalanced(&self, len: u32) {
        add(&self.unbalanced, len);
    }

    fn bytes(&self, bucket: usize) -> u64 {
        self.bytes.get(bucket).map_or(0, |cell| cell.load(Relaxed))
    }
}

impl Default for Counters {
    fn default() -> Counters {
        Counters::new()
    }
}

#[inline]
fn add(cell: &AtomicU64, len: u32) {
    cell.store(cell.load(Relaxed).wrapping_add(u64::from(len)), Relaxed);
}

/// Counters of the buckets when they were last dealt.
#[derive(Debug)]
pub struct Ledger {
    bytes: [u64; BUCKETS],
    unbalanced: u64,
    since: Time,
}

impl Ledger {
    /// A ledger for counters at zero, opened at `now`.
    pub const fn new(now: Time) -> Ledger {
        Ledger {
            bytes: [0; BUCKETS],
            unbalanced: 0,
            since: now,
        }
    }
}
