// SPDX-License-Identifier: GPL-2.0

//! The transmit path: a [`View`] of the bond, and in it the table of its mode, one file each. Both
//! are built on every change and never change themselves. Nothing here knows the bond: besides the
//! view packets touch [`Live`].

mod active_backup;
mod alb;
mod ask;
mod broadcast;
mod lacp;
pub(crate) mod lanes;
mod queues;
mod ring;
mod round_robin;
mod spread;
mod tlb;
mod view;
mod xor;

pub(crate) use view::View;

use core::mem;

use kernel::sync::Arc;
use lag::{hash::Policy, lacp::port::Usability, mode::Mode, options::Params};
use netdev::{
    netpoll,
    port::{Hop, LagTx},
    prelude::*,
    skb::{Sent, Skb},
    Rcu, Rtnl,
};
use wire::mac::Mac;

use crate::{flow::Flow, keeps::balance::Balance, live::Live, slave::Slave};
use lanes::Lanes;
use queues::Queues;

/// The transmit table of a mode. It is built for each view and never changed.
trait Transmit: Sized {
    /// The table for the slaves as they are.
    fn build(of: &Subject<'_>) -> Result<Self>;
    /// Sends a packet.
    fn send<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent;
    /// Picks the slave for a frame that the bond does not transmit itself (XDP, RDMA); none if no
    /// slave can transmit it, or the mode does not leave that to others.
    fn pick(&self, _live: &Live, _flow: &impl Flow, _rcu: &Rcu) -> Option<&Hop<Slave>> {
        None
    }
}

/// The state of the bond that a table is built of.
pub(crate) struct Subject<'a> {
    /// Its options.
    pub(crate) params: &'a Params,
    /// All slaves, in the order in which they came.
    pub(crate) slaves: &'a [Arc<Slave>],
    /// The active slave, in the modes that have one.
    pub(crate) active: Option<&'a Arc<Slave>>,
    /// State of balance-tlb and balance-alb.
    pub(crate) balance: Option<Arc<Balance>>,
    /// Returns how far LACP lets a slave be used.
    pub(crate) usability: &'a dyn Fn(&Slave) -> Usability,
    /// The bond's address.
    pub(crate) mac: Mac,
    /// Packets may come with interrupts off.
    pub(crate) polled: bool,
    /// Proof that nothing of this changes meanwhile.
    pub(crate) rtnl: &'a Rtnl,
}

/// The way in which a packet leaves the bond: a type, so that who goes the usual way does not ask.
trait Exit {
    /// Locks can be taken that softirqs take, too.
    fn may_lock(skb: &Skb) -> bool;
    /// Sends a packet by a slave.
    fn send(skb: Skb, hop: &Hop<Slave>, rcu: &Rcu) -> Sent;
}

/// By the slave's queue.
enum Queued {}

impl Exit for Queued {
    #[inline]
    fn may_lock(_skb: &Skb) -> bool {
        true
    }

    #[inline]
    fn send(skb: Skb, hop: &Hop<Slave>, rcu: &Rcu) -> Sent {
        skb.dev_queue_xmit(hop.device(), rcu)
    }
}

/// Through netpoll, if it comes from there.
enum ByNetpoll {}

impl Exit for ByNetpoll {
    fn may_lock(skb: &Skb) -> bool {
        !netpoll::is_running(skb)
    }

    fn send(skb: Skb, hop: &Hop<Slave>, rcu: &Rcu) -> Sent {
        if netpoll::is_running(&skb) {
            hop.poll.send(skb, rcu);
            Sent::DONE
        } else {
            skb.dev_queue_xmit(hop.device(), rcu)
        }
    }
}

/// Slaves that receive what the bond's addresses say.
pub(crate) enum Listeners<'a> {
    /// The active one alone, if there is one: active-backup, balance-tlb, balance-alb.
    Active(Option<&'a Slave>),
    /// All of them.
    All,
}

