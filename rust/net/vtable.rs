// SPDX-License-Identifier: GPL-2.0

//! The tables of C callbacks, and the registration of a kind of devices.

use core::{
    cell::UnsafeCell,
    ptr::{self, NonNull},
    sync::atomic::Ordering,
};

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::{driver_of, private, Anchor, Private},
    claim::Claim,
    device::{Addresses, HwAddr, NetDevice, Notice, Vlan},
    driver::Driver,
    ethtool, headers, hwtstamp, ioctl,
    masters::Namespaces,
    netlink::{Attrs, ExtAck, Fill},
    netpoll, port,
    prelude::*,
    rcu::Rcu,
    rdma,
    rtnl::Rtnl,
    rtnl_work::RtnlWork,
    skb::Skb,
    stats::Stats,
    sysfs,
    work::Work,
    xdp, xfrm, xstats,
};

/// The kind of device, known to the kernel until this is dropped.
pub struct Registration<D: Driver> {
    anchor: &'static Anchor<D>,
    link: NonNull<c::rtnl_link_ops>,
    ops: NonNull<c::net_device_ops>,
    headers: NonNull<c::header_ops>,
    policy: KVec<c::nla_policy>,
    port_policy: KVec<c::nla_policy>,
    _files: sysfs::Groups<D>,
    _namespaces: Namespaces<D>,
    /// Last: until then nobody else registers the driver.
    _claim: Claim,
}

// SAFETY: The tables are constant but for what the kernel changes under its locks.
unsafe impl<D: Driver> Send for Registration<D> {}
// SAFETY: As above.
unsafe impl<D: Driver> Sync for Registration<D> {}

impl<D: Driver> Registration<D> {
    /// Makes the kind known, whose devices need their part of each namespace. `EEXIST` if there is a kind by
    /// that name; `EBUSY` if the driver is registered.
    #[inline(never)]
    pub fn new(namespaces: Namespaces<D>) -> Result<Self> {
        let anchor = D::anchor();
        let claim = anchor.registered.claim()?;
        let files = sysfs::Groups::<D>::new()?;
        let mut policy = KVec::with_capacity(usize::from(D::MAX_ATTR) + 1, GFP_KERNEL)?;
        for number in 0..=D::MAX_ATTR {
            policy.push(D::policy(number).raw(), GFP_KERNEL)?;
        }
        let mut port_policy = KVec::with_capacity(usize::from(D::MAX_PORT_ATTR) + 1, GFP_KERNEL)?;
        for number in 0..=D::MAX_PORT_ATTR {
            port_policy.push(D::port_policy(number).raw(), GFP_KERNEL)?;
        }
        let ops = device_ops::<D>()?;
        let headers = KBox::new(headers::ops::<D>(), GFP_KERNEL)?;
        let link = link_ops::<D>(&policy, &port_policy)?;
        let this = Registration {
            anchor,
            link: NonNull::from(KBox::leak(link)),
            ops: NonNull::from(KBox::leak(ops)),
            headers: NonNull::from(KBox::leak(headers)),
            policy,
            port_policy,
            _files: files,
            _namespaces: namespaces,
            _claim: claim,
        };
        anchor.ops.store(this.ops.as_ptr(), Ordering::Release);
        anchor
            .headers
            .store(this.headers.as_ptr(), Ordering::Release);
        anchor.link.store(this.link.as_ptr(), Ordering::Release);
        // SAFETY: The table stays where it is until `drop` has unregistered it.
        match to_result(unsafe { c::rtnl_link_register(this.link.as_ptr()) }) {
            Ok(()) => Ok(this),
            Err(e) => {
                anchor.link.store(ptr::null_mut(), Ordering::Release);
                Err(e)
            }
        }
    }
}

