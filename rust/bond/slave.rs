// SPDX-License-Identifier: GPL-2.0

//! A slave: a device below a bond, and what the bond knows of it.

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU8, AtomicUsize, Ordering};

use compat::abi;
use kernel::sync::{Arc, UniqueArc};
use lag::{
    balance::{self, tlb::Load, SlaveId},
    lacp::port::DEFAULT_PRIORITY,
    monitor::{arp, mii::Mii, Status},
    options::Targets,
};
use netdev::{
    device::{HwAddr, LowerState},
    lock::{LockClass, SpinLockBh},
    netpoll::LowerPoll,
    port::Attached,
    prelude::*,
    rtnl::{RtnlCell, Shared},
    stats::Stats,
    DevRef, NetDevice, Rtnl,
};
use wire::{duplex::Duplex, mac::Mac};

use crate::{history::OfSlave, keeps::refusals::Refusals};

static COUNTED: LockClass = LockClass::new();

/// Which received frames a slave passes up to the bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Hears {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// All, and what is sent to the address of a slave that has failed: the active slave of
    /// balance-alb.
    Alb,
    /// All but multicast and broadcast: the other slaves of balance-alb.
    Unicast,
}

impl Hears {
    #[inline]
    fn from_number(number: u8) -> Self {
        match number {
            1 => Hears::All,
            2 => Hears::Alb,
            3 => Hears::Unicast,
            _ => Hears::Nothing,
        }
    }
}

/// The part that a slave plays for its bond.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role {
    /// It does not transmit what the bond does. IFLA_BOND_SLAVE_STATE.
    pub(crate) backup: bool,
    /// Which received frames it passes up to the bond.
    pub(crate) hears: Hears,
    /// A monitor looks at what it receives.
    pub(crate) watched: bool,
}

impl Role {
    /// The role of a slave that is being released.
    pub(crate) const NONE: Role = Role {
        backup: true,
        hears: Hears::Nothing,
        watched: false,
    };
}

/// Which received frames a slave passes up without a second look: the common case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Plain {
    /// Nothing.
    Nothing,
    /// All but slow protocols.
    All,
    /// Unicast to this host, except slow protocols, ARP, and frames for a bridge.
    Host,
}

/// A device below a bond.
pub(crate) struct Slave {
    /// Its number among the slaves of the bond.
    pub(crate) id: SlaveId,
    /// The device.
    pub(crate) dev: DevRef,
    /// Its link as the carrier tells it.
    link: RtnlCell<Mii>,
    /// The state of that link: [`Status`].
    mii_status: AtomicU8,
    /// Its link as ARP monitoring tells it, where that is on.
    pub(crate) arp: KBox<arp::Port>,
    /// ARP monitoring tells its link.
    pub(crate) by_arp: Shared<bool>,
    /// ARP monitoring has changed the link, and the bond has not followed yet.
    pub(crate) arp_moved: AtomicBool,
    /// NS targets whose groups it listens to.
    pub(crate) groups: KBox<RtnlCell<Targets<[u8; 16]>>>,
    /// Number of failures of the link. IFLA_BOND_SLAVE_LINK_FAILURE_COUNT.
    failures: AtomicU32,
    /// Priority in the choice of the active slave, below the primary. IFLA_BOND_SLAVE_PRIO.
    pub(crate) prio: Shared<i32>,
    /// The transmit queue that leads here; 0 is none. IFLA_BOND_SLAVE_QUEUE_ID.
    pub(crate) queue_id: Shared<u16>,
    /// LACP's port priority. IFLA_BOND_SLAVE_ACTOR_PORT_PRIO.
    pub(crate) port_priority: Shared<u16>,
    /// Speed in Mbit/s, and duplex, as last seen.
    pub(crate) speed: Shared<(Option<u32>, Duplex)>,
    /// It waits for `speed`: its driver tells one, but has not yet, and the bond goes by it.
    pub(crate) awaits_speed: Shared<bool>,
    /// `speed` is to be looked at anew.
    pub(crate) retrained: RtnlCell<bool>,
    /// The address it came with, and gets back.
    pub(crate) own_address: HwAddr,
    /// The MTU it came with, and gets back.
    pub(crate) own_mtu: u32,
    /// The link to the bond, while there is one.
    pub(crate) attached: RtnlCell<Option<Attached>>,
    /// The device's counters when they were last added to the bond's.
    pub(crate) counted: SpinLockBh<Stats>,
    /// Link and transmission, as those who offload the bond were last told.
    pub(crate) told: RtnlCell<Option<LowerState>>,
    /// The state of the link and the part it plays, as drivers were last told.
    pub(crate) told_drivers: RtnlCell<Option<(Status, bool)>>,
    /// The state last shown to drivers that read it behind the bond's back.
    pub(crate) shown: RtnlCell<Option<abi::ShownSlave>>,
    /// The state as the history was last told.
    pub(crate) told_history: OfSlave,
    /// It is being released, and no longer on the bond's list.
    pub(crate) struck: RtnlCell<bool>,
    /// Index of its port in the list of LACP, where it was found last.
    pub(crate) port_at: AtomicUsize,
    /// Numbers of Slow Protocols PDUs that the machines of LACP never saw.
    pub(crate) refused: Refusals,
    /// It does not transmit what the bond does. IFLA_BOND_SLAVE_STATE.
    backup: AtomicBool,
    /// The frames that it passes up: [`Hears`].
    hears: AtomicU8,
    plain: AtomicU8,
    /// netpoll, while packets come to the bond with interrupts off.
    pub(crate) poll: LowerPoll,
    /// The load that balance-tlb and balance-alb have given it.
    pub(crate) load: Load,
    /// The address that its driver was last given, in balance-tlb, where it may send by another.
    pub(crate) receives_by: RtnlCell<HwAddr>,
    /// Link and address, as balance-tlb and balance-alb were last told.
    pub(crate) balance_told: RtnlCell<Option<(bool, Mac)>>,
}

