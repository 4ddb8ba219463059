// SPDX-License-Identifier: GPL-2.0

//! Views of packets of any shape: what lies in pages is found, nothing behind the end is read,
//! and what is changed is changed in one packet only.

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_skb)]
mod cases {
    use core::ptr::NonNull;

    use cbindings as c;
    use lag::hash::Policy;
    use wire::mac::Mac;

    use crate::{
        holds,
        prelude::*,
        skb::{RxSkb, Skb},
        tests::Outcome,
    };

    const IPV4: u16 = 0x0800;
    const IPV6: u16 = 0x86dd;
    const ARP: u16 = 0x0806;
    const US: Mac = Mac([2, 0, 0, 0, 0, 1]);
    const THEM: Mac = Mac([2, 0, 0, 0, 0, 2]);

    /// A packet of these bytes, so many of them in a row and the rest in pieces of `chunk`.
    fn packet(bytes: &[u8], linear: usize, chunk: u32, protocol: u16) -> Outcome<Skb> {
        let (at, len) = (bytes.as_ptr(), bytes.len() as u32);
        // SAFETY: There are so many bytes; the packet is ours.
        let skb =
            unsafe { c::rb_test_skb(at, len, linear.min(bytes.len()) as u32, chunk, protocol) };
        let skb = NonNull::new(skb).ok_or(ENOMEM)?;
        // SAFETY: It is ours, and given away here.
        Ok(unsafe { Skb::from_raw(skb) })
    }

