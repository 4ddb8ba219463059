// SPDX-License-Identifier: GPL-2.0

//! Listening to what happens to devices.
//!
//! C header: `include/linux/netdevice.h`.

use core::{cell::UnsafeCell, marker::PhantomData};

use cbindings as c;
use kernel::ffi;

use crate::{anchor, device::NetDevice, event::Event, port, prelude::*, rtnl::Rtnl, upper::Upper};

/// The driver hears of all devices until this is dropped.
pub struct Notifier<D: Upper>(KBox<UnsafeCell<c::notifier_block>>, PhantomData<D>);

// SAFETY: The block is touched by the notifier chain only, under its lock.
unsafe impl<D: Upper> Send for Notifier<D> {}
// SAFETY: As above.
unsafe impl<D: Upper> Sync for Notifier<D> {}

impl<D: Upper> Notifier<D> {
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

impl<D: Upper> Drop for Notifier<D> {
    fn drop(&mut self) {
        // SAFETY: Registered in `register`.
        unsafe { c::unregister_netdevice_notifier(self.0.get()) };
    }
}

/// # Safety
///
/// Called by the netdevice notifier chain, under RTNL, with its kind of info.
unsafe extern "C" fn on_event<D: Upper>(
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
    if anchor::is_ours::<D>(dev) {
        D::own_event(dev, event, rtnl);
    }
    if let Some((port, master)) = port::of::<D>(dev, rtnl) {
        if let Some(driver) = anchor::driver_of::<D>(master) {
            driver.port_event(master, &port, dev, event, rtnl);
        }
    }
    NOTIFY_DONE
}
