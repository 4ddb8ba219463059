// SPDX-License-Identifier: GPL-2.0

//! Requests of several options, what one does to another, and what is told of it.

use super::fake::{busy, idle, mode, name, text, why};
use lag::hash::Policy;
use lag::mode::Mode;
use lag::options::{check, ArpValidate, Attr, Errno, Note, Opt, Params, Reason, Value};

fn number(opt: Opt, number: i64) -> (Opt, Value<'static>) {
    (opt, Value::Number(number))
}

#[test]
fn a_mode_without_arp_monitoring_needs_miimon() {
    for m in [Mode::Lacp, Mode::Tlb, Mode::Alb] {
        let mut params = mode(Mode::ActiveBackup);
        params.arp_interval = 100;
        params.arp_validate = ArpValidate::All;
        params.broadcast_neighbor = true;
        let plan = text(&params, &idle(), Opt::Mode, m.name()).unwrap();
        assert_eq!((plan.params.miimon, plan.params.arp_interval), (100, 0));
        assert_eq!(plan.params.arp_validate, ArpValidate::None);
        assert!(!plan.params.broadcast_neighbor);
        assert!(plan.notes.iter().eq([Note::MiimonSet(m, 100)]));

        params.arp_interval = 0;
        params.miimon = 50;
        let plan = text(&params, &idle(), Opt::Mode, m.name()).unwrap();
        assert_eq!((plan.params.miimon, plan.notes.iter().count()), (50, 0));
    }
    let mut params = mode(Mode::Tlb);
    params.tlb_dynamic_lb = false;
    assert!(
        !text(&params, &idle(), Opt::Mode, "0")
            .unwrap()
            .params
            .tlb_dynamic_lb
    );
    assert!(
        text(&params, &idle(), Opt::Mode, "6")
            .unwrap()
            .params
            .tlb_dynamic_lb
    );
    params.mode = Mode::ActiveBackup;
    params.arp_interval = 100;
    params.miimon = 0;
    let plan = text(&params, &idle(), Opt::Mode, "2").unwrap();
    assert_eq!((plan.params.miimon, plan.params.arp_interval), (0, 100));
}

#[test]
fn the_mode_it_has_changes_nothing_else() {
    let mut params = mode(Mode::ActiveBackup);
    params.arp_validate = ArpValidate::All;
    let plan = text(&params, &busy(), Opt::Mode, "active-backup").unwrap();
    assert_eq!(plan.params, params);
}

#[test]
fn one_monitor_at_a_time() {
    let mut params = mode(Mode::ActiveBackup);
    params.arp_interval = 100;
    params.arp_validate = ArpValidate::Active;
    let plan = text(&params, &busy(), Opt::Miimon, "50").unwrap();
    assert_eq!((plan.params.miimon, plan.params.arp_interval), (50, 0));
    assert_eq!(plan.params.arp_validate, ArpValidate::None);
    assert!(plan.notes.iter().eq([Note::ArpOff(100)]));

    let plan = text(&plan.params, &busy(), Opt::ArpInterval, "200").unwrap();
    assert_eq!((plan.params.miimon, plan.params.arp_interval), (0, 200));
    assert!(plan.notes.iter().eq([Note::MiiOff]));

    // Switching one off leaves the other alone.
    let plan = text(&plan.params, &busy(), Opt::Miimon, "0").unwrap();
    assert_eq!(plan.params.arp_interval, 200);

    let both = Params {
        miimon: 50,
        ..plan.params
    };
    let plan = text(&both, &busy(), Opt::Miimon, "0").unwrap();
    assert_eq!((plan.params.miimon, plan.params.arp_interval), (0, 200));
    let plan = text(&both, &busy(), Opt::ArpInterval, "0").unwrap();
    assert_eq!((plan.params.miimon, plan.params.arp_interval), (50, 0));

    let base = mode(Mode::ActiveBackup);
    for (opt, errno) in [(Opt::ArpInterval, 100), (Opt::ArpValidate, 1)] {
        let both = [number(opt, errno), number(Opt::Miimon, 100)];
        let result = check(&base, &idle(), &both);
        assert_eq!(why(opt, result), (Errno::Inval, Reason::WithMiimon));
        let off = [number(opt, 0), number(Opt::Miimon, 100)];
        assert!(check(&base, &idle(), &off).is_ok());
        let off = [number(opt, errno), number(Opt::Miimon, 0)];
        assert!(check(&base, &idle(), &off).is_ok());
    }
}

