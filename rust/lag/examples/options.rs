// SPDX-License-Identifier: GPL-2.0

//! Writes what is made from the option table: `cargo run --example options` the reference for users as
//! reStructuredText, with `json` after it a line for each option for the tests, and with `params` the texts
//! that modinfo shows.

use std::fmt::Write;

use lag::mode::Mode;
use lag::options::{
    show, Attr, Kind, Name, Numbers, Opt, Params, Reading, Slave, SlaveReading, Spec, View, Width,
    World,
};

/// A bond that is down and has no slaves.
struct Nothing;

impl World for Nothing {
    fn up(&self) -> bool {
        false
    }
    fn tx_queues(&self) -> u32 {
        16
    }
    fn xdp(&self) -> bool {
        false
    }
    fn ipv6(&self) -> bool {
        true
    }
    fn active(&self) -> Option<u32> {
        None
    }
    fn slave(&self, _: usize) -> Option<Slave> {
        None
    }
    fn by_name(&self, _: &Name) -> Option<u32> {
        None
    }
    fn by_ifindex(&self, _: u32) -> Option<Name> {
        None
    }
}

/// The text of the option's file in a new bond, for a reader with CAP_NET_ADMIN.
fn default(opt: Opt) -> String {
    if let Kind::PerSlave { default, .. } = opt.spec().kind {
        return default.to_string();
    }
    // Of 802.3ad, for what other modes do not show.
    let params = Params {
        mode: if opt == Opt::Mode {
            Mode::default()
        } else {
            Mode::Lacp
        },
        ..Params::default()
    };
    let mut text = String::new();
    let view = View {
        params: &params,
        world: &Nothing,
        carrier: false,
        ad: None,
        net_admin: true,
    };
    show(opt, &view, &mut text).expect("a String takes all");
    text.trim_end().to_string()
}

/// A doc comment as reStructuredText: paragraphs, and the headings `# Errors` and `# Native` with what is
/// below them.
struct Doc {
    paragraphs: String,
    errors: Vec<(String, String)>,
    native: String,
}

fn doc(opt: Opt) -> Doc {
    let text = opt.telling().doc.replace("\n ", "\n").replace('`', "``");
    // A link of the page has single ones.
    let text = text.replace(
        "``Using rustbond <bonding.rst>``_",
        "`Using rustbond <bonding.rst>`_",
    );
    let mut doc = Doc {
        paragraphs: String::new(),
        errors: Vec::new(),
        native: String::new(),
    };
    let mut heading = "";
    for paragraph in text.trim().split("\n\n") {
        let paragraph = paragraph.trim_start_matches('\n');
        match (paragraph, heading) {
            ("# Errors", _) => heading = "Errors",
            ("# Native", _) => heading = "Native",
            (list, "Errors") if list.starts_with("- ") => {
                for item in list[2..].split("\n- ") {
                    let (errno, why) = item.split_once(": ").expect("'- ERRNO: why'");
                    doc.errors
                        .push((errno.to_string(), why.replace("\n  ", "\n")));
                }
            }
            (text, "Native") => doc.native.push_str(text),
            (text, _) => writeln!(doc.paragraphs, "{text}\n").unwrap(),
        }
    }
    doc
}

/// The first sentence, in one line and without the stop.
pub fn summary(opt: Opt) -> String {
    let doc = doc(opt);
    let first = doc
        .paragraphs
        .split("\n\n")
        .next()
        .unwrap_or("")
        .replace('\n', " ");
    first
        .split(". ")
        .next()
        .unwrap_or("")
        .trim_end_matches('.')
        .to_string()
}

fn modes(spec: &Spec) -> String {
    let names = |inside: bool| {
        let some = Mode::ALL
            .into_iter()
            .filter(|m| spec.not_in.contains(*m) != inside);
        some.map(Mode::name).collect::<Vec<_>>()
    };
    match (names(true), names(false)) {
        (_, none) if none.is_empty() => "all".to_string(),
        (some, others) if others.len() < some.len() => format!("all but {}", others.join(", ")),
        (some, _) => some.join(", "),
    }
}

const fn width(width: Width) -> &'static str {
    match width {
        Width::U8 => "u8",
        Width::U16 => "u16",
        Width::U32 => "u32",
        Width::S32 => "s32",
        Width::Mac => "six octets",
        Width::Nested4 => "nested, four octets each",
        Width::Nested6 => "nested, 16 octets each",
        Width::None => "none",
    }
}

