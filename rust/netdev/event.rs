// SPDX-License-Identifier: GPL-2.0

//! Events of devices.
//!
//! C header: `include/linux/netdevice.h`.

use cbindings as c;
use kernel::ffi;

/// Event of a device. NETDEV_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is new.
    Register,
    /// It has been brought up.
    Up,
    /// It has been taken down.
    Down,
    /// Its carrier, or something else that user space sees, has changed.
    Change,
    /// It has another name.
    ChangeName,
    /// It has another address.
    ChangeAddr,
    /// It can offload other things.
    FeatureChange,
    /// It can do other things with XDP.
    XdpFeatureChange,
    /// It wants multicast groups joined again.
    ResendIgmp,
    /// It is going away.
    Unregister,
}

impl Event {
    pub(crate) fn from_raw(event: ffi::c_ulong) -> Option<Event> {
        Some(match event as c::netdev_cmd {
            c::netdev_cmd_NETDEV_REGISTER => Event::Register,
            c::netdev_cmd_NETDEV_UP => Event::Up,
            c::netdev_cmd_NETDEV_DOWN => Event::Down,
            c::netdev_cmd_NETDEV_CHANGE => Event::Change,
            c::netdev_cmd_NETDEV_CHANGENAME => Event::ChangeName,
            c::netdev_cmd_NETDEV_CHANGEADDR => Event::ChangeAddr,
            c::netdev_cmd_NETDEV_FEAT_CHANGE => Event::FeatureChange,
            c::netdev_cmd_NETDEV_XDP_FEAT_CHANGE => Event::XdpFeatureChange,
            c::netdev_cmd_NETDEV_RESEND_IGMP => Event::ResendIgmp,
            c::netdev_cmd_NETDEV_UNREGISTER => Event::Unregister,
            _ => return None,
        })
    }
}
