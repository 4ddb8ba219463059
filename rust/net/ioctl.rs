// SPDX-License-Identifier: GPL-2.0

//! The ioctls of ifenslave, and those of mii-tool.

use core::mem::{self, MaybeUninit};

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::driver_of,
    device::NetDevice,
    driver::Driver,
    info::{BondInfo, SlaveInfo},
    prelude::*,
    rtnl::Rtnl,
};

/// What a request is about.
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

/// A structure of the caller's, of integers only.
struct User(*mut ffi::c_void);

impl User {
    /// # Safety
    ///
    /// Any bytes are a valid `T`.
    unsafe fn read<T: Default>(&self) -> Result<T> {
        let mut value = T::default();
        // SAFETY: So many bytes may be written, and they may be anything.
        let failed =
            unsafe { c::rb_from_user((&raw mut value).cast(), self.0, mem::size_of::<T>()) };
        if failed {
            return Err(EFAULT);
        }
        Ok(value)
    }

    /// # Safety
    ///
    /// All octets of `T` are initialised, padding too.
    unsafe fn write<T>(&self, value: &T) -> Result {
        // SAFETY: So many bytes may be read, and all are initialised.
        let failed =
            unsafe { c::rb_to_user(self.0, (&raw const *value).cast(), mem::size_of::<T>()) };
        if failed {
            return Err(EFAULT);
        }
        Ok(())
    }
}

// No padding: what is copied out is all written.
const _: () = assert!(mem::size_of::<c::ifbond>() == 3 * 4);

/// Carries a request out. `data` is where the caller's structure is, `ifr` has the name.
///
/// # Safety
///
/// `dev` is a registered device of ours, RTNL is held, `ifr` can be read.
unsafe fn serve<D: Driver>(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    data: User,
    number: ffi::c_int,
) -> Result {
    // SAFETY: The caller's promise.
    let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
    let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
    let request = Request::from_number(number as u32).ok_or(EOPNOTSUPP)?;
    match request {
        Request::BondInfo => {
            let info: BondInfo = driver.info(dev, rtnl);
            // SAFETY: Three integers.
            return unsafe { data.write(&info.raw()) };
        }
        Request::SlaveInfo => {
            // SAFETY: An integer, the first member.
            let id: i32 = unsafe { data.read()? };
            let at = usize::try_from(id).map_err(|_| ENODEV)?;
            let info: SlaveInfo = driver.port_info(dev, at, rtnl).ok_or(ENODEV)?;
            let info = info.raw(id);
            // Written member by member into zeroes, so that the padding is zero as well.
            let mut raw = MaybeUninit::<c::ifslave>::zeroed();
            let to = raw.as_mut_ptr();
            // SAFETY: Memory for one structure.
            unsafe {
                (*to).slave_id = info.slave_id;
                (*to).slave_name = info.slave_name;
                (*to).link = info.link;
                (*to).state = info.state;
                (*to).link_failure_count = info.link_failure_count;
            }
            // SAFETY: All octets were zeroed or written.
            return unsafe { data.write(&raw) };
        }
        _ => {}
    }
    // SAFETY: The device is registered.
    if !unsafe { c::rb_dev_capable_net_admin(dev.as_ptr()) } {
        return Err(EPERM);
    }
    // SAFETY: The caller's promise; the core has put a zero behind the name.
    let name = unsafe {
        (&raw const (*ifr).ifr_ifru)
            .cast::<[u8; c::IFNAMSIZ as usize]>()
            .read()
    };
    let name = name.split(|b| *b == 0).next().unwrap_or(&[]);
    let lower = dev.dev_get_by_name(rtnl, name).ok_or(ENODEV)?;
    match request {
        Request::Enslave => driver.enslave(dev, lower, None, rtnl),
        Request::Release => driver.release(dev, lower, rtnl),
        Request::AdoptAddress => driver.adopt_address(dev, lower, rtnl),
        Request::Activate => driver.activate(dev, lower, rtnl),
        Request::BondInfo | Request::SlaveInfo => Ok(()),
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours: SIOCBOND*.
pub(crate) unsafe extern "C" fn bond<D: Driver>(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    number: ffi::c_int,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_siocbond is called under RTNL for a registered device of ours: SIOCBOND*.
        unsafe {
            let data = User(
                (&raw const (*ifr).ifr_ifru)
                    .cast::<*mut ffi::c_void>()
                    .read(),
            );
            serve::<D>(dev, ifr, data, number).map(|()| 0)
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours: SIOCDEVPRIVATE and up.
pub(crate) unsafe extern "C" fn private<D: Driver>(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    data: *mut ffi::c_void,
    number: ffi::c_int,
) -> ffi::c_int {
    // SAFETY: ndo_siocdevprivate is called under RTNL for a registered device of ours: SIOCDEVPRIVATE and up.
    from_result(|| unsafe { serve::<D>(dev, ifr, User(data), number).map(|()| 0) })
}

/// The register of a PHY that says whether there is a link. IEEE 802.3 22.2.4.2, MII_BMSR.
const STATUS_REGISTER: u16 = 1;

/// # Safety
///
/// Called under RTNL for a registered device of ours: SIOCGMIIPHY, SIOCGMIIREG.
pub(crate) unsafe extern "C" fn mii(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    number: ffi::c_int,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_eth_ioctl is called under RTNL for a registered device of ours: SIOCGMIIPHY,
        // SIOCGMIIREG: for these requests the union holds this structure.
        let (dev, mii) = unsafe {
            (
                NetDevice::from_raw(dev),
                &mut *(&raw mut (*ifr).ifr_ifru).cast::<c::mii_ioctl_data>(),
            )
        };
        match number as u32 {
            c::SIOCGMIIPHY => mii.phy_id = 0,
            c::SIOCGMIIREG => {}
            _ => return Err(EOPNOTSUPP),
        }
        if mii.reg_num == STATUS_REGISTER {
            let link = if dev.netif_carrier_ok() {
                c::BMSR_LSTATUS
            } else {
                0
            };
            mii.val_out = link as u16;
        }
        Ok(0)
    })
}
