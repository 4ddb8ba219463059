// SPDX-License-Identifier: GPL-2.0

//! From a frame to the number that picks its slave: the six transmit hash policies.
//!
//! The formulas are those of xmit_hash_policy in Documentation/networking/bonding.rst, and every
//! number is the one that native bonding computes for the same frame, so that a flow keeps its
//! slave when one driver replaces the other. The one exception are frames with a VLAN tag or PPPoE
//! in their bytes: native takes what they carry for nothing that it knows, or reads it from the
//! wrong place, and sends all of it by one slave. Addresses and ports enter the hash as they lie in
//! memory, which makes it differ between big and little endian machines, as native's does.
//!
//! The functions look at the bytes the caller has at hand. When what they need lies behind them
//! they say so ([`Short`]); the caller copies [`HEAD_MAX`] bytes of the frame and asks again.
//!
//! Clause 6.2.4.

use core::num::NonZeroU32;

use crate::named::named;
use crate::wire::eth;

pub use crate::wire::flow::FlowKeys;

/// Number of bytes of a frame that hold all that a policy can ask for: Ethernet, [`eth::TAGS_MAX`]
/// VLAN tags, PPPoE, IPv4 with all its options, an ICMP error, in it IPv4 with options again, and
/// an SPI behind an AH.
pub const HEAD_MAX: usize = 192;

const _: () = assert!(14 + eth::TAGS_MAX * eth::TAG + 8 + 60 + 8 + 60 + 8 <= HEAD_MAX);

named! {
    /// xmit_hash_policy, IFLA_BOND_XMIT_HASH_POLICY; the numbers are an ABI.
    Policy {
        /// Hashes the last octets of both MAC addresses and the packet type.
        #[default]
        Layer2 = 0, "layer2";
        /// Hashes IP addresses and ports.
        Layer34 = 1, "layer3+4";
        /// As layer2, and IP addresses.
        Layer23 = 2, "layer2+3";
        /// As layer2+3, of the innermost headers that the flow dissector finds inside tunnels.
        Encap23 = 3, "encap2+3";
        /// As layer3+4, of the innermost headers that the flow dissector finds inside tunnels.
        Encap34 = 4, "encap3+4";
        /// Hashes VLAN tag and source MAC address.
        VlanSrcMac = 5, "vlan+srcmac";
    }
}

/// A frame on its way out, as far as it is known.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The first bytes, from the Ethernet header on: `skb->data` up to `skb_headlen`, or all that
    /// lies between an xdp_buff's data and data_end.
    pub head: &'a [u8],
    /// Length of the whole frame in bytes: `skb->len`. With `head.len()` here no answer is
    /// [`Short`].
    pub len: u32,
    /// The EtherType of the header at `network`, in host order: `skb->protocol`. For XDP the type
    /// in the Ethernet header.
    pub protocol: u16,
    /// Offset of the network header, in bytes from the start of the frame.
    pub network: usize,
    /// The VLAN tag (PCP, DEI and id) that travels outside of the bytes, 0 if there is none:
    /// `skb_vlan_tag_get`. XDP has none.
    pub vlan_tci: u16,
}

/// The bytes at hand end too early, and the frame goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    /// Number of bytes from the start of the frame that are needed to get one step further. Never
    /// more than `Frame::len`.
    pub need: u32,
}

/// The hash of what the dissector has found, for encap3+4.
#[inline]
const fn dissected34(keys: &FlowKeys) -> u32 {
    let l4 = match keys.icmp_id {
        0 => keys.ports,
        id => icmp_word(keys.icmp_type, keys.icmp_code, id),
    };
    fold34(l4 ^ keys.src ^ keys.dst)
}

/// The slave among `count` usable ones that `hash` picks.
#[inline]
pub fn pick(hash: u32, count: NonZeroU32) -> u32 {
    hash % count
}

