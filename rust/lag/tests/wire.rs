// SPDX-License-Identifier: GPL-2.0

//! The formats of ALB and the monitors: known frames, emit against parse, and any bytes at all.

use core::net::{Ipv4Addr, Ipv6Addr};
use lag::mac::Mac;
use lag::wire::{arp, eth, ip, ndisc, Error};
use proptest::prelude::*;

fn mac() -> impl Strategy<Value = Mac> {
    any::<[u8; 6]>().prop_map(Mac)
}

fn ipv4() -> impl Strategy<Value = Ipv4Addr> {
    any::<[u8; 4]>().prop_map(Ipv4Addr::from)
}

fn ipv6() -> impl Strategy<Value = Ipv6Addr> {
    prop_oneof![
        4 => any::<[u8; 16]>().prop_map(Ipv6Addr::from),
        1 => Just(Ipv6Addr::UNSPECIFIED),
        1 => any::<[u8; 16]>().prop_map(|a| ndisc::solicited_node(a.into())),
    ]
}

fn ethernet() -> impl Strategy<Value = eth::Repr> {
    let tag = (
        prop_oneof![Just(eth::VLAN), Just(eth::SERVICE_VLAN)],
        any::<u16>(),
    )
        .prop_map(|(protocol, tci)| eth::Tag { protocol, tci });
    (mac(), mac(), prop::option::of(tag), any::<u16>()).prop_map(|(dst, src, tag, ether_type)| {
        eth::Repr {
            dst,
            src,
            tag,
            ether_type,
        }
    })
}

fn arp() -> impl Strategy<Value = arp::Repr> {
    let op = prop_oneof![Just(arp::Op::Request), Just(arp::Op::Reply)];
    (op, mac(), ipv4(), mac(), ipv4()).prop_map(
        |(op, sender_mac, sender_ip, target_mac, target_ip)| arp::Repr {
            op,
            sender_mac,
            sender_ip,
            target_mac,
            target_ip,
        },
    )
}

fn neighbour() -> impl Strategy<Value = ndisc::Repr> {
    let kind = prop_oneof![
        Just(ndisc::Kind::Solicitation),
        any::<(bool, bool, bool)>().prop_map(|(router, solicited, override_)| {
            ndisc::Kind::Advertisement {
                router,
                solicited,
                override_,
            }
        }),
    ];
    (kind, ipv6(), ipv6(), ipv6(), prop::option::of(mac())).prop_map(
        |(kind, src, dst, target, lladdr)| ndisc::Repr {
            kind,
            src,
            dst,
            target,
            lladdr,
        },
    )
}

