// SPDX-License-Identifier: GPL-2.0

//! Work that runs later, in a process of its own.
//!
//! C header: `include/linux/workqueue.h`.

use core::sync::atomic::{AtomicPtr, Ordering};

use cbindings as c;
use wire::time::Span;

use crate::{
    claim::{Claim, Claimed},
    device::NetDevice,
    prelude::*,
};

/// The workqueue of the whole module.
static QUEUE: AtomicPtr<c::workqueue_struct> = AtomicPtr::new(core::ptr::null_mut());

/// The work of whoever waits for RTNL: see [`crate::rtnl_work`].
static WORKER: AtomicPtr<c::work_struct> = AtomicPtr::new(core::ptr::null_mut());

/// There is a [`Queue`].
static MADE: Claimed = Claimed::new();

/// The module's workqueue, there until this is dropped.
pub struct Queue {
    worker: *mut c::work_struct,
    _claim: Claim,
}

// SAFETY: The pointer is only used to free the work, by whoever drops the queue.
unsafe impl Send for Queue {}
// SAFETY: As above.
unsafe impl Sync for Queue {}

impl Queue {
    /// Makes the workqueue. `EBUSY` if the module has it.
    pub fn new() -> Result<Self> {
        let _claim = MADE.claim()?;
        let worker = KBox::into_raw(KBox::new(c::work_struct::default(), GFP_KERNEL)?);
        let this = Queue { worker, _claim };
        // SAFETY: The work has its final address, and the name is a C string.
        let wq = unsafe {
            c::rb_work_init(worker, Some(run_worker));
            c::rb_workqueue_alloc()
        };
        if wq.is_null() {
            return Err(ENOMEM);
        }
        WORKER.store(worker, Ordering::Release);
        QUEUE.store(wq, Ordering::Release);
        Ok(this)
    }
}

/// The one that waits for RTNL.
pub(crate) struct Worker(());

impl Worker {
    /// Has it look at what was asked for.
    pub(crate) fn wake() {
        let (wq, worker) = (
            QUEUE.load(Ordering::Acquire),
            WORKER.load(Ordering::Acquire),
        );
        if !wq.is_null() && !worker.is_null() {
            // SAFETY: Both are there until the last device is gone.
            unsafe { c::rb_work_queue(wq, worker) };
        }
    }
}

/// # Safety
///
/// Called by the workqueue.
unsafe extern "C" fn run_worker(_work: *mut c::work_struct) {
    crate::rtnl_work::run_pending();
}

impl Drop for Queue {
    fn drop(&mut self) {
        let wq = QUEUE.swap(core::ptr::null_mut(), Ordering::AcqRel);
        if !wq.is_null() {
            // SAFETY: The queue is ours; all work is disabled before the module gets here, and the
            // worker ends for want of devices that could ask.
            unsafe { c::destroy_workqueue(wq) };
        }
        WORKER.store(core::ptr::null_mut(), Ordering::Release);
        // SAFETY: The work came from a box, and the queue that ran it is gone.
        drop(unsafe { KBox::from_raw(self.worker) });
    }
}

#[repr(C)]
struct Inner {
    /// First, so that the callback finds the rest.
    work: c::delayed_work,
    dev: *mut c::net_device,
    run: fn(&NetDevice),
}

/// A function to be run for a device, some time later, once however often it is asked for.
///
/// # Invariants
///
/// The work is initialised and does not move; `dev` outlives it.
pub struct Work(*mut Inner);

// SAFETY: The pointer is handed to functions of the workqueue, which may be called from anywhere.
unsafe impl Send for Work {}
// SAFETY: As above.
unsafe impl Sync for Work {}

impl Work {
    /// Work for `dev`, to be kept in its private data.
    ///
    /// # Safety
    ///
    /// The device lives until the `Work` is dropped.
    pub(crate) unsafe fn new(dev: &NetDevice, run: fn(&NetDevice)) -> Result<Self> {
        let inner = KBox::new(
            Inner {
                work: c::delayed_work::default(),
                dev: dev.as_ptr(),
                run,
            },
            GFP_KERNEL,
        )?;
        let inner = KBox::into_raw(inner);
        // SAFETY: The work has its final address.
        unsafe { c::rb_delayed_work_init(&raw mut (*inner).work, Some(run_work)) };
        Ok(Work(inner))
    }

    /// Runs the function `delay` from now, or from the last time this was said.
    pub fn queue(&self, delay: Span) {
        let wq = QUEUE.load(Ordering::Acquire);
        if wq.is_null() {
            return;
        }
        // SAFETY: Queue and work are alive.
        unsafe { c::rb_delayed_work_queue(wq, &raw mut (*self.0).work, delay.0) };
    }

    /// Takes it back; if it runs just now, waits for its end. It cannot be queued from then on.
    pub fn disable(&self) {
        // SAFETY: The work is alive. If its function waits for a lock that the caller holds, both wait for
        // ever, which lockdep reports.
        unsafe { c::disable_delayed_work_sync(&raw mut (*self.0).work) };
    }

    /// Takes it back; if it runs just now, waits for its end.
    pub fn cancel(&self) {
        // SAFETY: As in `disable`.
        unsafe { c::cancel_delayed_work_sync(&raw mut (*self.0).work) };
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        self.disable();
        // SAFETY: The memory came from a `KBox`, and nobody runs or queues the work any more.
        drop(unsafe { KBox::from_raw(self.0) });
    }
}

/// # Safety
///
/// `work` is the member of a live [`Inner`].
unsafe extern "C" fn run_work(work: *mut c::work_struct) {
    // SAFETY: `work` is the first member of `delayed_work`, and that of `Inner`.
    let inner = unsafe { &*work.cast::<Inner>() };
    // SAFETY: The device outlives the work.
    (inner.run)(unsafe { NetDevice::from_raw(inner.dev) });
}
