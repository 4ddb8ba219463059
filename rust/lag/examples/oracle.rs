// SPDX-License-Identifier: GPL-2.0

//! Says what must come of a request, by the option table: the fuzz test of the driver's doors
//! (selftests/options/fuzz.py) asks it line by line, and does the same to the driver.
//!
//! ```text
//! table                       a line for each option, then "end"
//! new                         the options of a new bond
//! world UP TXQ IPV6 ACTIVE    the present state, without slaves and interfaces
//! slave IFINDEX NAME USABLE QUEUE PRIO PORTPRIO
//! dev IFINDEX NAME            any interface, a slave too
//! bond HEX                    the attributes in IFLA_INFO_DATA
//! port IFINDEX HEX            those in IFLA_INFO_SLAVE_DATA of a slave
//! file NAME HEX               a text written into a file in bonding/
//! commit                      what the last of these three has asked for is done
//! show                        "attr NUMBER HEX" and "file NAME HEX" for all options, then "end"
//! ```
//!
//! A request is answered by one line: `ok ACTIVATE MEMBERSHIP SLAVE`, with a `-` for none;
//! `refused ERRNO ATTRIBUTE TEXT`, ATTRIBUTE 0 for none; or `kernel ERRNO ATTRIBUTE` where the
//! attribute's policy is not met, so that the kernel refuses it before the driver sees it.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write as _};

use lag::options::{
    check, fill, show, Activate, Attr, Kind, Membership, Name, Opt, Params, Payload, Plan, Refusal,
    Slave, Value, View, Width, World,
};

#[derive(Default)]
struct State {
    up: bool,
    tx_queues: u32,
    ipv6: bool,
    active: Option<u32>,
    slaves: Vec<Slave>,
    devs: Vec<(u32, Name)>,
}

impl World for State {
    fn up(&self) -> bool {
        self.up
    }
    fn tx_queues(&self) -> u32 {
        self.tx_queues
    }
    fn xdp(&self) -> bool {
        false
    }
    fn ipv6(&self) -> bool {
        self.ipv6
    }
    fn active(&self) -> Option<u32> {
        self.active
    }
    fn slave(&self, index: usize) -> Option<Slave> {
        self.slaves.get(index).copied()
    }
    fn by_name(&self, name: &Name) -> Option<u32> {
        self.devs.iter().find(|(_, n)| n == name).map(|(i, _)| *i)
    }
    fn by_ifindex(&self, ifindex: u32) -> Option<Name> {
        self.devs
            .iter()
            .find(|(i, _)| *i == ifindex)
            .map(|(_, n)| *n)
    }
}

/// The reason why a request comes to nothing.
enum No {
    Kernel(i32, u16),
    Refused(Refusal),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> No {
        No::Refused(refusal)
    }
}

const EINVAL: i32 = -22;
const ERANGE: i32 = -34;
/// Numbers from here on, and 0, are nobody's: the kernel passes them over.
const LAST_OF_BOND: u16 = 34;
const LAST_OF_SLAVE: u16 = 12;
/// IFLA_BOND_AD_INFO: a nest that is never set, and not looked into.
const AD_INFO: u16 = 23;

/// As nla_parse_deprecated() does: the last of one number counts, unknown ones are passed over,
/// and what does not fit ends the walk.
fn parse(mut bytes: &[u8], last: u16, kind: fn(u16) -> Attr) -> Result<Vec<Option<&[u8]>>, No> {
    let mut found = vec![None; usize::from(last) + 1];
    while let [l0, l1, n0, n1, ..] = *bytes {
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        let number = u16::from_ne_bytes([n0, n1]) & 0x3fff;
        if length < 4 || length > bytes.len() {
            break;
        }
        let payload = &bytes[4..length];
        if number != 0 && number <= last {
            policy(number, kind(number), payload).map_err(|e| No::Kernel(e, number))?;
            found[usize::from(number)] = Some(payload);
        }
        bytes = bytes.get((length + 3) & !3..).unwrap_or(&[]);
    }
    Ok(found)
}

