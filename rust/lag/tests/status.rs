// SPDX-License-Identifier: GPL-2.0

//! The text of /proc/net/bonding, whole.

use lag::duplex::Duplex;
use lag::hash::Policy;
use lag::lacp::reason::Reason;
use lag::lacp::system::AdInfo;
use lag::mac::Mac;
use lag::mode::Mode;
use lag::options::{AdSelect, FailOverMac, LacpRate, Name, Params, PrimaryReselect};
use lag::status::{write_bond, write_reason, write_slave, Ad, Bond, HwAddr, Port, Slave, System};
use lag::wire::lacpdu::{Info, PortState};

const TITLE: &str = "Ethernet Channel Bonding Driver: v7.2";

fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

fn bond(params: &Params) -> Bond<'_> {
    Bond {
        name: name("bond0"),
        params,
        primary: None,
        active: None,
        carrier: true,
        ipv6: true,
        system: None,
    }
}

fn text(bond: &Bond<'_>) -> String {
    let mut out = String::new();
    write_bond(&mut out, TITLE, bond).unwrap();
    out
}

fn slave<'a>() -> Slave<'a> {
    Slave {
        name: name("eth1"),
        mii_status: "up",
        speed: Some(10000),
        duplex: Duplex::Full,
        failures: 3,
        permanent: &[0x52, 0x54, 0, 0x12, 0x34, 0xab],
        queue_id: 7,
        ad: Ad::Off,
    }
}

fn slave_text(slave: &Slave<'_>) -> String {
    let mut out = String::new();
    write_slave(&mut out, slave).unwrap();
    out
}

#[test]
fn a_new_bond() {
    assert_eq!(
        text(&bond(&Params::default())),
        "Ethernet Channel Bonding Driver: v7.2\n\
         \n\
         Bonding Mode: load balancing (round-robin)\n\
         MII Status: up\n\
         MII Polling Interval (ms): 0\n\
         Up Delay (ms): 0\n\
         Down Delay (ms): 0\n\
         Peer Notification Delay (ms): 0\n"
    );
}

#[test]
fn active_backup_with_mii_monitoring() {
    let params = Params {
        mode: Mode::ActiveBackup,
        fail_over_mac: FailOverMac::Follow,
        primary_reselect: PrimaryReselect::Better,
        miimon: 100,
        updelay: 250,
        downdelay: 300,
        peer_notif_delay: 1000,
        ..Params::default()
    };
    let bond = Bond {
        primary: Some(name("eth1")),
        active: Some(name("eth2")),
        carrier: false,
        ..bond(&params)
    };
    assert_eq!(
        text(&bond),
        "Ethernet Channel Bonding Driver: v7.2\n\
         \n\
         Bonding Mode: fault-tolerance (active-backup) (fail_over_mac follow)\n\
         Primary Slave: eth1 (primary_reselect better)\n\
         Currently Active Slave: eth2\n\
         MII Status: down\n\
         MII Polling Interval (ms): 100\n\
         Up Delay (ms): 200\n\
         Down Delay (ms): 300\n\
         Peer Notification Delay (ms): 1000\n"
    );
}

#[test]
fn active_backup_with_arp_monitoring() {
    let mut params = Params {
        mode: Mode::ActiveBackup,
        arp_interval: 250,
        missed_max: 3,
        ..Params::default()
    };
    let expect = |v4: &str, v6: &str| {
        format!(
            "Ethernet Channel Bonding Driver: v7.2\n\
             \n\
             Bonding Mode: fault-tolerance (active-backup)\n\
             Primary Slave: None\n\
             Currently Active Slave: None\n\
             MII Status: up\n\
             MII Polling Interval (ms): 0\n\
             Up Delay (ms): 0\n\
             Down Delay (ms): 0\n\
             Peer Notification Delay (ms): 0\n\
             ARP Polling Interval (ms): 250\n\
             ARP Missed Max: 3\n\
             ARP IP target/s (n.n.n.n form):{v4}\n{v6}"
        )
    };
    let ns = "NS IPv6 target/s (xx::xx form):";
    assert_eq!(text(&bond(&params)), expect("", &format!("{ns}\n")));
    params.arp_targets.add([192, 168, 0, 1]).unwrap();
    params.arp_targets.add([192, 168, 0, 254]).unwrap();
    let v4 = " 192.168.0.1, 192.168.0.254";
    let without = Bond {
        ipv6: false,
        ..bond(&params)
    };
    assert_eq!(text(&without), expect(v4, ""));
    let mut address = [0; 16];
    address[0] = 0x20;
    address[1] = 1;
    for last in [1, 2] {
        address[15] = last;
        params.ns_targets.add(address).unwrap();
    }
    let v6 = format!("{ns} 2001::1, 2001::2\n");
    assert_eq!(text(&bond(&params)), expect(v4, &v6));
}

