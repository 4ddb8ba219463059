// SPDX-License-Identifier: GPL-2.0

//! The tables of the generic netlink family hold together.

use lag::family::{Kind, Set, COMMANDS, ENUMS, RECORD_NTF, SETS, TELLINGS};

#[test]
fn numbers_have_no_gap() {
    for set in SETS {
        for (at, attr) in set.attrs.iter().enumerate() {
            assert_eq!(
                usize::from(attr.number),
                at + 1,
                "{} {}",
                set.name,
                attr.name
            );
        }
    }
    for (at, command) in COMMANDS.iter().enumerate() {
        assert_eq!(usize::from(command.number), at + 1);
    }
    assert_eq!(COMMANDS.len(), TELLINGS.len());
    assert_eq!(usize::from(RECORD_NTF), COMMANDS.len() + 1);
}

#[test]
fn what_is_named_is_there() {
    for attr in SETS.iter().flat_map(|set: &&Set| set.attrs) {
        match attr.kind {
            Kind::Enum(name) => assert!(ENUMS.iter().any(|of| of.name == name), "{name}"),
            Kind::Nest(name) => assert!(SETS.iter().any(|set| set.name == name), "{name}"),
            _ => {}
        }
    }
}

#[test]
fn a_request_takes_attributes_of_its_set() {
    for (command, telling) in COMMANDS.iter().zip(TELLINGS) {
        for number in 0..=command.max_attr() {
            let Some(kind) = command.takes(number) else {
                continue;
            };
            let attr = &telling.set.attrs[usize::from(number) - 1];
            assert_eq!((attr.number, attr.kind), (number, kind), "{}", telling.name);
        }
        assert_eq!(command.takes(command.max_attr() + 1), None);
    }
}

#[test]
fn names_are_unique_and_plain() {
    let plain = |name: &str| {
        let mut bytes = name.bytes();
        bytes.all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
        })
    };
    for set in SETS {
        for (at, attr) in set.attrs.iter().enumerate() {
            assert!(plain(attr.name), "{}", attr.name);
            assert!(!attr.doc.is_empty(), "{}", attr.name);
            assert!(set.attrs[..at].iter().all(|other| other.name != attr.name));
        }
    }
    for of in ENUMS {
        assert!(of.texts.is_empty() || of.texts.len() == of.values.len());
        for (name, _) in of.values {
            assert!(plain(name), "{name}");
        }
    }
}
