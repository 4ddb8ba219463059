// SPDX-License-Identifier: GPL-2.0

//! The lines of the log: ours, and native bonding's as its source has them.

use lag::duplex::Duplex;
use lag::lacp::system::Notice;
use lag::mode::Mode;
use lag::monitor::mii::Note as Delay;
use lag::options::{Errno, Note, Opt, Params, Quote, Reason, Refusal};
use lag::report::{Door, Event, Level, Masters, Part, Step, Unfit, Watch, Whose, Words};
use lag::time::Span;

fn told(event: Event<'_>, words: Words) -> (Option<Level>, String) {
    (event.level(words), event.told(words).to_string())
}

fn native(event: Event<'_>) -> String {
    told(event, Words::Native).1
}

#[test]
fn links() {
    let up = |speed, duplex| Event::LinkUp(Watch::Carrier, speed, duplex);
    assert_eq!(
        told(up(Some(1000), Duplex::Full), Words::Native),
        (
            Some(Level::Info),
            "link status definitely up, 1000 Mbps full duplex".into()
        )
    );
    // Native reads 255 as true.
    assert_eq!(
        native(up(None, Duplex::Unknown)),
        "link status definitely up, 0 Mbps full duplex"
    );
    assert_eq!(
        native(up(Some(10), Duplex::Half)),
        "link status definitely up, 10 Mbps half duplex"
    );
    let first = Event::LinkUp(Watch::Balanced { first: true }, None, Duplex::Full);
    assert_eq!(native(first), "link status definitely up");
    let other = Event::LinkUp(Watch::Balanced { first: false }, None, Duplex::Full);
    assert_eq!(native(other), "interface is now up");
    assert_eq!(
        native(Event::LinkDown(Watch::Arp)),
        "link status definitely down, disabling slave"
    );
    assert_eq!(
        native(Event::LinkDown(Watch::Balanced { first: false })),
        "interface is now down"
    );
    for (part, name) in [
        (Part::None, ""),
        (Part::Active, "active "),
        (Part::Backup, "backup "),
    ] {
        assert_eq!(
            native(Event::Delay(Delay::Disabling(Span::millis(200)), part)),
            format!("link status down for {name}interface, disabling it in 200 ms")
        );
    }
    assert_eq!(told(up(None, Duplex::Full), Words::Own).1, "link is up");
}

#[test]
fn the_active_slave() {
    assert_eq!(
        native(Event::Active(None)),
        "making interface the new active one"
    );
    assert_eq!(
        native(Event::Active(Some(Span::millis(70)))),
        "making interface the new active one 70 ms earlier"
    );
    let usable = |any, watched| Event::Usable { any, watched };
    assert_eq!(
        told(usable(false, true), Words::Native),
        (
            Some(Level::Info),
            "now running without any active interface!".into()
        )
    );
    assert_eq!(native(usable(true, true)), "active interface up!");
    // Of what a user does native says nothing; ours warns, for somebody may have to come.
    assert_eq!(usable(false, false).level(Words::Native), None);
    assert_eq!(usable(false, false).level(Words::Own), Some(Level::Warn));
}

#[test]
fn slaves() {
    assert_eq!(
        native(Event::Enslaved {
            backup: true,
            up: false
        }),
        "Enslaving as a backup interface with a down link"
    );
    let released = |balanced| Event::Released {
        active: true,
        balanced,
    };
    assert_eq!(native(released(false)), "Releasing backup interface");
    assert_eq!(native(released(true)), "Releasing active interface");
    assert_eq!(
        told(released(true), Words::Own).1,
        "released, was the active slave"
    );
    let up = Event::Unfit(Unfit::Up);
    assert_eq!(
        told(up, Words::Native),
        (
            Some(Level::Error),
            "Error: Device can not be enslaved while up".into()
        )
    );
    assert!(up.names_slave(Words::Native));
    assert!(!Event::Unfit(Unfit::Can).names_slave(Words::Native));
    assert_eq!(
        native(Event::Failed(Step::Mtu, -22)),
        "Error -22 calling dev_set_mtu"
    );
    assert_eq!(
        native(Event::Address(Whose::New, &"x", -16)),
        "Error 16 setting MAC of new active slave"
    );
}

