// SPDX-License-Identifier: GPL-2.0

//! RCU: read-side tokens, and a slot whose content is replaced whole.

use core::{
    marker::PhantomData,
    ptr::{self, NonNull},
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;

use crate::{prelude::*, rtnl::Rtnl};

/// Proof of an RCU read-side section on this CPU.
///
/// # Invariants
///
/// A `&RcuBh` lives no longer than the section; it does not leave the context that made it.
pub struct RcuBh(PhantomData<*mut ()>);

impl RcuBh {
    /// The token for a callback that the kernel runs in a read-side section.
    ///
    /// # Safety
    ///
    /// The section lasts for all of `'a`.
    #[inline]
    pub(crate) unsafe fn assume<'a>() -> &'a RcuBh {
        // A promise that is not kept is told of where the kernel can tell.
        #[cfg(CONFIG_PROVE_LOCKING)]
        // SAFETY: Callable from anywhere.
        unsafe {
            c::rb_must_read_rcu()
        };
        // SAFETY: A zero-sized type may be referenced anywhere; the caller keeps the invariant.
        unsafe { NonNull::<RcuBh>::dangling().as_ref() }
    }

    /// Runs `f` in a read-side section.
    pub fn read<R>(f: impl FnOnce(&RcuBh) -> R) -> R {
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
        f(unsafe { RcuBh::assume() })
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

/// A pointer that readers follow without a lock and a writer replaces under RTNL. What it
/// pointed to before is dropped after a grace period.
///
/// # Invariants
///
/// The pointer is null or comes from `KBox::into_raw` of a node that nobody else owns.
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

    /// What the slot holds, for as long as the read-side section lasts.
    #[inline]
    pub fn read<'a>(&self, _rcu: &'a RcuBh) -> Option<&'a T> {
        // Dependent loads are ordered on every architecture the kernel has Rust for.
        let node = self.0.load(Ordering::Relaxed);
        // SAFETY: A non-null pointer is a live node; a writer that replaces it waits for `'a`.
        unsafe { node.as_ref() }.map(|n| &n.value)
    }

    /// A copy of what the slot holds, for the one who may also write it.
    pub fn get(&self, _rtnl: &Rtnl) -> Option<T>
    where
        T: Clone,
    {
        let node = self.0.load(Ordering::Relaxed);
        // SAFETY: Only a holder of RTNL replaces the node, and that is us.
        unsafe { node.as_ref() }.map(|n| n.value.clone())
    }

    /// Replaces what the slot holds.
    pub fn publish(&self, _rtnl: &Rtnl, value: Option<RcuBox<T>>) {
        let new = value.map_or(ptr::null_mut(), |b| KBox::into_raw(b.0));
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
        let node = *self.0.get_mut();
        if !node.is_null() {
            // SAFETY: The slot is owned, so nobody reads it; by the invariant the node is ours.
            drop(unsafe { KBox::from_raw(node) });
        }
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
    pub fn read<'a>(&self, _rcu: &'a RcuBh) -> &'a T {
        let node = self.0 .0.load(Ordering::Relaxed);
        // SAFETY: As in `RcuSlot::read`; the pointer is never null.
        unsafe { &(*node).value }
    }

    /// A copy of the value, for the one who may also write it.
    pub fn get(&self, _rtnl: &Rtnl) -> T
    where
        T: Clone,
    {
        let node = self.0 .0.load(Ordering::Relaxed);
        // SAFETY: As in `RcuSlot::get`; the pointer is never null.
        unsafe { (*node).value.clone() }
    }

    /// Replaces the value, and returns the old one.
    pub fn replace(&self, rtnl: &Rtnl, value: RcuBox<T>) -> T
    where
        T: Clone,
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

/// Waits until all replaced values have been dropped. Needed before the module's code goes.
pub fn barrier() {
    // SAFETY: Called from process context, without a read-side section.
    unsafe { c::rcu_barrier() };
}

/// Waits for all packets in flight to be done.
pub fn synchronize_net() {
    // SAFETY: Called from process context, without a read-side section.
    unsafe { c::synchronize_net() };
}