/// Returns the result of [`hash`] for most frames, without a call, a copy or a dissector: TCP and
/// UDP right over IP, and any frame where only the Ethernet header counts. None for others.
// A call would have all who send save their registers.
#[inline(always)]
pub fn quick(policy: Policy, frame: &Frame<'_>) -> Option<u32> {
    match policy {
        Policy::Layer2 => Some(layer2_of(frame.head.first_chunk()?)),
        Policy::Layer23 | Policy::Encap23 => {
            let flow = frame.plain()?;
            Some(fold(layer2_of(frame.head.first_chunk()?) ^ flow.addrs))
        }
        Policy::Layer34 | Policy::Encap34 => {
            let flow = frame.plain()?;
            Some(fold34(flow.ports ^ flow.addrs))
        }
        Policy::VlanSrcMac => Some(vlan_srcmac_of(frame.head.first_chunk()?, frame.vlan_tci)),
    }
}

/// The hash of a frame under any policy.
///
/// The policies that look at IP look behind VLAN tags and PPPoE in the bytes, which native bonding
/// does not: see [`Frame::unwrapped`].
///
/// `dissect` runs the flow dissector on the frame it is given, from `network` on as `protocol`, and
/// is called for encap2+3 and encap3+4 alone; None is its failure. For encap3+4 a caller whose skb
/// has `l4_hash` set takes `skb->hash` instead of asking.
#[inline]
pub fn hash(
    policy: Policy,
    frame: &Frame<'_>,
    dissect: impl FnOnce(&Frame<'_>) -> Option<FlowKeys>,
) -> Result<u32, Short> {
    let inner;
    let frame = match policy {
        Policy::Layer23 | Policy::Layer34 | Policy::Encap23 | Policy::Encap34
            if frame.is_wrapped() =>
        {
            inner = frame.unwrapped()?;
            &inner
        }
        _ => frame,
    };
    match policy {
        Policy::Layer2 => layer2(frame),
        Policy::Layer34 => layer34(frame),
        Policy::Layer23 => layer23(frame),
        Policy::Encap23 => match dissect(frame) {
            Some(keys) => Ok(fold(layer2(frame)? ^ keys.src ^ keys.dst)),
            None => layer2(frame),
        },
        Policy::Encap34 => match dissect(frame) {
            Some(keys) => Ok(dissected34(&keys)),
            None => layer2(frame),
        },
        Policy::VlanSrcMac => vlan_srcmac(frame),
    }
}

/// layer2. A frame without a whole Ethernet header has the hash 0.
#[inline]
pub fn layer2(frame: &Frame<'_>) -> Result<u32, Short> {
    Ok(frame.at(0)?.map_or(0, layer2_of))
}

/// layer2, of a frame that begins with this header.
#[inline]
pub fn layer2_of(header: &[u8; 14]) -> u32 {
    let &[_, _, _, _, _, dst, _, _, _, _, _, src, t0, t1] = header;
    u32::from(dst ^ src) ^ u32::from(u16::from_be_bytes([t0, t1]))
}

/// layer2+3; what is not IP, or not whole, falls back to layer2.
#[inline]
pub fn layer23(frame: &Frame<'_>) -> Result<u32, Short> {
    let l2 = layer2(frame)?;
    match frame.ip(frame.network)? {
        Some(ip) => match ip.proto {
            Some(proto @ (IPPROTO_ICMP | IPPROTO_ICMPV6)) => {
                frame.icmp(ip.addrs, proto, ip.transport(frame.network), Some(l2))
            }
            _ => Ok(fold(l2 ^ ip.addrs)),
        },
        None => Ok(l2),
    }
}

/// layer3+4; what is not IP, or not whole, falls back to layer2.
#[inline]
pub fn layer34(frame: &Frame<'_>) -> Result<u32, Short> {
    match frame.ip(frame.network)? {
        Some(ip) => match ip.proto {
            Some(proto @ (IPPROTO_ICMP | IPPROTO_ICMPV6)) => {
                frame.icmp(ip.addrs, proto, ip.transport(frame.network), None)
            }
            _ => Ok(fold34(ip.addrs ^ frame.ports(ip, frame.network)?)),
        },
        None => layer2(frame),
    }
}

/// vlan+srcmac. A frame without a whole Ethernet header has the hash 0.
#[inline]
pub fn vlan_srcmac(frame: &Frame<'_>) -> Result<u32, Short> {
    Ok(frame
        .at(0)?
        .map_or(0, |header| vlan_srcmac_of(header, frame.vlan_tci)))
}

/// vlan+srcmac, of a frame that begins with this header.
#[inline]
pub fn vlan_srcmac_of(header: &[u8; 14], tci: u16) -> u32 {
    // The end of the destination, which does not count, and the source: vendor and device.
    let [_, _, _, _, word @ .., _, _] = header;
    let source = u64::from_be_bytes(*word);
    u32::from(tci) ^ ((source ^ (source >> 24)) & 0xff_ffff) as u32
}

const ETH_P_IP: u16 = 0x0800;
const ETH_P_IPV6: u16 = 0x86dd;
const ETH_P_PPP_SES: u16 = 0x8864;
const PPP_IP: u16 = 0x0021;
const PPP_IPV6: u16 = 0x0057;
const IPPROTO_ICMP: u8 = 1;
const IPPROTO_TCP: u8 = 6;
const IPPROTO_UDP: u8 = 17;
const IPPROTO_ICMPV6: u8 = 58;

/// The fields that tell flows of TCP or UDP over IP apart.
struct Plain {
    /// As in [`Ip`].
    addrs: u32,
    /// Both ports, in memory order.
    ports: u32,
}

/// The fields of an IP header that count.
#[derive(Clone, Copy)]
struct Ip {
    /// Source XOR destination, each folded to a word.
    addrs: u32,
    /// None in a fragment of IPv4, the first one too.
    proto: Option<u8>,
    /// Bytes of the header; what comes next starts there.
    length: u32,
}

impl Ip {
    #[inline(always)]
    fn v4(header: &[u8; 20]) -> Ip {
        let &[ihl, _, _, _, _, _, f0, f1, _, proto, _, _, s0, s1, s2, s3, d0, d1, d2, d3] = header;
        let src = u32::from_ne_bytes([s0, s1, s2, s3]);
        let dst = u32::from_ne_bytes([d0, d1, d2, d3]);
        // More fragments, or an offset.
        const FRAGMENT: u16 = u16::from_ne_bytes([0x3f, 0xff]);
        let fragment = u16::from_ne_bytes([f0, f1]) & FRAGMENT != 0;
        Ip {
            addrs: src ^ dst,
            proto: if fragment { None } else { Some(proto) },
            // A header that claims to be shorter than it is moves the ports into it, as in
            // native.
            length: u32::from(ihl & 0x0f) << 2,
        }
    }

    #[inline(always)]
    fn v6(header: &[u8; 40]) -> Ip {
        let &[_, _, _, _, _, _, next, _, ref addrs @ ..] = header;
        Ip {
            addrs: xor_words(addrs),
            proto: Some(next),
            length: 40,
        }
    }

    /// Returns the offset of the transport header, for an IP header at `offset` in the frame. It is
    /// at most 60 bytes behind the end of the frame, so nothing wraps.
    #[inline]
    fn transport(self, offset: usize) -> usize {
        offset.wrapping_add(self.length as usize)
    }
}

impl<'a> Frame<'a> {
    /// The `N` bytes at `offset`; None if the frame ends before.
    #[inline]
    pub(crate) fn at<const N: usize>(&self, offset: usize) -> Result<Option<&'a [u8; N]>, Short> {
        match self
            .head
            .get(offset..)
            .and_then(|bytes| bytes.first_chunk())
        {
            Some(bytes) => Ok(Some(bytes)),
            None => match missing(offset, N, self.len) {
                Some(short) => Err(short),
                None => Ok(None),
            },
        }
    }

    /// The bytes carry VLAN tags or a PPPoE session, and type and place of the network header do
    /// not belong together: the type is that of a tag, or the place that of the first tag.
    #[inline]
    pub fn is_wrapped(&self) -> bool {
        let tag = |kind| matches!(kind, eth::VLAN | eth::SERVICE_VLAN);
        // A frame that a program sends on a VLAN device is read as its inner type from the start.
        let first = || match self.head.first_chunk::<{ eth::HEADER }>() {
            Some(&[.., t0, t1]) => u16::from_be_bytes([t0, t1]),
            None => 0,
        };
        tag(self.protocol)
            || self.protocol == ETH_P_PPP_SES
            || (self.network == eth::HEADER && tag(first()))
    }

    /// Returns the frame with the type and the place of what stands behind all VLAN tags in the
    /// bytes.
    ///
    /// Both are read from the bytes. Those who tag a frame leave `protocol` that of a tag, and
    /// `network` behind that tag (a guest, a program) or behind all tags (a VLAN on a VLAN).
    #[cold]
    pub fn untagged(&self) -> Result<Frame<'a>, Short> {
        let mut network = eth::HEADER;
        let Some(mut protocol) = self.word(network.wrapping_sub(2))? else {
            return Ok(*self);
        };
        for _ in 0..eth::TAGS_MAX {
            if !matches!(protocol, eth::VLAN | eth::SERVICE_VLAN) {
                break;
            }
            // The tag's two octets, then the type of what follows.
            let Some(inner) = self.word(network.wrapping_add(2))? else {
                return Ok(*self);
            };
            network = network.wrapping_add(eth::TAG);
            protocol = inner;
        }
        Ok(Frame {
            protocol,
            network,
            ..*self
        })
    }

    /// As [`untagged`](Self::untagged), and behind a PPPoE session (RFC 2516) that carries IP.
    #[cold]
    pub fn unwrapped(&self) -> Result<Frame<'a>, Short> {
        let frame = self.untagged()?;
        if frame.protocol != ETH_P_PPP_SES {
            return Ok(frame);
        }
        // Version 1, type 1, code 0 (session data), session, length; then PPP's protocol.
        let protocol = match frame.at::<8>(frame.network)? {
            Some(&[0x11, 0, _, _, _, _, p0, p1]) => match u16::from_be_bytes([p0, p1]) {
                PPP_IP => ETH_P_IP,
                PPP_IPV6 => ETH_P_IPV6,
                _ => return Ok(frame),
            },
            _ => return Ok(frame),
        };
        Ok(Frame {
            protocol,
            network: frame.network.wrapping_add(8),
            ..frame
        })
    }

    /// Returns whether the frame is ARP, or an IPv6 neighbour solicitation or advertisement, behind
    /// VLAN tags in the bytes too.
    pub fn is_neighbor_discovery(&self) -> Result<bool, Short> {
        if self.is_wrapped() {
            return self.untagged()?.is_bare_neighbor_discovery();
        }
        self.is_bare_neighbor_discovery()
    }

    fn is_bare_neighbor_discovery(&self) -> Result<bool, Short> {
        let octet = |at: usize| Ok(self.at::<1>(self.network.wrapping_add(at))?.map(|[o]| *o));
        match self.protocol {
            eth::ARP => Ok(true),
            // The next header is the seventh octet, the message type follows the header.
            ETH_P_IPV6 if octet(6)? == Some(IPPROTO_ICMPV6) => {
                Ok(matches!(octet(40)?, Some(135 | 136)))
            }
            _ => Ok(false),
        }
    }

    /// Two octets as a number; None if the frame ends before.
    #[inline]
    fn word(&self, offset: usize) -> Result<Option<u16>, Short> {
        Ok(self.at(offset)?.map(|word| u16::from_be_bytes(*word)))
    }

    /// Returns the fields of TCP or UDP right over IP, if the frame is that, and the bytes at hand
    /// hold all of them. The flow dissector finds the same.
    #[inline(always)]
    fn plain(&self) -> Option<Plain> {
        let bytes = self.head.get(self.network..)?;
        let ip = match self.protocol {
            ETH_P_IP => Ip::v4(bytes.first_chunk()?),
            ETH_P_IPV6 => Ip::v6(bytes.first_chunk()?),
            _ => return None,
        };
        // The dissector takes no header that claims to be shorter than it is.
        if ip.length < 20 || !matches!(ip.proto, Some(IPPROTO_TCP | IPPROTO_UDP)) {
            return None;
        }
        let ports = bytes.get(ip.length as usize..)?.first_chunk()?;
        Some(Plain {
            addrs: ip.addrs,
            ports: u32::from_ne_bytes(*ports),
        })
    }

    #[inline]
    fn ip(&self, offset: usize) -> Result<Option<Ip>, Short> {
        if self.protocol == ETH_P_IP {
            let Some(header) = self.at::<20>(offset)? else {
                return Ok(None);
            };
            Ok(Some(Ip::v4(header)))
        } else if self.protocol == ETH_P_IPV6 {
            Ok(self.at(offset)?.map(Ip::v6))
        } else {
            Ok(None)
        }
    }

    #[inline]
    fn ports(&self, ip: Ip, offset: usize) -> Result<u32, Short> {
        let offset = match ip.proto {
            // TCP, UDP, DCCP, SCTP and UDP-Lite: two ports. ESP: the SPI.
            Some(6 | 17 | 33 | 50 | 132 | 136) => ip.transport(offset),
            // AH: the SPI, behind a word.
            Some(51) => ip.transport(offset).wrapping_add(4),
            _ => return Ok(0),
        };
        Ok(self
            .at::<4>(offset)?
            .map_or(0, |&ports| u32::from_ne_bytes(ports)))
    }

    /// The hash of an ICMP message, layer2+3 if `l2` is given, else layer3+4.
    ///
    /// An error goes with the flow that it is about: the packet it quotes decides. Other messages
    /// have their identifier for ports.
    #[cold]
    #[inline(never)]
    fn icmp(&self, addrs: u32, proto: u8, transport: usize, l2: Option<u32>) -> Result<u32, Short> {
        let finish = |addrs: u32, l4: u32| match l2 {
            Some(l2) => fold(l2 ^ addrs),
            None => fold34(l4 ^ addrs),
        };
        let Some(&[kind, code, _, _, i0, i1, _, _]) = self.at::<8>(transport)? else {
            return Ok(finish(addrs, 0));
        };
        let is_error = match proto {
            // Unreachable, source quench, redirect, time exceeded, parameter problem.
            IPPROTO_ICMP => matches!(kind, 3 | 4 | 5 | 11 | 12),
            // Unreachable, too big, time exceeded, parameter problem.
            _ => matches!(kind, 1..=4),
        };
        if !is_error {
            // Echo and timestamp have an identifier; 0 is taken for 1, to tell it from none.
            let l4 = match kind {
                0 | 8 | 13 | 14 | 128 | 129 => {
                    icmp_word(kind, code, u16::from_be_bytes([i0, i1]).max(1))
                }
                _ => 0,
            };
            return Ok(finish(addrs, l4));
        }
        let offset = transport.wrapping_add(8);
        match self.ip(offset)? {
            Some(ip) => {
                let l4 = if l2.is_none() {
                    self.ports(ip, offset)?
                } else {
                    0
                };
                Ok(finish(ip.addrs, l4))
            }
            None => layer2(self),
        }
    }
}

