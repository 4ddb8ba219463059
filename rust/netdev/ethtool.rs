// SPDX-License-Identifier: GPL-2.0

//! Answers to ethtool.
//!
//! C header: `include/linux/ethtool.h`.

use cbindings as c;
use kernel::{ffi, str::CStr};
use wire::duplex::Duplex;

use crate::{
    anchor::driver_of, device::NetDevice, driver::Driver, offers::Offers, prelude::*, rtnl::Rtnl,
};

/// Name of a driver, and the version of its interface. `struct ethtool_drvinfo`.
pub struct DrvInfo {
    /// The driver's name.
    pub driver: &'static CStr,
    /// The version of its firmware, or of what stands for it.
    pub fw_version: &'static CStr,
}

/// A driver that answers ethtool.
pub trait Ethtool: Driver {
    /// Returns the driver's name. `get_drvinfo`.
    fn drvinfo() -> DrvInfo;
    /// Speed in Mbit/s and duplex. `get_link_ksettings`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn link_settings(&self, dev: &NetDevice, rtnl: &Rtnl) -> (Option<u32>, Duplex);
    /// Says how packets are stamped. `get_ts_info`.
    ///
    /// # Context
    ///
    /// May sleep.
    fn timestamping(&self, dev: &NetDevice, info: &mut Timestamping) -> Result;
}

impl<D: Ethtool> Offers<'_, D> {
    /// It answers ethtool.
    pub fn ethtool(&mut self) -> &mut Self {
        let ops = &mut self.tables.ethtool;
        ops.get_drvinfo = Some(drvinfo::<D>);
        ops.get_link_ksettings = Some(link_settings::<D>);
        ops.get_ts_info = Some(timestamping::<D>);
        self
    }
}

fn copy(to: &mut [ffi::c_char], from: &[u8]) {
    let room = to.len().saturating_sub(1);
    for (to, from) in to.iter_mut().take(room).zip(from) {
        *to = *from;
    }
}

/// # Safety
///
/// Called with a zeroed structure.
unsafe extern "C" fn drvinfo<D: Ethtool>(_dev: *mut c::net_device, info: *mut c::ethtool_drvinfo) {
    // SAFETY: get_drvinfo is called with a zeroed structure.
    let info = unsafe { &mut *info };
    let own = D::drvinfo();
    copy(&mut info.driver, own.driver.to_bytes());
    copy(&mut info.fw_version, own.fw_version.to_bytes());
}

/// # Safety
///
/// Called under RTNL for a registered device of ours, with a zeroed structure.
unsafe extern "C" fn link_settings<D: Ethtool>(
    dev: *mut c::net_device,
    settings: *mut c::ethtool_link_ksettings,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: get_link_ksettings is called under RTNL for a registered device of ours, with a zeroed
        // structure.
        let (dev, rtnl, base) = unsafe {
            (
                NetDevice::from_raw(dev),
                Rtnl::assume(),
                &mut (*settings).base,
            )
        };
        let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
        let (speed, duplex) = driver.link_settings(dev, rtnl);
        // SPEED_UNKNOWN is -1.
        base.speed = speed.unwrap_or(u32::MAX);
        base.duplex = match duplex {
            Duplex::Half => c::DUPLEX_HALF as u8,
            Duplex::Full => c::DUPLEX_FULL as u8,
            Duplex::Unknown => c::DUPLEX_UNKNOWN as u8,
        };
        base.port = c::PORT_OTHER as u8;
        Ok(0)
    })
}

/// # Safety
///
/// Called for a registered device of ours, with a structure that says what the core can do.
unsafe extern "C" fn timestamping<D: Ethtool>(
    dev: *mut c::net_device,
    info: *mut c::kernel_ethtool_ts_info,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: get_ts_info is called for a registered device of ours, with a structure that says what the
        // core can do.
        let dev = unsafe { NetDevice::from_raw(dev) };
        let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
        driver.timestamping(dev, &mut Timestamping(info))?;
        Ok(0)
    })
}

/// What a device says about its timestamps.
///
/// # Invariants
///
/// The structure is alive and ours to write.
pub struct Timestamping(*mut c::kernel_ethtool_ts_info);

impl Timestamping {
    /// Says what `lower` says.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn follow(&mut self, lower: &NetDevice) -> Result {
        // SAFETY: The device is alive; the structure is ours.
        to_result(unsafe { c::ethtool_get_ts_info_by_layer(lower.as_ptr(), self.0) })
    }

    /// Says that packets are stamped by software when they are sent.
    pub fn software_tx(&mut self) {
        // SAFETY: The structure is ours.
        unsafe { (*self.0).so_timestamping |= c::SOF_TIMESTAMPING_TX_SOFTWARE };
    }
}

/// Software stamps packets that `lower` sends.
///
/// # Context
///
/// May sleep: not within [`crate::Rcu::read`].
pub fn stamps_tx(lower: &NetDevice) -> bool {
    let mut info = c::kernel_ethtool_ts_info::default();
    // SAFETY: The device is alive.
    let err = unsafe { c::ethtool_get_ts_info_by_layer(lower.as_ptr(), &mut info) };
    err == 0 && info.so_timestamping & c::SOF_TIMESTAMPING_TX_SOFTWARE != 0
}
