// SPDX-License-Identifier: GPL-2.0

//! Network devices.
//!
//! C header: `include/linux/netdevice.h`.

use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::ManuallyDrop,
    net::Ipv4Addr,
    ops::Deref,
    ptr,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
};

use cbindings as c;
use wire::{duplex::Duplex, mac::Mac};

pub use crate::names::{HwAddr, Name};

use crate::{netlink::ExtAck, prelude::*, rtnl::Rtnl, stats::Stats};

/// A network device.
///
/// # Invariants
///
/// A reference lives no longer than something that keeps the device: a [`DevRef`], RTNL while it
/// is registered, or a read-side section in which it was found.
#[repr(transparent)]
pub struct NetDevice(UnsafeCell<c::net_device>);

// SAFETY: What the methods read without RTNL is read atomically or never changes.
unsafe impl Sync for NetDevice {}

/// The bit of `net_device::state` that says there is no carrier.
const NOCARRIER: u64 = 1 << c::netdev_state_t___LINK_STATE_NOCARRIER;
/// The bit of `net_device::state` that says that what its carrier did has still to be dealt with.
const LINKWATCH_PENDING: u64 = 1 << c::netdev_state_t___LINK_STATE_LINKWATCH_PENDING;
/// The bit of `net_device::state` that says the device is running.
const START: u64 = 1 << c::netdev_state_t___LINK_STATE_START;

impl NetDevice {
    /// # Safety
    ///
    /// The device lives for all of `'a`.
    #[inline]
    pub unsafe fn from_raw<'a>(dev: *mut c::net_device) -> &'a NetDevice {
        // SAFETY: The caller's promise; the type is transparent.
        unsafe { &*dev.cast() }
    }

    /// The C structure.
    #[inline]
    pub fn as_ptr(&self) -> *mut c::net_device {
        self.0.get()
    }

    /// It is the same device.
    #[inline]
    pub fn is(&self, other: &NetDevice) -> bool {
        ptr::eq(self, other)
    }

    #[inline]
    fn state(&self) -> u64 {
        // SAFETY: `state` is a live u64 that the kernel changes by atomic bit operations only.
        unsafe { AtomicU64::from_ptr((&raw mut (*self.as_ptr()).state).cast()) }
            .load(Ordering::Relaxed)
    }

    /// It is up and has a carrier: a frame given to it can go out.
    #[inline]
    pub fn can_send(&self) -> bool {
        self.state() & (NOCARRIER | START) == START
    }

    /// The driver sees a carrier.
    pub fn netif_carrier_ok(&self) -> bool {
        self.state() & NOCARRIER == 0
    }

    /// The kernel has still to deal with a change of its carrier: until then, what is sent by a device
    /// whose link has just come up may be dropped by its queue.
    pub fn is_link_pending(&self) -> bool {
        self.state() & LINKWATCH_PENDING != 0
    }

    /// It has been opened.
    pub fn netif_running(&self) -> bool {
        self.state() & START != 0
    }

    /// IFF_* flags.
    pub fn flags(&self) -> u32 {
        // SAFETY: A live u32, which may be read while another CPU writes it.
        unsafe { AtomicU32::from_ptr(&raw mut (*self.as_ptr()).flags) }.load(Ordering::Relaxed)
    }

    /// IFF_UP is set.
    pub fn is_up(&self) -> bool {
        self.flags() & c::net_device_flags_IFF_UP != 0
    }

    /// IFF_PROMISC is set.
    pub fn is_promiscuous(&self) -> bool {
        self.flags() & c::net_device_flags_IFF_PROMISC != 0
    }

    /// IFF_ALLMULTI is set.
    pub fn is_allmulti(&self) -> bool {
        self.flags() & c::net_device_flags_IFF_ALLMULTI != 0
    }

    /// IFF_MASTER is set.
    pub fn is_master(&self) -> bool {
        self.flags() & c::net_device_flags_IFF_MASTER != 0
    }

