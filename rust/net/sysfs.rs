// SPDX-License-Identifier: GPL-2.0

//! A device's own folder of files in sysfs.

use core::{
    marker::PhantomData,
    ptr,
    sync::atomic::{AtomicPtr, Ordering},
};

use cbindings as c;
use kernel::{error::code::*, ffi, prelude::*, str::CString};

use crate::{
    device::NetDevice,
    driver::Driver,
    rtnl::Rtnl,
    text::{Text, PAGE},
    vtable,
};

/// The files of one device: the same group for all of them.
static GROUP: AtomicPtr<c::attribute_group> = AtomicPtr::new(ptr::null_mut());
/// The first of the attributes, to tell a file's number from its address.
static FIRST: AtomicPtr<c::device_attribute> = AtomicPtr::new(ptr::null_mut());

/// The group, there until this is dropped.
pub(crate) struct Group<D: Driver> {
    _names: KVec<CString>,
    _files: KVec<c::device_attribute>,
    _list: KVec<*mut c::attribute>,
    _group: KBox<c::attribute_group>,
    _driver: PhantomData<D>,
}

impl<D: Driver> Group<D> {
    pub(crate) fn new() -> Result<Self> {
        let mut names = KVec::new();
        let mut files = KVec::new();
        for a in (0..).map_while(D::attribute) {
            let name = CString::try_from_fmt(fmt!("{}", a.name))?;
            files.push(
                c::device_attribute {
                    // Lockdep adds members.
                    #[allow(clippy::needless_update)]
                    attr: c::attribute {
                        // The text is on the heap: it stays where it is when `names` grows.
                        name: name.as_char_ptr().cast(),
                        mode: if a.writable { 0o644 } else { 0o444 },
                        ..Default::default()
                    },
                    __bindgen_anon_1: c::device_attribute__bindgen_ty_1 {
                        show: Some(show::<D>),
                    },
                    __bindgen_anon_2: c::device_attribute__bindgen_ty_2 {
                        store: a.writable.then_some(store::<D>),
                    },
                },
                GFP_KERNEL,
            )?;
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
                name: D::GROUP.as_char_ptr().cast(),
                ..Default::default()
            },
            GFP_KERNEL,
        )?;
        group.__bindgen_anon_2.attrs = list.as_mut_ptr();
        FIRST.store(files.as_mut_ptr(), Ordering::Release);
        GROUP.store(&raw mut *group, Ordering::Release);
        Ok(Group {
            _names: names,
            _files: files,
            _list: list,
            _group: group,
            _driver: PhantomData,
        })
    }
}

impl<D: Driver> Drop for Group<D> {
    fn drop(&mut self) {
        GROUP.store(ptr::null_mut(), Ordering::Release);
    }
}

/// Gives a device its files, before it is registered.
pub(crate) fn attach(dev: &NetDevice) {
    // SAFETY: The device is not registered yet; the kernel takes the first free place.
    unsafe { (*dev.as_ptr()).sysfs_groups[0] = GROUP.load(Ordering::Acquire) };
}

/// Runs `f` with driver, device, RTNL and the number of the file. Whoever holds RTNL may be
/// waiting for this file to be left, so that the call is begun anew when it is taken.
///
/// # Safety
///
/// `dev` is part of a registered device of ours, and `attr` one of `Group::files`.
unsafe fn with<D: Driver>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    f: impl FnOnce(&D, &NetDevice, &Rtnl, usize) -> Result<isize>,
) -> isize {
    let Some(rtnl) = Rtnl::try_lock() else {
        // SAFETY: Called on behalf of a system call.
        return unsafe { c::rb_restart_syscall() } as isize;
    };
    // SAFETY: The caller's promise.
    let (dev, number) = unsafe {
        let dev = dev
            .byte_sub(core::mem::offset_of!(c::net_device, dev))
            .cast::<c::net_device>();
        let number = attr.offset_from(FIRST.load(Ordering::Acquire));
        (NetDevice::from_raw(dev), number as usize)
    };
    let result = match vtable::driver_of::<D>(dev) {
        Some(driver) => f(driver, dev, &rtnl, number),
        None => Err(ENODEV),
    };
    result.unwrap_or_else(|e| e.to_errno() as isize)
}

/// # Safety
///
/// Called by sysfs with a page to write to.
unsafe extern "C" fn show<D: Driver>(
    dev: *mut c::device,
    attr: *mut c::device_attribute,
    page: *mut ffi::c_char,
) -> isize {
    // SAFETY: sysfs gives a page.
    let page = unsafe { core::slice::from_raw_parts_mut(page.cast::<u8>(), PAGE) };
    let mut text = Text::new(page);
    // SAFETY: The attribute is in our group, which only devices of ours have.
    unsafe {
        with::<D>(dev, attr, |driver, dev, rtnl, file| {
            driver.show(dev, file, &mut text, rtnl)?;
            Ok(text.len() as isize)
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
    // SAFETY: The attribute is in our group, which only devices of ours have.
    unsafe {
        with::<D>(dev, attr, |driver, dev, rtnl, file| {
            driver.store(dev, file, text, rtnl)?;
            Ok(len as isize)
        })
    }
}
