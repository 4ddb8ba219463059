// SPDX-License-Identifier: GPL-2.0

//! The hash policies against the formulas of bonding.rst, written down here a second time from
//! the fields of a flow rather than from the bytes of a frame.

use std::num::NonZeroU32;

use lag::hash::{self, FlowKeys, Frame, Policy, Short, HEAD_MAX};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Addrs {
    V4([u8; 4], [u8; 4]),
    V6([u8; 16], [u8; 16]),
}

#[derive(Clone, Copy, Debug)]
enum Payload {
    /// TCP, UDP and the like.
    Ports {
        proto: u8,
        src: u16,
        dst: u16,
    },
    Spi {
        proto: u8,
        spi: [u8; 4],
    },
    Echo {
        kind: u8,
        code: u8,
        id: u16,
    },
    Other {
        proto: u8,
    },
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    addrs: Addrs,
    payload: Payload,
    /// IPv4: words of options, and the 16 bits of flags and fragment offset.
    options: u8,
    frag: u16,
}

#[derive(Clone, Copy, Debug)]
struct Spec {
    dst: [u8; 6],
    src: [u8; 6],
    tci: u16,
    packet: Packet,
    /// The packet is quoted by an ICMP error of this type that travels between these hosts.
    error: Option<(u8, Addrs)>,
}

fn ether_type(addrs: Addrs) -> u16 {
    match addrs {
        Addrs::V4(..) => 0x0800,
        Addrs::V6(..) => 0x86dd,
    }
}

fn ip(addrs: Addrs, proto: u8, options: u8, frag: u16) -> Vec<u8> {
    match addrs {
        Addrs::V4(s, d) => {
            let options = options.min(10);
            let mut h = vec![0x45 + options, 0, 0, 99];
            h.extend([0x12, 0x34]);
            h.extend(frag.to_be_bytes());
            h.extend([64, proto, 0, 0]);
            h.extend(s);
            h.extend(d);
            h.extend(std::iter::repeat_n(1u8, usize::from(options) * 4));
            h
        }
        Addrs::V6(s, d) => {
            let mut h = vec![0x60, 0, 0, 0, 0, 99, proto, 64];
            h.extend(s);
            h.extend(d);
            h
        }
    }
}

fn icmp_proto(addrs: Addrs) -> u8 {
    match addrs {
        Addrs::V4(..) => 1,
        Addrs::V6(..) => 58,
    }
}

impl Packet {
    fn bytes(&self) -> Vec<u8> {
        let (proto, rest) = match self.payload {
            Payload::Ports { proto, src, dst } => {
                let mut b = src.to_be_bytes().to_vec();
                b.extend(dst.to_be_bytes());
                (proto, b)
            }
            Payload::Spi { proto, spi } => {
                let mut b = if proto == 51 {
                    vec![6, 4, 0, 0]
                } else {
                    vec![]
                };
                b.extend(spi);
                (proto, b)
            }
            Payload::Echo { kind, code, id } => {
                let mut b = vec![kind, code, 0xaa, 0xbb];
                b.extend(id.to_be_bytes());
                b.extend([0, 1]);
                (icmp_proto(self.addrs), b)
            }
            Payload::Other { proto } => (proto, vec![0xee; 12]),
        };
        let mut b = ip(self.addrs, proto, self.options, self.frag);
        b.extend(rest);
        b
    }
}

impl Spec {
    fn outer(&self) -> Addrs {
        self.error.map_or(self.packet.addrs, |(_, a)| a)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut b = self.dst.to_vec();
        b.extend(self.src);
        b.extend(ether_type(self.outer()).to_be_bytes());
        if let Some((kind, addrs)) = self.error {
            b.extend(ip(addrs, icmp_proto(addrs), 0, 0));
            b.extend([kind, 0, 1, 2, 3, 4, 5, 6]);
        }
        b.extend(self.packet.bytes());
        b
    }

