// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::hash::{self, Frame, Policy, Short};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], u8, u8, u8, u16)| {
    let (bytes, cut, network, kind, vlan_tci) = input;
    let protocol = [0x0800, 0x86dd, 0x8100, 0x8864][usize::from(kind % 4)];
    let len = bytes.len() as u32;
    for policy in Policy::ALL {
        let frame = Frame {
            head: bytes,
            len,
            protocol,
            network: network.into(),
            vlan_tci,
        };
        let whole = hash::hash(policy, &frame, |_| None).expect("the whole frame is there");
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
                |_| None,
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
