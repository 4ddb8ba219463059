// SPDX-License-Identifier: GPL-2.0

//! Packets.

use core::{marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

use cbindings as c;
use lag::{
    hash::{self, FlowKeys, Frame, Policy, HEAD_MAX},
    mac::Mac,
};

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

    /// The fields behind the part that a clone copies by itself.
    #[inline]
    fn headers(&self) -> &c::sk_buff__bindgen_ty_4__bindgen_ty_1 {
        // SAFETY: The packet is ours; the union's members are the same fields twice.
        unsafe {
            (*self.0.as_ptr())
                .__bindgen_anon_4
                .__bindgen_anon_1
                .as_ref()
        }
    }

    /// The EtherType, in host order.
    #[inline]
    pub fn protocol(&self) -> u16 {
        u16::from_be(self.headers().protocol)
    }

    /// The transmit queue that was chosen for it; 0 if none was.
    #[inline]
    pub fn queue(&self) -> u16 {
        // SAFETY: The packet is ours.
        unsafe { (*self.0.as_ptr()).queue_mapping }
    }

    /// The bytes that lie in a row, from the link header on.
    #[inline]
    pub fn head(&self) -> &[u8] {
        // SAFETY: The packet is ours, and so many bytes lie at `data`.
        unsafe {
            let skb = self.0.as_ref();
            core::slice::from_raw_parts(skb.data, (skb.len - skb.data_len) as usize)
        }
    }

    /// Where the network header starts, counted from the link header.
    #[inline]
    pub fn network(&self) -> usize {
        // SAFETY: The packet is ours; both pointers are into its buffer.
        unsafe {
            let skb = self.0.as_ref();
            let at = skb.head.wrapping_add(self.headers().network_header.into());
            (at as usize).wrapping_sub(skb.data as usize)
        }
    }

    /// Which flow the packet belongs to, under a policy.
    #[inline]
    pub fn hash(&self, policy: Policy) -> u32 {
        if policy == Policy::Encap34 {
            // SAFETY: The packet is ours.
            if unsafe { c::rb_skb_l4_hash(self.0.as_ptr()) } {
                return self.headers().hash;
            }
        }
        // SAFETY: The packet is ours; a tag is there or it is zero.
        let (len, vlan_tci) = unsafe {
            (
                self.0.as_ref().len,
                self.headers().__bindgen_anon_2.__bindgen_anon_1.vlan_tci,
            )
        };
        let frame = Frame {
            head: self.head(),
            len,
            protocol: self.protocol(),
            network: self.network(),
            vlan_tci,
        };
        match hash::hash(policy, &frame, || self.dissect()) {
            Ok(hash) => hash,
            Err(_) => self.hash_scattered(policy, &frame),
        }
    }

    /// As `hash`, for a packet whose headers do not lie in a row.
    #[cold]
    fn hash_scattered(&self, policy: Policy, frame: &Frame<'_>) -> u32 {
        let mut copy = [0u8; HEAD_MAX];
        let len = (frame.len as usize).min(HEAD_MAX);
        // SAFETY: The packet is ours, has `len` bytes, and there is room for them.
        let err =
            unsafe { c::skb_copy_bits(self.0.as_ptr(), 0, copy.as_mut_ptr().cast(), len as i32) };
        let head = copy.get(..len).unwrap_or(&[]);
        // Nothing lies behind the copy that a policy could ask for.
        let len = head.len() as u32;
        let frame = Frame {
            head,
            len,
            ..*frame
        };
        match hash::hash(policy, &frame, || self.dissect()) {
            Ok(hash) if err == 0 => hash,
            _ => 0,
        }
    }

    /// What the kernel's flow dissector makes of the packet.
    #[cold]
    fn dissect(&self) -> Option<FlowKeys> {
        let mut flow = c::rb_flow::default();
        // SAFETY: The packet is ours, and the structure is there to be written.
        let found = unsafe { c::rb_skb_dissect(self.0.as_ptr(), &mut flow) };
        found.then_some(FlowKeys {
            src: flow.src,
            dst: flow.dst,
            ports: flow.ports,
            icmp_type: flow.icmp_type,
            icmp_code: flow.icmp_code,
            icmp_id: flow.icmp_id,
        })
    }

    /// ARP, or an IPv6 neighbour solicitation or advertisement.
    pub fn is_neighbor_discovery(&self) -> bool {
        const ETH_P_ARP: u16 = 0x0806;
        const ETH_P_IPV6: u16 = 0x86dd;
        const ICMPV6: u8 = 58;
        const SOLICITATION: u8 = 135;
        const ADVERTISEMENT: u8 = 136;
        match self.protocol() {
            ETH_P_ARP => true,
            ETH_P_IPV6 => {
                // The next header is the seventh octet, the message type follows the header.
                let at = |offset| self.octet(self.network().wrapping_add(offset));
                at(6) == Some(ICMPV6) && matches!(at(40), Some(SOLICITATION | ADVERTISEMENT))
            }
            _ => false,
        }
    }

    /// One octet of the packet, wherever it lies.
    fn octet(&self, at: usize) -> Option<u8> {
        let mut octet = 0u8;
        let at = i32::try_from(at).ok()?;
        // SAFETY: The packet is ours; one octet is written.
        let err = unsafe { c::skb_copy_bits(self.0.as_ptr(), at, (&raw mut octet).cast(), 1) };
        (err == 0).then_some(octet)
    }

    /// A second packet with the same data, or nothing if there is no memory.
    pub fn try_clone(&self) -> Option<Skb> {
        // SAFETY: The packet is alive; the clone is ours.
        NonNull::new(unsafe { c::rb_skb_clone(self.0.as_ptr()) }).map(Skb)
    }
}

