// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::wire::ip::{v6_checksum, V4, V6};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(header) = V4::new(bytes) {
        assert_eq!(header.dst().octets(), bytes[16..20]);
    }
    if let Ok(header) = V6::new(bytes) {
        let payload = header.payload().unwrap_or(header.rest());
        assert!(payload.len() <= bytes.len() - 40);
        v6_checksum(header.src(), header.dst(), header.next_header(), payload);
    }
});
