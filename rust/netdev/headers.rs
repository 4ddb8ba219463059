// SPDX-License-Identifier: GPL-2.0

//! Link headers for packets of a device that is not Ethernet: by the operations of a lower device,
//! which are called with that device.
//!
//! C header: `include/linux/netdevice.h`.

use core::ptr;

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::{driver_of, is_ours},
    device::NetDevice,
    offers::Offers,
    rcu::Rcu,
    upper::Upper,
};

/// A driver whose devices may have the link headers of a lower device.
pub trait Headers: Upper {
    /// The lower device whose link headers the device's packets have.
    ///
    /// # Context
    ///
    /// Does not sleep.
    fn header_lower<'a>(&self, rcu: &'a Rcu) -> Option<&'a NetDevice>;
}

impl<D: Headers> Offers<'_, D> {
    /// Its devices may have the link headers of a lower device.
    pub fn headers(&mut self) -> &mut Self {
        self.tables.headers.create = Some(create::<D>);
        self.tables.headers.parse = Some(parse::<D>);
        self
    }
}

/// Runs `f` with the device whose headers `dev` uses, and that device's operations; 0 without one.
/// The device is the lower one, or where that is one of ours the one below it, and so on: each of
/// our own operations is called by the stack only, never by us, so that nothing goes round in a
/// circle.
///
/// # Safety
///
/// `dev` is a live device.
unsafe fn with_headers<D: Headers>(
    dev: *const c::net_device,
    f: impl FnOnce(&c::header_ops, *mut c::net_device) -> ffi::c_int,
) -> ffi::c_int {
    Rcu::read(|rcu| {
        // SAFETY: The caller's promise.
        let mut dev = unsafe { NetDevice::from_raw(dev.cast_mut()) };
        // The kernel stacks no more devices than that.
        for _ in 0..=c::MAX_NEST_DEV {
            // Somebody else may have copied our table.
            if !is_ours::<D>(dev) {
                return 0;
            }
            let Some(lower) = driver_of::<D>(dev).and_then(|d| d.header_lower(rcu)) else {
                return 0;
            };
            // SAFETY: The lower device lives as long as the section; its operations are constant
            // tables.
            let ops =
                unsafe { ptr::read_volatile(&raw const (*lower.as_ptr()).header_ops).as_ref() };
            match ops {
                Some(ops) if ptr::eq(ops, D::ANCHOR.headers()) => dev = lower,
                Some(ops) => return f(ops, lower.as_ptr()),
                None => return 0,
            }
        }
        0
    })
}

/// # Safety
///
/// Called by the network stack with a packet to be given a header, for a live device of ours.
unsafe extern "C" fn create<D: Headers>(
    skb: *mut c::sk_buff,
    dev: *mut c::net_device,
    kind: ffi::c_ushort,
    to: *const ffi::c_void,
    from: *const ffi::c_void,
    len: ffi::c_uint,
) -> ffi::c_int {
    // SAFETY: The stack's promise; the lower device's function is given its own device.
    unsafe {
        with_headers::<D>(dev, |ops, lower| match ops.create {
            Some(create) => create(skb, lower, kind, to, from, len),
            None => 0,
        })
    }
}

/// # Safety
///
/// Called by the network stack with a received packet and room for an address.
unsafe extern "C" fn parse<D: Headers>(
    skb: *const c::sk_buff,
    dev: *const c::net_device,
    to: *mut ffi::c_uchar,
) -> ffi::c_int {
    // SAFETY: The stack's promise; the lower device's function is given its own device.
    unsafe {
        with_headers::<D>(dev, |ops, lower| match ops.parse {
            Some(parse) => parse(skb, lower, to),
            None => 0,
        })
    }
}
