// SPDX-License-Identifier: GPL-2.0

//! From rtnetlink's octets, sysfs and proc to the state.

use std::collections::BTreeMap;

use cli::state::kernel::{assemble, Texts};
use cli::state::link::Link;
use cli::state::{proc, Bond, Party, Setting};

/// An attribute with its padding.
pub(crate) fn attr(number: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 4).expect("it is short");
    let mut out = [length.to_ne_bytes(), number.to_ne_bytes()].concat();
    out.extend(payload);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}

fn word(number: u16, value: u32) -> Vec<u8> {
    attr(number, &value.to_ne_bytes())
}

fn name(number: u16, text: &str) -> Vec<u8> {
    attr(number, &[text.as_bytes(), b"\0"].concat())
}

/// struct ifinfomsg and the attributes.
fn message(index: u32, up: bool, attrs: &[Vec<u8>]) -> Vec<u8> {
    let mut out = vec![0; 4];
    out.extend(index.to_ne_bytes());
    out.extend(u32::from(up).to_ne_bytes());
    out.extend([0; 4]);
    out.extend(attrs.concat());
    out
}

const MAC: [u8; 6] = [2, 0, 0, 0, 0x0a, 1];

/// A bond of a kind that no library knows, with attributes of tomorrow among them.
fn bond_message(kind: &str) -> Vec<u8> {
    let targets = [attr(0, &[192, 0, 2, 1]), attr(1, &[192, 0, 2, 2])].concat();
    let info = [(1u16, 3u16), (2, 1), (3, 9), (4, 8)];
    let mut ad: Vec<Vec<u8>> = info.map(|(n, v)| attr(n, &v.to_ne_bytes())).to_vec();
    ad.push(attr(5, &[2, 0, 0, 0, 0, 9]));
    let data = [
        attr(1, &[4]),
        word(2, 7),
        word(3, 100),
        attr(8, &targets),
        attr(21, &[1]),
        attr(23, &ad.concat()),
        attr(0x8000 | 99, &[1, 2, 3]),
    ]
    .concat();
    let linkinfo = [name(1, kind), attr(0x8000 | 2, &data)].concat();
    message(
        5,
        true,
        &[
            name(3, "b0"),
            attr(1, &MAC),
            word(4, 1500),
            attr(33, &[1]),
            attr(18, &linkinfo),
        ],
    )
}

fn slave_message(kind: &str) -> Vec<u8> {
    let data = [
        attr(1, &[0]),
        attr(2, &[3]),
        word(3, 4),
        attr(4, &[2, 0, 0, 0, 0, 5]),
        attr(5, &2u16.to_ne_bytes()),
        attr(6, &3u16.to_ne_bytes()),
        attr(7, &[61]),
        attr(8, &63u16.to_ne_bytes()),
        word(9, u32::MAX),
        attr(11, &[1]),
    ]
    .concat();
    let linkinfo = [name(1, "dummy"), name(4, kind), attr(5, &data)].concat();
    let mut stats = Vec::new();
    for number in 1u64..=24 {
        stats.extend(number.to_ne_bytes());
    }
    message(
        7,
        true,
        &[
            name(3, "eth0"),
            attr(1, &MAC),
            word(4, 1400),
            word(10, 5),
            attr(33, &[0]),
            word(35, 12),
            attr(23, &stats),
            attr(18, &linkinfo),
        ],
    )
}

/// Files of a test.
struct Fake(BTreeMap<String, String>);

impl Texts for Fake {
    fn text(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }
}

const PROC: &str = "\
Rust Ethernet Channel Bonding Driver: v0.1.0

Bonding Mode: IEEE 802.3ad Dynamic link aggregation
MII Status: up

802.3ad info
LACP active: on
System priority: 65535
System MAC address: 02:00:00:00:0a:01

Slave Interface: eth0
MII Status: up
Speed: 1000 Mbps
Duplex: full
Aggregator ID: 3
Actor Churn State: none
Partner Churn State: churned
details actor lacp pdu:
    system priority: 65535
    system mac address: 02:00:00:00:0a:01
    port key: 9
    port priority: 255
    port number: 1
    port state: 61
details partner lacp pdu:
    system priority: 7
    system mac address: 02:00:00:00:00:09
    oper key: 8
    port priority: 6
    port number: 5
    port state: 63
