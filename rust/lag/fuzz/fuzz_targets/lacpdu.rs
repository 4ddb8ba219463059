// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::wire::lacpdu::{Packet, Repr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(packet) = Packet::new(bytes) else {
        return;
    };
    if let Ok(repr) = Repr::parse(&packet) {
        let mut out = [0; lag::wire::lacpdu::PDU_LEN];
        repr.emit(&mut out);
        let again = Packet::new(&out).expect("a whole PDU");
        assert_eq!(Repr::parse(&again), Ok(repr));
    }
});
