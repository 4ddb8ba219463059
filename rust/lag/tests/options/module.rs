// SPDX-License-Identifier: GPL-2.0

//! The module's parameters as a whole.

use super::fake::name;
use lag::mode::Mode;
use lag::options::{
    module, ArpValidate, Errno, ModuleDefaults, ModuleParams, Note, Opt, Params, Quote, Reason,
};

fn load(change: impl FnOnce(&mut ModuleParams<'static>)) -> ModuleDefaults {
    let mut given = ModuleParams::default();
    change(&mut given);
    module(&given).unwrap_or_else(|e| panic!("{e}"))
}

fn refused(change: impl FnOnce(&mut ModuleParams<'static>)) -> (Opt, Reason) {
    let mut given = ModuleParams::default();
    change(&mut given);
    let refusal = module(&given).unwrap_err();
    assert_eq!(refusal.errno, Errno::Inval);
    (refusal.opt, refusal.reason)
}

fn notes(defaults: &ModuleDefaults) -> Vec<Note> {
    defaults.notes.iter().collect()
}

#[test]
fn without_any() {
    let loaded = load(|_| ());
    assert_eq!(loaded.params, Params::default());
    assert_eq!((loaded.max_bonds, loaded.tx_queues), (0, 16));
    assert_eq!(notes(&loaded), []);
}

#[test]
fn texts_that_mean_nothing_are_errors() {
    type Set = fn(&mut ModuleParams<'static>);
    let bad: &[(Opt, Set)] = &[
        (Opt::Mode, |p| p.mode = Some(b"rr")),
        (Opt::XmitHashPolicy, |p| {
            p.mode = Some(b"balance-xor");
            p.xmit_hash_policy = Some(b"layer7");
        }),
        (Opt::LacpRate, |p| {
            p.mode = Some(b"802.3ad");
            p.lacp_rate = Some(b"2");
        }),
        (Opt::AdSelect, |p| p.ad_select = Some(b"best")),
        (Opt::ArpValidate, |p| {
            p.arp_interval = 100;
            p.arp_ip_target[0] = Some(b"10.0.0.1");
            p.arp_validate = Some(b"7");
        }),
        (Opt::ArpAllTargets, |p| p.arp_all_targets = Some(b"some")),
        (Opt::PrimaryReselect, |p| {
            p.mode = Some(b"1");
            p.primary = Some(b"eth0");
            p.primary_reselect = Some(b"never");
        }),
        (Opt::FailOverMac, |p| p.fail_over_mac = Some(b"on")),
    ];
    for (opt, set) in bad {
        assert_eq!(refused(set), (*opt, Reason::NoSuchValue));
    }
    assert_eq!(
        refused(|p| p.use_carrier = 0),
        (Opt::UseCarrier, Reason::Obsolete)
    );
    let validate = refused(|p| p.arp_validate = Some(b"all"));
    assert_eq!(validate, (Opt::ArpValidate, Reason::NoArpInterval));
    let primary = refused(|p| {
        p.mode = Some(b"1");
        p.primary = Some(b"a/b");
    });
    assert_eq!(primary, (Opt::Primary, Reason::BadName));
}

#[test]
fn numbers_out_of_range_are_set_right() {
    type Set = fn(&mut ModuleParams<'static>);
    let bad: &[(&str, i64, i64, Set)] = &[
        ("max_bonds", -1, 1, |p| {
            p.max_bonds = -1;
            p.default_bonds = 1;
        }),
        ("miimon", -5, 0, |p| p.miimon = -5),
        ("updelay", -1, 0, |p| p.updelay = -1),
        ("downdelay", -1, 0, |p| p.downdelay = -1),
        ("num_grat_arp", 256, 1, |p| p.num_peer_notif = 256),
        ("tx_queues", 0, 16, |p| p.tx_queues = 0),
        ("tx_queues", 256, 16, |p| p.tx_queues = 256),
        ("all_slaves_active", 2, 0, |p| p.all_slaves_active = 2),
        ("resend_igmp", -1, 1, |p| p.resend_igmp = -1),
        ("packets_per_slave", 65536, 1, |p| {
            p.packets_per_slave = 65536
        }),
        ("min_links", -1, 0, |p| p.min_links = -1),
        ("lp_interval", 0, 1, |p| p.lp_interval = 0),
        ("lp_interval", 0x8000_0000, 1, |p| {
            p.lp_interval = 0x8000_0000
        }),
        ("arp_interval", -1, 0, |p| p.arp_interval = -1),
    ];
    for (name, value, now, set) in bad {
        let loaded = load(set);
        assert_eq!(
            notes(&loaded),
            [Note::Reset(name, *value, i32::try_from(*now).unwrap())]
        );
        assert_eq!(loaded.params, Params::default(), "{name}");
        let bonds = if *name == "max_bonds" { 1 } else { 0 };
        assert_eq!((loaded.max_bonds, loaded.tx_queues), (bonds, 16));
    }
}

#[test]
fn numbers_in_range_are_taken() {
    let loaded = load(|p| {
        p.max_bonds = 2;
        p.tx_queues = 255;
        p.num_peer_notif = 7;
        p.miimon = 50;
        p.updelay = 100;
        p.downdelay = 150;
        p.all_slaves_active = 1;
        p.resend_igmp = 0;
        p.packets_per_slave = 0;
        p.min_links = 3;
        p.lp_interval = 9;
    });
    let expect = Params {
        num_peer_notif: 7,
        miimon: 50,
        updelay: 100,
        downdelay: 150,
        all_slaves_active: true,
        resend_igmp: 0,
        packets_per_slave: 0,
        min_links: 3,
        lp_interval: 9,
        ..Params::default()
    };
    assert_eq!(loaded.params, expect);
    assert_eq!((loaded.max_bonds, loaded.tx_queues), (2, 255));
    assert_eq!(notes(&loaded), []);
}

#[test]
fn parameters_without_effect_in_the_mode() {
    let loaded = load(|p| {
        p.mode = Some(b"balance-rr");
        p.xmit_hash_policy = Some(b"nonsense");
        p.lacp_rate = Some(b"fast");
        p.ad_select = Some(b"count");
        p.primary = Some(b"eth0");
        p.primary_reselect = Some(b"nonsense");
        p.fail_over_mac = Some(b"follow");
    });
    let unused = |opt| Note::Irrelevant(opt, Mode::RoundRobin);
    let unused = [
        unused(Opt::XmitHashPolicy),
        unused(Opt::LacpRate),
        unused(Opt::AdSelect),
        Note::PrimaryIdle(Quote::text(b"eth0"), Mode::RoundRobin),
        unused(Opt::FailOverMac),
    ];
    assert_eq!(notes(&loaded), unused);
    for unused in [b"1", b"3"] {
        let loaded = load(|p| {
            p.mode = Some(unused);
            p.xmit_hash_policy = Some(b"layer3+4");
        });
        assert_eq!(loaded.params.xmit_policy.name(), "layer2");
    }
    for used in [b"2", b"4", b"5", b"6"] {
        let loaded = load(|p| {
            p.mode = Some(used);
            p.xmit_hash_policy = Some(b"layer3+4");
        });
        assert_eq!(loaded.params.xmit_policy.name(), "layer3+4");
    }
    assert_eq!(loaded.params.primary, None);
    assert_eq!(loaded.params.ad_select.name(), "count");
    assert_eq!(loaded.params.fail_over_mac.name(), "follow");
}

#[test]
fn parameters_with_effect_in_the_mode() {
    let loaded = load(|p| {
        p.mode = Some(b"4");
        p.xmit_hash_policy = Some(b"layer3+4");
        p.lacp_rate = Some(b"fast");
        p.ad_select = Some(b"2");
    });
    assert_eq!(loaded.params.xmit_policy.name(), "layer3+4");
    assert_eq!(loaded.params.lacp_rate.name(), "fast");
    assert_eq!(loaded.params.ad_select.name(), "count");
    assert_eq!(loaded.params.miimon, 100);
    assert_eq!(notes(&loaded), [Note::MiimonSet(Mode::Lacp, 100)]);

    let loaded = load(|p| {
        p.mode = Some(b"active-backup");
        p.primary = Some(b"eth0");
        p.primary_reselect = Some(b"failure");
        p.fail_over_mac = Some(b"active");
    });
    assert_eq!(loaded.params.primary, Some(name("eth0")));
    assert_eq!(loaded.params.primary_reselect.name(), "failure");
    assert_eq!(notes(&loaded), []);

    let loaded = load(|p| {
        p.mode = Some(b"6");
        p.miimon = 10;
        p.updelay = 20;
    });
    assert_eq!(notes(&loaded), [Note::AlbUpdelay(20)]);
}

#[test]
fn monitors() {
    let loaded = load(|p| {
        p.updelay = 100;
        p.downdelay = 200;
    });
    assert_eq!(notes(&loaded), [Note::DelaysIdle(100, 200)]);
    assert_eq!(loaded.params.updelay_ms(), 0);

    let loaded = load(|p| {
        p.miimon = 100;
        p.updelay = 150;
        p.arp_interval = 100;
        p.arp_ip_target[0] = Some(b"10.0.0.1");
    });
    let both = [Note::Rounded(Opt::Updelay, 150, 100), Note::ArpOff(100)];
    assert_eq!(notes(&loaded), both);
    assert_eq!((loaded.params.miimon, loaded.params.arp_interval), (100, 0));
    assert_eq!(loaded.params.updelay_ms(), 100);

    let loaded = load(|p| {
        p.arp_interval = 100;
        p.arp_ip_target[0] = Some(b"10.0.0.1");
        p.arp_ip_target[1] = Some(b"10.0.0.2");
        p.arp_ip_target[2] = Some(b"10.0.0.1");
        p.arp_ip_target[4] = Some(b"behind the first that is missing");
        p.arp_validate = Some(b"filter_backup");
        p.arp_all_targets = Some(b"all");
    });
    assert_eq!(notes(&loaded), [Note::TargetTwice([10, 0, 0, 1])]);
    let targets = loaded.params.arp_targets;
    assert!(targets.iter().eq([[10, 0, 0, 1], [10, 0, 0, 2]]));
    assert_eq!(loaded.params.arp_interval, 100);
    assert_eq!(loaded.params.arp_validate, ArpValidate::FilterBackup);
    assert_eq!(loaded.params.arp_all_targets.name(), "all");

    let loaded = load(|p| {
        p.arp_interval = 100;
        p.arp_ip_target[0] = Some(b"0.0.0.1");
        p.arp_ip_target[1] = Some(b"10.0.0.2");
    });
    assert_eq!(notes(&loaded), [Note::BadTarget(Quote::text(b"0.0.0.1"))]);
    assert_eq!(
        (loaded.params.arp_interval, loaded.params.arp_targets.len()),
        (0, 1)
    );

    let loaded = load(|p| p.arp_interval = 100);
    assert_eq!(notes(&loaded), [Note::ArpIntervalOff(100)]);
    assert_eq!(loaded.params.arp_interval, 0);
}

/// A target given twice takes no room, and nothing is read behind the list.
#[test]
fn a_full_list_of_targets_with_one_twice() {
    const TEXTS: [&[u8]; 15] = [
        b"192.0.2.1",
        b"192.0.2.2",
        b"192.0.2.3",
        b"192.0.2.4",
        b"192.0.2.5",
        b"192.0.2.6",
        b"192.0.2.7",
        b"192.0.2.8",
        b"192.0.2.9",
        b"192.0.2.10",
        b"192.0.2.11",
        b"192.0.2.12",
        b"192.0.2.13",
        b"192.0.2.14",
        b"192.0.2.15",
    ];
    for twice in 0..16 {
        let loaded = load(move |p| {
            let mut texts = TEXTS.into_iter();
            p.arp_interval = 100;
            for (at, slot) in p.arp_ip_target.iter_mut().enumerate() {
                *slot = match at == twice {
                    true => Some(b"192.0.2.7"),
                    false => texts.next(),
                };
            }
        });
        assert_eq!(notes(&loaded), [Note::TargetTwice([192, 0, 2, 7])]);
        assert_eq!(loaded.params.arp_targets.len(), 15);
    }
}

#[test]
fn notes_are_one_line() {
    let loaded = load(|p| {
        p.mode = Some(b"802.3ad");
        p.lp_interval = 0;
        p.updelay = 130;
        p.arp_interval = 10;
        p.arp_ip_target[0] = Some(b"x");
        p.fail_over_mac = Some(b"1");
    });
    let lines: Vec<String> = loaded.notes.iter().map(|note| note.to_string()).collect();
    assert_eq!(
        lines,
        [
            "mode 802.3ad needs miimon: set to 100 ms",
            "lp_interval 0: out of range, set to 1",
            "updelay 130 is not a multiple of miimon, rounded down to 100 ms",
            "miimon is on: ARP monitoring switched off",
            "arp_ip_target \"x\": cannot be a target, arp_interval is off",
            "fail_over_mac has no effect in mode 802.3ad",
        ]
    );
}
