// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::wire::eth::Repr;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok((repr, payload)) = Repr::parse(bytes) {
        let mut out = bytes.to_vec();
        let rest = repr.emit(&mut out).expect("what was parsed has room");
        assert_eq!(rest, payload);
        assert_eq!(out, bytes);
    }
});
