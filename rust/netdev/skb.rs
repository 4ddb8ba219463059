// SPDX-License-Identifier: GPL-2.0

//! Packets.
//!
//! C header: `include/linux/skbuff.h`.

use core::{marker::PhantomData, mem::ManuallyDrop, ptr::NonNull};

use cbindings as c;
use wire::{arp, eth::Tag, flow::FlowKeys, mac::Mac};

use crate::{
    device::NetDevice,
    dissect::{self, Of},
    rcu::Rcu,
};

/// The result of transmitting a packet: `netdev_tx_t`. The packet is not ours any more.
#[must_use]
pub struct Sent(pub(crate) c::netdev_tx_t);

impl Sent {
    /// Nobody has more to say of it.
    pub const DONE: Sent = Sent(c::netdev_tx_NETDEV_TX_OK);

    /// The slave has taken it.
    pub fn is_fine(&self) -> bool {
        self.0 == c::netdev_tx_NETDEV_TX_OK
    }
}

/// The fields of a packet behind the part that a clone copies by itself.
type Headers = c::sk_buff__bindgen_ty_4__bindgen_ty_1;

/// Lends them.
///
/// # Safety
///
/// The packet lives as long as the pointer to it is lent.
#[inline]
unsafe fn headers(skb: &NonNull<c::sk_buff>) -> &Headers {
    // SAFETY: The caller's promise; the union's members are the same fields twice.
    unsafe { (*skb.as_ptr()).__bindgen_anon_4.__bindgen_anon_1.as_ref() }
}

/// A packet that is ours to send or to drop.
///
/// # Invariants
///
/// The pointer is a live `sk_buff` that nobody else will free.
pub struct Skb(pub(crate) NonNull<c::sk_buff>);

impl Skb {
    /// # Safety
    ///
    /// The caller owns the packet and gives it away.
    #[inline]
    pub(crate) unsafe fn from_raw(skb: NonNull<c::sk_buff>) -> Self {
        Skb(skb)
    }

    /// Sends the packet through `via`, a lower device of the one it was given to. Who gave it
    /// learns what `via` says, as if it had been given to that.
    #[inline]
    pub fn dev_queue_xmit(self, via: &NetDevice, _rcu: &Rcu) -> Sent {
        let skb = ManuallyDrop::new(self).0.as_ptr();
        // SAFETY: The packet is ours and is given away here; `via` is alive. From the choice of
        // a queue on, `cb` holds the `qdisc_skb_cb` into which `rb_select_queue` has put the
        // queue that was chosen before: the bond's own means nothing to a slave.
        unsafe {
            let cb = (&raw const (*skb).cb).byte_add(c::RB_CB_QUEUE as usize);
            (*skb).queue_mapping = cb.cast::<u16>().read();
            (*skb)
                .__bindgen_anon_1
                .__bindgen_anon_1
                .__bindgen_anon_1
                .dev = via.as_ptr();
            Sent(c::__dev_queue_xmit(skb, core::ptr::null_mut()))
        }
    }

    /// Drops the packet and counts it. As it goes when it is forgotten, but said as the last thing
    /// that a function does, it takes no room on the stack of those who send.
    #[cold]
    #[inline(never)]
    pub fn kfree_skb(self) -> Sent {
        drop(self);
        Sent::DONE
    }

    /// Frees the packet, which has arrived: no loss is counted.
    pub fn consume_skb(self) -> Sent {
        // SAFETY: The packet is ours.
        unsafe { c::consume_skb(self.into_raw()) };
        Sent::DONE
    }

    /// The packet, for who sends it in another way.
    pub(crate) fn into_raw(self) -> *mut c::sk_buff {
        ManuallyDrop::new(self).0.as_ptr()
    }

    /// The packet itself, for who calls C.
    pub fn as_ptr(&self) -> *mut c::sk_buff {
        self.0.as_ptr()
    }

    #[inline]
    fn headers(&self) -> &Headers {
        // SAFETY: The packet is ours.
        unsafe { headers(&self.0) }
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
        // SAFETY: The packet is ours, and so many bytes lie at `data`: those that lie elsewhere are
        // a part of all.
        unsafe {
            let skb = self.0.as_ref();
            core::slice::from_raw_parts(skb.data, skb.len.wrapping_sub(skb.data_len) as usize)
        }
    }

    /// Returns the offset of the network header from the link header, in bytes.
    #[inline]
    pub fn network(&self) -> usize {
        // SAFETY: The packet is ours; both pointers are into its buffer.
        unsafe {
            let skb = self.0.as_ref();
            let at = skb.head.wrapping_add(self.headers().network_header.into());
            (at as usize).wrapping_sub(skb.data as usize)
        }
    }

