// SPDX-License-Identifier: GPL-2.0

//! Listening to what happens to devices.

use core::{cell::UnsafeCell, marker::PhantomData};

use cbindings as c;
use kernel::ffi;

use crate::{device::NetDevice, driver::Driver, port, prelude::*, proc, rtnl::Rtnl, vtable};

/// What happened to a device. NETDEV_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Register,
    /// It has been brought up.
    Up,
    /// It has been taken down.
    Down,
    /// Its carrier, or something else that user space sees, has changed.
    Change,
    /// It has another name.
    ChangeName,
    /// It has another address.
    ChangeAddr,
    /// It can offload other things.
    FeatureChange,
    /// It can do other things with XDP.
    XdpFeatureChange,
    /// It wants multicast groups joined again.
    ResendIgmp,
    /// It is going away.
    Unregister,
}

impl Event {
    fn from_raw(event: ffi::c_ulong) -> Option<Event> {
        Some(match event as c::netdev_cmd {
            c::netdev_cmd_NETDEV_REGISTER => Event::Register,
            c::netdev_cmd_NETDEV_UP => Event::Up,
            c::netdev_cmd_NETDEV_DOWN => Event::Down,
            c::netdev_cmd_NETDEV_CHANGE => Event::Change,
            c::netdev_cmd_NETDEV_CHANGENAME => Event::ChangeName,
            c::netdev_cmd_NETDEV_CHANGEADDR => Event::ChangeAddr,
            c::netdev_cmd_NETDEV_FEAT_CHANGE => Event::FeatureChange,
            c::netdev_cmd_NETDEV_XDP_FEAT_CHANGE => Event::XdpFeatureChange,
            c::netdev_cmd_NETDEV_RESEND_IGMP => Event::ResendIgmp,
            c::netdev_cmd_NETDEV_UNREGISTER => Event::Unregister,
            _ => return None,
        })
    }
}

/// The driver hears of all devices until this is dropped.
pub struct Notifier<D: Driver>(KBox<UnsafeCell<c::notifier_block>>, PhantomData<D>);

// SAFETY: The block is touched by the notifier chain only, under its lock.
unsafe impl<D: Driver> Send for Notifier<D> {}
// SAFETY: As above.
unsafe impl<D: Driver> Sync for Notifier<D> {}

impl<D: Driver> Notifier<D> {
    /// Starts to listen.
    pub fn register() -> Result<Self> {
        let block = KBox::new(
            UnsafeCell::new(c::notifier_block {
                notifier_call: Some(on_event::<D>),
                ..Default::default()
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: The block stays where it is until `drop` takes it off the chain.
        to_result(unsafe { c::register_netdevice_notifier(block.get()) })?;
        Ok(Notifier(block, PhantomData))
    }
}

impl<D: Driver> Drop for Notifier<D> {
    fn drop(&mut self) {
        // SAFETY: Registered in `register`.
        unsafe { c::unregister_netdevice_notifier(self.0.get()) };
    }
}

/// # Safety
///
/// Called by the netdevice notifier chain, under RTNL, with its kind of info.
unsafe extern "C" fn on_event<D: Driver>(
    _block: *mut c::notifier_block,
    event: ffi::c_ulong,
    info: *mut ffi::c_void,
) -> ffi::c_int {
    const NOTIFY_DONE: ffi::c_int = 0;
    let Some(event) = Event::from_raw(event) else {
        return NOTIFY_DONE;
    };
    // SAFETY: The chain runs under RTNL, and the device lives while it does.
    let (rtnl, dev) = unsafe {
        (
            Rtnl::assume(),
            NetDevice::from_raw(c::rb_notifier_dev(info)),
        )
    };
    if vtable::is_ours::<D>(dev) {
        match event {
            Event::Register | Event::ChangeName => {
                proc::remove::<D>(dev, rtnl);
                proc::add::<D>(dev, rtnl);
            }
            Event::Unregister => proc::remove::<D>(dev, rtnl),
            _ => {}
        }
    }
    if let Some((port, master)) = port::of::<D>(dev, rtnl) {
        if let Some(driver) = vtable::driver_of::<D>(master) {
            driver.port_event(master, &port, dev, event, rtnl);
        }
    }
    NOTIFY_DONE
}
