// SPDX-License-Identifier: GPL-2.0

//! balance-tlb and balance-alb: keeps what `lag::balance` knows, tells it what happens, and
//! carries out what it says.

use kernel::{
    new_mutex,
    sync::{Arc, Mutex},
};
use lag::{
    balance::{
        self,
        address::{self, Attach, NoFreeMac, Takeover},
        rlb::{Learn, Place, Rlb, Route, Sink, CLIENTS},
        timers::Timers,
        tlb::{Counters, Ledger, Table},
        SlaveId,
    },
    mac::Mac,
    mode::Mode,
    report::Event,
    time::{Span, Time},
    wire::{
        arp,
        eth::{self, Tag},
    },
};
use net::{
    device::HwAddr,
    driver::Receive,
    lock::{LockClass, SpinLockBh},
    percpu::{self, PerCpu},
    prelude::*,
    rtnl::RtnlCell,
    skb::{self, RxSkb, Skb},
    time, NetDevice, Rcu, Rtnl,
};

use crate::{
    device::{unheard, Bond},
    mode::lanes::Lanes,
    slave::{Hears, Slave},
    view::View,
    Cx,
};

static CLIENT_TABLE: LockClass = LockClass::new();
static PERIODS: LockClass = LockClass::new();

type Clients = Rlb<KVec<Place>>;

/// What the two modes keep for a bond.
pub(crate) struct Balance {
    /// The mode that it was made for.
    mode: Mode,
    /// Who sends to whom.
    pub(crate) table: KBox<Table>,
    /// How much has been sent.
    pub(crate) counters: PerCpu<Counters>,
    timers: SpinLockBh<Timers>,
    /// Who was told which slave to send to, in balance-alb.
    clients: Option<SpinLockBh<Clients>>,
    /// Scratch data of either the holder of RTNL or the timer. Locked before a read-side section.
    desk: Pin<KBox<Mutex<Desk>>>,
    /// The slave that was made promiscuous.
    promiscuous: RtnlCell<Option<Arc<Slave>>>,
}

struct Desk {
    /// Octets sent until the last rebalancing.
    ledger: KBox<Ledger>,
    /// Room for what clients are told at once.
    outbox: KVec<Option<Reply>>,
    /// The slave that was made promiscuous has been so for long enough.
    calm: bool,
}

impl Balance {
    fn new(mode: Mode, lp_interval: Span) -> Result<Self> {
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
            table: percpu::zeroes()?,
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

    /// When there is something to do; `runs`: the periods do.
    fn next_deadline(&self, runs: bool) -> Option<Time> {
        let periods = runs.then(|| self.timers.lock().next_deadline());
        let clients = self.clients.as_ref();
        let clients = clients.and_then(|clients| clients.lock().next_deadline());
        Iterator::chain(periods.into_iter(), clients).min()
    }
}

impl Desk {
    /// Takes out what clients are to be told.
    fn replies(&mut self) -> impl Iterator<Item = Reply> + '_ {
        self.outbox.iter_mut().map_while(Option::take)
    }
}

/// The slave that was made promiscuous is so no more.
fn calm(cx: Cx<'_>, balance: &Balance) {
    if let Some(slave) = balance.promiscuous.replace(cx.rtnl, None) {
        let _ = slave.dev.dev_set_promiscuity(cx.rtnl, -1);
    }
}

/// The same answer to a client, some times over.
#[derive(Clone, Copy)]
struct Reply {
    slave: SlaveId,
    tag: Option<Tag>,
    arp: arp::Repr,
    times: usize,
}

impl Reply {
    fn send(&self, via: &NetDevice) {
        if let Ok(frame) = self.arp.frame(self.arp.target_mac) {
            for _ in 0..self.times {
                skb::send_control(via, &frame, self.tag);
            }
        }
    }
}

/// What is to be done under RTNL.
#[derive(Clone, Copy)]
enum Task {
    Learn(SlaveId, Mac, Learn),
    Promiscuity(SlaveId, bool),
}

