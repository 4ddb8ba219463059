// SPDX-License-Identifier: GPL-2.0

//! A device's file in /proc/net.

use core::{fmt, ptr};

use cbindings as c;
use kernel::ffi;
use netdev::{anchor, event::Event, prelude::*, NetDevice, Rcu, Rtnl};

use crate::{masters, Bonding};

/// The file of a device, or none.
#[repr(transparent)]
pub(crate) struct File(*mut c::proc_dir_entry);

/// Keeps the file of a device of the driver: there under its name from when it is registered, gone before it
/// is. To be called for each event of the device.
pub fn follow<D: Bonding>(dev: &NetDevice, event: Event, rtnl: &Rtnl) {
    match event {
        Event::Register | Event::ChangeName => {
            replace::<D>(dev, rtnl, ptr::null_mut());
            add::<D>(dev, rtnl);
        }
        Event::Unregister => replace::<D>(dev, rtnl, ptr::null_mut()),
        _ => {}
    }
}

/// Makes the file. A device without one works as well, so that nothing fails.
fn add<D: Bonding>(dev: &NetDevice, rtnl: &Rtnl) {
    // SAFETY: The folder is there as long as the namespace is, the name is terminated, and the
    // file is removed before the device goes.
    let file = unsafe {
        let dir = masters::proc_dir::<D>(c::rb_dev_net(dev.as_ptr()));
        if dir.is_null() {
            return;
        }
        c::proc_create_single_data(
            dev.name().padded().as_ptr().cast(),
            0o444,
            dir,
            Some(show::<D>),
            dev.as_ptr().cast(),
        )
    };
    replace::<D>(dev, rtnl, file);
}

/// Remembers the device's file, and removes the one before, which waits for those who read it. If the device is
/// not the driver's, `file` itself.
fn replace<D: Bonding>(dev: &NetDevice, _rtnl: &Rtnl, file: *mut c::proc_dir_entry) {
    let old = match anchor::prefix::<D>(dev) {
        // SAFETY: The device is the driver's, so its private data begins so; RTNL keeps others from `proc`.
        Some(to) => unsafe { ptr::replace(&raw mut (*to.as_ptr()).proc.0, file) },
        None => file,
    };
    if !old.is_null() {
        // SAFETY: The file is there, and nobody else removes it: it was ours in the device.
        unsafe { c::proc_remove(old) };
    }
}

/// Text for a file; the kernel begins anew with a larger buffer when it does not fit.
struct Seq(*mut c::seq_file);

impl fmt::Write for Seq {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        // SAFETY: The file is ours while it is shown; the text has its length.
        unsafe { c::seq_write(self.0, s.as_ptr().cast(), s.len()) };
        Ok(())
    }
}

/// # Safety
///
/// Called by procfs for a file that `add` has made.
unsafe extern "C" fn show<D: Bonding>(seq: *mut c::seq_file, _v: *mut ffi::c_void) -> ffi::c_int {
    // SAFETY: `replace` waits for us before the device goes.
    let (dev, admin) = unsafe {
        (
            NetDevice::from_raw((*seq).private.cast()),
            c::rb_capable_net_admin(),
        )
    };
    let Some(driver) = anchor::driver_of::<D>(dev) else {
        return ENODEV.to_errno();
    };
    match Rcu::read(|rcu| driver.describe(dev, &mut Seq(seq), admin, rcu)) {
        Ok(()) => 0,
        Err(e) => e.to_errno(),
    }
}
