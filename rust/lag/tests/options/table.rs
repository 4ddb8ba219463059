// SPDX-License-Identifier: GPL-2.0

//! Every option with numbers, against a table of what native bonding says of it: set to each
//! kind of value, in each mode, with slaves, and while up.

use super::fake::{busy, idle, mode, shown, text, why};
use lag::mode::Mode;
use lag::options::{check, fill, Attr, Errno, Opt, Payload, Reason, Value, View};

struct Row {
    opt: Opt,
    file: &'static str,
    attr: u16,
    /// Values that are written, and what is read back.
    good: &'static [(&'static str, &'static str)],
    bad: &'static [&'static str],
    modes: &'static [Mode],
    no_slaves: bool,
    down: bool,
}

use Mode::{ActiveBackup, Alb, Broadcast, Lacp, RoundRobin, Tlb, Xor};
const ALL: &[Mode] = &Mode::ALL;
const ARP: &[Mode] = &[RoundRobin, ActiveBackup, Xor, Broadcast];
const LACP: &[Mode] = &[Lacp];
const SWITCH_BAD: &[&str] = &["2", "-1", "yes", "", "\n", "onn"];

const fn row(opt: Opt, file: &'static str, attr: u16) -> Row {
    Row {
        opt,
        file,
        attr,
        good: &[],
        bad: &[],
        modes: ALL,
        no_slaves: false,
        down: false,
    }
}

const MS: &[(&str, &str)] = &[
    ("100", "100\n"),
    ("100\n", "100\n"),
    (" \t200 300\n", "200\n"),
    ("300\nmore", "300\n"),
    ("maxval", "2147483647\n"),
    ("2147483647", "2147483647\n"),
    ("0", "0\n"),
    ("off", "0\n"),
    ("default", "0\n"),
];
const MS_BAD: &[&str] = &[
    "2147483648",
    "18446744073709551716",
    "-1",
    "1e3",
    "0x64",
    "Off",
    "minval",
    "",
    "\n",
    "  \n",
];
const BYTE: &[(&str, &str)] = &[
    ("0", "0\n"),
    ("off\n", "0\n"),
    ("255", "255\n"),
    ("maxval", "255\n"),
    ("default", "1\n"),
];
const BYTE_BAD: &[&str] = &["256", "-1", "some", ""];

