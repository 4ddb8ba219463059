// SPDX-License-Identifier: GPL-2.0

//! A list of values that grows.

use core::{
    alloc::Layout,
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
};

use super::{free, resize, AllocError, Flags};

/// A list of values that grows.
///
/// # Invariants
///
/// `at` is aligned and, unless the values are of no size or `room` is 0, from `resize` with room for
/// `room` values. The first `len` of them are valid, and nobody else has them; `len` is not more than
/// `room`.
pub struct KVec<T> {
    at: NonNull<T>,
    room: usize,
    len: usize,
    owns: PhantomData<T>,
}

// SAFETY: The values are ours alone, so they go where values may go.
unsafe impl<T: Send> Send for KVec<T> {}
// SAFETY: A reference to the list gives references to the values and no more.
unsafe impl<T: Sync> Sync for KVec<T> {}

impl<T> KVec<T> {
    /// An empty list, which needs no memory.
    #[inline]
    pub const fn new() -> Self {
        KVec {
            at: NonNull::dangling(),
            room: if size_of::<T>() == 0 { usize::MAX } else { 0 },
            len: 0,
            owns: PhantomData,
        }
    }

    /// An empty list with room for `room` values.
    ///
    /// # Errors
    ///
    /// Without memory.
    pub fn with_capacity(room: usize, flags: Flags) -> Result<Self, AllocError> {
        let mut list = Self::new();
        if room > 0 {
            list.reallocate(room, flags)?;
        }
        Ok(list)
    }

    /// A list of `n` copies of `value`.
    ///
    /// # Errors
    ///
    /// Without memory.
    pub fn from_elem(value: T, n: usize, flags: Flags) -> Result<Self, AllocError>
    where
        T: Clone,
    {
        let mut list = Self::with_capacity(n, flags)?;
        for _ in 0..n {
            list.push(value.clone(), flags)?;
        }
        Ok(list)
    }

    /// Makes room for `more` values beside those that there are.
    ///
    /// # Errors
    ///
    /// Without memory; the list is as it was then.
    pub fn reserve(&mut self, more: usize, flags: Flags) -> Result<(), AllocError> {
        if self.room - self.len >= more {
            return Ok(());
        }
        let least = self.len.checked_add(more).ok_or(AllocError)?;
        self.reallocate(least.max(self.room.saturating_mul(2)).max(4), flags)
    }

    /// Moves the list to where there is room for `room` values, not fewer than there are.
    fn reallocate(&mut self, room: usize, flags: Flags) -> Result<(), AllocError> {
        if size_of::<T>() == 0 {
            // There is room for as many as can be counted.
            return if room > self.room {
                Err(AllocError)
            } else {
                Ok(())
            };
        }
        let layout = Layout::array::<T>(room).map_err(|_| AllocError)?;
        let old = if self.room == 0 {
            ptr::null_mut()
        } else {
            self.at.as_ptr().cast()
        };
        // SAFETY: By the invariant it is null or ours.
        self.at = unsafe { resize(old, layout, flags)? }.cast();
        // INVARIANT: What was there was moved.
        self.room = room;
        Ok(())
    }

    /// Appends `value`.
    ///
    /// # Errors
    ///
    /// Without memory; the value is dropped then.
    #[inline]
    pub fn push(&mut self, value: T, flags: Flags) -> Result<(), AllocError> {
        self.reserve(1, flags)?;
        self.push_within_capacity(value).map_err(|_| AllocError)
    }

    /// Appends `value` if there is room.
    ///
    /// # Errors
    ///
    /// `value`, if there is none.
    #[inline]
    pub fn push_within_capacity(&mut self, value: T) -> Result<(), T> {
        if self.len == self.room {
            return Err(value);
        }
        // SAFETY: By the invariant there is room for one more.
        unsafe { self.at.as_ptr().add(self.len).write(value) };
        // INVARIANT: Just written.
        self.len += 1;
        Ok(())
    }

