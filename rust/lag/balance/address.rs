// SPDX-License-Identifier: GPL-2.0

//! Which slave has which MAC in balance-tlb and balance-alb.
//!
//! Each slave keeps a MAC of its own, so that a switch does not see one MAC behind two ports; the
//! active slave has the bond's. Every MAC in use is the bond's or some slave's permanent one, and
//! none is used twice. These functions say what a change takes; the driver sets the addresses. In
//! balance-alb that is `dev_set_mac_address`. In balance-tlb all slaves receive by the bond's MAC
//! and only `dev_addr`, which is put into what they send, differs.

use super::{Bond, SlaveId};
use crate::mac::Mac;

/// The MAC address that a new slave is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attach {
    /// This MAC, which is its own or will be the bond's.
    Free(Mac),
    /// This MAC, which is the permanent one of another slave that does not use it: its own is in
    /// use. Worth a warning.
    Borrowed(Mac, SlaveId),
}

/// There is no free MAC for a new slave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFreeMac;

/// The MAC for a new slave whose permanent one is `perm`, before it is among the bond's slaves.
pub fn attach(bond: &impl Bond, perm: Mac) -> Result<Attach, NoFreeMac> {
    let clash = perm == bond.mac() || holder(bond, perm).is_some();
    if !clash {
        return Ok(Attach::Free(perm));
    }
    match bond
        .slaves()
        .find(|slave| holder(bond, slave.perm).is_none())
    {
        Some(slave) => Ok(Attach::Borrowed(slave.perm, slave.id)),
        None if bond.active().is_none() && holder(bond, bond.mac()).is_none() => {
            Ok(Attach::Free(bond.mac()))
        }
        None => Err(NoFreeMac),
    }
}

/// With whom a slave swaps MACs when it leaves, after it was taken out of the bond's slaves: with
/// the one that has borrowed its permanent MAC. `mac` is the one it has at present.
pub fn detach(bond: &impl Bond, perm: Mac, mac: Mac) -> Option<SlaveId> {
    if perm == mac || perm == bond.mac() {
        return None;
    }
    holder(bond, perm)
}

/// The way in which the active slave comes to the bond's MAC address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// It swaps MACs with this slave (it may be itself); then
    /// [`Rlb::macs_swapped`](super::rlb::Rlb::macs_swapped).
    Swap(SlaveId),
    /// It is given the MAC, and sends learning packets for it, for all devices above; then
    /// [`Rlb::mac_changed`](super::rlb::Rlb::mac_changed).
    Set,
}

/// For another active slave after `old`, or with no `old` for the bond's MAC having been changed.
pub fn takeover(bond: &impl Bond, old: Option<SlaveId>) -> Takeover {
    match old.or_else(|| holder(bond, bond.mac())) {
        Some(slave) => Takeover::Swap(slave),
        None => Takeover::Set,
    }
}

/// The first slave that uses a MAC.
fn holder(bond: &impl Bond, mac: Mac) -> Option<SlaveId> {
    bond.slaves()
        .find(|slave| slave.mac == mac)
        .map(|slave| slave.id)
}