#[test]
fn delays_are_multiples_of_miimon() {
    for opt in [Opt::Updelay, Opt::Downdelay, Opt::PeerNotifDelay] {
        let mut params = mode(Mode::ActiveBackup);
        let delay = |p: &Params| match opt {
            Opt::Updelay => p.updelay_ms(),
            Opt::Downdelay => p.downdelay_ms(),
            _ => p.peer_notif_delay_ms(),
        };
        let result = text(&params, &busy(), opt, "100");
        assert_eq!(why(opt, result), (Errno::Perm, Reason::NoMiimon));
        params.miimon = 100;
        let plan = text(&params, &busy(), opt, "250").unwrap();
        assert_eq!(delay(&plan.params), 200);
        assert!(plan.notes.iter().eq([Note::Rounded(opt, 250, 200)]));
        let plan = text(&plan.params, &busy(), opt, "300").unwrap();
        assert_eq!((delay(&plan.params), plan.notes.iter().count()), (300, 0));
        let plan = text(&plan.params, &busy(), opt, "99").unwrap();
        assert_eq!(delay(&plan.params), 0);
        // In one message miimon comes first, wherever it stands.
        let both = [number(opt, 90), number(Opt::Miimon, 30)];
        let plan = check(&mode(Mode::Xor), &idle(), &both).unwrap();
        assert_eq!(delay(&plan.params), 90);
        // A delay stays what it is when miimon changes.
        let plan = text(&plan.params, &busy(), Opt::Miimon, "45").unwrap();
        assert_eq!(delay(&plan.params), 90);
        let plan = text(&plan.params, &busy(), Opt::Miimon, "0").unwrap();
        assert_eq!(delay(&plan.params), 0);
    }
}

#[test]
fn the_mode_of_the_request_counts() {
    // Whatever the order in the message, and for both answers.
    let both = [number(Opt::LacpRate, 1), number(Opt::Mode, 4)];
    let plan = check(&Params::default(), &idle(), &both).unwrap();
    assert_eq!(plan.params.mode, Mode::Lacp);
    assert_eq!(plan.params.lacp_rate.number(), 1);
    let both = [number(Opt::ArpInterval, 100), number(Opt::Mode, 5)];
    let result = check(&Params::default(), &idle(), &both);
    let acces = (Errno::Acces, Reason::Mode(Mode::Tlb));
    assert_eq!(why(Opt::ArpInterval, result), acces);
}

#[test]
fn the_first_refusal_is_blamed_on_its_own_attribute() {
    let changes = [
        number(Opt::LacpStrict, 9),
        number(Opt::MinLinks, 3),
        number(Opt::ResendIgmp, 256),
        number(Opt::Miimon, 100),
    ];
    let refusal = check(&mode(Mode::Lacp), &idle(), &changes).unwrap_err();
    assert_eq!(refusal.attr(), Some(Attr::Bond(15)));
    assert_eq!(
        refusal.to_string(),
        "resend_igmp 256: no such value, 0..255"
    );
}

#[test]
fn xdp_stays_on_what_it_can_run_on() {
    let mut world = idle();
    world.xdp = true;
    for (m, good) in [
        (1, true),
        (2, true),
        (3, false),
        (4, true),
        (5, false),
        (6, false),
    ] {
        let result = check(&Params::default(), &world, &[number(Opt::Mode, m)]);
        match good {
            true => assert!(result.is_ok()),
            false => assert_eq!(why(Opt::Mode, result), (Errno::OpNotSupp, Reason::Xdp)),
        }
    }
    let srcmac = number(Opt::XmitHashPolicy, 5);
    for m in [Mode::Xor, Mode::Lacp] {
        let result = check(&mode(m), &world, &[srcmac]);
        assert_eq!(
            why(Opt::XmitHashPolicy, result),
            (Errno::OpNotSupp, Reason::Xdp)
        );
        assert!(check(&mode(m), &world, &[number(Opt::XmitHashPolicy, 1)]).is_ok());
    }
    let params = Params {
        xmit_policy: Policy::VlanSrcMac,
        ..Params::default()
    };
    let result = check(&params, &world, &[number(Opt::Mode, 2)]);
    assert_eq!(why(Opt::Mode, result), (Errno::OpNotSupp, Reason::Xdp));
    assert!(check(&params, &world, &[number(Opt::Mode, 1)]).is_ok());
    world.xdp = false;
    assert!(check(&params, &world, &[number(Opt::Mode, 2)]).is_ok());
}

