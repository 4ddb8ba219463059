// SPDX-License-Identifier: GPL-2.0

//! The flow that a packet belongs to, under a transmit hash policy.

use lag::hash::{self, Frame, Policy, Short, HEAD_MAX};
use netdev::{dissect, skb::Skb, xdp};
use wire::eth;

/// A packet, or a frame without one, that belongs to a flow.
pub(crate) trait Flow {
    /// The hash of its flow, under a policy.
    fn flow(&self, policy: Policy) -> u32;
}

impl Flow for Skb {
    fn flow(&self, policy: Policy) -> u32 {
        let quick = self.quick_hash(policy);
        quick.unwrap_or_else(|| self.hash(policy))
    }
}

impl Flow for xdp::Frame<'_> {
    /// 0 of a frame without a whole Ethernet header.
    fn flow(&self, policy: Policy) -> u32 {
        let Some(&[.., t0, t1]) = self.head().first_chunk::<{ eth::HEADER }>() else {
            return 0;
        };
        let frame = hash::Frame {
            head: self.head(),
            len: self.head().len() as u32,
            protocol: u16::from_be_bytes([t0, t1]),
            network: eth::HEADER,
            vlan_tci: 0,
        };
        // All of it is at hand, so that no answer is that more is needed.
        let dissect = |inner: &Frame<'_>| self.dissect(inner.protocol, inner.network);
        hash::hash(policy, &frame, dissect).unwrap_or(0)
    }
}

/// A packet as the hash policies see it.
pub(crate) trait Hashed {
    /// The bytes that lie in a row of the packet.
    fn frame(&self) -> Frame<'_>;
    /// Lets `f` look at the packet; nothing if it wants to see more than there can be.
    fn look<R>(&self, f: impl Fn(&Frame<'_>) -> Result<R, Short>) -> Option<R>;
    /// The hash of its flow, if that can be told at a glance.
    fn quick_hash(&self, policy: Policy) -> Option<u32>;
    /// The hash of its flow.
    fn hash(&self, policy: Policy) -> u32;
    /// ARP, or an IPv6 neighbour solicitation or advertisement; behind VLAN tags in the bytes too.
    fn is_neighbor_discovery(&self) -> bool;
}

impl Hashed for Skb {
    #[inline]
    fn frame(&self) -> Frame<'_> {
        Frame {
            head: self.head(),
            len: self.len(),
            protocol: self.protocol(),
            network: self.network(),
            vlan_tci: self.tci(),
        }
    }

    fn look<R>(&self, f: impl Fn(&Frame<'_>) -> Result<R, Short>) -> Option<R> {
        let frame = self.frame();
        match f(&frame) {
            Ok(seen) => Some(seen),
            Err(_) => look_scattered(self, &frame, f),
        }
    }

    // A call would have all who send save their registers.
    #[inline(always)]
    fn quick_hash(&self, policy: Policy) -> Option<u32> {
        match policy {
            // Here, for only the Ethernet header is looked at.
            Policy::Layer2 => self.head().first_chunk().map(hash::layer2_of),
            Policy::VlanSrcMac => {
                let header = self.head().first_chunk()?;
                Some(hash::vlan_srcmac_of(header, self.tci()))
            }
            Policy::Encap34 if self.l4_hash().is_some() => self.l4_hash(),
            Policy::Encap23 | Policy::Encap34 if dissect::is_replaced(self.device()) => None,
            _ => hash::quick(policy, &self.frame()),
        }
    }

    #[inline(never)]
    fn hash(&self, policy: Policy) -> u32 {
        if let (Policy::Encap34, Some(hash)) = (policy, self.l4_hash()) {
            return hash;
        }
        let dissect = |inner: &Frame<'_>| self.dissect(inner.protocol, inner.network);
        self.look(|frame| hash::hash(policy, frame, dissect))
            .unwrap_or(0)
    }

    #[inline(never)]
    fn is_neighbor_discovery(&self) -> bool {
        self.look(|frame| frame.is_neighbor_discovery())
            .unwrap_or(false)
    }
}

/// As `look`, for a packet whose headers do not lie in a row.
#[cold]
fn look_scattered<R>(
    skb: &Skb,
    frame: &Frame<'_>,
    f: impl Fn(&Frame<'_>) -> Result<R, Short>,
) -> Option<R> {
    let mut copy = [0u8; HEAD_MAX];
    let len = (frame.len as usize).min(HEAD_MAX);
    let head = skb.copy(0, copy.get_mut(..len)?)?;
    // Nothing lies behind the copy that anyone could ask for.
    let len = head.len() as u32;
    f(&Frame {
        head,
        len,
        ..*frame
    })
    .ok()
}
