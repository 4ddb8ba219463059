// SPDX-License-Identifier: GPL-2.0

//! The RTNL mutex as a token, and data that only its holder may touch.
//!
//! C header: `include/linux/rtnetlink.h`.

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    ptr::NonNull,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::prelude::*;
use cbindings as c;
use kernel::sync::Arc;
use wire::duplex::Duplex;

/// Proof that the RTNL mutex is held, for as long as the reference lives.
///
/// # Invariants
///
/// A `&Rtnl` exists only on a task that holds the mutex, and only while it does. The type is
/// neither `Send` nor `Sync`, so the reference does not leave that task.
pub struct Rtnl(PhantomData<*mut ()>);

impl Rtnl {
    /// Waits for the mutex.
    pub fn lock() -> RtnlGuard {
        // SAFETY: Takes no pointer. A caller that holds the mutex waits for ever, and one that may not sleep
        // is a bug; lockdep reports both.
        unsafe { c::rtnl_lock() };
        RtnlGuard(PhantomData)
    }

    /// Takes the mutex if it is free. Work and files use this: whoever holds the mutex may be
    /// waiting for that very work or file to end.
    pub fn try_lock() -> Option<RtnlGuard> {
        // SAFETY: May be called from any context that may take a mutex.
        let taken = unsafe { c::rtnl_trylock() } != 0;
        // Lazily: a guard that is made is a guard that unlocks.
        taken.then(|| RtnlGuard(PhantomData))
    }

    /// The token for a callback that the kernel runs under RTNL.
    ///
    /// # Safety
    ///
    /// The current task holds the mutex for all of `'a`.
    #[inline]
    pub unsafe fn assume<'a>() -> &'a Rtnl {
        // With CONFIG_PROVE_LOCKING, lockdep checks the caller's claim.
        #[cfg(CONFIG_PROVE_LOCKING)]
        // SAFETY: Callable from anywhere.
        unsafe {
            c::rb_must_hold_rtnl()
        };
        // SAFETY: A zero-sized type may be referenced anywhere; the caller keeps the invariant.
        unsafe { NonNull::<Rtnl>::dangling().as_ref() }
    }
}

/// The mutex, held until this is dropped.
pub struct RtnlGuard(PhantomData<*mut ()>);

impl core::ops::Deref for RtnlGuard {
    type Target = Rtnl;

    fn deref(&self) -> &Rtnl {
        // SAFETY: The guard holds the mutex as long as it is borrowed.
        unsafe { Rtnl::assume() }
    }
}

impl Drop for RtnlGuard {
    fn drop(&mut self) {
        // SAFETY: This task took the mutex when the guard was made, and the guard is not `Send`.
        unsafe { c::rtnl_unlock() };
    }
}

/// A value of which a copy is made without running code of whoever wrote its type.
///
/// # Safety
///
/// `clone()` copies octets or counts a reference: it cannot come back to the cell that holds the value.
pub unsafe trait Shareable: Clone {}

// SAFETY: Counts a reference.
unsafe impl<T> Shareable for Arc<T> {}
// SAFETY: As its content.
unsafe impl<T: Shareable> Shareable for Option<T> {}

/// A value that is read and written under RTNL only.
///
/// It is copied in and out, never lent: a call into the kernel may come back to us through a
/// notifier while a loan would still be alive. For the same reason no code of its type runs on what is in
/// the cell: not its `Clone`, nor its `PartialEq`, nor its `Drop`.
#[derive(Default)]
pub struct RtnlCell<T>(UnsafeCell<T>);

// SAFETY: Every access needs a `&Rtnl`, and so happens on the one task that holds the mutex.
unsafe impl<T: Send> Sync for RtnlCell<T> {}

impl<T> RtnlCell<T> {
    /// A cell holding `value`.
    pub const fn new(value: T) -> Self {
        RtnlCell(UnsafeCell::new(value))
    }

    /// A copy of the value, octet by octet.
    pub fn get(&self, _rtnl: &Rtnl) -> T
    where
        T: Copy,
    {
        // SAFETY: RTNL keeps other tasks out, and no reference into the cell outlives a method.
        unsafe { *self.0.get() }
    }

    /// Another reference on what the value refers to.
    pub fn share(&self, _rtnl: &Rtnl) -> T
    where
        T: Shareable,
    {
        // SAFETY: As in `get`; by the promise of `Shareable` cloning does not come back to the cell.
        unsafe { (*self.0.get()).clone() }
    }

    /// The value is that one.
    pub fn is(&self, rtnl: &Rtnl, value: &T) -> bool
    where
        T: Copy + PartialEq,
    {
        self.get(rtnl) == *value
    }

    /// Replaces the value and returns the old one.
    pub fn replace(&self, _rtnl: &Rtnl, value: T) -> T {
        // SAFETY: As in `get`; the old value is dropped by the caller, outside.
        unsafe { core::ptr::replace(self.0.get(), value) }
    }