AD Reason: LACP partner is not in sync
AD Strays: 2
";

fn files(kind: &str) -> Fake {
    let folder = if kind == "bond" { "bonding" } else { kind };
    Fake(BTreeMap::from(
        [
            (format!("/proc/net/{folder}/b0"), PROC.to_string()),
            ("/sys/class/net/b0/ifindex".into(), "5".into()),
            ("/sys/class/net/b0/speed".into(), "-1".into()),
            ("/sys/class/net/b0/duplex".into(), "unknown".into()),
            ("/sys/class/net/b0/bonding/arp_adaptive".into(), "1".into()),
            ("/sys/class/net/eth0/ifindex".into(), "7".into()),
            ("/sys/class/net/eth0/speed".into(), "2500".into()),
            ("/sys/class/net/eth0/duplex".into(), "full".into()),
            (
                "/sys/class/net/eth0/bonding_slave/ad_reason".into(),
                "partner_out_of_sync 11".into(),
            ),
            (
                "/sys/class/net/eth0/bonding_slave/ad_strays".into(),
                "2".into(),
            ),
        ]
        .map(|(path, text): (String, String)| (path, text)),
    ))
}

fn read(kind: &str, files: &Fake) -> Bond {
    let links = [bond_message(kind), slave_message(kind)];
    let links: Vec<Link> = links
        .iter()
        .map(|m| Link::parse(m).expect("it is whole"))
        .collect();
    let mut state = assemble(&links, files, 1.5);
    assert_eq!((state.bonds.len(), state.seconds), (1, 1.5));
    state.bonds.remove(0)
}

#[test]
fn a_bond_of_each_kind() {
    for kind in ["bond", "rustbond"] {
        let bond = read(kind, &files(kind));
        assert_eq!((bond.name.as_str(), bond.kind.as_str()), ("b0", kind));
        assert!(bond.up && bond.carrier && bond.is_lacp() && bond.is_ours());
        assert_eq!(
            bond.driver.as_ref().map(|d| d.version.as_str()),
            Some("0.1.0")
        );
        assert_eq!(bond.address.as_deref(), Some("02:00:00:00:0a:01"));
        assert_eq!((bond.speed, bond.duplex.as_deref()), (None, None));
        assert_eq!(bond.text("active_slave"), Some("eth0"));
        assert_eq!(bond.options["primary"], Setting::Nothing);
        assert_eq!(bond.number("miimon"), Some(100));
        assert_eq!(bond.number("arp_adaptive"), Some(1));
        assert_eq!(bond.text("lacp_rate"), Some("fast"));
        assert_eq!(bond.list("arp_ip_target"), ["192.0.2.1", "192.0.2.2"]);
        let aggregate = bond.aggregate.as_ref().expect("it is told");
        assert_eq!((aggregate.aggregator, aggregate.partner_key), (3, 8));
        assert_eq!(aggregate.partner_mac, "02:00:00:00:00:09");
        let [slave] = &bond.slaves[..] else {
            panic!("{:?}", bond.slaves);
        };
        assert_eq!((slave.mtu, slave.carrier, slave.up), (1400, false, true));
        assert_eq!(slave.state.as_deref(), Some("active"));
        assert_eq!(slave.mii_status.as_deref(), Some("going back"));
        assert_eq!(
            (slave.speed, slave.duplex.as_deref()),
            (Some(2500), Some("full"))
        );
        assert_eq!(
            slave.permanent_address.as_deref(),
            Some("02:00:00:00:00:05")
        );
        assert_eq!((slave.link_failures, slave.carrier_changes), (4, Some(12)));
        assert_eq!(
            (slave.number("queue_id"), slave.number("prio")),
            (Some(2), Some(-1))
        );
        let traffic = slave.traffic;
        assert_eq!(
            [
                traffic.rx_packets,
                traffic.tx_packets,
                traffic.rx_bytes,
                traffic.tx_bytes
            ],
            [1, 2, 3, 4]
        );
        assert_eq!(
            [
                traffic.rx_errors,
                traffic.tx_errors,
                traffic.rx_dropped,
                traffic.tx_dropped
            ],
            [5, 6, 7, 8]
        );
        let port = slave.port.as_ref().expect("it is a port");
        assert_eq!((port.actor_state, port.partner_state), (Some(61), Some(63)));
        assert_eq!(port.actor_churn.as_deref(), Some("churned"));
        assert_eq!(port.partner_churn.as_deref(), Some("churned"));
        let reason = port.reason.as_ref().expect("it is told");
        assert_eq!(
            (reason.number, reason.word.as_str()),
            (11, "partner_out_of_sync")
        );
        assert_eq!(reason.text, "LACP partner is not in sync");
        assert_eq!((port.strays, port.dropped), (Some(2), None));
        let partner = Party {
            system_priority: 7,
            system: "02:00:00:00:00:09".to_string(),
            key: 8,
            port_priority: 6,
            port: 5,
            state: 63,
        };
        assert_eq!(port.partner.as_ref(), Some(&partner));
        assert_eq!(port.actor.as_ref().map(|actor| actor.key), Some(9));
    }
}

