// SPDX-License-Identifier: GPL-2.0

//! balance-tlb and balance-alb: keeps what `lag::balance` knows, tells it what happens, and
//! carries out what it says.

use kernel::sync::Arc;
use lag::{
    balance::{
        self,
        address::{self, Attach, NoFreeMac, Takeover},
        rlb::Learn,
        tlb::Ledger,
        SlaveId,
    },
    mode::Mode,
    report::Event,
};
use netdev::{device::HwAddr, prelude::*, skb, time, NetDevice, Rcu, Rtnl};
use wire::{
    eth,
    mac::Mac,
    time::{Span, Time},
};

use crate::{
    keeps::balance::{Balance, Clients, Orders, Task},
    slave::Slave,
    state::Bond,
    tx::{lanes::Lanes, View},
    Cx,
};

/// The slave that was made promiscuous is so no more.
fn calm(cx: Cx<'_>, balance: &Balance) {
    if let Some(slave) = balance.promiscuous.replace(cx.rtnl, None) {
        let _ = slave.dev.dev_set_promiscuity(cx.rtnl, -1);
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
        self.bond
            .choice
            .active
            .share(self.cx.rtnl)
            .map(|slave| slave.id)
    }

    fn mac(&self) -> Mac {
        self.cx.dev.address(self.cx.rtnl).mac()
    }
}

/// Reactions to events.
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

    /// Returns the time at which `expire_balance` is to run next.
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
            self.live.later.ask();
        }
        self.live.expect_balance(next);
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

/// Addresses of bond and slaves.
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
        let Some(new) = self.choice.active.share(cx.rtnl) else {
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
