// SPDX-License-Identifier: GPL-2.0

//! Counters beside the usual ones: IFLA_STATS_LINK_XSTATS.
//!
//! C header: `include/net/rtnetlink.h`.

use core::ptr::NonNull;

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::driver_of, device::NetDevice, netlink::Fill, offers::Offers, port, prelude::*,
    rtnl::Rtnl, upper::Upper,
};

/// A driver with counters of its own.
pub trait Xstats: Upper {
    /// Octets that `fill_xstats` needs at the most. `get_linkxstats_size`.
    fn xstats_size() -> usize;
    /// Writes the counters of the device, or of one of the lower devices. `fill_linkxstats`.
    ///
    /// # Context
    ///
    /// RTNL is held.
    fn fill_xstats(
        &self,
        dev: &NetDevice,
        lower: Option<&NetDevice>,
        to: &mut Fill<'_>,
        rtnl: &Rtnl,
    ) -> Result;
}

impl<D: Xstats> Offers<'_, D> {
    /// It has counters of its own.
    pub fn xstats(&mut self) -> &mut Self {
        self.link_ops().get_linkxstats_size = Some(size::<D>);
        self.link_ops().fill_linkxstats = Some(fill::<D>);
        self
    }
}

const OF_BOND: u32 = c::IFLA_STATS_LINK_XSTATS;
const OF_SLAVE: u32 = c::IFLA_STATS_LINK_XSTATS_SLAVE;

/// # Safety
///
/// Callable from anywhere.
unsafe extern "C" fn size<D: Xstats>(_dev: *const c::net_device, which: ffi::c_int) -> usize {
    match which as u32 {
        OF_BOND | OF_SLAVE => D::xstats_size(),
        _ => 0,
    }
}

/// # Safety
///
/// Called under RTNL with a message to write to, for a registered device: one of ours, or one below
/// one of ours.
unsafe extern "C" fn fill<D: Xstats>(
    skb: *mut c::sk_buff,
    dev: *const c::net_device,
    _private: *mut ffi::c_int,
    which: ffi::c_int,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: fill_linkxstats is called under RTNL with a message to write to, for a registered device:
        // one of ours, or one below one of ours.
        let (dev, rtnl, mut to) = unsafe {
            (
                NetDevice::from_raw(dev.cast_mut()),
                Rtnl::assume(),
                Fill::from_raw(NonNull::new(skb).ok_or(EINVAL)?),
            )
        };
        let (master, lower) = match which as u32 {
            OF_BOND => (dev, None),
            OF_SLAVE => match port::of::<D>(dev, rtnl) {
                Some((_, master)) => (master, Some(dev)),
                None => return Ok(0),
            },
            _ => return Err(EINVAL),
        };
        let driver = driver_of::<D>(master).ok_or(ENODEV)?;
        driver.fill_xstats(master, lower, &mut to, rtnl)?;
        Ok(0)
    })
}
