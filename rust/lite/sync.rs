// SPDX-License-Identifier: GPL-2.0

//! Values that several threads share.

use core::{
    cell::UnsafeCell,
    ffi::c_void,
    fmt,
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ops::{Deref, DerefMut},
    ptr::NonNull,
    sync::atomic::{fence, AtomicU32, AtomicUsize, Ordering::*},
};

use crate::alloc::{AllocError, Flags, KBox};

extern "C" {
    fn rb_lite_mutex_new() -> *mut c_void;
    fn rb_lite_mutex_free(mutex: *mut c_void);
    fn rb_lite_mutex_lock(mutex: *mut c_void);
    fn rb_lite_mutex_unlock(mutex: *mut c_void);
}

// C's layout, which is the same for `T` and for room for a `T`.
#[repr(C)]
struct Counted<T: ?Sized> {
    count: AtomicUsize,
    value: T,
}

/// A reference that is counted; the value is dropped with the last one.
///
/// # Invariants
///
/// The pointer is from a `KBox`. It stays alive until the count is 0, and the count is the number
/// of `Arc`s that hold the pointer.
pub struct Arc<T: ?Sized>(NonNull<Counted<T>>, PhantomData<Counted<T>>);

// SAFETY: Whoever has one can read the value (`Sync`), and may be the one who drops it (`Send`).
unsafe impl<T: ?Sized + Sync + Send> Send for Arc<T> {}
// SAFETY: A reference to one is as good as one, for it can be cloned.
unsafe impl<T: ?Sized + Sync + Send> Sync for Arc<T> {}

impl<T> Arc<T> {
    /// Allocates the first one.
    ///
    /// # Errors
    ///
    /// Without memory.
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        let counted = Counted {
            count: AtomicUsize::new(1),
            value,
        };
        let counted = KBox::leak(KBox::new(counted, flags)?);
        // INVARIANT: Of a box, and one is what there is.
        Ok(Arc(NonNull::from(counted), PhantomData))
    }
}

impl<T: ?Sized> Arc<T> {
    /// Both are of the same value.
    #[inline]
    pub fn ptr_eq(a: &Self, b: &Self) -> bool {
        core::ptr::addr_eq(a.0.as_ptr(), b.0.as_ptr())
    }

    #[inline]
    fn counted(&self) -> &Counted<T> {
        // SAFETY: By the invariant, for we are one.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized> Clone for Arc<T> {
    #[inline]
    fn clone(&self) -> Self {
        // Not enough to run over before all of those that are at it have stopped here.
        let before = self.counted().count.fetch_add(1, Relaxed);
        assert!(before < usize::MAX / 2, "too many references");
        // INVARIANT: One more, and counted.
        Arc(self.0, PhantomData)
    }
}

impl<T: ?Sized> Deref for Arc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T: ?Sized> Drop for Arc<T> {
    #[inline]
    fn drop(&mut self) {
        if self.counted().count.fetch_sub(1, Release) == 1 {
            // What the others did to the value was done before.
            fence(Acquire);
            // SAFETY: By the invariant it is from a box, and nobody else is left.
            drop(unsafe { KBox::from_raw(self.0.as_ptr()) });
        }
    }
}

impl<T> From<UniqueArc<T>> for Arc<T> {
    #[inline]
    fn from(only: UniqueArc<T>) -> Self {
        only.0
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Arc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// An [`Arc`] that is the only one of its value, which can be changed for that reason.
///
/// # Invariants
///
/// The count is 1.
pub struct UniqueArc<T>(Arc<T>);

impl<T> UniqueArc<T> {
    /// Allocates one.
    ///
    /// # Errors
    ///
    /// Without memory.
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(UniqueArc::<T>::new_uninit(flags)?.write(value))
    }

    /// Allocates one with room for a value.
    ///
    /// # Errors
    ///
    /// Without memory.
    #[inline]
    pub fn new_uninit(flags: Flags) -> Result<UniqueArc<MaybeUninit<T>>, AllocError> {
        let room = KBox::leak(KBox::<Counted<MaybeUninit<T>>>::new_uninit(flags)?).as_mut_ptr();
        // SAFETY: There is room for the count, too; what is left out need not be written.
        unsafe { (&raw mut (*room).count).write(AtomicUsize::new(1)) };
        // SAFETY: It is from a box.
        let room = unsafe { NonNull::new_unchecked(room) };
        // INVARIANT: Of a box, and one is what there is.
        Ok(UniqueArc(Arc(room, PhantomData)))
    }
}

impl<T> UniqueArc<MaybeUninit<T>> {
    /// Fills the room with `value`.
    #[inline]
    pub fn write(mut self, value: T) -> UniqueArc<T> {
        (*self).write(value);
        let this = ManuallyDrop::new(self);
        // INVARIANT: The same allocation, whose value is valid now.
        UniqueArc(Arc(this.0 .0.cast(), PhantomData))
    }
}

impl<T> Deref for UniqueArc<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for UniqueArc<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the invariant nobody else has the value.
        unsafe { &mut (*self.0 .0.as_ptr()).value }
    }
}

