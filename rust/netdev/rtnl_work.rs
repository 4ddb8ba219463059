// SPDX-License-Identifier: GPL-2.0

//! Work under RTNL, asked for from any context.
//!
//! One worker for the whole module waits for the mutex and then does what all devices have asked
//! for, one after the other, the mutex anew for each. Nobody tries again and again, so that whoever
//! holds RTNL for long pays for nobody's waiting; and nobody who holds it ever waits for the worker,
//! so that the worker may wait for RTNL.
//!
//! C header: `include/linux/workqueue.h`.

use core::{
    ptr,
    sync::atomic::{AtomicBool, AtomicPtr, Ordering},
};

use cbindings as c;

use crate::{device::NetDevice, prelude::*, rtnl::Rtnl, work::Worker};

/// Work that was asked for and has not begun, the last first.
static PENDING: AtomicPtr<Node> = AtomicPtr::new(ptr::null_mut());

/// # Invariants
///
/// While `queued`, the node is on one list, and a reference on `dev` is held for it.
struct Node {
    next: AtomicPtr<Node>,
    queued: AtomicBool,
    dev: *mut c::net_device,
    run: fn(&NetDevice, &Rtnl),
}

/// A function to be run for a device under RTNL, once however often it was asked for until it
/// begins.
///
/// # Invariants
///
/// The node comes from a box, and `dev` outlives it.
pub struct RtnlWork(*mut Node);

// SAFETY: What is shared in a node is atomic.
unsafe impl Send for RtnlWork {}
// SAFETY: As above.
unsafe impl Sync for RtnlWork {}

impl RtnlWork {
    /// Work for `dev`, to be kept in its private data.
    ///
    /// # Safety
    ///
    /// The `RtnlWork` is dropped when no reference on the device is left, or before it was ever
    /// asked for.
    pub(crate) unsafe fn new(dev: &NetDevice, run: fn(&NetDevice, &Rtnl)) -> Result<Self> {
        let node = KBox::new(
            Node {
                next: AtomicPtr::new(ptr::null_mut()),
                queued: AtomicBool::new(false),
                dev: dev.as_ptr(),
                run,
            },
            GFP_KERNEL,
        )?;
        Ok(RtnlWork(KBox::into_raw(node)))
    }

    /// Asks for a run as soon as RTNL is free. What was written before is seen by it.
    ///
    /// # Context
    ///
    /// Any, with or without RTNL.
    pub fn ask(&self) {
        // SAFETY: By the invariant.
        let node = unsafe { &*self.0 };
        if node.queued.swap(true, Ordering::AcqRel) {
            return;
        }
        // SAFETY: The device is alive, for we are part of it.
        unsafe { c::rb_dev_hold_untracked(node.dev) };
        let mut first = PENDING.load(Ordering::Relaxed);
        loop {
            node.next.store(first, Ordering::Relaxed);
            match PENDING.compare_exchange_weak(first, self.0, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => break,
                Err(now) => first = now,
            }
        }
        Worker::wake();
    }
}

impl Drop for RtnlWork {
    fn drop(&mut self) {
        // SAFETY: The node came from a box. It is on no list: for as long as it is there is a
        // reference on the device.
        drop(unsafe { KBox::from_raw(self.0) });
    }
}

/// Runs all that was asked for.
pub(crate) fn run_pending() {
    let mut last = PENDING.swap(ptr::null_mut(), Ordering::Acquire);
    // Whoever asked first comes first.
    let mut first: *mut Node = ptr::null_mut();
    // SAFETY: A node on a list is alive, and nobody else writes `next` until it is off it.
    while let Some(node) = unsafe { last.as_ref() } {
        let next = node.next.swap(first, Ordering::Relaxed);
        first = last;
        last = next;
    }
    // SAFETY: As above.
    while let Some(node) = unsafe { first.as_ref() } {
        first = node.next.load(Ordering::Relaxed);
        let dev = node.dev;
        {
            let rtnl = Rtnl::lock();
            // From here on it may be asked for, and queued, again.
            node.queued.swap(false, Ordering::AcqRel);
            // SAFETY: The reference keeps the device.
            (node.run)(unsafe { NetDevice::from_raw(dev) }, &rtnl);
        }
        // The node may be gone with this.
        // SAFETY: `ask` took the reference.
        unsafe { c::rb_dev_put_untracked(dev) };
    }
}