    /// The device that it was given to.
    #[inline]
    pub fn device(&self) -> &NetDevice {
        // SAFETY: A packet on its way out has its device, which lives while it is sent.
        unsafe {
            let link = &(*self.0.as_ptr()).__bindgen_anon_1.__bindgen_anon_1;
            NetDevice::from_raw(link.__bindgen_anon_1.dev)
        }
    }

    /// A packet as `dev` would be given it to send: no tag beside its bytes, no hash, no queue. None without memory,
    /// or for want of a whole Ethernet header.
    pub fn of_frame(dev: &NetDevice, frame: &[u8]) -> Option<Skb> {
        // SAFETY: The device is alive; the frame has its length.
        let skb = unsafe { c::rb_skb_of(dev.as_ptr(), frame.as_ptr().cast(), frame.len() as u32) };
        NonNull::new(skb).map(Skb)
    }

    /// Returns the length of the packet from the link header on, in bytes.
    #[inline]
    pub fn len(&self) -> u32 {
        // SAFETY: The packet is ours.
        unsafe { self.0.as_ref().len }
    }

    /// It has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The VLAN tag that travels beside the bytes.
    pub fn tag(&self) -> Option<Tag> {
        tag(self.headers())
    }

    /// The VLAN tag that travels beside the bytes, or 0.
    #[inline]
    pub fn tci(&self) -> u16 {
        // SAFETY: A tag is there or it is zero.
        unsafe { self.headers().__bindgen_anon_2.__bindgen_anon_1.vlan_tci }
    }

    /// Bytes of the packet from `at` on, as many as there is room for; nothing if it has less.
    pub fn copy<'b>(&self, at: usize, to: &'b mut [u8]) -> Option<&'b [u8]> {
        let (at, len) = (i32::try_from(at).ok()?, i32::try_from(to.len()).ok()?);
        // SAFETY: The packet is ours, and there is room for `len` bytes.
        let err = unsafe { c::skb_copy_bits(self.0.as_ptr(), at, to.as_mut_ptr().cast(), len) };
        (err == 0).then_some(to)
    }

    /// The hash of its addresses and ports that came with it, if one did (`l4_hash`).
    #[inline]
    pub fn l4_hash(&self) -> Option<u32> {
        let headers = self.headers();
        (headers.l4_hash() != 0).then_some(headers.hash)
    }

    /// Runs the flow dissector on the packet, from a network header of this type (EtherType, host order) at
    /// `at` on.
    pub fn dissect(&self, protocol: u16, at: usize) -> Option<FlowKeys> {
        let (at, len) = (at as i32, self.head().len() as i32);
        // SAFETY: The packet is ours, and `head` are the bytes in a row.
        unsafe { dissect::dissect(Of::Packet(self.0.as_ptr()), protocol.to_be(), at, len) }
    }

    /// The first `len` bytes, to be changed: nobody else sees them. Nothing if the packet is
    /// shorter, or there is no memory for a copy.
    pub fn skb_ensure_writable(&mut self, len: usize) -> Option<&mut [u8]> {
        let wanted = u32::try_from(len).ok()?;
        // SAFETY: The packet is ours.
        if unsafe { c::skb_ensure_writable(self.0.as_ptr(), wanted) } != 0 {
            return None;
        }
        // SAFETY: `len` bytes lie at `data`, no other packet shares them, and they are borrowed
        // with the packet.
        Some(unsafe { core::slice::from_raw_parts_mut(self.0.as_ref().data, len) })
    }

    /// Sets the address that the packet is from; false if it cannot be changed.
    #[must_use]
    pub fn set_source(&mut self, mac: Mac) -> bool {
        // Behind the destination.
        self.set_mac(6, mac)
    }

    /// As `set_source`, without a copy: false also if one would be needed.
    #[inline]
    #[must_use]
    pub fn set_source_in_place(&mut self, mac: Mac) -> bool {
        // SAFETY: The packet is ours.
        let (cloned, len) = unsafe { (self.0.as_ref().cloned() != 0, self.head().len()) };
        if cloned || len < 12 {
            return false;
        }
        // SAFETY: Twelve bytes lie at `data`, and no other packet shares them.
        unsafe { (*self.0.as_ref().data.cast::<[[u8; 6]; 2]>())[1] = mac.0 };
        true
    }

    /// Returns the fields of the packet, if it is ARP.
    pub fn arp(&self) -> Option<arp::Repr> {
        let mut packet = [0u8; arp::LEN];
        arp::Repr::parse(self.copy(self.network(), &mut packet)?).ok()
    }

    /// Sets the sender's MAC of an ARP packet; false if it cannot be changed.
    #[must_use]
    pub fn set_arp_sender(&mut self, mac: Mac) -> bool {
        // Behind the types of addresses, their lengths and the operation.
        self.set_mac(self.network().wrapping_add(8), mac)
    }

    fn set_mac(&mut self, at: usize, mac: Mac) -> bool {
        let bytes = self.skb_ensure_writable(at.wrapping_add(mac.0.len()));
        match bytes.and_then(|bytes| bytes.last_chunk_mut()) {
            Some(place) => {
                *place = mac.0;
                true
            }
            None => false,
        }
    }

    /// A second packet with the same data, or nothing if there is no memory.
    pub fn skb_clone(&self) -> Option<Skb> {
        // SAFETY: The packet is alive; the clone is ours.
        NonNull::new(unsafe { c::rb_skb_clone(self.0.as_ptr()) }).map(Skb)
    }
}

