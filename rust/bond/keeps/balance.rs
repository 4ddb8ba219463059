// SPDX-License-Identifier: GPL-2.0

//! Data of balance-tlb and balance-alb, and the orders that they give.

use kernel::{
    new_mutex,
    sync::{Arc, Mutex},
};
use lag::{
    balance::{
        rlb::{Learn, Place, Rlb, Sink, CLIENTS},
        timers::Timers,
        tlb::{Buckets, Counters, Ledger},
        SlaveId,
    },
    mode::Mode,
};
use netdev::{
    lock::{LockClass, SpinLockBh},
    percpu::{self, PerCpu},
    prelude::*,
    rtnl::RtnlCell,
    skb, time, NetDevice,
};
use wire::{
    arp,
    eth::Tag,
    mac::Mac,
    time::{Span, Time},
};

use crate::slave::Slave;

static CLIENT_TABLE: LockClass = LockClass::new();
static PERIODS: LockClass = LockClass::new();

pub(crate) type Clients = Rlb<KVec<Place>>;

/// State of balance-tlb and balance-alb for one bond.
pub(crate) struct Balance {
    /// The mode that it was made for.
    pub(crate) mode: Mode,
    /// Table of the slaves that flows go by.
    pub(crate) table: KBox<Buckets>,
    /// Octets transmitted, by flow and processor.
    pub(crate) counters: PerCpu<Counters>,
    pub(crate) timers: SpinLockBh<Timers>,
    /// Clients and the slaves that were assigned to them, in balance-alb.
    pub(crate) clients: Option<SpinLockBh<Clients>>,
    /// Scratch data of either the holder of RTNL or the timer. Locked before a read-side section.
    pub(crate) desk: Pin<KBox<Mutex<Desk>>>,
    /// The slave that was made promiscuous.
    pub(crate) promiscuous: RtnlCell<Option<Arc<Slave>>>,
}

pub(crate) struct Desk {
    /// Octets sent until the last rebalancing.
    pub(crate) ledger: KBox<Ledger>,
    /// Room for what clients are told at once.
    pub(crate) outbox: KVec<Option<Reply>>,
    /// The slave that was made promiscuous has been so for long enough.
    pub(crate) calm: bool,
}

impl Balance {
    pub(crate) fn new(mode: Mode, lp_interval: Span) -> Result<Self> {
        let now = time::now();
        let (clients, outbox) = match mode {
            Mode::Alb => {
                let places = KVec::from_elem(Place::FREE, CLIENTS, GFP_KERNEL)?;
                let rlb = Rlb::new(places);
                let lock = SpinLockBh::new(rlb, c"rustbond_clients", &CLIENT_TABLE)?;
                (Some(lock), KVec::from_elem(None, CLIENTS, GFP_KERNEL)?)
            }
            _ => (None, KVec::new()),
        };
        let desk = Desk {
            ledger: KBox::new(Ledger::new(now), GFP_KERNEL)?,
            outbox,
            calm: false,
        };
        Ok(Balance {
            mode,
            table: percpu::boxed()?,
            counters: PerCpu::new()?,
            timers: SpinLockBh::new(Timers::new(now, lp_interval), c"rustbond_timers", &PERIODS)?,
            clients,
            desk: KBox::pin_init(new_mutex!(desk, "rustbond::balance"), GFP_KERNEL)?,
            promiscuous: RtnlCell::new(None),
        })
    }
}

impl Balance {
    /// It is that of balance-alb.
    pub(crate) fn is_alb(&self) -> bool {
        self.mode == Mode::Alb
    }

    /// Returns the time of the next work; `runs`: the two periods count as well.
    pub(crate) fn next_deadline(&self, runs: bool) -> Option<Time> {
        let periods = runs.then(|| self.timers.lock().next_deadline());
        let clients = self.clients.as_ref();
        let clients = clients.and_then(|clients| clients.lock().next_deadline());
        Iterator::chain(periods.into_iter(), clients).min()
    }
}

impl Desk {
    /// Takes out what clients are to be told.
    pub(crate) fn replies(&mut self) -> impl Iterator<Item = Reply> + '_ {
        self.outbox.iter_mut().map_while(Option::take)
    }
}

/// The same answer to a client, some times over.
#[derive(Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) slave: SlaveId,
    tag: Option<Tag>,
    arp: arp::Repr,
    times: usize,
}

impl Reply {
    pub(crate) fn send(&self, via: &NetDevice) {
        if let Ok(frame) = self.arp.frame(self.arp.target_mac) {
            for _ in 0..self.times {
                skb::send_control(via, &frame, self.tag);
            }
        }
    }
}

/// Order that needs RTNL.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    Learn(SlaveId, Mac, Learn),
    Promiscuity(SlaveId, bool),
}

/// Takes down what is to be done when the lock of the clients is free: sending may lead to
/// another bond's, and a device's flags need RTNL alone.
pub(crate) struct Orders<'a> {
    pub(crate) replies: core::slice::IterMut<'a, Option<Reply>>,
    pub(crate) last: Option<&'a mut Reply>,
    pub(crate) tasks: [Option<Task>; TASKS],
}

/// More than come of any one event: a slave that leaves makes three.
const TASKS: usize = 6;

impl<'a> Orders<'a> {
    /// With room for so many replies.
    pub(crate) fn new(replies: &'a mut [Option<Reply>]) -> Self {
        Orders {
            replies: replies.iter_mut(),
            last: None,
            tasks: [None; TASKS],
        }
    }

    pub(crate) fn add(&mut self, task: Task) {
        if let Some(free) = self.tasks.iter_mut().find(|t| t.is_none()) {
            *free = Some(task);
        }
    }
}

impl Sink for Orders<'_> {
    fn arp_reply(&mut self, slave: SlaveId, tag: Option<Tag>, reply: &arp::Repr) {
        if let Some(last) = &mut self.last {
            if (last.slave, last.tag, &last.arp) == (slave, tag, reply) {
                last.times = last.times.saturating_add(1);
                return;
            }
        }
        if let Some(free) = self.replies.next() {
            self.last = Some(free.insert(Reply {
                slave,
                tag,
                arp: *reply,
                times: 1,
            }));
        }
    }

    fn learn(&mut self, slave: SlaveId, mac: Mac, scope: Learn) {
        self.add(Task::Learn(slave, mac, scope));
    }

    fn promiscuity(&mut self, slave: SlaveId, on: bool) -> bool {
        self.add(Task::Promiscuity(slave, on));
        // A device that refuses is not asked to take it back.
        true
    }
}