impl AsRef<arp::Port> for Slave {
    fn as_ref(&self) -> &arp::Port {
        &self.arp
    }
}

impl AsRef<DevRef> for Slave {
    fn as_ref(&self) -> &DevRef {
        &self.dev
    }
}

/// No groups, on the heap.
#[inline(never)]
fn no_groups() -> Result<KBox<RtnlCell<Targets<[u8; 16]>>>> {
    Ok(KBox::new(RtnlCell::new(Targets::NONE), GFP_KERNEL)?)
}

/// Allocates the state of ARP monitoring.
#[inline(never)]
fn heard() -> Result<KBox<arp::Port>> {
    Ok(KBox::new(arp::Port::new(), GFP_KERNEL)?)
}

impl Slave {
    /// A device that is to become a slave.
    fn new(id: SlaveId, dev: &NetDevice, link: Mii, rtnl: &Rtnl) -> Result<Self> {
        Ok(Slave {
            id,
            dev: dev.netdev_hold()?,
            mii_status: AtomicU8::new(link.status().number()),
            link: RtnlCell::new(link),
            arp: heard()?,
            by_arp: Shared::new(false),
            arp_moved: AtomicBool::new(false),
            groups: no_groups()?,
            failures: AtomicU32::new(0),
            prio: Shared::new(0),
            queue_id: Shared::new(0),
            port_priority: Shared::new(DEFAULT_PRIORITY),
            speed: Shared::new((None, Duplex::Unknown)),
            awaits_speed: Shared::new(false),
            retrained: RtnlCell::new(false),
            own_address: dev.address(rtnl),
            own_mtu: dev.mtu(),
            attached: RtnlCell::new(None),
            counted: SpinLockBh::new(Stats::ZERO, c"rustbond_slave_stats", &COUNTED)?,
            told: RtnlCell::new(None),
            told_drivers: RtnlCell::new(None),
            shown: RtnlCell::new(None),
            told_history: OfSlave::new(),
            struck: RtnlCell::new(false),
            port_at: AtomicUsize::new(0),
            refused: Refusals::default(),
            backup: AtomicBool::new(true),
            hears: AtomicU8::new(Hears::Nothing as u8),
            plain: AtomicU8::new(Plain::Nothing as u8),
            poll: LowerPoll::new(),
            load: Load::default(),
            receives_by: RtnlCell::new(dev.address(rtnl)),
            balance_told: RtnlCell::new(None),
        })
    }

