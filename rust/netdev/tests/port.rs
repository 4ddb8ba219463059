// SPDX-License-Identifier: GPL-2.0

//! Devices to try things on, for the suites of a driver.

use core::ptr::NonNull;

use cbindings as c;

use crate::{
    anchor,
    device::{NetDevice, Vlan},
    driver::Driver,
    prelude::*,
    rtnl::Rtnl,
    tests::Outcome,
    upper::Upper,
    vtable,
};

/// Calls of a lower device's driver, as the test's driver records and fails them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Call {
    /// To come up.
    Open = c::RB_TEST_OPEN,
    /// To go down.
    Close = c::RB_TEST_CLOSE,
    /// To send from another address.
    Address = c::RB_TEST_ADDRESS,
    /// To take another MTU.
    Mtu = c::RB_TEST_MTU,
    /// To receive a VLAN.
    Vlan = c::RB_TEST_VLAN,
    /// To receive it no more.
    NoVlan = c::RB_TEST_NO_VLAN,
    /// To report how it stamps packets, or to stamp in some way.
    Stamp = c::RB_TEST_STAMP,
}

/// Events to which a listener can say no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Veto {
    /// Nothing.
    None = 0,
    /// The device gets a master.
    ChangeUpper = c::netdev_cmd_NETDEV_PRECHANGEUPPER,
    /// The same, when it has one already.
    ChangedUpper = c::netdev_cmd_NETDEV_CHANGEUPPER,
    /// The device comes up.
    Up = c::netdev_cmd_NETDEV_PRE_UP,
    /// Its address changes.
    Address = c::netdev_cmd_NETDEV_PRE_CHANGEADDR,
    /// Its MTU changes.
    Mtu = c::netdev_cmd_NETDEV_PRECHANGEMTU,
    /// It is being made: the first event.
    Init = c::netdev_cmd_NETDEV_POST_INIT,
    /// It is being made: it is registered.
    Register = c::netdev_cmd_NETDEV_REGISTER,
}

/// All that becoming a slave may change of a device.
pub struct State(c::rb_test_state);

impl State {
    fn numbers(&self) -> [(&'static str, u32); 10] {
        let s = &self.0;
        [
            ("flags", s.flags),
            ("no_addrconf", s.no_addrconf),
            ("bonding", s.bonding),
            ("mtu", s.mtu),
            ("promiscuity", s.promiscuity),
            ("allmulti", s.allmulti),
            ("unicast", s.unicast),
            ("multicast", s.multicast),
            ("mastered", s.mastered),
            ("handled", s.handled),
        ]
    }
}

impl State {
    /// It has a master, or its packets go to one.
    pub fn is_linked(&self) -> bool {
        self.0.mastered != 0 || self.0.handled != 0
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.numbers() == other.numbers() && self.0.address == other.0.address
    }
}

impl core::fmt::Display for State {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (name, number) in self.numbers() {
            write!(f, "{name} {number} ")?;
        }
        write!(f, "address {:?}", self.0.address)
    }
}

/// Returns the state of a device.
pub fn state(dev: &NetDevice) -> State {
    let mut state = c::rb_test_state::default();
    // SAFETY: The device is alive.
    unsafe { c::rb_test_look(dev.as_ptr(), &mut state) };
    State(state)
}

/// A lower device, there until this is dropped.
pub struct Lower<'a> {
    dev: &'a NetDevice,
    _rtnl: &'a Rtnl,
}

impl<'a> Lower<'a> {
    /// Makes one.
    pub fn new(rtnl: &'a Rtnl) -> Outcome<Self> {
        // SAFETY: RTNL is held.
        let dev = NonNull::new(unsafe { c::rb_test_device() }).ok_or(ENOMEM)?;
        Ok(Lower {
            // SAFETY: It is registered, and stays so until we are dropped, under the same RTNL.
            dev: unsafe { NetDevice::from_raw(dev.as_ptr()) },
            _rtnl: rtnl,
        })
    }

    /// From here on its calls are written down; it refuses the next of that kind.
    pub fn refuse(&self, call: Option<Call>) {
        // SAFETY: The device is one of the suites'.
        unsafe { c::rb_test_refuse(self.dev.as_ptr(), call.map_or(0, |call| call as u32)) };
    }

    /// Returns the calls of its driver since.
    pub fn calls<'b>(&self, to: &'b mut [u8; 64]) -> &'b [u8] {
        // SAFETY: The device is one of the suites', and there is so much room.
        let len = unsafe { c::rb_test_calls(self.dev.as_ptr(), to.as_mut_ptr(), 64) };
        to.get(..len as usize).unwrap_or(&[])
    }
}

impl core::ops::Deref for Lower<'_> {
    type Target = NetDevice;

    fn deref(&self) -> &NetDevice {
        self.dev
    }
}

