// SPDX-License-Identifier: GPL-2.0

//! Numbers and lists in words.

/// `eth0`, `eth0 and eth1`, `eth0, eth1 and eth2`.
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        None => "none".to_string(),
        Some((only, [])) => (*only).to_string(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// `one` or `several`, by how many there are.
pub(crate) fn by<'a>(count: usize, one: &'a str, several: &'a str) -> &'a str {
    if count == 1 {
        one
    } else {
        several
    }
}

/// `1 slave`, `2 slaves`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", by(number, "", "s"))
}

/// Mb/s as people say it.
pub(crate) fn speed(mbits: u32) -> String {
    match mbits {
        0..=999 => format!("{mbits} Mb/s"),
        n if n % 1000 == 0 => format!("{} Gb/s", n / 1000),
        n => format!("{}.{} Gb/s", n / 1000, n % 1000 / 100),
    }
}

/// A rate in bits per second.
pub(crate) fn rate(mut bits: f64) -> String {
    let (mut unit, mut units) = ("b/s", ["kb/s", "Mb/s", "Gb/s", "Tb/s"].iter());
    while bits >= 1000.0 {
        let Some(next) = units.next() else { break };
        (bits, unit) = (bits / 1000.0, next);
    }
    if bits >= 100.0 || bits.fract() == 0.0 {
        format!("{bits:.0} {unit}")
    } else {
        format!("{bits:.1} {unit}")
    }
}

/// A part of a whole in percent; none if there is nothing.
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 * 100.0 / whole as f64)
}
