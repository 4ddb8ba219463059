// SPDX-License-Identifier: GPL-2.0

//! Asking who has an address, and whether we have it.
//!
//! C header: `include/net/arp.h`.

use core::net::{Ipv4Addr, Ipv6Addr};

use cbindings as c;

use crate::{device::NetDevice, rcu::Rcu};

/// The outcome of a question.
#[derive(Clone, Copy)]
pub struct Asked {
    /// A frame could be sent.
    pub sent: bool,
    /// There is a route to the target.
    pub routed: bool,
}

/// Asks from `lower` for the MAC of `target`, as a host on `master` would: with the source
/// address and the VLAN tags of the route that leads there.
pub fn arp(master: &NetDevice, lower: &NetDevice, target: Ipv4Addr, _rcu: &Rcu) -> Asked {
    let target = u32::from_ne_bytes(target.octets());
    let mut routed = false;
    // SAFETY: Both devices are alive, and this is a read-side section.
    let sent = unsafe { c::rb_probe_arp(master.as_ptr(), lower.as_ptr(), target, &raw mut routed) };
    Asked { sent, routed }
}

/// As [`arp`], by a neighbour solicitation.
pub fn neighbour(master: &NetDevice, lower: &NetDevice, target: Ipv6Addr, _rcu: &Rcu) -> Asked {
    let (target, mut routed) = (target.octets(), false);
    // SAFETY: As above, and the address has 16 octets.
    let sent = unsafe {
        c::rb_probe_ns(
            master.as_ptr(),
            lower.as_ptr(),
            target.as_ptr(),
            &raw mut routed,
        )
    };
    Asked { sent, routed }
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
