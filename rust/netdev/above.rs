// SPDX-License-Identifier: GPL-2.0

//! Devices above a device.
//!
//! C header: `include/linux/netdevice.h`, netdev_for_each_upper_dev_rcu().

use cbindings as c;
use kernel::ffi;
use wire::{eth::Tag, mac::Mac};

use crate::{device::NetDevice, rcu::Rcu};

/// A device above another, which sends by an address of its own.
#[derive(Clone, Copy, Debug)]
pub struct Above {
    /// Its address; none if it is that of the device below.
    pub mac: Option<Mac>,
    /// The outer tag of what it sends.
    pub tag: Option<Tag>,
    /// It is a macvlan; a VLAN otherwise.
    pub macvlan: bool,
}

impl NetDevice {
    /// Shows `f` the VLAN devices on this one, and all macvlan devices above it.
    pub fn for_each_above(&self, _rcu: &Rcu, mut f: impl FnMut(Above)) {
        /// # Safety
        ///
        /// `arg` is an `F` that nobody else uses, and `above` is valid.
        unsafe extern "C" fn visit<F: FnMut(Above)>(
            arg: *mut ffi::c_void,
            above: *const c::rb_above,
        ) {
            // SAFETY: The caller's promise.
            let (f, above) = unsafe { (&mut *arg.cast::<F>(), &*above) };
            f(Above {
                mac: (!above.stolen).then_some(Mac(above.mac)),
                tag: (above.vlan_proto != 0).then_some(Tag {
                    protocol: above.vlan_proto,
                    tci: above.vlan_id,
                }),
                macvlan: above.macvlan,
            });
        }
        fn visitor<F: FnMut(Above)>(
            _: &F,
        ) -> unsafe extern "C" fn(*mut ffi::c_void, *const c::rb_above) {
            visit::<F>
        }
        let visit = visitor(&f);
        // SAFETY: The device is alive, a read-side section is open, and `f` is ours until the
        // walk is over.
        unsafe { c::rb_walk_above(self.as_ptr(), Some(visit), (&raw mut f).cast()) };
    }
}
