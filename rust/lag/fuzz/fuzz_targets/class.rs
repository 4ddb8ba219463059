// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::balance::class;
use lag::hash::Frame;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], u8, u8)| {
    let (bytes, network, kind) = input;
    let protocol = [0x0800, 0x86dd, 0x0806, 0x8100, 0x8864][usize::from(kind % 5)];
    let len = bytes.len() as u32;
    let frame = Frame {
        head: bytes,
        len,
        protocol,
        network: network.into(),
        vlan_tci: 0,
    };
    let tlb = class::tlb(&frame);
    assert!(tlb.is_ok());
    if class::quick_tlb(&frame) {
        assert_eq!(tlb, Ok(class::Tlb::Spread));
    }
    let alb = class::alb(&frame);
    assert!(alb.is_ok());
    if let Some(key) = class::quick_alb(&frame) {
        assert_eq!(alb, Ok(class::Alb::Spread(key)));
    }
});
