// SPDX-License-Identifier: GPL-2.0

//! A lower device under a master: the link between the two, and the way its packets take.
//!
//! C header: `include/linux/netdevice.h`.

use core::{
    cell::UnsafeCell,
    ops::Deref,
    ptr::NonNull,
    sync::atomic::{AtomicI32, Ordering},
};

use cbindings as c;
use kernel::sync::Arc;

use crate::{
    anchor,
    device::{DevRef, NetDevice},
    log::{self, Level},
    netlink::ExtAck,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    skb::RxSkb,
    sysfs,
    upper::{Receive, Upper},
};

/// The way in which an aggregate transmits, for drivers that offload it. NETDEV_LAG_TX_TYPE_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LagTx {
    /// Nothing that hardware could do.
    Unknown = c::netdev_lag_tx_type_NETDEV_LAG_TX_TYPE_UNKNOWN,
    /// In turn.
    RoundRobin = c::netdev_lag_tx_type_NETDEV_LAG_TX_TYPE_ROUNDROBIN,
    /// On one.
    ActiveBackup = c::netdev_lag_tx_type_NETDEV_LAG_TX_TYPE_ACTIVEBACKUP,
    /// On all.
    Broadcast = c::netdev_lag_tx_type_NETDEV_LAG_TX_TYPE_BROADCAST,
    /// By a hash of the flow.
    Hash = c::netdev_lag_tx_type_NETDEV_LAG_TX_TYPE_HASH,
}

/// By what an aggregate tells flows apart. NETDEV_LAG_HASH_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum LagHash {
    /// By nothing.
    None = c::netdev_lag_hash_NETDEV_LAG_HASH_NONE,
    /// MACs.
    L2 = c::netdev_lag_hash_NETDEV_LAG_HASH_L2,
    /// Addresses and ports.
    L34 = c::netdev_lag_hash_NETDEV_LAG_HASH_L34,
    /// MACs and addresses.
    L23 = c::netdev_lag_hash_NETDEV_LAG_HASH_L23,
    /// MACs and addresses, inside of tunnels.
    E23 = c::netdev_lag_hash_NETDEV_LAG_HASH_E23,
    /// Addresses and ports, inside of tunnels.
    E34 = c::netdev_lag_hash_NETDEV_LAG_HASH_E34,
    /// VLAN and source MAC.
    VlanSrcMac = c::netdev_lag_hash_NETDEV_LAG_HASH_VLAN_SRCMAC,
}

/// A lower device that is linked to its master and whose packets go to [`Upper::receive`].
///
/// # Invariants
///
/// From `attach` to `detach`, `rx_handler_data` of the lower device is a [`Handle`]. The handler is
/// gone before its master is: whatever a driver does, `detach_all` takes the links of a master apart that goes.
pub struct Attached {
    lower: DevRef,
    /// [`take_apart`], for the driver that the master is of.
    take_apart: fn(&NetDevice, &Rtnl),
}

/// A port as packets find it: its device stands beside it, so that nobody has to look into the
/// port for it.
///
/// # Invariants
///
/// `dev` is the device of `port`, which keeps it.
pub struct Hop<P> {
    dev: NonNull<c::net_device>,
    port: Arc<P>,
}

// SAFETY: It is a port and, by the invariant, a device that lives as long.
unsafe impl<P: Send + Sync> Send for Hop<P> {}
// SAFETY: As above.
unsafe impl<P: Send + Sync> Sync for Hop<P> {}

impl<P: AsRef<DevRef>> Hop<P> {
    /// The way through a port.
    pub fn new(port: Arc<P>) -> Self {
        // A port that is shared cannot lose the `DevRef` that it lends.
        let dev = NonNull::from(&**P::as_ref(&port)).cast();
        Hop { dev, port }
    }
}

impl<P> Hop<P> {
    /// The device.
    #[inline]
    pub fn device(&self) -> &NetDevice {
        // SAFETY: By the invariant it lives as long as the port, and that as long as `self`.
        unsafe { NetDevice::from_raw(self.dev.as_ptr()) }
    }
}

impl<P> Clone for Hop<P> {
    fn clone(&self) -> Self {
        Hop {
            dev: self.dev,
            port: self.port.clone(),
        }
    }
}

impl<P> Deref for Hop<P> {
    type Target = P;

    #[inline]
    fn deref(&self) -> &P {
        &self.port
    }
}

