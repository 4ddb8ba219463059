// SPDX-License-Identifier: GPL-2.0

//! Callbacks of `struct net_device_ops` that not every device has.
//!
//! C header: `include/linux/netdevice.h`.

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::{driver_of, under_rtnl},
    device::{Addresses, HwAddr, NetDevice, Vlan},
    driver::Driver,
    offers::Offers,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    stats::Stats,
};

/// A driver that counts.
pub trait Counts: Driver {
    /// Writes the counters since the device was made. `ndo_get_stats64`.
    ///
    /// # Context
    ///
    /// Does not sleep.
    fn stats(&self, dev: &NetDevice, to: &mut Stats, rcu: &Rcu);
}

/// A driver that listens to what it is told to.
pub trait RxMode: Driver {
    /// IFF_PROMISC or IFF_ALLMULTI has changed: +1, -1 or 0 for each. `ndo_change_rx_flags`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn change_rx_flags(&self, promisc: i32, allmulti: i32, rtnl: &Rtnl);
    /// The addresses that the device listens to have changed. `ndo_set_rx_mode`.
    ///
    /// # Context
    ///
    /// The lists of addresses are locked; does not sleep.
    fn sync_addresses(&self, addresses: &Addresses<'_>, rcu: &Rcu);
}

/// A driver that lets its MTU be changed.
pub trait Mtu: Driver {
    /// Changes the MTU, in octets. `ndo_change_mtu`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn change_mtu(&self, dev: &NetDevice, mtu: u32, rtnl: &Rtnl) -> Result;
}

/// A driver that lets its address be changed.
pub trait Address: Driver {
    /// Changes the address. What is left in `addr` does not matter. `ndo_set_mac_address`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn change_address(&self, dev: &NetDevice, addr: &mut HwAddr, rtnl: &Rtnl) -> Result;
}

/// A driver that filters VLANs.
pub trait Vlans: Driver {
    /// Receives a VLAN from here on. `ndo_vlan_rx_add_vid`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn add_vlan(&self, dev: &NetDevice, vlan: Vlan, rtnl: &Rtnl) -> Result;
    /// Receives a VLAN no longer. `ndo_vlan_rx_kill_vid`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn del_vlan(&self, dev: &NetDevice, vlan: Vlan, rtnl: &Rtnl);
}

impl<D: Counts> Offers<'_, D> {
    /// It counts.
    pub fn counts(&mut self) -> &mut Self {
        self.ops().ndo_get_stats64 = Some(get_stats::<D>);
        self
    }
}

impl<D: RxMode> Offers<'_, D> {
    /// It listens to what it is told to.
    pub fn rx_mode(&mut self) -> &mut Self {
        self.ops().ndo_change_rx_flags = Some(change_rx_flags::<D>);
        self.ops().ndo_set_rx_mode = Some(set_rx_mode::<D>);
        self
    }
}

impl<D: Mtu> Offers<'_, D> {
    /// Its MTU can be changed.
    pub fn mtu(&mut self) -> &mut Self {
        self.ops().ndo_change_mtu = Some(change_mtu::<D>);
        self
    }
}

impl<D: Address> Offers<'_, D> {
    /// Its address can be changed.
    pub fn address(&mut self) -> &mut Self {
        self.ops().ndo_set_mac_address = Some(set_mac_address::<D>);
        self
    }
}

impl<D: Vlans> Offers<'_, D> {
    /// It filters VLANs.
    pub fn vlans(&mut self) -> &mut Self {
        self.ops().ndo_vlan_rx_add_vid = Some(add_vid::<D>);
        self.ops().ndo_vlan_rx_kill_vid = Some(kill_vid::<D>);
        self
    }
}

/// # Safety
///
/// Called with a live device of ours and a structure to write to.
unsafe extern "C" fn get_stats<D: Counts>(dev: *mut c::net_device, to: *mut c::rtnl_link_stats64) {
    // SAFETY: ndo_get_stats64 is called with a live device of ours and a structure to write to.
    let (dev, to) = unsafe { (NetDevice::from_raw(dev), &mut *to) };
    if let Some(driver) = driver_of::<D>(dev) {
        Rcu::read(|rcu| driver.stats(dev, Stats::of(to), rcu));
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn change_rx_flags<D: RxMode>(dev: *mut c::net_device, change: ffi::c_int) {
    let step = |flag: u32, now: u32| match (change as u32 & flag != 0, now & flag != 0) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => -1,
    };
    // SAFETY: ndo_change_rx_flags is called under RTNL for a registered device of ours.
    let _ = unsafe {
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            let promisc = step(c::net_device_flags_IFF_PROMISC, dev.flags());
            let allmulti = step(c::net_device_flags_IFF_ALLMULTI, dev.flags());
            d.change_rx_flags(promisc, allmulti, rtnl);
            Ok(())
        })
    };
}

/// # Safety
///
/// Called for a live device of ours with its list of addresses locked.
unsafe extern "C" fn set_rx_mode<D: RxMode>(dev: *mut c::net_device) {
    // SAFETY: ndo_set_rx_mode is called for a live device of ours with netif_addr_lock() held.
    let (dev, addresses) = unsafe {
        let dev = NetDevice::from_raw(dev);
        (dev, Addresses::assume(dev))
    };
    if let Some(driver) = driver_of::<D>(dev) {
        Rcu::read(|rcu| driver.sync_addresses(&addresses, rcu));
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn change_mtu<D: Mtu>(dev: *mut c::net_device, mtu: ffi::c_int) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_change_mtu is called under RTNL for a registered device of ours. It has checked that
        // the MTU is not negative.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.change_mtu(dev, mtu as u32, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours, with a `sockaddr` that holds an address of
/// its length.
unsafe extern "C" fn set_mac_address<D: Address>(
    dev: *mut c::net_device,
    addr: *mut ffi::c_void,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_set_mac_address is called under RTNL for a registered device of ours, with a `sockaddr`
        // that holds an address of its length.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                // Behind the family.
                let data = addr.byte_add(core::mem::size_of::<c::__kernel_sa_family_t>());
                let mut addr = HwAddr::from_raw(data.cast(), (*dev.as_ptr()).addr_len);
                d.change_address(dev, &mut addr, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn add_vid<D: Vlans>(
    dev: *mut c::net_device,
    proto: c::__be16,
    id: u16,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_vlan_rx_add_vid is called under RTNL for a registered device of ours.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.add_vlan(dev, Vlan { proto, id }, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a live device of ours.
unsafe extern "C" fn kill_vid<D: Vlans>(
    dev: *mut c::net_device,
    proto: c::__be16,
    id: u16,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_vlan_rx_kill_vid is called under RTNL for a live device of ours.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.del_vlan(dev, Vlan { proto, id }, rtnl);
                Ok(0)
            })
        }
    })
}
