// SPDX-License-Identifier: GPL-2.0

//! The MACs of the targets, for arp_adaptive.

use super::{Settings, Slot, SLOTS};
use crate::mac::Mac;
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

/// Which MAC each target has answered from. One for a bond; read for every frame received while
/// arp_adaptive is on, written when a target has a new MAC.
///
/// A reader may meet a target whose MAC is just being changed, and take or refuse one frame
/// wrongly. That moves one sighting, nothing else.
#[derive(Debug)]
pub struct Known {
    used: AtomicU32,
    macs: [AtomicU64; SLOTS],
}

impl Default for Known {
    fn default() -> Known {
        Known::new()
    }
}

fn pack(mac: Mac) -> u64 {
    let [a, b, c, d, e, f] = mac.0;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

impl Known {
    /// Nothing is known.
    pub const fn new() -> Known {
        Known {
            used: AtomicU32::new(0),
            macs: [const { AtomicU64::new(0) }; SLOTS],
        }
    }

    /// A target has answered from this MAC. Addresses that no station can have are ignored.
    pub fn learn(&self, slot: Slot, mac: Mac) {
        let Some(known) = self.macs.get(slot.index()) else {
            return;
        };
        if !mac.is_valid_unicast() {
            return;
        }
        if known.load(Relaxed) != pack(mac) {
            known.store(pack(mac), Relaxed);
        }
        let bit = 1u32.wrapping_shl(slot.0.into());
        if self.used.load(Relaxed) & bit == 0 {
            self.used.fetch_or(bit, Relaxed);
        }
    }

    /// The target that has this MAC; the first, if several have it.
    pub fn slot(&self, mac: Mac) -> Option<Slot> {
        let mut left = self.used.load(Relaxed);
        while left != 0 {
            let index = left.trailing_zeros();
            let found = usize::try_from(index).ok().and_then(|i| self.macs.get(i));
            if found.is_some_and(|known| known.load(Relaxed) == pack(mac)) {
                return Some(Slot(u8::try_from(index).ok()?));
            }
            left &= left.wrapping_sub(1);
        }
        None
    }

    /// The targets change from `old` to `new`: those that stay keep their MACs.
    pub fn retarget(&self, old: &Settings, new: &Settings) {
        let used = self.used.swap(0, Relaxed);
        let was: [Option<u64>; SLOTS] = core::array::from_fn(|i| {
            let bit = 1u32.wrapping_shl(u32::try_from(i).ok()?);
            (used & bit != 0).then_some(self.macs.get(i)?.load(Relaxed))
        });
        let mut kept = 0u32;
        for (i, (known, origin)) in (0..u32::BITS).zip(self.macs.iter().zip(new.origins(old))) {
            let mac = origin.and_then(|slot| was.get(slot.index()).copied().flatten());
            if let Some(mac) = mac {
                known.store(mac, Relaxed);
                kept |= 1u32.wrapping_shl(i);
            }
        }
        self.used.store(kept, Relaxed);
    }
}