/// The data of the receive handler: the port, and the master that gets its packets.
#[repr(C)]
struct Handle<D: Upper> {
    /// First: others take the whole for one.
    prefix: UnsafeCell<D::PortPrefix>,
    head: UnsafeCell<c::callback_head>,
    port: Arc<D::Port>,
    master: *mut c::net_device,
    driver: *const D,
}

impl<D: Upper> Handle<D> {
    /// A handle on the heap, made where it stays.
    #[inline(never)]
    fn on_heap(lower: &NetDevice, master: &NetDevice, port: Arc<D::Port>) -> Result<*mut Self> {
        let driver = anchor::driver_of::<D>(master).ok_or(ENODEV)?;
        let zeroed = GFP_KERNEL | kernel::alloc::flags::__GFP_ZERO;
        let mut room = KBox::<Self>::new_uninit(zeroed)?;
        let to = room.as_mut_ptr();
        // SAFETY: The memory is ours. Zeroes are a value of the prefix and of what C has; the members that are
        // none of zeroes are written.
        let handle = unsafe {
            driver.begin_port(&port, lower, master, (*to).prefix.get_mut());
            (&raw mut (*to).port).write(port);
            (&raw mut (*to).master).write(master.as_ptr());
            (&raw mut (*to).driver).write(driver);
            room.assume_init()
        };
        Ok(KBox::into_raw(handle))
    }
}

impl Attached {
    /// Links `lower` below `master`, which offers [`Upper`], and says how that aggregates, if it does. On an error
    /// nothing has changed.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn attach<D: Upper>(
        rtnl: &Rtnl,
        lower: &NetDevice,
        master: &NetDevice,
        port: Arc<D::Port>,
        lag: Option<(LagTx, LagHash)>,
        ext: Option<&ExtAck>,
    ) -> Result<Self> {
        // SAFETY: There is a device of the driver, and so there are its tables.
        if !master.is_of::<D>() || unsafe { (*D::ANCHOR.tables()).detach_all.is_none() } {
            return Err(EINVAL);
        }
        let this = Attached {
            lower: lower.netdev_hold()?,
            take_apart: take_apart::<D>,
        };
        let data = Handle::<D>::on_heap(lower, master, port)?;
        // SAFETY: RTNL is held; `data` lives until after the handler is unregistered.
        let err = unsafe {
            c::netdev_rx_handler_register(lower.as_ptr(), Some(on_receive::<D>), data.cast())
        };
        if let Err(e) = to_result(err) {
            // SAFETY: The handler was not registered, so the box is still ours alone.
            drop(unsafe { KBox::from_raw(data) });
            return Err(e);
        }
        D::on_handler(lower, rtnl, true);
        let mut info = lag.map(|(tx, hash)| c::netdev_lag_upper_info {
            tx_type: tx as u32,
            hash_type: hash as u32,
        });
        let info = info
            .as_mut()
            .map_or(core::ptr::null_mut(), core::ptr::from_mut);
        // SAFETY: RTNL is held, both devices are registered, and the information is read only now.
        let err = unsafe {
            c::netdev_master_upper_dev_link(
                lower.as_ptr(),
                master.as_ptr(),
                data.cast(),
                info.cast(),
                ExtAck::raw(ext),
            )
        };
        if let Err(e) = to_result(err) {
            silence::<D>(lower, rtnl);
            return Err(e);
        }
        D::on_link(lower, rtnl, true);
        if let Err(e) = sysfs::attach_port::<D>(lower, master, rtnl) {
            unlink::<D>(lower, rtnl);
            return Err(e);
        }
        Ok(this)
    }

    /// Takes the link apart.
    pub fn detach(self, rtnl: &Rtnl) {
        (self.take_apart)(&self.lower, rtnl);
    }
}

/// Takes a lower device off its master, if that is one of `D`.
fn take_apart<D: Upper>(lower: &NetDevice, rtnl: &Rtnl) {
    // `detach_all` may have been here before.
    if let Some((_, master)) = of::<D>(lower, rtnl) {
        sysfs::detach_port::<D>(lower, master, rtnl);
        unlink::<D>(lower, rtnl);
    }
}