#[test]
fn text_of_each_mode() {
    let policy = "Transmit Hash Policy: layer3+4 (1)\n";
    let active = "Primary Slave: None\nCurrently Active Slave: None\n";
    let lacp = "\n802.3ad info\nLACP active: on\nLACP rate: slow\nMin links: 0\n\
                Aggregator selection policy (ad_select): stable\n";
    for (mode, dynamic, title, after, end) in [
        (0, true, "load balancing (round-robin)", "", ""),
        (1, true, "fault-tolerance (active-backup)", active, ""),
        (2, true, "load balancing (xor)", policy, ""),
        (3, true, "fault-tolerance (broadcast)", "", ""),
        (
            4,
            true,
            "IEEE 802.3ad Dynamic link aggregation",
            policy,
            lacp,
        ),
        (5, true, "transmit load balancing", active, ""),
        (
            5,
            false,
            "transmit load balancing",
            &format!("{policy}{active}"),
            "",
        ),
        (6, true, "adaptive load balancing", active, ""),
        (
            6,
            false,
            "adaptive load balancing",
            &format!("{policy}{active}"),
            "",
        ),
    ] {
        let params = Params {
            mode: Mode::from_number(mode).unwrap(),
            xmit_policy: Policy::Layer34,
            tlb_dynamic_lb: dynamic,
            ..Params::default()
        };
        let delays = "MII Polling Interval (ms): 0\nUp Delay (ms): 0\nDown Delay (ms): 0\n\
                      Peer Notification Delay (ms): 0\n";
        let expect =
            format!("{TITLE}\n\nBonding Mode: {title}\n{after}MII Status: up\n{delays}{end}");
        assert_eq!(text(&bond(&params)), expect, "mode {mode}");
    }
    // fail_over_mac counts in active-backup alone.
    let params = Params {
        mode: Mode::Tlb,
        fail_over_mac: FailOverMac::Active,
        ..Params::default()
    };
    assert!(!text(&bond(&params)).contains("fail_over_mac"));
}

#[test]
fn lacp_for_net_admin() {
    let params = Params {
        mode: Mode::Lacp,
        miimon: 100,
        lacp_active: false,
        lacp_rate: LacpRate::Fast,
        min_links: 2,
        ad_select: AdSelect::ActorPortPrio,
        ..Params::default()
    };
    let head = "Ethernet Channel Bonding Driver: v7.2\n\
         \n\
         Bonding Mode: IEEE 802.3ad Dynamic link aggregation\n\
         Transmit Hash Policy: layer2 (0)\n\
         MII Status: up\n\
         MII Polling Interval (ms): 100\n\
         Up Delay (ms): 0\n\
         Down Delay (ms): 0\n\
         Peer Notification Delay (ms): 0\n\
         \n\
         802.3ad info\n\
         LACP active: off\n\
         LACP rate: fast\n\
         Min links: 2\n\
         Aggregator selection policy (ad_select): actor_port_prio\n";
    assert_eq!(text(&bond(&params)), head);
    let mac = Mac([2, 0, 0, 0, 0, 0xf]);
    let mut system = System {
        priority: 65535,
        mac,
        active: None,
    };
    let admin = |system| {
        text(&Bond {
            system: Some(system),
            ..bond(&params)
        })
    };
    let head = format!("{head}System priority: 65535\nSystem MAC address: 02:00:00:00:00:0f\n");
    let none = format!("{head}bond bond0 has no active aggregator\n");
    assert_eq!(admin(system), none);
    system.active = Some(AdInfo {
        aggregator: 1,
        ports: 2,
        actor_key: 15,
        partner_key: 33,
        partner: Mac([0xaa, 0xbb, 0xcc, 0, 1, 2]),
    });
    let active = format!(
        "{head}Active Aggregator Info:\n\
         \tAggregator ID: 1\n\
         \tNumber of ports: 2\n\
         \tActor Key: 15\n\
         \tPartner Key: 33\n\
         \tPartner Mac Address: aa:bb:cc:00:01:02\n"
    );
    assert_eq!(admin(system), active);
    // Another mode has none of it.
    let xor = Params {
        mode: Mode::Xor,
        ..params.clone()
    };
    let other = Bond {
        system: Some(system),
        ..bond(&xor)
    };
    assert!(!text(&other).contains("802.3ad") && !text(&other).contains("System"));
}

