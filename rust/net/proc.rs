// SPDX-License-Identifier: GPL-2.0

//! A device's file in /proc/net.

use core::{fmt, ptr};

use cbindings as c;
use kernel::ffi;

use crate::{anchor, device::NetDevice, driver::Driver, masters, prelude::*, rcu::Rcu, rtnl::Rtnl};

/// Makes the file. A device without one works as well, so that nothing fails.
pub(crate) fn add<D: Driver>(dev: &NetDevice, rtnl: &Rtnl) {
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
    remove_file(anchor::replace_proc::<D>(dev, rtnl, file));
}

/// Removes the file; waits for those who read it.
pub(crate) fn remove<D: Driver>(dev: &NetDevice, rtnl: &Rtnl) {
    remove_file(anchor::replace_proc::<D>(dev, rtnl, ptr::null_mut()));
}

fn remove_file(file: *mut c::proc_dir_entry) {
    if !file.is_null() {
        // SAFETY: The file is there, and nobody else removes it: it was ours in the device.
        unsafe { c::proc_remove(file) };
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
unsafe extern "C" fn show<D: Driver>(seq: *mut c::seq_file, _v: *mut ffi::c_void) -> ffi::c_int {
    // SAFETY: `remove` waits for us before the device goes.
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