/// No packet of a lower device, whose handler is ours, comes to us any more.
fn silence<D: Upper>(lower: &NetDevice, rtnl: &Rtnl) {
    D::on_handler(lower, rtnl, false);
    // SAFETY: RTNL is held. The callers have registered the handler or have found the device below one of
    // ours, so the data is a `Handle` of ours.
    unsafe {
        let data = c::rb_rx_handler_data_rtnl(lower.as_ptr()).cast::<Handle<D>>();
        // Waits for those who run it; not for others who look at the data.
        c::netdev_rx_handler_unregister(lower.as_ptr());
        c::call_rcu((*data).head.get(), Some(free::<D>));
    }
}

/// Undoes the link of a device that is below one of ours.
fn unlink<D: Upper>(lower: &NetDevice, rtnl: &Rtnl) {
    // SAFETY: RTNL is held, and the device is linked to a master of ours.
    let master = unsafe { c::netdev_master_upper_dev_get(lower.as_ptr()) };
    // The link goes first under RTNL: from here on `of` finds nothing.
    // SAFETY: RTNL is held and the devices are linked.
    unsafe { c::netdev_upper_dev_unlink(lower.as_ptr(), master) };
    silence::<D>(lower, rtnl);
    D::on_link(lower, rtnl, false);
}

/// Takes apart whatever links a master of `D` still has, which goes away: no handler may find it then,
/// whatever its driver has forgotten.
#[inline]
pub(crate) fn detach_all<D: Upper>(master: &NetDevice, rtnl: &Rtnl) {
    // SAFETY: RTNL is held.
    if !unsafe { c::rb_first_lower(master.as_ptr()) }.is_null() {
        detach_rest::<D>(master, rtnl);
    }
}

/// As said, of a master that has some left.
#[cold]
#[inline(never)]
fn detach_rest<D: Upper>(master: &NetDevice, rtnl: &Rtnl) {
    loop {
        // SAFETY: RTNL keeps the list of lower devices as it is, and them alive.
        let lower = unsafe {
            let lower = c::rb_first_lower(master.as_ptr());
            (!lower.is_null()).then(|| NetDevice::from_raw(lower))
        };
        let Some(lower) = lower.filter(|lower| of::<D>(lower, rtnl).is_some()) else {
            return;
        };
        log::line(
            Level::Error,
            Some(master),
            format_args!("{} was left below it by the driver: released", lower.name()),
        );
        take_apart::<D>(lower, rtnl);
    }
}

/// # Safety
///
/// `head` is part of a handle that nobody finds any more.
unsafe extern "C" fn free<D: Upper>(head: *mut c::callback_head) {
    // SAFETY: The caller's promise; the handle came from a `KBox`.
    unsafe {
        let handle = head.byte_sub(core::mem::offset_of!(Handle<D>, head));
        drop(KBox::from_raw(handle.cast::<Handle<D>>()));
    }
}

/// Returns the structure that others see of a device below one of a driver's.
pub fn prefix<D: Upper>(lower: &NetDevice, rtnl: &Rtnl) -> Option<NonNull<D::PortPrefix>> {
    of::<D>(lower, rtnl)?;
    // SAFETY: RTNL is held, and the data is a `Handle`, which begins with the structure.
    NonNull::new(unsafe { c::rb_rx_handler_data_rtnl(lower.as_ptr()) }.cast())
}

/// Returns the start of a device's rx_handler_data, if the handler is that of ports of `D`.
pub fn prefix_of_handler<D: Upper>(
    lower: &NetDevice,
    _rtnl: &Rtnl,
) -> Option<NonNull<D::PortPrefix>> {
    // SAFETY: RTNL is held: a handler that is ours has its data, which is a `Handle`.
    unsafe {
        if !c::rb_rx_handler_is(lower.as_ptr(), Some(on_receive::<D>)) {
            return None;
        }
        NonNull::new(c::rb_rx_handler_data_rtnl(lower.as_ptr()).cast())
    }
}

/// The port that a device is to one of our masters, and that master.
pub(crate) fn of<'a, D: Upper>(
    dev: &NetDevice,
    rtnl: &'a Rtnl,
) -> Option<(Arc<D::Port>, &'a NetDevice)> {
    // SAFETY: RTNL is held, and keeps a master linked as long as it is.
    let master = unsafe {
        let master = c::netdev_master_upper_dev_get(dev.as_ptr());
        (!master.is_null()).then(|| NetDevice::from_raw(master))?
    };
    if !anchor::is_ours::<D>(master) {
        return None;
    }
    // SAFETY: A device is linked below one of ours only between `attach` and `detach`, and then
    // its data is a `Handle`.
    let handle = unsafe {
        c::rb_rx_handler_data_rtnl(dev.as_ptr())
            .cast::<Handle<D>>()
            .as_ref()?
    };
    let _ = rtnl;
    Some((handle.port.clone(), master))
}

