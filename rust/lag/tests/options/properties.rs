// SPDX-License-Identifier: GPL-2.0

//! Properties of any request.

use super::fake::{busy, idle, shown, text, Fake};
use lag::mac::Mac;
use lag::mode::Mode;
use lag::options::{check, Kind, Name, Opt, Params, Targets, Value};
use proptest::prelude::*;

fn any_opt() -> impl Strategy<Value = Opt> {
    (0..Opt::ALL.len()).prop_map(|index| Opt::ALL[index])
}

fn any_text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[+-]?[0-9a-z.:_]{0,12}\n?".prop_map(String::into_bytes),
        prop::sample::select(vec![
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "100",
            "on",
            "off",
            "default",
            "maxval",
            "minval",
            "+10.0.0.1",
            "-10.0.0.1",
            "eth1",
            "eth2:3",
            "+eth8",
            "802.3ad",
            "active-backup",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ]
}

fn any_change() -> impl Strategy<Value = (Opt, Vec<u8>, u8, i64)> {
    let number = prop_oneof![0i64..8, Just(100), any::<i64>()];
    (any_opt(), any_text(), 0u8..7, number)
}

fn value(bytes: &[u8], door: u8, number: i64) -> Value<'_> {
    match door {
        0 | 1 => Value::Text(bytes),
        2 => Value::Number(number),
        3 => Value::Nested(bytes),
        4 => Value::Ifindex(number as u32 % 10),
        5 => Value::Slave { ifindex: 2, number },
        _ => Value::Mac(Mac([2, 0, 0, 0, 0, number as u8])),
    }
}