    /// Sets or clears IFF_SLAVE.
    pub fn mark_slave(&self, _rtnl: &Rtnl, on: bool) {
        let flag = c::net_device_flags_IFF_SLAVE;
        // SAFETY: A live u32, which others may read meanwhile; it is written under RTNL only.
        let flags = unsafe { AtomicU32::from_ptr(&raw mut (*self.as_ptr()).flags) };
        let now = flags.load(Ordering::Relaxed);
        flags.store(if on { now | flag } else { now & !flag }, Ordering::Relaxed);
    }

    /// The name at this moment.
    pub fn name(&self) -> Name {
        // SAFETY: The array is part of the live device. A rename while we read gives a mixed name,
        // as it does everywhere in the kernel that prints one without RTNL.
        let raw = unsafe { ptr::read_volatile(&raw const (*self.as_ptr()).name) };
        Name(raw)
    }

    /// The interface index, fixed while it is registered.
    pub fn ifindex(&self) -> i32 {
        // SAFETY: A plain read of the live device.
        unsafe { ptr::read_volatile(&raw const (*self.as_ptr()).ifindex) }
    }

    /// Bytes of payload in a frame.
    pub fn mtu(&self) -> u32 {
        // SAFETY: As above.
        unsafe { ptr::read_volatile(&raw const (*self.as_ptr()).mtu) }
    }

    /// ARPHRD_*: the kind of hardware.
    pub fn hw_type(&self) -> u16 {
        // SAFETY: As above.
        unsafe { ptr::read_volatile(&raw const (*self.as_ptr()).type_) }
    }

    /// ARPHRD_ETHER.
    pub fn is_ethernet(&self) -> bool {
        u32::from(self.hw_type()) == c::ARPHRD_ETHER
    }

    /// ARPHRD_CAN.
    pub fn is_can(&self) -> bool {
        u32::from(self.hw_type()) == c::ARPHRD_CAN
    }

    /// ARPHRD_INFINIBAND.
    pub fn is_infiniband(&self) -> bool {
        u32::from(self.hw_type()) == c::ARPHRD_INFINIBAND
    }

    /// The address that it sends from.
    pub fn address(&self, _rtnl: &Rtnl) -> HwAddr {
        // SAFETY: The address changes under RTNL only, and `addr_len` octets of it are there.
        unsafe { HwAddr::from_raw((*self.as_ptr()).dev_addr, (*self.as_ptr()).addr_len) }
    }

    /// The address was made up when the device was made (NET_ADDR_RANDOM).
    pub fn has_random_address(&self, _rtnl: &Rtnl) -> bool {
        // SAFETY: Changes under RTNL only.
        u32::from(unsafe { (*self.as_ptr()).addr_assign_type }) == c::NET_ADDR_RANDOM
    }

    /// No address has been given yet.
    pub(crate) fn has_no_address(&self, rtnl: &Rtnl) -> bool {
        // SAFETY: Changes under RTNL only.
        let permanent = u32::from(unsafe { (*self.as_ptr()).addr_assign_type }) == c::NET_ADDR_PERM;
        permanent && self.address(rtnl).as_bytes().iter().all(|b| *b == 0)
    }

    /// Makes up an address.
    pub fn eth_hw_addr_random(&self, _rtnl: &Rtnl) {
        // SAFETY: The device is alive, and RTNL is held.
        unsafe { c::rb_eth_hw_addr_random(self.as_ptr()) };
    }

    /// Writes the address down, telling neither the driver nor anybody else.
    pub fn dev_addr_set(&self, _rtnl: &Rtnl, addr: &HwAddr) {
        // SAFETY: RTNL is held; the buffer is as long as any address.
        unsafe { c::rb_dev_addr_set(self.as_ptr(), addr.bytes.as_ptr()) };
    }

    /// It is a port of a bridge.
    #[inline]
    pub fn is_bridge_port(&self) -> bool {
        // SAFETY: The device is alive; `priv_flags` are the first word of the bit field, which
        // only holders of RTNL write.
        let flags = unsafe {
            let word = &raw const (*self.as_ptr())
                .__bindgen_anon_1
                .__bindgen_anon_1
                ._bitfield_1;
            word.cast::<u32>().read_volatile()
        };
        flags & c::netdev_priv_flags_IFF_BRIDGE_PORT != 0
    }