fn rows() -> Vec<Row> {
    vec![
        Row {
            good: &[
                ("balance-rr", "balance-rr 0\n"),
                ("1", "active-backup 1\n"),
                ("balance-xor\n", "balance-xor 2\n"),
                (" broadcast junk\n", "broadcast 3\n"),
                ("802.3ad", "802.3ad 4\n"),
                ("5\n", "balance-tlb 5\n"),
                ("balance-alb", "balance-alb 6\n"),
                ("default", "balance-rr 0\n"),
            ],
            bad: &["7", "-1", "balance", "802.3AD", "", "active-backup0"],
            no_slaves: true,
            down: true,
            ..row(Opt::Mode, "mode", 1)
        },
        Row {
            good: MS,
            bad: MS_BAD,
            ..row(Opt::Miimon, "miimon", 3)
        },
        Row {
            good: &[("1", "1\n"), ("on\n", "1\n"), ("default", "1\n")],
            bad: &["0", "2", "off", ""],
            ..row(Opt::UseCarrier, "use_carrier", 6)
        },
        Row {
            good: MS,
            bad: MS_BAD,
            modes: ARP,
            ..row(Opt::ArpInterval, "arp_interval", 7)
        },
        Row {
            good: &[
                ("none", "none 0\n"),
                ("active", "active 1\n"),
                ("backup", "backup 2\n"),
                ("3", "all 3\n"),
                ("filter", "filter 4\n"),
                ("5", "filter_active 5\n"),
                ("filter_backup", "filter_backup 6\n"),
                ("default", "none 0\n"),
            ],
            bad: &["7", "-1", "filter_all", ""],
            modes: ARP,
            ..row(Opt::ArpValidate, "arp_validate", 9)
        },
        Row {
            good: &[("any", "any 0\n"), ("1", "all 1\n"), ("default", "any 0\n")],
            bad: &["2", "-1", "some", ""],
            ..row(Opt::ArpAllTargets, "arp_all_targets", 10)
        },
        Row {
            good: &[
                ("always", "always 0\n"),
                ("better", "better 1\n"),
                ("2", "failure 2\n"),
                ("default", "always 0\n"),
            ],
            bad: &["3", "-1", "never", ""],
            ..row(Opt::PrimaryReselect, "primary_reselect", 12)
        },
        Row {
            good: &[
                ("none", "none 0\n"),
                ("active", "active 1\n"),
                ("2", "follow 2\n"),
                ("default", "none 0\n"),
            ],
            bad: &["3", "-1", "on", ""],
            no_slaves: true,
            ..row(Opt::FailOverMac, "fail_over_mac", 13)
        },
        Row {
            good: &[
                ("layer2", "layer2 0\n"),
                ("layer3+4", "layer3+4 1\n"),
                ("layer2+3", "layer2+3 2\n"),
                ("3", "encap2+3 3\n"),
                ("encap3+4", "encap3+4 4\n"),
                ("vlan+srcmac", "vlan+srcmac 5\n"),
                ("default", "layer2 0\n"),
            ],
            bad: &["6", "-1", "layer3", ""],
            ..row(Opt::XmitHashPolicy, "xmit_hash_policy", 14)
        },
        Row {
            good: BYTE,
            bad: BYTE_BAD,
            ..row(Opt::ResendIgmp, "resend_igmp", 15)
        },
        Row {
            good: BYTE,
            bad: BYTE_BAD,
            ..row(Opt::NumPeerNotif, "num_grat_arp", 16)
        },
        Row {
            good: &[
                ("on", "1\n"),
                ("off", "0\n"),
                ("1", "1\n"),
                ("default", "0\n"),
            ],
            bad: SWITCH_BAD,
            ..row(Opt::AllSlavesActive, "all_slaves_active", 17)
        },
        Row {
            good: MS,
            bad: MS_BAD,
            ..row(Opt::MinLinks, "min_links", 18)
        },
        Row {
            good: &[
                ("1", "1\n"),
                ("maxval", "2147483647\n"),
                ("minval", "1\n"),
                ("17", "17\n"),
                ("default", "1\n"),
            ],
            bad: &["0", "-1", "2147483648", "off", ""],
            ..row(Opt::LpInterval, "lp_interval", 19)
        },
        Row {
            good: &[
                ("0", "0\n"),
                ("65535", "65535\n"),
                ("maxval", "65535\n"),
                ("default", "1\n"),
            ],
            bad: &["65536", "-1", "off", ""],
            modes: &[RoundRobin],
            ..row(Opt::PacketsPerSlave, "packets_per_slave", 20)
        },
        Row {
            good: &[
                ("fast", "fast 1\n"),
                ("0", "slow 0\n"),
                ("slow", "slow 0\n"),
            ],
            bad: &["2", "-1", "quick", "", "default"],
            modes: LACP,
            down: true,
            ..row(Opt::LacpRate, "lacp_rate", 21)
        },
        Row {
            good: &[
                ("stable", "stable 0\n"),
                ("bandwidth", "bandwidth 1\n"),
                ("count", "count 2\n"),
                ("3", "actor_port_prio 3\n"),
                ("default", "stable 0\n"),
            ],
            bad: &["4", "-1", "ports", ""],
            down: true,
            ..row(Opt::AdSelect, "ad_select", 22)
        },
        Row {
            good: &[
                ("1", "1\n"),
                ("65535", "65535\n"),
                ("minval", "1\n"),
                ("default", "65535\n"),
            ],
            bad: &["0", "65536", "-1", "off", ""],
            modes: LACP,
            ..row(Opt::AdActorSysPrio, "ad_actor_sys_prio", 24)
        },
        Row {
            good: &[
                ("0", "0\n"),
                ("1023", "1023\n"),
                ("maxval", "1023\n"),
                ("default", "0\n"),
            ],
            bad: &["1024", "-1", "off", ""],
            modes: LACP,
            down: true,
            ..row(Opt::AdUserPortKey, "ad_user_port_key", 25)
        },
        Row {
            good: &[("off", "0\n"), ("on", "1\n"), ("default", "1\n")],
            bad: SWITCH_BAD,
            modes: &[Tlb, Alb],
            down: true,
            ..row(Opt::TlbDynamicLb, "tlb_dynamic_lb", 27)
        },
        Row {
            good: &[("off", "off 0\n"), ("1", "on 1\n"), ("default", "on 1\n")],
            bad: SWITCH_BAD,
            modes: LACP,
            down: true,
            ..row(Opt::LacpActive, "lacp_active", 29)
        },
        Row {
            good: &[
                ("1", "1\n"),
                ("255", "255\n"),
                ("minval", "1\n"),
                ("default", "2\n"),
            ],
            bad: &["0", "256", "-1", "off", ""],
            modes: ARP,
            ..row(Opt::MissedMax, "arp_missed_max", 30)
        },
        Row {
            good: &[("off", "off 0\n"), ("1", "on 1\n"), ("default", "on 1\n")],
            bad: SWITCH_BAD,
            modes: LACP,
            down: true,
            ..row(Opt::CoupledControl, "", 32)
        },
        Row {
            good: &[("on", "on 1\n"), ("0", "off 0\n"), ("default", "off 0\n")],
            bad: SWITCH_BAD,
            modes: LACP,
            ..row(Opt::BroadcastNeighbor, "", 33)
        },
        Row {
            good: &[("on", "on 1\n"), ("0", "off 0\n"), ("default", "off 0\n")],
            bad: SWITCH_BAD,
            modes: LACP,
            ..row(Opt::LacpStrict, "", 34)
        },
        Row {
            good: MS,
            bad: MS_BAD,
            ..row(Opt::Updelay, "updelay", 4)
        },
        Row {
            good: MS,
            bad: MS_BAD,
            ..row(Opt::Downdelay, "downdelay", 5)
        },
        Row {
            good: &[
                ("0", "0\n"),
                ("off", "0\n"),
                ("300000", "300000\n"),
                ("maxval", "300000\n"),
            ],
            bad: &["300001", "-1", "default", ""],
            ..row(Opt::PeerNotifDelay, "peer_notif_delay", 28)
        },
    ]
}

