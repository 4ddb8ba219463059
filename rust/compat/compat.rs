// SPDX-License-Identifier: GPL-2.0

//! Native bonding's interfaces, for those who use them: structures that other drivers read, ioctls, files, words in the
//! log, parameters; and tracepoints, which native has not. Nothing of how a bond works.

pub mod abi;
pub mod info;
pub mod ioctl;
pub mod log;
pub mod masters;
pub mod params;
pub mod proc;
pub mod rival;
pub mod trace;

use core::fmt;

use kernel::str::CStr;
use lag::report::Words;
use netdev::{
    anchor::Fixed, ethtool::DrvInfo, prelude::*, upper::Upper, vtable::Registration, NetDevice,
    Rcu, Rtnl,
};

use info::{BondInfo, SlaveInfo};
use masters::{Namespaces, NetId};

/// The names by which the kernel knows the driver.
pub struct Identity {
    /// The name for `ip link add type`.
    pub kind: &'static CStr,
    /// The file in /sys/class/net by which devices are made and unmade.
    pub masters: &'static CStr,
    /// The folder in /proc/net.
    pub proc: &'static CStr,
    /// The driver's name for ethtool.
    pub driver: &'static CStr,
    /// It takes the place of native bonding: IFF_BONDING is on its devices and those below.
    pub native: bool,
}

impl Identity {
    /// The words in which the log tells events.
    pub fn words(&self) -> Words {
        match self.native {
            true => Words::Native,
            false => Words::Own,
        }
    }

    /// The answer to `ethtool -i`.
    pub fn drvinfo(&self) -> DrvInfo {
        DrvInfo {
            driver: self.driver,
            // BOND_ABI_VERSION: which of the ioctls there are.
            fw_version: c"2",
        }
    }
}

/// A driver with native bonding's interfaces.
pub trait Bonding: Upper<Prefix = abi::Master, PortPrefix = abi::Port> {
    /// Its static, in which the number of its part of each namespace is kept.
    const NET_ID: Fixed<NetId>;

    /// Its names; always the same.
    fn identity() -> &'static Identity;

    /// Writes what the device's file in /proc says. `admin`: the reader has CAP_NET_ADMIN.
    ///
    /// # Context
    ///
    /// Does not sleep, and does without RTNL.
    fn describe(&self, dev: &NetDevice, to: &mut dyn fmt::Write, admin: bool, rcu: &Rcu) -> Result;

    /// The device as the ioctls describe it.
    fn info(&self, dev: &NetDevice, rtnl: &Rtnl) -> BondInfo;
    /// The lower device with that number, counted from 0, as the ioctls describe it.
    fn port_info(&self, dev: &NetDevice, at: usize, rtnl: &Rtnl) -> Option<SlaveInfo>;
    /// Gives the device the address of `lower`. SIOCBONDSETHWADDR.
    fn adopt_address(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result;
    /// Has `lower` carry the traffic. SIOCBONDCHANGEACTIVE.
    fn activate(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result;
}

/// The kind of device, and every namespace's part, known to the kernel until this is dropped.
pub struct Kind<D: Bonding> {
    devices: Registration<D>,
    /// Goes behind all devices.
    _namespaces: Namespaces<D>,
}

impl<D: Bonding> Kind<D> {
    /// Makes the kind known. `EEXIST` if another driver has it, `EBUSY` if the driver is registered.
    pub fn register() -> Result<Self> {
        let namespaces = Namespaces::register()?;
        Ok(Kind {
            devices: Registration::new()?,
            _namespaces: namespaces,
        })
    }

    /// Makes so many devices in the first namespace.
    pub fn make(&self, how_many: u32) -> Result {
        self.devices.make(how_many)
    }
}
