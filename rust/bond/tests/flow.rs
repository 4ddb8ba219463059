// SPDX-License-Identifier: GPL-2.0

//! Flows of packets of any shape: what lies in pages is found, and nothing behind the end is read.

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_flow)]
mod cases {
    use lag::hash::Policy;
    use netdev::{
        holds,
        tests::{packets::*, Outcome},
    };

    use crate::flow::Hashed;

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

    /// Neighbour discovery is seen wherever it lies, and is none when it is cut.
    #[test]
    fn neighbor_discovery_of_any_shape() -> Outcome {
        let ns = solicitation();
        for len in 0..=ns.len() {
            for linear in [0, 14, 20, 40, 54, 55, len] {
                let chunk = (len as u32).div_ceil(16).max(1);
                let skb = packet(&ns[..len], linear, chunk, IPV6)?;
                holds!(skb.is_neighbor_discovery() == (len > 54), "{len}");
            }
        }
        Ok(())
    }
}
