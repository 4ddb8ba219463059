// SPDX-License-Identifier: GPL-2.0

//! Values of options in sysfs and netlink.

use super::fake::{busy, idle, mode, name, shown};
use lag::lacp::system::AdInfo;
use lag::mac::Mac;
use lag::mode::Mode;
use lag::options::{fill, show, Ip6, Opt, Params, Payload, Reading, View, World};

const AD: AdInfo = AdInfo {
    aggregator: 2,
    ports: 3,
    actor_key: 15,
    partner_key: 17,
    partner: Mac([2, 0, 0, 0, 0, 9]),
};

#[test]
fn a_new_bond() {
    for (opt, text) in [
        (Opt::Mode, "balance-rr 0\n"),
        (Opt::ActiveSlave, ""),
        (Opt::Miimon, "0\n"),
        (Opt::Updelay, "0\n"),
        (Opt::Downdelay, "0\n"),
        (Opt::PeerNotifDelay, "0\n"),
        (Opt::UseCarrier, "1\n"),
        (Opt::ArpInterval, "0\n"),
        (Opt::ArpTargets, ""),
        (Opt::NsTargets, ""),
        (Opt::ArpValidate, "none 0\n"),
        (Opt::ArpAllTargets, "any 0\n"),
        (Opt::MissedMax, "2\n"),
        (Opt::ArpAdaptive, "0\n"),
        (Opt::Primary, ""),
        (Opt::PrimaryReselect, "always 0\n"),
        (Opt::FailOverMac, "none 0\n"),
        (Opt::XmitHashPolicy, "layer2 0\n"),
        (Opt::ResendIgmp, "1\n"),
        (Opt::NumPeerNotif, "1\n"),
        (Opt::AllSlavesActive, "0\n"),
        (Opt::MinLinks, "0\n"),
        (Opt::LpInterval, "1\n"),
        (Opt::PacketsPerSlave, "1\n"),
        (Opt::LacpActive, "on 1\n"),
        (Opt::LacpRate, "slow 0\n"),
        (Opt::LacpStrict, "off 0\n"),
        (Opt::AdSelect, "stable 0\n"),
        (Opt::TlbDynamicLb, "1\n"),
        (Opt::CoupledControl, "on 1\n"),
        (Opt::BroadcastNeighbor, "off 0\n"),
    ] {
        assert_eq!(shown(opt, &Params::default(), &idle()), text, "{opt:?}");
    }
}

#[test]
fn lists() {
    let mut world = busy();
    world.slaves[1].queue_id = 7;
    let params = Params::default();
    assert_eq!(shown(Opt::Slaves, &params, &world), "eth1 eth2 eth3\n");
    assert_eq!(
        shown(Opt::QueueId, &params, &world),
        "eth1:0 eth2:7 eth3:0\n"
    );
    assert_eq!(shown(Opt::Slaves, &params, &idle()), "");
    assert_eq!(shown(Opt::QueueId, &params, &idle()), "");
}

#[test]
fn a_long_list_ends_within_the_page() {
    let mut world = busy();
    let slave = world.slaves[0];
    world.slaves.clear();
    for index in 0..1000 {
        let mut slave = slave;
        slave.name = name(&format!("interface{index:06}"));
        slave.queue_id = 65535;
        world.slaves.push(slave);
    }
    for opt in [Opt::Slaves, Opt::QueueId] {
        let text = shown(opt, &Params::default(), &world);
        assert!(text.ends_with(" ++more++\n"));
        assert!((4050..=4095).contains(&text.len()), "{}", text.len());
    }
    world.slaves.truncate(250);
    let text = shown(Opt::Slaves, &Params::default(), &world);
    assert_eq!(text.len(), 250 * 16);
}

#[test]
fn the_active_slave_is_there_in_modes_that_have_one() {
    for m in Mode::ALL {
        let text = shown(Opt::ActiveSlave, &mode(m), &busy());
        assert_eq!(text, if m.has_active_slave() { "eth1\n" } else { "" });
    }
    assert_eq!(
        shown(Opt::ActiveSlave, &mode(Mode::ActiveBackup), &idle()),
        ""
    );
}