/// Worlds and options that a bond can be in: what a sequence of requests leads to.
fn after(requests: &[(Opt, Vec<u8>, u8, i64)], world: &Fake) -> Params {
    let mut params = Params::default();
    for (opt, bytes, door, number) in requests {
        if let Ok(plan) = check(&params, world, &[(*opt, value(bytes, *door, *number))]) {
            params = plan.params;
        }
    }
    params
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_request_panics_and_what_is_left_is_sound(
        requests in prop::collection::vec(any_change(), 0..40),
        up in any::<bool>(),
    ) {
        let mut world = if up { busy() } else { idle() };
        world.up = up;
        let params = after(&requests, &world);
        prop_assert!(params.miimon == 0 || params.arp_interval == 0);
        if !params.mode.uses_arp_monitor() {
            prop_assert!(params.arp_interval == 0);
            prop_assert_eq!(params.arp_validate.number(), 0);
        }
        prop_assert!(params.ad_user_port_key <= 1023);
        prop_assert!(params.ad_actor_sys_prio >= 1);
        prop_assert!(params.missed_max >= 1 && params.lp_interval >= 1);
        prop_assert!(!params.ad_actor_system.is_multicast());
        for opt in Opt::ALL {
            let text = shown(*opt, &params, &world);
            prop_assert!(text.is_empty() || text.ends_with('\n'));
        }
    }

    #[test]
    fn a_value_shown_can_be_written_back(
        requests in prop::collection::vec(any_change(), 0..30),
        opt in any_opt(),
    ) {
        let params = after(&requests, &idle());
        let read = shown(opt, &params, &idle());
        prop_assume!(!read.is_empty() && matches!(opt.spec().kind, Kind::Number(_) | Kind::Mac));
        for written in [read.as_str(), read.split(' ').next().unwrap(), read.trim_end()] {
            let plan = text(&params, &busy(), opt, written).unwrap();
            prop_assert_eq!(shown(opt, &plan.params, &idle()), read.clone());
        }
        // Elsewhere it gives the same, if it is allowed there.
        let other = Params {
            mode: params.mode,
            miimon: params.miimon,
            ..Params::default()
        };
        if let Ok(plan) = text(&other, &idle(), opt, &read) {
            prop_assert_eq!(shown(opt, &plan.params, &idle()), read);
        }
    }

    #[test]
    fn a_request_is_its_parts_one_by_one(
        before in prop::collection::vec(any_change(), 0..10),
        request in prop::collection::vec(any_change(), 1..6),
    ) {
        let mut request = request;
        request.sort_by_key(|change| change.0);
        request.dedup_by_key(|change| change.0);
        let params = after(&before, &idle());
        let changes: Vec<_> = request
            .iter()
            .map(|(opt, bytes, door, number)| (*opt, value(bytes, *door, *number)))
            .collect();
        let whole = check(&params, &idle(), &changes);
        let mut reversed = changes.clone();
        reversed.reverse();
        prop_assert_eq!(&check(&params, &idle(), &reversed), &whole);
        let miimon = changes.iter().any(|c| c.0 == Opt::Miimon);
        prop_assume!(!miimon);
        let mut step = params.clone();
        let mut first = None;
        for change in &changes {
            match check(&step, &idle(), &[*change]) {
                Ok(plan) => step = plan.params,
                Err(refusal) => {
                    first = Some(refusal);
                    break;
                }
            }
        }
        match (whole, first) {
            (Ok(plan), None) => prop_assert_eq!(plan.params, step),
            (Err(refusal), Some(first)) => prop_assert_eq!(refusal, first),
            (whole, first) => prop_assert!(false, "{:?} {:?}", whole, first),
        }
    }

    #[test]
    fn targets_keep_their_order(adds in prop::collection::vec((any::<bool>(), 1u8..24), 0..60)) {
        let mut targets = Targets::NONE;
        let mut model: Vec<[u8; 4]> = Vec::new();
        for (add, last) in adds {
            let target = [10, 0, 0, last];
            let known = model.iter().position(|t| *t == target);
            if add {
                let fits = known.is_none() && model.len() < 16;
                prop_assert_eq!(targets.add(target).is_ok(), fits);
                if fits {
                    model.push(target);
                }
            } else {
                prop_assert_eq!(targets.remove(target).is_ok(), known.is_some());
                if let Some(index) = known {
                    model.remove(index);
                }
            }
            prop_assert!(targets.iter().eq(model.iter().copied()));
            prop_assert_eq!(targets.len(), model.len());
            prop_assert_eq!(targets.is_empty(), model.is_empty());
        }
    }

    #[test]
    fn addresses_are_read_as_they_are_printed(octets in any::<[u8; 4]>(), tail in "[ \n:/g-z]?.{0,5}") {
        let target = std::net::Ipv4Addr::from(octets);
        let good = octets[0] != 0 && octets != [255; 4];
        let cut = tail.chars().next().is_none_or(|c| !c.is_ascii_hexdigit() && c != '.');
        let result = text(&Params::default(), &idle(), Opt::ArpTargets, &format!("+{target}{tail}"));
        prop_assume!(cut);
        prop_assert_eq!(result.is_ok(), good);
        if let Ok(plan) = result {
            let read = shown(Opt::ArpTargets, &plan.params, &idle());
            prop_assert_eq!(read, format!("{target}\n"));
        }
    }

    #[test]
    fn names_are_what_the_kernel_takes(bytes in prop::collection::vec(any::<u8>(), 0..18)) {
        let space = |b: &u8| b" \t\n\x0b\x0c\r\xa0".contains(b);
        let good = (1..16).contains(&bytes.len())
            && !bytes.iter().any(|b| matches!(b, b'/' | b':' | 0) || space(b))
            && bytes != b"."
            && bytes != b"..";
        let name = Name::new(&bytes);
        prop_assert_eq!(name.is_some(), good);
        if let Some(name) = name {
            prop_assert_eq!(name.as_bytes(), &bytes[..]);
            prop_assert_eq!(Name::from_nul_padded(name.as_nul_padded()), Some(name));
            prop_assert_eq!(name.to_string(), String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn modes_by_any_name(number in 0u8..7) {
        let mode = Mode::ALL[usize::from(number)];
        let by_name = text(&Params::default(), &idle(), Opt::Mode, mode.name()).unwrap();
        let by_number = text(&Params::default(), &idle(), Opt::Mode, &number.to_string()).unwrap();
        prop_assert_eq!(&by_name, &by_number);
        prop_assert_eq!(by_name.params.mode, mode);
    }
}
