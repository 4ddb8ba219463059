// SPDX-License-Identifier: GPL-2.0

//! The lower device of a packet that is sent past its master, as RDMA does.
//!
//! C header: `include/linux/netdevice.h`.

use core::{mem::ManuallyDrop, ptr, ptr::NonNull};

use cbindings as c;

use crate::{
    anchor::driver_behind, device::NetDevice, offers::Offers, rcu::Rcu, skb::Skb, upper::Upper,
};

/// A driver that says by which lower device somebody else's packet would go.
pub trait XmitSlave: Upper {
    /// The lower device by which a packet would go out that somebody else sends, as RDMA does;
    /// none if that is not told by the packet. `any`: where a hash decides, of all lower devices,
    /// whether they carry traffic or not. `ndo_get_xmit_slave`.
    ///
    /// # Context
    ///
    /// Does not sleep.
    fn lower_of<'a>(&'a self, skb: &Skb, any: bool, rcu: &'a Rcu) -> Option<&'a NetDevice>;
}

impl<D: XmitSlave> Offers<'_, D> {
    /// It says by which lower device somebody else's packet would go.
    pub fn xmit_slave(&mut self) -> &mut Self {
        self.ops().ndo_get_xmit_slave = Some(xmit_slave::<D>);
        self
    }
}

/// # Safety
///
/// Called in a read-side section with a live device of ours, and a packet that begins with its
/// link header, whose device is set.
unsafe extern "C" fn xmit_slave<D: XmitSlave>(
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
