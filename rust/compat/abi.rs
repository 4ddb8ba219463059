// SPDX-License-Identifier: GPL-2.0

//! The structures of native bonding that the rest of the kernel reads behind a bond's back.
//!
//! IFF_BONDING on a master says that its private data is a `struct bonding`, and on a lower device
//! that its rx_handler_data is a `struct slave` (include/net/bonding.h): RDMA and some drivers of
//! network cards look up the active slave that way, and mlx4 does without asking for the flag. So
//! our own data begins with those structures, and what is read of them is kept true. Nothing of
//! ours is ever read from them.

use core::{
    mem, ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use lag::options::{LacpRate, Name, Params, Targets};
use wire::duplex::Duplex;

use netdev::{
    anchor,
    device::{HwAddr, NetDevice},
    driver::{Fresh, Prefix},
    port, Rtnl,
};

use crate::{proc, Bonding};

// First, so that it is there whatever else the structure has.
const _: () = assert!(mem::offset_of!(c::bonding, dev) == 0);
const _: () = assert!(mem::offset_of!(c::bonding, curr_active_slave) == mem::size_of::<usize>());
const _: () = assert!(mem::offset_of!(c::slave, dev) == 0);
const _: () = assert!(mem::offset_of!(c::slave, bond) == mem::size_of::<usize>());
// Where C has the bits `backup` and `inactive`: in the octet behind the two of the link's state.
const _: () = assert!(
    mem::offset_of!(c::slave, _bitfield_1) == mem::offset_of!(c::slave, link) + 2
        && mem::offset_of!(c::slave, duplex) == mem::offset_of!(c::slave, link) + 3
);

/// The private data of a bond, as others see it, and what it has of the kernel beside.
///
/// # Invariants
///
/// `bonding` is first. `proc` is null or the device's file in /proc, and changes under RTNL.
#[repr(C)]
pub struct Master {
    bonding: c::bonding,
    pub(crate) proc: proc::File,
}

// SAFETY: Zeroes are a value of what C has, and are no file. Who writes holds RTNL; others read a member at a time.
unsafe impl Prefix for Master {}
// SAFETY: As above.
unsafe impl Send for Master {}
// SAFETY: As above.
unsafe impl Sync for Master {}

/// The rx_handler_data of a slave, as others see it.
#[repr(transparent)]
pub struct Port(c::slave);

// SAFETY: Zeroes are a value of what C has. Who writes holds RTNL; others read a member at a time.
unsafe impl Prefix for Port {}
// SAFETY: As above.
unsafe impl Send for Port {}
// SAFETY: As above.
unsafe impl Sync for Port {}

/// Prepares the private data of a new bond for others; `native`: they are told that it is there.
pub fn begin<D: Bonding>(dev: &Fresh<'_, D>) {
    let (raw, to) = dev.prefix();
    // SAFETY: Nobody else sees the device, and this is the place of its private data.
    unsafe { (*to).bonding.dev = raw };
    if D::identity().native {
        // SAFETY: As above, and it begins with the structure.
        unsafe { c::rb_mark_bonding(raw, true) };
    }
}

/// Says to others that the rx_handler_data of a device begins with a `struct slave`, or no longer says so. The flag
/// of a bond stands for its private data and stays.
pub fn mark_port<D: Bonding>(lower: &NetDevice, rtnl: &Rtnl, there: bool) {
    let so = !there || port::prefix_of_handler::<D>(lower, rtnl).is_some();
    if so && D::identity().native && !lower.is_of::<D>() {
        // SAFETY: RTNL is held; what is said is so.
        unsafe { c::rb_mark_bonding(lower.as_ptr(), there) };
    }
}

/// A bond, as far as others read it.
pub struct ShownBond<'a> {
    /// Its options.
    pub params: &'a Params,
    /// The lower device that carries the traffic.
    pub active: Option<&'a NetDevice>,
    /// The one that is preferred.
    pub primary: Option<&'a NetDevice>,
    /// Number of slaves.
    pub slaves: usize,
}

/// A lower device, as far as others read it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShownSlave {
    /// BOND_LINK_*: the number of its link's state.
    pub link: u8,
    /// It does not send what the bond sends.
    pub backup: bool,
    /// It does not pass up what it receives.
    pub inactive: bool,
    /// Number of failures of its link.
    pub failures: u32,
    /// Mbit/s.
    pub speed: Option<u32>,
    /// As last seen.
    pub duplex: Duplex,
    /// The transmit queue that leads here; 0 is none.
    pub queue_id: u16,
    /// Priority in the choice of the active slave, below the primary.
    pub prio: i32,
}

impl ShownBond<'_> {
    /// Shows it to others, if `dev` is a device of `D`.
    pub fn show<D: Bonding>(&self, dev: &NetDevice, rtnl: &Rtnl) {
        let Some(to) = anchor::prefix::<D>(dev) else {
            return;
        };
        let slave = |lower: Option<&NetDevice>| {
            let found = lower.and_then(|lower| port::prefix::<D>(lower, rtnl));
            found.map_or(ptr::null_mut(), |found| found.as_ptr().cast::<c::slave>())
        };
        let (active, primary) = (slave(self.active), slave(self.primary));
        // SAFETY: The private data of a device of the driver begins with the structure. Only holders of
        // RTNL write it; readers take one aligned member at a time.
        unsafe {
            let to = &raw mut (*to.as_ptr()).bonding;
            show_params(&raw mut (*to).params, self.params, dev.tx_queues());
            (&raw mut (*to).slave_cnt).write_volatile(self.slaves as i32);
            // Release: what the slave says is there before it can be found.
            let publish = |at: *mut *mut c::slave, new| {
                AtomicPtr::from_ptr(at).store(new, Ordering::Release);
            };
            publish(&raw mut (*to).primary_slave, primary);
            publish(&raw mut (*to).curr_active_slave, active);
        }
    }
}

