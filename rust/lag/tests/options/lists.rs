// SPDX-License-Identifier: GPL-2.0

//! Options that are no numbers: addresses, interfaces, and what belongs to a slave.

use super::fake::{busy, idle, mode, name, shown, text, why};
use lag::mac::Mac;
use lag::mode::Mode;
use lag::options::{
    check, Activate, Errno, Membership, Note, Opt, Params, Plan, Reason, Refusal, SlaveChange,
    Value,
};

/// Netlink attributes as they stand in a nest.
fn nest(payloads: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (slot, payload) in (0u16..).zip(payloads) {
        bytes.extend((payload.len() as u16 + 4).to_ne_bytes());
        bytes.extend(slot.to_ne_bytes());
        bytes.extend(*payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    bytes
}

fn set(opt: Opt, params: &Params, payloads: &[&[u8]]) -> Result<Plan, Refusal> {
    check(params, &idle(), &[(opt, Value::Nested(&nest(payloads)))])
}

#[test]
fn arp_targets_come_and_go() {
    let mut params = mode(Mode::ActiveBackup);
    for (written, read) in [
        ("+192.168.1.1", "192.168.1.1\n"),
        ("+10.0.0.1\n", "192.168.1.1 10.0.0.1\n"),
        ("+010.0.0.002", "192.168.1.1 10.0.0.1 10.0.0.2\n"),
        ("+10.0.0.3/24", "192.168.1.1 10.0.0.1 10.0.0.2 10.0.0.3\n"),
        ("-10.0.0.1", "192.168.1.1 10.0.0.2 10.0.0.3\n"),
        ("-10.0.0.3", "192.168.1.1 10.0.0.2\n"),
        ("-192.168.1.1\n", "10.0.0.2\n"),
        ("-10.0.0.2", ""),
    ] {
        let plan = text(&params, &busy(), Opt::ArpTargets, written).unwrap();
        params = plan.params;
        assert_eq!(shown(Opt::ArpTargets, &params, &idle()), read, "{written}");
    }
}

#[test]
fn arp_targets_that_cannot_be() {
    let mut params = mode(Mode::ActiveBackup);
    params.arp_targets.add([10, 0, 0, 1]).unwrap();
    let why = |t: &str| why(Opt::ArpTargets, text(&params, &idle(), Opt::ArpTargets, t));
    for bad in [
        "",
        "+",
        "10.0.0.2",
        "*10.0.0.2",
        "+10.0.0",
        "+10.0.0.256",
        "+10.0.0.1.2",
        "+10..0.1",
        "+a.b.c.d",
        "+10.0.0.2a",
        "+ 10.0.0.2",
        "+host",
        "+99999999999999999999.0.0.1",
    ] {
        let (errno, reason) = why(bad);
        assert_eq!(errno, Errno::Perm, "{bad}");
        assert!(matches!(reason, Reason::Syntax(_)), "{bad}");
    }
    for bad in ["+0.0.0.0", "+0.1.2.3", "+255.255.255.255", "-0.0.0.0"] {
        assert_eq!(why(bad), (Errno::Inval, Reason::BadTarget));
    }
    assert_eq!(why("+10.0.0.1"), (Errno::Inval, Reason::TargetPresent));
    assert_eq!(why("-10.0.0.2"), (Errno::Inval, Reason::TargetAbsent));
    for last in 2..=16 {
        params.arp_targets.add([10, 0, 0, last]).unwrap();
    }
    let refusal = text(&params, &idle(), Opt::ArpTargets, "+10.0.0.17").unwrap_err();
    assert_eq!(refusal.reason, Reason::TargetsFull);
    assert_eq!(
        refusal.to_string(),
        "arp_ip_target 10.0.0.17: at most 16 targets"
    );
}

#[test]
fn arp_targets_by_netlink_replace_the_list() {
    let opt = Opt::ArpTargets;
    let mut params = mode(Mode::ActiveBackup);
    params.arp_targets.add([10, 0, 0, 1]).unwrap();
    params.arp_interval = 100;
    let plan = set(opt, &params, &[&[10, 0, 0, 3], &[10, 0, 0, 1]]).unwrap();
    assert_eq!(shown(opt, &plan.params, &idle()), "10.0.0.3 10.0.0.1\n");
    assert_eq!(plan.notes.iter().count(), 0);
    let plan = set(opt, &params, &[]).unwrap();
    assert!(plan.params.arp_targets.is_empty());
    assert!(plan.notes.iter().eq([Note::NoTarget(opt)]));

    // Of a payload that is too long the start counts, and the next one is aligned.
    let plan = set(opt, &params, &[&[10, 0, 0, 3, 99], &[10, 0, 0, 4]]).unwrap();
    assert_eq!(shown(opt, &plan.params, &idle()), "10.0.0.3 10.0.0.4\n");

    let reason = |payloads: &[&[u8]]| why(opt, set(opt, &params, payloads));
    assert_eq!(reason(&[&[10, 0, 0]]), (Errno::Inval, Reason::Length));
    assert_eq!(reason(&[&[0, 0, 0, 0]]), (Errno::Inval, Reason::BadTarget));
    let twice: &[&[u8]] = &[&[10, 0, 0, 9], &[10, 0, 0, 9]];
    assert_eq!(reason(twice), (Errno::Inval, Reason::TargetPresent));
    let many: Vec<[u8; 4]> = (1..=17).map(|last| [10, 0, 0, last]).collect();
    let many: Vec<&[u8]> = many.iter().map(|a| &a[..]).collect();
    assert_eq!(reason(&many), (Errno::Inval, Reason::TargetsFull));
    let plan = set(opt, &params, &many[..16]).unwrap();
    assert_eq!(plan.params.arp_targets.len(), 16);
}

#[test]
fn a_broken_nest_ends_where_it_breaks() {
    let mut bytes = nest(&[&[10, 0, 0, 1], &[10, 0, 0, 2]]);
    bytes.truncate(15);
    let changes = [(Opt::ArpTargets, Value::Nested(&bytes))];
    let plan = check(&Params::default(), &idle(), &changes).unwrap();
    assert!(plan.params.arp_targets.iter().eq([[10, 0, 0, 1]]));
    for header in [[0, 0], 3u16.to_ne_bytes(), u16::MAX.to_ne_bytes()] {
        let bytes = [header[0], header[1], 0, 0, 10, 0, 0, 1];
        let changes = [(Opt::ArpTargets, Value::Nested(&bytes))];
        let plan = check(&Params::default(), &idle(), &changes).unwrap();
        assert!(plan.params.arp_targets.is_empty());
    }
}

#[test]
fn ns_targets() {
    let opt = Opt::NsTargets;
    let params = mode(Mode::ActiveBackup);
    let address = |last| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let plan = set(opt, &params, &[&address(1), &address(2)]).unwrap();
    assert_eq!(
        shown(opt, &plan.params, &idle()),
        "2001:db8::1 2001:db8::2\n"
    );
    let reason = |payloads: &[&[u8]]| why(opt, set(opt, &params, payloads));
    let mut loopback = [0; 16];
    assert_eq!(reason(&[&loopback]), (Errno::Inval, Reason::BadTarget));
    loopback[15] = 1;
    assert_eq!(reason(&[&loopback]), (Errno::Inval, Reason::BadTarget));
    loopback[0] = 0xff;
    assert_eq!(reason(&[&loopback]), (Errno::Inval, Reason::BadTarget));
    loopback[0] = 0;
    loopback[15] = 2;
    assert!(set(opt, &params, &[&loopback]).is_ok());
    assert_eq!(reason(&[&[1; 15]]), (Errno::Inval, Reason::Length));
    let long = [0x11; 16];
    assert_eq!(
        reason(&[&long, &long]),
        (Errno::Inval, Reason::TargetPresent)
    );

    let mut off = idle();
    off.ipv6 = false;
    let bytes = nest(&[&address(1)]);
    let result = check(&params, &off, &[(opt, Value::Nested(&bytes))]);
    assert_eq!(why(opt, result), (Errno::Perm, Reason::NoIpv6));
    assert!(check(&params, &off, &[(opt, Value::Nested(&[]))]).is_ok());
    let result = text(&params, &idle(), opt, "+2001:db8::1");
    assert_eq!(why(opt, result), (Errno::Inval, Reason::Form));
}

#[test]
fn actor_system() {
    let opt = Opt::AdActorSystem;
    let params = mode(Mode::Lacp);
    for written in [
        "02:AB:cd:00:00:01",
        "02:ab:cd:00:00:01\n",
        "02:ab:cd:00:00:01:junk",
    ] {
        let plan = text(&params, &busy(), opt, written).unwrap();
        assert_eq!(shown(opt, &plan.params, &idle()), "02:ab:cd:00:00:01\n");
    }
    let mac = Mac([2, 0xab, 0xcd, 0, 0, 1]);
    let plan = check(&params, &busy(), &[(opt, Value::Mac(mac))]).unwrap();
    assert_eq!(plan.params.ad_actor_system, mac);
    for bad in [
        "",
        "02:ab:cd:00:00",
        "02-ab-cd-00-00-01",
        "2:ab:cd:00:00:010",
        "0g:ab:cd:00:00:01",
    ] {
        let (errno, reason) = why(opt, text(&params, &idle(), opt, bad));
        assert_eq!(errno, Errno::Inval);
        assert!(matches!(reason, Reason::Syntax(_)), "{bad}");
    }
    let group = text(&params, &idle(), opt, "03:00:00:00:00:01");
    assert_eq!(why(opt, group), (Errno::Inval, Reason::Multicast));
    let wrong = mode(Mode::Xor);
    let result = text(&wrong, &idle(), opt, "02:ab:cd:00:00:01");
    assert_eq!(why(opt, result), (Errno::Acces, Reason::Mode(Mode::Xor)));
    let result = text(&wrong, &idle(), opt, "bad");
    assert_eq!(why(opt, result), (Errno::Acces, Reason::Mode(Mode::Xor)));
    assert!(text(&wrong, &idle(), opt, "00:00:00:00:00:00").is_ok());
}

#[test]
fn the_active_slave() {
    let opt = Opt::ActiveSlave;
    for m in [Mode::ActiveBackup, Mode::Tlb, Mode::Alb] {
        let params = mode(m);
        let activate = |value| check(&params, &busy(), &[(opt, value)]);
        let to = |value| activate(value).unwrap().activate;
        assert_eq!(to(Value::Text(b"eth2\n")), Some(Activate::Slave(2)));
        assert_eq!(to(Value::Ifindex(2)), Some(Activate::Slave(2)));
        assert_eq!(to(Value::Text(b" eth1\n")), None);
        assert_eq!(to(Value::Ifindex(1)), None);
        for none in ["", "\n", " \n"] {
            assert_eq!(to(Value::Text(none.as_bytes())), Some(Activate::Reselect));
        }
        assert_eq!(to(Value::Ifindex(0)), Some(Activate::Reselect));

        let no = |value| why(opt, activate(value));
        assert_eq!(no(Value::Ifindex(77)), (Errno::NoDev, Reason::NoInterface));
        for unknown in ["eth77", "averyveryverylongname", "a/b"] {
            let value = Value::Text(unknown.as_bytes());
            assert_eq!(no(value), (Errno::NoDev, Reason::NoInterface));
        }
        assert_eq!(no(Value::Text(b"eth8")), (Errno::Inval, Reason::NotASlave));
        assert_eq!(no(Value::Ifindex(8)), (Errno::Inval, Reason::NotASlave));
        assert_eq!(no(Value::Text(b"eth3")), (Errno::Inval, Reason::SlaveDown));
        let mut world = busy();
        world.active = None;
        let result = text(&params, &world, opt, "eth2");
        assert_eq!(why(opt, result), (Errno::Inval, Reason::SlaveDown));
    }
    for m in [Mode::RoundRobin, Mode::Xor, Mode::Broadcast, Mode::Lacp] {
        let mut world = busy();
        world.active = None;
        let result = text(&mode(m), &world, opt, "eth2");
        assert_eq!(why(opt, result), (Errno::Acces, Reason::Mode(m)));
        let plan = text(&mode(m), &world, opt, "").unwrap();
        assert_eq!(plan.activate, None);
    }
}

#[test]
fn the_primary() {
    let opt = Opt::Primary;
    for m in [Mode::ActiveBackup, Mode::Tlb, Mode::Alb] {
        let mut params = mode(m);
        let plan = text(&params, &busy(), opt, "eth2\n").unwrap();
        assert_eq!(plan.params.primary, Some(name("eth2")));
        assert!(plan.force_primary && plan.reselect);
        assert_eq!(shown(opt, &plan.params, &busy()), "eth2\n");

        // Not a slave yet: kept, and shown when it is one.
        let plan = text(&params, &busy(), opt, "eth5").unwrap();
        assert_eq!(plan.params.primary, Some(name("eth5")));
        assert!(!plan.force_primary && plan.reselect);
        assert_eq!(shown(opt, &plan.params, &busy()), "");

        let plan = check(&params, &busy(), &[(opt, Value::Ifindex(8))]).unwrap();
        assert_eq!(plan.params.primary, Some(name("eth8")));
        let unknown = check(&params, &busy(), &[(opt, Value::Ifindex(77))]);
        assert_eq!(why(opt, unknown), (Errno::NoDev, Reason::NoInterface));
        for bad in ["a/b", "a:b", ".", "..", "sixteen.bytes.xx"] {
            let result = text(&params, &busy(), opt, bad);
            assert_eq!(why(opt, result), (Errno::Inval, Reason::BadName));
        }

        params.primary = Some(name("eth2"));
        for none in [Value::Text(b"\n"), Value::Text(b""), Value::Ifindex(0)] {
            let plan = check(&params, &busy(), &[(opt, none)]).unwrap();
            assert_eq!(plan.params.primary, None);
            assert!(!plan.force_primary && plan.reselect);
        }
        // The same again brings it back into service.
        assert!(text(&params, &busy(), opt, "eth2").unwrap().force_primary);
    }
    for m in [Mode::RoundRobin, Mode::Xor, Mode::Broadcast, Mode::Lacp] {
        let result = text(&mode(m), &busy(), opt, "eth2");
        assert_eq!(why(opt, result), (Errno::Acces, Reason::Mode(m)));
        let plan = text(&mode(m), &busy(), opt, "").unwrap();
        assert!(!plan.reselect);
    }
}

#[test]
fn membership() {
    let opt = Opt::Slaves;
    let plan = |t: &str| text(&Params::default(), &busy(), opt, t).map(|plan| plan.membership);
    assert_eq!(plan("+eth8\n"), Ok(Some(Membership::Enslave(8))));
    assert_eq!(plan(" -eth1 \n"), Ok(Some(Membership::Release(1))));
    let no = |t: &str| why(opt, text(&Params::default(), &busy(), opt, t));
    assert_eq!(no("+eth77"), (Errno::NoDev, Reason::NoInterface));
    for bad in [
        "",
        "eth8",
        "+",
        "-",
        "+.",
        "*eth8",
        "+ eth8",
        "+sixteen.bytes.xx",
    ] {
        let (errno, reason) = no(bad);
        assert_eq!(errno, Errno::Perm, "{bad}");
        assert!(matches!(reason, Reason::Syntax(_)));
    }
    let number = check(&Params::default(), &busy(), &[(opt, Value::Number(1))]);
    assert_eq!(why(opt, number), (Errno::Inval, Reason::Form));
}

#[test]
fn queue_ids() {
    let opt = Opt::QueueId;
    let mut world = busy();
    world.slaves[1].queue_id = 3;
    let plan = |t: &str| text(&Params::default(), &world, opt, t);
    let change = |ifindex, queue| SlaveChange {
        ifindex,
        queue_id: Some(queue),
        ..SlaveChange::default()
    };
    assert_eq!(plan("eth1:4\n").unwrap().slave, Some(change(1, 4)));
    assert_eq!(plan("eth1: 16").unwrap().slave, Some(change(1, 16)));
    assert_eq!(plan("eth2:0").unwrap().slave, Some(change(2, 0)));
    assert_eq!(plan("eth2:3").unwrap().slave, None);
    let slave = |ifindex, number| [(opt, Value::Slave { ifindex, number })];
    let netlink = check(&Params::default(), &world, &slave(2, 5)).unwrap();
    assert_eq!(netlink.slave, Some(change(2, 5)));

    let no = |t: &str| why(opt, plan(t));
    assert_eq!(no("eth1:17"), (Errno::Perm, Reason::NoSuchQueue(16)));
    assert_eq!(no("eth1:65536"), (Errno::Perm, Reason::NoSuchQueue(16)));
    assert_eq!(no("eth1:3"), (Errno::Perm, Reason::QueueTaken));
    assert_eq!(no("eth8:1"), (Errno::Perm, Reason::NotASlave));
    assert_eq!(no("eth77:1"), (Errno::Perm, Reason::NotASlave));
    for bad in ["", "eth1", "eth1:", "eth1:x", "eth1:-1", ":1", " eth1:1"] {
        let (errno, reason) = no(bad);
        assert_eq!(errno, Errno::Perm, "{bad}");
        assert!(matches!(reason, Reason::Syntax(_)), "{bad}");
    }
    let taken = check(&Params::default(), &world, &slave(1, 3));
    assert_eq!(why(opt, taken), (Errno::Perm, Reason::QueueTaken));
    let none = check(&Params::default(), &world, &slave(77, 1));
    assert_eq!(why(opt, none), (Errno::NoDev, Reason::NotASlave));
}

#[test]
fn prio_and_port_prio() {
    let slave = |opt, number| (opt, Value::Slave { ifindex: 2, number });
    let both = [slave(Opt::ActorPortPrio, 1000), slave(Opt::QueueId, 2)];
    let plan = check(&mode(Mode::Lacp), &busy(), &both).unwrap();
    let change = SlaveChange {
        ifindex: 2,
        queue_id: Some(2),
        prio: None,
        actor_port_prio: Some(1000),
    };
    assert_eq!(plan.slave, Some(change));
    assert!(!plan.reselect);
    let both = [slave(Opt::Prio, -5), slave(Opt::QueueId, 2)];
    let plan = check(&mode(Mode::ActiveBackup), &busy(), &both).unwrap();
    let change = SlaveChange {
        prio: Some(-5),
        actor_port_prio: None,
        ..change
    };
    assert_eq!(plan.slave, Some(change));
    assert!(plan.reselect);
    for m in Mode::ALL {
        let result = check(&mode(m), &busy(), &[slave(Opt::Prio, 1)]);
        if m.has_active_slave() {
            assert!(result.is_ok());
        } else {
            assert_eq!(why(Opt::Prio, result), (Errno::Acces, Reason::Mode(m)));
        }
        assert!(check(&mode(m), &busy(), &[slave(Opt::Prio, 0)]).is_ok());
    }

    let mut params = mode(Mode::ActiveBackup);
    params.primary = Some(name("eth1"));
    let plan = check(&params, &busy(), &[slave(Opt::Prio, 5)]).unwrap();
    assert!(!plan.reselect);
    assert!(plan.notes.iter().eq([Note::PrioIdle]));
    params.primary = Some(name("eth8"));
    let plan = check(&params, &busy(), &[slave(Opt::Prio, 5)]).unwrap();
    assert!(plan.reselect, "a primary that is no slave does not count");

    for m in Mode::ALL.into_iter().filter(|m| *m != Mode::Lacp) {
        let result = check(&mode(m), &busy(), &[slave(Opt::ActorPortPrio, 1)]);
        let acces = (Errno::Acces, Reason::Mode(m));
        assert_eq!(why(Opt::ActorPortPrio, result), acces);
        assert!(check(&mode(m), &busy(), &[slave(Opt::ActorPortPrio, 255)]).is_ok());
    }
    let range = check(
        &mode(Mode::Lacp),
        &busy(),
        &[slave(Opt::ActorPortPrio, 65536)],
    );
    let expect = (Errno::Inval, Reason::OutOfRange(0, 65535));
    assert_eq!(why(Opt::ActorPortPrio, range), expect);
    let bytes = (-7i32).to_ne_bytes();
    let value = Value::from_attr(Opt::Prio, 2, &bytes).unwrap();
    assert_eq!(
        value,
        Value::Slave {
            ifindex: 2,
            number: -7
        }
    );
}
