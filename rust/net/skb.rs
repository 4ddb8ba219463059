// SPDX-License-Identifier: GPL-2.0

//! Packets.

use core::{marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

use cbindings as c;

use crate::{device::NetDevice, rcu::RcuBh};

/// A packet that is ours to send or to drop.
///
/// # Invariants
///
/// The pointer is a live `sk_buff` that nobody else will free.
pub struct Skb(NonNull<c::sk_buff>);

impl Skb {
    /// # Safety
    ///
    /// The caller owns the packet and gives it away.
    #[inline]
    pub(crate) unsafe fn from_raw(skb: NonNull<c::sk_buff>) -> Self {
        Skb(skb)
    }

    /// Sends the packet through `via`, a lower device of the one it was given to.
    #[inline]
    pub fn send_via(self, via: &NetDevice, _rcu: &RcuBh) {
        let skb = ManuallyDrop::new(self);
        // SAFETY: The packet is ours and is given away here; `via` is alive.
        unsafe { c::rb_xmit_via(skb.0.as_ptr(), via.as_ptr()) };
    }

    /// A second packet with the same data, or nothing if there is no memory.
    pub fn try_clone(&self) -> Option<Skb> {
        // SAFETY: The packet is alive; the clone is ours.
        NonNull::new(unsafe { c::rb_skb_clone(self.0.as_ptr()) }).map(Skb)
    }
}

impl Drop for Skb {
    fn drop(&mut self) {
        // SAFETY: The packet is ours.
        unsafe {
            c::sk_skb_reason_drop(
                core::ptr::null_mut(),
                self.0.as_ptr(),
                c::skb_drop_reason_SKB_DROP_REASON_NOT_SPECIFIED,
            )
        };
    }
}

/// A received packet on its way up.
///
/// # Invariants
///
/// The pointer is a live packet that is not shared, with its MAC header in place.
pub struct RxSkb<'a>(NonNull<c::sk_buff>, PhantomData<&'a ()>);

impl RxSkb<'_> {
    /// # Safety
    ///
    /// The invariant holds for the lifetime.
    #[inline]
    pub(crate) unsafe fn from_raw(skb: NonNull<c::sk_buff>) -> Self {
        RxSkb(skb, PhantomData)
    }

    /// 01:80:c2:00:00:0x, which no bridge forwards.
    #[inline]
    pub fn is_link_local(&self) -> bool {
        // SAFETY: The MAC header is in place, so six bytes can be read there.
        let dest = unsafe { &*c::rb_eth_dest(self.0.as_ptr()).cast::<[u8; 6]>() };
        matches!(dest, [0x01, 0x80, 0xc2, 0, 0, x] if *x < 0x10)
    }

    /// Makes `dev` the device that the packet came in on.
    #[inline]
    pub(crate) fn set_dev(&mut self, dev: *mut c::net_device) {
        // SAFETY: The packet is ours to change; the union holds a device while a packet is in
        // the network stack.
        unsafe {
            (*self.0.as_ptr())
                .__bindgen_anon_1
                .__bindgen_anon_1
                .__bindgen_anon_1
                .dev = dev;
        }
    }
}