/// Texts fit an extack, to which our own words go, too.
#[test]
fn why_not_is_short() {
    for unfit in [
        Unfit::Can,
        Unfit::Itself,
        Unfit::Master,
        Unfit::InUse,
        Unfit::NoVlans,
        Unfit::Up,
        Unfit::TypeHeld,
        Unfit::OtherType,
        Unfit::NotEthernet,
        Unfit::Infiniband,
        Unfit::FixedAddress,
        Unfit::NoXdp,
        Unfit::OwnProgram,
    ] {
        let text = unfit.to_string();
        assert!(text.len() < 80 && text.is_ascii(), "{text}");
        assert!(native(Event::Unfit(unfit)).is_ascii());
    }
}

fn refusal(opt: Opt, errno: Errno, value: Quote, reason: Reason) -> Refusal {
    Refusal {
        opt,
        errno,
        value,
        reason,
    }
}

#[test]
fn options() {
    let inval = |opt, value, reason| refusal(opt, Errno::Inval, value, reason);
    let by_file = |r: &Refusal| native(Event::Refused(r, Door::File));
    let by_netlink = |r: &Refusal| native(Event::Refused(r, Door::Netlink));
    let mode = inval(Opt::Mode, Quote::text(b"foo\n"), Reason::NoSuchValue);
    assert_eq!(by_file(&mode), "option mode: invalid value (foo)");
    let igmp = inval(Opt::ResendIgmp, Quote::Number(256), Reason::NoSuchValue);
    assert_eq!(
        by_netlink(&igmp),
        "option resend_igmp: invalid value (256)\noption resend_igmp: allowed values 0 - 255"
    );
    let twice = inval(
        Opt::ArpTargets,
        Quote::Ip4([192, 0, 2, 1]),
        Reason::TargetPresent,
    );
    assert_eq!(
        by_file(&twice),
        "ARP target 192.0.2.1 is already present\n\
         option arp_ip_target: invalid value (+192.0.2.1)"
    );
    assert_eq!(
        by_netlink(&twice).lines().last(),
        Some(format!(
            "option arp_ip_target: invalid value ({})",
            u32::from_ne_bytes([192, 0, 2, 1])
        ))
        .as_deref()
    );
    let rate = refusal(
        Opt::LacpRate,
        Errno::Acces,
        Quote::text(b"fast"),
        Reason::Mode(Mode::ActiveBackup),
    );
    assert_eq!(
        by_file(&rate),
        "option lacp_rate: mode dependency failed, not supported in mode active-backup(1)"
    );
    let slaves = refusal(
        Opt::Mode,
        Errno::NotEmpty,
        Quote::text(b"0"),
        Reason::HasSlaves,
    );
    assert_eq!(
        by_file(&slaves),
        "option mode: unable to set because the bond device has slaves"
    );
    let nobody = refusal(
        Opt::ActiveSlave,
        Errno::NoDev,
        Quote::text(b"nobody"),
        Reason::NoInterface,
    );
    assert_eq!(
        by_file(&nobody),
        "option active_slave: interface nobody does not exist!"
    );
    // What native has no words for is told in ours, behind its line.
    let excluded = inval(Opt::ArpInterval, Quote::Number(100), Reason::WithMiimon);
    let text = by_netlink(&excluded);
    assert_eq!(
        text.lines().next(),
        Some("option arp_interval: invalid value (100)")
    );
    assert_eq!(
        text.lines().last(),
        Some("arp_interval 100: excludes miimon")
    );
    for (text, line) in [
        ("x", "invalid ARP target specified"),
        (
            "192.0.2.1",
            "no command found in arp_ip_targets file - use +<addr> or -<addr>",
        ),
    ] {
        let refusal = refusal(
            Opt::ArpTargets,
            Errno::Perm,
            Quote::text(text.as_bytes()),
            Reason::Syntax("+<address>"),
        );
        assert_eq!(by_file(&refusal), line);
    }
    // Nor does native's log have what netlink's own checks find.
    let range = refusal(Opt::Miimon, Errno::Range, Quote::None, Reason::Length);
    assert_eq!(
        Event::Refused(&range, Door::Netlink).level(Words::Native),
        None
    );
}