    /// A bridge in the same network namespace has this address.
    pub fn has_bridge_with(&self, addr: Ipv4Addr) -> bool {
        // SAFETY: The device is alive.
        unsafe { c::rb_is_bridge_address(self.as_ptr(), u32::from_ne_bytes(addr.octets())) }
    }

    /// Marks the address as taken from another device (NET_ADDR_STOLEN).
    pub fn mark_address_stolen(&self, _rtnl: &Rtnl) {
        // SAFETY: Changes under RTNL only.
        unsafe { (*self.as_ptr()).addr_assign_type = c::NET_ADDR_STOLEN as u8 };
    }

    /// Asks all who listen whether the address may change to that one (NETDEV_PRE_CHANGEADDR).
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_pre_changeaddr_notify(
        &self,
        _rtnl: &Rtnl,
        addr: &HwAddr,
        ext: Option<&ExtAck>,
    ) -> Result {
        // SAFETY: RTNL is held and the device is registered; the buffer is as long as any address.
        to_result(unsafe {
            c::rb_pre_changeaddr(self.as_ptr(), addr.bytes.as_ptr().cast(), ExtAck::raw(ext))
        })
    }

    /// Asks the driver to send from another address, and tells all who listen. A driver that refuses may
    /// leave its own in `addr` (netvsc does).
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_set_mac_address(
        &self,
        _rtnl: &Rtnl,
        addr: &mut HwAddr,
        ext: Option<&ExtAck>,
    ) -> Result {
        addr.family = self.hw_type();
        // SAFETY: RTNL is held; the address begins as a sockaddr_storage, is as long as any device's, and
        // nobody else has it for as long as the call takes.
        to_result(unsafe {
            c::rb_set_mac(self.as_ptr(), ptr::from_mut(addr).cast(), ExtAck::raw(ext))
        })
    }

    /// The driver can change the address.
    pub fn can_set_address(&self) -> bool {
        // SAFETY: A registered device has operations, which are constant.
        unsafe { (*(*self.as_ptr()).netdev_ops).ndo_set_mac_address.is_some() }
    }