/// The table of a bond's mode.
pub(crate) enum Table {
    /// balance-rr
    RoundRobin(round_robin::RoundRobin),
    /// active-backup
    ActiveBackup(active_backup::ActiveBackup),
    /// balance-xor
    Xor(xor::Xor),
    /// broadcast
    Broadcast(broadcast::Broadcast),
    /// 802.3ad
    Lacp(lacp::Lacp),
    /// balance-tlb
    Tlb(tlb::Tlb),
    /// balance-alb
    Alb(alb::Alb),
    /// balance-rr or active-backup, with queues that lead to a slave.
    Queued(KBox<Queues>),
    /// One of these, of a bond to which packets may come with interrupts off.
    Polled(KBox<Table>),
}

impl Table {
    /// A table by which nothing is sent.
    pub(crate) fn nothing() -> Self {
        Table::Broadcast(broadcast::Broadcast::nothing())
    }

    /// Makes the table for the slaves as they are, in its place: on the kernel's stack it is large.
    #[inline(never)]
    pub(crate) fn build(&mut self, of: &Subject<'_>) -> Result {
        let mode = of.params.mode;
        match mode {
            Mode::RoundRobin => self.put(Table::RoundRobin, of),
            Mode::ActiveBackup => self.put(Table::ActiveBackup, of),
            Mode::Xor => self.put(Table::Xor, of),
            Mode::Broadcast => self.put(Table::Broadcast, of),
            Mode::Lacp => self.put(Table::Lacp, of),
            Mode::Tlb => self.put(Table::Tlb, of),
            Mode::Alb => self.put(Table::Alb, of),
        }?;
        if matches!(mode, Mode::RoundRobin | Mode::ActiveBackup) {
            let led = queues::led(of.slaves)?;
            if !led.is_empty() {
                self.put_before(led)?;
            }
        }
        if of.polled {
            self.poll()?;
        }
        Ok(())
    }

    #[inline(never)]
    fn put_before(&mut self, slaves: KVec<(u16, Hop<Slave>)>) -> Result {
        let table = mem::replace(self, Self::nothing());
        *self = Table::Queued(KBox::new(Queues { slaves, table }, GFP_KERNEL)?);
        Ok(())
    }

    #[inline(never)]
    fn poll(&mut self) -> Result {
        let table = mem::replace(self, Self::nothing());
        *self = Table::Polled(KBox::new(table, GFP_KERNEL)?);
        Ok(())
    }

    /// Builds a mode's own part. Each has a frame of its own, so that only one is on the stack.
    #[inline(never)]
    fn put<T: Transmit>(&mut self, make: fn(T) -> Self, of: &Subject<'_>) -> Result {
        *self = make(T::build(of)?);
        Ok(())
    }

