// SPDX-License-Identifier: GPL-2.0

//! ioctls of ifenslave, and ethtool's questions.

use core::fmt;

use compat::{
    info::{BondInfo, SlaveInfo},
    masters::NetId,
    Bonding, Identity,
};
use kernel::sync::Arc;
use lag::{
    family::{bond_counters, pdus, slave_counters},
    mode::Mode,
    monitor::Status,
    options::Opt,
};
use netdev::{
    anchor::Fixed,
    ethtool::{self, DrvInfo, Ethtool, Statistics, Timestamping},
    ioctl::{Ioctls, User},
    prelude::*,
    NetDevice, Rcu, Rtnl,
};
use wire::duplex::Duplex;

use crate::{
    front::{
        family::{counters, slave_counters as slave_counters_of},
        sysfs,
    },
    settings,
    slave::Slave,
    state::Bond,
    Cx,
};

impl Ioctls for Bond {
    fn ioctl(
        &self,
        dev: &NetDevice,
        request: u32,
        name: &[u8],
        data: User<'_>,
        rtnl: &Rtnl,
    ) -> Result {
        compat::ioctl::serve(self, dev, request, name, &data, rtnl)
    }
}

impl Ethtool for Bond {
    fn drvinfo() -> DrvInfo {
        settings::identity().drvinfo()
    }

    fn link_settings(&self, dev: &NetDevice, rtnl: &Rtnl) -> (Option<u32>, Duplex) {
        link_settings(self, Cx { dev, rtnl })
    }

    fn timestamping(&self, _dev: &NetDevice, info: &mut Timestamping) -> Result {
        timestamping(self, info)
    }
}

impl Statistics for Bond {
    fn each(&self, _dev: &NetDevice, _rtnl: &Rtnl, f: &mut dyn FnMut(fmt::Arguments<'_>, u64)) {
        statistics(self, f);
    }
}

/// The family's counters under its names: the bond's, and each slave's behind the slave's name.
#[inline(never)]
fn statistics(bond: &Bond, f: &mut dyn FnMut(fmt::Arguments<'_>, u64)) {
    Rcu::read(|rcu| {
        let Some(view) = bond.view.read(rcu) else {
            return;
        };
        for (attr, value) in counters(bond, view) {
            f(format_args!("{}", name(bond_counters::NAMES, attr)), value);
        }
        for slave in &view.all {
            let of = slave.dev.name();
            for (attr, value) in slave_counters_of(slave) {
                f(
                    format_args!("{of}.{}", name(slave_counters::NAMES, attr)),
                    value,
                );
            }
            for (attr, value) in (1..).zip(bond.lacp.counters_of(slave).into_iter().flatten()) {
                f(format_args!("{of}.{}", name(pdus::NAMES, attr)), value);
            }
        }
    });
}

/// The name of the counter with that number.
fn name(names: &'static [&'static str], attr: u16) -> &'static str {
    let at = usize::from(attr).wrapping_sub(1);
    names.get(at).copied().unwrap_or("")
}

impl Bonding for Bond {
    const NET_ID: Fixed<NetId> = {
        static NET_ID: NetId = NetId::new();
        Fixed::new(&NET_ID)
    };

    fn identity() -> &'static Identity {
        settings::identity()
    }

    fn describe(&self, dev: &NetDevice, to: &mut dyn fmt::Write, admin: bool, rcu: &Rcu) -> Result {
        crate::front::procfs::describe(self, dev, to, admin, rcu)
    }

    fn info(&self, dev: &NetDevice, rtnl: &Rtnl) -> BondInfo {
        self.describe_self(Cx { dev, rtnl })
    }

    fn port_info(&self, _dev: &NetDevice, at: usize, rtnl: &Rtnl) -> Option<SlaveInfo> {
        self.slaves.get(rtnl, at).map(|s| s.describe())
    }

    fn adopt_address(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result {
        self.adopt(Cx { dev, rtnl }, lower, None)
    }

    fn activate(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result {
        activate(self, Cx { dev, rtnl }, lower)
    }
}

impl Bond {
    /// The bond as the ioctls describe it.
    pub(crate) fn describe_self(&self, cx: Cx<'_>) -> BondInfo {
        let params = self.params.get(cx.rtnl);
        BondInfo {
            mode: params.mode.number(),
            miimon: params.miimon,
            slaves: self.slaves.len(cx.rtnl),
        }
    }
}

impl Slave {
    /// The slave as the ioctls describe it.
    pub(crate) fn describe(&self) -> SlaveInfo {
        SlaveInfo {
            name: self.dev.name(),
            link: self.status().number(),
            backup: self.is_backup(),
            failures: self.failures(),
        }
    }
}

/// SIOCBONDCHANGEACTIVE.
pub(crate) fn activate(bond: &Bond, cx: Cx<'_>, lower: &NetDevice) -> Result {
    sysfs::set(bond, cx, Opt::ActiveSlave, lower.name().as_bytes())
}

/// Returns speed and duplex of the bond: the sum over the slaves that transmit, in broadcast that
/// of the slowest.
pub(crate) fn link_settings(bond: &Bond, cx: Cx<'_>) -> (Option<u32>, Duplex) {
    let broadcast = bond.params.get(cx.rtnl).mode == Mode::Broadcast;
    let mut all: (Option<u32>, Duplex) = (None, Duplex::Unknown);
    let sends = |slave: &Arc<Slave>| {
        slave.dev.can_send() && slave.status() == Status::Up && !slave.is_backup()
    };
    for slave in bond.each(cx).filter(sends) {
        let (speed, duplex) = slave.dev.link_settings(cx.rtnl);
        all.0 = match (all.0, speed) {
            (Some(sum), Some(speed)) if broadcast => Some(sum.min(speed)),
            (Some(sum), Some(speed)) => Some(sum.saturating_add(speed)),
            (sum, speed) => sum.or(speed),
        };
        if all.1 == Duplex::Unknown {
            all.1 = duplex;
        }
    }
    all
}

/// The active slave's timestamps where there is one; otherwise software's, if all slaves have it.
pub(crate) fn timestamping(bond: &Bond, info: &mut Timestamping) -> Result {
    // The slave is kept, not the section: whoever is asked may sleep.
    let active = Rcu::read(|rcu| bond.view.read(rcu).and_then(|view| view.active.clone()));
    if let Some(active) = active {
        return info.follow(&active.dev);
    }
    let slave = |at: usize| {
        Rcu::read(|rcu| {
            let view = bond.view.read(rcu)?;
            view.all.get(at).cloned()
        })
    };
    let mut slaves = (0..usize::MAX).map_while(slave).peekable();
    if slaves.peek().is_some() && slaves.all(|slave| ethtool::stamps_tx(&slave.dev)) {
        info.software_tx();
    }
    Ok(())
}
