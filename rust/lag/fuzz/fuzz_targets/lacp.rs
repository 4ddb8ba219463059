// SPDX-License-Identifier: GPL-2.0

//! The machines of a bond of three ports, with frames of any length and content at any time,
//! links that come and go, and settings that change.

#![no_main]

use lag::duplex::Duplex;
use lag::lacp::config::{Config, Control};
use lag::lacp::port::{Link, Port, PortId, Usability};
use lag::lacp::system::{Notice, Sink, System, BATCH};
use lag::mac::Mac;
use lag::time::{Span, Time};
use lag::wire::lacpdu::{FRAME_LEN, SUBTYPE};
use libfuzzer_sys::fuzz_target;

const PORTS: u32 = 3;

/// The PDUs of each port, with their times.
#[derive(Default)]
struct Wire {
    now: u64,
    lacpdus: [Vec<u64>; PORTS as usize],
    responses: [Vec<u64>; PORTS as usize],
}

/// Notes one more, and checks that there were no more than `limit` in a second.
fn note(sent: &mut Vec<u64>, now: u64, limit: usize) {
    sent.retain(|at| now - at < 1_000_000_000);
    sent.push(now);
    assert!(sent.len() <= limit, "more than {limit} a second");
}

impl Sink for Wire {
    fn transmit(&mut self, port: PortId, frame: &[u8; FRAME_LEN]) -> bool {
        let at = port.0 as usize;
        if frame[14] == SUBTYPE {
            note(&mut self.lacpdus[at], self.now, 3);
        } else {
            note(&mut self.responses[at], self.now, 10);
        }
        true
    }

    fn notice(&mut self, _: Notice) {}
}

fuzz_target!(|bytes: &[u8]| {
    let mut wire = Wire {
        now: 1_000_000_000_000,
        ..Wire::default()
    };
    let mut config = Config::default();
    let mut system = System::new(config, Mac([2, 0, 0, 0, 0, 1]));
    let mut ports = Vec::new();
    for id in 0..PORTS {
        ports.push(Port::new(PortId(id), Mac([2, 0, 0, 0, 1, id as u8])));
        system.port_added(&mut ports, Time(wire.now), &mut wire);
    }
    system.opened(&mut ports, Time(wire.now), &mut wire);
    let mut rest = bytes;
    while let [what, value, after @ ..] = rest {
        rest = after;
        let id = PortId(u32::from(what >> 4) % PORTS);
        let mut now = Time(wire.now);
        match what & 0xf {
            0..=5 => {
                let (pdu, after) = rest.split_at(rest.len().min(usize::from(*value)));
                rest = after;
                system.receive(&mut ports, id, pdu, now, &mut wire);
            }
            6..=9 => {
                // Up to 85 seconds, every deadline on the way.
                let end = now + Span::millis(u64::from(*value) * u64::from(*value) * 4 / 3);
                while let Some(at) = system.next_deadline().filter(|at| *at <= end) {
                    assert!(at >= now, "a deadline in the past");
                    now = at;
                    wire.now = now.0;
                    // A call does what concerns so many ports; the rest is due at once.
                    let mut calls = 0;
                    while system.next_deadline().is_some_and(|next| next <= now) {
                        calls += 1;
                        assert!(calls <= PORTS as usize / BATCH + 2, "never done");
                        system.expire(&mut ports, now, &mut wire);
                    }
                }
                wire.now = end.0;
            }
            10 | 11 => {
                let duplex = [Duplex::Full, Duplex::Half, Duplex::Unknown][usize::from(value % 3)];
                let speed = [1000, 10_000, 0, u32::MAX][usize::from(value / 3 % 4)];
                let link = Link::Up { speed, duplex };
                let link = if *value > 200 { Link::Down } else { link };
                system.link_changed(&mut ports, id, link, now, &mut wire);
            }
            12 => {
                config.fast = value & 1 != 0;
                config.active = value & 2 != 0;
                config.strict = value & 4 != 0;
                config.control = [Control::Coupled, Control::Independent][usize::from(value >> 7)];
                config.min_links = u32::from(value >> 3 & 3);
                system.configure(config, &mut ports, now, &mut wire);
            }
            13 => system.closed(&mut ports, now, &mut wire),
            _ => system.opened(&mut ports, now, &mut wire),
        }
        for port in &ports {
            let used = port.usability() == Usability::Distributing;
            assert!(used || system.reason(&ports, port).is_some());
        }
    }
});