    fn frame<'a>(&self, head: &'a [u8], len: usize) -> Frame<'a> {
        Frame {
            head,
            len: len as u32,
            protocol: ether_type(self.outer()),
            network: 14,
            vlan_tci: self.tci,
        }
    }

    // The formulas.

    fn layer2(&self) -> u32 {
        u32::from(self.src[5]) ^ u32::from(self.dst[5]) ^ u32::from(ether_type(self.outer()))
    }

    fn ips(&self) -> u32 {
        match self.packet.addrs {
            Addrs::V4(s, d) => u32::from_ne_bytes(s) ^ u32::from_ne_bytes(d),
            Addrs::V6(s, d) => s
                .chunks(4)
                .chain(d.chunks(4))
                .map(|w| u32::from_ne_bytes([w[0], w[1], w[2], w[3]]))
                .fold(0, |a, b| a ^ b),
        }
    }

    fn layer23(&self) -> u32 {
        let mut hash = self.layer2() ^ self.ips();
        hash ^= hash >> 16;
        hash ^= hash >> 8;
        hash
    }

    fn layer34(&self) -> u32 {
        let fragment = match self.packet.addrs {
            Addrs::V4(..) => self.packet.frag & 0x3fff != 0,
            Addrs::V6(..) => false,
        };
        let mut hash = match self.packet.payload {
            _ if fragment => 0,
            Payload::Ports { src, dst, .. } => {
                let [a, b] = src.to_be_bytes();
                let [c, d] = dst.to_be_bytes();
                u32::from_ne_bytes([a, b, c, d])
            }
            Payload::Spi { spi, .. } => u32::from_ne_bytes(spi),
            // An error does not quote the identifier's place as ports.
            Payload::Echo { .. } if self.error.is_some() => 0,
            Payload::Echo { kind, code, id } => {
                let [a, b] = (if id == 0 { 1 } else { id }).to_ne_bytes();
                u32::from_ne_bytes([kind, code, a, b])
            }
            Payload::Other { .. } => 0,
        };
        hash ^= self.ips();
        hash ^= hash >> 16;
        hash ^= hash >> 8;
        hash >> 1
    }

    fn vlan_srcmac(&self) -> u32 {
        let [a, b, c, d, e, f] = self.src.map(u32::from);
        u32::from(self.tci) ^ ((a << 16) | (b << 8) | c) ^ ((d << 16) | (e << 8) | f)
    }

    fn expect(&self, policy: Policy, keys: Option<FlowKeys>) -> u32 {
        match policy {
            Policy::Layer2 => self.layer2(),
            Policy::Layer23 => self.layer23(),
            Policy::Layer34 => self.layer34(),
            Policy::VlanSrcMac => self.vlan_srcmac(),
            Policy::Encap23 | Policy::Encap34 => match keys {
                None => self.layer2(),
                Some(k) => {
                    let mut hash = if policy == Policy::Encap23 {
                        self.layer2()
                    } else if k.icmp_id != 0 {
                        let [a, b] = k.icmp_id.to_ne_bytes();
                        u32::from_ne_bytes([k.icmp_type, k.icmp_code, a, b])
                    } else {
                        k.ports
                    };
                    hash ^= k.src ^ k.dst;
                    hash ^= hash >> 16;
                    hash ^= hash >> 8;
                    if policy == Policy::Encap34 {
                        hash >>= 1;
                    }
                    hash
                }
            },
        }
    }
}

fn addrs() -> impl Strategy<Value = Addrs> {
    prop_oneof![
        any::<([u8; 4], [u8; 4])>().prop_map(|(s, d)| Addrs::V4(s, d)),
        any::<([u8; 16], [u8; 16])>().prop_map(|(s, d)| Addrs::V6(s, d)),
    ]
}

fn same_family(a: Addrs, b: Addrs) -> bool {
    ether_type(a) == ether_type(b)
}

fn payload() -> impl Strategy<Value = Payload> {
    prop_oneof![
        (
            prop::sample::select(vec![6u8, 17, 33, 132, 136]),
            any::<u16>(),
            any::<u16>()
        )
            .prop_map(|(proto, src, dst)| Payload::Ports { proto, src, dst }),
        (prop::sample::select(vec![50u8, 51]), any::<[u8; 4]>())
            .prop_map(|(proto, spi)| Payload::Spi { proto, spi }),
        (
            prop::sample::select(vec![0u8, 8, 13, 14, 128, 129]),
            any::<u8>(),
            prop_oneof![Just(0u16), any::<u16>()]
        )
            .prop_map(|(kind, code, id)| Payload::Echo { kind, code, id }),
        prop::sample::select(vec![0u8, 2, 4, 41, 47, 59, 89, 137])
            .prop_map(|proto| Payload::Other { proto }),
    ]
}

