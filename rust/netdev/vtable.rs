// SPDX-License-Identifier: GPL-2.0

//! The registration of a kind of devices, and the callbacks that every device has.
//!
//! C header: `include/net/rtnetlink.h`.

use core::{
    cell::UnsafeCell,
    ptr::{self, NonNull},
    sync::atomic::Ordering,
};

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::{private, under_rtnl, Anchor, Private},
    claim::Claim,
    device::NetDevice,
    driver::{Driver, Fresh, Registering},
    netlink::{Attrs, ExtAck},
    offers::{Offers, Tables},
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    skb::Skb,
    sysfs,
};

/// The kind of device, known to the kernel until this is dropped.
pub struct Registration<D: Driver> {
    anchor: &'static Anchor<D>,
    tables: NonNull<Tables>,
    /// Last: until then nobody else registers the driver.
    _claim: Claim,
}

// SAFETY: The tables are constant but for what the kernel changes under its locks.
unsafe impl<D: Driver> Send for Registration<D> {}
// SAFETY: As above.
unsafe impl<D: Driver> Sync for Registration<D> {}

impl<D: Driver> Registration<D> {
    /// Makes the kind known. `EEXIST` if there is a kind by that name; `EBUSY` if the driver is registered.
    #[inline(never)]
    pub fn new() -> Result<Self> {
        let anchor = D::ANCHOR.get();
        let claim = anchor.registered.claim()?;
        let mut tables = Tables::on_heap()?;
        base::<D>(&mut tables);
        Offers::<D>::collect(&mut tables)?;
        let this = Registration {
            anchor,
            tables: NonNull::from(KBox::leak(tables)),
            _claim: claim,
        };
        anchor.tables.store(this.tables.as_ptr(), Ordering::Release);
        // SAFETY: The tables stay where they are until `drop` has unregistered them.
        let link = unsafe { &raw mut (*this.tables.as_ptr()).link.ops };
        anchor.link.store(link, Ordering::Release);
        // SAFETY: As above.
        match to_result(unsafe { c::rtnl_link_register(link) }) {
            Ok(()) => Ok(this),
            Err(e) => {
                anchor.link.store(ptr::null_mut(), Ordering::Release);
                Err(e)
            }
        }
    }

    /// EEXIST if another driver has the kind. To be asked before anything is registered: whoever
    /// has the kind has the names in sysfs and procfs as well, and the kernel complains loudly.
    #[inline(never)]
    pub fn check_free() -> Result {
        let link = KBox::new(
            UnsafeCell::new(c::rtnl_link_ops {
                kind: D::kind().as_char_ptr().cast(),
                ..Default::default()
            }),
            GFP_KERNEL,
        )?;
        // SAFETY: The table stays where it is until it is unregistered. Without `setup` nothing
        // can be made of the kind.
        unsafe {
            to_result(c::rtnl_link_register(link.get()))?;
            c::rtnl_link_unregister(link.get());
        }
        Ok(())
    }

    /// Makes so many devices in the first namespace.
    #[inline(never)]
    pub fn make(&self, how_many: u32) -> Result {
        let rtnl = Rtnl::lock();
        for _ in 0..how_many {
            // SAFETY: The first namespace is always there.
            unsafe { create::<D>(&raw mut c::init_net, None, &rtnl)? };
        }
        Ok(())
    }
}

impl<D: Driver> Drop for Registration<D> {
    fn drop(&mut self) {
        let link = self.anchor.link.swap(ptr::null_mut(), Ordering::AcqRel);
        if !link.is_null() {
            // SAFETY: Registered in `new`. Removes all devices of the kind in all namespaces.
            unsafe { c::rtnl_link_unregister(link) };
        }
        self.anchor.tables.store(ptr::null_mut(), Ordering::Release);
        // SAFETY: The box was leaked in `new`; no device is left that refers to it.
        drop(unsafe { KBox::from_raw(self.tables.as_ptr()) });
    }
}