#[test]
fn lacp_is_for_802_3ad_and_its_secrets_for_net_admin() {
    let secrets = [Opt::AdActorSysPrio, Opt::AdActorSystem, Opt::AdUserPortKey];
    for m in Mode::ALL {
        for net_admin in [false, true] {
            for ad in [None, Some(AD)] {
                let params = mode(m);
                let view = View {
                    params: &params,
                    world: &busy(),
                    carrier: false,
                    ad,
                    net_admin,
                };
                let lacp = m == Mode::Lacp;
                for (opt, text) in
                    secrets
                        .into_iter()
                        .zip(["65535\n", "00:00:00:00:00:00\n", "0\n"])
                {
                    let mut out = String::new();
                    show(opt, &view, &mut out).unwrap();
                    assert_eq!(out, if lacp && net_admin { text } else { "" });
                    assert_eq!(fill(opt, &view).is_some(), lacp && net_admin);
                }
                let readings = Reading::ALL.map(|reading| {
                    let mut out = String::new();
                    reading.show(&view, &mut out).unwrap();
                    out
                });
                let expect = match (lacp, net_admin, ad) {
                    (false, _, _) => ["down\n", "", "", "", "", ""],
                    (true, false, None) => ["down\n", "0\n", "0\n", "", "", ""],
                    (true, true, None) => ["down\n", "0\n", "0\n", "0\n", "0\n", ""],
                    (true, false, Some(_)) => ["down\n", "2\n", "3\n", "", "", ""],
                    (true, true, Some(_)) => [
                        "down\n",
                        "2\n",
                        "3\n",
                        "15\n",
                        "17\n",
                        "02:00:00:00:00:09\n",
                    ],
                };
                assert_eq!(readings, expect, "{m:?} {net_admin}");
            }
        }
    }
    let files = Reading::ALL.map(Reading::file).join(" ");
    let native = "mii_status ad_aggregator ad_num_ports ad_actor_key ad_partner_key ad_partner_mac";
    assert_eq!(files, native);
}

#[test]
fn attributes() {
    let mut params = mode(Mode::ActiveBackup);
    params.primary = Some(name("eth2"));
    params.arp_targets.add([10, 0, 0, 1]).unwrap();
    let world = busy();
    fn view<'a>(params: &'a Params, world: &'a dyn World) -> View<'a> {
        View {
            params,
            world,
            carrier: true,
            ad: None,
            net_admin: true,
        }
    }
    assert_eq!(
        fill(Opt::ActiveSlave, &view(&params, &world)),
        Some(Payload::U32(1))
    );
    assert_eq!(
        fill(Opt::Primary, &view(&params, &world)),
        Some(Payload::U32(2))
    );
    let targets = Payload::Nested4(&params.arp_targets);
    assert_eq!(fill(Opt::ArpTargets, &view(&params, &world)), Some(targets));
    assert_eq!(fill(Opt::NsTargets, &view(&params, &world)), None);
    for opt in [Opt::Slaves, Opt::QueueId, Opt::Prio, Opt::ActorPortPrio] {
        assert_eq!(fill(opt, &view(&params, &world)), None);
    }
    params.primary = Some(name("eth8"));
    assert_eq!(fill(Opt::Primary, &view(&params, &world)), None);
    let xor = mode(Mode::Xor);
    assert_eq!(fill(Opt::ActiveSlave, &view(&xor, &world)), None);
    assert_eq!(fill(Opt::ArpTargets, &view(&xor, &world)), None);
    let lacp = mode(Mode::Lacp);
    let mac = Some(Payload::Mac(Mac::ZERO));
    assert_eq!(fill(Opt::AdActorSystem, &view(&lacp, &world)), mac);
    assert_eq!(
        fill(Opt::AdActorSysPrio, &view(&lacp, &world)),
        Some(Payload::U16(65535))
    );
}

#[test]
fn ipv6_addresses_are_compressed_as_the_kernel_does() {
    for (groups, text) in [
        ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
        ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
        ([1, 0, 0, 0, 0, 0, 0, 0], "1::"),
        ([0x2001, 0xdb8, 0, 1, 0, 0, 1, 0], "2001:db8:0:1::1:0"),
        ([1, 0, 2, 3, 4, 5, 6, 7], "1:0:2:3:4:5:6:7"),
        ([1, 0, 0, 2, 0, 0, 3, 4], "1::2:0:0:3:4"),
        ([1, 0, 0, 2, 0, 0, 0, 4], "1:0:0:2::4"),
        (
            [0xfe80, 0, 0, 0, 0xabcd, 0xff, 0xfe00, 0x10],
            "fe80::abcd:ff:fe00:10",
        ),
        ([0, 0, 0, 0, 0, 0xffff, 0xa00, 1], "::ffff:10.0.0.1"),
        (
            [0xfe80, 0, 0, 0, 0, 0x5efe, 0xc0a8, 0x101],
            "fe80::5efe:192.168.1.1",
        ),
        (
            [0xfe80, 0, 0, 0, 0x200, 0x5efe, 0xc0a8, 0x101],
            "fe80::200:5efe:192.168.1.1",
        ),
        (
            [0xfe80, 0, 0, 0, 0x100, 0x5efe, 0xc0a8, 0x101],
            "fe80::100:5efe:c0a8:101",
        ),
    ] {
        let mut bytes = [0; 16];
        for (pair, group) in bytes.chunks_mut(2).zip(groups) {
            let group: u16 = group;
            pair.copy_from_slice(&group.to_be_bytes());
        }
        assert_eq!(Ip6(bytes).to_string(), text);
    }
}
