// SPDX-License-Identifier: GPL-2.0
//! It compiles: what is refused beside it is not refused for another reason.

use netdev::{
    prelude::*,
    rcu::RcuSlot,
    rtnl::{Rtnl, RtnlCell},
    NetDevice, Rcu,
};

/// Reads and writes as it is meant.
pub fn accepted(cell: &RtnlCell<u32>, slot: &RcuSlot<[u8; 64]>, dev: &NetDevice) -> Result<u8> {
    let rtnl = Rtnl::lock();
    cell.set(&rtnl, dev.mtu());
    Ok(Rcu::read(|rcu| slot.read(rcu).map_or(0, |seen| seen[0])))
}
