// SPDX-License-Identifier: GPL-2.0

//! The part of every network namespace: the file that makes and unmakes devices, and a folder in
//! /proc/net.

use core::{cell::UnsafeCell, fmt::Write, marker::PhantomData, ptr};

use cbindings as c;
use kernel::ffi;

use lag::report::{Event, Masters};
use netdev::{
    claim::{Claim, Claimed},
    prelude::*,
    text::{Text, PAGE},
    vtable, NetDevice, Rcu, Rtnl,
};

use crate::{log, Bonding};

/// The number by which a namespace finds the driver's part of it; 0 while there is none.
pub struct NetId {
    registered: Claimed,
    number: UnsafeCell<ffi::c_uint>,
}

// SAFETY: `number` is written by register_pernet_subsys() only, by who has claimed `registered`, before it is
// read, and set back when all namespaces have lost their part.
unsafe impl Sync for NetId {}

impl NetId {
    /// No namespace has a part.
    pub const fn new() -> Self {
        NetId {
            registered: Claimed::new(),
            number: UnsafeCell::new(0),
        }
    }
}

impl Default for NetId {
    fn default() -> Self {
        NetId::new()
    }
}

/// A namespace's part, in memory that the kernel allots and zeroes.
///
/// # Invariants
///
/// `proc` is null or the folder; `file` is in sysfs from `init` to `pre_exit` if `shown`.
#[repr(C)]
struct PerNet {
    file: c::class_attribute,
    net: *mut c::net,
    proc: *mut c::proc_dir_entry,
    shown: bool,
}

/// # Safety
///
/// `net` is alive, and the operations are registered.
unsafe fn per_net<D: Bonding>(net: *const c::net) -> *mut PerNet {
    // SAFETY: The caller's promise.
    unsafe { c::rb_net_generic(net, *D::NET_ID.number.get()).cast() }
}

/// The namespace's folder in /proc/net, or null.
///
/// # Safety
///
/// `net` is alive.
pub(crate) unsafe fn proc_dir<D: Bonding>(net: *mut c::net) -> *mut c::proc_dir_entry {
    // SAFETY: The caller's promise; a number that is set is that of registered operations.
    unsafe {
        match *D::NET_ID.number.get() {
            0 => ptr::null_mut(),
            _ => (*per_net::<D>(net)).proc,
        }
    }
}

/// Every namespace has its part until this is dropped.
pub(crate) struct Namespaces<D: Bonding> {
    ops: KBox<UnsafeCell<c::pernet_operations>>,
    /// Last: until then nobody else registers the driver's.
    _claim: Claim,
    _driver: PhantomData<D>,
}

// SAFETY: The kernel touches the operations under its own lock.
unsafe impl<D: Bonding> Send for Namespaces<D> {}
// SAFETY: As above.
unsafe impl<D: Bonding> Sync for Namespaces<D> {}