/// As the kernel judges an attribute by its policy.
fn policy(number: u16, attr: Attr, payload: &[u8]) -> Result<(), i32> {
    let long = |least: usize| match payload.len() >= least {
        true => Ok(()),
        false => Err(ERANGE),
    };
    let nested = || match payload.len() {
        1..=3 => Err(ERANGE),
        _ => Ok(()),
    };
    match Opt::by_attr(attr).map(|opt| opt.spec().width) {
        None if attr == Attr::Bond(AD_INFO) && number == AD_INFO => nested(),
        None | Some(Width::None) => Err(EINVAL),
        Some(Width::U8) => long(1),
        Some(Width::U16) => long(2),
        Some(Width::U32 | Width::S32) => long(4),
        Some(Width::Mac) if payload.len() > 6 => Err(ERANGE),
        Some(Width::Mac) => Ok(()),
        Some(Width::Nested4 | Width::Nested6) => nested(),
    }
}

struct Oracle {
    params: Params,
    state: State,
    plan: Option<Plan>,
}

impl Oracle {
    fn judge(&mut self, changes: &[(Opt, Value<'_>)]) -> Result<(), No> {
        self.plan = Some(check(&self.params, &self.state, changes)?);
        Ok(())
    }

    fn attributes(
        &mut self,
        bytes: &[u8],
        last: u16,
        kind: fn(u16) -> Attr,
        slave: u32,
    ) -> Result<(), No> {
        // The nest itself: empty, or with room for an attribute.
        if matches!(bytes.len(), 1..=3) {
            return Err(No::Kernel(ERANGE, 0));
        }
        let found = parse(bytes, last, kind)?;
        let mut changes = Vec::new();
        for (number, payload) in (0..).zip(found) {
            if let (Some(payload), Some(opt)) = (payload, Opt::by_attr(kind(number))) {
                changes.push((opt, Value::from_attr(opt, slave, payload)?));
            }
        }
        self.judge(&changes)
    }

    fn request(&mut self, words: &[&str]) -> Result<(), No> {
        self.plan = None;
        match words {
            ["bond", hex] => self.attributes(&bytes(hex), LAST_OF_BOND, Attr::Bond, 0),
            ["port", ifindex, hex] => {
                self.attributes(&bytes(hex), LAST_OF_SLAVE, Attr::Slave, number(ifindex))
            }
            ["file", file, hex] => {
                let opt = Opt::by_file(file.as_bytes()).expect("there is such a file");
                self.judge(&[(opt, Value::Text(&bytes(hex)))])
            }
            _ => panic!("not a request: {words:?}"),
        }
    }

    fn answer(&mut self, words: &[&str]) -> String {
        let refusal = match self.request(words) {
            Err(No::Kernel(errno, attr)) => return format!("kernel {errno} {attr}"),
            Err(No::Refused(refusal)) => refusal,
            Ok(()) => return self.plan.as_ref().map_or(String::new(), planned),
        };
        let attr = match refusal.attr() {
            Some(Attr::Bond(number) | Attr::Slave(number)) => number,
            None => 0,
        };
        format!("refused {} {attr} {refusal}", refusal.errno.number())
    }

    fn commit(&mut self) {
        if let Some(plan) = self.plan.take() {
            self.params = plan.params;
        }
    }

    fn show(&self) -> String {
        let view = View {
            params: &self.params,
            world: &self.state,
            carrier: false,
            ad: None,
            net_admin: true,
        };
        let mut out = String::new();
        for opt in Opt::ALL {
            if let (Some(Attr::Bond(number)), Some(payload)) = (opt.spec().attr, fill(*opt, &view))
            {
                let _ = writeln!(out, "attr {number} {}", payload_hex(&payload));
            }
            let mut text = String::new();
            show(*opt, &view, &mut text).expect("a string takes all");
            for file in opt.spec().files {
                let _ = writeln!(out, "file {file} {}", hex(text.as_bytes()));
            }
        }
        out + "end"
    }
}

fn planned(plan: &Plan) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| String::from("-"));
    let activate = plan.activate.map(|a| match a {
        Activate::Reselect => String::from("reselect"),
        Activate::Slave(ifindex) => ifindex.to_string(),
    });
    let membership = plan.membership.map(|m| match m {
        Membership::Enslave(ifindex) => format!("+{ifindex}"),
        Membership::Release(ifindex) => format!("-{ifindex}"),
    });
    let slave = plan.slave.map(|s| {
        let part = |n: Option<i64>| or_none(n.map(|n| n.to_string()));
        format!(
            "{}:{}:{}:{}",
            s.ifindex,
            part(s.queue_id.map(i64::from)),
            part(s.prio.map(i64::from)),
            part(s.actor_port_prio.map(i64::from))
        )
    });
    let [activate, membership, slave] = [activate, membership, slave].map(or_none);
    format!("ok {activate} {membership} {slave}")
}