#[test]
fn a_slave() {
    assert_eq!(
        slave_text(&slave()),
        "\n\
         Slave Interface: eth1\n\
         MII Status: up\n\
         Speed: 10000 Mbps\n\
         Duplex: full\n\
         Link Failure Count: 3\n\
         Permanent HW addr: 52:54:00:12:34:ab\n\
         Slave queue ID: 7\n"
    );
    let slave = Slave {
        mii_status: "going back",
        speed: None,
        duplex: Duplex::Unknown,
        ..slave()
    };
    let text = slave_text(&slave);
    assert!(text.contains("\nMII Status: going back\nSpeed: Unknown\nDuplex: Unknown\nLink"));
    let half = Slave {
        duplex: Duplex::Half,
        ..slave
    };
    assert!(slave_text(&half).contains("\nDuplex: half\n"));
}

#[test]
fn a_slave_in_802_3ad() {
    let plain = slave_text(&slave());
    let detached = Slave {
        ad: Ad::Detached,
        ..slave()
    };
    assert_eq!(
        slave_text(&detached),
        format!("{plain}Aggregator ID: N/A\n")
    );

    let mut port = Port {
        aggregator: 4,
        actor_churn: "monitoring",
        partner_churn: "churned",
        actor_churned: 1,
        partner_churned: 2,
        details: None,
    };
    let with = |port| {
        slave_text(&Slave {
            ad: Ad::Port(port),
            ..slave()
        })
    };
    let head = format!(
        "{plain}Aggregator ID: 4\n\
         Actor Churn State: monitoring\n\
         Partner Churn State: churned\n\
         Actor Churned Count: 1\n\
         Partner Churned Count: 2\n"
    );
    assert_eq!(with(port), head);
    let actor = Info {
        system_priority: 65535,
        system: Mac([2, 0, 0, 0, 0, 1]),
        key: 15,
        port_priority: 255,
        port: 1,
        state: PortState(61),
    };
    let partner = Info {
        system_priority: 32768,
        system: Mac([0xaa, 0, 0, 0, 0, 2]),
        key: 7,
        port_priority: 128,
        port: 9,
        state: PortState(63),
    };
    port.details = Some((actor, partner));
    let details = format!(
        "{head}details actor lacp pdu:\n\
         \x20   system priority: 65535\n\
         \x20   system mac address: 02:00:00:00:00:01\n\
         \x20   port key: 15\n\
         \x20   port priority: 255\n\
         \x20   port number: 1\n\
         \x20   port state: 61\n\
         details partner lacp pdu:\n\
         \x20   system priority: 32768\n\
         \x20   system mac address: aa:00:00:00:00:02\n\
         \x20   oper key: 7\n\
         \x20   port priority: 128\n\
         \x20   port number: 9\n\
         \x20   port state: 63\n"
    );
    assert_eq!(with(port), details);
}

#[test]
fn why_a_slave_is_not_in_use() {
    let line = |reason| {
        let mut out = String::new();
        write_reason(&mut out, reason, 3, 7).unwrap();
        out
    };
    assert_eq!(line(None), "AD Reason: none\nAD Strays: 3\nAD Dropped: 7\n");
    assert_eq!(
        line(Some(Reason::LinkDown)),
        "AD Reason: link is down\nAD Strays: 3\nAD Dropped: 7\n"
    );
}

#[test]
fn hardware_addresses_of_any_length() {
    assert_eq!(HwAddr(&[]).to_string(), "");
    assert_eq!(HwAddr(&[7]).to_string(), "07");
    let infiniband: Vec<u8> = (0..20).collect();
    assert_eq!(HwAddr(&infiniband).to_string().len(), 20 * 3 - 1);
    assert_eq!(HwAddr(&[1; 70]).to_string().len(), 64 * 3 - 1);
}