/// Takes down what is to be done when the lock of the clients is free: sending may lead to
/// another bond's, and a device's flags need RTNL alone.
struct Orders<'a> {
    replies: core::slice::IterMut<'a, Option<Reply>>,
    last: Option<&'a mut Reply>,
    tasks: [Option<Task>; TASKS],
}

/// More than come of any one event: a slave that leaves makes three.
const TASKS: usize = 6;

impl<'a> Orders<'a> {
    /// With room for so many replies.
    fn new(replies: &'a mut [Option<Reply>]) -> Self {
        Orders {
            replies: replies.iter_mut(),
            last: None,
            tasks: [None; TASKS],
        }
    }

    fn add(&mut self, task: Task) {
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

/// The bond at this moment.
struct Now<'a> {
    bond: &'a Bond,
    cx: Cx<'a>,
}

impl balance::Bond for Now<'_> {
    fn slaves(&self) -> impl Iterator<Item = balance::Slave> {
        self.bond
            .each(self.cx)
            .map(|slave| slave.balanced(self.cx.rtnl))
    }

    fn active(&self) -> Option<SlaveId> {
        self.bond.active.share(self.cx.rtnl).map(|slave| slave.id)
    }

    fn mac(&self) -> Mac {
        self.cx.dev.address(self.cx.rtnl).mac()
    }
}

impl Slave {
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

/// What packets do.
impl Bond {
    /// ARP of this host is about to be sent. None: as it is, by the active slave.
    pub(crate) fn arp_sent(&self, lanes: &Lanes, skb: &Skb) -> Option<Route> {
        let arp = skb.arp()?;
        let clients = lanes.balance.clients.as_ref()?;
        if skb.device().has_bridge_with(arp.sender_ip) {
            return None;
        }
        // One client may have to go, and is told where it belongs.
        let mut outbox = [None];
        let mut orders = Orders::new(&mut outbox);
        let mut rlb = clients.lock();
        let route = rlb.arp_sent(lanes, &arp, skb.tag(), time::now(), &mut orders);
        let next = rlb.next_deadline();
        drop(rlb);
        for reply in outbox.iter().flatten() {
            if let Some(lane) = lanes.find(reply.slave) {
                reply.send(&lane.slave.dev);
            }
        }
        self.expect_balance(next);
        route
    }

    /// A packet came in by a slave of balance-alb.
    #[inline]
    pub(crate) fn receive_alb(
        &self,
        dev: &NetDevice,
        hears: Hears,
        skb: &mut RxSkb<'_>,
        lanes: Option<&Lanes>,
    ) -> Receive {
        if let (Some(lanes), eth::ARP) = (lanes, skb.protocol()) {
            self.arp_received(lanes, skb);
        }
        // The active slave listens to all while peers know one that has failed.
        if hears == Hears::Alb
            && skb.is_for_other()
            && lanes.is_some_and(|lanes| lanes.is_orphan(skb.destination()))
        {
            skb.take();
        }
        // What is for all comes by the active slave as well.
        if hears == Hears::Unicast && skb.is_for_many() {
            return unheard(skb);
        }
        // A bridge knows the bond's address, not those of its slaves.
        if dev.is_bridge_port() && skb.is_for_host() {
            let changed = lanes.is_none_or(|lanes| skb.set_destination(lanes.mac));
            if !changed {
                return Receive::Consumed;
            }
        }
        Receive::Master
    }

    #[cold]
    fn arp_received(&self, lanes: &Lanes, skb: &RxSkb<'_>) {
        let mut packet = [0; arp::LEN];
        let (Ok(arp), Some(clients)) = (
            arp::Repr::parse(skb.copy_payload(&mut packet)),
            &lanes.balance.clients,
        ) else {
            return;
        };
        let mut rlb = clients.lock();
        rlb.arp_received(lanes, &arp, skb.tag());
        let next = rlb.next_deadline();
        drop(rlb);
        self.expect_balance(next);
    }

    /// There is something to do at that time.
    fn expect_balance(&self, at: Option<Time>) {
        if let Some(at) = at {
            self.due.balance.by(at);
            self.alarm.by(at);
        }
    }
}

/// What events do.
impl Bond {
    /// The mode gives each slave an address of its own.
    pub(crate) fn is_balanced(&self, rtnl: &Rtnl) -> bool {
        matches!(self.params.get(rtnl).mode, Mode::Tlb | Mode::Alb)
    }