const EMPTY: u32 = 0;
const WRITING: u32 = 1;
const WRITTEN: u32 = 2;

/// A place that is written once and read by all.
///
/// # Invariants
///
/// `value` is valid, and no longer written, once `state` is `WRITTEN`, which it then stays. Only who
/// turned `EMPTY` into `WRITING` writes it.
pub struct SetOnce<T> {
    state: AtomicU32,
    value: UnsafeCell<MaybeUninit<T>>,
}

// SAFETY: By the invariant all who have a reference only read the value (`Sync`); one of them has
// brought it, and another may drop it (`Send`).
unsafe impl<T: Send + Sync> Sync for SetOnce<T> {}

impl<T> SetOnce<T> {
    /// An empty one.
    pub const fn new() -> Self {
        SetOnce {
            state: AtomicU32::new(EMPTY),
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// The value, if it is written.
    #[inline]
    pub fn as_ref(&self) -> Option<&T> {
        if self.state.load(Acquire) != WRITTEN {
            return None;
        }
        // SAFETY: By the invariant.
        let value = unsafe { &*self.value.get() };
        // SAFETY: By the invariant.
        Some(unsafe { value.assume_init_ref() })
    }

    /// Writes the value; false, and it is dropped, if another was written before.
    pub fn populate(&self, value: T) -> bool {
        if self
            .state
            .compare_exchange(EMPTY, WRITING, Relaxed, Relaxed)
            .is_err()
        {
            return false;
        }
        // SAFETY: By the invariant we alone write, and nobody reads yet.
        let place = unsafe { &mut *self.value.get() };
        place.write(value);
        self.state.store(WRITTEN, Release);
        true
    }

    /// A copy of the value, if it is written.
    #[inline]
    pub fn copy(&self) -> Option<T>
    where
        T: Copy,
    {
        self.as_ref().copied()
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for SetOnce<T> {
    fn drop(&mut self) {
        if *self.state.get_mut() == WRITTEN {
            // SAFETY: By the invariant it is valid, and nobody has a reference any more.
            unsafe { self.value.get_mut().assume_init_drop() };
        }
    }
}

/// A value that one thread at a time has, by a `struct mutex`.
///
/// # Invariants
///
/// `raw` is from `rb_lite_mutex_new()` and lives as long as this.
pub struct Mutex<T> {
    raw: NonNull<c_void>,
    value: UnsafeCell<T>,
}

// SAFETY: A thread gets the value by the lock, one after the other (`Send`).
unsafe impl<T: Send> Sync for Mutex<T> {}
// SAFETY: The lock itself can be anybody's.
unsafe impl<T: Send> Send for Mutex<T> {}

impl<T> Mutex<T> {
    /// For `new_mutex!`: one that nobody has locked.
    ///
    /// # Errors
    ///
    /// Without memory.
    #[doc(hidden)]
    pub fn make(value: T) -> Result<Self, AllocError> {
        // SAFETY: Asks for memory, in process context as all that makes a mutex.
        let raw = NonNull::new(unsafe { rb_lite_mutex_new() }).ok_or(AllocError)?;
        Ok(Mutex {
            raw,
            value: UnsafeCell::new(value),
        })
    }

    /// Waits for the lock. In process context.
    pub fn lock(&self) -> Guard<'_, T> {
        // SAFETY: By the invariant it is a mutex that lives.
        unsafe { rb_lite_mutex_lock(self.raw.as_ptr()) };
        // INVARIANT: Just locked.
        Guard(self, PhantomData)
    }
}

impl<T> Drop for Mutex<T> {
    fn drop(&mut self) {
        // SAFETY: By the invariant; a guard would hold a reference, so it is not locked.
        unsafe { rb_lite_mutex_free(self.raw.as_ptr()) };
    }
}

/// The lock of a [`Mutex`], given back when it is dropped, by the thread that took it.
///
/// # Invariants
///
/// The mutex is locked by us.
pub struct Guard<'a, T>(&'a Mutex<T>, PhantomData<*mut ()>);

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the invariant nobody else has the value.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the invariant nobody else has the value.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: By the invariant.
        unsafe { rb_lite_mutex_unlock(self.0.raw.as_ptr()) };
    }
}

/// Makes a [`Mutex`], for `KBox::pin_init`.
#[macro_export]
macro_rules! new_mutex {
    ($value:expr $(, $name:literal)?) => {
        $crate::sync::Mutex::make($value)
    };
}
