// SPDX-License-Identifier: GPL-2.0

//! netpoll: packets that are sent with interrupts off, above all by the network console.
//!
//! Such a packet must not go by a queue, but through netpoll on every device on its way.
//!
//! C header: `include/linux/netpoll.h`.

use core::{
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::driver_of,
    device::{DevRef, NetDevice},
    offers::Offers,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    skb::Skb,
    upper::Upper,
};

/// netpoll on a lower device, while its master is polled.
///
/// # Invariants
///
/// Null, or a node from `KBox::into_raw` that netpoll knows. It is replaced under RTNL, and freed
/// when all read-side sections are over that may have found it.
pub struct LowerPoll(AtomicPtr<Node>);

#[repr(C)]
struct Node {
    /// First: netpoll frees the whole by it.
    np: c::netpoll,
    dev: DevRef,
}

impl LowerPoll {
    /// netpoll does not know the device.
    pub const fn new() -> Self {
        LowerPoll(AtomicPtr::new(ptr::null_mut()))
    }

    /// Makes `dev` ready to send with interrupts off. An error if it cannot.
    pub fn set_up(&self, dev: &NetDevice, _rtnl: &Rtnl) -> Result {
        if !self.0.load(Ordering::Relaxed).is_null() {
            return Ok(());
        }
        let np = c::netpoll {
            // SAFETY: A name that lasts.
            name: unsafe { c::rb_module_name() },
            ..Default::default()
        };
        let node = Node {
            np,
            dev: dev.netdev_hold()?,
        };
        let node = KBox::into_raw(KBox::new(node, GFP_KERNEL)?);
        // SAFETY: RTNL is held; the node has its final address and keeps the device.
        let done = to_result(unsafe { c::rb_netpoll_setup(&raw mut (*node).np, dev.as_ptr()) });
        if done.is_err() {
            // SAFETY: netpoll has refused the node, which is still ours alone.
            drop(unsafe { KBox::from_raw(node) });
            return done;
        }
        self.0.store(node, Ordering::Release);
        Ok(())
    }

    /// Takes back what `set_up` did; waits for those who are sending.
    pub fn tear_down(&self, _rtnl: &Rtnl) {
        let node = self.0.swap(ptr::null_mut(), Ordering::AcqRel);
        if node.is_null() {
            return;
        }
        // SAFETY: RTNL is held, and nobody finds the node any more. netpoll waits for those who
        // have, and frees the memory; the reference is taken out of it before.
        unsafe {
            let dev = ptr::read(&raw const (*node).dev);
            c::rb_netpoll_free(&raw mut (*node).np);
            drop(dev);
        }
    }

    /// Sends a packet with interrupts off; drops it if the device is not set up.
    pub fn send(&self, skb: Skb, _rcu: &Rcu) {
        let node = self.0.load(Ordering::Acquire);
        if !node.is_null() {
            // SAFETY: The node lives as long as the section; the packet is given away.
            unsafe { c::rb_netpoll_send(&raw mut (*node).np, skb.into_raw()) };
        }
    }
}

impl Default for LowerPoll {
    fn default() -> Self {
        LowerPoll::new()
    }
}

/// The packet comes with interrupts off, and is to be sent so.
#[inline]
pub fn is_running(skb: &Skb) -> bool {
    // SAFETY: Callable from anywhere.
    unsafe { c::rb_netpoll_running(skb.device().as_ptr()) }
}

/// A driver whose lower devices can send with interrupts off.
pub trait Netpoll: Upper {
    /// Packets come with interrupts off from here on. `ndo_netpoll_setup`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn start_polling(&self, dev: &NetDevice, rtnl: &Rtnl) -> Result;
    /// They do not any more; those that are under way may be lost. `ndo_netpoll_cleanup`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn stop_polling(&self, dev: &NetDevice, rtnl: &Rtnl);
}

impl<D: Netpoll> Offers<'_, D> {
    /// Its lower devices can send with interrupts off.
    pub fn netpoll(&mut self) -> &mut Self {
        let (poll, on, off) = (controller::<D>, set_up::<D>, clean_up::<D>);
        // SAFETY: Writes members of the table.
        unsafe {
            c::rb_set_poll_ops(&mut self.tables.device, Some(poll), Some(on), Some(off));
        }
        self
    }
}

/// # Safety
///
/// Called for a live device of ours, with interrupts off.
unsafe extern "C" fn controller<D: Netpoll>(dev: *mut c::net_device) {
    // SAFETY: ndo_poll_controller is called for a live device of ours, with interrupts off.
    let dev = unsafe { NetDevice::from_raw(dev) };
    let Some(driver) = driver_of::<D>(dev) else {
        return;
    };
    Rcu::read(|rcu| {
        driver.for_each_lower(rcu, &mut |lower| {
            if lower.can_send() {
                // SAFETY: The device lives as long as the section, and interrupts are off. One
                // that netpoll does not know is left alone.
                unsafe { c::rb_netpoll_poll(lower.as_ptr()) };
            }
        });
    });
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn set_up<D: Netpoll>(dev: *mut c::net_device) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_netpoll_setup is called under RTNL for a registered device of ours.
        let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
        let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
        driver.start_polling(dev, rtnl).map(|()| 0)
    })
}

/// # Safety
///
/// Called under RTNL for a live device of ours.
unsafe extern "C" fn clean_up<D: Netpoll>(dev: *mut c::net_device) {
    // SAFETY: ndo_netpoll_cleanup is called under RTNL for a live device of ours.
    let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
    if let Some(driver) = driver_of::<D>(dev) {
        driver.stop_polling(dev, rtnl);
    }
}