    /// Changes the MTU, and tells all who listen.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_set_mtu(&self, _rtnl: &Rtnl, mtu: u32) -> Result {
        // SAFETY: RTNL is held and the device is registered.
        to_result(unsafe { c::dev_set_mtu(self.as_ptr(), mtu as i32) })
    }

    /// Writes the MTU down for a device of ours.
    pub fn record_mtu(&self, _rtnl: &Rtnl, mtu: u32) {
        // SAFETY: Written under RTNL; read anywhere.
        unsafe { AtomicU32::from_ptr(&raw mut (*self.as_ptr()).mtu) }.store(mtu, Ordering::Relaxed)
    }

    /// Gives a device that is going away its MTU back.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn restore_mtu(&self, _rtnl: &Rtnl, mtu: u32) {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::rb_set_orig_mtu(self.as_ptr(), mtu as i32) };
    }

    /// Brings it up. ENODEV for one that is not registered.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_open(&self, _rtnl: &Rtnl, ext: Option<&ExtAck>) -> Result {
        if !self.is_registered() {
            return Err(ENODEV);
        }
        // SAFETY: RTNL is held, and the device is registered.
        to_result(unsafe { c::dev_open(self.as_ptr(), ExtAck::raw(ext)) })
    }

    /// Takes it down.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_close(&self, _rtnl: &Rtnl) {
        // SAFETY: RTNL is held and the device is registered.
        unsafe { c::dev_close(self.as_ptr()) };
    }

    /// Asks for one more, or one less, reason to be promiscuous.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_set_promiscuity(&self, _rtnl: &Rtnl, by: i32) -> Result {
        // SAFETY: RTNL is held and the device is registered.
        to_result(unsafe { c::dev_set_promiscuity(self.as_ptr(), by) })
    }

    /// Asks for one more, or one less, reason to hear all multicast.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn dev_set_allmulti(&self, _rtnl: &Rtnl, by: i32) -> Result {
        // SAFETY: RTNL is held and the device is registered.
        to_result(unsafe { c::dev_set_allmulti(self.as_ptr(), by) })
    }

    /// Gives this device all addresses that `master` listens to, which others may have as well; unicast
    /// ones by dev_uc_sync_multiple().
    pub fn dev_mc_sync_multiple(&self, _rtnl: &Rtnl, master: &NetDevice) {
        // SAFETY: RTNL is held and both devices are alive.
        unsafe { c::rb_mc_sync_multiple(self.as_ptr(), master.as_ptr()) };
    }

    /// Takes back all addresses that it got from `master`; unicast ones by dev_uc_unsync().
    pub fn dev_mc_unsync(&self, _rtnl: &Rtnl, master: &NetDevice) {
        // SAFETY: Both devices are alive; the lists have locks of their own.
        unsafe { c::rb_addr_flush(master.as_ptr(), self.as_ptr()) };
    }

    /// Listens to a group address.
    pub fn dev_mc_add(&self, _rtnl: &Rtnl, group: Mac) {
        // SAFETY: RTNL is held and the device is alive. Without memory the group is not heard,
        // as with any device.
        unsafe { c::dev_mc_add(self.as_ptr(), group.0.as_ptr()) };
    }

    /// Listens to a group address no more.
    pub fn dev_mc_del(&self, _rtnl: &Rtnl, group: Mac) {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::dev_mc_del(self.as_ptr(), group.0.as_ptr()) };
    }

    /// Keeps IPv6 from giving it addresses.
    pub fn block_addrconf(&self, _rtnl: &Rtnl, on: bool) {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::rb_block_addrconf(self.as_ptr(), on) };
    }

    /// Stops it from merging packets, if its master must not see merged ones.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn follow_lro(&self, _rtnl: &Rtnl, master: &NetDevice) {
        // SAFETY: RTNL is held and both devices are registered.
        unsafe { c::rb_follow_lro(self.as_ptr(), master.as_ptr()) };
    }

    /// It cannot carry VLANs (NETIF_F_VLAN_CHALLENGED).
    pub fn is_vlan_challenged(&self) -> bool {
        // SAFETY: The device is alive.
        unsafe { c::rb_vlan_challenged(self.as_ptr()) }
    }

    /// There are VLANs on it.
    pub fn vlan_uses_dev(&self, _rtnl: &Rtnl) -> bool {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::rb_vlan_uses_dev(self.as_ptr()) }
    }

    /// Lets it receive the VLANs of `master`.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn vlan_vids_add_by_dev(&self, _rtnl: &Rtnl, master: &NetDevice) -> Result {
        // SAFETY: RTNL is held and both devices are registered.
        to_result(unsafe { c::vlan_vids_add_by_dev(self.as_ptr(), master.as_ptr()) })
    }

    /// Takes back what `vlan_vids_add_by_dev` gave.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn vlan_vids_del_by_dev(&self, _rtnl: &Rtnl, master: &NetDevice) {
        // SAFETY: RTNL is held and both devices are alive.
        unsafe { c::vlan_vids_del_by_dev(self.as_ptr(), master.as_ptr()) };
    }

    /// Lets it receive one VLAN.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn vlan_vid_add(&self, _rtnl: &Rtnl, vlan: Vlan) -> Result {
        // SAFETY: RTNL is held and the device is registered.
        to_result(unsafe { c::vlan_vid_add(self.as_ptr(), vlan.proto, vlan.id) })
    }

    /// Takes one VLAN back.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn vlan_vid_del(&self, _rtnl: &Rtnl, vlan: Vlan) {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::vlan_vid_del(self.as_ptr(), vlan.proto, vlan.id) };
    }

    /// Another device has taken its frames already.
    pub fn netdev_is_rx_handler_busy(&self, _rtnl: &Rtnl) -> bool {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::netdev_is_rx_handler_busy(self.as_ptr()) }
    }

    /// Says whether there is a carrier.
    pub fn set_carrier(&self, on: bool) {
        // SAFETY: The device is alive.
        unsafe {
            if on {
                c::netif_carrier_on(self.as_ptr())
            } else {
                c::netif_carrier_off(self.as_ptr())
            }
        }
    }

    /// Reads what it has counted.
    pub fn dev_get_stats(&self, to: &mut Stats) {
        // SAFETY: The device is alive; the buffer has the size of the structure.
        unsafe { c::dev_get_stats(self.as_ptr(), to.as_mut_ptr()) };
    }

    /// Works out anew what it can offload, from what its lower devices can.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn netdev_compute_master_upper_features(&self, _rtnl: &Rtnl) {
        // SAFETY: RTNL is held and the device is registered.
        unsafe { c::netdev_compute_master_upper_features(self.as_ptr(), true) };
    }

    /// Offers to work on IPsec associations, or no more, as far as the device's lower devices can.
    pub fn want_esp(&self, _rtnl: &Rtnl, on: bool) {
        // SAFETY: RTNL is held and the device is alive.
        unsafe { c::rb_want_esp(self.as_ptr(), on) };
    }

    /// Speed in Mbit/s and duplex, as far as the driver knows. Takes the device's own lock, which
    /// may be held while an event of the device is being told.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn link_settings(&self, _rtnl: &Rtnl) -> (Option<u32>, Duplex) {
        let (mut speed, mut duplex) = (0, 0);
        // SAFETY: RTNL is held and the device is registered.
        let err = unsafe { c::rb_link_ksettings(self.as_ptr(), &mut speed, &mut duplex) };
        let unknown = err != 0 || speed == 0 || speed == u32::MAX;
        if unknown || u32::from(duplex) > c::DUPLEX_FULL {
            return (None, Duplex::Unknown);
        }
        (Some(speed), Duplex::from_ethtool(duplex))
    }

    /// Its driver tells speed and duplex, or that of the only device below it does, as with MACsec
    /// or a tunnel on a device.
    pub fn tells_speed(&self, _rtnl: &Rtnl) -> bool {
        // SAFETY: RTNL is held and the device is registered.
        unsafe { c::rb_tells_speed(self.as_ptr()) }
    }

    /// Tells the chain of those who listen to devices.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn call_netdevice_notifiers(&self, _rtnl: &Rtnl, what: Notice) -> Result {
        // SAFETY: RTNL is held and the device is registered.
        to_result(unsafe { c::rb_call_notifiers(what as usize, self.as_ptr()) })
    }

    /// Tells all who listen that flags or attributes have changed.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn netdev_state_change(&self, _rtnl: &Rtnl) {
        // SAFETY: RTNL is held and the device is registered.
        unsafe { c::netdev_state_change(self.as_ptr()) };
    }

    /// Tells drivers and user space what this lower device of an aggregate does now.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn netdev_lower_state_changed(&self, _rtnl: &Rtnl, state: LowerState) {
        // SAFETY: RTNL is held and the device is registered.
        unsafe { c::rb_lower_state_changed(self.as_ptr(), state.link_up, state.tx_enabled) };
    }

    /// The device by that name in the same network namespace.
    pub fn dev_get_by_name<'a>(&self, _rtnl: &'a Rtnl, name: &[u8]) -> Option<&'a NetDevice> {
        let mut buf = [0u8; c::IFNAMSIZ as usize];
        if name.len() >= buf.len() {
            return None;
        }
        for (to, from) in buf.iter_mut().zip(name) {
            *to = *from;
        }
        // SAFETY: RTNL is held; the name is terminated.
        let dev =
            unsafe { c::__dev_get_by_name(c::rb_dev_net(self.as_ptr()), buf.as_ptr().cast()) };
        // SAFETY: A device that is found under RTNL stays registered while it is held.
        (!dev.is_null()).then(|| unsafe { NetDevice::from_raw(dev) })
    }

    /// The device with that index in the same network namespace.
    pub fn dev_get_by_index<'a>(&self, _rtnl: &'a Rtnl, ifindex: i32) -> Option<&'a NetDevice> {
        // SAFETY: RTNL is held.
        let dev = unsafe { c::__dev_get_by_index(c::rb_dev_net(self.as_ptr()), ifindex) };
        // SAFETY: A device that is found under RTNL stays registered while it is held.
        (!dev.is_null()).then(|| unsafe { NetDevice::from_raw(dev) })
    }

    /// The caller has CAP_NET_ADMIN in the device's network namespace. On behalf of a system call.
    pub fn is_net_admin(&self) -> bool {
        // SAFETY: The device is alive.
        unsafe { c::rb_dev_capable_net_admin(self.as_ptr()) }
    }

    /// Returns the number of transmit queues in use. real_num_tx_queues.
    pub fn tx_queues(&self) -> u32 {
        // SAFETY: A plain read of the live device.
        unsafe { ptr::read_volatile(&raw const (*self.as_ptr()).real_num_tx_queues) }
    }

    /// Returns the number of levels of devices below this one, for lockdep.
    pub fn levels_below(&self) -> u32 {
        // SAFETY: The device is alive.
        unsafe { c::rb_stacked_level(self.as_ptr()) }
    }

    /// Gives this device all addresses that `master` listens to, as the only one; unicast ones by
    /// dev_uc_sync().
    pub fn dev_mc_sync(&self, _rtnl: &Rtnl, master: &NetDevice) {
        // SAFETY: RTNL is held and both devices are alive.
        unsafe { c::rb_mc_sync_alone(self.as_ptr(), master.as_ptr()) };
    }

    fn reg_state(&self) -> u32 {
        // SAFETY: A plain read of the live device.
        unsafe { ptr::read_volatile(&raw const (*self.as_ptr()).reg_state) }.into()
    }

    /// It is registered, and nobody has begun to unregister it.
    pub fn is_registered(&self) -> bool {
        self.reg_state() == c::netdev_reg_state_NETREG_REGISTERED
    }

    /// It is being unregistered.
    pub fn is_leaving(&self) -> bool {
        self.reg_state() >= c::netdev_reg_state_NETREG_UNREGISTERING
    }

    /// Makes a master without slaves Ethernet again.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn become_ethernet(&self, rtnl: &Rtnl) {
        self.dev_close(rtnl);
        // SAFETY: RTNL is held and the device is registered.
        unsafe { c::rb_setup_ethernet(self.as_ptr()) };
    }

    /// Keeps the device alive for longer than a reference.
    ///
    /// # Context
    ///
    /// May sleep.
    pub fn netdev_hold(&self) -> Result<DevRef> {
        // SAFETY: Nothing at all, or a pointer where the kernel counts references (the debug kernel).
        let empty: c::netdevice_tracker = unsafe { core::mem::zeroed() };
        let tracker = KBox::new(UnsafeCell::new(empty), GFP_KERNEL)?;
        // SAFETY: The device is alive; the tracker has its final address.
        unsafe { c::rb_dev_hold(self.as_ptr(), tracker.get()) };
        Ok(DevRef {
            dev: self.as_ptr(),
            tracker: ManuallyDrop::new(tracker),
        })
    }
}

