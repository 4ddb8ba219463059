// SPDX-License-Identifier: GPL-2.0

//! What a driver of aggregating devices has to say for itself.

use core::fmt;

use kernel::{str::CStr, sync::Arc};
use lag::report::Words;
use wire::duplex::Duplex;

use crate::{
    anchor::Anchor,
    device::{Addresses, HwAddr, NetDevice, Vlan},
    ethtool::Timestamping,
    event::Event,
    info::{BondInfo, SlaveInfo},
    netlink::{Attrs, ExtAck, Fill, Policy},
    prelude::*,
    rcu::Rcu,
    rtnl::Rtnl,
    rtnl_work::RtnlWork,
    skb::{RxSkb, Sent, Skb},
    stats::Stats,
    work::Work,
    xdp::{Frame, Program},
    xfrm::Associations,
};

/// What becomes of a received packet. RX_HANDLER_*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receive {
    /// It came in on the master.
    Master,
    /// Only for those who listen to this very lower device.
    Exact,
    /// As if there were no master.
    Pass,
    /// It is done with.
    Consumed,
}

/// By which names the kernel knows the driver.
pub struct Identity {
    /// The name for `ip link add type`.
    pub kind: &'static CStr,
    /// The file in /sys/class/net by which devices are made and unmade.
    pub masters: &'static CStr,
    /// The folder in /proc/net.
    pub proc: &'static CStr,
    /// What ethtool says it is.
    pub driver: &'static CStr,
    /// It takes the place of native bonding: IFF_BONDING is on its devices and those below.
    pub native: bool,
}

impl Identity {
    /// In whose words the log tells what happens.
    pub fn words(&self) -> Words {
        match self.native {
            true => Words::Native,
            false => Words::Own,
        }
    }
}

/// A file of a device's sysfs group.
pub struct Attribute {
    /// The file's name.
    pub name: &'static str,
    /// It can be written.
    pub writable: bool,
}

