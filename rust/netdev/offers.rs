// SPDX-License-Identifier: GPL-2.0

//! The tables that the kernel is given of a driver, and how a driver says what is in them.
//!
//! C header: `include/linux/netdevice.h`.

use core::{marker::PhantomData, mem, sync::atomic::AtomicUsize};

use cbindings as c;

use crate::{
    device::NetDevice,
    driver::Driver,
    group::Group,
    netlink::{ExtAck, Policy},
    prelude::*,
    rtnl::Rtnl,
};

/// A device that has just been registered, its table of attributes, and who is told what is wrong with them.
pub(crate) type Change =
    unsafe fn(*mut c::net_device, *mut *mut c::nlattr, Option<&ExtAck>) -> Result;

/// The tables. On the heap, where they have one address for as long as the driver is registered.
#[repr(C)]
pub(crate) struct Tables {
    /// First: a device is the driver's if its operations are at this address.
    pub(crate) device: c::rb_device_ops,
    pub(crate) link: c::rb_link_ops,
    pub(crate) ethtool: c::ethtool_ops,
    pub(crate) headers: c::header_ops,
    pub(crate) xfrm: c::rb_xfrm_table,
    pub(crate) devtype: c::device_type,
    /// Releases all lower devices of a device that goes away.
    pub(crate) detach_all: Option<fn(&NetDevice, &Rtnl)>,
    /// Number of statistics that ethtool has asked for last: so many it has room for.
    pub(crate) statistics: AtomicUsize,
    /// Reads the attributes with which a device is made.
    pub(crate) change: Option<Change>,
    pub(crate) has_xfrm: bool,
    pub(crate) policy: KVec<c::nla_policy>,
    pub(crate) port_policy: KVec<c::nla_policy>,
    pub(crate) files: Option<Group>,
    pub(crate) port_files: Option<Group>,
}

const _: () = assert!(mem::offset_of!(Tables, device) == 0);
const _: () = assert!(mem::offset_of!(c::rb_device_ops, ops) == 0);

impl Tables {
    /// Tables with nothing in them, made where they stay.
    #[inline(never)]
    pub(crate) fn on_heap() -> Result<KBox<Self>> {
        let zeroed = GFP_KERNEL | kernel::alloc::flags::__GFP_ZERO;
        let mut room = KBox::<Self>::new_uninit(zeroed)?;
        let to = room.as_mut_ptr();
        // SAFETY: The memory is ours. Zeroes are a value of what C has, and none in an option of a function;
        // the members that are none of zeroes are written.
        unsafe {
            (&raw mut (*to).policy).write(KVec::new());
            (&raw mut (*to).port_policy).write(KVec::new());
            (&raw mut (*to).files).write(None);
            (&raw mut (*to).port_files).write(None);
            Ok(room.assume_init())
        }
    }
}

/// The abilities of a driver, as it names them in [`Driver::offers`]: each method puts the callbacks of one trait into the
/// tables.
pub struct Offers<'a, D: Driver> {
    pub(crate) tables: &'a mut Tables,
    failed: Option<Error>,
    _driver: PhantomData<fn() -> D>,
}

impl<'a, D: Driver> Offers<'a, D> {
    /// Has the driver fill the tables. An error if there is no memory for what it has.
    pub(crate) fn collect(tables: &'a mut Tables) -> Result {
        let mut this = Offers {
            tables,
            failed: None,
            _driver: PhantomData::<fn() -> D>,
        };
        D::offers(&mut this);
        this.failed.map_or(Ok(()), Err)
    }

    pub(crate) fn ops(&mut self) -> &mut c::net_device_ops {
        &mut self.tables.device.ops
    }

    pub(crate) fn link_ops(&mut self) -> &mut c::rtnl_link_ops {
        &mut self.tables.link.ops
    }

    /// Puts down what could not be had: the registration fails with it.
    pub(crate) fn keep<T>(&mut self, made: Result<T>) -> Option<T> {
        match made {
            Ok(made) => Some(made),
            Err(error) => {
                self.failed.get_or_insert(error);
                None
            }
        }
    }
}

/// The checks of attributes up to `max`.
pub(crate) fn policies(max: u16, of: fn(u16) -> Policy) -> Result<KVec<c::nla_policy>> {
    let mut all = KVec::with_capacity(usize::from(max) + 1, GFP_KERNEL)?;
    for number in 0..=max {
        all.push(of(number).raw(), GFP_KERNEL)?;
    }
    Ok(all)
}
