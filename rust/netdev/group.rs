// SPDX-License-Identifier: GPL-2.0

//! Groups of files in sysfs.
//!
//! C header: `include/linux/sysfs.h`.

use core::ptr;

use cbindings as c;
use kernel::{
    ffi,
    str::{CStr, CString},
};

use crate::prelude::*;

/// A file of a device's folder in sysfs.
pub struct Attribute {
    /// The file's name.
    pub name: &'static str,
    /// It can be written.
    pub writable: bool,
}

/// A group of files, the same for all devices that have it.
pub(crate) struct Group {
    _names: KVec<CString>,
    files: KVec<c::device_attribute>,
    _list: KVec<*mut c::attribute>,
    pub(crate) group: KBox<c::attribute_group>,
}

pub(crate) type Show =
    unsafe extern "C" fn(*mut c::device, *mut c::device_attribute, *mut ffi::c_char) -> isize;
pub(crate) type Store = unsafe extern "C" fn(
    *mut c::device,
    *mut c::device_attribute,
    *const ffi::c_char,
    usize,
) -> isize;

impl Group {
    pub(crate) fn new(
        folder: &'static CStr,
        attributes: impl Iterator<Item = Attribute>,
        show: Show,
        store: Option<Store>,
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
                    store.filter(|_| a.writable),
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

    /// The number of a file.
    ///
    /// # Safety
    ///
    /// `file` is one of the group.
    pub(crate) unsafe fn number(&self, file: *mut c::device_attribute) -> usize {
        // SAFETY: Both are in one array, `file` not before the first.
        unsafe { file.cast_const().offset_from(self.files.as_ptr()) as usize }
    }
}
