// SPDX-License-Identifier: GPL-2.0

//! Attributes by netlink: `struct rtnl_link_ops`.
//!
//! C header: `include/net/rtnetlink.h`.

use core::ptr::NonNull;

use cbindings as c;
use kernel::ffi;

use crate::{
    anchor::{driver_of, under_rtnl},
    device::NetDevice,
    driver::Driver,
    netlink::{Attrs, ExtAck, Fill, Policy},
    offers::{policies, Offers},
    prelude::*,
    rtnl::Rtnl,
    upper::Upper,
};

/// A driver whose devices have attributes: IFLA_INFO_DATA.
pub trait Link: Driver {
    /// The highest number of an attribute. `rtnl_link_ops::maxtype`.
    const MAX_ATTR: u16;
    /// Returns the check of an attribute. `rtnl_link_ops::policy`.
    fn policy(number: u16) -> Policy;

    /// Attributes of a new device, or of one that is there. `newlink`, `changelink`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn change(
        &self,
        dev: &NetDevice,
        attrs: &Attrs<'_>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// Octets that `fill` needs at the most. `get_size`.
    fn fill_size(&self, dev: &NetDevice) -> usize;
    /// Writes the device's attributes. `fill_info`.
    ///
    /// # Context
    ///
    /// RTNL is held.
    fn fill(&self, dev: &NetDevice, to: &mut Fill<'_>, rtnl: &Rtnl) -> Result;
}

/// A driver whose lower devices have attributes: IFLA_INFO_SLAVE_DATA.
pub trait PortLink: Upper {
    /// The highest number of an attribute. `rtnl_link_ops::slave_maxtype`.
    const MAX_PORT_ATTR: u16;
    /// Returns the check of an attribute. `rtnl_link_ops::slave_policy`.
    fn port_policy(number: u16) -> Policy;

    /// Attributes of a lower device. `slave_changelink`.
    ///
    /// # Context
    ///
    /// RTNL is held; may sleep.
    fn change_port(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        attrs: &Attrs<'_>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// Octets that `fill_port` needs at the most. `get_slave_size`.
    fn fill_port_size(&self) -> usize;
    /// Writes a lower device's attributes. `fill_slave_info`.
    ///
    /// # Context
    ///
    /// RTNL is held.
    fn fill_port(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        to: &mut Fill<'_>,
        rtnl: &Rtnl,
    ) -> Result;
}

impl<D: Link> Offers<'_, D> {
    /// Its devices have attributes.
    pub fn link(&mut self) -> &mut Self {
        if let Some(policy) = self.keep(policies(D::MAX_ATTR, D::policy)) {
            let link = self.link_ops();
            link.maxtype = D::MAX_ATTR.into();
            link.policy = policy.as_ptr();
            link.changelink = Some(changelink::<D>);
            link.get_size = Some(get_size::<D>);
            link.fill_info = Some(fill_info::<D>);
            self.tables.policy = policy;
            self.tables.change = Some(change::<D>);
        }
        self
    }
}

impl<D: PortLink> Offers<'_, D> {
    /// Its lower devices have attributes.
    pub fn port_link(&mut self) -> &mut Self {
        if let Some(policy) = self.keep(policies(D::MAX_PORT_ATTR, D::port_policy)) {
            let link = self.link_ops();
            link.slave_maxtype = D::MAX_PORT_ATTR.into();
            link.slave_policy = policy.as_ptr();
            link.slave_changelink = Some(slave_changelink::<D>);
            link.get_slave_size = Some(get_slave_size::<D>);
            link.fill_slave_info = Some(fill_slave_info::<D>);
            self.tables.port_policy = policy;
        }
        self
    }
}

/// The attributes with which a device is made.
///
/// # Safety
///
/// `dev` is a registered device of ours, RTNL is held, `data` is null or a table of attributes up to
/// `D::MAX_ATTR`.
unsafe fn change<D: Link>(
    dev: *mut c::net_device,
    data: *mut *mut c::nlattr,
    ext: Option<&ExtAck>,
) -> Result {
    // SAFETY: The caller's promise.
    unsafe {
        let attrs = Attrs::from_raw(data, D::MAX_ATTR);
        under_rtnl::<D, _>(dev, |d, dev, rtnl| d.change(dev, &attrs, ext, rtnl))
    }
}

/// # Safety
///
/// Called under RTNL with a registered device of ours and the attributes of a request.
unsafe extern "C" fn changelink<D: Link>(
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
unsafe extern "C" fn get_size<D: Link>(dev: *const c::net_device) -> usize {
    // SAFETY: get_size is called under RTNL with a registered device of ours.
    let dev = unsafe { NetDevice::from_raw(dev.cast_mut()) };
    driver_of::<D>(dev).map_or(0, |d| d.fill_size(dev))
}

/// # Safety
///
/// Called under RTNL with a registered device of ours and a message to write to.
unsafe extern "C" fn fill_info<D: Link>(
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
/// Called under RTNL with a registered device of ours, a device below it and the attributes of a
/// request.
unsafe extern "C" fn slave_changelink<D: PortLink>(
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
unsafe extern "C" fn get_slave_size<D: PortLink>(
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
unsafe extern "C" fn fill_slave_info<D: PortLink>(
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