fn spec() -> impl Strategy<Value = Spec> {
    (
        any::<([u8; 6], [u8; 6], u16)>(),
        (addrs(), payload(), 0..=10u8),
        prop_oneof![4 => Just(0u16), 1 => Just(0x4000), 1 => Just(0x2000), 2 => any::<u16>()],
        prop::option::weighted(0.3, (any::<u8>(), addrs())),
    )
        .prop_map(
            |((dst, src, tci), (addrs, payload, options), frag, error)| {
                let error =
                    error
                        .filter(|(_, outer)| same_family(*outer, addrs))
                        .map(|(k, outer)| {
                            let kinds: &[u8] = if icmp_proto(outer) == 1 {
                                &[3, 4, 5, 11, 12]
                            } else {
                                &[1, 2, 3, 4]
                            };
                            (kinds[usize::from(k) % kinds.len()], outer)
                        });
                Spec {
                    dst,
                    src,
                    tci,
                    packet: Packet {
                        addrs,
                        payload,
                        options,
                        frag,
                    },
                    error,
                }
            },
        )
}

fn keys() -> impl Strategy<Value = Option<FlowKeys>> {
    prop::option::of(
        (
            any::<(u32, u32, u32, u8, u8)>(),
            prop_oneof![Just(0u16), any::<u16>()],
        )
            .prop_map(
                |((src, dst, ports, icmp_type, icmp_code), icmp_id)| FlowKeys {
                    src,
                    dst,
                    ports,
                    icmp_type,
                    icmp_code,
                    icmp_id,
                },
            ),
    )
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::sample::select(Policy::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn agrees_with_the_formulas(spec in spec(), keys in keys()) {
        let bytes = spec.bytes();
        for policy in Policy::ALL {
            let got = hash::hash(policy, &spec.frame(&bytes, bytes.len()), |_| keys);
            prop_assert_eq!(got, Ok(spec.expect(policy, keys)), "{:?}", policy);
        }
    }

    /// The quick answer is the full one; of whole TCP and UDP there is always one. There a flow
    /// dissector finds addresses and ports, and no more.
    #[test]
    fn quick_is_right(spec in spec(), cut in 0usize..200) {
        let bytes = spec.bytes();
        let is_plain = spec.error.is_none()
            && matches!(spec.packet.payload, Payload::Ports { proto: 6 | 17, .. })
            && (spec.packet.frag & 0x3fff == 0 || matches!(spec.packet.addrs, Addrs::V6(..)));
        for policy in Policy::ALL {
            let full = match policy {
                Policy::Encap23 => spec.layer23(),
                Policy::Encap34 => spec.layer34(),
                _ => spec.expect(policy, None),
            };
            let quick = hash::quick(policy, &spec.frame(&bytes, bytes.len()));
            let simple = matches!(policy, Policy::Layer2 | Policy::VlanSrcMac);
            prop_assert_eq!(quick, (simple || is_plain).then_some(full), "{:?}", policy);
            let cut = hash::quick(policy, &spec.frame(&bytes[..cut.min(bytes.len())], bytes.len()));
            prop_assert!(cut.is_none() || cut == Some(full), "{:?}", policy);
        }
    }

    /// With part of the frame at hand the answer is the same or a demand for more, which can be
    /// met, and is met at once by what a driver copies.
    #[test]
    fn asks_for_what_is_missing(spec in spec(), policy in policy(), cut in 0usize..200) {
        let bytes = spec.bytes();
        let whole = hash::hash(policy, &spec.frame(&bytes, bytes.len()), |_| None).unwrap();
        let mut have = cut.min(bytes.len());
        loop {
            match hash::hash(policy, &spec.frame(&bytes[..have], bytes.len()), |_| None) {
                Ok(hash) => {
                    prop_assert_eq!(hash, whole);
                    break;
                }
                Err(Short { need }) => {
                    prop_assert!(need as usize > have && need as usize <= bytes.len());
                    have = need as usize;
                }
            }
        }
        let copy = &bytes[..bytes.len().min(HEAD_MAX)];
        prop_assert_eq!(hash::hash(policy, &spec.frame(copy, bytes.len()), |_| None), Ok(whole));
    }

    #[test]
    fn any_bytes(
        bytes in prop::collection::vec(any::<u8>(), 0..120),
        len in any::<u32>(),
        protocol in prop_oneof![Just(0x0800u16), Just(0x86dd), any::<u16>()],
        network in prop_oneof![4 => 0usize..130, 1 => Just(usize::MAX), 1 => any::<usize>()],
        tci in any::<u16>(),
    ) {
        for policy in Policy::ALL {
            let mut frame = Frame { head: &bytes, len, protocol, network, vlan_tci: tci };
            if let Err(Short { need }) = hash::hash(policy, &frame, |_| None) {
                prop_assert!(need <= len && need as usize > bytes.len());
            }
            frame.len = bytes.len() as u32;
            let full = hash::hash(policy, &frame, |_| None);
            prop_assert!(full.is_ok());
            if let (Some(quick), false) = (
                hash::quick(policy, &frame),
                matches!(policy, Policy::Encap23 | Policy::Encap34),
            ) {
                prop_assert_eq!(Ok(quick), full);
            }
        }
    }

    #[test]
    fn pick_is_modulo(hash in any::<u32>(), count in 1u32..=64) {
        prop_assert_eq!(hash::pick(hash, NonZeroU32::new(count).unwrap()), hash % count);
    }
}

/// A frame whose numbers were worked out by hand: 02:00:00:00:00:aa to 02:00:00:00:00:bb,
/// 10.0.0.1:4096 to 10.0.0.2:80 by UDP.
const UDP: [u8; 42] = [
    2, 0, 0, 0, 0, 0xbb, 2, 0, 0, 0, 0, 0xaa, 8, 0, // Ethernet
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, // IPv4
    0x10, 0x00, 0, 80, 0, 8, 0, 0, // UDP
];

fn udp(head: &[u8]) -> Frame<'_> {
    Frame {
        head,
        len: head.len() as u32,
        protocol: 0x0800,
        network: 14,
        vlan_tci: 0x6005,
    }
}