    /// Takes the last value out.
    #[inline]
    pub fn pop(&mut self) -> Option<T> {
        // INVARIANT: It is the list's no longer.
        self.len = self.len.checked_sub(1)?;
        // SAFETY: By the invariant, as it was before.
        Some(unsafe { self.at.as_ptr().add(self.len).read() })
    }

    /// Takes the value at `i` out; those behind it move up.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn remove(&mut self, i: usize) -> Result<T, AllocError> {
        let behind = self
            .len
            .checked_sub(i)
            .and_then(|n| n.checked_sub(1))
            .ok_or(AllocError)?;
        // SAFETY: By the invariant there are `i + 1 + behind` values.
        unsafe {
            let at = self.at.as_ptr().add(i);
            let value = at.read();
            ptr::copy(at.add(1), at, behind);
            // INVARIANT: The first `i + behind` are valid.
            self.len -= 1;
            Ok(value)
        }
    }

    /// Drops what is behind the first `len` values.
    pub fn truncate(&mut self, len: usize) {
        while self.len > len {
            drop(self.pop());
        }
    }

    /// Drops all values.
    pub fn clear(&mut self) {
        self.truncate(0);
    }

    /// Drops the values for which `keep` is false.
    pub fn retain(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        let mut kept = 0;
        for i in 0..self.len {
            if keep(&mut self[i]) {
                self.swap(i, kept);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Appends copies of all of `more`.
    ///
    /// # Errors
    ///
    /// Without memory; none is appended then.
    pub fn extend_from_slice(&mut self, more: &[T], flags: Flags) -> Result<(), AllocError>
    where
        T: Clone,
    {
        self.reserve(more.len(), flags)?;
        for value in more {
            self.push(value.clone(), flags)?;
        }
        Ok(())
    }

    /// Number of values that there is room for.
    #[inline]
    pub fn capacity(&self) -> usize {
        self.room
    }

    /// All values.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        self
    }

    /// All values, to be changed.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }
}

impl<T> Deref for KVec<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: By the invariant.
        unsafe { core::slice::from_raw_parts(self.at.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for KVec<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: By the invariant.
        unsafe { core::slice::from_raw_parts_mut(self.at.as_ptr(), self.len) }
    }
}

impl<T> Default for KVec<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for KVec<T> {
    fn drop(&mut self) {
        self.clear();
        // Values of no size have room without memory.
        let size = if self.room == 0 { 0 } else { size_of::<T>() };
        // SAFETY: By the invariant it is ours to free.
        unsafe { free(self.at, size) };
    }
}

impl<T: fmt::Debug> fmt::Debug for KVec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// The values of a list, taken out one by one from its beginning.
///
/// # Invariants
///
/// `list` counts none. Of the values that it had, those from `next` to `end` are still valid, and
/// they are ours.
pub struct IntoIter<T> {
    list: KVec<T>,
    next: usize,
    end: usize,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if self.next == self.end {
            return None;
        }
        let at = self.next;
        // INVARIANT: It is no longer ours.
        self.next += 1;
        // SAFETY: By the invariant it was valid and ours.
        Some(unsafe { self.list.at.as_ptr().add(at).read() })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end - self.next;
        (left, Some(left))
    }
}

impl<T> Drop for IntoIter<T> {
    fn drop(&mut self) {
        // The list frees its memory.
        for value in self {
            drop(value);
        }
    }
}

impl<T> IntoIterator for KVec<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(mut self) -> IntoIter<T> {
        // INVARIANT: They are the iterator's now.
        let end = core::mem::take(&mut self.len);
        IntoIter {
            list: self,
            next: 0,
            end,
        }
    }
}

impl<'a, T> IntoIterator for &'a KVec<T> {
    type Item = &'a T;
    type IntoIter = core::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut KVec<T> {
    type Item = &'a mut T;
    type IntoIter = core::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
