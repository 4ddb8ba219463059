// SPDX-License-Identifier: GPL-2.0

//! Answers to ethtool.
//!
//! C header: `include/linux/ethtool.h`.

use core::{
    fmt::{self, Write},
    sync::atomic::{AtomicUsize, Ordering},
};

use cbindings as c;
use kernel::{ffi, str::CStr};
use wire::duplex::Duplex;

use crate::{
    anchor::{driver_of, under_rtnl},
    device::NetDevice,
    driver::Driver,
    offers::Offers,
    prelude::*,
    rtnl::Rtnl,
    text::Text,
};

/// Octets of the name of a statistic. ETH_GSTRING_LEN.
const NAME: usize = 32;

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

/// A driver with statistics of its own: `ethtool -S`.
pub trait Statistics: Ethtool {
    /// Calls `f` with the name and the value of each, up to 31 octets of the name. The names are the same as long as
    /// RTNL is held; one more than before is left out.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn each(&self, dev: &NetDevice, rtnl: &Rtnl, f: &mut dyn FnMut(fmt::Arguments<'_>, u64));
}

impl<D: Statistics> Offers<'_, D> {
    /// It has statistics of its own.
    pub fn statistics(&mut self) -> &mut Self {
        let ops = &mut self.tables.ethtool;
        ops.get_sset_count = Some(statistics_count::<D>);
        ops.get_strings = Some(statistics_names::<D>);
        ops.get_ethtool_stats = Some(statistics_values::<D>);
        self
    }
}

/// The room for statistics that ethtool was last told to have, under RTNL.
fn room<D: Driver>(_rtnl: &Rtnl) -> &AtomicUsize {
    // SAFETY: A device of the driver has its tables as long as it lives.
    unsafe { &(*D::ANCHOR.get().tables()).statistics }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn statistics_count<D: Statistics>(
    dev: *mut c::net_device,
    set: ffi::c_int,
) -> ffi::c_int {
    if set != c::ethtool_stringset_ETH_SS_STATS as ffi::c_int {
        return EOPNOTSUPP.to_errno();
    }
    from_result(|| {
        // SAFETY: get_sset_count is called under RTNL for a registered device of ours.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                let mut count = 0usize;
                d.each(dev, rtnl, &mut |_, _| count += 1);
                room::<D>(rtnl).store(count, Ordering::Relaxed);
                Ok(count as ffi::c_int)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours, with room for as many names as were counted since RTNL is held.
unsafe extern "C" fn statistics_names<D: Statistics>(
    dev: *mut c::net_device,
    _set: u32,
    to: *mut u8,
) {
    // SAFETY: get_strings is called under RTNL for a registered device of ours, after get_sset_count, with zeroed
    // room for what that has counted.
    let _ = unsafe {
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            let room = room::<D>(rtnl).load(Ordering::Relaxed);
            // Of nothing there is no memory.
            if room == 0 {
                return Ok(());
            }
            let to = core::slice::from_raw_parts_mut(to.cast::<[u8; NAME]>(), room);
            let mut to = to.iter_mut();
            d.each(dev, rtnl, &mut |name, _| {
                if let Some(to) = to.next() {
                    // A zero stays behind it.
                    let _ = Text::new(&mut to[..NAME - 1]).write_fmt(name);
                }
            });
            Ok(())
        })
    };
}

/// # Safety
///
/// As above, with room for values.
unsafe extern "C" fn statistics_values<D: Statistics>(
    dev: *mut c::net_device,
    _stats: *mut c::ethtool_stats,
    to: *mut u64,
) {
    // SAFETY: As above.
    let _ = unsafe {
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            let room = room::<D>(rtnl).load(Ordering::Relaxed);
            if room == 0 {
                return Ok(());
            }
            let mut to = core::slice::from_raw_parts_mut(to, room).iter_mut();
            d.each(dev, rtnl, &mut |_, value| {
                if let Some(to) = to.next() {
                    *to = value;
                }
            });
            Ok(())
        })
    };
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

/// Timestamping of a device, as it is reported.
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