/// The rules of RFC 4861 7.1.1 and 7.1.2 that a Repr can break.
fn legal(r: &ndisc::Repr) -> bool {
    let group = ndisc::solicited_node(r.dst) == r.dst;
    !r.target.is_multicast()
        && match r.kind {
            ndisc::Kind::Solicitation => !r.src.is_unspecified() || (group && r.lladdr.is_none()),
            ndisc::Kind::Advertisement { solicited, .. } => !(solicited && r.dst.is_multicast()),
        }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn ethernet_comes_back(
        repr in ethernet(),
        payload in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        // Without a tag a VLAN's EtherType announces one.
        prop_assume!(
            repr.tag.is_some() || ![eth::VLAN, eth::SERVICE_VLAN].contains(&repr.ether_type)
        );
        let mut bytes = vec![0; repr.header_len()];
        bytes.extend(&payload);
        let rest = repr.emit(&mut bytes).unwrap();
        prop_assert_eq!(&rest[..], &payload[..]);
        prop_assert_eq!(eth::Repr::parse(&bytes), Ok((repr, &payload[..])));
        for short in 0..repr.header_len() {
            prop_assert_eq!(eth::Repr::parse(&bytes[..short]), Err(Error::Truncated));
            prop_assert!(repr.emit(&mut bytes.clone()[..short]).is_err());
        }
    }

    #[test]
    fn arp_comes_back(repr in arp(), pad in 0usize..20, dst in mac()) {
        let mut bytes = vec![0xff; arp::LEN + pad];
        prop_assert_eq!(repr.emit(&mut bytes).map(|rest| rest.len()), Ok(pad));
        prop_assert_eq!(arp::Repr::parse(&bytes), Ok(repr));
        for short in 0..arp::LEN {
            prop_assert_eq!(arp::Repr::parse(&bytes[..short]), Err(Error::Truncated));
            prop_assert!(repr.emit(&mut vec![0; short]).is_err());
        }
        let frame = repr.frame(dst).unwrap();
        let (header, payload) = eth::Repr::parse(&frame).unwrap();
        let src = repr.sender_mac;
        prop_assert_eq!(header, eth::Repr { dst, src, tag: None, ether_type: 0x0806 });
        prop_assert_eq!(arp::Repr::parse(payload), Ok(repr));
    }

    #[test]
    fn neighbours_come_back(repr in neighbour(), pad in 0usize..20) {
        let mut bytes = vec![0xff; repr.packet_len() + pad];
        prop_assert_eq!(repr.emit(&mut bytes).map(|rest| rest.len()), Ok(pad));
        let expect = if legal(&repr) { Ok(repr) } else { Err(Error::Malformed) };
        prop_assert_eq!(ndisc::Repr::parse(&bytes), expect);
        for short in 0..repr.packet_len() {
            prop_assert!(ndisc::Repr::parse(&bytes[..short]).is_err());
            prop_assert!(repr.emit(&mut vec![0; short]).is_err());
        }
        let lax = ndisc::Packet::new(&bytes).unwrap();
        prop_assert_eq!((lax.src(), lax.dst()), (repr.src, repr.dst));
    }

    /// One wrong bit anywhere in the message is found, and none is taken for another message.
    #[test]
    fn neighbours_are_summed(repr in neighbour(), bit in 0usize..(72 * 8)) {
        prop_assume!(legal(&repr) && bit < repr.packet_len() * 8);
        let mut bytes = vec![0; repr.packet_len()];
        repr.emit(&mut bytes).unwrap();
        bytes[bit / 8] ^= 1 << (bit % 8);
        // Traffic class and flow label are no part of the meaning and not summed.
        let ignored = bit < 4 || (8..32).contains(&bit);
        prop_assert_eq!(ndisc::Repr::parse(&bytes).is_ok(), ignored);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        every_parser(&bytes);
    }

    /// Bytes that look right at first: a valid packet with a few of its bytes changed, cut.
    #[test]
    fn nearly_right_bytes(
        arp in arp(),
        neighbour in neighbour(),
        changes in prop::collection::vec((0usize..72, any::<u8>()), 0..4),
        cut in 0usize..=72,
    ) {
        let mut first = arp.frame(Mac::BROADCAST).unwrap().to_vec();
        let mut second = vec![0; neighbour.packet_len()];
        neighbour.emit(&mut second).unwrap();
        for bytes in [&mut first, &mut second] {
            for &(at, value) in &changes {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
            bytes.truncate(cut);
            every_parser(bytes);
            every_parser(bytes.get(14..).unwrap_or(&[]));
        }
    }

    #[test]
    fn headers_of_ip(
        src in ipv6(),
        dst in ipv6(),
        next_header in any::<u8>(),
        hop_limit in any::<u8>(),
        payload in prop::collection::vec(any::<u8>(), 0..30),
        pad in 0usize..10,
    ) {
        let payload_len = payload.len() as u16;
        let repr = ip::V6Repr { src, dst, next_header, hop_limit, payload_len };
        let mut bytes = vec![0; ip::V6_HEADER];
        repr.emit(&mut bytes).unwrap();
        bytes.extend(&payload);
        prop_assert!(payload.is_empty() || ip::V6::new(&bytes[..bytes.len() - 1]).unwrap().payload().is_err());
        bytes.extend(vec![0; pad]);
        let view = ip::V6::new(&bytes).unwrap();
        let back = ip::V6Repr {
            src: view.src(),
            dst: view.dst(),
            next_header: view.next_header(),
            hop_limit: view.hop_limit(),
            payload_len: view.payload_len(),
        };
        prop_assert_eq!(back, repr);
        prop_assert_eq!(view.version(), 6);
        prop_assert_eq!(view.payload(), Ok(&payload[..]));
        prop_assert_eq!(view.rest().len(), payload.len() + pad);
    }
}

/// Runs every parser; whatever it accepts must come out again as it went in.
fn every_parser(bytes: &[u8]) {
    if let Ok((repr, payload)) = eth::Repr::parse(bytes) {
        let mut out = bytes.to_vec();
        let rest = repr.emit(&mut out).unwrap();
        assert_eq!(rest, payload);
        assert_eq!(out, bytes);
    }
    if let Ok(repr) = arp::Repr::parse(bytes) {
        let mut out = bytes.to_vec();
        repr.emit(&mut out).unwrap();
        assert_eq!(out, bytes);
    }
    if let Ok(view) = arp::Packet::new(bytes) {
        assert_eq!(arp::Repr::parse(bytes).is_ok(), [1, 2].contains(&view.op()));
    }
    if let Ok(repr) = ndisc::Repr::parse(bytes) {
        let mut out = vec![0; ndisc::LEN];
        repr.emit(&mut out).unwrap();
        assert_eq!(ndisc::Repr::parse(&out), Ok(repr));
        assert!(ndisc::Packet::new(bytes).is_ok());
    }
    if let Ok(view) = ip::V4::new(bytes) {
        let octets = [view.src().octets(), view.dst().octets()].concat();
        assert_eq!(
            (octets, view.protocol()),
            (bytes[12..20].to_vec(), bytes[9])
        );
    }
    if let Ok(view) = ip::V6::new(bytes) {
        assert_eq!(
            view.payload().is_ok(),
            bytes.len() - 40 >= view.payload_len().into()
        );
    }
}

const A: Mac = Mac([2, 0, 0, 0, 0, 0xaa]);
const B: Mac = Mac([2, 0, 0, 0, 0, 0xbb]);

#[test]
fn known_arp() {
    let reply = arp::Repr {
        op: arp::Op::Reply,
        sender_mac: A,
        sender_ip: Ipv4Addr::new(10, 0, 0, 1),
        target_mac: B,
        target_ip: Ipv4Addr::new(10, 0, 0, 2),
    };
    let frame = [
        2, 0, 0, 0, 0, 0xbb, 2, 0, 0, 0, 0, 0xaa, 8, 6, // Ethernet
        0, 1, 8, 0, 6, 4, 0, 2, // types, lengths, operation
        2, 0, 0, 0, 0, 0xaa, 10, 0, 0, 1, // sender
        2, 0, 0, 0, 0, 0xbb, 10, 0, 0, 2, // target
    ];
    assert_eq!(reply.frame(B), Ok(frame));
    for wrong in [14, 15, 16, 17, 18, 19, 20, 21] {
        let mut frame = frame;
        frame[wrong] ^= 1;
        assert_eq!(
            arp::Repr::parse(&frame[14..]),
            Err(Error::Malformed),
            "byte {wrong}"
        );
    }
}

#[test]
fn known_solicitation() {
    let src = "fe80::1".parse().unwrap();
    let ask = ndisc::Repr::solicit(src, "fe80::2".parse().unwrap(), A);
    assert_eq!(ask.dst, "ff02::1:ff00:2".parse::<Ipv6Addr>().unwrap());
    assert_eq!(eth::ipv6_group(ask.dst), Mac([0x33, 0x33, 0xff, 0, 0, 2]));
    let mut packet = [0; ndisc::LEN];
    ask.emit(&mut packet).unwrap();
    assert_eq!(packet[..8], [0x60, 0, 0, 0, 0, 32, 58, 255]);
    // The sum was worked out elsewhere.
    assert_eq!(packet[40..48], [135, 0, 0x79, 0xee, 0, 0, 0, 0]);
    assert_eq!(packet[64..], [1, 1, 2, 0, 0, 0, 0, 0xaa]);
    let probe = ndisc::Repr::solicit(Ipv6Addr::UNSPECIFIED, src, A);
    assert_eq!(probe.lladdr, None);
}

#[test]
fn options_are_walked() {
    // An MTU option before the address, and after it an option of length zero.
    let src: Ipv6Addr = "fe80::1".parse().unwrap();
    let ask = ndisc::Repr {
        lladdr: None,
        ..ndisc::Repr::solicit(src, src, A)
    };
    let with = |options: &[u8]| {
        let mut packet = vec![0; 64];
        ask.emit(&mut packet).unwrap();
        packet.extend(options);
        packet[5] += options.len() as u8;
        packet[42..44].copy_from_slice(&[0, 0]);
        let sum = ip::v6_checksum(ask.src, ask.dst, 58, &packet[40..]);
        packet[42..44].copy_from_slice(&sum.to_be_bytes());
        ndisc::Repr::parse(&packet)
    };
    let mtu = [5, 1, 0, 0, 0, 0, 5, 220];
    let source = [1, 1, 2, 0, 0, 0, 0, 0xaa];
    let target = [2, 1, 2, 0, 0, 0, 0, 0xbb];
    let found = ndisc::Repr {
        lladdr: Some(A),
        ..ask
    };
    assert_eq!(with(&[mtu, target, source].concat()), Ok(found));
    assert_eq!(with(&[mtu, target].concat()), Ok(ask));
    assert_eq!(
        with(&[source, [5, 0, 0, 0, 0, 0, 0, 0]].concat()),
        Err(Error::Malformed)
    );
    assert_eq!(
        with(&[source, [5, 2, 0, 0, 0, 0, 0, 0]].concat()),
        Err(Error::Truncated)
    );
    assert_eq!(with(&[1]), Err(Error::Truncated));
}

#[test]
fn another_code_is_another_message() {
    let src: Ipv6Addr = "fe80::1".parse().unwrap();
    let ask = ndisc::Repr::solicit(src, src, A);
    let mut packet = [0; ndisc::LEN];
    ask.emit(&mut packet).unwrap();
    packet[41] = 1;
    assert_eq!(ndisc::Repr::parse(&packet), Err(Error::Malformed));
    packet[41] = 0;
    packet[43] ^= 1;
    assert_eq!(ndisc::Repr::parse(&packet), Err(Error::Checksum));
    assert_eq!(ndisc::Repr::parse(&packet[..71]), Err(Error::Truncated));
}

#[test]
fn known_learning_frame() {
    let frame = eth::learning(A);
    let (header, rest) = eth::Repr::parse(&frame).unwrap();
    assert_eq!(
        header,
        eth::Repr {
            dst: A,
            src: A,
            tag: None,
            ether_type: 0x9000
        }
    );
    assert_eq!(rest, [0; 46]);
}

#[test]
fn behind_tags() {
    let plain = [0, 1, 8, 0];
    assert_eq!(eth::untag(eth::ARP, &plain), (eth::ARP, &plain[..]));
    let one = [&[0, 5, 8, 6], &plain[..]].concat();
    let two = [&[0, 7, 0x81, 0], &one[..]].concat();
    for outer in [eth::VLAN, eth::SERVICE_VLAN] {
        assert_eq!(eth::untag(outer, &one), (eth::ARP, &plain[..]));
        assert_eq!(eth::untag(outer, &two), (eth::ARP, &plain[..]));
        for len in [0, 3, 7] {
            assert_eq!(eth::untag(outer, &two[..len]), (outer, &two[..len]));
        }
    }
    let nine = [&[0, 1, 0x81, 0].repeat(8)[..], &one].concat();
    assert_eq!(eth::untag(eth::VLAN, &nine), (eth::VLAN, &one[..]));
}

#[test]
fn tag_id() {
    assert_eq!(
        eth::Tag {
            protocol: eth::VLAN,
            tci: 0xf123
        }
        .id(),
        0x123
    );
}
