// SPDX-License-Identifier: GPL-2.0

//! The folders of files that a device and those below it have in sysfs.
//!
//! C header: `include/linux/sysfs.h`.

use core::fmt;

use cbindings as c;
use kernel::{ffi, str::CStr};

use crate::{
    anchor,
    device::NetDevice,
    driver::Driver,
    group::Group,
    offers::Offers,
    port,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    text::{Text, PAGE},
    upper::Upper,
};

pub use crate::group::Attribute;

/// A driver whose devices have files in sysfs.
pub trait Files: Driver {
    /// The folder of a device's files.
    const GROUP: &'static CStr;
    /// The files of a device, as `show` and `store` number them; none behind the last.
    fn attribute(number: usize) -> Option<Attribute>;

    /// Writes what the file with that number says. `admin`: the reader has CAP_NET_ADMIN.
    ///
    /// # Context
    ///
    /// Does not sleep, and does without RTNL.
    fn show(
        &self,
        dev: &NetDevice,
        file: usize,
        to: &mut dyn fmt::Write,
        admin: bool,
        rcu: &Rcu,
    ) -> Result;
    /// Something has been written into the file with that number.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn store(&self, dev: &NetDevice, file: usize, text: &[u8], rtnl: &Rtnl) -> Result;
}

/// A driver whose lower devices have files in sysfs, which cannot be written.
pub trait PortFiles: Upper {
    /// The folder of a lower device's files.
    const PORT_GROUP: &'static CStr;
    /// The names of the files of a lower device, as `show_port` numbers them; none behind the last.
    fn port_file(number: usize) -> Option<&'static str>;

    /// Writes what a lower device's file with that number says.
    ///
    /// # Context
    ///
    /// Does not sleep, and does without RTNL.
    fn show_port(
        &self,
        port: &Self::Port,
        file: usize,
        to: &mut dyn fmt::Write,
        rcu: &Rcu,
    ) -> Result;
}

impl<D: Files> Offers<'_, D> {
    /// Its devices have files.
    pub fn files(&mut self) -> &mut Self {
        let attributes = (0..usize::MAX).map_while(D::attribute);
        let group = Group::new(D::GROUP, attributes, show::<D>, Some(store::<D>));
        self.tables.files = self.keep(group);
        self
    }
}

impl<D: PortFiles> Offers<'_, D> {
    /// Its lower devices have files.
    pub fn port_files(&mut self) -> &mut Self {
        let names = (0..usize::MAX).map_while(D::port_file);
        let attributes = names.map(|name| Attribute {
            name,
            writable: false,
        });
        let group = Group::new(D::PORT_GROUP, attributes, show_port::<D>, None);
        self.tables.port_files = self.keep(group);
        self
    }
}

/// Gives a device its files, before it is registered.
pub(crate) fn attach<D: Driver>(dev: &NetDevice) {
    // SAFETY: The device is not registered yet; the kernel takes the first free place. The driver has a device,
    // so its tables are there.
    unsafe {
        if let Some(files) = &(*D::ANCHOR.tables()).files {
            (*dev.as_ptr()).sysfs_groups[0] = &raw const *files.group;
        }
    }
}

/// The files of the ports of a driver that has a device, if they have any.
fn port_files<D: Upper>(_master: &NetDevice) -> Option<&Group> {
    // SAFETY: The tables are there as long as a device of the driver is.
    unsafe { (*D::ANCHOR.tables()).port_files.as_ref() }
}

/// Gives a lower device its files. The folder is the device's own: nothing of ours has to outlive
/// those who have a file open.
pub(crate) fn attach_port<D: Upper>(lower: &NetDevice, master: &NetDevice, _rtnl: &Rtnl) -> Result {
    let Some(files) = port_files::<D>(master) else {
        return Ok(());
    };
    // SAFETY: RTNL is held and the device is registered; the group stays until all are detached.
    to_result(unsafe {
        c::sysfs_create_group(&raw mut (*lower.as_ptr()).dev.kobj, &raw const *files.group)
    })
}

/// Takes them back; waits for those who read them.
pub(crate) fn detach_port<D: Upper>(lower: &NetDevice, master: &NetDevice, _rtnl: &Rtnl) {
    if let Some(files) = port_files::<D>(master) {
        // SAFETY: RTNL is held, and `attach_port` has made the files.
        unsafe {
            c::sysfs_remove_group(&raw mut (*lower.as_ptr()).dev.kobj, &raw const *files.group)
        };
    }
}