#[test]
fn notes() {
    let params = Params {
        miimon: 100,
        ..Params::default()
    };
    let rounded = Note::Rounded(Opt::Updelay, 150, 100);
    assert_eq!(
        told(Event::Note(rounded, &params), Words::Native),
        (
            Some(Level::Warn),
            "up delay (150) is not a multiple of miimon (100), value rounded to 100 ms".into()
        )
    );
    assert_eq!(
        native(Event::Parameter(rounded, &params)),
        "Warning: updelay (150) is not a multiple of miimon (100), updelay rounded to 100 ms"
    );
    assert_eq!(
        told(Event::Note(rounded, &params), Words::Own).1,
        "updelay 150 is not a multiple of miimon, rounded down to 100 ms"
    );
    assert_eq!(
        native(Event::Monitoring(&params)),
        "MII link monitoring set to 100 ms"
    );
    assert_eq!(Event::Monitoring(&params).level(Words::Own), None);
    assert_eq!(
        Event::Monitoring(&Params::default()).level(Words::Native),
        None
    );
}

/// Native's words for parameters that exclude each other, and for a bond without a partner.
#[test]
fn warnings_of_native() {
    let params = Params {
        miimon: 100,
        ..Params::default()
    };
    for (note, line) in [
        (
            Note::ArpOff(200),
            "Warning: miimon (100) and arp_interval (200) can't be used simultaneously, disabling \
             ARP monitoring",
        ),
        (
            Note::DelaysIdle(100, 0),
            "Warning: miimon module parameter not set and updelay (100) or downdelay (0) module \
             parameter is set; updelay and downdelay have no effect unless miimon is set",
        ),
        (
            Note::PrimaryIdle(Quote::text(b"eth0"), Mode::Broadcast),
            "Warning: eth0 primary device specified but has no effect in fault-tolerance \
             (broadcast) mode",
        ),
    ] {
        assert_eq!(
            told(Event::Parameter(note, &params), Words::Native),
            (Some(Level::Warn), line.into())
        );
    }
    assert_eq!(
        native(Event::Note(Note::MiiOff, &params)),
        "ARP monitoring cannot be used with MII monitoring. Disabling MII monitoring"
    );
    assert_eq!(
        told(Event::Lacp(Notice::NoLacp), Words::Native),
        (
            Some(Level::Warn),
            "Warning: No 802.3ad response from the link partner for any adapters in the bond"
                .into()
        )
    );
    let associations = |none| Event::Associations { left: 2, none };
    assert_eq!(
        native(associations(true)),
        "bond_ipsec_add_sa_all: no slave xdo_dev_state_add"
    );
    assert_eq!(
        told(associations(false), Words::Native),
        (
            Some(Level::Warn),
            "bond_ipsec_add_sa_all: failed to add SA".into()
        )
    );
    assert_eq!(
        told(associations(false), Words::Own).1,
        "does not take 2 IPsec associations: the kernel works on them"
    );
}

#[test]
fn the_file_of_all_bonds() {
    let event = |masters| Event::Masters("bonding_masters", masters, "bond1");
    assert_eq!(native(event(Masters::Making)), "bond1 is being created...");
    assert_eq!(native(event(Masters::Exists)), "bond1 already exists");
    assert_eq!(
        told(event(Masters::Missing), Words::Native),
        (
            Some(Level::Error),
            "unable to delete non-existent bond1".into()
        )
    );
    assert_eq!(event(Masters::Making).level(Words::Own), None);
}

#[test]
fn an_option_that_could_not_be_carried_out() {
    let event = |errno| Event::NotDone(Opt::Slaves, Quote::text(b"+eth0"), errno);
    assert_eq!(native(event(-22)), "option slaves: invalid value (+eth0)");
    // Native's text for EBUSY, whatever is busy.
    assert_eq!(
        native(event(-16)),
        "option slaves: unable to set because the bond device is up"
    );
    assert_eq!(event(-1).level(Words::Native), None);
    assert_eq!(event(-22).level(Words::Own), None);
}
