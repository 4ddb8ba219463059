// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::hash::{self, Frame, Policy, Short};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], u8, u8, bool, u16)| {
    let (bytes, cut, network, v6, vlan_tci) = input;
    let protocol = if v6 { 0x86dd } else { 0x0800 };
    let len = bytes.len() as u32;
    for policy in Policy::ALL {
        let frame = Frame {
            head: bytes,
            len,
            protocol,
            network: network.into(),
            vlan_tci,
        };
        let whole = hash::hash(policy, &frame, || None).expect("the whole frame is there");
        // For what is in a tunnel it is the dissector that says the same.
        let dissected = matches!(policy, Policy::Encap23 | Policy::Encap34);
        if let Some(quick) = hash::quick(policy, &frame).filter(|_| !dissected) {
            assert_eq!(quick, whole);
        }
        let mut have = usize::from(cut).min(bytes.len());
        loop {
            match hash::hash(
                policy,
                &Frame {
                    head: &bytes[..have],
                    ..frame
                },
                || None,
            ) {
                Ok(hash) => break assert_eq!(hash, whole),
                Err(Short { need }) => {
                    assert!(need as usize > have && need <= len);
                    have = need as usize;
                }
            }
        }
    }
});