    /// Tells the balancing what is different from what it knows. In another mode it knows
    /// nothing.
    #[inline(never)]
    pub(crate) fn sync_balance(&self, cx: Cx<'_>) {
        let rtnl = cx.rtnl;
        let params = self.params.get(rtnl);
        if !self.is_balanced(rtnl) {
            return self.balance.set(rtnl, None);
        }
        let lp_interval = Span::secs(params.lp_interval.into());
        let known = self.balance.share(rtnl).filter(|b| b.mode == params.mode);
        let made = match known {
            Some(balance) => Ok(balance),
            None => Balance::new(params.mode, lp_interval)
                .and_then(|balance| Ok(Arc::new(balance, GFP_KERNEL)?)),
        };
        let Ok(balance) = made else {
            // Found missing, and tried again, when packets are shown the bond.
            return self.balance.set(rtnl, None);
        };
        self.balance.set(rtnl, Some(balance.clone()));
        let now = time::now();
        balance.timers.lock().set_lp_interval(now, lp_interval);
        for slave in self.each(cx) {
            let (up, mac) = (slave.is_usable(), slave.dev.address(rtnl).mac());
            let told = slave.balance_told.replace(rtnl, Some((up, mac)));
            let was_up = told.is_some_and(|(up, _)| up);
            let moved = told.is_some_and(|(_, told)| told != mac);
            match (was_up, up) {
                (false, true) => {
                    balance.timers.lock().rebalance_soon(now);
                    self.with_clients(cx, &balance, |rlb, _, _, _| rlb.slave_up());
                }
                (true, false) => self.with_clients(cx, &balance, |rlb, bond, now, sink| {
                    rlb.slave_gone(bond, slave.id, mac, now, sink)
                }),
                _ => {}
            }
            if moved {
                self.with_clients(cx, &balance, |rlb, _, _, _| rlb.mac_changed(slave.id));
            }
        }
    }

    /// The bond goes down: nobody is a client any more.
    pub(crate) fn forget_balance(&self, cx: Cx<'_>) {
        self.active_leaves(cx);
        self.balance.set(cx.rtnl, None);
        for slave in self.each(cx) {
            slave.balance_told.set(cx.rtnl, None);
        }
        if self.is_balanced(cx.rtnl) {
            self.sync_balance(cx);
            self.publish(cx);
        }
    }

    /// Runs `f` on the clients of balance-alb, and carries out what comes of it.
    fn with_clients(
        &self,
        cx: Cx<'_>,
        balance: &Balance,
        f: impl FnOnce(&mut Clients, &Now<'_>, Time, &mut Orders<'_>),
    ) {
        let Some(clients) = &balance.clients else {
            return;
        };
        let now = Now { bond: self, cx };
        let mut desk = balance.desk.lock();
        if core::mem::take(&mut desk.calm) {
            calm(cx, balance);
        }
        let mut orders = Orders::new(&mut desk.outbox);
        f(&mut clients.lock(), &now, time::now(), &mut orders);
        let tasks = orders.tasks;
        for reply in desk.replies() {
            if let Some(slave) = self.slave_by_id(cx, reply.slave) {
                reply.send(&slave.dev);
            }
        }
        for task in tasks.into_iter().flatten() {
            self.carry_out_task(cx, balance, task);
        }
    }

    fn carry_out_task(&self, cx: Cx<'_>, balance: &Balance, task: Task) {
        let rtnl = cx.rtnl;
        match task {
            Task::Learn(id, mac, scope) => {
                if let Some(slave) = self.slave_by_id(cx, id) {
                    learn(cx.dev, &slave.dev, mac, scope);
                }
            }
            Task::Promiscuity(id, true) => {
                let slave = self.slave_by_id(cx, id);
                let slave = slave.filter(|s| s.dev.dev_set_promiscuity(rtnl, 1).is_ok());
                balance.promiscuous.set(rtnl, slave);
            }
            Task::Promiscuity(_, false) => calm(cx, balance),
        }
    }