#[test]
fn changes_that_ask_for_a_selection() {
    let params = mode(Mode::ActiveBackup);
    let reselects = |opt, value: &str| text(&params, &busy(), opt, value).unwrap().reselect;
    assert!(reselects(Opt::PrimaryReselect, "failure"));
    assert!(reselects(Opt::PrimaryReselect, "always"), "what it is");
    assert!(reselects(Opt::Primary, "eth1"));
    assert!(!reselects(Opt::MinLinks, "2"));
    assert!(!reselects(Opt::ActiveSlave, "eth2"));
}

#[test]
fn refusals_say_what_is_wrong() {
    let lacp = mode(Mode::Lacp);
    for (opt, value, world, message) in [
        (Opt::Mode, "rr\n", idle(), "mode \"rr\": no such value"),
        (Opt::Mode, "1", busy(), "mode \"1\": the bond has slaves"),
        (
            Opt::LacpRate,
            "fast",
            busy(),
            "lacp_rate \"fast\": the bond is up",
        ),
        (
            Opt::Miimon,
            "-1",
            idle(),
            "miimon \"-1\": no such value, 0..2147483647",
        ),
        (
            Opt::ArpInterval,
            "100",
            idle(),
            "arp_interval \"100\": not in mode 802.3ad",
        ),
        (
            Opt::PacketsPerSlave,
            "a very long word that never ends",
            idle(),
            "packets_per_slave \"a very long word t\": not in mode 802.3ad",
        ),
        (
            Opt::UseCarrier,
            "0",
            idle(),
            "use_carrier \"0\": only 1 (carrier) is supported",
        ),
        (
            Opt::ArpTargets,
            "\u{e9}\t\x07",
            idle(),
            "arp_ip_target \"?? ?\": write +<address> or -<address>",
        ),
        (
            Opt::Slaves,
            "+eth77",
            idle(),
            "slaves \"+eth77\": no such interface",
        ),
    ] {
        let refusal = text(&lacp, &world, opt, value).unwrap_err();
        assert_eq!(refusal.to_string(), message);
    }
    let mut params = mode(Mode::ActiveBackup);
    params.primary = Some(name("eth1"));
    let number = i64::MIN;
    let long = [(Opt::Prio, Value::Slave { ifindex: 1, number })];
    let _ = why(Opt::Prio, check(&params, &busy(), &long));
}

#[test]
fn a_change_of_times_moves_no_traffic() {
    let mut old = mode(Mode::ActiveBackup);
    (old.miimon, old.updelay) = (100, 200);
    let changed = |change: fn(&mut Params)| {
        let mut new = old.clone();
        change(&mut new);
        new.only_retimes(&old)
    };
    assert!(changed(|_| {}));
    assert!(changed(|p| p.miimon = 50));
    assert!(changed(|p| p.peer_notif_delay = 300));
    assert!(changed(|p| p.num_peer_notif = 3));
    assert!(changed(|p| p.resend_igmp = 3));
    // The updelay that holds would be another one.
    assert!(!changed(|p| p.miimon = 90));
    assert!(!changed(|p| p.miimon = 0));
    assert!(!changed(|p| p.updelay = 300));
    assert!(!changed(|p| p.arp_interval = 100));
    assert!(!changed(|p| p.xmit_policy = Policy::Layer34));
    assert!(!changed(|p| p.all_slaves_active = true));
    assert!(!changed(|p| p.lp_interval = 2));
    assert!(!changed(|p| p.min_links = 2));
}
