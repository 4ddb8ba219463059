// SPDX-License-Identifier: GPL-2.0

//! LACPDUs and Markers as bytes.

use lag::mac::Mac;
use lag::wire::lacpdu::{self, Info, PortState, PDU_LEN};
use lag::wire::{marker, Error};
use proptest::prelude::*;

fn info() -> impl Strategy<Value = Info> {
    any::<(u16, [u8; 6], u16, u16, u16, u8)>().prop_map(|(a, b, c, d, e, f)| Info {
        system_priority: a,
        system: Mac(b),
        key: c,
        port_priority: d,
        port: e,
        state: PortState(f),
    })
}

/// A PDU as a Linux bond of one 10 Gb/s port sends it, octet by octet from 6.4.2.
fn sample() -> Vec<u8> {
    let mut b = vec![1, 1];
    b.extend([
        1, 20, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0, 15, 0, 255, 0, 1, 0x3d, 0, 0, 0,
    ]);
    b.extend([
        2, 20, 0x80, 0, 2, 0, 0, 0, 0, 7, 0, 33, 0, 127, 0, 4, 0x3f, 0, 0, 0,
    ]);
    b.extend([3, 16, 0, 5]);
    b.resize(PDU_LEN, 0);
    b
}

/// Clause 6.4.2. Clause 6.4.2.3, state.
#[test]
fn the_sample_reads_as_written() {
    let bytes = sample();
    let repr = lacpdu::Repr::parse(&lacpdu::Packet::new(&bytes).unwrap()).unwrap();
    let actor = Info {
        system_priority: 65535,
        system: Mac([2, 0, 0, 0, 0, 9]),
        key: 15,
        port_priority: 255,
        port: 1,
        state: PortState(0x3d),
    };
    let partner = Info {
        system_priority: 32768,
        system: Mac([2, 0, 0, 0, 0, 7]),
        key: 33,
        port_priority: 127,
        port: 4,
        state: PortState(0x3f),
    };
    assert_eq!(
        repr,
        lacpdu::Repr {
            actor,
            partner,
            collector_max_delay: 5
        }
    );
    let mut out = [0xaa; PDU_LEN];
    repr.emit(&mut out);
    assert_eq!(out.as_slice(), bytes);
}

#[test]
fn a_frame_is_header_and_pdu() {
    let mut pdu = [0; PDU_LEN];
    pdu.copy_from_slice(&sample());
    let frame = lacpdu::frame(Mac([2, 4, 6, 8, 10, 12]), &pdu);
    assert_eq!(frame[..6], [0x01, 0x80, 0xc2, 0, 0, 2]);
    assert_eq!(frame[6..12], [2, 4, 6, 8, 10, 12]);
    assert_eq!(frame[12..14], [0x88, 0x09]);
    assert_eq!(frame[14..], pdu);
    assert_eq!(frame.len(), 124);
}

/// A receiver does not look at version, TLV types and reserved octets.
#[test]
fn version_types_lengths_and_reserved_do_not_matter() {
    let good = lacpdu::Repr::parse(&lacpdu::Packet::new(&sample()).unwrap()).unwrap();
    let free = [1, 2, 3, 22, 23, 42, 43]
        .into_iter()
        .chain(19..22)
        .chain(39..42)
        .chain(46..110);
    for at in free {
        let mut bytes = sample();
        bytes[at] ^= 0xff;
        assert_eq!(
            lacpdu::Repr::parse(&lacpdu::Packet::new(&bytes).unwrap()),
            Ok(good),
            "{at}"
        );
    }
}

#[test]
fn a_sender_that_is_no_station_is_refused() {
    for system in [[0; 6], [0xff; 6], [1, 0x80, 0xc2, 0, 0, 2]] {
        let mut bytes = sample();
        bytes[6..12].copy_from_slice(&system);
        let packet = lacpdu::Packet::new(&bytes).unwrap();
        assert_eq!(lacpdu::Repr::parse(&packet), Err(Error::Malformed));
    }
}

/// Clause 6.5.3.
#[test]
fn a_marker_reads_as_written() {
    let mut bytes = vec![2, 1, 1, 16, 0, 7, 2, 0, 0, 0, 0, 5, 0xde, 0xad, 0xbe, 0xef];
    bytes.resize(PDU_LEN, 0);
    let repr = marker::Repr::parse(&marker::Packet::new(&bytes).unwrap()).unwrap();
    assert_eq!(
        repr,
        marker::Repr {
            kind: marker::Kind::Information,
            requester_port: 7,
            requester_system: Mac([2, 0, 0, 0, 0, 5]),
            transaction: 0xdead_beef,
        }
    );
    let mut out = [0x55; PDU_LEN];
    marker::Repr {
        kind: marker::Kind::Response,
        ..repr
    }
    .emit(&mut out);
    bytes[2] = 2;
    assert_eq!(out.as_slice(), bytes);
    for tlv in [0, 3, 255] {
        bytes[2] = tlv;
        let packet = marker::Packet::new(&bytes).unwrap();
        assert_eq!(marker::Repr::parse(&packet), Err(Error::Malformed));
    }
}

proptest! {
    #[test]
    fn lacpdu_survives_the_wire(actor in info(), partner in info(), collector_max_delay: u16) {
        let repr = lacpdu::Repr { actor, partner, collector_max_delay };
        let mut out = [0xff; PDU_LEN];
        repr.emit(&mut out);
        let parsed = lacpdu::Repr::parse(&lacpdu::Packet::new(&out).unwrap());
        if actor.system.is_valid_unicast() {
            prop_assert_eq!(parsed, Ok(repr));
        } else {
            prop_assert_eq!(parsed, Err(Error::Malformed));
        }
    }

    #[test]
    fn marker_survives_the_wire(port: u16, system: [u8; 6], transaction: u32, response: bool) {
        let kind = if response { marker::Kind::Response } else { marker::Kind::Information };
        let requester_system = Mac(system);
        let repr = marker::Repr { kind, requester_port: port, requester_system, transaction };
        let mut out = [0xff; PDU_LEN];
        repr.emit(&mut out);
        prop_assert_eq!(marker::Repr::parse(&marker::Packet::new(&out).unwrap()), Ok(repr));
    }

    /// Any bytes: refused exactly when short; what is read is what is there; and what was read
    /// and written again reads the same.
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), subtype in 0u8..4) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_mut() {
            *first = subtype;
        }
        let short = bytes.len() < PDU_LEN;
        prop_assert_eq!(lacpdu::Packet::new(&bytes).is_err(), short);
        prop_assert_eq!(marker::Packet::new(&bytes).is_err(), short);
        let mut out = [0; PDU_LEN];
        if let Ok(packet) = lacpdu::Packet::new(&bytes) {
            let parsed = lacpdu::Repr::parse(&packet);
            let station = packet.actor().system.is_valid_unicast();
            prop_assert_eq!(parsed.is_ok(), subtype == 1 && station);
            if let Ok(repr) = parsed {
                repr.emit(&mut out);
                prop_assert_eq!(&out[4..19], &bytes[4..19]);
                prop_assert_eq!(&out[24..39], &bytes[24..39]);
                prop_assert_eq!(&out[44..46], &bytes[44..46]);
            }
        }
        if let Ok(packet) = marker::Packet::new(&bytes) {
            let parsed = marker::Repr::parse(&packet);
            prop_assert_eq!(parsed.is_ok(), subtype == 2 && (1..=2).contains(&bytes[2]));
            if let Ok(repr) = parsed {
                repr.emit(&mut out);
                prop_assert_eq!(&out[4..16], &bytes[4..16]);
            }
        }
    }
}
