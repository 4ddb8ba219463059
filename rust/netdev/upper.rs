// SPDX-License-Identifier: GPL-2.0

//! Devices above others, whose packets they send and take.
//!
//! C header: `include/linux/netdevice.h`.

use core::ptr;

use cbindings as c;
use kernel::{ffi, sync::Arc};

use crate::{
    anchor::{driver_of, under_rtnl},
    device::NetDevice,
    driver::{Driver, Prefix},
    event::Event,
    netlink::ExtAck,
    offers::Offers,
    port,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    skb::RxSkb,
};

/// Verdict on a received packet. RX_HANDLER_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receive {
    /// It came in on the master.
    Master,
    /// Only for those who listen to this very lower device.
    Exact,
    /// As if there were no master.
    Pass,
    /// It is done with.
    Consumed,
}

/// A driver whose devices sit on others. [`crate::port::Attached`] makes one of them a port.
pub trait Upper: Driver {
    /// Data that it keeps for each lower device.
    type Port: Send + Sync + 'static;
    /// The structure that a lower device's rx_handler_data begins with; `()` where nobody looks there.
    type PortPrefix: Prefix;

    /// Writes what others see of a new port, into zeroes.
    fn begin_port(
        &self,
        _port: &Self::Port,
        _lower: &NetDevice,
        _master: &NetDevice,
        _to: &mut Self::PortPrefix,
    ) {
    }
    /// A device's rx_handler_data begins with a `PortPrefix` now, or will no longer.
    fn on_handler(_lower: &NetDevice, _rtnl: &Rtnl, _there: bool) {}
    /// A device has been linked below one of ours, or is not any more.
    fn on_link(_lower: &NetDevice, _rtnl: &Rtnl, _below: bool) {}

    /// `ip link set lower master dev`. `ndo_add_slave`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn enslave(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// `ip link set lower nomaster`. `ndo_del_slave`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn release(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result;
    /// Something happened to a lower device.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn port_event(
        &self,
        dev: &NetDevice,
        port: &Arc<Self::Port>,
        lower: &NetDevice,
        event: Event,
        rtnl: &Rtnl,
    );
    /// Something happened to a device of the driver.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn own_event(_dev: &NetDevice, _event: Event, _rtnl: &Rtnl) {}

    /// The master gets the packet as it is, without asking `receive`: the common case.
    fn takes(_dev: &NetDevice, _port: &Self::Port, _skb: &RxSkb<'_>) -> bool {
        false
    }
    /// A packet has come in on a lower device. `rx_handler_func_t`.
    fn receive(
        &self,
        dev: &NetDevice,
        port: &Self::Port,
        skb: &mut RxSkb<'_>,
        rcu: &Rcu,
    ) -> Receive;

    /// Calls `f` with every lower device.
    fn for_each_lower(&self, rcu: &Rcu, f: &mut dyn FnMut(&NetDevice));
    /// The device of a port.
    fn device_of(port: &Self::Port) -> &NetDevice;
}

impl<D: Upper> Offers<'_, D> {
    /// It sits on others: `ndo_add_slave` and what goes with it.
    pub fn upper(&mut self) -> &mut Self {
        self.tables.detach_all = Some(port::detach_all::<D>);
        let ops = self.ops();
        ops.ndo_add_slave = Some(add_slave::<D>);
        ops.ndo_del_slave = Some(del_slave::<D>);
        ops.ndo_select_queue = Some(c::rb_select_queue);
        ops.ndo_fix_features = Some(fix_features::<D>);
        ops.ndo_features_check = Some(c::passthru_features_check);
        self
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours and another registered device.
unsafe extern "C" fn add_slave<D: Upper>(
    dev: *mut c::net_device,
    lower: *mut c::net_device,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_add_slave is called under RTNL for a registered device of ours and another registered
        // device.
        unsafe {
            let (lower, ext) = (NetDevice::from_raw(lower), ExtAck::from_raw(ext));
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.enslave(dev, lower, ext.as_ref(), rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours and another registered device.
unsafe extern "C" fn del_slave<D: Upper>(
    dev: *mut c::net_device,
    lower: *mut c::net_device,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_del_slave is called under RTNL for a registered device of ours and another registered
        // device.
        unsafe {
            let lower = NetDevice::from_raw(lower);
            under_rtnl::<D, _>(dev, |d, dev, rtnl| d.release(dev, lower, rtnl).map(|()| 0))
        }
    })
}

/// # Safety
///
/// Called for a live device of ours.
unsafe extern "C" fn fix_features<D: Upper>(
    dev: *mut c::net_device,
    mask: c::netdev_features_t,
) -> c::netdev_features_t {
    // SAFETY: ndo_fix_features is called for a live device of ours; the rest are pure functions.
    unsafe {
        let dev = NetDevice::from_raw(dev);
        let mut features = c::rb_fix_features_begin(mask);
        if let Some(driver) = driver_of::<D>(dev) {
            Rcu::read(|rcu| {
                driver.for_each_lower(rcu, &mut |lower| {
                    let own = (*lower.as_ptr()).features;
                    features = c::netdev_increment_features(features, own, mask);
                })
            });
        }
        c::rb_fix_features_end(features, mask)
    }
}

impl NetDevice {
    /// Makes a master of `D` without lower devices a device of the type of `lower`. `EINVAL` for a device of
    /// another.
    pub fn become_like<D: Upper>(&self, rtnl: &Rtnl, lower: &NetDevice) -> Result {
        use crate::device::Notice;

        if !self.is_of::<D>() {
            return Err(EINVAL);
        }
        self.call_netdevice_notifiers(rtnl, Notice::PreTypeChange)
            .map_err(|_| EBUSY)?;
        if lower.is_ethernet() {
            // SAFETY: RTNL is held and the device is registered.
            unsafe { c::rb_setup_ethernet(self.as_ptr()) };
        } else {
            let ops = D::ANCHOR.headers();
            let ops = if ops.is_null() { ptr::null() } else { ops };
            // SAFETY: RTNL is held and both devices are registered.
            unsafe { c::rb_setup_like(self.as_ptr(), lower.as_ptr(), ops) };
        }
        let _ = self.call_netdevice_notifiers(rtnl, Notice::PostTypeChange);
        Ok(())
    }
}
