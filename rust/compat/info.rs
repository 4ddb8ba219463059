// SPDX-License-Identifier: GPL-2.0

//! A bond and its slaves as the ioctls and NETDEV_BONDING_INFO describe them.

use cbindings as c;

use netdev::{
    device::{Name, NetDevice},
    Rtnl,
};

/// A bond. `struct ifbond`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BondInfo {
    /// The number of the mode.
    pub mode: u8,
    /// Milliseconds.
    pub miimon: u32,
    /// Number of slaves.
    pub slaves: usize,
}

/// A slave. `struct ifslave`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SlaveInfo {
    /// Its name.
    pub name: Name,
    /// BOND_LINK_*: the number of its link's state.
    pub link: u8,
    /// It does not send what the bond sends.
    pub backup: bool,
    /// Number of failures of its link.
    pub failures: u32,
}

impl BondInfo {
    pub(crate) fn raw(&self) -> c::ifbond {
        c::ifbond {
            bond_mode: self.mode.into(),
            num_slaves: self.slaves.try_into().unwrap_or(i32::MAX),
            miimon: self.miimon.try_into().unwrap_or(i32::MAX),
        }
    }
}

impl SlaveInfo {
    /// `at` is the place of the slave among all of the bond.
    pub(crate) fn raw(&self, at: i32) -> c::ifslave {
        c::ifslave {
            slave_id: at,
            slave_name: *self.name.padded(),
            link: self.link as i8,
            state: i8::from(self.backup),
            link_failure_count: self.failures,
        }
    }
}

/// Tells drivers how a slave is now.
pub fn tell(lower: &NetDevice, _rtnl: &Rtnl, bond: &BondInfo, slave: &SlaveInfo) {
    let mut info = c::netdev_bonding_info {
        slave: slave.raw(0),
        master: bond.raw(),
    };
    // SAFETY: RTNL is held, the device is registered, and the information is copied.
    unsafe { c::netdev_bonding_info_change(lower.as_ptr(), &mut info) };
}
