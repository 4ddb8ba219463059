// SPDX-License-Identifier: GPL-2.0

//! Writes Documentation/netlink/rustbond.yaml, the specification of the generic netlink family, from its
//! tables: `cargo run --example family`.

use lag::family::{
    Attr, Command, Kind, Set, Telling, Wanted, COMMANDS, ENUMS, EVENTS, NAME, RECORD_TELLING, SETS,
    TELLINGS,
};

/// A text as a YAML scalar on lines of its own, below a key that stands `indent` deep.
fn doc(indent: usize, text: &str) {
    let pad = " ".repeat(indent);
    println!("{pad}doc: |");
    let text = text.trim().replace("\n ", "\n");
    for line in text.split('\n') {
        println!("{}", format!("{pad}  {line}").trim_end());
    }
}

fn attr(attr: &Attr) {
    println!("      -");
    println!("        name: {}", attr.name);
    match attr.kind {
        Kind::U32 => println!("        type: u32"),
        Kind::Uint => println!("        type: uint"),
        Kind::Enum(name) => println!("        type: u32\n        enum: {name}"),
        Kind::Text => println!("        type: string"),
        Kind::Mac => println!(
            "        type: binary\n        checks:\n          exact-len: 6\n        display-hint: mac"
        ),
        Kind::Octets(max) => {
            println!("        type: binary\n        checks:\n          max-len: {max}");
        }
        Kind::Nest(set) => println!("        type: nest\n        nested-attributes: {set}"),
    }
    doc(8, attr.doc);
}

fn names<'a>(set: &'a Set, wanted: impl Iterator<Item = u16> + 'a) -> Vec<&'a str> {
    wanted
        .map(|number| set.attrs[usize::from(number) - 1].name)
        .collect()
}

fn list(indent: usize, names: &[&str]) {
    let pad = " ".repeat(indent);
    println!("{pad}attributes:");
    for name in names {
        println!("{pad}  - {name}");
    }
}

/// A request and its reply.
fn exchange(kind: &str, set: &Set, wanted: &[Wanted]) {
    println!("      {kind}:");
    if !wanted.is_empty() {
        println!("        request:");
        list(10, &names(set, wanted.iter().map(|(number, _)| *number)));
    }
    println!("        reply:");
    list(10, &names(set, set.attrs.iter().map(|attr| attr.number)));
}

fn command(command: &Command, telling: &Telling) {
    println!("    -\n      name: {}", telling.name);
    doc(6, telling.doc);
    println!("      attribute-set: {}", telling.set.name);
    if command.admin {
        println!("      flags: [uns-admin-perm]");
    }
    if !command.one.is_empty() {
        exchange("do", &telling.set, command.one);
    }
    if let Some(wanted) = command.dump {
        exchange("dump", &telling.set, wanted);
    }
}

fn main() {
    println!("# SPDX-License-Identifier: GPL-2.0");
    println!("# Made by \"make tables\" from rust/lag/family.rs.\n---");
    println!("name: {NAME}\nprotocol: genetlink");
    println!("doc: |\n  State and history of rustbond's bonds.\n");
    println!("definitions:");
    for of in ENUMS {
        println!("  -\n    name: {}\n    type: enum", of.name);
        doc(4, of.doc);
        println!("    entries:");
        for (at, (name, number)) in of.values.iter().enumerate() {
            // What the schema allows in a name.
            let name = name.replace(['.', '_'], "-");
            println!("      -\n        name: {name}\n        value: {number}");
            if let Some(text) = of.texts.get(at) {
                doc(8, text);
            }
        }
    }
    println!("\nattribute-sets:");
    for set in SETS {
        println!("  -\n    name: {}", set.name);
        doc(4, set.doc);
        println!("    attributes:");
        set.attrs.iter().for_each(attr);
    }
    println!("\noperations:\n  list:");
    for (one, telling) in COMMANDS.iter().zip(TELLINGS) {
        command(one, telling);
    }
    println!("    -\n      name: {}", RECORD_TELLING.name);
    doc(6, RECORD_TELLING.doc);
    println!(
        "      attribute-set: {}\n      event:",
        RECORD_TELLING.set.name
    );
    let all = RECORD_TELLING.set.attrs.iter().map(|attr| attr.number);
    list(8, &names(&RECORD_TELLING.set, all));
    println!("      mcgrp: {EVENTS}");
    println!("\nmcast-groups:\n  list:\n    -\n      name: {EVENTS}");
}
