// SPDX-License-Identifier: GPL-2.0

//! Files made from the table: they are as they would be made now, and the reference names all
//! errors that can happen.

use std::collections::BTreeSet;

use super::fake::{busy, idle, mode, Fake};
use lag::lacp::port::DEFAULT_PRIORITY;
use lag::mac::Mac;
use lag::mode::Mode;
use lag::options::{check, Attr, Errno, Kind, Opt, Params, Value, Width};

#[path = "../../examples/options.rs"]
#[allow(unreachable_pub)]
mod table_made;

#[test]
fn files_made_from_the_table_are_up_to_date() {
    for (file, made) in [
        (
            "../../Documentation/option-reference.rst",
            table_made::page(),
        ),
        ("../../selftests/lib/options.json", table_made::json()),
        ("../bindings/param_texts.h", table_made::params()),
    ] {
        let there = std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR")));
        assert!(
            there.ok().as_deref() == Some(&made),
            "{file}: 'make tables' writes it anew"
        );
    }
}

#[test]
fn each_row_reads_well() {
    for &opt in Opt::ALL {
        let (spec, telling) = (opt.spec(), opt.telling());
        let summary = table_made::summary(opt);
        assert!(
            summary.len() > 20 && summary.starts_with(|c: char| c.is_ascii_uppercase()),
            "{opt:?}: {summary}"
        );
        assert_eq!(spec.attr.is_some(), !telling.attr.is_empty(), "{opt:?}");
        if let Kind::Number(numbers) = spec.kind {
            assert!(
                telling.words.is_empty() || telling.words.len() == numbers.words.len(),
                "{opt:?}"
            );
        }
        if spec.ours {
            assert_eq!(spec.attr, None, "{opt:?}: its number is not ours to give");
        }
    }
    let of_a_port = Kind::PerSlave {
        min: 0,
        max: 65535,
        default: DEFAULT_PRIORITY.into(),
    };
    assert_eq!(Opt::ActorPortPrio.spec().kind, of_a_port);
}

/// The payload of an attribute that carries a number.
fn payload(width: Width, number: i64) -> Option<Vec<u8>> {
    Some(match width {
        Width::U8 => u8::try_from(number).ok()?.to_ne_bytes().to_vec(),
        Width::U16 => u16::try_from(number).ok()?.to_ne_bytes().to_vec(),
        Width::U32 => u32::try_from(number).ok()?.to_ne_bytes().to_vec(),
        Width::S32 => i32::try_from(number).ok()?.to_ne_bytes().to_vec(),
        _ => return None,
    })
}

/// Nested attributes that carry these.
fn nested(payloads: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    for payload in payloads {
        out.extend(u16::try_from(4 + payload.len()).unwrap().to_ne_bytes());
        out.extend([0, 0]);
        out.extend(*payload);
    }
    out
}

const TEXTS: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "100",
    "70000",
    "off",
    "on",
    "nonsense",
    "default",
    "eth1",
    "eth3",
    "eth9",
    "eth77",
    "a/b",
    "+192.0.2.1",
    "-192.0.2.1",
    "+0.0.0.0",
    "+eth9",
    "-eth1",
    "+eth77",
    "eth1:0",
    "eth1:1",
    "eth2:1",
    "eth1:99",
    "eth9:1",
    "02:00:00:00:00:01",
    "01:00:00:00:00:01",
    "vlan+srcmac",
];
const NUMBERS: &[i64] = &[
    -5,
    0,
    1,
    2,
    3,
    5,
    8,
    77,
    100,
    255,
    1000,
    65535,
    300_001,
    0x7fff_ffff,
    0xffff_ffff,
];

/// All that can be asked of an option by the doors that it has.
fn asked(opt: Opt, ask: &mut dyn FnMut(Result<Value<'_>, Errno>)) {
    let spec = opt.spec();
    if !spec.files.is_empty() {
        for text in TEXTS {
            ask(Ok(Value::Text(text.as_bytes())));
        }
    }
    let slaves: &[u32] = match spec.attr {
        Some(Attr::Slave(_)) => &[1, 2, 8],
        _ => &[0],
    };
    for slave in slaves {
        for payload in NUMBERS.iter().filter_map(|n| payload(spec.width, *n)) {
            ask(Value::from_attr(opt, *slave, &payload).map_err(|refusal| refusal.errno));
        }
    }
    if let Kind::Targets4 = spec.kind {
        let target: &[u8] = &[192, 0, 2, 1];
        for list in [
            vec![],
            vec![target],
            vec![target, target],
            vec![&[0, 0, 0, 0]],
        ] {
            ask(Ok(Value::Nested(&nested(&list))));
        }
    }
    if let Kind::Targets6 = spec.kind {
        let target: &[u8] = &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        for list in [vec![], vec![target], vec![target, target], vec![&[0; 16]]] {
            ask(Ok(Value::Nested(&nested(&list))));
        }
    }
    if let Kind::Mac = spec.kind {
        ask(Ok(Value::Mac(Mac([2, 0, 0, 0, 0, 1]))));
        ask(Ok(Value::Mac(Mac([1, 0, 0, 0, 0, 1]))));
    }
}

const fn errno_name(errno: Errno) -> &'static str {
    match errno {
        Errno::Perm => "EPERM",
        Errno::Acces => "EACCES",
        Errno::Busy => "EBUSY",
        Errno::NoDev => "ENODEV",
        Errno::Inval => "EINVAL",
        Errno::Range => "ERANGE",
        Errno::NotEmpty => "ENOTEMPTY",
        Errno::OpNotSupp => "EOPNOTSUPP",
    }
}

fn worlds() -> Vec<Fake> {
    let mut taken = busy();
    taken.slaves[1].queue_id = 1;
    let down = Fake {
        up: false,
        ..busy()
    };
    let none_active = Fake {
        active: None,
        ..busy()
    };
    vec![
        idle(),
        busy(),
        taken,
        down,
        none_active,
        Fake { up: true, ..idle() },
        Fake {
            xdp: true,
            ..idle()
        },
        Fake {
            ipv6: false,
            ..idle()
        },
    ]
}

#[test]
fn the_reference_names_every_error_and_no_other() {
    for &opt in Opt::ALL {
        let mut seen = BTreeSet::new();
        for world in worlds() {
            for m in Mode::ALL {
                let params = mode(m);
                let monitored = Params {
                    miimon: 100,
                    ..mode(m)
                };
                for params in [&params, &monitored] {
                    asked(opt, &mut |value| {
                        let errno = match value {
                            Ok(value) => check(params, &world, &[(opt, value)])
                                .err()
                                .map(|refusal| refusal.errno),
                            Err(errno) => Some(errno),
                        };
                        seen.extend(errno.map(errno_name));
                    });
                }
            }
        }
        let errors = table_made::errors(opt);
        let told: BTreeSet<&str> = errors.iter().map(|(errno, _)| errno.as_str()).collect();
        assert_eq!(told, seen, "{opt:?}: the reference, and what can happen");
    }
}