    fn slave_by_id(&self, cx: Cx<'_>, id: SlaveId) -> Option<Arc<Slave>> {
        self.each(cx).find(|slave| slave.id == id)
    }

    /// When `expire_balance` is to run next.
    pub(crate) fn balance_deadline(&self, cx: Cx<'_>) -> Option<Time> {
        let balance = self.balance.share(cx.rtnl)?;
        let params = self.params.get(cx.rtnl);
        let dynamic = params.mode == Mode::Alb || params.tlb_dynamic_lb;
        let runs = dynamic && cx.dev.netif_running() && !self.slaves.is_empty(cx.rtnl);
        balance.next_deadline(runs)
    }

    /// Ends promiscuity that the timer, which has no RTNL, has found to be over.
    pub(crate) fn calm_balance(&self, cx: Cx<'_>) {
        if let Some(balance) = self.balance.share(cx.rtnl) {
            if core::mem::take(&mut balance.desk.lock().calm) {
                calm(cx, &balance);
            }
        }
    }

    /// Does what is due. Needs no RTNL.
    pub(crate) fn expire_balance(&self, dev: &NetDevice, now: Time) {
        let lanes = |view: &View| view.table.lanes().map(|lanes| lanes.balance.clone());
        let Some(balance) = Rcu::read(|rcu| self.view.read(rcu).and_then(lanes)) else {
            return;
        };
        let mut desk = balance.desk.lock();
        let next = Rcu::read(|rcu| {
            let lanes = self.view.read(rcu)?.table.lanes()?;
            if !Arc::ptr_eq(&lanes.balance, &balance) {
                // Another mode in the meantime: in a moment.
                return Some(now);
            }
            let runs = lanes.has_periods() && dev.netif_running();
            if runs {
                self.expire_periods(dev, lanes, &mut desk.ledger, now);
            }
            let clients = balance.clients.as_ref();
            let next = clients.and_then(|clients| clients.lock().next_deadline());
            if let (true, Some(clients)) = (next.is_some_and(|next| next <= now), clients) {
                let mut orders = Orders::new(&mut desk.outbox);
                clients.lock().expire(lanes, now, &mut orders);
                let tasks = orders.tasks;
                for reply in desk.replies() {
                    if let Some(lane) = lanes.find(reply.slave) {
                        reply.send(&lane.slave.dev);
                    }
                }
                for task in tasks.into_iter().flatten() {
                    match task {
                        Task::Learn(id, mac, scope) => {
                            if let Some(lane) = lanes.find(id) {
                                learn(dev, &lane.slave.dev, mac, scope);
                            }
                        }
                        Task::Promiscuity(..) => desk.calm = true,
                    }
                }
            }
            balance.next_deadline(runs)
        });
        let calm = desk.calm;
        drop(desk);
        if calm {
            self.later.ask();
        }
        self.expect_balance(next);
    }

    fn expire_periods(&self, dev: &NetDevice, lanes: &Lanes, ledger: &mut Ledger, now: Time) {
        let balance = &lanes.balance;
        let due = balance.timers.lock().expire(now);
        let active = lanes.active_slave();
        if due.learn {
            for lane in lanes.ready_lanes() {
                // With balance-alb those above answer for themselves.
                let is_active = active.is_some_and(|a| core::ptr::eq(a, &*lane.slave));
                let scope = match balance.mode {
                    Mode::Tlb if is_active => Learn::All,
                    _ => Learn::Vlans,
                };
                learn(dev, &lane.slave.dev, lane.mac(), scope);
            }
        }
        if due.rebalance && !lanes.is_static() {
            balance.table.rebalance(
                ledger,
                now,
                || balance.counters.each(),
                lanes.loads(),
                active.map(|slave| &slave.load),
            );
        }
    }

