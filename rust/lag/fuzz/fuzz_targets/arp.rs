// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::wire::arp::{Packet, Repr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(packet) = Packet::new(bytes) {
        assert_eq!(Repr::parse(bytes).is_ok(), matches!(packet.op(), 1 | 2));
    }
    if let Ok(repr) = Repr::parse(bytes) {
        let mut out = bytes.to_vec();
        repr.emit(&mut out).expect("what was parsed has room");
        assert_eq!(out, bytes);
    }
});
