// SPDX-License-Identifier: GPL-2.0

//! The trait of every driver of network devices.
//!
//! Each other ability is a trait of its own, each beside its callbacks: [`crate::ops`] (MTU, address, VLANs,
//! addresses listened to, counters), [`crate::link`] (netlink attributes), [`crate::upper`] (a device above
//! others), [`crate::sysfs`], [`crate::ethtool`], [`crate::xdp`], [`crate::xfrm`], [`crate::netpoll`],
//! [`crate::hwtstamp`], [`crate::rdma`], [`crate::headers`], [`crate::xstats`], [`crate::ioctl`]. A driver names
//! those that it has in [`Driver::offers`]; the others are NULL in its tables, as in a driver in C.
//!
//! C header: `include/linux/netdevice.h`.

use core::{marker::PhantomData, ops::Deref};

use cbindings as c;
use kernel::str::CStr;

use crate::{
    anchor::{driver_of, private, Anchor, Fixed},
    device::NetDevice,
    offers::Offers,
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    rtnl_work::RtnlWork,
    skb::{Sent, Skb},
    work::Work,
};

/// A structure that others take a device's private data for, or a lower device's rx_handler_data.
///
/// # Safety
///
/// Memory of zeroes is a value of it, and nothing has to be done when that goes.
pub unsafe trait Prefix: Send + Sync + 'static {}

// SAFETY: There is nothing of it.
unsafe impl Prefix for () {}

/// A kind of network device.
///
/// The device's private data is one `Self`, made by `init` when the device is registered.
pub trait Driver: Sized + Send + Sync + 'static {
    /// The structure that netdev_priv() begins with; `()` where nobody looks there.
    type Prefix: Prefix;

    /// The name pattern for a device that is given none.
    const NAME: &'static CStr;
    /// The type of device that udev is told (DEVTYPE).
    const DEVTYPE: Option<&'static CStr> = None;

    /// The name for `ip link add type`; always the same. `rtnl_link_ops::kind`.
    fn kind() -> &'static CStr;
    /// Its static, in which the registration is kept.
    const ANCHOR: Fixed<Anchor<Self>>;
    /// Names what the driver can do beside this trait.
    fn offers(_to: &mut Offers<'_, Self>) {}

    /// Returns the number of transmit queues of a device. `rtnl_link_ops::get_num_tx_queues`.
    fn tx_queues() -> u32 {
        1
    }

    /// Flags and features of a new device, which is Ethernet until then. `rtnl_link_ops::setup`.
    fn setup(_dev: &Fresh<'_, Self>) {}
    /// Makes the private data of a new device. `ndo_init`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn init(dev: &Registering<'_, Self>, rtnl: &Rtnl) -> Result<KBox<Self>>;
    /// The device goes away. `ndo_uninit`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep. What is still below the device is released after this.
    fn uninit(&self, _dev: &NetDevice, _rtnl: &Rtnl) {}

    /// Brings the device up. `ndo_open`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn open(&self, _dev: &NetDevice, _rtnl: &Rtnl) -> Result {
        Ok(())
    }
    /// Takes the device down. `ndo_stop`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn stop(&self, _dev: &NetDevice, _rtnl: &Rtnl) {}
    /// Transmits a packet. `ndo_start_xmit`.
    ///
    /// # Context
    ///
    /// Softirqs are off, or interrupts are (netpoll).
    fn xmit(&self, skb: Skb, rcu: &Rcu) -> Sent;
}

/// A driver that does things later.
pub trait Timed: Driver {
    /// Its timer has run out.
    ///
    /// # Context
    ///
    /// In a process of its own, no lock held; may sleep. Does not wait for RTNL: who holds it may be waiting
    /// for this to end.
    fn on_timer(&self, dev: &NetDevice);
    /// Does what it asked for, under RTNL. The device may be one that `uninit` has been called for.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn on_rtnl(&self, dev: &NetDevice, rtnl: &Rtnl);
}

/// A device that is being allocated: nobody else sees it.
pub struct Fresh<'a, D> {
    dev: &'a NetDevice,
    _driver: PhantomData<fn() -> D>,
}

impl<'a, D: Driver> Fresh<'a, D> {
    /// # Safety
    ///
    /// Nobody else sees the device, whose private data has room for that of `D`.
    pub(crate) unsafe fn new(dev: &'a NetDevice) -> Self {
        Fresh {
            dev,
            _driver: PhantomData,
        }
    }

    /// The device's place, and that of what its private data begins with: to be written to.
    pub fn prefix(&self) -> (*mut c::net_device, *mut D::Prefix) {
        let private = private::<D>(self.dev);
        // SAFETY: Only the place of a member is taken.
        (self.dev.as_ptr(), unsafe { &raw mut (*private).prefix })
    }

    /// A device above others: IFF_MASTER, no queue of its own, the features that such devices have.
    pub fn master(&self) {
        // SAFETY: Nobody else sees the device.
        unsafe { c::rb_setup_master(self.dev.as_ptr()) };
    }

    /// A device without hardware: no queue, no ARP, packets in any shape.
    pub fn without_hardware(&self) {
        // SAFETY: As above.
        unsafe { c::rb_setup_virtual(self.dev.as_ptr()) };
    }
}

/// A device that is being registered.
pub struct Registering<'a, D> {
    dev: &'a NetDevice,
    _driver: PhantomData<fn() -> D>,
}

impl<'a, D: Driver> Registering<'a, D> {
    /// # Safety
    ///
    /// The data that `Driver::init` returns are freed with the device.
    pub(crate) unsafe fn new(dev: &'a NetDevice) -> Self {
        Registering {
            dev,
            _driver: PhantomData,
        }
    }
}

impl<D> Deref for Registering<'_, D> {
    type Target = NetDevice;

    fn deref(&self) -> &NetDevice {
        self.dev
    }
}

impl<D: Timed> Registering<'_, D> {
    /// Work that runs [`Timed::on_timer`] when it is queued; to be kept in the private data.
    pub fn timer(&self) -> Result<Work> {
        // SAFETY: The driver's data, and so the work, is freed with the device.
        unsafe { Work::new(self.dev, on_timer::<D>) }
    }

    /// Work that runs [`Timed::on_rtnl`] when it is asked for; to be kept in the private data.
    pub fn later(&self) -> Result<RtnlWork> {
        // SAFETY: As above.
        unsafe { RtnlWork::new(self.dev, on_rtnl::<D>) }
    }
}

fn on_timer<D: Timed>(dev: &NetDevice) {
    if let Some(driver) = driver_of::<D>(dev) {
        driver.on_timer(dev);
    }
}

fn on_rtnl<D: Timed>(dev: &NetDevice, rtnl: &Rtnl) {
    if let Some(driver) = driver_of::<D>(dev) {
        driver.on_rtnl(dev, rtnl);
    }
}
