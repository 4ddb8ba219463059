// SPDX-License-Identifier: GPL-2.0

//! Asking who has an address, and whether we have it.

use core::net::{Ipv4Addr, Ipv6Addr};

use cbindings as c;

use crate::{device::NetDevice, rcu::RcuBh};

/// Asks from `lower` for the MAC of `target`, as a host on `master` would: with the source
/// address and the VLAN tags of the route that leads there. True if a frame could be sent.
pub fn arp(master: &NetDevice, lower: &NetDevice, target: Ipv4Addr, _rcu: &RcuBh) -> bool {
    let target = u32::from_ne_bytes(target.octets());
    // SAFETY: Both devices are alive, and this is a read-side section.
    unsafe { c::rb_probe_arp(master.as_ptr(), lower.as_ptr(), target) }
}

/// As [`arp`], by a neighbour solicitation.
pub fn neighbour(master: &NetDevice, lower: &NetDevice, target: Ipv6Addr, _rcu: &RcuBh) -> bool {
    // SAFETY: As above, and the address has 16 octets.
    unsafe { c::rb_probe_ns(master.as_ptr(), lower.as_ptr(), target.octets().as_ptr()) }
}

/// The device, or one that sits on it, has the address.
pub fn has_address(dev: &NetDevice, addr: Ipv4Addr) -> bool {
    // SAFETY: The device is alive.
    unsafe { c::rb_has_ip(dev.as_ptr(), u32::from_ne_bytes(addr.octets())) }
}

/// As [`has_address`], for IPv6.
pub fn has_address6(dev: &NetDevice, addr: Ipv6Addr) -> bool {
    // SAFETY: The device is alive, and the address has 16 octets.
    unsafe { c::rb_has_ip6(dev.as_ptr(), addr.octets().as_ptr()) }
}
