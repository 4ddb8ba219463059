// SPDX-License-Identifier: GPL-2.0

//! The lists of addresses that the ARP monitor probes.

use core::fmt;

/// The reason why an address was not added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// It is in the list.
    Present,
    /// It is not in the list.
    Absent,
    /// The list is full.
    Full,
}

/// Up to 16 different addresses, in the order in which they were added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Targets<T> {
    list: [Option<T>; 16],
}

impl<T: Copy + PartialEq> Targets<T> {
    /// An empty list.
    pub const NONE: Targets<T> = Targets { list: [None; 16] };

    /// Number of addresses that fit: BOND_MAX_ARP_TARGETS and BOND_MAX_NS_TARGETS.
    pub const MAX: usize = 16;

    /// The addresses; a target's position is its slot in every per-slave table.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.list.iter().map_while(|target| *target)
    }

    /// Returns how many addresses there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The slot of an address.
    pub fn position(&self, target: T) -> Option<usize> {
        let mut slots = (0..Self::MAX).zip(self.iter());
        slots.find(|(_, t)| *t == target).map(|(slot, _)| slot)
    }

    /// Adds an address behind the others.
    pub fn add(&mut self, target: T) -> Result<(), TargetError> {
        if self.position(target).is_some() {
            return Err(TargetError::Present);
        }
        let free = self.list.iter_mut().find(|slot| slot.is_none());
        *free.ok_or(TargetError::Full)? = Some(target);
        Ok(())
    }

    /// Removes an address; those behind it move up by one.
    pub fn remove(&mut self, target: T) -> Result<(), TargetError> {
        let old = *self;
        old.position(target).ok_or(TargetError::Absent)?;
        self.list = [None; 16];
        let rest = old.iter().filter(|t| *t != target);
        for (slot, rest) in self.list.iter_mut().zip(rest) {
            *slot = Some(rest);
        }
        Ok(())
    }
}

impl<T: Copy + PartialEq> Default for Targets<T> {
    fn default() -> Targets<T> {
        Targets::NONE
    }
}

impl<T: Copy + PartialEq + fmt::Debug> fmt::Debug for Targets<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Prints an IPv4 address, octets in the order of the wire, as `%pI4` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip4(pub [u8; 4]);

impl fmt::Display for Ip4 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

/// Prints an IPv6 address, octets in the order of the wire, as `%pI6c` does: the longest run of
/// two or more zero groups, the first of equals, as `::`; v4-mapped and ISATAP addresses with
/// their last 32 bits as an IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ip6(pub [u8; 16]);

impl fmt::Display for Ip6 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1, g0, g1, h0, h1] = self.0;
        let groups = [
            [a0, a1],
            [b0, b1],
            [c0, c1],
            [d0, d1],
            [e0, e1],
            [f0, f1],
            [g0, g1],
            [h0, h1],
        ]
        .map(u16::from_be_bytes);
        let mapped = matches!(groups, [0, 0, 0, 0, 0, 0xffff, _, _]);
        let isatap = (e0 | 0x02) == 0x02 && e1 == 0 && f0 == 0x5e && f1 == 0xfe;
        let dotted = mapped || isatap;
        let shown = groups.get(..if dotted { 6 } else { 8 }).unwrap_or(&groups);

        let (skip_from, skip_to) = longest_zero_run(shown);
        let mut colon = false;
        for (index, group) in (0usize..8).zip(shown) {
            if (skip_from..skip_to).contains(&index) {
                if index == skip_from {
                    f.write_str("::")?;
                    colon = false;
                }
                continue;
            }
            if colon {
                f.write_str(":")?;
            }
            write!(f, "{group:x}")?;
            colon = true;
        }
        if dotted {
            if colon {
                f.write_str(":")?;
            }
            write!(f, "{}", Ip4([g0, g1, h0, h1]))?;
        }
        Ok(())
    }
}

/// Returns start and end of the longest run of at least two zeros; an empty range without one.
fn longest_zero_run(groups: &[u16]) -> (usize, usize) {
    let mut best = (0usize, 0usize);
    let mut start = 0usize;
    for (index, group) in (0usize..8).zip(groups) {
        let end = index.saturating_add(1);
        if *group != 0 {
            start = end;
            continue;
        }
        let length = end.saturating_sub(start);
        if length > 1 && length > best.1.saturating_sub(best.0) {
            best = (start, end);
        }
    }
    best
}
