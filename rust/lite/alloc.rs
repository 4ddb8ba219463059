// SPDX-License-Identifier: GPL-2.0

//! Memory of kmalloc(), by calls that can fail.

use core::{
    alloc::Layout,
    fmt,
    marker::PhantomData,
    mem::{ManuallyDrop, MaybeUninit},
    ops::{Deref, DerefMut},
    pin::Pin,
    ptr::{self, NonNull},
};

use crate::error::Error;

mod vec;

pub use vec::{IntoIter, KVec};

extern "C" {
    /// krealloc(): what is NULL is allocated, and what fails stays as it was.
    fn rb_lite_realloc(old: *mut u8, size: usize, flags: u32) -> *mut u8;
    /// kfree().
    fn rb_lite_free(at: *mut u8);
}

/// There is no memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AllocError;

/// Flags of an allocation: one of [`flags`], or several.
#[derive(Clone, Copy)]
pub struct Flags(u32);

impl core::ops::BitOr for Flags {
    type Output = Flags;

    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// Flags of an allocation. The bits are our own; `entry.c` has the kernel's for them.
pub mod flags {
    use super::Flags;

    /// The caller may sleep.
    pub const GFP_KERNEL: Flags = Flags(0);
    /// The caller must not sleep.
    pub const GFP_ATOMIC: Flags = Flags(1);
    /// The memory is all zeroes.
    pub const __GFP_ZERO: Flags = Flags(2);
}

/// Allocates what `layout` says, and moves what was at `old` there.
///
/// kmalloc() aligns by the largest power of two that divides the size; a size that is padded is a
/// multiple of the alignment, so that this is enough.
///
/// # Safety
///
/// `old` is null or from here, was not freed, and is not used any more if this succeeds.
unsafe fn resize(old: *mut u8, layout: Layout, flags: Flags) -> Result<NonNull<u8>, AllocError> {
    // SAFETY: The caller's promise.
    NonNull::new(unsafe { rb_lite_realloc(old, layout.pad_to_align().size(), flags.0) })
        .ok_or(AllocError)
}

/// Frees `size` bytes; those of no size were never allocated.
///
/// # Safety
///
/// `at` is from `resize`, unless `size` is 0, and is not used any more.
unsafe fn free<T: ?Sized>(at: NonNull<T>, size: usize) {
    if size != 0 {
        // SAFETY: The caller's promise.
        unsafe { rb_lite_free(at.as_ptr().cast()) };
    }
}

/// A value that is allocated. C may free it by kfree() once it is leaked.
///
/// # Invariants
///
/// The pointer is aligned and, unless the value is of no size, from `resize`. The value is valid, and
/// nobody else has it.
#[repr(transparent)]
pub struct KBox<T: ?Sized>(NonNull<T>, PhantomData<T>);

// SAFETY: The value is ours alone, so it goes where a value may go.
unsafe impl<T: ?Sized + Send> Send for KBox<T> {}
// SAFETY: A reference to the box gives a reference to the value and no more.
unsafe impl<T: ?Sized + Sync> Sync for KBox<T> {}

impl<T> KBox<T> {
    /// Allocates `value`.
    ///
    /// # Errors
    ///
    /// Without memory; the value is dropped then.
    #[inline]
    pub fn new(value: T, flags: Flags) -> Result<Self, AllocError> {
        Ok(KBox::write(Self::new_uninit(flags)?, value))
    }

    /// Allocates room for a value.
    ///
    /// # Errors
    ///
    /// Without memory.
    #[inline]
    pub fn new_uninit(flags: Flags) -> Result<KBox<MaybeUninit<T>>, AllocError> {
        let layout = Layout::new::<T>();
        let at = if layout.size() == 0 {
            NonNull::dangling()
        } else {
            // SAFETY: There is none before.
            unsafe { resize(ptr::null_mut(), layout, flags)? }.cast()
        };
        // INVARIANT: Just allocated; any bytes are valid.
        Ok(KBox(at, PhantomData))
    }

    /// The value, taken out of its box.
    pub fn into_inner(b: Self) -> T {
        let b = ManuallyDrop::new(b);
        // SAFETY: By the invariant; nobody looks at the box again, and its memory is freed without
        // what was in it.
        unsafe {
            let value = b.0.as_ptr().read();
            free(b.0, size_of::<T>());
            value
        }
    }
}

/// Allocates what is made in its place, and stays there.
pub trait InPlaceInit<T>: Sized {
    /// Allocates what `new_mutex!` made.
    ///
    /// # Errors
    ///
    /// Without memory.
    fn pin_init<E>(init: Result<T, E>, flags: Flags) -> Result<Pin<Self>, Error>
    where
        Error: From<E>;
}

impl<T> InPlaceInit<T> for KBox<T> {
    fn pin_init<E>(init: Result<T, E>, flags: Flags) -> Result<Pin<Self>, Error>
    where
        Error: From<E>,
    {
        let this = KBox::new(init?, flags)?;
        // SAFETY: The box does not move what is in it, and drops it in its place.
        Ok(unsafe { Pin::new_unchecked(this) })
    }
}

impl<T> KBox<MaybeUninit<T>> {
    /// Fills the room with `value`.
    #[inline]
    pub fn write(mut b: Self, value: T) -> KBox<T> {
        (*b).write(value);
        // SAFETY: Just written.
        unsafe { b.assume_init() }
    }

    /// Takes what is in the room as a value.
    ///
    /// # Safety
    ///
    /// It is one.
    #[inline]
    pub unsafe fn assume_init(self) -> KBox<T> {
        let b = ManuallyDrop::new(self);
        // INVARIANT: The caller's promise.
        KBox(b.0.cast(), PhantomData)
    }
}

impl<T: ?Sized> KBox<T> {
    /// The box that was `at` before.
    ///
    /// # Safety
    ///
    /// `at` is from `into_raw` or `leak`, and this is the only box made of it.
    #[inline]
    pub unsafe fn from_raw(at: *mut T) -> Self {
        // SAFETY: The caller's promise.
        KBox(unsafe { NonNull::new_unchecked(at) }, PhantomData)
    }

    /// Gives the value up, to whoever makes a box of it again.
    #[inline]
    pub fn into_raw(b: Self) -> *mut T {
        ManuallyDrop::new(b).0.as_ptr()
    }

    /// Gives the value up for good.
    #[inline]
    pub fn leak<'a>(b: Self) -> &'a mut T {
        // SAFETY: By the invariant it is valid and nobody else's; nothing drops it.
        unsafe { &mut *KBox::into_raw(b) }
    }
}

impl<T: ?Sized> Deref for KBox<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: By the invariant.
        unsafe { self.0.as_ref() }
    }
}

impl<T: ?Sized> DerefMut for KBox<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the invariant.
        unsafe { self.0.as_mut() }
    }
}

impl<T: ?Sized> Drop for KBox<T> {
    #[inline]
    fn drop(&mut self) {
        let size = size_of_val(&**self);
        // SAFETY: By the invariant the value is ours to drop, and so is its memory.
        unsafe {
            ptr::drop_in_place(self.0.as_ptr());
            free(self.0, size);
        }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for KBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
