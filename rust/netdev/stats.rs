// SPDX-License-Identifier: GPL-2.0

//! Interface counters.
//!
//! C header: `include/uapi/linux/if_link.h`.

use core::mem::offset_of;

use cbindings as c;

/// The number of counters in `struct rtnl_link_stats64`, each a u64.
const COUNTERS: usize = core::mem::size_of::<c::rtnl_link_stats64>() / 8;

/// All counters of a device.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Stats([u64; COUNTERS]);

impl Stats {
    /// All zero.
    pub const ZERO: Stats = Stats([0; COUNTERS]);

    /// Adds what has been counted between `old` and `new`, upon which `old` is `new`.
    ///
    /// A driver may count in 32 bits, which wrap; and may start anew when it goes down and up,
    /// which must not take anything away.
    pub fn add_since(&mut self, new: &Stats, old: &mut Stats) {
        for ((sum, new), old) in self.0.iter_mut().zip(&new.0).zip(&mut old.0) {
            // Most do not change.
            if *new == *old {
                continue;
            }
            let narrow = (*new | *old) >> 32 == 0;
            let delta = if narrow {
                i64::from((*new as u32).wrapping_sub(*old as u32) as i32)
            } else {
                new.wrapping_sub(*old) as i64
            };
            if delta > 0 {
                *sum = sum.wrapping_add(delta as u64);
            }
            *old = *new;
        }
    }

    /// Adds packets that were sent, and their octets.
    pub fn add_sent(&mut self, packets: u64, bytes: u64) {
        self.add(offset_of!(c::rtnl_link_stats64, tx_packets), packets);
        self.add(offset_of!(c::rtnl_link_stats64, tx_bytes), bytes);
    }

    /// Adds packets that were received, and their octets.
    pub fn add_received(&mut self, packets: u64, bytes: u64) {
        self.add(offset_of!(c::rtnl_link_stats64, rx_packets), packets);
        self.add(offset_of!(c::rtnl_link_stats64, rx_bytes), bytes);
    }

    /// Packets that were sent, and packets that were received.
    pub fn packets(&self) -> (u64, u64) {
        let at = |at: usize| self.0.get(at / 8).copied().unwrap_or(0);
        (
            at(offset_of!(c::rtnl_link_stats64, tx_packets)),
            at(offset_of!(c::rtnl_link_stats64, rx_packets)),
        )
    }

    /// Adds to the counter that lies at this octet of the structure.
    fn add(&mut self, at: usize, by: u64) {
        if let Some(counter) = self.0.get_mut(at / 8) {
            *counter = counter.wrapping_add(by);
        }
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut c::rtnl_link_stats64 {
        core::ptr::from_mut(self).cast()
    }

    /// The kernel's structure as ours.
    pub(crate) fn of(raw: &mut c::rtnl_link_stats64) -> &mut Stats {
        // SAFETY: Both are the same number of u64 in a row.
        unsafe { &mut *core::ptr::from_mut(raw).cast() }
    }
}
