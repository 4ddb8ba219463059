// SPDX-License-Identifier: GPL-2.0

//! A bond for the tests of balance-alb.

use lag::balance::{Bond, Slave, SlaveId};
use lag::mac::Mac;

pub const BOND: Mac = Mac([2, 0, 0, 0, 0, 1]);

pub fn id(number: u16) -> SlaveId {
    SlaveId::new(number).unwrap()
}

pub fn slave_mac(number: u16) -> Mac {
    Mac([2, 0, 0, 0, 0, number as u8])
}

#[derive(Clone, Debug)]
pub struct Net {
    pub slaves: Vec<Slave>,
    pub active: Option<SlaveId>,
}

impl Bond for Net {
    fn slaves(&self) -> impl Iterator<Item = Slave> {
        self.slaves.iter().copied()
    }

    fn active(&self) -> Option<SlaveId> {
        self.active
    }

    fn mac(&self) -> Mac {
        BOND
    }
}

impl Net {
    /// Slaves 1, 2 and so on; the first is active and has the bond's MAC.
    pub fn new(speeds: &[u32]) -> Net {
        let slave = |(number, speed): (u16, &u32)| Slave {
            id: id(number),
            mac: slave_mac(number),
            perm: slave_mac(number),
            speed: *speed,
            can_tx: true,
        };
        Net {
            slaves: (1..).zip(speeds).map(slave).collect(),
            active: Some(id(1)),
        }
    }

    pub fn slave_mut(&mut self, number: u16) -> &mut Slave {
        self.slaves.iter_mut().find(|s| s.id == id(number)).unwrap()
    }
}