/// As [`of`], for those who only look: the port and the driver of its master.
pub(crate) fn seen<'a, D: Upper>(dev: &NetDevice, _rcu: &'a Rcu) -> Option<(&'a D::Port, &'a D)> {
    // SAFETY: While the handler is ours, so is the data: `silence` takes the handler away first and
    // waits for us before it takes the data. Handle and driver are freed after the section: the one
    // by RCU, the other after `silence`.
    unsafe {
        if !c::rb_rx_handler_is(dev.as_ptr(), Some(on_receive::<D>)) {
            return None;
        }
        let handle = &*c::rb_rx_handler_data(dev.as_ptr()).cast::<Handle<D>>();
        Some((&*handle.port, &*handle.driver))
    }
}

/// # Safety
///
/// Called by the network stack in a read-side section, for a device that `attach` registered.
unsafe extern "C" fn on_receive<D: Upper>(pskb: *mut *mut c::sk_buff) -> c::rx_handler_result_t {
    // SAFETY: The stack passes the place of a live packet. While the handler runs, its data is a
    // live `Handle`: `silence` waits for us.
    let (skb, handle, alone) = unsafe {
        let skb = NonNull::new_unchecked(*pskb);
        let dev = (*skb.as_ptr())
            .__bindgen_anon_1
            .__bindgen_anon_1
            .__bindgen_anon_1
            .dev;
        let handle = &*((*dev).rx_handler_data as *const Handle<D>);
        (skb, handle, is_ours_alone(skb.as_ptr()))
    };
    if alone {
        // SAFETY: The packet is ours alone, and the handler is gone before the master is.
        let (mut packet, master) =
            unsafe { (RxSkb::from_raw(skb), NetDevice::from_raw(handle.master)) };
        if D::takes(master, &handle.port, &packet) {
            packet.set_dev(handle.master);
            return c::rx_handler_result_RX_HANDLER_ANOTHER;
        }
    }
    // SAFETY: As promised to us.
    unsafe { receive_rest::<D>(pskb, handle) }
}

/// Nobody else holds the packet: it may be changed.
///
/// # Safety
///
/// The packet is live.
#[inline]
unsafe fn is_ours_alone(skb: *mut c::sk_buff) -> bool {
    // SAFETY: The caller's promise; the count is changed by atomic operations only.
    let users = unsafe { AtomicI32::from_ptr(&raw mut (*skb).users.refs.counter) };
    users.load(Ordering::Relaxed) == 1
}

/// Receives a packet that takes more than a glance.
///
/// # Safety
///
/// As for `on_receive`, whose packet's device has this handle.
#[inline(never)]
unsafe fn receive_rest<D: Upper>(
    pskb: *mut *mut c::sk_buff,
    handle: &Handle<D>,
) -> c::rx_handler_result_t {
    // SAFETY: The stack passes a live packet. If it had to be copied for us, the stack goes on
    // with the copy; without memory for one there is no packet any more.
    let skb = unsafe {
        if !is_ours_alone(*pskb) {
            *pskb = c::rb_skb_share_check(*pskb);
        }
        NonNull::new(*pskb)
    };
    let Some(skb) = skb else {
        return c::rx_handler_result_RX_HANDLER_CONSUMED;
    };
    // SAFETY: The packet is ours alone now; the stack holds the section around us.
    let (mut packet, rcu) = unsafe { (RxSkb::from_raw(skb), Rcu::assume()) };
    // SAFETY: The handler is gone before the master and its driver are.
    let (driver, master) = unsafe { (&*handle.driver, NetDevice::from_raw(handle.master)) };
    match driver.receive(master, &handle.port, &mut packet, rcu) {
        Receive::Master => {
            packet.set_dev(handle.master);
            c::rx_handler_result_RX_HANDLER_ANOTHER
        }
        Receive::Exact => c::rx_handler_result_RX_HANDLER_EXACT,
        Receive::Pass => c::rx_handler_result_RX_HANDLER_PASS,
        Receive::Consumed => {
            // SAFETY: The packet is ours to free.
            unsafe { c::consume_skb(skb.as_ptr()) };
            c::rx_handler_result_RX_HANDLER_CONSUMED
        }
    }
}