/// Clause 6.2.4.
#[test]
#[cfg(target_endian = "little")]
fn known_vectors() {
    // aa ^ bb = 11.
    assert_eq!(hash::layer2(&udp(&UDP)), Ok(0x0811));
    // Source XOR destination is 00.00.00.03, as a word 0x03000000; with 0x0811, 0x03000811;
    // XOR its upper half 0x0300, 0x03000b11; XOR that by a byte 0x0003000b, 0x03030b1a.
    assert_eq!(hash::layer23(&udp(&UDP)), Ok(0x0303_0b1a));
    // Ports 10 00 00 50 as a word 0x50000010; with the addresses, 0x53000010; XOR 0x5300,
    // 0x53005310; XOR 0x00530053, 0x53535343; halved.
    assert_eq!(hash::layer34(&udp(&UDP)), Ok(0x5353_5343 >> 1));
    // 0x020000 ^ 0x0000aa ^ the whole tag 0x6005.
    assert_eq!(hash::vlan_srcmac(&udp(&UDP)), Ok(0x0002_60af));
}

#[test]
#[cfg(target_endian = "little")]
fn known_icmp() {
    let mut ping = UDP;
    ping[23] = 1;
    ping[34..42].copy_from_slice(&[8, 0, 0, 0, 0x12, 0x34, 0, 1]);
    // Type 8, code 0, identifier 0x1234: 0x12340008; with the addresses 0x11340008; XOR 0x1134,
    // 0x1134113c; XOR 0x00113411, 0x1125252d; halved.
    assert_eq!(hash::layer34(&udp(&ping)), Ok(0x1125_252d >> 1));
    // Router solicitation: no identifier, addresses alone. 0x03000300 ^ 0x00030003, halved.
    ping[34] = 10;
    assert_eq!(hash::layer34(&udp(&ping)), Ok(0x0303_0303 >> 1));
}

#[test]
fn a_quoted_packet_cut_off_is_layer2() {
    let mut error = UDP;
    error[23] = 1;
    error[34] = 3;
    assert_eq!(hash::layer23(&udp(&error)), hash::layer2(&udp(&error)));
    assert_eq!(hash::layer34(&udp(&error)), hash::layer2(&udp(&error)));
}

