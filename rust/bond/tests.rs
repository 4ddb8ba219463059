// SPDX-License-Identifier: GPL-2.0

//! KUnit suites of the driver: what is refused or fails half way leaves all as it was.

// What KUnit's macros are made of.
#![allow(unsafe_code)]

mod flow;

use kernel::prelude::kunit_tests;

#[kunit_tests(rustbond_bond)]
mod cases {
    use core::fmt;

    use compat::{abi, Kind};
    use lag::options::{self, Opt, Params, Value};
    use netdev::prelude::*;
    use netdev::{
        holds,
        tests::{
            port::{state, Call, Listener, Lower, Master, Veto},
            Outcome,
        },
        vtable::Registration,
        work::Queue,
        NetDevice, Rtnl, Upper,
    };

    use crate::{commit, state::Bond, Cx};

    /// A hash over the readings of all options.
    struct Digest(u64);

    impl fmt::Write for Digest {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            // FNV-1a.
            for byte in text.bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
            Ok(())
        }
    }

    fn reading(bond: &Bond, dev: &NetDevice, rtnl: &Rtnl) -> u64 {
        let mut digest = Digest(0xcbf2_9ce4_8422_2325);
        commit::with_view(bond, Cx { dev, rtnl }, |view| {
            for opt in Opt::ALL {
                let _ = options::show(*opt, view, &mut digest);
            }
        });
        digest.0
    }

    fn ask(bond: &Bond, dev: &NetDevice, rtnl: &Rtnl, changes: &[(Opt, &str)]) -> bool {
        let mut request = KVec::new();
        for (opt, text) in changes {
            let change = (*opt, Value::Text(text.as_bytes()));
            if request.push(change, GFP_KERNEL).is_err() {
                return false;
            }
        }
        bond.request(Cx { dev, rtnl }, &request, None).is_ok()
    }

    const MODES: [&str; 7] = ["0", "1", "2", "3", "4", "5", "6"];

    /// A request of which one part is refused changes nothing, whichever part it is.
    #[test]
    fn refused_half_way() -> Outcome {
        let rtnl = Rtnl::lock();
        for mode in MODES {
            let master = Master::new::<Bond>(&rtnl)?;
            let bond = master.driver::<Bond>()?;
            holds!(ask(bond, &master, &rtnl, &[(Opt::Mode, mode)]));
            let before = reading(bond, &master, &rtnl);
            let good = [
                (Opt::Miimon, "70"),
                (Opt::Updelay, "140"),
                (Opt::PacketsPerSlave, "1"),
                (Opt::MinLinks, "2"),
                (Opt::ResendIgmp, "3"),
            ];
            for at in 0..=good.len() {
                for bad in [
                    (Opt::FailOverMac, "9"),
                    (Opt::ResendIgmp, "256"),
                    (Opt::Mode, "x"),
                ] {
                    let mut changes = KVec::new();
                    changes.extend_from_slice(&good[..at], GFP_KERNEL)?;
                    changes.push(bad, GFP_KERNEL)?;
                    changes.extend_from_slice(&good[at..], GFP_KERNEL)?;
                    holds!(
                        !ask(bond, &master, &rtnl, &changes),
                        "{bad:?} in mode {mode}"
                    );
                    holds!(
                        reading(bond, &master, &rtnl) == before,
                        "{bad:?} in mode {mode}"
                    );
                }
            }
            // Without it, they are carried out.
            let fits: &[_] = if mode == "0" { &good } else { &good[..2] };
            holds!(ask(bond, &master, &rtnl, fits), "mode {mode}");
            holds!(reading(bond, &master, &rtnl) != before);
        }
        Ok(())
    }

    /// A request is judged by what the bond is, too: with a slave, some parts of it are refused.
    #[test]
    fn refused_with_a_slave() -> Outcome {
        let rtnl = Rtnl::lock();
        let (master, lower) = (Master::new::<Bond>(&rtnl)?, Lower::new(&rtnl)?);
        let bond = master.driver::<Bond>()?;
        bond.enslave(&master, &lower, None, &rtnl)?;
        let before = reading(bond, &master, &rtnl);
        let slave = state(&lower);
        holds!(!ask(
            bond,
            &master,
            &rtnl,
            &[(Opt::Miimon, "70"), (Opt::Mode, "1")]
        ));
        holds!(reading(bond, &master, &rtnl) == before && state(&lower) == slave);
        holds!(ask(bond, &master, &rtnl, &[(Opt::Miimon, "70")]));
        Ok(())
    }

    /// The way back of a call, if it has one.
    fn undone_by(call: u8) -> u8 {
        const OPEN: u8 = Call::Open as u8;
        const VLAN: u8 = Call::Vlan as u8;
        match call {
            OPEN => Call::Close as u8,
            VLAN => Call::NoVlan as u8,
            same => same,
        }
    }

    const REFUSALS: [(Option<Call>, Veto); 10] = [
        (Some(Call::Mtu), Veto::None),
        (Some(Call::Address), Veto::None),
        (Some(Call::Open), Veto::None),
        (Some(Call::Vlan), Veto::None),
        (None, Veto::Mtu),
        (None, Veto::Address),
        (None, Veto::Up),
        (None, Veto::ChangeUpper),
        (None, Veto::ChangedUpper),
        (None, Veto::None),
    ];

    /// A driver is registered once, and takes no device of another's for its own.
    #[test]
    fn only_its_own() -> Outcome {
        let busy = |refused: Option<Error>| refused == Some(EBUSY);
        holds!(busy(Kind::<Bond>::register().err()));
        holds!(busy(Registration::<Bond>::new().err()));
        holds!(busy(Queue::new().err()));
        let rtnl = Rtnl::lock();
        let (lower, other) = (Lower::new(&rtnl)?, Lower::new(&rtnl)?);
        holds!(!lower.is_of::<Bond>());
        let before = state(&lower);
        let shown = abi::ShownBond {
            params: &Params::default(),
            active: None,
            primary: None,
            slaves: 7,
        };
        shown.show::<Bond>(&lower, &rtnl);
        holds!(lower.become_like::<Bond>(&rtnl, &other) == Err(EINVAL));
        lower.unregister_netdevice::<Bond>(&rtnl);
        holds!(lower.is_registered());
        holds!(state(&lower) == before);
        // Nor does it put another device below one that is not its own.
        let master = Master::new::<Bond>(&rtnl)?;
        let bond = master.driver::<Bond>()?;
        holds!(bond.enslave(&other, &lower, None, &rtnl).is_err());
        let after = state(&lower);
        holds!(after == before, "{before} then {after}");
        Ok(())
    }

    /// Links that a driver leaves below a device that goes are taken off, and none is taken off
    /// twice.
    #[test]
    fn left_below() -> Outcome {
        for mode in MODES {
            let rtnl = Rtnl::lock();
            let (lower, other) = (Lower::new(&rtnl)?, Lower::new(&rtnl)?);
            let before = (state(&lower), state(&other));
            let master = Master::new::<Bond>(&rtnl)?;
            let bond = master.driver::<Bond>()?;
            holds!(ask(bond, &master, &rtnl, &[(Opt::Mode, mode)]));
            bond.enslave(&master, &lower, None, &rtnl)?;
            bond.enslave(&master, &other, None, &rtnl)?;
            holds!(state(&lower).is_linked() && state(&other).is_linked());
            master.detach_all::<Bond>();
            holds!(!state(&lower).is_linked() && !state(&other).is_linked());
            drop(master);
            let after = (state(&lower), state(&other));
            holds!(after.0 == before.0, "{mode}: {} then {}", before.0, after.0);
            holds!(after.1 == before.1, "{mode}: {} then {}", before.1, after.1);
        }
        Ok(())
    }

    /// Whatever a device or a listener says no to on the way to being a slave: the device, the
    /// bond and the other slave are as they were, and it was undone in reverse.
    #[test]
    fn enslave_is_undone() -> Outcome {
        let listener = Listener::new()?;
        for mode in MODES {
            let rtnl = Rtnl::lock();
            for alone in [true, false] {
                let (other, lower) = (Lower::new(&rtnl)?, Lower::new(&rtnl)?);
                let master = Master::new::<Bond>(&rtnl)?;
                let bond = master.driver::<Bond>()?;
                holds!(ask(bond, &master, &rtnl, &[(Opt::Mode, mode)]));
                master.dev_set_mtu(&rtnl, 1400)?;
                master.add_vlan(5)?;
                master.dev_open(&rtnl, None)?;
                master.dev_set_promiscuity(&rtnl, 1)?;
                master.dev_set_allmulti(&rtnl, 1)?;
                if !alone {
                    bond.enslave(&master, &other, None, &rtnl)?;
                }
                for (call, veto) in REFUSALS {
                    let before = (state(&lower), state(&other), state(&master));
                    let options = reading(bond, &master, &rtnl);
                    let carrier = master.netif_carrier_ok();
                    let what = (mode, alone, call, veto);
                    lower.refuse(call);
                    listener.say_no(veto);
                    let done = bond.enslave(&master, &lower, None, &rtnl);
                    let asked = listener.say_no(Veto::None);
                    let mut buf = [0; 64];
                    let asked = match call {
                        Some(call) => lower.calls(&mut buf).contains(&(call as u8)),
                        None => asked && veto != Veto::None,
                    };
                    // Nobody can refuse what nobody is asked for. Where each has an address of
                    // its own, a new slave that keeps its own is one none the less.
                    let may_do_without = matches!(mode, "5" | "6") && call == Some(Call::Address);
                    holds!(
                        done.is_err() == asked || may_do_without,
                        "{what:?}: {done:?} after {:?}",
                        lower.calls(&mut buf)
                    );
                    if done.is_ok() {
                        bond.release(&master, &lower, &rtnl)?;
                    }
                    let after = (state(&lower), state(&other), state(&master));
                    holds!(
                        after.0 == before.0,
                        "{what:?}: {} then {}",
                        before.0,
                        after.0
                    );
                    // Who is left listens to all for a while, in case frames still go to who left.
                    if !(mode == "6" && done.is_ok()) {
                        holds!(
                            after.1 == before.1,
                            "{what:?}: {} then {}",
                            before.1,
                            after.1
                        );
                    }
                    // When the last slave has left, the bond makes up another address.
                    if !alone || done.is_err() {
                        holds!(
                            after.2 == before.2,
                            "{what:?}: {} then {}",
                            before.2,
                            after.2
                        );
                        holds!(master.netif_carrier_ok() == carrier, "{what:?}");
                    }
                    holds!(reading(bond, &master, &rtnl) == options, "{what:?}");
                    // With an address of its own to go back to, the way down is the way up.
                    let all = lower.calls(&mut buf);
                    if !alone && !matches!(mode, "5" | "6") {
                        if let (Some(call), true) = (call, done.is_err()) {
                            let at = all.iter().position(|c| *c == call as u8);
                            let (up, down) = all.split_at(at.unwrap_or(all.len()));
                            let down = down.get(1..).unwrap_or(&[]);
                            let mirrored = up.iter().rev().map(|c| undone_by(*c));
                            holds!(mirrored.eq(down.iter().copied()), "{what:?}: {all:?}");
                        } else if done.is_ok() {
                            let (up, down) = all.split_at(all.len() / 2);
                            let mirrored = up.iter().rev().map(|c| undone_by(*c));
                            holds!(mirrored.eq(down.iter().copied()), "{what:?}: {all:?}");
                        }
                    }
                }
                master.dev_set_promiscuity(&rtnl, -1)?;
                master.dev_set_allmulti(&rtnl, -1)?;
                if !alone {
                    bond.release(&master, &other, &rtnl)?;
                }
                master.del_vlan(5);
            }
            // What was unregistered is freed when RTNL is let go.
        }
        Ok(())
    }

    /// A bond that somebody does not want leaves nothing, and another can be made.
    #[test]
    fn registration_is_undone() -> Outcome {
        let listener = Listener::new()?;
        for veto in [Veto::Init, Veto::Register] {
            let rtnl = Rtnl::lock();
            listener.say_no(veto);
            holds!(Master::new::<Bond>(&rtnl).is_err(), "{veto:?}");
            holds!(listener.say_no(Veto::None), "{veto:?}");
            holds!(Master::is_gone(&rtnl));
            drop(Master::new::<Bond>(&rtnl)?);
            holds!(Master::is_gone(&rtnl));
        }
        Ok(())
    }

    /// Hardware time stamps are those of the active slave, for who knows that they may be another's
    /// tomorrow, and every answer says so.
    #[test]
    fn stamps_of_the_active_slave() -> Outcome {
        const KNOWS: i32 = 1;
        let rtnl = Rtnl::lock();
        let (one, other) = (Lower::new(&rtnl)?, Lower::new(&rtnl)?);
        let master = Master::new::<Bond>(&rtnl)?;
        let bond = master.driver::<Bond>()?;
        let mut buf = [0; 64];
        let mut asked = |lower: &Lower<'_>| lower.calls(&mut buf).contains(&(Call::Stamp as u8));
        for mode in MODES {
            holds!(ask(bond, &master, &rtnl, &[(Opt::Mode, mode)]));
            holds!(
                master.hwtstamp(true, KNOWS) == Err(EOPNOTSUPP),
                "{mode}: no slave"
            );
            bond.enslave(&master, &one, None, &rtnl)?;
            bond.enslave(&master, &other, None, &rtnl)?;
            one.refuse(None);
            other.refuse(None);
            if matches!(mode, "1" | "5" | "6") {
                holds!(
                    master.hwtstamp(true, 0) == Err(EOPNOTSUPP),
                    "{mode}: who does not know"
                );
                holds!(!asked(&one), "{mode}: who does not know");
                holds!(master.hwtstamp(true, KNOWS) == Ok(KNOWS), "{mode}: set");
                holds!(asked(&one) && !asked(&other), "{mode}: set");
                one.refuse(None);
                holds!(master.hwtstamp(false, 0) == Ok(KNOWS), "{mode}: get");
                holds!(asked(&one) && !asked(&other), "{mode}: get");
                one.refuse(Some(Call::Stamp));
                holds!(
                    master.hwtstamp(true, KNOWS) == Err(EIO),
                    "{mode}: the slave refuses"
                );
            } else {
                holds!(
                    master.hwtstamp(true, KNOWS) == Err(EOPNOTSUPP),
                    "{mode}: none is active"
                );
                holds!(
                    master.hwtstamp(false, 0) == Err(EOPNOTSUPP),
                    "{mode}: none is active"
                );
                holds!(!asked(&one) && !asked(&other), "{mode}: none is active");
            }
            bond.release(&master, &one, &rtnl)?;
            bond.release(&master, &other, &rtnl)?;
        }
        Ok(())
    }

    /// ndo_get_xmit_slave, as RDMA calls it, names the slave that the bond would take.
    #[test]
    fn slaves_of_what_others_send() -> Outcome {
        let rtnl = Rtnl::lock();
        let (one, other) = (Lower::new(&rtnl)?, Lower::new(&rtnl)?);
        let master = Master::new::<Bond>(&rtnl)?;
        let bond = master.driver::<Bond>()?;
        // How many of 16 flows go by each of the two: one, other, none.
        let spread = |any: bool| -> Outcome<[usize; 3]> {
            let mut counts = [0; 3];
            for flow in 0..16 {
                let mut frame = [0; 60];
                frame[..14].copy_from_slice(&[2, 0, 0, 0, 0, flow, 2, 0, 0, 0, 0, 1, 8, 0]);
                let by = master.lower_of(&frame, any)?.map(|dev| dev.ifindex());
                let at = match by {
                    Some(by) if by == one.ifindex() => 0,
                    Some(by) if by == other.ifindex() => 1,
                    Some(_) => return Err(ENODEV.into()),
                    None => 2,
                };
                counts[at] += 1;
            }
            Ok(counts)
        };
        for mode in MODES {
            holds!(ask(bond, &master, &rtnl, &[(Opt::Mode, mode)]));
            holds!(spread(false)? == [0, 0, 16], "{mode}: no slave");
            holds!(spread(true)? == [0, 0, 16], "{mode}: of no slave");
            bond.enslave(&master, &one, None, &rtnl)?;
            bond.enslave(&master, &other, None, &rtnl)?;
            let (usable, all, left) = match mode {
                "0" | "2" => ([8, 8, 0], [8, 8, 0], [0, 16, 0]),
                "1" => ([16, 0, 0], [16, 0, 0], [0, 16, 0]),
                // It is down, and no port has a partner.
                "4" => ([0, 0, 16], [8, 8, 0], [0, 0, 16]),
                _ => ([0, 0, 16], [0, 0, 16], [0, 0, 16]),
            };
            holds!(spread(false)? == usable, "{mode}: {:?}", spread(false)?);
            holds!(spread(true)? == all, "{mode}, all: {:?}", spread(true)?);
            one.set_carrier(false);
            holds!(spread(false)? == left, "{mode}, dead: {:?}", spread(false)?);
            if mode == "2" || mode == "4" {
                holds!(spread(true)? == all, "{mode}, all, dead");
            }
            one.set_carrier(true);
            // Nothing is read that is not there.
            master.lower_of(&[2, 0, 0], false)?;
            master.lower_of(&[2, 0, 0], true)?;
            bond.release(&master, &one, &rtnl)?;
            bond.release(&master, &other, &rtnl)?;
        }
        Ok(())
    }
}