/// A bond in a mode, ready for the option: delays need miimon.
fn params_for(row: &Row, m: Mode) -> lag::options::Params {
    let delay = matches!(row.opt, Opt::Updelay | Opt::Downdelay | Opt::PeerNotifDelay);
    let mut params = mode(m);
    if delay {
        params.miimon = 1;
    }
    params
}

/// The value of a netlink attribute as it would be in a request.
fn by_attr(opt: Opt, number: i64) -> Vec<u8> {
    use lag::options::Width;
    match opt.spec().width {
        Width::U8 => vec![number as u8],
        Width::U16 => (number as u16).to_ne_bytes().to_vec(),
        Width::U32 => (number as u32).to_ne_bytes().to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_option_with_numbers_is_here_once() {
    let mut opts: Vec<Opt> = rows().iter().map(|row| row.opt).collect();
    opts.sort();
    let numbers = |opt: &&Opt| {
        let spec = opt.spec();
        // What native does not have has no attribute.
        matches!(spec.kind, lag::options::Kind::Number(_)) && spec.attr.is_some()
    };
    assert_eq!(
        opts,
        Opt::ALL.iter().filter(numbers).copied().collect::<Vec<_>>()
    );
}

#[test]
fn names_and_numbers() {
    for row in rows() {
        assert_eq!(Opt::by_attr(Attr::Bond(row.attr)), Some(row.opt));
        if row.file.is_empty() {
            assert!(row.opt.spec().files.is_empty(), "{:?}", row.opt);
        } else {
            assert_eq!(Opt::by_file(row.file.as_bytes()), Some(row.opt));
        }
    }
    assert_eq!(Opt::by_attr(Attr::Bond(23)), None, "IFLA_BOND_AD_INFO");
    assert_eq!(Opt::by_file(b"num_unsol_na"), Some(Opt::NumPeerNotif));
    assert_eq!(Opt::by_param(b"num_grat_arp"), Some(Opt::NumPeerNotif));
    assert_eq!(Opt::by_param(b"peer_notif_delay"), None);
    for (attr, opt) in [(2, "active_slave"), (8, "arp_ip_target"), (11, "primary")] {
        let by_attr = Opt::by_attr(Attr::Bond(attr)).unwrap();
        assert_eq!(Some(by_attr), Opt::by_file(opt.as_bytes()));
    }
    for (attr, opt) in [(5, Opt::QueueId), (9, Opt::Prio), (10, Opt::ActorPortPrio)] {
        assert_eq!(Opt::by_attr(Attr::Slave(attr)), Some(opt));
    }
    assert_eq!(Opt::by_attr(Attr::Bond(26)), Some(Opt::AdActorSystem));
    assert_eq!(Opt::by_attr(Attr::Bond(31)), Some(Opt::NsTargets));
}

#[test]
fn the_lists_of_names_are_natives() {
    let native = Opt::ALL.iter().filter(|opt| !opt.spec().ours);
    let mut files: Vec<&str> = native.flat_map(|opt| opt.spec().files).copied().collect();
    files.sort();
    let mut native: Vec<&str> = "slaves mode fail_over_mac arp_validate arp_all_targets \
        arp_interval arp_ip_target downdelay updelay peer_notif_delay lacp_active lacp_rate \
        ad_select xmit_hash_policy num_grat_arp num_unsol_na miimon primary primary_reselect \
        use_carrier active_slave queue_id all_slaves_active resend_igmp min_links lp_interval \
        packets_per_slave tlb_dynamic_lb ad_actor_sys_prio ad_actor_system ad_user_port_key \
        arp_missed_max"
        .split_whitespace()
        .collect();
    native.sort();
    assert_eq!(files, native);

    let mut params: Vec<&str> = Opt::ALL
        .iter()
        .flat_map(|opt| opt.spec().params)
        .copied()
        .collect();
    params.sort();
    let mut native: Vec<&str> = "num_grat_arp num_unsol_na miimon updelay downdelay use_carrier \
        mode primary primary_reselect lacp_rate ad_select min_links xmit_hash_policy \
        arp_interval arp_ip_target arp_validate arp_all_targets fail_over_mac \
        all_slaves_active resend_igmp packets_per_slave lp_interval"
        .split_whitespace()
        .collect();
    native.sort();
    assert_eq!(params, native);
}

#[test]
fn arp_adaptive_is_ours() {
    let set = |m: Mode, value: &str| text(&mode(m), &idle(), Opt::ArpAdaptive, value);
    assert!(set(Mode::ActiveBackup, "on").unwrap().params.arp_adaptive);
    assert!(set(Mode::Xor, "1\n").unwrap().params.arp_adaptive);
    assert!(!set(Mode::Xor, "default").unwrap().params.arp_adaptive);
    assert_eq!(
        set(Mode::Lacp, "on").unwrap_err().errno,
        lag::options::Errno::Acces
    );
    assert_eq!(
        set(Mode::Xor, "2").unwrap_err().errno,
        lag::options::Errno::Inval
    );
    let on = set(Mode::Xor, "on").unwrap().params;
    assert_eq!(shown(Opt::ArpAdaptive, &on, &idle()), "1\n");
}

#[test]
fn good_values_are_set_and_read_back() {
    for row in rows() {
        for m in row.modes {
            for (written, read) in row.good {
                let params = params_for(&row, *m);
                let plan = text(&params, &idle(), row.opt, written)
                    .unwrap_or_else(|e| panic!("{:?} {written:?} in {m:?}: {e}", row.opt));
                let got = shown(row.opt, &plan.params, &idle());
                assert_eq!(&got, read, "{:?} {written:?} in {m:?}", row.opt);

                // The same through netlink, and read back there.
                let number = read.split_whitespace().last().unwrap().parse().unwrap();
                let bytes = by_attr(row.opt, number);
                let value = Value::from_attr(row.opt, 0, &bytes).unwrap();
                let netlink = check(&params, &idle(), &[(row.opt, value)]).unwrap();
                assert_eq!(netlink.params, plan.params, "{:?} {number}", row.opt);
                let view = View {
                    params: &netlink.params,
                    world: &idle(),
                    carrier: false,
                    ad: None,
                    net_admin: true,
                };
                let want = match *bytes {
                    [a] => Payload::U8(a),
                    [a, b] => Payload::U16(u16::from_ne_bytes([a, b])),
                    [a, b, c, d] => Payload::U32(u32::from_ne_bytes([a, b, c, d])),
                    _ => panic!(),
                };
                let expect = if row.opt == Opt::Mode {
                    Some(Payload::U8(number as u8))
                } else {
                    Some(want)
                };
                assert_eq!(fill(row.opt, &view), expect, "{:?}", row.opt);
            }
        }
    }
}

#[test]
fn bad_values_are_refused() {
    for row in rows() {
        for m in row.modes {
            for bad in row.bad {
                let params = params_for(&row, *m);
                let (errno, _) = why(row.opt, text(&params, &idle(), row.opt, bad));
                assert_eq!(errno, Errno::Inval, "{:?} {bad:?}", row.opt);
                if let Ok(number) = bad.parse::<i64>() {
                    let value = Value::Number(number);
                    let (errno, _) = why(row.opt, check(&params, &idle(), &[(row.opt, value)]));
                    assert_eq!(errno, Errno::Inval, "{:?} {bad:?}", row.opt);
                }
            }
        }
    }
}

/// A value that the option does not have.
fn other(row: &Row, params: &lag::options::Params) -> &'static str {
    let now = match shown(row.opt, params, &idle()) {
        // Hidden in this mode.
        now if now.is_empty() => shown(row.opt, &mode(Lacp), &idle()),
        now => now,
    };
    let differs = |(_, read): &&(&str, &str)| *read != now;
    row.good.iter().find(differs).unwrap().0
}

#[test]
fn wrong_mode_slaves_and_up() {
    for row in rows().into_iter().filter(|row| row.opt != Opt::UseCarrier) {
        for m in Mode::ALL {
            let params = params_for(&row, m);
            let value = other(&row, &params);
            let right = row.modes.contains(&m);
            for bad in [false, true] {
                // Mode, slaves and up come before the value, and in this order.
                let value = if bad { "no such value" } else { value };
                let mut world = busy();
                let result = |world: &super::fake::Fake| text(&params, world, row.opt, value);
                let expect = if !right {
                    Some((Errno::Acces, Reason::Mode(m)))
                } else if row.no_slaves {
                    Some((Errno::NotEmpty, Reason::HasSlaves))
                } else if row.down {
                    Some((Errno::Busy, Reason::Up))
                } else {
                    None
                };
                match expect {
                    Some(expect) => assert_eq!(why(row.opt, result(&world)), expect),
                    None => assert_eq!(result(&world).is_ok(), !bad, "{:?} {value}", row.opt),
                }
                world.slaves.clear();
                world.active = None;
                if right && row.down {
                    assert_eq!(why(row.opt, result(&world)), (Errno::Busy, Reason::Up));
                } else if right {
                    assert_eq!(result(&world).is_ok(), !bad, "{:?}", row.opt);
                }
                world.up = false;
                assert_eq!(result(&world).is_ok(), right && !bad, "{:?} {m:?}", row.opt);
            }
        }
    }
}

#[test]
fn the_value_it_has_is_never_an_error() {
    for row in rows() {
        for m in Mode::ALL {
            let params = mode(m);
            // What /sys shows is written back; what it hides by mode has its default.
            let now = shown(row.opt, &params, &idle());
            let now = match now.as_str() {
                "" => row.good.last().unwrap().0.to_string(),
                now => now.split_whitespace().next().unwrap().to_string(),
            };
            let plan = text(&params, &busy(), row.opt, &now)
                .unwrap_or_else(|e| panic!("{:?} {now} in {m:?}: {e}", row.opt));
            assert_eq!(plan.params, params);
            assert!(plan.notes.iter().next().is_none());
            let fails_back = row.opt == Opt::PrimaryReselect;
            assert_eq!(plan.reselect, fails_back, "{:?} in {m:?}", row.opt);
        }
    }
}

#[test]
fn attributes_are_not_read_past_their_end() {
    for opt in Opt::ALL {
        use lag::options::Width;
        let bytes = match opt.spec().width {
            Width::U8 => 1,
            Width::U16 => 2,
            Width::U32 | Width::S32 => 4,
            Width::Mac => 6,
            _ => continue,
        };
        for length in 0..bytes {
            let refusal = Value::from_attr(*opt, 1, &vec![1; length]).unwrap_err();
            assert_eq!((refusal.opt, refusal.reason), (*opt, Reason::Length));
            let errno = if *opt == Opt::AdActorSystem {
                Errno::Inval
            } else {
                Errno::Range
            };
            assert_eq!(refusal.errno, errno);
        }
        assert!(Value::from_attr(*opt, 1, &vec![0; bytes]).is_ok());
    }
    let refusal = Value::from_attr(Opt::AdActorSystem, 0, &[0; 7]).unwrap_err();
    assert_eq!(refusal.errno, Errno::Range);
    let long = 300_001u32.to_ne_bytes();
    let refusal = Value::from_attr(Opt::PeerNotifDelay, 0, &long).unwrap_err();
    assert_eq!(refusal.errno, Errno::Range);
    assert!(Value::from_attr(Opt::Slaves, 0, &long).is_err());
}

#[test]
fn both_ends_of_a_range_are_in_it() {
    let numbers = lag::options::Numbers {
        words: &[("seven", 7)],
        default: None,
        range: Some((1, 3)),
        named: false,
    };
    let allowed: Vec<i64> = (-1..9).filter(|n| numbers.allows(*n)).collect();
    assert_eq!(allowed, [1, 2, 3, 7]);
}

#[test]
fn errnos_are_the_kernels() {
    let numbers = [
        (Errno::Perm, 1),
        (Errno::Acces, 13),
        (Errno::Busy, 16),
        (Errno::NoDev, 19),
        (Errno::Inval, 22),
        (Errno::Range, 34),
        (Errno::NotEmpty, 39),
        (Errno::OpNotSupp, 95),
    ];
    for (errno, number) in numbers {
        assert_eq!(errno.number(), -number);
    }
}
