// SPDX-License-Identifier: GPL-2.0

//! Whose a device is, and the private data of those that are a driver's.

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use kernel::ffi;

use crate::{claim::Claimed, device::NetDevice, driver::Driver, rtnl::Rtnl};

/// The number by which a namespace finds the driver's part of it.
pub(crate) struct NetId {
    pub(crate) registered: Claimed,
    pub(crate) number: UnsafeCell<ffi::c_uint>,
}

// SAFETY: `number` is written by register_pernet_subsys() only, by who has claimed `registered`, before it is
// read.
unsafe impl Sync for NetId {}

impl NetId {
    pub(crate) const fn new() -> Self {
        NetId {
            registered: Claimed::new(),
            number: UnsafeCell::new(0),
        }
    }
}

/// What a driver's devices are known by: one static, which [`Driver::anchor`] gives.
///
/// # Invariants
///
/// What is in it was put there by the registration ([`crate::vtable::Registration`]) of `D`, or is null: a device with these operations has
/// private data of `D`.
pub struct Anchor<D> {
    pub(crate) registered: Claimed,
    /// The operations that make a device one of the driver's. One address: a constant may have several.
    pub(crate) ops: AtomicPtr<c::net_device_ops>,
    /// What `ip link add type` finds; for devices that are made in other ways.
    pub(crate) link: AtomicPtr<c::rtnl_link_ops>,
    /// The link headers of devices that are not Ethernet.
    pub(crate) headers: AtomicPtr<c::header_ops>,
    /// The driver's part of each namespace: see [`crate::masters`].
    pub(crate) net: NetId,
    _driver: PhantomData<fn() -> D>,
}

impl<D> Anchor<D> {
    /// An anchor of a driver that is not registered.
    pub const fn new() -> Self {
        Anchor {
            registered: Claimed::new(),
            ops: AtomicPtr::new(ptr::null_mut()),
            link: AtomicPtr::new(ptr::null_mut()),
            headers: AtomicPtr::new(ptr::null_mut()),
            net: NetId::new(),
            _driver: PhantomData,
        }
    }

    /// The operations of link headers, or null.
    pub(crate) fn headers(&self) -> *const c::header_ops {
        self.headers.load(Ordering::Acquire)
    }
}

impl<D> Default for Anchor<D> {
    fn default() -> Self {
        Anchor::new()
    }
}

/// A device's private data.
///
/// # Invariants
///
/// `abi` is first: others take the whole for one, see [`crate::abi`]. `driver` is null until
/// `ndo_init`, and then a box that is freed with the device. `proc` is null or the device's file
/// in /proc, and changes under RTNL.
#[repr(C)]
pub(crate) struct Private<D> {
    pub(crate) abi: c::bonding,
    pub(crate) driver: *mut D,
    pub(crate) proc: *mut c::proc_dir_entry,
}

/// Remembers the device's file in /proc, and returns the one before; `file` itself if the device is not the
/// driver's.
pub(crate) fn replace_proc<D: Driver>(
    dev: &NetDevice,
    _rtnl: &Rtnl,
    file: *mut c::proc_dir_entry,
) -> *mut c::proc_dir_entry {
    if !is_ours::<D>(dev) {
        return file;
    }
    // SAFETY: The device is the driver's, so its private data is; RTNL keeps others from `proc`.
    unsafe { ptr::replace(&raw mut (*private::<D>(dev)).proc, file) }
}

/// Where the private data of a device lies: netdev_priv(). Nothing is read there.
#[inline]
pub(crate) fn behind<T>(dev: &NetDevice) -> *mut T {
    // SAFETY: The device is alive, and its private data is part of the same allocation.
    unsafe { (&raw mut (*dev.as_ptr()).priv_).cast() }
}

#[inline]
pub(crate) fn private<D>(dev: &NetDevice) -> *mut Private<D> {
    behind(dev)
}

/// The device is one of the driver's.
pub(crate) fn is_ours<D: Driver>(dev: &NetDevice) -> bool {
    let ops = D::anchor().ops.load(Ordering::Relaxed);
    // SAFETY: A device has its operations as long as it lives.
    !ops.is_null() && ptr::eq(unsafe { (*dev.as_ptr()).netdev_ops }, ops)
}

/// The driver's data of a device; none if the device is not the driver's, or is not registered yet.
#[inline]
pub(crate) fn driver_of<D: Driver>(dev: &NetDevice) -> Option<&D> {
    if !is_ours::<D>(dev) {
        return None;
    }
    // SAFETY: By the invariant of `Anchor` the private data is that of `D`.
    unsafe { driver_behind(dev) }
}

/// As [`driver_of`], where each instruction counts and the kernel says whose the device is.
///
/// # Safety
///
/// The device is the driver's.
#[inline]
pub(crate) unsafe fn driver_behind<D: Driver>(dev: &NetDevice) -> Option<&D> {
    // SAFETY: The caller's promise. The private data is zeroed when it is allocated, set once, and freed with
    // the device.
    unsafe { (*private::<D>(dev)).driver.as_ref() }
}

impl NetDevice {
    /// It is a device of the driver `D`.
    pub fn is_of<D: Driver>(&self) -> bool {
        is_ours::<D>(self)
    }
}
