// SPDX-License-Identifier: GPL-2.0

//! The folders of files that a device and those below it have in sysfs.

use core::{
    marker::PhantomData,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use kernel::{
    ffi,
    str::{CStr, CString},
};

use crate::{
    anchor,
    device::NetDevice,
    driver::{Attribute, Driver},
    port,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    text::{Text, PAGE},
};

/// A group of files, the same for all devices that have it.
struct Group {
    _names: KVec<CString>,
    files: KVec<c::device_attribute>,
    _list: KVec<*mut c::attribute>,
    group: KBox<c::attribute_group>,
}

type Show =
    unsafe extern "C" fn(*mut c::device, *mut c::device_attribute, *mut ffi::c_char) -> isize;
type Store = unsafe extern "C" fn(
    *mut c::device,
    *mut c::device_attribute,
    *const ffi::c_char,
    usize,
) -> isize;

impl Group {
    fn new(
        folder: &'static CStr,
        attributes: impl Iterator<Item = Attribute>,
        show: Show,
        store: Store,
    ) -> Result<Self> {
        let mut names = KVec::new();
        let mut files = KVec::new();
        for a in attributes {
            let name = CString::try_from_fmt(fmt!("{}", a.name))?;
            let mut file = c::device_attribute::default();
            // SAFETY: The file is ours; the text is on the heap: it stays where it is when `names`
            // grows.
            unsafe {
                c::rb_device_attribute(
                    &raw mut file,
                    name.as_char_ptr().cast(),
                    if a.writable { 0o644 } else { 0o444 },
                    Some(show),
                    a.writable.then_some(store),
                );
            }
            files.push(file, GFP_KERNEL)?;
            names.push(name, GFP_KERNEL)?;
        }
        let mut list = KVec::with_capacity(files.len() + 1, GFP_KERNEL)?;
        for file in files.as_mut_slice() {
            // SAFETY: The vector is full, so that its elements do not move any more.
            unsafe { c::rb_sysfs_attr_init(&raw mut file.attr) };
            list.push(&raw mut file.attr, GFP_KERNEL)?;
        }
        list.push(ptr::null_mut(), GFP_KERNEL)?;
        let mut group = KBox::new(
            c::attribute_group {
                name: folder.as_char_ptr().cast(),
                ..Default::default()
            },
            GFP_KERNEL,
        )?;
        // SAFETY: The group is ours.
        unsafe { c::rb_group_attrs(&raw mut *group, list.as_mut_ptr()) };
        Ok(Group {
            _names: names,
            files,
            _list: list,
            group,
        })
    }
}

/// Where the callbacks find a group, and the first of its files to tell a file's number from its
/// address.
struct Known {
    group: AtomicPtr<c::attribute_group>,
    first: AtomicPtr<c::device_attribute>,
}

impl Known {
    const fn nothing() -> Self {
        Known {
            group: AtomicPtr::new(ptr::null_mut()),
            first: AtomicPtr::new(ptr::null_mut()),
        }
    }

    fn learn(&self, group: &mut Group) {
        self.first
            .store(group.files.as_mut_ptr(), Ordering::Release);
        self.group.store(&raw mut *group.group, Ordering::Release);
    }

    /// # Safety
    ///
    /// `file` is one of the group.
    unsafe fn number(&self, file: *mut c::device_attribute) -> usize {
        // SAFETY: Both are in one array, `file` not before the first.
        unsafe { file.offset_from(self.first.load(Ordering::Acquire)) as usize }
    }
}

/// The files of a device of ours.
static OURS: Known = Known::nothing();
/// The files of a device below one of ours.
static PORTS: Known = Known::nothing();

/// The groups, there until this is dropped.
pub(crate) struct Groups<D: Driver> {
    _ours: Group,
    _ports: Group,
    _driver: PhantomData<D>,
}

impl<D: Driver> Groups<D> {
    pub(crate) fn new() -> Result<Self> {
        let attributes = (0..usize::MAX).map_while(D::attribute);
        let mut ours = Group::new(D::GROUP, attributes, show::<D>, store::<D>)?;
        let names = (0..usize::MAX).map_while(D::port_file);
        let attributes = names.map(|name| Attribute {
            name,
            writable: false,
        });
        // No file of a port can be written.
        let mut ports = Group::new(D::PORT_GROUP, attributes, show_port::<D>, store::<D>)?;
        OURS.learn(&mut ours);
        PORTS.learn(&mut ports);
        Ok(Groups {
            _ours: ours,
            _ports: ports,
            _driver: PhantomData,
        })
    }
}

impl<D: Driver> Drop for Groups<D> {
    fn drop(&mut self) {
        OURS.group.store(ptr::null_mut(), Ordering::Release);
        PORTS.group.store(ptr::null_mut(), Ordering::Release);
    }
}

/// Gives a device its files, before it is registered.
pub(crate) fn attach(dev: &NetDevice) {
    // SAFETY: The device is not registered yet; the kernel takes the first free place.
    unsafe { (*dev.as_ptr()).sysfs_groups[0] = OURS.group.load(Ordering::Acquire) };
}

/// Gives a lower device its files. The folder is the device's own: nothing of ours has to outlive
/// those who have a file open.
pub(crate) fn attach_port(lower: &NetDevice, _rtnl: &Rtnl) -> Result {
    // SAFETY: RTNL is held and the device is registered; the group stays until all are detached.
    to_result(unsafe {
        c::sysfs_create_group(
            &raw mut (*lower.as_ptr()).dev.kobj,
            PORTS.group.load(Ordering::Acquire),
        )
    })
}

/// Takes them away; waits for those who read them.
pub(crate) fn detach_port(lower: &NetDevice, _rtnl: &Rtnl) {
    // SAFETY: RTNL is held, and `attach_port` has made the files.
    unsafe {
        c::sysfs_remove_group(
            &raw mut (*lower.as_ptr()).dev.kobj,
            PORTS.group.load(Ordering::Acquire),
        )
    };
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
unsafe extern "C" fn show<D: Driver>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    page: *mut ffi::c_char,
) -> isize {
    // SAFETY: sysfs gives a page. The attribute is in our group, which only devices of ours have, and
    // the device waits for us before it goes.
    unsafe {
        let (file, dev) = (OURS.number(attr), device(dev));
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
unsafe extern "C" fn show_port<D: Driver>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    page: *mut ffi::c_char,
) -> isize {
    // SAFETY: sysfs gives a page. The attribute is in the ports' group, which only network devices
    // have, and the device waits for us before it goes.
    unsafe {
        let (file, lower) = (PORTS.number(attr), device(dev));
        write(page, |text, rcu| {
            let (port, driver) = port::seen::<D>(lower, rcu).ok_or(ENODEV)?;
            driver.show_port(port, file, text, rcu)
        })
    }
}

/// # Safety
///
/// Called by sysfs with so many bytes of text.
unsafe extern "C" fn store<D: Driver>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    text: *const ffi::c_char,
    len: usize,
) -> isize {
    // SAFETY: sysfs gives as many bytes as it says.
    let text = unsafe { core::slice::from_raw_parts(text.cast::<u8>(), len) };
    // SAFETY: The attribute is in our group, which only devices of ours have, and the device waits
    // for us before it goes.
    let (file, dev) = unsafe { (OURS.number(attr), device(dev)) };
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