/// The errors of an option: those that follow from its row, and those that its doc comment names.
pub fn errors(opt: Opt) -> Vec<(String, String)> {
    let spec = opt.spec();
    let mut errors = Vec::new();
    let mut add = |errno: &str, why: &str| errors.push((errno.to_string(), why.to_string()));
    if modes(spec) != "all" {
        add("EACCES", "the bond is in another mode.");
    }
    if spec.no_slaves {
        add("ENOTEMPTY", "the bond has slaves.");
    }
    if spec.down {
        add("EBUSY", "the bond is up.");
    }
    match spec.kind {
        Kind::Number(_) => add("EINVAL", "there is no such value."),
        Kind::PerSlave { .. } if opt != Opt::QueueId => {
            add("ENODEV", "the interface is not a slave of this bond.");
        }
        _ => {}
    }
    errors.extend(doc(opt).errors);
    errors
}

/// The values of an option, of one that has numbers.
fn values(opt: Opt, numbers: &Numbers) -> String {
    let (unit, texts) = (opt.telling().unit, opt.telling().words);
    let mut out = String::new();
    if let Some((min, max)) = numbers.range {
        let unit = if unit.is_empty() {
            String::new()
        } else {
            format!(" {unit}")
        };
        write!(out, "{min} to {max}{unit}").unwrap();
    }
    for (at, (word, number)) in numbers.words.iter().enumerate() {
        match texts.get(at) {
            Some(text) => write!(out, "\n\n  ``{word}`` or {number}\n    {}", text.trim()).unwrap(),
            None if numbers.range.is_some() => write!(out, "; ``{word}`` is {number}").unwrap(),
            None if at == 0 => write!(out, "``{word}`` or {number}").unwrap(),
            None => write!(out, ", ``{word}`` or {number}").unwrap(),
        }
    }
    if !texts.is_empty() {
        out.push('\n');
    }
    out
}

fn section(out: &mut String, opt: Opt) -> std::fmt::Result {
    let (spec, doc) = (opt.spec(), doc(opt));
    let underline = "-".repeat(spec.name.len());
    writeln!(
        out,
        "{}\n{underline}\n\n{}\n",
        spec.name,
        doc.paragraphs.trim_end()
    )?;
    if let Kind::Number(numbers) = spec.kind {
        writeln!(
            out,
            "{}",
            format!(":Values: {}", values(opt, &numbers)).replace(": \n", ":\n")
        )?;
    } else if let Kind::PerSlave { min, max, .. } = spec.kind {
        writeln!(out, ":Values: {min} to {max}")?;
    }
    match default(opt).as_str() {
        "" => writeln!(out, ":Default: none")?,
        text => writeln!(out, ":Default: {text}")?,
    }
    writeln!(out, ":Modes: {}", modes(spec))?;
    let when = match (spec.down, spec.no_slaves) {
        (true, true) => "while the bond is down and has no slaves",
        (true, false) => "while the bond is down",
        (false, true) => "while the bond has no slaves",
        (false, false) => "at any time",
    };
    writeln!(out, ":Set: {when}")?;
    let mut doors: Vec<String> = spec
        .files
        .iter()
        .map(|file| format!("file ``bonding/{file}``"))
        .collect();
    if let Some(Attr::Bond(number) | Attr::Slave(number)) = spec.attr {
        let name = opt.telling().attr;
        doors.push(format!(
            "netlink ``{name}`` ({number}, {})",
            width(spec.width)
        ));
    }
    doors.extend(
        spec.params
            .iter()
            .map(|param| format!("module parameter ``{param}``")),
    );
    writeln!(out, ":Doors: {}", doors.join(", "))?;
    let errors = errors(opt);
    if !errors.is_empty() {
        writeln!(out, ":Errors:")?;
        for (errno, why) in errors {
            writeln!(out, "  - {errno}: {}", why.replace('\n', "\n    "))?;
        }
    }
    if spec.ours {
        writeln!(out, ":Native bonding: has no such option.")?;
    } else if !doc.native.is_empty() {
        writeln!(out, ":Native bonding: {}", doc.native.replace('\n', "\n  "))?;
    }
    writeln!(out)
}