impl Drop for Skb {
    fn drop(&mut self) {
        // SAFETY: The packet is ours; the device it was given to counts the loss.
        unsafe { c::rb_tx_drop(self.0.as_ptr()) };
    }
}

/// Sends a frame of a control protocol, complete but for the FCS. False if there was no memory,
/// or the device did not take it.
pub fn send_control(via: &NetDevice, frame: &[u8]) -> bool {
    // SAFETY: The device is alive; the frame has its length.
    unsafe { c::rb_send_control(via.as_ptr(), frame.as_ptr().cast(), frame.len() as u32) }
}

/// Makes the flow dissector ready. Once a module, before packets flow.
pub fn prepare_dissector() {
    // SAFETY: Nobody dissects yet.
    unsafe { c::rb_dissector_init() };
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

    /// The EtherType, in host order.
    #[inline]
    pub fn protocol(&self) -> u16 {
        // SAFETY: The packet is live; the union's members are the same fields twice.
        let headers = unsafe {
            (*self.0.as_ptr())
                .__bindgen_anon_4
                .__bindgen_anon_1
                .as_ref()
        };
        u16::from_be(headers.protocol)
    }

    /// It was sent to another host, or is our own coming back: nothing is proved by it.
    pub fn is_foreign(&self) -> bool {
        // SAFETY: The packet is live.
        unsafe { c::rb_skb_is_foreign(self.0.as_ptr()) }
    }

    /// It was sent to this host, and to no group.
    pub fn is_to_host(&self) -> bool {
        // SAFETY: The packet is live.
        unsafe { c::rb_skb_is_to_host(self.0.as_ptr()) }
    }

    /// The address that it was sent from.
    pub fn source(&self) -> Mac {
        // SAFETY: The MAC header is in place: twelve bytes can be read there.
        Mac(unsafe { *c::rb_eth_dest(self.0.as_ptr()).add(6).cast::<[u8; 6]>() })
    }

    /// The address that it was sent to.
    pub fn destination(&self) -> Mac {
        // SAFETY: The MAC header is in place, so six bytes can be read there.
        Mac(unsafe { *c::rb_eth_dest(self.0.as_ptr()).cast::<[u8; 6]>() })
    }

    /// The start of what follows the MAC header, copied.
    pub fn copy_payload<'b>(&self, buf: &'b mut [u8]) -> &'b [u8] {
        // SAFETY: The packet is live and has `len` bytes from `data` on; there is room for as
        // many as are copied.
        let len = unsafe {
            let len = ((*self.0.as_ptr()).len as usize).min(buf.len());
            match c::skb_copy_bits(self.0.as_ptr(), 0, buf.as_mut_ptr().cast(), len as i32) {
                0 => len,
                _ => 0,
            }
        };
        buf.get(..len).unwrap_or(&[])
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
