// SPDX-License-Identifier: GPL-2.0

//! RCU: read-side tokens, and a slot whose content is replaced whole.
//!
//! C header: `include/linux/rcupdate.h`.

use core::{
    marker::PhantomData,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;

use crate::{
    prelude::*,
    rtnl::{Rtnl, Shareable},
};

/// Proof of an RCU read-side section, rcu_read_lock() and no more: softirqs may come in between. In
/// `ndo_start_xmit` and in the receive handler they are off besides.
///
/// # Invariants
///
/// A `&Rcu` lives no longer than the section. The type is neither `Send` nor `Sync`, so the reference does
/// not leave the context that opened it.
pub struct Rcu(PhantomData<*mut ()>);

impl Rcu {
    /// The token for a callback that the kernel runs in a read-side section.
    ///
    /// # Safety
    ///
    /// The section lasts for all of `'a`.
    #[inline]
    pub(crate) unsafe fn assume<'a>() -> &'a Rcu {
        // With CONFIG_PROVE_LOCKING, lockdep checks the caller's claim.
        #[cfg(CONFIG_PROVE_LOCKING)]
        // SAFETY: Callable from anywhere.
        unsafe {
            c::rb_must_read_rcu()
        };
        // SAFETY: A zero-sized type may be referenced anywhere; the caller keeps the invariant.
        unsafe { NonNull::<Rcu>::dangling().as_ref() }
    }

    /// Runs `f` in a read-side section, which must not sleep.
    pub fn read<R>(f: impl FnOnce(&Rcu) -> R) -> R {
        struct Section;
        impl Drop for Section {
            fn drop(&mut self) {
                // SAFETY: Pairs with the lock below.
                unsafe { c::rb_rcu_read_unlock() };
            }
        }
        // SAFETY: A read-side section may be opened anywhere; `Section` ends it.
        unsafe { c::rb_rcu_read_lock() };
        let _section = Section;
        // SAFETY: The section lasts until this function returns.
        f(unsafe { Rcu::assume() })
    }
}

/// Memory for one value of an [`RcuSlot`], taken before the value is published so that
/// publishing itself cannot fail.
#[repr(C)]
pub struct RcuNode<T> {
    /// First, so that the callback finds the node again.
    head: c::callback_head,
    value: T,
}

/// A value on the heap that can be handed to an [`RcuSlot`].
pub struct RcuBox<T>(KBox<RcuNode<T>>);

impl<T> RcuBox<T> {
    /// Puts `value` on the heap.
    pub fn new(value: T) -> Result<Self> {
        let node = RcuNode {
            head: c::callback_head::default(),
            value,
        };
        Ok(RcuBox(KBox::new(node, GFP_KERNEL)?))
    }

    /// The value, which nobody else sees yet.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.0.value
    }
}

/// A pointer that readers follow without a lock and a writer replaces under RTNL. A value that is replaced,
/// or whose slot is dropped, is dropped after a grace period.
///
/// # Invariants
///
/// The pointer is null or comes from `KBox::into_raw` of a node that only this slot owns. A node that is
/// taken out is given to call_rcu(), never freed at once: readers have it until their section ends.
pub struct RcuSlot<T>(AtomicPtr<RcuNode<T>>);

// SAFETY: Readers get `&T` on any CPU, and the last owner drops it on any CPU.
unsafe impl<T: Send + Sync> Sync for RcuSlot<T> {}
// SAFETY: As above.
unsafe impl<T: Send + Sync> Send for RcuSlot<T> {}

impl<T: Send + Sync + 'static> RcuSlot<T> {
    /// A slot with nothing in it.
    pub const fn empty() -> Self {
        RcuSlot(AtomicPtr::new(ptr::null_mut()))
    }

    /// Returns the value in the slot, for as long as the read-side section lasts.
    #[inline]
    pub fn read<'a>(&self, _rcu: &'a Rcu) -> Option<&'a T> {
        // Dependent loads are ordered on every architecture the kernel has Rust for.
        let node = self.0.load(Ordering::Relaxed);
        // SAFETY: By the invariant, a node that is found in a section is freed after it, and `'a` ends
        // with it, whatever becomes of the slot.
        unsafe { node.as_ref() }.map(|n| &n.value)
    }

    /// Replaces what the slot holds.
    pub fn publish(&self, _rtnl: &Rtnl, value: Option<RcuBox<T>>) {
        self.swap(value.map_or(ptr::null_mut(), |b| KBox::into_raw(b.0)));
    }
}

impl<T> RcuSlot<T> {
    /// Puts `new` in, which is null or a node from a box, and has the old node dropped in time.
    fn swap(&self, new: *mut RcuNode<T>) {
        // Release: the content is written before the pointer can be seen.
        let old = self.0.swap(new, Ordering::AcqRel);
        if !old.is_null() {
            // SAFETY: By the invariant the node is ours; nobody finds it any more, and `drop_node`
            // runs once all who found it are done. `head` is the first member.
            unsafe { c::call_rcu(old.cast(), Some(drop_node::<T>)) };
        }
    }
}

impl<T> Drop for RcuSlot<T> {
    fn drop(&mut self) {
        // Nobody finds the slot any more, but what it lent may still be read.
        self.swap(ptr::null_mut());
    }
}

/// As [`RcuSlot`], and never empty.
pub struct RcuCell<T: Send + Sync + 'static>(RcuSlot<T>);

impl<T: Send + Sync + 'static> RcuCell<T> {
    /// A cell holding `value`.
    pub fn new(value: RcuBox<T>) -> Self {
        RcuCell(RcuSlot(AtomicPtr::new(KBox::into_raw(value.0))))
    }

    /// The value, for as long as the read-side section lasts.
    #[inline]
    pub fn read<'a>(&self, _rcu: &'a Rcu) -> &'a T {
        let node = self.0 .0.load(Ordering::Relaxed);
        // SAFETY: As in `RcuSlot::read`; the pointer is never null.
        unsafe { &(*node).value }
    }

    /// A copy of the value, for the one who may also write it.
    pub fn get(&self, _rtnl: &Rtnl) -> T
    where
        T: Shareable,
    {
        let node = self.0 .0.load(Ordering::Relaxed);
        // SAFETY: Only a holder of RTNL replaces the node, and that is us: cloning a `Shareable` value does
        // not come back here. The pointer is never null.
        unsafe { (*node).value.clone() }
    }

    /// Replaces the value, and returns the old one.
    pub fn replace(&self, rtnl: &Rtnl, value: RcuBox<T>) -> T
    where
        T: Shareable,
    {
        let old = self.get(rtnl);
        self.0.publish(rtnl, Some(value));
        old
    }
}

/// # Safety
///
/// `head` is the first member of a node that nobody else owns.
unsafe extern "C" fn drop_node<T>(head: *mut c::callback_head) {
    // SAFETY: The caller's promise; the node came from a `KBox`.
    drop(unsafe { KBox::from_raw(head.cast::<RcuNode<T>>()) });
}

/// Waits until all replaced values have been dropped, and what they have dropped. Needed before the module's
/// code goes.
///
/// # Context
///
/// May sleep.
pub fn barrier() {
    // A value may have had a slot of its own.
    for _ in 0..2 {
        // SAFETY: Callable wherever one may sleep.
        unsafe { c::rcu_barrier() };
    }
}

/// Waits for all packets in flight to be done.
pub fn synchronize_net() {
    // SAFETY: Callable wherever one may sleep.
    unsafe { c::synchronize_net() };
}
