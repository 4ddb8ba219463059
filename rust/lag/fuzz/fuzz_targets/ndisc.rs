// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::wire::ip::v6_checksum;
use lag::wire::ndisc::{Packet, Repr, LEN};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // Once more with what a fuzzer will not guess: header, length and checksum.
    let mut bytes = bytes.to_vec();
    if let (40.., Ok(len)) = (bytes.len(), u16::try_from(bytes.len().saturating_sub(40))) {
        bytes[0] = 0x60;
        bytes[4..6].copy_from_slice(&len.to_be_bytes());
        bytes[6..8].copy_from_slice(&[58, 255]);
        if len >= 4 {
            bytes[41..44].fill(0);
            let addr = |at: usize| <[u8; 16]>::try_from(&bytes[at..at + 16]).unwrap().into();
            let sum = v6_checksum(addr(8), addr(24), 58, &bytes[40..]);
            bytes[42..44].copy_from_slice(&sum.to_be_bytes());
        }
        check(&bytes);
    }
});

fn check(bytes: &[u8]) {
    let lax = Packet::new(bytes);
    if let Ok(repr) = Repr::parse(bytes) {
        let packet = lax.expect("what is right is at least alike");
        assert_eq!((packet.src(), packet.dst()), (repr.src, repr.dst));
        let mut out = [0; LEN];
        repr.emit(&mut out).expect("the longest packet has room");
        assert_eq!(Repr::parse(&out), Ok(repr));
    }
}