#[test]
fn icmpv6_in_ipv4_is_an_error_too() {
    // Native looks at the protocol number alone: type 1 of protocol 58 quotes a packet.
    let mut frame = UDP[..34].to_vec();
    frame[23] = 58;
    frame.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    frame.extend(&UDP[14..42]);
    assert_eq!(hash::layer34(&udp(&frame)), hash::layer34(&udp(&UDP)));
}

#[test]
fn not_ip_is_layer2() {
    let frame = Frame {
        protocol: 0x0806,
        ..udp(&UDP)
    };
    assert_eq!(hash::layer23(&frame), hash::layer2(&frame));
    assert_eq!(hash::layer34(&frame), hash::layer2(&frame));
    // Thirteen bytes are no Ethernet header.
    assert_eq!(hash::layer2(&udp(&UDP[..13])), Ok(0));
    assert_eq!(hash::vlan_srcmac(&udp(&UDP[..13])), Ok(0));
}

#[test]
fn a_header_that_lies_about_its_length() {
    // No words of header: the ports are read from the header's own first word.
    let mut frame = UDP;
    frame[14] = 0x40;
    let mut honest = UDP;
    honest[34..38].copy_from_slice(&[0x40, 0, 0, 28]);
    assert_eq!(hash::layer34(&udp(&frame)), hash::layer34(&udp(&honest)));
}

/// UDP with so many octets in front of the type of IPv4.
fn wrapped(wrap: &[u8]) -> Vec<u8> {
    let mut frame = UDP[..12].to_vec();
    frame.extend(wrap);
    frame.extend(&UDP[14..]);
    frame
}

/// Headers that carry IP, and the last type that a stack may have noted.
const WRAPS: [(&[u8], u16); 7] = [
    (&[0x81, 0, 0x20, 5, 8, 0], 0x8100),
    (&[0x88, 0xa8, 0, 7, 8, 0], 0x88a8),
    (&[0x81, 0, 0, 5, 0x81, 0, 0, 6, 8, 0], 0x8100),
    (&[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0], 0x8100),
    (
        &[0x88, 0xa8, 0, 1, 0x88, 0xa8, 0, 2, 0x81, 0, 0, 3, 8, 0],
        0x8100,
    ),
    (&[0x88, 0x64, 0x11, 0, 0, 9, 0, 30, 0, 0x21], 0x8864),
    (
        &[
            0x81, 0, 0, 5, 0x81, 0, 0, 6, 0x88, 0x64, 0x11, 0, 0, 9, 0, 30, 0, 0x21,
        ],
        0x8100,
    ),
];

#[test]
fn looks_behind_tags_wherever_the_network_header_is_said_to_be() {
    for (wrap, last) in WRAPS {
        let bytes = wrapped(wrap);
        let first = u16::from_be_bytes([wrap[0], wrap[1]]);
        let ip = 12 + wrap.len();
        // A guest's or a program's (behind the first type), a VLAN's on a VLAN (behind all tags), and
        // one where the kernel has taken the outer tag off.
        let tagged = first != 0x8864;
        let lies = [(first, 14), (first, ip), (last, ip), (last, ip - 4)];
        // What a program sends on a VLAN device has the inner type, and the place of a tag.
        for (protocol, network) in lies.into_iter().chain(tagged.then_some((0x0800, 14))) {
            let frame = Frame {
                protocol,
                network,
                ..udp(&bytes)
            };
            let of = |policy| hash::hash(policy, &frame, |_| None);
            assert_eq!(of(Policy::Layer34), hash::layer34(&udp(&UDP)), "{wrap:x?}");
            let addrs = u32::from_ne_bytes([0, 0, 0, 3]);
            let l2 = hash::layer2(&frame).unwrap() ^ addrs;
            let l2 = l2 ^ (l2 >> 16);
            assert_eq!(of(Policy::Layer23), Ok(l2 ^ (l2 >> 8)), "{wrap:x?}");
            for policy in [Policy::Encap23, Policy::Encap34] {
                let mut seen = None;
                let _ = hash::hash(policy, &frame, |inner| {
                    seen = Some((inner.protocol, inner.network));
                    None
                });
                assert_eq!(seen, Some((0x0800, ip)), "{wrap:x?}");
            }
            assert_eq!(of(Policy::Layer2), hash::layer2(&frame));
        }
    }
}