/// The reader of a file, or the sender of a message, has CAP_NET_ADMIN.
pub fn is_net_admin() -> bool {
    // SAFETY: Called on behalf of a task.
    unsafe { c::rb_capable_net_admin() }
}

/// The kernel has IPv6, and it is not switched off (ipv6.disable=1).
pub fn has_ipv6() -> bool {
    // SAFETY: Reads a flag of the loaded module.
    unsafe { c::rb_ipv6_enabled() }
}

/// A VLAN as the filters of a device know it.
#[derive(Clone, Copy)]
pub struct Vlan {
    /// The tag's protocol, in network byte order.
    pub(crate) proto: u16,
    /// The VLAN id.
    pub(crate) id: u16,
}

impl Vlan {
    /// The VLAN id.
    pub fn id(self) -> u16 {
        self.id
    }
}

/// Events that a driver can notify of. NETDEV_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Notice {
    /// The address has changed.
    ChangeAddr = c::netdev_cmd_NETDEV_CHANGEADDR,
    /// The data about the device that netlink shows have changed.
    ChangeInfoData = c::netdev_cmd_NETDEV_CHANGEINFODATA,
    /// A device joins a master.
    Join = c::netdev_cmd_NETDEV_JOIN,
    /// The type is going to change.
    PreTypeChange = c::netdev_cmd_NETDEV_PRE_TYPE_CHANGE,
    /// The type has changed.
    PostTypeChange = c::netdev_cmd_NETDEV_POST_TYPE_CHANGE,
    /// The last lower device has left.
    Release = c::netdev_cmd_NETDEV_RELEASE,
    /// The active slave is another one.
    BondingFailover = c::netdev_cmd_NETDEV_BONDING_FAILOVER,
    /// Tell the neighbours where we are now.
    NotifyPeers = c::netdev_cmd_NETDEV_NOTIFY_PEERS,
    /// Join multicast groups again.
    ResendIgmp = c::netdev_cmd_NETDEV_RESEND_IGMP,
}

