// SPDX-License-Identifier: GPL-2.0

#![no_main]

use lag::balance::rlb::{Learn, Place, Rlb, Sink};
use lag::balance::{Bond, Slave, SlaveId};
use lag::mac::Mac;
use lag::time::{Span, Time};
use lag::wire::arp::Repr;
use lag::wire::eth::{Tag, VLAN};
use libfuzzer_sys::fuzz_target;

struct Net([Slave; 3]);

impl Bond for Net {
    fn slaves(&self) -> impl Iterator<Item = Slave> {
        self.0.into_iter()
    }

    fn active(&self) -> Option<SlaveId> {
        self.0
            .iter()
            .find(|slave| slave.can_tx)
            .map(|slave| slave.id)
    }

    fn mac(&self) -> Mac {
        self.0[0].mac
    }
}

/// Only slaves that can send are told to.
struct Check<'a>(&'a Net);

impl Sink for Check<'_> {
    fn arp_reply(&mut self, slave: SlaveId, _: Option<Tag>, reply: &Repr) {
        let slave = self.0.slave(slave).expect("a slave of the bond");
        assert!(slave.can_tx && slave.mac == reply.sender_mac);
    }

    fn learn(&mut self, _: SlaveId, _: Mac, _: Learn) {}

    fn promiscuity(&mut self, _: SlaveId, _: bool) -> bool {
        true
    }
}

// Each event is one byte that says which, and 28 bytes of ARP where it has some.
fuzz_target!(|bytes: &[u8]| {
    let slave = |number: u16| {
        let mac = Mac([0x30, 0x30, 0x30, 0x30, 0x30, number as u8]);
        let id = SlaveId::new(number).expect("not 0");
        Slave {
            id,
            mac,
            perm: mac,
            speed: 1000,
            can_tx: true,
        }
    };
    let mut net = Net([slave(1), slave(2), slave(3)]);
    let mut rlb = Rlb::new(vec![Place::FREE; 8]);
    let mut now = Time(0);
    let mut rest = bytes;
    while let Some((&event, after)) = rest.split_first() {
        rest = after;
        let which = usize::from(event >> 4) % 3;
        let tag = (event & 0x80 != 0).then_some(Tag {
            protocol: VLAN,
            tci: 5,
        });
        match event & 7 {
            0 | 1 => {
                let arp = Repr::parse(rest);
                rest = rest.get(28..).unwrap_or(&[]);
                match arp {
                    Ok(arp) if event & 7 == 0 => {
                        rlb.arp_sent(&net, &arp, tag, now, &mut Check(&net));
                    }
                    Ok(arp) => rlb.arp_received(&net, &arp, tag),
                    Err(_) => {}
                }
            }
            2 => {
                net.0[which].can_tx = true;
                rlb.slave_up();
            }
            3 => {
                net.0[which].can_tx = false;
                let Slave { id, mac, .. } = net.0[which];
                rlb.slave_gone(&net, id, mac, now, &mut Check(&net));
            }
            4 => rlb.vlan_removed(5),
            5 => {
                let other = (which + 1) % 3;
                let mac = net.0[which].mac;
                net.0[which].mac = net.0[other].mac;
                net.0[other].mac = mac;
                let ids = (net.0[which].id, net.0[other].id);
                rlb.macs_swapped(&net, ids.0, ids.1, now, &mut Check(&net));
            }
            _ => {
                now = now + Span::millis(u64::from(event) * 20);
                rlb.expire(&net, now, &mut Check(&net));
            }
        }
        assert!(rlb.clients().count() <= 8);
    }
});
