// SPDX-License-Identifier: GPL-2.0

//! A record in words.

use lag::family::Usability;
use lag::history::{Cause, What};
use lag::monitor::Status;
use lag::options::{Kind, Opt, Width};

use super::{Names, Record};
use crate::family::facts::{self, word};
use crate::family::message::colons;
use crate::words;

/// Returns what has changed, from what to what, and why: `link up -> down, because of its carrier`.
pub fn of(record: &Record, names: &Names) -> String {
    let text = change(record, names);
    match cause(record) {
        Some(cause) => format!("{text}, {cause}"),
        None => text,
    }
}

fn change(record: &Record, names: &Names) -> String {
    let Some(what) = record.what() else {
        let (what, from, to) = (record.what, record.from, record.to);
        return format!("property {what}, which this command does not know: {from} -> {to}");
    };
    let from_to = |what: &str, value: &dyn Fn(u64) -> String| {
        format!("{what} {} -> {}", value(record.from), value(record.to))
    };
    let enum_word = |of: &'static str| {
        move |number: u64| word(of, number).map_or_else(|| number.to_string(), str::to_string)
    };
    let interface = |number| names.of(number);
    match what {
        What::Active => from_to("active slave", &interface),
        What::Link => from_to("link", &|number| {
            enum_word("link")(number).replace('-', " ")
        }),
        What::Usability => from_to("traffic", &enum_word("usability")),
        What::Aggregator => from_to("aggregator", &number_or_none),
        What::ActiveAggregator => {
            let text = from_to("active aggregator", &number_or_none);
            match record.to {
                0 => text + ": the whole aggregate is lost",
                _ => text,
            }
        }
        What::Partner => from_to("LACP partner", &mac),
        What::Reason => match (record.from, record.to) {
            (from, 0) => format!("used by LACP; before: {}", reason(from)),
            (0, to) => format!("not used by LACP: {}", reason(to)),
            (from, to) => format!("not used by LACP: {}; before: {}", reason(to), reason(from)),
        },
        What::Primary => from_to("primary", &interface),
        What::Carrier => from_to("carrier", &up_down),
        What::Member => match record.to {
            0 => "left the bond".to_string(),
            _ => "joined the bond".to_string(),
        },
        What::Option => option(record, names),
        What::Speed => from_to("speed", &|number| match u32::try_from(number) {
            Ok(0) | Err(_) => "unknown".to_string(),
            Ok(speed) => words::speed(speed),
        }),
        What::Xdp => match record.to {
            0 => "XDP program detached".to_string(),
            _ => "XDP program attached".to_string(),
        },
    }
}

/// Returns why, as the end of a sentence; none where the change says it.
fn cause(record: &Record) -> Option<String> {
    let Some(cause) = record.cause() else {
        return Some(format!(
            "cause {}, which this command does not know",
            record.cause
        ));
    };
    let text = match (cause, record.what()) {
        // It names the reason itself, and nobody else changes it.
        (Cause::Lacp, Some(What::Reason)) => return None,
        (Cause::Lacp, Some(What::Usability)) => {
            let number = record.reason.filter(|reason| *reason != 0);
            let full = record.to == u64::from(Usability::Distributing.number());
            return Some(match number.map(reason) {
                Some(reason) if full => format!("by LACP, without an agreement: {reason}"),
                Some(reason) => format!("by LACP: {reason}"),
                None => "by LACP".to_string(),
            });
        }
        (Cause::Lacp, _) => "by LACP",
        (Cause::User, _) => "by request",
        (Cause::Carrier, Some(What::Active)) => "because of a carrier",
        (Cause::Carrier, _) => "because of its carrier",
        (Cause::Arp, _) => "by ARP monitoring",
        (Cause::Ns, _) => "by monitoring with neighbour solicitations",
        (Cause::Delay, Some(What::Link)) if record.to == u64::from(Status::Up.number()) => {
            "as updelay is over"
        }
        (Cause::Delay, Some(What::Link)) if record.to == u64::from(Status::Down.number()) => {
            "as downdelay is over"
        }
        (Cause::Delay, _) => "as updelay or downdelay is over",
        (Cause::Links, _) => "because of the links of its slaves",
        (Cause::Preference, _) => "because it is preferred",
        (Cause::Device, Some(What::Member)) => "because the device has gone",
        (Cause::Device, _) => "as its device says",
        (Cause::Choice, _) => "by the choice of the active slave",
    };
    Some(text.to_string())
}

fn reason(number: u64) -> String {
    facts::sentence(number, None).unwrap_or_else(|| format!("reason {number}"))
}

fn number_or_none(number: u64) -> String {
    match number {
        0 => "none".to_string(),
        number => number.to_string(),
    }
}

fn mac(number: u64) -> String {
    match number {
        0 => "none".to_string(),
        number => colons(&number.to_be_bytes()[2..]),
    }
}

fn up_down(number: u64) -> String {
    match number {
        0 => "down".to_string(),
        _ => "up".to_string(),
    }
}

/// An option, with its values as sysfs shows them, where a number can tell.
fn option(record: &Record, names: &Names) -> String {
    let name = record.option.as_deref().unwrap_or("unknown");
    let known = Opt::ALL.iter().find(|opt| opt.spec().name == name);
    let Some(opt) = known else {
        return format!("option {name} {} -> {}", record.from, record.to);
    };
    let spec = opt.spec();
    let value = |number: u64| match spec.kind {
        Kind::Targets4 | Kind::Targets6 => {
            format!(
                "{number} {}",
                words::by(number as usize, "address", "addresses")
            )
        }
        Kind::Mac => mac(number),
        Kind::Interface => names.of(number),
        Kind::Number(numbers) => {
            let signed = i64::try_from(number).unwrap_or(i64::MAX);
            // INT_MAX has a word, too, which says less than the number.
            let word = numbers.word(signed).filter(|word| *word != "maxval");
            word.map_or_else(|| number.to_string(), str::to_string)
        }
        // Signed, in as many bits as its attribute has.
        _ if spec.width == Width::S32 => (number as u32 as i32).to_string(),
        _ => number.to_string(),
    };
    let unit = match opt.telling().unit {
        "" => String::new(),
        unit => format!(" {unit}"),
    };
    let with_unit = |number: u64| {
        let text = value(number);
        match text.parse::<i64>() {
            Ok(_) => text + &unit,
            Err(_) => text,
        }
    };
    let (from, to) = (with_unit(record.from), with_unit(record.to));
    match from == to {
        // One address in place of another; a primary that is no slave.
        true => format!("option {name} set; {to} as before"),
        false => format!("option {name} {from} -> {to}"),
    }
}