/// Documentation/option-reference.rst.
pub fn page() -> String {
    let no_word =
        |opt: &&Opt| matches!(opt.spec().kind, Kind::Number(Numbers { default: None, .. }));
    let no_word: Vec<_> = Opt::ALL
        .iter()
        .filter(no_word)
        .map(|opt| opt.spec().name)
        .collect();
    let mut out = format!(
        ".. SPDX-License-Identifier: GPL-2.0
.. Made by 'cargo run --example options' in rust/lag, from rust/lag/options/table.rs.

================
Option reference
================

Every option of a bond and of its slaves. Setting an option to the value that it has is never an error. A
request is judged whole before anything changes; one that is refused gets the errno below, and a text that
names the option, the value and the reason: by netlink in the answer, otherwise in the kernel's log.

A file takes a name or a number, with or without a newline at its end; the word ``default`` stands for the
default of an option with numbers or names (but of {}, as with native bonding).
`Options: ours and native's <options.rst>`_ has the answers that differ from native bonding's, case by case.

",
        no_word.join(" and ")
    );
    let mut all = Opt::ALL.to_vec();
    all.sort_by_key(|opt| opt.spec().name);
    for opt in all {
        section(&mut out, opt).expect("a String takes all");
    }
    out.trim_end().to_string() + "\n"
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// selftests/lib/options.json: a line for each option.
pub fn json() -> String {
    let mut lines = Vec::new();
    for &opt in Opt::ALL {
        let (spec, telling) = (opt.spec(), opt.telling());
        let strings = |some: &[&str]| list(some.iter().map(|s| quoted(s)));
        let (kind, words, range) = match spec.kind {
            Kind::Number(numbers) => ("number", numbers.words, numbers.range),
            Kind::Targets4 => ("targets4", &[][..], None),
            Kind::Targets6 => ("targets6", &[][..], None),
            Kind::Mac => ("mac", &[][..], None),
            Kind::Interface => ("interface", &[][..], None),
            Kind::Membership => ("membership", &[][..], None),
            Kind::PerSlave { min, max, .. } => ("per slave", &[][..], Some((min, max))),
        };
        let words = list(
            words
                .iter()
                .map(|(word, n)| format!("[{},{n}]", quoted(word))),
        );
        let range = range.map_or("null".to_string(), |(min, max)| format!("[{min},{max}]"));
        let attr = match spec.attr {
            Some(Attr::Bond(n) | Attr::Slave(n)) => n.to_string(),
            None => "null".to_string(),
        };
        let of_slave = matches!(spec.attr, Some(Attr::Slave(_)));
        let allowed = Mode::ALL.into_iter().filter(|m| !spec.not_in.contains(*m));
        lines.push(format!(
            "{{\"name\":{},\"kind\":\"{kind}\",\"words\":{words},\"range\":{range},\"unit\":{},\"default\":{},\
             \"attr\":{attr},\"attr_name\":{},\"width\":\"{}\",\"of_slave\":{of_slave},\"files\":{},\"params\":{},\
             \"modes\":{},\"down\":{},\"no_slaves\":{},\"ours\":{}}}",
            quoted(spec.name),
            quoted(telling.unit),
            quoted(&default(opt)),
            quoted(telling.attr),
            width(spec.width),
            strings(spec.files),
            strings(spec.params),
            list(allowed.map(|m| m.number().to_string())),
            spec.down,
            spec.no_slaves,
            spec.ours,
        ));
    }
    let readings = list(Reading::ALL.iter().map(|reading| quoted(reading.file())));
    let of_slaves = |ours: bool| {
        let files = SlaveReading::ALL
            .iter()
            .filter(|reading| reading.ours() == ours);
        list(files.map(|reading| quoted(reading.file())))
    };
    format!(
        "{{\n\"licence\":\"SPDX-License-Identifier: GPL-2.0\",\n\"options\":[\n{}\n],\n\"readings\":{readings},\n\"slave_readings\":{},\n\
         \"our_slave_readings\":{}\n}}\n",
        lines.join(",\n"),
        of_slaves(false),
        of_slaves(true),
    )
}

/// The text that modinfo shows of an option.
fn modinfo(opt: Opt) -> String {
    let spec = opt.spec();
    let text = summary(opt).replace("``", "");
    let Kind::Number(numbers) = spec.kind else {
        return text;
    };
    let values = match numbers.range {
        Some((min, max)) => format!("{min} to {max} {}", opt.telling().unit),
        None => {
            let words = numbers.words.iter();
            words
                .map(|(word, n)| format!("{word} or {n}"))
                .collect::<Vec<_>>()
                .join(", ")
        }
    };
    let default = default(opt);
    let default = default.split(' ').next().unwrap_or("");
    format!("{text} ({}; default: {default})", values.trim_end())
}

/// rust/bindings/param_texts.h.
pub fn params() -> String {
    let mut out = String::from(
        "/* SPDX-License-Identifier: GPL-2.0 */\n\
         /* Made by 'cargo run --example options params' in rust/lag, from rust/lag/options/table.rs. */\n",
    );
    for &opt in Opt::ALL {
        for param in opt.spec().params {
            writeln!(out, "#define RB_TEXT_{param} {}", quoted(&modinfo(opt))).unwrap();
        }
    }
    out
}

#[allow(dead_code)] // The tests include this file.
fn main() {
    let text = match std::env::args().nth(1).as_deref() {
        None => page(),
        Some("json") => json(),
        Some("params") => params(),
        Some(other) => panic!("{other}: nothing, json or params"),
    };
    print!("{text}");
}
