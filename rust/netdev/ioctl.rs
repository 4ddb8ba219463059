// SPDX-License-Identifier: GPL-2.0

//! The ioctls that a device may answer: SIOCBOND*, SIOCDEVPRIVATE and those of mii-tool.
//!
//! C header: `include/uapi/linux/sockios.h`.

use core::{marker::PhantomData, mem};

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::under_rtnl, device::NetDevice, driver::Driver, offers::Offers, prelude::*, rtnl::Rtnl,
};

/// A driver that answers SIOCBOND* and SIOCDEVPRIVATE. `ndo_siocbond`, `ndo_siocdevprivate`.
pub trait Ioctls: Driver {
    /// Carries a request out. `name` is what the caller has named beside the device.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn ioctl(
        &self,
        dev: &NetDevice,
        request: u32,
        name: &[u8],
        data: User<'_>,
        rtnl: &Rtnl,
    ) -> Result;
}

impl<D: Ioctls> Offers<'_, D> {
    /// It answers SIOCBOND* and SIOCDEVPRIVATE.
    pub fn ioctls(&mut self) -> &mut Self {
        self.ops().ndo_siocbond = Some(siocbond::<D>);
        self.ops().ndo_siocdevprivate = Some(private::<D>);
        self
    }
}

impl<D: Driver> Offers<'_, D> {
    /// It answers mii-tool from its carrier. `ndo_eth_ioctl`.
    pub fn mii(&mut self) -> &mut Self {
        self.ops().ndo_eth_ioctl = Some(mii);
        self
    }
}

/// Memory of the caller's.
pub struct User<'a>(*mut ffi::c_void, PhantomData<&'a ()>);

impl User<'_> {
    /// Reads the integer that stands first. EFAULT.
    pub fn read_i32(&self) -> Result<i32> {
        let mut value = 0i32;
        // SAFETY: So many bytes may be written, and they may be anything.
        let failed =
            unsafe { c::rb_from_user((&raw mut value).cast(), self.0, mem::size_of::<i32>()) };
        if failed {
            return Err(EFAULT);
        }
        Ok(value)
    }

    /// Writes these octets there. EFAULT.
    pub fn write(&self, octets: &[u8]) -> Result {
        // SAFETY: So many bytes may be read.
        if unsafe { c::rb_to_user(self.0, octets.as_ptr().cast(), octets.len()) } {
            return Err(EFAULT);
        }
        Ok(())
    }
}

/// Carries a request out. `data` is where the caller's memory is, `ifr` has the name.
///
/// # Safety
///
/// `dev` is a registered device of ours, RTNL is held, `ifr` can be read.
unsafe fn serve<D: Ioctls>(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    data: *mut ffi::c_void,
    number: ffi::c_int,
) -> Result {
    // SAFETY: The caller's promise; the core has put a zero behind the name.
    unsafe {
        let name = (&raw const (*ifr).ifr_ifru)
            .cast::<[u8; c::IFNAMSIZ as usize]>()
            .read();
        let name = name.split(|b| *b == 0).next().unwrap_or(&[]);
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            d.ioctl(dev, number as u32, name, User(data, PhantomData), rtnl)
        })
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours: SIOCBOND*.
unsafe extern "C" fn siocbond<D: Ioctls>(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    number: ffi::c_int,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_siocbond is called under RTNL for a registered device of ours: SIOCBOND*.
        unsafe {
            let data = (&raw const (*ifr).ifr_ifru)
                .cast::<*mut ffi::c_void>()
                .read();
            serve::<D>(dev, ifr, data, number).map(|()| 0)
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours: SIOCDEVPRIVATE and up.
unsafe extern "C" fn private<D: Ioctls>(
    dev: *mut c::net_device,
    ifr: *mut c::ifreq,
    data: *mut ffi::c_void,
    number: ffi::c_int,
) -> ffi::c_int {
    // SAFETY: ndo_siocdevprivate is called under RTNL for a registered device of ours: SIOCDEVPRIVATE and up.
    from_result(|| unsafe { serve::<D>(dev, ifr, data, number).map(|()| 0) })
}

/// The register of a PHY that says whether there is a link. IEEE 802.3 22.2.4.2, MII_BMSR.
const STATUS_REGISTER: u16 = 1;

/// # Safety
///
/// Called under RTNL for a registered device of ours: SIOCGMIIPHY, SIOCGMIIREG.
unsafe extern "C" fn mii(
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