/// A kind of network device that sits on others.
///
/// The device's private data is one `Self`, made by `init` when the device is registered.
pub trait Driver: Sized + Send + Sync + 'static {
    /// What it keeps for each lower device.
    type Port: Send + Sync + 'static;

    /// The folder of a device's files in sysfs.
    const GROUP: &'static CStr;
    /// The name pattern for a device that is given none.
    const NAME: &'static CStr;

    /// Who it is; always the same.
    fn identity() -> &'static Identity;
    /// Its static, in which the registration is kept.
    fn anchor() -> &'static Anchor<Self>;

    /// The files of a device, as `show` and `store` number them; none behind the last.
    fn attribute(number: usize) -> Option<Attribute>;

    /// The folder of a lower device's files in sysfs.
    const PORT_GROUP: &'static CStr;
    /// The names of the files of a lower device, as `show_port` numbers them; none behind the
    /// last.
    fn port_file(number: usize) -> Option<&'static str>;

    /// How many transmit queues a device has.
    fn tx_queues() -> u32;

    /// The highest number of an attribute, and how each is checked.
    fn policy(number: u16) -> Policy;
    /// See `policy`.
    const MAX_ATTR: u16;

    /// The private data of a new device. `timer` runs `on_timer` when it is queued, `later` runs
    /// `on_rtnl` when it is asked for.
    fn init(dev: &NetDevice, timer: Work, later: RtnlWork, rtnl: &Rtnl) -> Result<KBox<Self>>;
    /// The device goes away: let all lower devices go.
    fn uninit(&self, dev: &NetDevice, rtnl: &Rtnl);
    /// Its timer has run out. In a process of its own, no lock held. Does not wait for RTNL: who
    /// holds it may be waiting for this to end.
    fn on_timer(&self, dev: &NetDevice);
    /// It was asked for, and RTNL is free. The device may be one that `uninit` has been called for.
    fn on_rtnl(&self, dev: &NetDevice, rtnl: &Rtnl);

    /// The device is brought up.
    fn open(&self, dev: &NetDevice, rtnl: &Rtnl) -> Result;
    /// The device is taken down.
    fn stop(&self, dev: &NetDevice, rtnl: &Rtnl);
    /// A packet is to go out.
    fn xmit(&self, skb: Skb, rcu: &Rcu) -> Sent;
    /// The master gets the packet as it is, without asking `receive`: the common case.
    fn takes(dev: &NetDevice, port: &Self::Port, skb: &RxSkb<'_>) -> bool;
    /// A packet has come in on a lower device.
    fn receive(
        &self,
        dev: &NetDevice,
        port: &Self::Port,
        skb: &mut RxSkb<'_>,
        rcu: &Rcu,
    ) -> Receive;

    /// `ip link set lower master dev`.
    fn enslave(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// `ip link set lower nomaster`.
    fn release(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result;
    /// The address and the MTU that a lower device came with.
    fn own(&self, port: &Self::Port) -> (HwAddr, u32);
    /// Something happened to a lower device.
    fn port_event(
        &self,
        dev: &NetDevice,
        port: &Arc<Self::Port>,
        lower: &NetDevice,
        event: Event,
        rtnl: &Rtnl,
    );
    /// Every lower device, with an RCU section held.
    fn for_each_lower(&self, rcu: &Rcu, f: &mut dyn FnMut(&NetDevice));

    /// Packets come with interrupts off from here on: see [`crate::netpoll`].
    fn start_polling(&self, dev: &NetDevice, rtnl: &Rtnl) -> Result;
    /// They do not any more; those that are under way may be lost.
    fn stop_polling(&self, dev: &NetDevice, rtnl: &Rtnl);

    /// The device of a port.
    fn device_of(port: &Self::Port) -> &NetDevice;
    /// The IPsec associations that its lower devices work on.
    fn associations(&self) -> &Associations<Self>;
    /// The lower device whose hardware stamps packets: the active one, where there is one.
    fn stamping(&self, rtnl: &Rtnl) -> Option<Arc<Self::Port>>;
    /// The lower device that carries all traffic, in a mode where one does.
    fn active_lower<'a>(&self, rcu: &'a Rcu) -> Option<&'a NetDevice>;

    /// The lower devices are to run this program; none takes it off.
    fn set_program(
        &self,
        dev: &NetDevice,
        program: Option<Program>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// The lower device by which a frame goes out that a program sends.
    fn lower_for<'a>(&'a self, frame: &Frame<'_>, rcu: &'a Rcu) -> Option<&'a NetDevice>;
    /// The lower device by which a packet would go out that somebody else sends, as RDMA does;
    /// none if that is not told by the packet. `any`: where a hash decides, of all lower devices,
    /// whether they carry traffic or not.
    fn lower_of<'a>(&'a self, skb: &Skb, any: bool, rcu: &'a Rcu) -> Option<&'a NetDevice>;

    /// The lower device whose link headers the device's packets have.
    fn header_lower<'a>(&self, rcu: &'a Rcu) -> Option<&'a NetDevice>;

    /// Writes the counters since the device was made.
    fn stats(&self, dev: &NetDevice, to: &mut Stats, rcu: &Rcu);
    /// IFF_PROMISC or IFF_ALLMULTI has changed: +1, -1 or 0 for each.
    fn change_rx_flags(&self, promisc: i32, allmulti: i32, rtnl: &Rtnl);
    /// The addresses that the device listens to have changed. ndo_set_rx_mode.
    fn sync_addresses(&self, addresses: &Addresses<'_>, rcu: &Rcu);
    /// The MTU is to change.
    fn change_mtu(&self, dev: &NetDevice, mtu: u32, rtnl: &Rtnl) -> Result;
    /// The address is to change. What is left in `addr` does not matter.
    fn change_address(&self, dev: &NetDevice, addr: &mut HwAddr, rtnl: &Rtnl) -> Result;
    /// A VLAN is to be received.
    fn add_vlan(&self, dev: &NetDevice, vlan: Vlan, rtnl: &Rtnl) -> Result;
    /// A VLAN is no longer to be received.
    fn del_vlan(&self, dev: &NetDevice, vlan: Vlan, rtnl: &Rtnl);

    /// Attributes of a new device, or of one that is there.
    fn change(
        &self,
        dev: &NetDevice,
        attrs: &Attrs<'_>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// Bytes that `fill` needs at the most.
    fn fill_size(&self, dev: &NetDevice) -> usize;
    /// Writes the device's attributes.
    fn fill(&self, dev: &NetDevice, to: &mut Fill<'_>, rtnl: &Rtnl) -> Result;

    /// The highest number of an attribute of a lower device, and how each is checked.
    fn port_policy(number: u16) -> Policy;
    /// See `port_policy`.
    const MAX_PORT_ATTR: u16;
    /// Attributes of a lower device.
    fn change_port(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        attrs: &Attrs<'_>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result;
    /// Bytes that `fill_port` needs at the most.
    fn fill_port_size(&self) -> usize;
    /// Writes a lower device's attributes.
    fn fill_port(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        to: &mut Fill<'_>,
        rtnl: &Rtnl,
    ) -> Result;

    /// Bytes that `fill_xstats` needs at the most.
    fn xstats_size() -> usize;
    /// Writes the counters of the device, or of one of the lower devices.
    fn fill_xstats(
        &self,
        dev: &NetDevice,
        lower: Option<&NetDevice>,
        to: &mut Fill<'_>,
        rtnl: &Rtnl,
    ) -> Result;

    /// The device as the ioctls describe it.
    fn info(&self, dev: &NetDevice, rtnl: &Rtnl) -> BondInfo;
    /// The lower device with that number, counted from 0, as the ioctls describe it.
    fn port_info(&self, dev: &NetDevice, at: usize, rtnl: &Rtnl) -> Option<SlaveInfo>;
    /// The device is to have the address of `lower`.
    fn adopt_address(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result;
    /// `lower` is to carry the traffic.
    fn activate(&self, dev: &NetDevice, lower: &NetDevice, rtnl: &Rtnl) -> Result;

    /// Speed in Mbit/s and duplex.
    fn link_settings(&self, dev: &NetDevice, rtnl: &Rtnl) -> (Option<u32>, Duplex);
    /// Says how packets are stamped.
    fn timestamping(&self, dev: &NetDevice, info: &mut Timestamping) -> Result;

    /// Writes what the file with that number says. `admin`: the reader has CAP_NET_ADMIN.
    fn show(
        &self,
        dev: &NetDevice,
        file: usize,
        to: &mut dyn fmt::Write,
        admin: bool,
        rcu: &Rcu,
    ) -> Result;
    /// Writes what a lower device's file with that number says.
    fn show_port(
        &self,
        port: &Self::Port,
        file: usize,
        to: &mut dyn fmt::Write,
        rcu: &Rcu,
    ) -> Result;
    /// Something has been written into the file with that number.
    fn store(&self, dev: &NetDevice, file: usize, text: &[u8], rtnl: &Rtnl) -> Result;
    /// Writes what the device's file in /proc says. `admin`: the reader has CAP_NET_ADMIN.
    fn describe(&self, dev: &NetDevice, to: &mut dyn fmt::Write, admin: bool, rcu: &Rcu) -> Result;
}