impl Drop for Lower<'_> {
    fn drop(&mut self) {
        // SAFETY: RTNL is held; it is freed when that is let go.
        unsafe { c::unregister_netdevice_queue(self.dev.as_ptr(), core::ptr::null_mut()) };
    }
}

/// Someone who listens to devices, and says no.
pub struct Listener(());

impl Listener {
    /// Begins to listen. One at a time.
    pub fn new() -> Outcome<Self> {
        // SAFETY: The block is static and not on the chain.
        to_result(unsafe { c::rb_test_veto_begin() })?;
        Ok(Listener(()))
    }

    /// Says no to the next of these. False if it was not asked about the one before.
    pub fn say_no(&self, veto: Veto) -> bool {
        // SAFETY: Callable from anywhere.
        unsafe { c::rb_test_veto(veto as usize) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.say_no(Veto::None);
        // SAFETY: It is on the chain.
        unsafe { c::rb_test_veto_end() };
    }
}

/// A device of the driver, there until this is dropped.
pub struct Master<'a> {
    dev: &'a NetDevice,
    rtnl: &'a Rtnl,
    remove: fn(&NetDevice, &Rtnl),
}

const NAME: &[u8] = b"kunitbond0";

/// The device that [`Master`] makes, if it is there.
fn find(rtnl: &Rtnl) -> Option<&NetDevice> {
    // SAFETY: The loopback device of the first namespace lives as long as the kernel.
    let lo = unsafe { NetDevice::from_raw(c::init_net.loopback_dev) };
    lo.dev_get_by_name(rtnl, NAME)
}

impl<'a> Master<'a> {
    /// Makes one in the first namespace.
    pub fn new<D: Driver>(rtnl: &'a Rtnl) -> Result<Self> {
        // SAFETY: The first namespace is always there.
        unsafe { vtable::create::<D>(&raw mut c::init_net, Some(NAME), rtnl)? };
        let dev = find(rtnl).ok_or(ENODEV)?;
        Ok(Master {
            dev,
            rtnl,
            remove: NetDevice::unregister_netdevice::<D>,
        })
    }

    /// Takes the links below it apart, as when its driver has forgotten them on its way out.
    pub fn detach_all<D: Upper>(&self) {
        crate::port::detach_all::<D>(self.dev, self.rtnl);
    }

    /// There is none.
    pub fn is_gone(rtnl: &Rtnl) -> bool {
        find(rtnl).is_none()
    }

    /// Its driver.
    pub fn driver<D: Driver>(&self) -> Outcome<&D> {
        Ok(anchor::driver_of::<D>(self.dev).ok_or(ENODEV)?)
    }

    /// Asks how it stamps packets, or has it do it in some way; with these flags, and says which
    /// the answer has. HWTSTAMP_FLAG_*.
    pub fn hwtstamp(&self, set: bool, mut flags: i32) -> Result<i32> {
        // SAFETY: RTNL is held and the device is registered.
        let err = unsafe { c::rb_test_hwtstamp(self.dev.as_ptr(), set, &mut flags) };
        to_result(err)?;
        Ok(flags)
    }

    /// The lower device by which somebody else sends an IPv4 frame of these bytes, as RDMA does;
    /// `any`: of all of them.
    pub fn lower_of(&self, frame: &[u8], any: bool) -> Outcome<Option<&NetDevice>> {
        const IPV4: u16 = 0x0800;
        let (at, len) = (frame.as_ptr(), frame.len() as u32);
        // SAFETY: There are so many bytes. The packet is ours, and freed here; the lower device
        // stays what it is, for RTNL is held.
        unsafe {
            let skb = NonNull::new(c::rb_test_skb(at, len, len, 1, IPV4)).ok_or(ENOMEM)?;
            let lower = c::rb_test_xmit_slave(self.dev.as_ptr(), skb.as_ptr(), any);
            c::rb_test_skb_free(skb.as_ptr());
            Ok(NonNull::new(lower).map(|lower| NetDevice::from_raw(lower.as_ptr())))
        }
    }

    /// Has it receive a VLAN, as one on top of it would.
    pub fn add_vlan(&self, id: u16) -> Result {
        self.dev.vlan_vid_add(
            self.rtnl,
            Vlan {
                proto: 0x8100u16.to_be(),
                id,
            },
        )
    }

    /// Takes that back.
    pub fn del_vlan(&self, id: u16) {
        self.dev.vlan_vid_del(
            self.rtnl,
            Vlan {
                proto: 0x8100u16.to_be(),
                id,
            },
        )
    }
}

impl core::ops::Deref for Master<'_> {
    type Target = NetDevice;

    fn deref(&self) -> &NetDevice {
        self.dev
    }
}

impl Drop for Master<'_> {
    fn drop(&mut self) {
        (self.remove)(self.dev, self.rtnl);
    }
}