    /// Replaces the value.
    pub fn set(&self, rtnl: &Rtnl, value: T) {
        drop(self.replace(rtnl, value));
    }
}

/// A value that fits a [`Shared`].
pub trait Word: Copy {
    /// The value as a number.
    fn to_word(self) -> u64;
    /// The value of a number that `to_word` has made.
    fn from_word(word: u64) -> Self;
}

macro_rules! words {
    ($($type:ty)*) => {
        $(impl Word for $type {
            fn to_word(self) -> u64 {
                self.into()
            }

            fn from_word(word: u64) -> Self {
                word as $type
            }
        })*
    };
}
words!(u16 u32);

impl Word for i32 {
    fn to_word(self) -> u64 {
        (self as u32).into()
    }

    fn from_word(word: u64) -> Self {
        word as u32 as i32
    }
}

impl Word for bool {
    fn to_word(self) -> u64 {
        self.into()
    }

    fn from_word(word: u64) -> Self {
        word != 0
    }
}

/// Speed in Mbit/s, if it is known, and duplex.
impl Word for (Option<u32>, Duplex) {
    fn to_word(self) -> u64 {
        let duplex = match self.1 {
            Duplex::Unknown => 0,
            Duplex::Half => 1,
            Duplex::Full => 2u64,
        };
        let known = u64::from(self.0.is_some());
        u64::from(self.0.unwrap_or(0)) | duplex << 32 | known << 40
    }

    fn from_word(word: u64) -> Self {
        let duplex = match word >> 32 & 0xff {
            1 => Duplex::Half,
            2 => Duplex::Full,
            _ => Duplex::Unknown,
        };
        ((word >> 40 != 0).then_some(word as u32), duplex)
    }
}

/// A value that is written under RTNL and read from anywhere.
pub struct Shared<T>(AtomicU64, PhantomData<T>);

impl<T: Word> Shared<T> {
    /// A cell holding `value`.
    pub fn new(value: T) -> Self {
        Shared(AtomicU64::new(value.to_word()), PhantomData)
    }

    /// The value, or for those without RTNL what it was a moment ago.
    pub fn get(&self) -> T {
        T::from_word(self.0.load(Ordering::Relaxed))
    }

    /// Replaces the value and returns the old one.
    pub fn replace(&self, _rtnl: &Rtnl, value: T) -> T {
        T::from_word(self.0.swap(value.to_word(), Ordering::Relaxed))
    }

    /// Replaces the value.
    pub fn set(&self, _rtnl: &Rtnl, value: T) {
        self.0.store(value.to_word(), Ordering::Relaxed);
    }
}

/// A list that is read and written under RTNL only. Like a [`RtnlCell`], it lends nothing: it is
/// walked by number, and may change while it is.
pub struct RtnlList<T>(UnsafeCell<KVec<T>>);

// SAFETY: Every access needs a `&Rtnl`, and so happens on the one task that holds the mutex.
unsafe impl<T: Send> Sync for RtnlList<T> {}

impl<T: Shareable> RtnlList<T> {
    /// A list with nothing on it.
    pub const fn new() -> Self {
        RtnlList(UnsafeCell::new(KVec::new()))
    }

    /// Returns the number of elements.
    pub fn len(&self, _rtnl: &Rtnl) -> usize {
        // SAFETY: As in `RtnlCell::get`.
        unsafe { &*self.0.get() }.len()
    }

    /// There is none.
    pub fn is_empty(&self, rtnl: &Rtnl) -> bool {
        self.len(rtnl) == 0
    }

    /// The one with that number.
    pub fn get(&self, _rtnl: &Rtnl, at: usize) -> Option<T> {
        // SAFETY: As in `RtnlCell::share`.
        unsafe { &*self.0.get() }.get(at).cloned()
    }

    /// All of them, in order.
    pub fn iter<'a>(&'a self, rtnl: &'a Rtnl) -> impl Iterator<Item = T> + 'a {
        (0..usize::MAX).map_while(move |at| self.get(rtnl, at))
    }

    /// Adds one at the end.
    pub fn push(&self, _rtnl: &Rtnl, value: T) -> Result {
        // SAFETY: As in `RtnlCell::get`.
        unsafe { (*self.0.get()).push(value, GFP_KERNEL)? };
        Ok(())
    }

    /// Takes one off.
    pub fn remove(&self, _rtnl: &Rtnl, at: usize) -> Option<T> {
        // SAFETY: As in `RtnlCell::get`.
        unsafe { (*self.0.get()).remove(at).ok() }
    }
}

impl<T: Shareable> Default for RtnlList<T> {
    fn default() -> Self {
        RtnlList::new()
    }
}