#[test]
fn sysfs_of_another_namespace_is_not_believed() {
    let mut files = files("bond");
    files
        .0
        .insert("/sys/class/net/eth0/ifindex".into(), "8".into());
    let bond = read("bond", &files);
    // Of /proc, which is this namespace's in any case.
    assert_eq!(bond.slaves[0].speed, Some(1000));
    assert_eq!(
        bond.slaves[0]
            .port
            .as_ref()
            .and_then(|port| port.reason.clone()),
        None
    );
}

#[test]
fn without_files() {
    let bond = read("rustbond", &Fake(BTreeMap::new()));
    assert_eq!((bond.driver.clone(), bond.slaves[0].speed), (None, None));
    assert!(bond.is_ours());
}

#[test]
fn messages_that_are_cut() {
    for whole in [bond_message("bond"), slave_message("rustbond")] {
        for end in 0..whole.len() {
            let _ = Link::parse(&whole[..end]);
        }
        // Each octet, one after the other, in each of some values.
        for at in 0..whole.len() {
            for value in [0, 1, 3, 4, 0x7f, 0xff] {
                let mut bad = whole.clone();
                bad[at] = value;
                if let Some(link) = Link::parse(&bad) {
                    assemble(&[link], &Fake(BTreeMap::new()), 0.0);
                }
            }
        }
    }
}

#[test]
fn titles() {
    let driver = |title: &str| proc::parse(title).driver.map(|d| (d.name, d.version));
    let some = |name: &str, version: &str| Some((name.to_string(), version.to_string()));
    assert_eq!(
        driver("Ethernet Channel Bonding Driver: v6.12.1\n"),
        some("bonding", "6.12.1")
    );
    assert_eq!(
        driver("Rust Ethernet Channel Bonding Driver: v0.1.0"),
        some("rustbond", "0.1.0")
    );
    assert_eq!(driver("something else"), None);
    assert_eq!(proc::parse(""), proc::Text::default());
}

/// A plain interface.
fn plain(index: u32, name: &str, address: [u8; 6], more: &[Vec<u8>]) -> Link {
    let mut attrs = vec![self::name(3, name), attr(1, &address)];
    attrs.extend_from_slice(more);
    Link::parse(&message(index, true, &attrs)).expect("it is whole")
}

#[test]
fn twins_are_strangers_only() {
    let kind = |kind: &str| attr(18, &self::name(1, kind));
    let twins = |links: &[Link]| {
        let mut all = vec![
            Link::parse(&bond_message("bond")).expect("it is whole"),
            Link::parse(&slave_message("bond")).expect("it is whole"),
        ];
        all.extend_from_slice(links);
        assemble(&all, &Fake(BTreeMap::new()), 0.0).bonds[0]
            .twins
            .clone()
    };
    let other = [2, 0, 0, 0, 0, 0x77];
    let vlan = plain(20, "b0.5", MAC, &[word(5, 5), kind("vlan")]);
    let above = plain(21, "b0.5.6", MAC, &[word(5, 20), kind("vlan")]);
    assert!(twins(&[vlan, above]).is_empty());
    let stranger = plain(22, "eth9", MAC, &[]);
    let else_one = plain(23, "eth8", other, &[]);
    assert_eq!(twins(&[stranger.clone(), else_one]), ["eth9"]);
    // The other end of a veth says that it is above, and is not.
    let veth = plain(24, "veth9", MAC, &[word(5, 7), kind("veth")]);
    assert_eq!(twins(&[veth, stranger]), ["veth9", "eth9"]);
}