/// The network device that a device is part of.
///
/// # Safety
///
/// It is part of one, and that lives for all of `'a`.
unsafe fn device<'a>(dev: *mut c::device) -> &'a NetDevice {
    // SAFETY: The caller's promise.
    unsafe {
        let dev = dev.byte_sub(core::mem::offset_of!(c::net_device, dev));
        NetDevice::from_raw(dev.cast())
    }
}

/// Has `f` write what a file says, in a read-side section: whoever holds RTNL may be waiting for this
/// file to be left.
///
/// # Safety
///
/// `page` is a page to write to.
unsafe fn write(page: *mut ffi::c_char, f: impl FnOnce(&mut Text<'_>, &Rcu) -> Result) -> isize {
    // SAFETY: The caller's promise.
    let page = unsafe { core::slice::from_raw_parts_mut(page.cast::<u8>(), PAGE) };
    let mut text = Text::new(page);
    match Rcu::read(|rcu| f(&mut text, rcu)) {
        Ok(()) => text.len() as isize,
        Err(e) => e.to_errno() as isize,
    }
}

/// # Safety
///
/// Called by sysfs with a page to write to.
unsafe extern "C" fn show<D: Files>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    page: *mut ffi::c_char,
) -> isize {
    // SAFETY: sysfs gives a page. The attribute is in our group, which only devices of ours have, and
    // the device waits for us before it goes.
    unsafe {
        let dev = device(dev);
        let Some(files) = &(*D::ANCHOR.tables()).files else {
            return ENODEV.to_errno() as isize;
        };
        let file = files.number(attr);
        let admin = c::rb_capable_net_admin();
        write(page, |text, rcu| {
            let driver = anchor::driver_of::<D>(dev).ok_or(ENODEV)?;
            driver.show(dev, file, text, admin, rcu)
        })
    }
}

/// # Safety
///
/// Called by sysfs with a page to write to.
unsafe extern "C" fn show_port<D: PortFiles>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    page: *mut ffi::c_char,
) -> isize {
    // SAFETY: sysfs gives a page. The attribute is in the ports' group, which only network devices
    // have, and the device waits for us before it goes.
    unsafe {
        let lower = device(dev);
        let Some(files) = &(*D::ANCHOR.tables()).port_files else {
            return ENODEV.to_errno() as isize;
        };
        let file = files.number(attr);
        write(page, |text, rcu| {
            let (port, driver) = port::seen::<D>(lower, rcu).ok_or(ENODEV)?;
            driver.show_port(port, file, text, rcu)
        })
    }
}

/// # Safety
///
/// Called by sysfs with so many bytes of text.
unsafe extern "C" fn store<D: Files>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    text: *const ffi::c_char,
    len: usize,
) -> isize {
    // SAFETY: sysfs gives as many bytes as it says.
    let text = unsafe { core::slice::from_raw_parts(text.cast::<u8>(), len) };
    // SAFETY: The attribute is in our group, which only devices of ours have, and the device waits
    // for us before it goes.
    let (files, dev) = unsafe { ((*D::ANCHOR.tables()).files.as_ref(), device(dev)) };
    let Some(files) = files else {
        return ENODEV.to_errno() as isize;
    };
    // SAFETY: As above.
    let file = unsafe { files.number(attr) };
    // Who has opened the file may have passed it on, or be root without the capability: the kernel's
    // own files of a device ask the writer, too.
    // SAFETY: The device is alive. Called on behalf of a system call.
    if !unsafe { c::rb_dev_capable_net_admin(dev.as_ptr()) } {
        return EPERM.to_errno() as isize;
    }
    // Whoever holds RTNL may be waiting for this file to be left: begun anew when it is taken.
    let Some(rtnl) = Rtnl::try_lock() else {
        // SAFETY: Called on behalf of a system call.
        return unsafe { c::rb_restart_syscall() } as isize;
    };
    let driver = anchor::driver_of::<D>(dev).ok_or(ENODEV);
    match driver.and_then(|driver| driver.store(dev, file, text, &rtnl)) {
        Ok(()) => len as isize,
        Err(e) => e.to_errno() as isize,
    }
}