impl<D: Bonding> Namespaces<D> {
    /// Gives every namespace its part, now and when it is made. `EBUSY` if they have it.
    pub(crate) fn register() -> Result<Self> {
        let id = D::NET_ID.get();
        let claim = id.registered.claim()?;
        let ops = KBox::new(
            UnsafeCell::new(c::pernet_operations {
                init: Some(init::<D>),
                pre_exit: Some(pre_exit::<D>),
                exit_rtnl: Some(exit_rtnl::<D>),
                exit: Some(exit::<D>),
                id: id.number.get(),
                size: core::mem::size_of::<PerNet>(),
                ..Default::default()
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: The operations stay where they are until `drop` unregisters them.
        to_result(unsafe { c::register_pernet_subsys(ops.get()) })?;
        Ok(Namespaces {
            ops,
            _claim: claim,
            _driver: PhantomData,
        })
    }
}

impl<D: Bonding> Drop for Namespaces<D> {
    fn drop(&mut self) {
        // SAFETY: Registered in `register`. No device is left that could look for its namespace's part.
        unsafe {
            c::unregister_pernet_subsys(self.ops.get());
            *D::NET_ID.number.get() = 0;
        }
    }
}

/// # Safety
///
/// Called by the kernel for a namespace that is being made.
unsafe extern "C" fn init<D: Bonding>(net: *mut c::net) -> ffi::c_int {
    from_result(|| {
        // SAFETY: The namespace's part is zeroed memory of the size that we asked for.
        unsafe {
            let part = &mut *per_net::<D>(net);
            part.net = net;
            part.proc = c::proc_mkdir(D::identity().proc.as_char_ptr().cast(), c::rb_proc_net(net));
            part.file.attr.name = D::identity().masters.as_char_ptr().cast();
            // It belongs to the machine's root, and who writes is asked for CAP_NET_ADMIN: the root of a
            // user namespace has that, and nobody else in it.
            part.file.attr.mode = match c::rb_in_user_namespace(net) {
                true => 0o666,
                false => 0o644,
            };
            part.file.show = Some(show_masters::<D>);
            part.file.store = Some(store_masters::<D>);
            c::rb_sysfs_attr_init(&raw mut part.file.attr);
            if let Err(e) = to_result(c::rb_class_create_file(&raw const part.file, net)) {
                c::proc_remove(part.proc);
                return Err(e);
            }
            part.shown = true;
        }
        Ok(0)
    })
}

/// # Safety
///
/// Called by the kernel for a namespace that is going away. The file goes before the devices.
unsafe extern "C" fn pre_exit<D: Bonding>(net: *mut c::net) {
    // SAFETY: `init` has made the file.
    unsafe {
        let part = &mut *per_net::<D>(net);
        if core::mem::take(&mut part.shown) {
            c::rb_class_remove_file(&raw const part.file, net);
        }
    }
}

/// # Safety
///
/// Called under RTNL for a namespace that is going away.
unsafe extern "C" fn exit_rtnl<D: Bonding>(net: *mut c::net, kill: *mut c::list_head) {
    // SAFETY: RTNL is held for the whole call, so that the list of devices does not change but by
    // us, and we only mark what we find.
    unsafe {
        let rtnl = Rtnl::assume();
        each::<D>(net, rtnl, |dev| {
            c::unregister_netdevice_queue(dev.as_ptr(), kill);
            true
        });
    }
}

/// # Safety
///
/// Called by the kernel when the namespace has no devices any more.
unsafe extern "C" fn exit<D: Bonding>(net: *mut c::net) {
    // SAFETY: `init` has made the folder; proc_remove() takes null.
    unsafe { c::proc_remove((*per_net::<D>(net)).proc) };
}

/// Calls `f` for each device of ours in `net` until it returns false.
///
/// # Safety
///
/// `net` is alive.
unsafe fn each<D: Bonding>(net: *mut c::net, _rtnl: &Rtnl, mut f: impl FnMut(&NetDevice) -> bool) {
    let mut dev = ptr::null_mut();
    loop {
        // SAFETY: RTNL keeps the list of devices as it is.
        dev = unsafe { c::rb_next_netdev(net, dev) };
        if dev.is_null() {
            return;
        }
        // SAFETY: A device on the list is alive under RTNL.
        let dev = unsafe { NetDevice::from_raw(dev) };
        if dev.is_of::<D>() && !f(dev) {
            return;
        }
    }
}

/// # Safety
///
/// Called by sysfs for the file of a namespace, with a page to write to.
unsafe extern "C" fn show_masters<D: Bonding>(
    _class: *const c::class,
    file: *const c::class_attribute,
    page: *mut ffi::c_char,
) -> isize {
    // SAFETY: sysfs gives a page, and `file` is the first member of a namespace's part.
    let (page, net) = unsafe {
        (
            core::slice::from_raw_parts_mut(page.cast::<u8>(), PAGE),
            (*file.cast::<PerNet>()).net,
        )
    };
    let mut text = Text::new(page);
    // Not under RTNL: whoever holds it may be waiting for this file to be left.
    Rcu::read(|_rcu| {
        let mut at = ptr::null_mut();
        loop {
            // SAFETY: The file is removed before its namespace goes; a device on the list is alive
            // as long as the section lasts.
            let dev = unsafe {
                at = c::rb_next_netdev_rcu(net, at);
                if at.is_null() {
                    return;
                }
                NetDevice::from_raw(at)
            };
            if !dev.is_of::<D>() {
                continue;
            }
            let room = PAGE.saturating_sub(text.len());
            if room <= c::IFNAMSIZ as usize + 10 {
                let _ = text.write_str("++more++ ");
                return;
            }
            let _ = write!(text, "{} ", dev.name());
        }
    });
    text.end_line();
    text.len() as isize
}

/// # Safety
///
/// Called by sysfs for the file of a namespace, with so many bytes of text.
unsafe extern "C" fn store_masters<D: Bonding>(
    _class: *const c::class,
    file: *const c::class_attribute,
    text: *const ffi::c_char,
    len: usize,
) -> isize {
    // SAFETY: sysfs gives as many bytes as it says, and `file` is the first member of a
    // namespace's part.
    let (text, net) = unsafe {
        (
            core::slice::from_raw_parts(text.cast::<u8>(), len),
            (*file.cast::<PerNet>()).net,
        )
    };
    // SAFETY: The file is removed before its namespace goes.
    match unsafe { command::<D>(net, word(text)) } {
        Ok(Some(())) => len as isize,
        // SAFETY: Called on behalf of a system call.
        Ok(None) => (unsafe { c::rb_restart_syscall() }) as isize,
        Err(e) => e.to_errno() as isize,
    }
}

/// The first word, up to a NUL.
fn word(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_start();
    let end = |b: &u8| b.is_ascii_whitespace() || *b == 0;
    text.split(end).next().unwrap_or(&[])
}

/// Carries out `+name` or `-name`; nothing if RTNL is taken.
///
/// # Safety
///
/// `net` is alive.
unsafe fn command<D: Bonding>(net: *mut c::net, text: &[u8]) -> Result<Option<()>> {
    // SAFETY: The caller's promise. Called on behalf of a system call.
    if !unsafe { c::rb_net_capable_net_admin(net) } {
        return Err(EPERM);
    }
    let file = D::identity().masters.to_str().unwrap_or("");
    let told = |masters, name: &str| {
        let event = Event::Masters(file, masters, name);
        log::report(D::identity().words(), None, None, &event);
    };
    let (add, name) = match text {
        [b'+', name @ ..] if valid(name) => (true, name),
        [b'-', name @ ..] if valid(name) => (false, name),
        _ => {
            told(Masters::Syntax, "");
            return Err(EPERM);
        }
    };
    let shown = core::str::from_utf8(name).unwrap_or("?");
    let Some(rtnl) = Rtnl::try_lock() else {
        return Ok(None);
    };
    if add {
        told(Masters::Making, shown);
        // SAFETY: The caller's promise.
        let made = unsafe { vtable::create::<D>(net, Some(name), &rtnl) };
        if let Err(e) = made {
            let why = match e == EEXIST {
                true => Masters::Exists,
                false => Masters::Failed(e.to_errno()),
            };
            told(why, shown);
            return Err(e);
        }
        return Ok(Some(()));
    }
    let mut found = false;
    // SAFETY: The caller's promise. The walk ends with the device that is removed.
    unsafe {
        each::<D>(net, &rtnl, |dev| {
            found = dev.name().as_bytes() == name;
            if found {
                told(Masters::Removing, shown);
                dev.unregister_netdevice::<D>(&rtnl);
            }
            !found
        })
    };
    if !found {
        told(Masters::Missing, shown);
        return Err(ENODEV);
    }
    Ok(Some(()))
}

/// A name that a device may have.
fn valid(name: &[u8]) -> bool {
    let mut buf = [0u8; c::IFNAMSIZ as usize];
    if name.len() >= buf.len() {
        return false;
    }
    for (to, from) in buf.iter_mut().zip(name) {
        *to = *from;
    }
    // SAFETY: The name is terminated.
    unsafe { c::dev_valid_name(buf.as_ptr().cast()) }
}