// Inline, for a call would have its callers save registers.
#[cold]
#[inline]
fn missing(offset: usize, n: usize, len: u32) -> Option<Short> {
    let need = u32::try_from(offset.saturating_add(n)).ok()?;
    (need <= len).then_some(Short { need })
}

/// A `struct flow_dissector_key_icmp` read as one word.
#[inline]
const fn icmp_word(kind: u8, code: u8, id: u16) -> u32 {
    let [i0, i1] = id.to_ne_bytes();
    u32::from_ne_bytes([kind, code, i0, i1])
}

/// ipv6_addr_hash() of source and destination, put together.
#[inline]
fn xor_words(addrs: &[u8; 32]) -> u32 {
    let (Some(src), Some(dst)) = (addrs.first_chunk(), addrs.last_chunk()) else {
        return 0;
    };
    let both = u128::from_ne_bytes(*src) ^ u128::from_ne_bytes(*dst);
    let half = (both ^ (both >> 64)) as u64;
    (half ^ (half >> 32)) as u32
}

#[inline]
const fn fold(hash: u32) -> u32 {
    let hash = hash ^ (hash >> 16);
    hash ^ (hash >> 8)
}

/// The lowest bit goes because ports are commonly even.
#[inline]
const fn fold34(hash: u32) -> u32 {
    fold(hash) >> 1
}
