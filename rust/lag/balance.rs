// SPDX-License-Identifier: GPL-2.0

//! balance-tlb and balance-alb: which slave sends to whom, and which slave whom is told to use.
//!
//! [`tlb`] spreads what is sent by load, [`rlb`] spreads what is received by ARP, [`class`] says
//! which frames may be spread at all, [`timers`] when the periodic work is due, and [`address`]
//! who has which MAC.

use crate::mac::Mac;
use crate::time::Span;
use core::num::NonZeroU16;

pub mod address;
pub mod class;
pub mod rlb;
pub mod timers;
pub mod tlb;

/// The time between two redistributions of what is sent.
pub const REBALANCE_INTERVAL: Span = Span::secs(10);

/// A slave's number, which it keeps from enslaving to release and shares with no slave of its
/// bond in the meantime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlaveId(pub NonZeroU16);

impl SlaveId {
    /// The id with this number, None for 0.
    pub const fn new(number: u16) -> Option<SlaveId> {
        match NonZeroU16::new(number) {
            Some(number) => Some(SlaveId(number)),
            None => None,
        }
    }
}

/// A slave as balancing sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slave {
    /// Its number.
    pub id: SlaveId,
    /// Its MAC at present, `dev->dev_addr`.
    pub mac: Mac,
    /// The MAC it had before it was enslaved, `perm_hwaddr`.
    pub perm: Mac,
    /// Mb/s; 0 if it is not known.
    pub speed: u32,
    /// It is up, its link is up and it is not inactive: `bond_slave_can_tx`.
    pub can_tx: bool,
}

/// The bond as balancing sees it, at the moment of a call.
pub trait Bond {
    /// All slaves, in the order in which they were enslaved.
    fn slaves(&self) -> impl Iterator<Item = Slave>;

    /// The active slave, curr_active_slave.
    fn active(&self) -> Option<SlaveId>;

    /// The MAC of the bond.
    fn mac(&self) -> Mac;

    /// The slave with this id.
    fn slave(&self, id: SlaveId) -> Option<Slave> {
        self.slaves().find(|slave| slave.id == id)
    }
}

/// The XOR of all octets: how both tables of native find their bucket for an address.
#[inline]
pub fn simple_hash<const N: usize>(bytes: &[u8; N]) -> u8 {
    bytes.iter().fold(0, |hash, byte| hash ^ byte)
}
