// SPDX-License-Identifier: GPL-2.0

//! Keeping out the module whose place we have taken.

use core::cell::UnsafeCell;

use cbindings as c;
use kernel::{ffi, str::CStr};

use netdev::{log, prelude::*};

/// No module of this name can be loaded until this is dropped.
///
/// # Invariants
///
/// The guard is on the chain of module notifiers, and stays where it is.
pub struct Rival(KBox<UnsafeCell<Guard>>);

#[repr(C)]
struct Guard {
    /// The first member: a pointer to it is one to the guard.
    block: c::notifier_block,
    name: &'static CStr,
}

// SAFETY: The block is touched by the notifier chain only, under its lock; the name is only read.
unsafe impl Send for Rival {}
// SAFETY: As above.
unsafe impl Sync for Rival {}

impl Rival {
    /// From now on. One that is loaded already stays.
    pub fn keep_out(name: &'static CStr) -> Result<Self> {
        let guard = KBox::new(
            UnsafeCell::new(Guard {
                block: c::notifier_block {
                    notifier_call: Some(on_module),
                    ..Default::default()
                },
                name,
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: The block is the first member, and stays where it is until `drop` takes it off
        // the chain.
        to_result(unsafe { c::register_module_notifier(guard.get().cast()) })?;
        // INVARIANT: It is on the chain now.
        Ok(Rival(guard))
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // SAFETY: By the type's invariant.
        unsafe { c::unregister_module_notifier(self.0.get().cast()) };
    }
}

/// # Safety
///
/// Called by the chain of module notifiers, for the block of a [`Guard`].
unsafe extern "C" fn on_module(
    block: *mut c::notifier_block,
    event: ffi::c_ulong,
    module: *mut ffi::c_void,
) -> ffi::c_int {
    // SAFETY: The block is the first member of a guard, which nobody writes to.
    let name = unsafe { (*block.cast::<Guard>()).name };
    // SAFETY: The kernel gives its kind of module.
    let answer = unsafe { c::rb_refuse_module(event, module, name.as_ptr().cast()) };
    if answer != 0 {
        log::line(
            log::Level::Error,
            None,
            format_args!(
                "{} cannot be loaded while rustbond is in its place: unload rustbond first \
                 (modprobe -r rustbond)",
                name.to_str().unwrap_or("it")
            ),
        );
    }
    answer
}
