// SPDX-License-Identifier: GPL-2.0

//! Views of packets of any shape: what lies in pages is found, nothing behind the end is read,
//! and what is changed is changed in one packet only.

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_skb)]
mod cases {
    use core::ptr::NonNull;

    use cbindings as c;
    use wire::mac::Mac;

    use crate::{
        holds,
        prelude::*,
        skb::{RxSkb, Skb},
        tests::{packets::*, Outcome},
    };

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

    /// ARP is seen wherever it lies, and is none when it is cut.
    #[test]
    fn protocols_of_any_shape() -> Outcome {
        let arp = request();
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
        Ok(())
    }

    /// Bytes that are pulled into a row stay as they were, and no more are asked for than there
    /// are.
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