#[test]
fn tags_that_lead_nowhere() {
    // Nine tags, a tag that ends the frame, a session that is none, PPP that is not IP, another
    // type behind a tag: what native does.
    let nine = [[0x81, 0, 0, 1].as_slice(); 9].concat();
    let cases: [&[u8]; 6] = [
        &[nine.as_slice(), &[8, 0]].concat(),
        &[0x88, 0x64, 0x12, 0, 0, 9, 0, 30, 0, 0x21],
        &[0x88, 0x64, 0x11, 9, 0, 9, 0, 30, 0, 0x21],
        &[0x88, 0x64, 0x11, 0, 0, 9, 0, 30, 0xc0, 0x21],
        &[0x81, 0, 0, 5, 8, 6],
        &[0x88, 0x47, 0, 1, 0x01, 0x40],
    ];
    for wrap in cases {
        let bytes = wrapped(wrap);
        let frame = Frame {
            protocol: u16::from_be_bytes([wrap[0], wrap[1]]),
            ..udp(&bytes)
        };
        for policy in Policy::ALL {
            let native = match policy {
                Policy::VlanSrcMac => hash::vlan_srcmac(&frame),
                _ => hash::layer2(&frame),
            };
            let got = hash::hash(policy, &frame, |_| None);
            assert_eq!(got, native, "{policy:?} {wrap:x?}");
        }
    }
    for len in 14..18 {
        let bytes = &wrapped(WRAPS[0].0)[..len];
        let frame = Frame {
            protocol: 0x8100,
            ..udp(bytes)
        };
        assert_eq!(
            hash::hash(Policy::Layer34, &frame, |_| None),
            hash::layer2(&frame)
        );
    }
}

#[test]
fn neighbour_discovery_behind_tags() {
    let v6 = |next: u8, first: u8| {
        let mut packet = vec![0x60, 0, 0, 0, 0, 8, next, 255];
        packet.extend([0; 32]);
        packet.extend([first, 0, 0, 0, 0, 0, 0, 0]);
        packet
    };
    let cases = [
        ([8, 6], vec![0, 1, 8, 0], true),
        ([0x86, 0xdd], v6(58, 135), true),
        ([0x86, 0xdd], v6(58, 136), true),
        ([0x86, 0xdd], v6(58, 128), false),
        ([0x86, 0xdd], v6(17, 135), false),
        ([0x86, 0xdd], v6(58, 135)[..40].to_vec(), false),
        ([8, 0], vec![0x45; 48], false),
    ];
    for (kind, payload, want) in cases {
        for tags in [
            &[][..],
            &[0x81, 0, 0, 5],
            &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6],
        ] {
            let bytes = [&UDP[..12], tags, &kind, &payload].concat();
            let frame = Frame {
                protocol: u16::from_be_bytes([bytes[12], bytes[13]]),
                ..udp(&bytes)
            };
            assert_eq!(frame.is_neighbor_discovery(), Ok(want), "{bytes:x?}");
        }
    }
}

#[test]
fn tags_that_are_not_at_hand() {
    for (wrap, last) in WRAPS {
        let bytes = wrapped(wrap);
        let frame = Frame {
            protocol: last,
            ..udp(&bytes)
        };
        let whole = hash::hash(Policy::Layer34, &frame, |_| None);
        let mut have = 14;
        loop {
            let head = &bytes[..have];
            match hash::hash(Policy::Layer34, &Frame { head, ..frame }, |_| None) {
                Err(Short { need }) => {
                    assert!(need as usize > have && need as usize <= bytes.len());
                    have = need as usize;
                }
                done => break assert_eq!(done, whole),
            }
        }
    }
}

#[test]
fn numbers_and_names() {
    let list: Vec<_> = Policy::ALL.iter().map(|p| (p.number(), p.name())).collect();
    assert_eq!(
        list,
        [
            (0, "layer2"),
            (1, "layer3+4"),
            (2, "layer2+3"),
            (3, "encap2+3"),
            (4, "encap3+4"),
            (5, "vlan+srcmac"),
        ]
    );
    assert_eq!(Policy::from_number(5), Some(Policy::VlanSrcMac));
    assert_eq!(Policy::from_number(6), None);
}