    /// As `new`, on the heap: its way there over the stack ends with this.
    #[inline(never)]
    pub(crate) fn on_heap(
        id: SlaveId,
        dev: &NetDevice,
        link: Mii,
        rtnl: &Rtnl,
    ) -> Result<Arc<Self>> {
        let room = UniqueArc::new_uninit(GFP_KERNEL)?;
        Ok(room.write(Slave::new(id, dev, link, rtnl)?).into())
    }

    /// The link as the carrier tells it.
    pub(crate) fn link(&self, rtnl: &Rtnl) -> Mii {
        self.link.get(rtnl)
    }

    /// The link as the carrier tells it is that from now on.
    pub(crate) fn set_link(&self, rtnl: &Rtnl, link: Mii) {
        self.link.set(rtnl, link);
        self.mii_status
            .store(link.status().number(), Ordering::Relaxed);
    }

    /// The carrier is not as the state of the link has it: the bond has to follow.
    pub(crate) fn has_moved(&self) -> bool {
        let status = self.mii_status.load(Ordering::Relaxed);
        let carrier = status == Status::Up.number() || status == Status::Back.number();
        self.dev.can_send() != carrier
    }

    /// Its driver may have a speed to tell by now.
    pub(crate) fn may_tell_speed(&self) -> bool {
        self.awaits_speed.get() && self.dev.can_send()
    }

    /// Returns how often the link has failed.
    pub(crate) fn failures(&self) -> u32 {
        self.failures.load(Ordering::Relaxed)
    }

    /// The link has failed.
    pub(crate) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The link can carry traffic: it is up, or lost for less than downdelay.
    pub(crate) fn is_usable(&self) -> bool {
        match self.status() {
            Status::Up => true,
            // With ARP monitoring, a candidate that was not heard.
            Status::Fail => !self.by_arp.get(),
            Status::Down | Status::Back => false,
        }
    }

    /// The state of the link.
    pub(crate) fn status(&self) -> Status {
        if self.by_arp.get() {
            self.arp.status()
        } else {
            let number = self.mii_status.load(Ordering::Relaxed);
            Status::from_number(number).unwrap_or(Status::Down)
        }
    }

    /// The state of the link as it is told: one that ARP monitoring tries because none is up is down.
    pub(crate) fn told_status(&self) -> Status {
        match self.status() {
            Status::Fail | Status::Back if self.by_arp.get() => Status::Down,
            status => status,
        }
    }

    /// It does not send what the bond sends.
    pub(crate) fn is_backup(&self) -> bool {
        self.backup.load(Ordering::Relaxed)
    }

    /// Returns which frames it passes up without a second look.
    #[inline]
    pub(crate) fn plain(&self) -> Plain {
        match self.plain.load(Ordering::Relaxed) {
            1 => Plain::All,
            2 => Plain::Host,
            _ => Plain::Nothing,
        }
    }

    /// Returns which frames it passes up.
    #[inline]
    pub(crate) fn hears(&self) -> Hears {
        Hears::from_number(self.hears.load(Ordering::Relaxed))
    }

    /// Gives it its role.
    pub(crate) fn set_role(&self, role: Role) {
        self.hears.store(role.hears as u8, Ordering::Relaxed);
        let plain = match role.hears {
            _ if role.watched => Plain::Nothing,
            Hears::All => Plain::All,
            Hears::Alb | Hears::Unicast => Plain::Host,
            Hears::Nothing => Plain::Nothing,
        };
        self.plain.store(plain as u8, Ordering::Relaxed);
        self.backup.store(role.backup, Ordering::Relaxed);
    }

    /// The slave as balancing sees it.
    pub(crate) fn balanced(&self, rtnl: &Rtnl) -> balance::Slave {
        balance::Slave {
            id: self.id,
            mac: self.dev.address(rtnl).mac(),
            perm: self.own_address.mac(),
            speed: self.speed.get().0.unwrap_or(0),
            can_tx: self.is_usable() && self.dev.can_send(),
        }
    }
}