impl ShownSlave {
    /// Shows it to others, as long as `lower` is below a device of ours.
    pub fn show<D: Bonding>(&self, lower: &NetDevice, rtnl: &Rtnl) {
        let Some(to) = port::prefix::<D>(lower, rtnl) else {
            return;
        };
        let bits = c::slave::new_bitfield_1(self.backup.into(), self.inactive.into(), 0, 0, 0);
        let duplex = match self.duplex {
            Duplex::Half => c::DUPLEX_HALF,
            Duplex::Full => c::DUPLEX_FULL,
            Duplex::Unknown => c::DUPLEX_UNKNOWN,
        };
        // SAFETY: `prefix` gives a live structure. Only holders of RTNL write it; readers take one
        // aligned member at a time.
        unsafe {
            let to: *mut c::slave = to.as_ptr().cast();
            (&raw mut (*to).link).write_volatile(self.link as i8);
            (&raw mut (*to)._bitfield_1).write_volatile(bits);
            (&raw mut (*to).duplex).write_volatile(duplex as u8);
            (&raw mut (*to).link_failure_count).write_volatile(self.failures);
            // SPEED_UNKNOWN is -1.
            (&raw mut (*to).speed).write_volatile(self.speed.unwrap_or(u32::MAX));
            (&raw mut (*to).queue_id).write_volatile(self.queue_id);
            (&raw mut (*to).prio).write_volatile(self.prio);
        }
    }
}

/// Writes what never changes about a lower device into a structure of zeroes.
pub fn begin_port<D: Bonding>(
    to: &mut Port,
    lower: &NetDevice,
    master: &NetDevice,
    own_address: &HwAddr,
    own_mtu: u32,
) {
    let to = &mut to.0;
    to.dev = lower.as_ptr();
    to.bond = anchor::prefix::<D>(master).map_or(ptr::null_mut(), |bond| bond.as_ptr().cast());
    to.original_mtu = own_mtu;
    for (to, from) in to.perm_hwaddr.iter_mut().zip(own_address.as_bytes()) {
        *to = *from;
    }
}

/// Writes member by member, for a second structure would take a kilobyte of stack.
///
/// # Safety
///
/// `to` can be written, by nobody else; others may read a member at a time.
#[inline(never)]
unsafe fn show_params(to: *mut c::bond_params, p: &Params, tx_queues: u32) {
    let int = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    // Delays are counted in polls there.
    let polls = |ms: u32| int(ms.checked_div(p.miimon).unwrap_or(0));
    macro_rules! put {
        ($($member:ident: $value:expr,)*) => {
            // SAFETY: The caller's promise.
            unsafe { $((&raw mut (*to).$member).write_volatile($value);)* }
        };
    }
    put! {
        mode: p.mode.number().into(),
        xmit_policy: p.xmit_policy.number().into(),
        miimon: int(p.miimon),
        num_peer_notif: p.num_peer_notif,
        missed_max: p.missed_max,
        arp_interval: int(p.arp_interval),
        arp_validate: p.arp_validate.number().into(),
        arp_all_targets: p.arp_all_targets.number().into(),
        fail_over_mac: p.fail_over_mac.number().into(),
        updelay: polls(p.updelay),
        downdelay: polls(p.downdelay),
        peer_notif_delay: polls(p.peer_notif_delay),
        lacp_active: p.lacp_active.into(),
        lacp_fast: (p.lacp_rate == LacpRate::Fast).into(),
        min_links: p.min_links,
        ad_select: p.ad_select.number().into(),
        primary_reselect: p.primary_reselect.number().into(),
        tx_queues: int(tx_queues),
        all_slaves_active: p.all_slaves_active.into(),
        resend_igmp: p.resend_igmp.into(),
        lp_interval: int(p.lp_interval),
        packets_per_slave: p.packets_per_slave.into(),
        tlb_dynamic_lb: p.tlb_dynamic_lb.into(),
        ad_actor_sys_prio: p.ad_actor_sys_prio,
        ad_user_port_key: p.ad_user_port_key,
        coupled_control: p.coupled_control.into(),
        broadcast_neighbor: p.broadcast_neighbor.into(),
        primary: p.primary.map_or([0; Name::SIZE], |name| *name.as_nul_padded()),
    }
    // SAFETY: The caller's promise; the lists have their lengths.
    unsafe {
        c::rb_set_lacp_strict(to, p.lacp_strict);
        (&raw mut (*to).ad_actor_system)
            .cast::<[u8; 6]>()
            .write_volatile(p.ad_actor_system.0);
        // As many slots as there can be targets.
        let slots: *mut [u32; Targets::<[u8; 4]>::MAX] = &raw mut (*to).arp_targets;
        let mut targets = p.arp_targets.iter();
        for at in 0..Targets::<[u8; 4]>::MAX {
            let target = targets.next().map_or(0, u32::from_ne_bytes);
            slots.cast::<u32>().add(at).write_volatile(target);
        }
        let slots: *mut [c::in6_addr; Targets::<[u8; 16]>::MAX] = &raw mut (*to).ns_targets;
        let mut targets = p.ns_targets.iter();
        for at in 0..Targets::<[u8; 16]>::MAX {
            let target = targets.next().unwrap_or_default();
            slots.cast::<[u8; 16]>().add(at).write_volatile(target);
        }
    }
}
