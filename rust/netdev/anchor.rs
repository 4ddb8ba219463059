// SPDX-License-Identifier: GPL-2.0

//! Telling a driver's devices from others, and the private data of those.

use core::{
    marker::PhantomData,
    ops::Deref,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;

use crate::{
    claim::Claimed, device::NetDevice, driver::Driver, offers::Tables, prelude::*, rtnl::Rtnl,
};

/// A static, as a constant of a driver: the same one each time, whatever code the driver has.
///
/// # Invariants
///
/// It points to a static.
pub struct Fixed<T: 'static>(*const T);

impl<T> Fixed<T> {
    /// Points to that static.
    pub const fn new(to: &'static T) -> Self {
        Fixed(to)
    }

    /// The static itself.
    #[inline]
    pub fn get(self) -> &'static T {
        // SAFETY: By the invariant.
        unsafe { &*self.0 }
    }
}

impl<T> Deref for Fixed<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the invariant.
        unsafe { &*self.0 }
    }
}

/// The static by which a driver's devices are known: [`Driver::ANCHOR`].
///
/// # Invariants
///
/// The tables were put there by the registration ([`crate::vtable::Registration`]) of `D`, or are
/// null: a device with these operations has private data of `D`.
pub struct Anchor<D> {
    pub(crate) registered: Claimed,
    /// The tables that make a device one of the driver's.
    pub(crate) tables: AtomicPtr<Tables>,
    /// The table that `ip link add type` finds; for devices that are made in other ways.
    pub(crate) link: AtomicPtr<c::rtnl_link_ops>,
    _driver: PhantomData<fn() -> D>,
}

impl<D> Anchor<D> {
    /// An anchor of a driver that is not registered.
    pub const fn new() -> Self {
        Anchor {
            registered: Claimed::new(),
            tables: AtomicPtr::new(ptr::null_mut()),
            link: AtomicPtr::new(ptr::null_mut()),
            _driver: PhantomData,
        }
    }

    /// The driver's tables; null if it is not registered.
    pub(crate) fn tables(&self) -> *const Tables {
        self.tables.load(Ordering::Acquire)
    }

    /// The operations of link headers; of a driver that has devices.
    pub(crate) fn headers(&self) -> *const c::header_ops {
        let tables = self.tables();
        // SAFETY: Only the place of a member is taken.
        unsafe { &raw const (*tables).headers }
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
/// `prefix` is first: others take the whole for one. `driver` is null until `ndo_init`, and then a box that is
/// freed with the device.
#[repr(C)]
pub(crate) struct Private<D: Driver> {
    pub(crate) prefix: D::Prefix,
    pub(crate) driver: *mut D,
}

/// Returns the address of a device's private data: netdev_priv(). Nothing is read there.
#[inline]
pub(crate) fn behind<T>(dev: &NetDevice) -> *mut T {
    // SAFETY: The device is alive, and its private data is part of the same allocation.
    unsafe { (&raw mut (*dev.as_ptr()).priv_).cast() }
}

#[inline]
pub(crate) fn private<D: Driver>(dev: &NetDevice) -> *mut Private<D> {
    behind(dev)
}

/// Returns the start of a device's private data; none if the device is not the driver's.
pub fn prefix<D: Driver>(dev: &NetDevice) -> Option<NonNull<D::Prefix>> {
    is_ours::<D>(dev).then(|| NonNull::new(behind(dev)))?
}

/// The device is one of the driver's.
pub fn is_ours<D: Driver>(dev: &NetDevice) -> bool {
    // The first member of the tables.
    let ops: *const c::net_device_ops = D::ANCHOR.tables.load(Ordering::Relaxed).cast();
    // SAFETY: A device has its operations as long as it lives.
    !ops.is_null() && ptr::eq(unsafe { (*dev.as_ptr()).netdev_ops }, ops)
}

/// The driver's data of a device; none if the device is not the driver's, or is not registered yet.
#[inline]
pub fn driver_of<D: Driver>(dev: &NetDevice) -> Option<&D> {
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

/// Runs `f` with the driver, the device and RTNL.
///
/// # Safety
///
/// `dev` is a live device of ours, and RTNL is held.
pub(crate) unsafe fn under_rtnl<D: Driver, R>(
    dev: *mut c::net_device,
    f: impl FnOnce(&D, &NetDevice, &Rtnl) -> Result<R>,
) -> Result<R> {
    // SAFETY: The caller's promise.
    let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
    match driver_of::<D>(dev) {
        Some(driver) => f(driver, dev, rtnl),
        None => Err(ENODEV),
    }
}

impl NetDevice {
    /// It is a device of the driver `D`.
    pub fn is_of<D: Driver>(&self) -> bool {
        is_ours::<D>(self)
    }
}