/// Fills in the callbacks that every driver has.
#[inline(never)]
fn base<D: Driver>(tables: &mut Tables) {
    let link = &mut tables.link.ops;
    link.kind = D::kind().as_char_ptr().cast();
    link.priv_size = core::mem::size_of::<Private<D>>();
    link.setup = Some(setup::<D>);
    link.validate = Some(validate);
    link.get_num_tx_queues = Some(tx_queues::<D>);
    // As many as there are to send by.
    link.get_num_rx_queues = Some(tx_queues::<D>);
    // SAFETY: The table is ours.
    unsafe { c::rb_set_newlink(&mut tables.link, Some(newlink::<D>)) };
    let ops = &mut tables.device.ops;
    ops.ndo_init = Some(init::<D>);
    ops.ndo_uninit = Some(uninit::<D>);
    ops.ndo_open = Some(open::<D>);
    ops.ndo_stop = Some(stop::<D>);
    ops.ndo_start_xmit = Some(start_xmit::<D>);
    tables.ethtool.get_link = Some(c::ethtool_op_get_link);
    if let Some(name) = D::DEVTYPE {
        tables.devtype.name = name.as_char_ptr().cast();
    }
}

/// Makes a device by that name, or the next of [`Driver::NAME`], in the namespace of `net`.
///
/// # Safety
///
/// `net` is alive.
pub unsafe fn create<D: Driver>(net: *mut c::net, name: Option<&[u8]>, _rtnl: &Rtnl) -> Result {
    let link = D::ANCHOR.link.load(Ordering::Acquire);
    if link.is_null() {
        return Err(ENODEV);
    }
    let mut buf = [0u8; c::IFNAMSIZ as usize];
    let name = name.unwrap_or(D::NAME.to_bytes());
    for (to, from) in buf.iter_mut().take(c::IFNAMSIZ as usize - 1).zip(name) {
        *to = *from;
    }
    // SAFETY: The name is terminated; `setup` makes the private data valid.
    let dev = unsafe {
        c::rb_alloc_netdev(
            core::mem::size_of::<Private<D>>() as i32,
            buf.as_ptr().cast(),
            c::NET_NAME_UNKNOWN as u8,
            Some(setup::<D>),
            D::tx_queues(),
        )
    };
    if dev.is_null() {
        return Err(ENOMEM);
    }
    // SAFETY: The device is ours until it is registered; RTNL is held.
    unsafe {
        c::rb_dev_net_set(dev, net);
        (*dev).rtnl_link_ops = link;
        if let Err(e) = to_result(c::register_netdevice(dev)) {
            c::free_netdev(dev);
            return Err(e);
        }
        c::netif_carrier_off(dev);
    }
    Ok(())
}

impl NetDevice {
    /// Removes a device of `D`, if it is registered; another is left alone.
    pub fn unregister_netdevice<D: Driver>(&self, _rtnl: &Rtnl) {
        if self.is_of::<D>() && self.is_registered() {
            // SAFETY: RTNL is held, and the device is registered.
            unsafe { c::unregister_netdevice_queue(self.as_ptr(), ptr::null_mut()) };
        }
    }
}

/// # Safety
///
/// Called by the kernel for a device it has just allocated for our kind.
unsafe extern "C" fn setup<D: Driver>(dev: *mut c::net_device) {
    let tables = D::ANCHOR.tables();
    // SAFETY: The device is not visible to anyone else; its private data is zeroed, which is valid. Only a
    // registered driver has devices made, and its tables outlive them.
    unsafe {
        c::rb_setup(dev);
        D::setup(&Fresh::new(NetDevice::from_raw(dev)));
        let vlans = (*tables).device.ops.ndo_vlan_rx_add_vid.is_some();
        c::rb_only_features(dev, vlans, (*tables).has_xfrm);
        (*dev).netdev_ops = &raw const (*tables).device.ops;
        (*dev).ethtool_ops = &raw const (*tables).ethtool;
        if (*tables).has_xfrm {
            c::rb_set_xfrm_ops(dev, &raw const (*tables).xfrm);
        }
        if D::DEVTYPE.is_some() {
            (*dev).dev.type_ = &raw const (*tables).devtype;
        }
        (*dev).priv_destructor = Some(destructor::<D>);
    }
}

/// # Safety
///
/// Called by the kernel when the last reference on a device of ours is gone.
unsafe extern "C" fn destructor<D: Driver>(dev: *mut c::net_device) {
    // SAFETY: Nobody else has the device; the pointer is null or came from a box.
    unsafe {
        // It may go after the tables.
        (*dev).dev.type_ = ptr::null();
        let private = private::<D>(NetDevice::from_raw(dev));
        let driver = core::mem::replace(&mut (*private).driver, ptr::null_mut());
        if !driver.is_null() {
            drop(KBox::from_raw(driver));
        }
    }
}