fn payload_hex(payload: &Payload<'_>) -> String {
    fn nest<const N: usize>(targets: impl Iterator<Item = [u8; N]>) -> String {
        let mut out = Vec::new();
        for (slot, target) in (0u16..).zip(targets) {
            out.extend((4 + N as u16).to_ne_bytes());
            out.extend(slot.to_ne_bytes());
            out.extend(target);
        }
        hex(&out)
    }
    match payload {
        Payload::U8(n) => hex(&[*n]),
        Payload::U16(n) => hex(&n.to_ne_bytes()),
        Payload::U32(n) => hex(&n.to_ne_bytes()),
        Payload::Mac(mac) => hex(&mac.0),
        Payload::Nested4(targets) => nest(targets.iter()),
        Payload::Nested6(targets) => nest(targets.iter()),
    }
}

/// `NAME ATTR WIDTH FILES LOW HIGH WORDS`, lists by commas, `-` for none.
fn table() -> String {
    let mut out = String::new();
    for opt in Opt::ALL {
        let spec = opt.spec();
        let attr = match spec.attr {
            Some(Attr::Bond(number)) => format!("bond:{number}"),
            Some(Attr::Slave(number)) => format!("slave:{number}"),
            None => String::from("-"),
        };
        let list = |words: Vec<&str>| match words.is_empty() {
            true => String::from("-"),
            false => words.join(","),
        };
        let (low, high, words) = match spec.kind {
            Kind::Number(n) => {
                let (low, high) = n.range.unwrap_or((0, 0));
                (low, high, n.words.iter().map(|(word, _)| *word).collect())
            }
            Kind::PerSlave { min, max, .. } => (min, max, Vec::new()),
            _ => (0, 0, Vec::new()),
        };
        let _ = writeln!(
            out,
            "{} {attr} {:?} {} {low} {high} {}",
            spec.name,
            spec.width,
            list(spec.files.to_vec()),
            list(words)
        );
    }
    out + "end"
}

fn number<T: std::str::FromStr>(text: &str) -> T {
    text.parse().ok().expect("a number")
}

fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).expect("a name")
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// From hexadecimal, with a dot before it so that there is a word for nothing.
fn bytes(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix('.').expect("a dot").as_bytes();
    digits
        .chunks(2)
        .map(|two| std::str::from_utf8(two).expect("ASCII"))
        .map(|two| u8::from_str_radix(two, 16).expect("hexadecimal"))
        .collect()
}

fn main() {
    let mut oracle = Oracle {
        params: Params::default(),
        state: State::default(),
        plan: None,
    };
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split(' ').collect();
        let answer = match words.as_slice() {
            ["table"] => table(),
            ["show"] => oracle.show(),
            ["bond" | "port" | "file", ..] => oracle.answer(&words),
            quiet => {
                match *quiet {
                    ["new"] => oracle.params = Params::default(),
                    ["commit"] => oracle.commit(),
                    ["world", up, tx_queues, ipv6, active] => {
                        oracle.state = State {
                            up: up == "1",
                            tx_queues: number(tx_queues),
                            ipv6: ipv6 == "1",
                            active: Some(number(active)).filter(|i| *i != 0),
                            ..State::default()
                        }
                    }
                    ["dev", ifindex, dev] => {
                        oracle.state.devs.push((number(ifindex), name(dev)));
                    }
                    ["slave", ifindex, dev, usable, queue, prio, port_prio] => {
                        oracle.state.slaves.push(Slave {
                            ifindex: number(ifindex),
                            name: name(dev),
                            usable: usable == "1",
                            queue_id: number(queue),
                            prio: number(prio),
                            actor_port_prio: number(port_prio),
                        });
                    }
                    _ => panic!("what is this: {line}"),
                }
                continue;
            }
        };
        let sent = writeln!(out, "{answer}").and_then(|()| out.flush());
        if sent.is_err() {
            return;
        }
    }
}