/// The state of a lower device, for its master's listeners. struct netdev_lag_lower_state_info.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowerState {
    /// Its link can be used.
    pub link_up: bool,
    /// It transmits.
    pub tx_enabled: bool,
}

/// Proof that the lists of addresses of a device are locked: netif_addr_lock().
///
/// # Invariants
///
/// The lock of the device is held as long as this is there. It is neither `Send` nor `Sync`.
pub struct Addresses<'a>(&'a NetDevice, PhantomData<*mut ()>);

impl<'a> Addresses<'a> {
    /// # Safety
    ///
    /// The lock of `dev` is held for all of `'a`.
    pub(crate) unsafe fn assume(dev: &'a NetDevice) -> Self {
        Addresses(dev, PhantomData)
    }

    /// Gives `lower` all addresses of the device that it has not: dev_uc_sync() and dev_mc_sync(), or with
    /// others that have them, too, dev_uc_sync_multiple() and dev_mc_sync_multiple().
    pub fn sync_to(&self, lower: &NetDevice, alone: bool) {
        let (to, from) = (lower.as_ptr(), self.0.as_ptr());
        // SAFETY: Both devices are alive. The lists of the one are locked, by the invariant; those of the
        // other are by the functions.
        unsafe {
            if alone {
                c::dev_uc_sync(to, from);
                c::dev_mc_sync(to, from);
            } else {
                c::dev_uc_sync_multiple(to, from);
                c::dev_mc_sync_multiple(to, from);
            }
        }
    }
}

/// A device that is kept alive.
///
/// # Invariants
///
/// One reference on `dev` is ours, counted under `tracker`.
pub struct DevRef {
    dev: *mut c::net_device,
    tracker: ManuallyDrop<KBox<UnsafeCell<c::netdevice_tracker>>>,
}

// SAFETY: The reference count is atomic.
unsafe impl Send for DevRef {}
// SAFETY: As `NetDevice`.
unsafe impl Sync for DevRef {}

impl Deref for DevRef {
    type Target = NetDevice;

    #[inline]
    fn deref(&self) -> &NetDevice {
        // SAFETY: Our reference keeps it alive.
        unsafe { NetDevice::from_raw(self.dev) }
    }
}

impl Drop for DevRef {
    fn drop(&mut self) {
        // SAFETY: The reference is ours, and the tracker is the one it was taken with.
        unsafe { c::rb_dev_put(self.dev, self.tracker.get()) };
        // SAFETY: Dropped once, here.
        unsafe { ManuallyDrop::drop(&mut self.tracker) };
    }
}