    /// All of a packet, wherever it lies.
    fn content<'a>(skb: &Skb, to: &'a mut [u8; 256]) -> &'a [u8] {
        let len = (skb.len() as usize).min(to.len());
        // SAFETY: There is room for as many as are copied.
        let err =
            unsafe { c::skb_copy_bits(skb.0.as_ptr(), 0, to.as_mut_ptr().cast(), len as i32) };
        match (err, to.get(..len)) {
            (0, Some(bytes)) => bytes,
            _ => &[],
        }
    }

    fn header(to: &mut [u8], protocol: u16) {
        to[..6].copy_from_slice(&THEM.0);
        to[6..12].copy_from_slice(&US.0);
        to[12..14].copy_from_slice(&protocol.to_be_bytes());
    }

    /// UDP from port 1000 to port 2000, over IPv4.
    fn udp4() -> [u8; 60] {
        let mut frame = [0; 60];
        header(&mut frame, IPV4);
        frame[14..24].copy_from_slice(&[0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, 17]);
        frame[26..34].copy_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
        frame[34..42].copy_from_slice(&[3, 0xe8, 7, 0xd0, 0, 26, 0, 0]);
        frame
    }

    /// A neighbour solicitation.
    fn solicitation() -> [u8; 78] {
        let mut frame = [0; 78];
        header(&mut frame, IPV6);
        frame[14..22].copy_from_slice(&[0x60, 0, 0, 0, 0, 24, 58, 255]);
        frame[22] = 0xfe;
        frame[37] = 1;
        frame[38] = 0xff;
        frame[53] = 2;
        frame[54] = 135;
        frame
    }

    fn request() -> [u8; 42] {
        let mut frame = [0; 42];
        header(&mut frame, ARP);
        frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
        frame[22..28].copy_from_slice(&US.0);
        frame[28..32].copy_from_slice(&[192, 0, 2, 1]);
        frame[38..42].copy_from_slice(&[192, 0, 2, 2]);
        frame
    }

    /// A flow is the same however its packets lie, and a short one reads nothing behind its end:
    /// KASAN sees to that.
    #[test]
    fn hash_of_any_shape() -> Outcome {
        for (frame, protocol) in [(&udp4()[..], IPV4), (&solicitation()[..], IPV6)] {
            for policy in Policy::ALL {
                // Every end that a header may have, and those beside it.
                for len in [0, 13, 14, 15, 33, 34, 37, 38, 42, 53, 54, 58, frame.len()] {
                    let bytes = &frame[..len];
                    let want = packet(bytes, len, 1, protocol)?.hash(policy);
                    for linear in [0, 1, 14, 20, 34, 38, 54, len / 2] {
                        if linear < len {
                            // As many pieces as a packet may have hold all of it.
                            let chunk = (len as u32).div_ceil(16).max(1);
                            let skb = packet(bytes, linear, chunk, protocol)?;
                            let got = skb.hash(policy);
                            holds!(got == want, "{policy:?}: {linear} of {len} in a row");
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// ARP and neighbour discovery are seen wherever they lie, and are none when they are cut.
    #[test]
    fn protocols_of_any_shape() -> Outcome {
        let (arp, ns) = (request(), solicitation());
        for len in 0..=arp.len() {
            for linear in 0..=len {
                let chunk = (len as u32).div_ceil(16).max(1);
                let skb = packet(&arp[..len], linear, chunk, ARP)?;
                let whole = len == arp.len();
                holds!(skb.arp().is_some() == whole, "{linear} of {len} in a row");
                holds!(skb.head() == &arp[..linear]);
                holds!(skb.len() as usize == len && skb.network() == 14);
            }
        }
        for len in 0..=ns.len() {
            for linear in [0, 14, 20, 40, 54, 55, len] {
                let chunk = (len as u32).div_ceil(16).max(1);
                let skb = packet(&ns[..len], linear, chunk, IPV6)?;
                holds!(skb.is_neighbor_discovery() == (len > 54), "{len}");
            }
        }
        Ok(())
    }

    /// What is pulled into a row stays what it was, and no more is asked for than there is.
    #[test]
    fn writable_keeps_the_rest() -> Outcome {
        let frame = udp4();
        let mut buf = [0; 256];
        for linear in [0, 6, 14, 34, 60] {
            for want in [0, 1, 14, 42, 60, 61, 1000] {
                let mut skb = packet(&frame, linear, 7, IPV4)?;
                let got = skb.skb_ensure_writable(want).map(|bytes| bytes.len());
                holds!(
                    got == (want <= frame.len()).then_some(want),
                    "{want}: {got:?}"
                );
                holds!(content(&skb, &mut buf) == &frame[..]);
                holds!(skb.network() == 14 && skb.len() == 60);
            }
        }
        holds!(packet(&frame, 60, 1, IPV4)?
            .skb_ensure_writable(usize::MAX)
            .is_none());
        Ok(())
    }

    /// A packet is written to without its clones being so; of paged ones, too.
    #[test]
    fn clones_stay_as_they_were() -> Outcome {
        let frame = request();
        let other = Mac([2, 0, 0, 0, 0, 9]);
        let mut buf = [0; 256];
        for linear in [0, 10, 42] {
            let mut skb = packet(&frame, linear, 5, ARP)?;
            let clone = skb.skb_clone().ok_or(ENOMEM)?;
            holds!(skb.set_source(other) && skb.set_arp_sender(other));
            holds!(content(&clone, &mut buf) == &frame[..], "{linear} in a row");
            let mut want = frame;
            want[6..12].copy_from_slice(&other.0);
            want[22..28].copy_from_slice(&other.0);
            holds!(content(&skb, &mut buf) == &want[..], "{linear} in a row");
            holds!(skb.arp().is_some_and(|arp| arp.sender_mac == other));
        }
        // Nothing of what is too short.
        let mut short = packet(&frame[..11], 4, 2, ARP)?;
        holds!(!short.set_source(other) && !short.set_arp_sender(other));
        holds!(content(&short, &mut buf) == &frame[..11]);
        Ok(())
    }

    /// A packet that was received, given back when it goes.
    struct Received(NonNull<c::sk_buff>);

    impl Received {
        fn new(bytes: &[u8], linear: usize, protocol: u16) -> Outcome<Self> {
            let (at, len) = (bytes.as_ptr(), bytes.len() as u32);
            // SAFETY: There are so many bytes, and a link header among those in a row.
            unsafe {
                let skb = c::rb_test_skb(at, len, linear as u32, 11, protocol);
                let skb = NonNull::new(skb).ok_or(ENOMEM)?;
                c::rb_test_skb_receive(skb.as_ptr());
                Ok(Received(skb))
            }
        }

        fn view(&self) -> RxSkb<'_> {
            // SAFETY: The packet is ours, and its link header is in place.
            unsafe { RxSkb::from_raw(self.0) }
        }
    }

    impl Drop for Received {
        fn drop(&mut self) {
            // SAFETY: The packet is ours.
            unsafe { c::rb_test_skb_free(self.0.as_ptr()) };
        }
    }

    /// A received packet gives as much as it has, and as there is room for.
    #[test]
    fn payload_is_copied() -> Outcome {
        let frame = udp4();
        let payload = &frame[14..];
        for linear in [14, 15, 40, 60] {
            let skb = Received::new(&frame, linear, IPV4)?;
            for room in [0, 1, 20, 45, 46, 47, 200] {
                let mut buf = [0xa5; 200];
                let got = skb.view().copy_payload(&mut buf[..room]);
                let want = room.min(payload.len());
                holds!(
                    got == &payload[..want],
                    "{linear} in a row, room for {room}"
                );
                holds!(buf[want..].iter().all(|b| *b == 0xa5));
            }
            holds!(skb.view().source() == US && skb.view().destination() == THEM);
            holds!(skb.view().protocol() == IPV4 && !skb.view().is_link_local());
        }
        let bare = Received::new(&frame[..14], 14, IPV4)?;
        holds!(bare.view().copy_payload(&mut [0; 8]).is_empty());
        Ok(())
    }

    /// A received packet gets another destination; its clone keeps the one it had.
    #[test]
    fn destination_of_one_only() -> Outcome {
        let frame = udp4();
        let skb = Received::new(&frame, 40, IPV4)?;
        // SAFETY: The packet is live.
        let clone = NonNull::new(unsafe { c::rb_skb_clone(skb.0.as_ptr()) }).ok_or(ENOMEM)?;
        let clone = Received(clone);
        holds!(skb.view().set_destination(US));
        holds!(skb.view().destination() == US);
        holds!(clone.view().destination() == THEM);
        Ok(())
    }
}
