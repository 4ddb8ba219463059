// SPDX-License-Identifier: GPL-2.0

//! A spinlock that softirqs may take too.
//!
//! C header: `include/linux/spinlock.h`.

use core::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};

use crate::prelude::*;
use cbindings as c;
use kernel::str::CStr;

/// A lock class for lockdep; one static for each kind of lock.
pub struct LockClass(UnsafeCell<c::lock_class_key>);

// SAFETY: Only lockdep looks inside, under its own lock.
unsafe impl Sync for LockClass {}

impl LockClass {
    /// A class that lockdep has not seen yet.
    pub const fn new() -> Self {
        // SAFETY: All zeroes is how C code has the key in its data section.
        LockClass(UnsafeCell::new(unsafe { core::mem::zeroed() }))
    }
}

impl Default for LockClass {
    fn default() -> Self {
        LockClass::new()
    }
}

struct Inner<T> {
    lock: UnsafeCell<c::spinlock_t>,
    value: UnsafeCell<T>,
}

/// A value behind a spinlock taken with softirqs off. On the heap, since a lock cannot move.
pub struct SpinLockBh<T>(KBox<Inner<T>>);

// SAFETY: The lock lets one CPU in at a time.
unsafe impl<T: Send> Sync for SpinLockBh<T> {}
// SAFETY: As above.
unsafe impl<T: Send> Send for SpinLockBh<T> {}

impl<T> SpinLockBh<T> {
    /// A lock around `value`.
    pub fn new(value: T, name: &'static CStr, class: &'static LockClass) -> Result<Self> {
        let inner = KBox::new(
            Inner {
                lock: UnsafeCell::new(c::spinlock_t::default()),
                value: UnsafeCell::new(value),
            },
            GFP_KERNEL,
        )?;
        // SAFETY: The lock has its final address, and name and class are static.
        unsafe { c::rb_spin_lock_init(inner.lock.get(), name.as_char_ptr(), class.0.get()) };
        Ok(SpinLockBh(inner))
    }

    /// Waits for the lock. Not to be nested with another of its class.
    pub fn lock(&self) -> SpinGuard<'_, T> {
        // SAFETY: The lock was initialised in `new`.
        unsafe { c::rb_spin_lock_bh(self.0.lock.get()) };
        SpinGuard(&self.0)
    }

    /// Waits for the lock of a device that may sit on others of its kind; `depth` is how many
    /// levels are below it.
    pub fn lock_nested(&self, depth: u32) -> SpinGuard<'_, T> {
        // SAFETY: The lock was initialised in `new`.
        unsafe { c::rb_spin_lock_bh_nested(self.0.lock.get(), depth as i32) };
        SpinGuard(&self.0)
    }
}

/// The lock, held until this is dropped.
pub struct SpinGuard<'a, T>(&'a Inner<T>);

impl<T> Deref for SpinGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: The lock is held.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for SpinGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: The lock is held, and the guard is borrowed mutably.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for SpinGuard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: The guard was made by taking the lock on this CPU.
        unsafe { c::rb_spin_unlock_bh(self.0.lock.get()) };
    }
}