    /// A VLAN was taken off the bond.
    pub(crate) fn forget_vlan(&self, cx: Cx<'_>, id: u16) {
        if let Some(balance) = self.balance.share(cx.rtnl) {
            self.with_clients(cx, &balance, |rlb, _, _, _| rlb.vlan_removed(id));
        }
    }
}

/// Who has which address.
impl Bond {
    /// Gives a device that is to become a slave, and has the bond's address, one of its own.
    pub(crate) fn own_address(&self, cx: Cx<'_>, slave: &Slave) -> Result {
        let now = Now { bond: self, cx };
        let mac = match address::attach(&now, slave.own_address.mac()) {
            Ok(Attach::Free(mac)) => mac,
            Ok(Attach::Borrowed(mac, _)) => {
                cx.report_on(&slave.dev, Event::AddressBorrowed(mac));
                mac
            }
            Err(NoFreeMac) => {
                cx.report_on(&slave.dev, Event::AddressTaken);
                return Err(EFAULT);
            }
        };
        self.set_own_address(cx, slave, mac)
    }

    /// Sets the address that a slave sends by, and with balance-alb receives by. With balance-tlb
    /// all receive by the bond's, which the driver was given, and only what they send differs.
    fn set_own_address(&self, cx: Cx<'_>, slave: &Slave, mac: Mac) -> Result {
        let mut addr = HwAddr::from(mac);
        match self.params.get(cx.rtnl).mode {
            Mode::Tlb => {
                slave.dev.dev_addr_set(cx.rtnl, &addr);
                Ok(())
            }
            _ => slave.dev.dev_set_mac_address(cx.rtnl, &mut addr, None),
        }
    }

    /// Lets a slave of balance-tlb receive by `ours`, the bond's address. It sends by its own as
    /// before.
    fn receive_by(&self, cx: Cx<'_>, slave: &Slave, ours: &HwAddr) -> Result {
        let own = slave.dev.address(cx.rtnl);
        if own == *ours {
            let had = slave.receives_by.get(cx.rtnl);
            if had == own {
                return Ok(());
            }
            // The kernel asks the driver only for an address that the device does not show.
            slave.dev.dev_addr_set(cx.rtnl, &had);
        }
        let mut lent = *ours;
        let done = slave.dev.dev_set_mac_address(cx.rtnl, &mut lent, None);
        slave.dev.dev_addr_set(cx.rtnl, &own);
        if done.is_ok() {
            slave.receives_by.set(cx.rtnl, *ours);
        }
        done
    }

    /// Gives a former slave the address back that it came with. With fail_over_mac active it has
    /// kept its own, or the one that the user has given it since.
    pub(crate) fn give_back_address(&self, cx: Cx<'_>, slave: &Slave) {
        let (lower, own) = (&slave.dev, slave.own_address);
        let params = self.params.get(cx.rtnl);
        if self.follows_active(&params) {
            return;
        }
        let shown = lower.address(cx.rtnl);
        if params.mode == Mode::Tlb && shown == own {
            // As in `receive_by`.
            lower.dev_addr_set(cx.rtnl, &slave.receives_by.get(cx.rtnl));
        }
        let mut lent = own;
        if let Err(e) = lower.dev_set_mac_address(cx.rtnl, &mut lent, None) {
            // It goes on showing what it has shown.
            if params.mode == Mode::Tlb {
                lower.dev_addr_set(cx.rtnl, &shown);
            }
            cx.report_on(lower, Event::AddressBack(&own, e.to_errno()));
        }
    }

    fn set_or_warn(&self, cx: Cx<'_>, slave: &Slave, mac: Mac) {
        if let Err(e) = self.set_own_address(cx, slave, mac) {
            cx.report_on(&slave.dev, Event::AddressUp(mac, e.to_errno()));
        }
    }

    /// The active slave is about to be another one.
    pub(crate) fn active_leaves(&self, cx: Cx<'_>) {
        if let Some(balance) = self.balance.share(cx.rtnl) {
            self.with_clients(cx, &balance, |rlb, _, _, sink| rlb.active_changes(sink));
        }
    }