impl<D: Driver> Registration<D> {
    /// EEXIST if another driver has the kind. To be asked before anything is registered: whoever
    /// has the kind has the names in sysfs and procfs as well, and the kernel complains loudly.
    #[inline(never)]
    pub fn check_free() -> Result {
        let link = KBox::new(
            UnsafeCell::new(c::rtnl_link_ops {
                kind: D::identity().kind.as_char_ptr().cast(),
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
        let anchor = self.anchor;
        if !anchor
            .link
            .swap(ptr::null_mut(), Ordering::AcqRel)
            .is_null()
        {
            // SAFETY: Registered in `new`. Removes all devices of the kind in all namespaces.
            unsafe { c::rtnl_link_unregister(self.link.as_ptr()) };
        }
        anchor.ops.store(ptr::null_mut(), Ordering::Release);
        anchor.headers.store(ptr::null_mut(), Ordering::Release);
        self.policy.clear();
        self.port_policy.clear();
        // SAFETY: The boxes were leaked in `new`; no device is left that refers to them.
        unsafe {
            drop(KBox::from_raw(self.link.as_ptr()));
            drop(KBox::from_raw(self.ops.as_ptr()));
            drop(KBox::from_raw(self.headers.as_ptr()));
        }
    }
}

/// Makes a device by that name, or the next of [`Driver::NAME`], in the namespace of `net`.
///
/// # Safety
///
/// `net` is alive.
pub(crate) unsafe fn create<D: Driver>(
    net: *mut c::net,
    name: Option<&[u8]>,
    _rtnl: &Rtnl,
) -> Result {
    let link = D::anchor().link.load(Ordering::Acquire);
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
    /// Makes a master of `D` without slaves a device of the type of `lower`. `EINVAL` for a device
    /// of another.
    pub fn become_like<D: Driver>(&self, rtnl: &Rtnl, lower: &NetDevice) -> Result {
        if !self.is_of::<D>() {
            return Err(EINVAL);
        }
        self.call_netdevice_notifiers(rtnl, Notice::PreTypeChange)
            .map_err(|_| EBUSY)?;
        if lower.is_ethernet() {
            // SAFETY: RTNL is held and the device is registered.
            unsafe { c::rb_setup_ethernet(self.as_ptr()) };
        } else {
            let ops = D::anchor().headers();
            // SAFETY: RTNL is held and both devices are registered.
            unsafe { c::rb_setup_like(self.as_ptr(), lower.as_ptr(), ops) };
        }
        let _ = self.call_netdevice_notifiers(rtnl, Notice::PostTypeChange);
        Ok(())
    }

    /// Removes a device of `D`, if it is registered; another is left alone.
    pub fn unregister_netdevice<D: Driver>(&self, _rtnl: &Rtnl) {
        if self.is_of::<D>() && self.is_registered() {
            // SAFETY: RTNL is held, and the device is registered.
            unsafe { c::unregister_netdevice_queue(self.as_ptr(), ptr::null_mut()) };
        }
    }
}

/// In a frame of its own, as all that is large and on its way to the heap.
#[inline(never)]
fn link_ops<D: Driver>(
    policy: &[c::nla_policy],
    port_policy: &[c::nla_policy],
) -> Result<KBox<c::rtnl_link_ops>> {
    let ops = c::rtnl_link_ops {
        kind: D::identity().kind.as_char_ptr().cast(),
        priv_size: core::mem::size_of::<Private<D>>(),
        setup: Some(setup::<D>),
        maxtype: D::MAX_ATTR.into(),
        policy: policy.as_ptr(),
        validate: Some(validate),
        changelink: Some(changelink::<D>),
        get_size: Some(get_size::<D>),
        fill_info: Some(fill_info::<D>),
        slave_maxtype: D::MAX_PORT_ATTR.into(),
        slave_policy: port_policy.as_ptr(),
        slave_changelink: Some(slave_changelink::<D>),
        get_slave_size: Some(get_slave_size::<D>),
        fill_slave_info: Some(fill_slave_info::<D>),
        get_linkxstats_size: Some(xstats::size::<D>),
        fill_linkxstats: Some(xstats::fill::<D>),
        get_num_tx_queues: Some(tx_queues::<D>),
        // As native: as many as there are to send by.
        get_num_rx_queues: Some(tx_queues::<D>),
        ..Default::default()
    };
    let mut ops = KBox::new(ops, GFP_KERNEL)?;
    // SAFETY: The table is ours.
    unsafe { c::rb_set_newlink(&raw mut *ops, Some(newlink::<D>)) };
    Ok(ops)
}

#[inline(never)]
fn device_ops<D: Driver>() -> Result<KBox<c::net_device_ops>> {
    let mut ops = KBox::new(c::net_device_ops::default(), GFP_KERNEL)?;
    ops.ndo_init = Some(init::<D>);
    ops.ndo_uninit = Some(uninit::<D>);
    ops.ndo_open = Some(open::<D>);
    ops.ndo_stop = Some(stop::<D>);
    ops.ndo_start_xmit = Some(start_xmit::<D>);
    ops.ndo_select_queue = Some(c::rb_select_queue);
    ops.ndo_get_stats64 = Some(get_stats::<D>);
    ops.ndo_change_rx_flags = Some(change_rx_flags::<D>);
    ops.ndo_set_rx_mode = Some(set_rx_mode::<D>);
    ops.ndo_change_mtu = Some(change_mtu::<D>);
    ops.ndo_set_mac_address = Some(set_mac_address::<D>);
    ops.ndo_vlan_rx_add_vid = Some(add_vid::<D>);
    ops.ndo_vlan_rx_kill_vid = Some(kill_vid::<D>);
    ops.ndo_add_slave = Some(add_slave::<D>);
    ops.ndo_del_slave = Some(del_slave::<D>);
    ops.ndo_siocbond = Some(ioctl::bond::<D>);
    ops.ndo_siocdevprivate = Some(ioctl::private::<D>);
    ops.ndo_eth_ioctl = Some(ioctl::mii);
    ops.ndo_hwtstamp_get = Some(hwtstamp::get::<D>);
    ops.ndo_hwtstamp_set = Some(hwtstamp::set::<D>);
    ops.ndo_get_xmit_slave = Some(rdma::xmit_slave::<D>);
    ops.ndo_bpf = Some(xdp::bpf::<D>);
    ops.ndo_xdp_xmit = Some(xdp::xmit::<D>);
    ops.ndo_xdp_get_xmit_slave = Some(xdp::xmit_slave::<D>);
    ops.ndo_fix_features = Some(fix_features::<D>);
    ops.ndo_features_check = Some(c::passthru_features_check);
    netpoll::install::<D>(&mut ops);
    Ok(ops)
}

/// Runs `f` with the driver, the device and RTNL.
///
/// # Safety
///
/// `dev` is a live device of ours, and RTNL is held.
unsafe fn under_rtnl<D: Driver, R>(
    dev: *mut c::net_device,
    f: impl FnOnce(&D, &NetDevice, &Rtnl) -> Result<R>,
) -> Result<R> {
    // SAFETY: The caller's promise.
    let (dev, rtnl) = unsafe { (NetDevice::from_raw(dev), Rtnl::assume()) };
    match driver_of::<D>(dev) {
        Some(driver) => f(driver, dev, rtnl),
        None => Err(ENODEV),
    }
}

/// # Safety
///
/// Called by the kernel for a device it has just allocated for our kind.
unsafe extern "C" fn setup<D: Driver>(dev: *mut c::net_device) {
    // SAFETY: The device is not visible to anyone else; its private data is zeroed, which is
    // valid.
    unsafe {
        c::rb_setup_master(dev);
        c::rb_mark_bonding(dev, D::identity().native);
        c::rb_set_devtype(dev, true);
        (*private::<D>(NetDevice::from_raw(dev))).abi.dev = dev;
        (*dev).netdev_ops = D::anchor().ops.load(Ordering::Acquire);
        (*dev).ethtool_ops = ethtool::Table::<D>::OPS.get();
        c::rb_set_xfrm_ops(dev, xfrm::Table::<D>::OPS.get());
        (*dev).priv_destructor = Some(destructor::<D>);
    }
}

/// # Safety
///
/// Called by the kernel when the last reference on a device of ours is gone.
unsafe extern "C" fn destructor<D: Driver>(dev: *mut c::net_device) {
    // SAFETY: Nobody else has the device; the pointer is null or came from a box.
    unsafe {
        c::rb_set_devtype(dev, false);
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
        // SAFETY: The driver, and so the work, is freed with the device.
        let (timer, later) = unsafe {
            (
                Work::new(dev, on_timer::<D>)?,
                RtnlWork::new(dev, on_rtnl::<D>)?,
            )
        };
        let driver = D::init(dev, timer, later, rtnl)?;
        if dev.has_no_address(rtnl) {
            dev.eth_hw_addr_random(rtnl);
        }
        sysfs::attach(dev);
        // SAFETY: The device is not registered yet, so that nobody reads the pointer.
        unsafe {
            c::rb_lockdep_set_classes(dev.as_ptr());
            (*private::<D>(dev)).driver = KBox::into_raw(driver);
        }
        Ok(0)
    })
}

fn on_timer<D: Driver>(dev: &NetDevice) {
    if let Some(driver) = driver_of::<D>(dev) {
        driver.on_timer(dev);
    }
}

fn on_rtnl<D: Driver>(dev: &NetDevice, rtnl: &Rtnl) {
    if let Some(driver) = driver_of::<D>(dev) {
        driver.on_rtnl(dev, rtnl);
    }
}

/// # Safety
///
/// Called under RTNL for a device of ours that is being unregistered.
unsafe extern "C" fn uninit<D: Driver>(dev: *mut c::net_device) {
    // SAFETY: ndo_uninit is called under RTNL for a device of ours that is being unregistered.
    let _ = unsafe {
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            d.uninit(dev, rtnl);
            port::detach_all::<D>(dev, rtnl);
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
/// Called with a live device of ours and a structure to write to.
unsafe extern "C" fn get_stats<D: Driver>(dev: *mut c::net_device, to: *mut c::rtnl_link_stats64) {
    // SAFETY: ndo_get_stats64 is called with a live device of ours and a structure to write to.
    let (dev, to) = unsafe { (NetDevice::from_raw(dev), &mut *to) };
    if let Some(driver) = driver_of::<D>(dev) {
        Rcu::read(|rcu| driver.stats(dev, Stats::of(to), rcu));
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn change_rx_flags<D: Driver>(dev: *mut c::net_device, change: ffi::c_int) {
    let step = |flag: u32, now: u32| match (change as u32 & flag != 0, now & flag != 0) {
        (false, _) => 0,
        (true, true) => 1,
        (true, false) => -1,
    };
    // SAFETY: ndo_change_rx_flags is called under RTNL for a registered device of ours.
    let _ = unsafe {
        under_rtnl::<D, _>(dev, |d, dev, rtnl| {
            let promisc = step(c::net_device_flags_IFF_PROMISC, dev.flags());
            let allmulti = step(c::net_device_flags_IFF_ALLMULTI, dev.flags());
            d.change_rx_flags(promisc, allmulti, rtnl);
            Ok(())
        })
    };
}

/// # Safety
///
/// Called for a live device of ours with its list of addresses locked.
unsafe extern "C" fn set_rx_mode<D: Driver>(dev: *mut c::net_device) {
    // SAFETY: ndo_set_rx_mode is called for a live device of ours with netif_addr_lock() held.
    let (dev, addresses) = unsafe {
        let dev = NetDevice::from_raw(dev);
        (dev, Addresses::assume(dev))
    };
    if let Some(driver) = driver_of::<D>(dev) {
        Rcu::read(|rcu| driver.sync_addresses(&addresses, rcu));
    }
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn change_mtu<D: Driver>(dev: *mut c::net_device, mtu: ffi::c_int) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_change_mtu is called under RTNL for a registered device of ours. It has checked that
        // the MTU is not negative.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.change_mtu(dev, mtu as u32, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours, with a `sockaddr` that holds an address of
/// its length.
unsafe extern "C" fn set_mac_address<D: Driver>(
    dev: *mut c::net_device,
    addr: *mut ffi::c_void,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_set_mac_address is called under RTNL for a registered device of ours, with a `sockaddr`
        // that holds an address of its length.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                // Behind the family.
                let data = addr.byte_add(core::mem::size_of::<c::__kernel_sa_family_t>());
                let mut addr = HwAddr::from_raw(data.cast(), (*dev.as_ptr()).addr_len);
                d.change_address(dev, &mut addr, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours.
unsafe extern "C" fn add_vid<D: Driver>(
    dev: *mut c::net_device,
    proto: c::__be16,
    id: u16,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_vlan_rx_add_vid is called under RTNL for a registered device of ours.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.add_vlan(dev, Vlan { proto, id }, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a live device of ours.
unsafe extern "C" fn kill_vid<D: Driver>(
    dev: *mut c::net_device,
    proto: c::__be16,
    id: u16,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_vlan_rx_kill_vid is called under RTNL for a live device of ours.
        unsafe {
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.del_vlan(dev, Vlan { proto, id }, rtnl);
                Ok(0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours and another registered device.
unsafe extern "C" fn add_slave<D: Driver>(
    dev: *mut c::net_device,
    lower: *mut c::net_device,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_add_slave is called under RTNL for a registered device of ours and another registered
        // device.
        unsafe {
            let (lower, ext) = (NetDevice::from_raw(lower), ExtAck::from_raw(ext));
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.enslave(dev, lower, ext.as_ref(), rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL for a registered device of ours and another registered device.
unsafe extern "C" fn del_slave<D: Driver>(
    dev: *mut c::net_device,
    lower: *mut c::net_device,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: ndo_del_slave is called under RTNL for a registered device of ours and another registered
        // device.
        unsafe {
            let lower = NetDevice::from_raw(lower);
            under_rtnl::<D, _>(dev, |d, dev, rtnl| d.release(dev, lower, rtnl).map(|()| 0))
        }
    })
}

/// # Safety
///
/// Called for a live device of ours.
unsafe extern "C" fn fix_features<D: Driver>(
    dev: *mut c::net_device,
    mask: c::netdev_features_t,
) -> c::netdev_features_t {
    // SAFETY: ndo_fix_features is called for a live device of ours; the rest are pure functions.
    unsafe {
        let dev = NetDevice::from_raw(dev);
        let mut features = c::rb_fix_features_begin(mask);
        if let Some(driver) = driver_of::<D>(dev) {
            Rcu::read(|rcu| {
                driver.for_each_lower(rcu, &mut |lower| {
                    let own = (*lower.as_ptr()).features;
                    features = c::netdev_increment_features(features, own, mask);
                })
            });
        }
        c::rb_fix_features_end(features, mask)
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
            let (attrs, ext) = (Attrs::from_raw(data, D::MAX_ATTR), ExtAck::from_raw(ext));
            let done = under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.change(dev, &attrs, ext.as_ref(), rtnl)
            });
            if let Err(e) = done {
                c::unregister_netdevice_queue(dev, ptr::null_mut());
                return Err(e);
            }
            c::netif_carrier_off(dev);
        }
        Ok(0)
    })
}

/// # Safety
///
/// Called under RTNL with a registered device of ours and the attributes of a request.
unsafe extern "C" fn changelink<D: Driver>(
    dev: *mut c::net_device,
    _tb: *mut *mut c::nlattr,
    data: *mut *mut c::nlattr,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: changelink is called under RTNL with a registered device of ours and the attributes of a
        // request.
        unsafe {
            let (attrs, ext) = (Attrs::from_raw(data, D::MAX_ATTR), ExtAck::from_raw(ext));
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.change(dev, &attrs, ext.as_ref(), rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL with a registered device of ours.
unsafe extern "C" fn get_size<D: Driver>(dev: *const c::net_device) -> usize {
    // SAFETY: get_size is called under RTNL with a registered device of ours.
    let dev = unsafe { NetDevice::from_raw(dev.cast_mut()) };
    driver_of::<D>(dev).map_or(0, |d| d.fill_size(dev))
}

/// # Safety
///
/// Called under RTNL with a registered device of ours and a message to write to.
unsafe extern "C" fn fill_info<D: Driver>(
    skb: *mut c::sk_buff,
    dev: *const c::net_device,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: fill_info is called under RTNL with a registered device of ours and a message to write to.
        unsafe {
            let mut fill = Fill::from_raw(NonNull::new_unchecked(skb));
            under_rtnl::<D, _>(dev.cast_mut(), |d, dev, rtnl| {
                d.fill(dev, &mut fill, rtnl).map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Callable from anywhere.
unsafe extern "C" fn tx_queues<D: Driver>() -> ffi::c_uint {
    D::tx_queues()
}

/// # Safety
///
/// Called under RTNL with a registered device of ours, a device below it and the attributes of a
/// request.
unsafe extern "C" fn slave_changelink<D: Driver>(
    dev: *mut c::net_device,
    lower: *mut c::net_device,
    _tb: *mut *mut c::nlattr,
    data: *mut *mut c::nlattr,
    ext: *mut c::netlink_ext_ack,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: slave_changelink is called under RTNL with a registered device of ours, a device below it
        // and the attributes of a request.
        unsafe {
            let lower = NetDevice::from_raw(lower);
            let attrs = Attrs::from_raw(data, D::MAX_PORT_ATTR);
            let ext = ExtAck::from_raw(ext);
            under_rtnl::<D, _>(dev, |d, dev, rtnl| {
                d.change_port(dev, lower, &attrs, ext.as_ref(), rtnl)
                    .map(|()| 0)
            })
        }
    })
}

/// # Safety
///
/// Called under RTNL with a registered device of ours.
unsafe extern "C" fn get_slave_size<D: Driver>(
    dev: *const c::net_device,
    _lower: *const c::net_device,
) -> usize {
    // SAFETY: get_slave_size is called under RTNL with a registered device of ours.
    let dev = unsafe { NetDevice::from_raw(dev.cast_mut()) };
    driver_of::<D>(dev).map_or(0, |d| d.fill_port_size())
}

/// # Safety
///
/// Called under RTNL with a registered device of ours, a device below it and a message to write
/// to.
unsafe extern "C" fn fill_slave_info<D: Driver>(
    skb: *mut c::sk_buff,
    dev: *const c::net_device,
    lower: *const c::net_device,
) -> ffi::c_int {
    from_result(|| {
        // SAFETY: fill_slave_info is called under RTNL with a registered device of ours, a device below it
        // and a message to write to.
        unsafe {
            let lower = NetDevice::from_raw(lower.cast_mut());
            let mut fill = Fill::from_raw(NonNull::new_unchecked(skb));
            under_rtnl::<D, _>(dev.cast_mut(), |d, dev, rtnl| {
                d.fill_port(dev, lower, &mut fill, rtnl).map(|()| 0)
            })
        }
    })
}
