// SPDX-License-Identifier: GPL-2.0

//! The history of a bond: one record for each change of its state, the last [`RECORDS`] of them.
//!
//! A record is what a listener hears, what a tracepoint shows and what the history has: all three
//! come from one [`Record`]. [`Ring`] keeps them in memory that whoever owns the bond allots once.

use crate::named::named;
use crate::time::Time;

/// Number of records that a bond keeps.
pub const RECORDS: usize = 256;

named! {
    /// The property of a bond or a slave that has changed. RUSTBOND_A_RECORD_WHAT.
    What {
        /// The bond's active slave: its ifindex, 0 for none.
        #[default]
        Active = 1, "active";
        /// A slave's link, as the monitor has it: the numbers of IFLA_BOND_SLAVE_MII_STATUS. One that ARP monitoring tries
        /// because none is up is down.
        Link = 2, "link";
        /// The traffic that a slave may carry for the bond: a number of `usability`.
        Usability = 3, "usability";
        /// The aggregator of a slave: its number, 0 for none.
        Aggregator = 4, "aggregator";
        /// The active aggregator of the bond: its number; 0 when the whole aggregate is lost.
        ActiveAggregator = 5, "active-aggregator";
        /// The system at the other end of a slave: its MAC as a number, 0 for none.
        Partner = 6, "partner";
        /// The reason for which LACP does not use a slave: a number of `reason`, 0 for none.
        Reason = 7, "reason";
        /// The primary, if it is a slave: its ifindex, 0 for none.
        Primary = 8, "primary";
        /// The bond's carrier: 1 or 0.
        Carrier = 9, "carrier";
        /// The membership of a slave: 1 when it has joined, 0 when it has left.
        Member = 10, "member";
        /// An option: its value as a number; of lists, how many entries.
        Option = 11, "option";
        /// A slave's speed in Mbit/s, 0 if it is not known.
        Speed = 12, "speed";
        /// The XDP program of the bond: 1 or 0.
        Xdp = 13, "xdp";
    }
}

named! {
    /// The cause of a change. RUSTBOND_A_RECORD_CAUSE.
    Cause {
        /// A request: netlink, sysfs, ioctl.
        #[default]
        User = 0, "user";
        /// The carrier of a slave.
        Carrier = 1, "carrier";
        /// ARP monitoring.
        Arp = 2, "arp";
        /// Monitoring by neighbour solicitations.
        Ns = 3, "ns";
        /// The end of updelay or downdelay.
        Delay = 4, "delay";
        /// LACP; the record has the reason.
        Lacp = 5, "lacp";
        /// The links of the slaves, all together.
        Links = 6, "links";
        /// A slave that is preferred: the primary, one of a higher prio, a better one.
        Preference = 7, "preference";
        /// The device of the slave: its driver, or it has gone.
        Device = 8, "device";
        /// The choice of the active slave.
        Choice = 9, "choice";
    }
}

/// A change of the state of a bond. All zeroes is a record too, of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Time of the change, on the monotonic clock.
    pub at: Time,
    /// Time of the change, in nanoseconds since 1970-01-01 UTC.
    pub wall: u64,
    /// The value before.
    pub from: u64,
    /// The value now.
    pub to: u64,
    /// The slave's ifindex; 0 of a change of the bond itself.
    pub ifindex: u32,
    /// The place of the option in the table ([`What::Option`]), or the number of LACP's reason
    /// ([`Cause::Lacp`]).
    pub detail: u16,
    /// The property that has changed.
    pub what: What,
    /// The cause.
    pub cause: Cause,
    /// The slave's name at that time, padded with zeroes.
    pub name: [u8; 16],
}

impl Record {
    /// A record of nothing.
    pub const NONE: Record = Record {
        at: Time(0),
        wall: 0,
        from: 0,
        to: 0,
        ifindex: 0,
        detail: 0,
        what: What::Active,
        cause: Cause::User,
        name: [0; 16],
    };

    /// The slave's name, without the zeroes behind it.
    pub fn name(&self) -> &[u8] {
        let end = self.name.iter().position(|byte| *byte == 0);
        self.name.get(..end.unwrap_or(16)).unwrap_or(&[])
    }
}

/// The order of the records of a bond: which slot the next one goes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ring {
    /// Number of records ever made; the last has this number, the first had 1.
    made: u64,
    /// Number of records of each [`What`].
    counts: [u64; What::ALL.len()],
}

impl Ring {
    /// No records.
    pub const fn new() -> Ring {
        Ring {
            made: 0,
            counts: [0; What::ALL.len()],
        }
    }

    /// The number of the last record; 0 if there was none.
    pub const fn last(&self) -> u64 {
        self.made
    }

    /// Returns the number of records of a kind.
    pub fn count(&self, what: What) -> u64 {
        let at = usize::from(what.number()).wrapping_sub(1);
        self.counts.get(at).copied().unwrap_or(0)
    }

    /// Puts a record into its slot, over the oldest one. Returns its number.
    pub fn push(&mut self, slots: &mut [Record], record: Record) -> u64 {
        let kind = usize::from(record.what.number()).wrapping_sub(1);
        if let Some(count) = self.counts.get_mut(kind) {
            *count = count.wrapping_add(1);
        }
        if let Some(slot) = slot(self.made, slots.len()).and_then(|at| slots.get_mut(at)) {
            *slot = record;
        }
        self.made = self.made.wrapping_add(1);
        self.made
    }

    /// The oldest record behind number `after` that there still is, and its number.
    pub fn next(&self, slots: &[Record], after: u64) -> Option<(u64, Record)> {
        let oldest = self.made.saturating_sub(slots.len() as u64);
        let before = after.max(oldest);
        if before >= self.made {
            return None;
        }
        let record = slots.get(slot(before, slots.len())?)?;
        Some((before.saturating_add(1), *record))
    }
}

/// The slot of the record that has `before` others before it.
fn slot(before: u64, slots: usize) -> Option<usize> {
    before.checked_rem(slots as u64).map(|at| at as usize)
}