    /// The active slave gets the bond's address: it has become active after `old`, or the address
    /// is another one.
    pub(crate) fn take_over(&self, cx: Cx<'_>, old: Option<&Slave>) {
        let Some(new) = self.active.share(cx.rtnl) else {
            return;
        };
        if !self.is_balanced(cx.rtnl) {
            return;
        }
        if self.params.get(cx.rtnl).mode == Mode::Tlb {
            // It may have been down, and have been brought up by what it sends by.
            let _ = self.receive_by(cx, &new, &cx.dev.address(cx.rtnl));
        }
        let now = Now { bond: self, cx };
        match address::takeover(&now, old.map(|slave| slave.id)) {
            Takeover::Swap(id) => {
                if let Some(other) = self.slave_by_id(cx, id) {
                    self.swap(cx, &new, &other);
                }
            }
            Takeover::Set => {
                let mac = cx.dev.address(cx.rtnl).mac();
                self.set_or_warn(cx, &new, mac);
                learn(cx.dev, &new.dev, mac, Learn::All);
                if let Some(balance) = self.balance.share(cx.rtnl) {
                    self.with_clients(cx, &balance, |rlb, _, _, _| rlb.mac_changed(new.id));
                }
                new.know_address(cx.rtnl);
            }
        }
    }

    /// Two slaves swap their addresses, and switches and clients get to know.
    fn swap(&self, cx: Cx<'_>, one: &Slave, other: &Slave) {
        let (mine, yours) = (one.balanced(cx.rtnl).mac, other.balanced(cx.rtnl).mac);
        if mine != yours {
            self.set_or_warn(cx, one, yours);
            self.set_or_warn(cx, other, mine);
        }
        one.know_address(cx.rtnl);
        other.know_address(cx.rtnl);
        let now = Now { bond: self, cx };
        match self.balance.share(cx.rtnl) {
            Some(balance) if balance.clients.is_some() => {
                self.with_clients(cx, &balance, |rlb, bond, now, sink| {
                    rlb.macs_swapped(bond, one.id, other.id, now, sink)
                });
            }
            _ => {
                for id in [one.id, other.id] {
                    let slave = balance::Bond::slave(&now, id).filter(|s| s.can_tx);
                    if let (Some(seen), Some(slave)) = (slave, self.slave_by_id(cx, id)) {
                        learn(cx.dev, &slave.dev, seen.mac, Learn::All);
                    }
                }
            }
        }
    }

    /// A slave was taken off the list, and no active one has been chosen after it.
    pub(crate) fn leave_balance(&self, cx: Cx<'_>, slave: &Slave) {
        if !self.is_balanced(cx.rtnl) {
            return;
        }
        let now = Now { bond: self, cx };
        let mac = slave.dev.address(cx.rtnl).mac();
        if let Some(id) = address::detach(&now, slave.own_address.mac(), mac) {
            if let Some(other) = self.slave_by_id(cx, id) {
                self.swap(cx, &other, slave);
            }
        }
        if let Some(balance) = self.balance.share(cx.rtnl) {
            let mac = slave.dev.address(cx.rtnl).mac();
            self.with_clients(cx, &balance, |rlb, bond, now, sink| {
                rlb.slave_gone(bond, slave.id, mac, now, sink)
            });
        }
    }

    /// Lets one slave of balance-tlb receive by the bond's new address; balance-alb's have their
    /// own.
    pub(crate) fn follow_address(&self, cx: Cx<'_>, slave: &Slave, ours: &HwAddr) -> Result {
        match self.params.get(cx.rtnl).mode {
            Mode::Tlb => self.receive_by(cx, slave, ours),
            _ => Ok(()),
        }
    }
}

impl Slave {
    /// Its address has been told to those who have to know.
    fn know_address(&self, rtnl: &Rtnl) {
        if let Some((up, _)) = self.balance_told.get(rtnl) {
            let mac = self.dev.address(rtnl).mac();
            self.balance_told.set(rtnl, Some((up, mac)));
        }
    }
}

/// Sends learning packets by a slave: for `mac`, and for those above the bond.
fn learn(dev: &NetDevice, via: &NetDevice, mac: Mac, scope: Learn) {
    skb::send_control(via, &eth::learning(mac), None);
    Rcu::read(|rcu| {
        dev.for_each_above(rcu, |above| {
            if scope == Learn::All || !above.macvlan {
                let frame = eth::learning(above.mac.unwrap_or(mac));
                skb::send_control(via, &frame, above.tag);
            }
        });
    });
}