/// # Safety
///
/// Called under RTNL for a device that is being registered.
unsafe extern "C" fn init<D: Driver>(dev: *mut c::net_device) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_init is called under RTNL for a device that is being registered.
        let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
        // SAFETY: What is made of it is freed with the device.
        let driver = D::init(unsafe { &Registering::new(dev) }, rtnl)?;
        if dev.has_no_address(rtnl) {
            dev.eth_hw_addr_random(rtnl);
        }
        sysfs::attach::<D>(dev);
        // SAFETY: The device is not registered yet, so that nobody reads the pointer.
        unsafe {
            c::rb_lockdep_set_classes(dev.as_ptr());
            (*private::<D>(dev)).driver = KBox::into_raw(driver);
        }
        Ok(0)
    })
}

/// # Safety
///
/// Called under RTNL for a device of ours that is being unregistered.
unsafe extern "C" fn uninit<D: Driver>(dev: *mut c::net_device) {
    // SAFETY: ndo_uninit is called under RTNL for a device of ours that is being unregistered.
    let _ = unsafe {
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            d.uninit(dev, rtnl);
            // SAFETY: A device of the driver's is there, so its tables are.
            if let Some(detach_all) = (*D::ANCHOR.tables()).detach_all {
                detach_all(dev, rtnl);
            }
            Ok(())
        })
    };
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn open<D: Driver>(dev: *mut c::net_device) -> ffi::c_int {
    // SAFETY: ndo_open is called under RTNL for a registered device of ours.
    from_result(|| unsafe { under_rtnl::<D, _>(dev, |d, dev, rtnl| d.open(dev, rtnl).map(|()| 0)) })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn stop<D: Driver>(dev: *mut c::net_device) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_stop is called under RTNL for a registered device of ours.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.stop(dev, rtnl);
                Ok(0)
            })
        }
    })
}

/// # Safety
///
/// Called in a read-side section with a packet that is ours now, for a device of ours.
unsafe extern "C" fn start_xmit<D: Driver>(
    skb: *mut c::sk_buff,
    dev: *mut c::net_device,
) -> c::netdev_tx_t {
    // SAFETY: ndo_start_xmit is called in a read-side section with a packet that is ours now, for a device of
    // ours. Packets come to a device that is up, so it is registered and has its driver.
    unsafe {
        let skb = Skb::from_raw(NonNull::new_unchecked(skb));
        let driver = &*(*private::<D>(NetDevice::from_raw(dev))).driver;
        driver.xmit(skb, Rcu::assume()).0
    }
}

/// # Safety
///
/// Called with the attributes of a request.
unsafe extern "C" fn validate(
    tb: *mut *mut c::nlattr,
    _data: *mut *mut c::nlattr,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: validate is called with the attributes of a request: the table has an entry for each
        // IFLA_*.
        let (tb, ext) = unsafe {
            (
                Attrs::from_raw(tb, c::IFLA_ADDRESS as u16),
                ExtAck::from_raw(ext),
            )
        };
        let Some(attr) = tb.get(c::IFLA_ADDRESS as u16) else {
            return Ok(0);
        };
        let refuse = |error, text: &str| {
            if let Some(ext) = &ext {
                ext.say(format_args!("{text}"));
                ext.blame(&attr);
            }
            Err(error)
        };
        match attr.payload() {
            [0, 0, 0, 0, 0, 0] => refuse(EADDRNOTAVAIL, "the address must not be all zeroes"),
            [a, _, _, _, _, _] if a & 1 != 0 => {
                refuse(EADDRNOTAVAIL, "the address must not be a multicast address")
            }
            [_, _, _, _, _, _] => Ok(0),
            _ => refuse(EINVAL, "the address must have six octets"),
        }
    })
}

/// # Safety
///
/// Called under RTNL with a device that `setup` has prepared and the attributes of a request.
unsafe extern "C" fn newlink<D: Driver>(
    dev: *mut c::net_device,
    data: *mut *mut c::nlattr,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: newlink is called under RTNL with a device that `setup` has prepared and the attributes of a
        // request.
        unsafe {
            to_result(c::register_netdevice(dev))?;
            let ext = ExtAck::from_raw(ext);
            if let Some(change) = (*D::ANCHOR.tables()).change {
                if let Err(e) = change(dev, data, ext.as_ref()) {
                    c::unregister_netdevice_queue(dev, ptr::null_mut());
                    return Err(e);
                }
            }
            c::netif_carrier_off(dev);
        }
        Ok(0)
    })
}

/// # Safety
///
/// Callable from anywhere.
unsafe extern "C" fn tx_queues<D: Driver>() -> ffi::c_uint {
    D::tx_queues()
}
