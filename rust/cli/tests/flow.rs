// SPDX-License-Identifier: GPL-2.0

//! Frames of flows, and answers in words.

use std::net::IpAddr;

use clap::Parser;
use cli::args::{Args, Command};
use cli::family::message::{attr, Fields};
use cli::flow::{hex, Answer, Frame, Mac, Protocol, Tuple, DESTINATION};
use lag::family::{flow, Fate};

const SOURCE: [u8; 6] = [2, 0, 0, 0, 0x0a, 1];

fn ip(text: &str) -> Option<IpAddr> {
    Some(text.parse().expect("it is an address"))
}

fn plain() -> Tuple {
    Tuple {
        source_mac: SOURCE,
        destination_mac: None,
        vlans: Vec::new(),
        addresses: None,
        protocol: Protocol::Tcp,
        source_port: 0x1234,
        destination_port: 80,
    }
}

fn between(from: &str, to: &str, change: impl Fn(&mut Tuple)) -> Vec<u8> {
    let mut tuple = Tuple::new((ip(from), ip(to)), plain()).expect("they fit");
    change(&mut tuple);
    tuple.frame()
}

fn octets(text: &str) -> Vec<u8> {
    hex(text).expect("it is hexadecimal")
}

#[test]
fn frames_of_ipv4() {
    assert_eq!(
        between("192.0.2.1", "192.0.2.2", |_| {}),
        octets(
            "020000000001 02000000 0a01 0800 \
             4500 0028 0000 4000 4006 b6cc c0000201 c0000202 \
             1234 0050 00000000 00000000 5010 ffff 0000 0000"
        )
    );
    assert_eq!(
        between("192.0.2.1", "192.0.2.2", |tuple| {
            tuple.protocol = Protocol::Udp;
            tuple.vlans = vec![100, 5];
            tuple.destination_mac = Some([2, 0, 0, 0, 0, 9]);
        }),
        octets(
            "020000000009 02000000 0a01 88a8 0064 8100 0005 0800 \
             4500 001c 0000 4000 4011 b6cd c0000201 c0000202 1234 0050 0008 0000"
        )
    );
    let ping = between("192.0.2.1", "192.0.2.2", |tuple| {
        tuple.protocol = Protocol::Icmp;
    });
    assert_eq!(ping[14 + 9], 1);
    assert_eq!(ping[34..], [8, 0, 0, 0, 0x12, 0x34, 0, 1]);
    let sctp = between("192.0.2.1", "192.0.2.2", |tuple| {
        tuple.protocol = Protocol::Number(132);
    });
    assert_eq!(
        (sctp[14 + 9], &sctp[34..38]),
        (132, &[0x12, 0x34, 0, 80][..])
    );
}

#[test]
fn checksums_of_ipv4_add_up() {
    for to in ["192.0.2.2", "255.255.255.255", "0.0.0.0", "10.255.0.255"] {
        let frame = between("172.31.255.254", to, |_| {});
        let words = frame[14..34]
            .chunks(2)
            .map(|w| u32::from(u16::from_be_bytes([w[0], w[1]])));
        let mut sum: u32 = words.sum();
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        assert_eq!(sum, 0xffff, "{to}");
    }
}

#[test]
fn frames_of_ipv6() {
    let frame = between("2001:db8::1", "2001:db8::2", |tuple| {
        tuple.protocol = Protocol::Icmp;
        tuple.vlans = vec![5];
    });
    assert_eq!(
        frame,
        octets(
            "020000000001 02000000 0a01 8100 0005 86dd 60000000 0008 3a40 \
             20010db8000000000000000000000001 20010db8000000000000000000000002 \
             8000 0000 1234 0001"
        )
    );
    let udp = between("2001:db8::1", "2001:db8::2", |tuple| {
        tuple.protocol = Protocol::Udp
    });
    assert_eq!((udp[20], &udp[54..58]), (17, &[0x12, 0x34, 0, 80][..]));
}