impl Drop for Skb {
    // Inline, or the packet would have to have an address.
    #[inline]
    fn drop(&mut self) {
        // SAFETY: The packet is ours; the device it was given to counts the loss.
        unsafe { c::rb_tx_drop(self.0.as_ptr()) };
    }
}

/// Sends a frame of a control protocol, complete but for the FCS and the VLAN tag. False if there
/// was no memory, or the device did not take it.
pub fn send_control(via: &NetDevice, frame: &[u8], tag: Option<Tag>) -> bool {
    let (protocol, tci) = tag.map_or((0, 0), |tag| (tag.protocol, tag.tci));
    let (at, len) = (frame.as_ptr().cast(), frame.len() as u32);
    // SAFETY: The device is alive; the frame has its length.
    unsafe { c::rb_send_control(via.as_ptr(), at, len, protocol, tci) }
}

/// The VLAN tag that travels beside the bytes of a packet.
fn tag(headers: &Headers) -> Option<Tag> {
    // SAFETY: Protocol and tag are there, or both are zero.
    let vlan = unsafe { headers.__bindgen_anon_2.__bindgen_anon_1 };
    (vlan.vlan_proto != 0).then_some(Tag {
        protocol: u16::from_be(vlan.vlan_proto),
        tci: vlan.vlan_tci,
    })
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

    #[inline]
    fn headers(&self) -> &Headers {
        // SAFETY: The packet is live.
        unsafe { headers(&self.0) }
    }

    /// The EtherType, in host order.
    #[inline]
    pub fn protocol(&self) -> u16 {
        u16::from_be(self.headers().protocol)
    }

    /// The VLAN tag that travels beside the bytes.
    pub fn tag(&self) -> Option<Tag> {
        tag(self.headers())
    }

    /// It is for the very device that it came in on (PACKET_HOST).
    #[inline]
    pub fn is_for_host(&self) -> bool {
        u32::from(self.headers().pkt_type()) == c::PACKET_HOST
    }

    /// It is for a group or for all (PACKET_MULTICAST, PACKET_BROADCAST).
    pub fn is_for_many(&self) -> bool {
        let to = u32::from(self.headers().pkt_type());
        to == c::PACKET_MULTICAST || to == c::PACKET_BROADCAST
    }

    /// It is for another host, and was heard because the device listens to all
    /// (PACKET_OTHERHOST).
    #[inline]
    pub fn is_for_other(&self) -> bool {
        u32::from(self.headers().pkt_type()) == c::PACKET_OTHERHOST
    }

    /// Takes it for this host, whoever it was sent to.
    pub fn take(&mut self) {
        // SAFETY: The packet is live and not shared.
        unsafe { c::rb_skb_take(self.0.as_ptr()) };
    }

    /// Sets the address that it was sent to; false if it cannot be changed.
    #[must_use]
    pub fn set_destination(&mut self, mac: Mac) -> bool {
        // SAFETY: The packet is live and not shared, with its MAC header in place.
        unsafe { c::rb_skb_set_dest(self.0.as_ptr(), mac.0.as_ptr()) }
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

    /// Octets of the packet, from behind the MAC header on.
    pub fn len(&self) -> u32 {
        // SAFETY: The packet is live.
        unsafe { self.0.as_ref().len }
    }

    /// It has nothing behind the MAC header.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Has the packet come in on `dev` as well; false if there is no memory, or no room in its queue.
    pub fn show_to(&self, dev: &NetDevice) -> bool {
        // SAFETY: The packet and the device are alive; a clone goes up.
        unsafe { c::rb_skb_show_to(self.0.as_ptr(), dev.as_ptr()) }
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