    /// Which slaves receive the bond's addresses.
    pub(crate) fn listeners(&self) -> Listeners<'_> {
        match self {
            Table::Polled(table) => table.listeners(),
            Table::Queued(queues) => queues.table.listeners(),
            Table::ActiveBackup(table) => Listeners::Active(table.active()),
            Table::Tlb(tlb::Tlb(lanes)) | Table::Alb(alb::Alb(lanes)) => {
                Listeners::Active(lanes.active_slave())
            }
            Table::RoundRobin(_) | Table::Xor(_) | Table::Broadcast(_) | Table::Lacp(_) => {
                Listeners::All
            }
        }
    }

    /// The active slave of active-backup.
    pub(crate) fn active_backup(&self) -> Option<&Slave> {
        match self {
            Table::Polled(table) => table.active_backup(),
            Table::Queued(queues) => queues.table.active_backup(),
            Table::ActiveBackup(table) => table.active(),
            _ => None,
        }
    }

    /// The slaves of balance-tlb and balance-alb.
    pub(crate) fn lanes(&self) -> Option<&Lanes> {
        match self {
            Table::Polled(table) => table.lanes(),
            Table::Tlb(tlb::Tlb(lanes)) | Table::Alb(alb::Alb(lanes)) => Some(lanes),
            _ => None,
        }
    }

    /// The slaves of balance-alb.
    pub(crate) fn alb(&self) -> Option<&Lanes> {
        match self {
            Table::Polled(table) => table.alb(),
            Table::Alb(alb::Alb(lanes)) => Some(lanes),
            _ => None,
        }
    }

    /// Sends a packet.
    #[inline]
    pub(crate) fn send(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        self.send_by::<Queued>(live, skb, rcu)
    }

    /// Each mode ends in a call that does not come back here, so that nothing is kept for after it.
    #[inline]
    fn send_by<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        // The mode with the least to do has the least of it to choose by.
        match self {
            Table::ActiveBackup(table) => table.send::<E>(live, skb, rcu),
            _ => self.send_otherwise::<E>(live, skb, rcu),
        }
    }

    #[inline(never)]
    fn send_otherwise<E: Exit>(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        match self {
            Table::Queued(queues) => queues.send::<E>(live, skb, rcu),
            Table::Polled(table) => table.send_polled(live, skb, rcu),
            Table::RoundRobin(table) => table.send::<E>(live, skb, rcu),
            Table::ActiveBackup(table) => table.send::<E>(live, skb, rcu),
            Table::Xor(table) => table.send::<E>(live, skb, rcu),
            Table::Broadcast(table) => table.send::<E>(live, skb, rcu),
            Table::Lacp(table) => table.send::<E>(live, skb, rcu),
            Table::Tlb(table) => table.send::<E>(live, skb, rcu),
            Table::Alb(table) => table.send::<E>(live, skb, rcu),
        }
    }

    /// Returns the hash that selects the slave; none in modes where more than a hash does.
    pub(crate) fn policy(&self) -> Option<Policy> {
        match self {
            Table::Polled(table) => table.policy(),
            Table::Xor(table) => Some(table.policy()),
            Table::Lacp(table) => Some(table.policy()),
            _ => None,
        }
    }

    /// The slave by which that goes which somebody else sends, as an XDP program does. A queue_id
    /// counts for packets that the bond sends.
    pub(crate) fn pick(&self, live: &Live, flow: &impl Flow, rcu: &Rcu) -> Option<&Hop<Slave>> {
        match self {
            Table::Queued(queues) => queues.table.pick(live, flow, rcu),
            Table::Polled(table) => table.pick(live, flow, rcu),
            Table::RoundRobin(table) => table.pick(live, flow, rcu),
            Table::ActiveBackup(table) => table.pick(live, flow, rcu),
            Table::Xor(table) => table.pick(live, flow, rcu),
            Table::Broadcast(table) => table.pick(live, flow, rcu),
            Table::Lacp(table) => table.pick(live, flow, rcu),
            Table::Tlb(table) => table.pick(live, flow, rcu),
            Table::Alb(table) => table.pick(live, flow, rcu),
        }
    }

    /// As `send`, for packets of which some come with interrupts off.
    #[cold]
    #[inline(never)]
    fn send_polled(&self, live: &Live, skb: Skb, rcu: &Rcu) -> Sent {
        self.send_by::<ByNetpoll>(live, skb, rcu)
    }
}

/// The slaves that can be sent on, in the order in which they came.
fn usable(slaves: &[Arc<Slave>]) -> Result<KVec<Hop<Slave>>> {
    let mut usable = KVec::with_capacity(slaves.len(), GFP_KERNEL)?;
    for slave in slaves.iter().filter(|s| s.is_usable()) {
        usable.push(Hop::new(slave.clone()), GFP_KERNEL)?;
    }
    Ok(usable)
}

/// Returns the mode as it is told to drivers that offload the bond.
pub(crate) fn lag_tx(mode: Mode) -> LagTx {
    match mode {
        Mode::RoundRobin => LagTx::RoundRobin,
        Mode::ActiveBackup => LagTx::ActiveBackup,
        Mode::Broadcast => LagTx::Broadcast,
        Mode::Xor | Mode::Lacp => LagTx::Hash,
        Mode::Tlb | Mode::Alb => LagTx::Unknown,
    }
}