#[test]
fn destinations() {
    let to = |text: &str| {
        let from = if text.contains(':') {
            "2001:db8::1"
        } else {
            "192.0.2.1"
        };
        between(from, text, |_| {})[..6].to_vec()
    };
    assert_eq!(to("192.0.2.9"), DESTINATION);
    assert_eq!(to("239.255.1.2"), [1, 0, 0x5e, 0x7f, 1, 2]);
    assert_eq!(to("255.255.255.255"), [0xff; 6]);
    assert_eq!(to("ff02::1:2"), [0x33, 0x33, 0, 1, 0, 2]);
    let experiment = plain().frame();
    assert_eq!(
        (&experiment[12..14], experiment.len()),
        (&[0x88, 0xb5][..], 60)
    );
}

#[test]
fn what_is_no_flow() {
    let new = |from, to| Tuple::new((from, to), plain());
    assert!(new(ip("192.0.2.1"), None).is_err());
    assert!(new(None, ip("192.0.2.1")).is_err());
    assert!(new(ip("192.0.2.1"), ip("2001:db8::1")).is_err());
    let vlans = vec![4096];
    assert!(Tuple::new((None, None), Tuple { vlans, ..plain() }).is_err());
    assert!("02:00:00:00:00".parse::<Mac>().is_err());
    assert!("02:00:00:00:00:0g".parse::<Mac>().is_err());
    assert!("02:00:00:00:00:+1".parse::<Mac>().is_err());
    assert_eq!("2:0:0:0:a:1".parse(), Ok(Mac(SOURCE)));
    assert!("256".parse::<Protocol>().is_err());
    assert_eq!("132".parse(), Ok(Protocol::Number(132)));
}

#[test]
fn hexadecimal() {
    let frame = "02:00 00000001 020000000A01 0800";
    assert_eq!(hex(frame).expect("it is").len(), 14);
    assert!(hex("0x0200").expect_err("it is short").contains("2 octets"));
    assert!(hex(&"0".repeat(29)).is_err());
    assert!(hex("zz").expect_err("no digit").contains("'z'"));
    assert_eq!(hex(&"ab".repeat(400)).expect("it is long").len(), 256);
}

fn answer(rows: &[Vec<u8>]) -> Option<Answer> {
    Answer::read(&Fields::read(&flow::SET, &rows.concat()))
}

#[test]
fn answers() {
    let fate = |fate: Fate| attr(flow::FATE, &u32::from(fate.number()).to_ne_bytes());
    let word = |number, value: u32| attr(number, &value.to_ne_bytes());
    let one = answer(&[
        fate(Fate::One),
        word(flow::SLAVE, 3),
        attr(flow::IFNAME, b"eth1\0"),
        word(flow::HASH, 0x1234),
        word(flow::BUCKET, 7),
    ])
    .expect("it is one");
    assert_eq!(
        one.text("b0"),
        "eth1 would carry this flow of b0 (hash 0x00001234, bucket 7)"
    );
    let json = serde_json::to_value(one.json("b0", &[1, 0xab])).expect("it is JSON");
    assert_eq!(json["frame"], "01ab");
    assert_eq!(
        (&json["slave"], &json["fate"]),
        (&"eth1".into(), &"one".into())
    );
    assert_eq!(
        (&json["hash"], &json["bucket"]),
        (&0x1234.into(), &7.into())
    );
    for of in Fate::ALL {
        let text = answer(&[fate(of)]).expect("it has a fate").text("b0");
        assert!(text.contains("b0") && !text.contains("know"), "{text}");
    }
    let tomorrow = answer(&[word(flow::FATE, 99)]).expect("it has a fate");
    assert!(tomorrow.text("b0").contains("99"));
    assert_eq!(answer(&[]), None);
}

#[test]
fn arguments() {
    let parse = |text: &str| Args::try_parse_from(text.split(' '));
    let Ok(Args {
        command: Command::Flow(wanted),
    }) = parse("rustbond flow b0 --src 192.0.2.1 --dst 192.0.2.2 --vlan 5 --vlan 6 --proto udp")
    else {
        panic!("it is a flow");
    };
    assert_eq!((wanted.vlan, wanted.proto), (vec![5, 6], Protocol::Udp));
    assert!(parse("rustbond flow b0 --frame 00 --src 192.0.2.1").is_err());
    let frame = "00".repeat(14);
    assert!(parse(&format!("rustbond flow b0 --frame {frame}")).is_ok());
    assert_eq!("-".parse(), Ok(Frame::Stdin));
    assert!(parse(&format!("rustbond flow b0 --frame {frame} --sport 5")).is_err());
}
