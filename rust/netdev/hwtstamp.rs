// SPDX-License-Identifier: GPL-2.0

//! Hardware time stamps: those of a master are those of one of its lower devices.
//!
//! The device may be another one tomorrow, and with it the clock: who asks for stamps has to say
//! that it knows (HWTSTAMP_FLAG_BONDED_PHC_INDEX), and every answer says so.
//!
//! C header: `include/linux/net_tstamp.h`.

use cbindings as c;
use kernel::{ffi, sync::Arc};

use crate::{
    anchor::driver_of, device::NetDevice, offers::Offers, prelude::*, rtnl::Rtnl, upper::Upper,
};

/// A driver whose lower devices' hardware stamps packets.
pub trait Timestamps: Upper {
    /// The lower device whose hardware stamps packets.
    ///
    /// # Context
    ///
    /// RTNL is held.
    fn stamping(&self, rtnl: &Rtnl) -> Option<Arc<Self::Port>>;
}

impl<D: Timestamps> Offers<'_, D> {
    /// Its lower devices' hardware stamps packets.
    pub fn timestamps(&mut self) -> &mut Self {
        self.ops().ndo_hwtstamp_get = Some(get::<D>);
        self.ops().ndo_hwtstamp_set = Some(set::<D>);
        self
    }
}

/// Asks the lower device that stamps packets, and marks the answer.
///
/// # Safety
///
/// RTNL is held, `dev` is a registered device of ours, and `config` is alive and ours to write.
unsafe fn ask<D: Timestamps>(
    dev: *mut c::net_device,
    config: *mut c::kernel_hwtstamp_config,
    f: impl FnOnce(&NetDevice) -> ffi::c_int,
) -> Result<ffi::c_int> {
    // SAFETY: The caller's promise.
    let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
    let driver = driver_of::<D>(dev).ok_or(ENODEV)?;
    let port = driver.stamping(rtnl).ok_or(EOPNOTSUPP)?;
    to_result(f(D::device_of(&port)))?;
    // SAFETY: The caller's promise.
    to_result(unsafe { c::rb_hwtstamp_mark(config) })?;
    Ok(0)
}

/// # Safety
///
/// Called under RTNL for a registered device of ours, with a structure to write to.
unsafe extern "C" fn get<D: Timestamps>(
    dev: *mut c::net_device,
    config: *mut c::kernel_hwtstamp_config,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_hwtstamp_get is called under RTNL for a registered device of ours, with a structure to
        // write to; the lower device is kept while it is asked.
        unsafe {
            ask::<D>(dev, config, |lower| {
                c::generic_hwtstamp_get_lower(lower.as_ptr(), config)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours, with what is wanted, in a structure that the
/// answer is written to.
unsafe extern "C" fn set<D: Timestamps>(
    dev: *mut c::net_device,
    config: *mut c::kernel_hwtstamp_config,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    const KNOWN: u32 = c::hwtstamp_flags_HWTSTAMP_FLAG_BONDED_PHC_INDEX;
    from_result(|| {
        // SAFETY: ndo_hwtstamp_set is called under RTNL for a registered device of ours, with what is wanted,
        // in a structure that the answer is written to.
        if unsafe { (*config).flags } as u32 & KNOWN == 0 {
            return Err(EOPNOTSUPP);
        }
        // SAFETY: ndo_hwtstamp_set is called under RTNL for a registered device of ours, with what is wanted,
        // in a structure that the answer is written to; the lower device is kept while it is asked.
        unsafe {
            ask::<D>(dev, config, |lower| {
                c::generic_hwtstamp_set_lower(lower.as_ptr(), config, ext)
            })
        }
    })
}
