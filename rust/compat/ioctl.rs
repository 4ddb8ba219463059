// SPDX-License-Identifier: GPL-2.0

//! The ioctls of ifenslave.

use core::mem;

use cbindings as c;
use netdev::{ioctl::User, prelude::*, NetDevice, Rtnl};

use crate::{
    info::{BondInfo, SlaveInfo},
    Bonding,
};

/// A request.
enum Request {
    BondInfo,
    SlaveInfo,
    Enslave,
    Release,
    AdoptAddress,
    Activate,
}

impl Request {
    fn from_number(number: u32) -> Option<Request> {
        Some(match number {
            c::SIOCBONDINFOQUERY | c::BOND_INFO_QUERY_OLD => Request::BondInfo,
            c::SIOCBONDSLAVEINFOQUERY | c::BOND_SLAVE_INFO_QUERY_OLD => Request::SlaveInfo,
            c::SIOCBONDENSLAVE | c::BOND_ENSLAVE_OLD => Request::Enslave,
            c::SIOCBONDRELEASE | c::BOND_RELEASE_OLD => Request::Release,
            c::SIOCBONDSETHWADDR | c::BOND_SETHWADDR_OLD => Request::AdoptAddress,
            c::SIOCBONDCHANGEACTIVE | c::BOND_CHANGE_ACTIVE_OLD => Request::Activate,
            _ => return None,
        })
    }
}

// As they are written out below.
const _: () = assert!(mem::size_of::<c::ifbond>() == 12);
const _: () = assert!(
    mem::size_of::<c::ifslave>() == 28 && mem::offset_of!(c::ifslave, link_failure_count) == 24
);

/// Carries a request out: SIOCBOND*, or its older number. EOPNOTSUPP for any other.
///
/// # Context
///
/// RTNL is held; may sleep.
pub fn serve<D: Bonding>(
    driver: &D,
    dev: &NetDevice,
    number: u32,
    name: &[u8],
    data: &User<'_>,
    rtnl: &Rtnl,
) -> Result {
    let request = Request::from_number(number).ok_or(EOPNOTSUPP)?;
    match request {
        Request::BondInfo => return data.write(&octets_of_bond(&driver.info(dev, rtnl))),
        Request::SlaveInfo => {
            let id = data.read_i32()?;
            let at = usize::try_from(id).map_err(|_| ENODEV)?;
            let info = driver.port_info(dev, at, rtnl).ok_or(ENODEV)?;
            return data.write(&octets_of_slave(&info, id));
        }
        _ => {}
    }
    if !dev.is_net_admin() {
        return Err(EPERM);
    }
    let lower = dev.dev_get_by_name(rtnl, name).ok_or(ENODEV)?;
    match request {
        Request::Enslave => driver.enslave(dev, lower, None, rtnl),
        Request::Release => driver.release(dev, lower, rtnl),
        Request::AdoptAddress => driver.adopt_address(dev, lower, rtnl),
        Request::Activate => driver.activate(dev, lower, rtnl),
        Request::BondInfo | Request::SlaveInfo => Ok(()),
    }
}

/// `struct ifbond`.
fn octets_of_bond(info: &BondInfo) -> [u8; 12] {
    let raw = info.raw();
    let mut to = [0; 12];
    let words = [raw.bond_mode, raw.num_slaves, raw.miimon];
    for (to, word) in to.chunks_exact_mut(4).zip(words) {
        to.copy_from_slice(&word.to_ne_bytes());
    }
    to
}

/// `struct ifslave`, with zeroes where it has nothing.
fn octets_of_slave(info: &SlaveInfo, at: i32) -> [u8; 28] {
    let raw = info.raw(at);
    let [a, b, c, d] = raw.slave_id.to_ne_bytes();
    let [e, f, g, h] = raw.link_failure_count.to_ne_bytes();
    let mut to = [0; 28];
    let name = raw.slave_name.iter().copied();
    let all = [a, b, c, d].into_iter().chain(name);
    let all = all.chain([raw.link as u8, raw.state as u8, 0, 0, e, f, g, h]);
    for (to, octet) in to.iter_mut().zip(all) {
        *to = octet;
    }
    to
}
