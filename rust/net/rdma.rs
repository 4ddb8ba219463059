// SPDX-License-Identifier: GPL-2.0

//! Who sends past a master, as RDMA does, asks by which lower device a packet would go.

use core::{mem::ManuallyDrop, ptr, ptr::NonNull};

use cbindings as c;

use crate::{anchor::driver_behind, device::NetDevice, driver::Driver, rcu::Rcu, skb::Skb};

/// # Safety
///
/// Called in a read-side section with a live device of ours, and a packet that begins with its
/// link header, whose device is set.
pub(crate) unsafe extern "C" fn xmit_slave<D: Driver>(
    dev: *mut c::net_device,
    skb: *mut c::sk_buff,
    any: bool,
) -> *mut c::net_device {
    // SAFETY: ndo_get_xmit_slave is called in a read-side section with a live device of ours, and a packet
    // that begins with its link header, whose device is set.
    let driver = unsafe { driver_behind::<D>(NetDevice::from_raw(dev)) };
    let (Some(driver), Some(skb)) = (driver, NonNull::new(skb)) else {
        return ptr::null_mut();
    };
    // SAFETY: The packet is live, and only looked at: it stays the caller's.
    let skb = ManuallyDrop::new(unsafe { Skb::from_raw(skb) });
    // The section of the caller keeps the device that is named.
    // Who asks may be preempted: a turn of balance-rr may be taken twice then, and no more.
    Rcu::read(|rcu| {
        let lower = driver.lower_of(&skb, any, rcu);
        lower.map_or(ptr::null_mut(), NetDevice::as_ptr)
    })
}
