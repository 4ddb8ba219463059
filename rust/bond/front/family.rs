// SPDX-License-Identifier: GPL-2.0

//! The generic netlink family `rustbond`: bonds, slaves, history, and which slave takes a flow.

use kernel::str::CStr;
use lag::{
    family::{
        self, bond_counters, bonds as of_bond, end, flow, lacp as of_lacp, port as of_port, record,
        slave as of_slave, slave_counters, Kind,
    },
    history::{What, RECORDS},
    lacp::port::Port,
    mode::Mode,
};
use netdev::{
    anchor::Fixed,
    genetlink::{Anchor, Command, Dump, Family, Position, Request},
    netlink::{Fill, Policy},
    prelude::*,
    skb::Skb,
    stats::Stats,
    time, NetDevice, Rcu,
};
use wire::{duplex::Duplex, lacpdu::Info};

use crate::{
    history::{self, FAMILY},
    slave::Slave,
    state::Bond,
    tx::View,
};

/// The family.
pub(crate) enum Questions {}

fn policy(command: u8, attr: u16) -> Policy {
    let of = family::COMMANDS.iter().find(|of| of.number == command);
    match of.and_then(|of| of.takes(attr)) {
        Some(Kind::U32 | Kind::Enum(_)) => Policy::U32,
        Some(Kind::Uint) => Policy::Uint,
        Some(Kind::Octets(max)) => Policy::Bytes(max),
        Some(Kind::Mac) => Policy::Bytes(6),
        Some(Kind::Text | Kind::Nest(_)) | None => Policy::Reject,
    }
}

impl Family for Questions {
    const ANCHOR: Fixed<Anchor> = Fixed::new(&FAMILY);
    const NAME: &'static CStr = c"rustbond";
    const VERSION: u8 = family::VERSION;
    const GROUP: &'static CStr = c"events";

    fn commands(f: &mut dyn FnMut(Command) -> Result) -> Result {
        for of in family::COMMANDS {
            f(Command {
                number: of.number,
                one: !of.one.is_empty(),
                dump: of.dump.is_some(),
                admin: of.admin,
                max_attr: of.max_attr(),
                policy,
            })?;
        }
        Ok(())
    }

    fn one(request: &Request<'_>, to: &mut Fill<'_>, rcu: &Rcu) -> Result {
        match request.command() {
            family::BOND_GET => {
                let (dev, bond) = bond_of(request, of_bond::IFINDEX, rcu)?;
                put_bond(request, dev, bond, to, rcu)
            }
            family::SLAVE_GET => {
                let (dev, bond) = bond_of(request, of_slave::BOND, rcu)?;
                let ifindex = wanted(request, of_slave::IFINDEX, "a slave's ifindex is missing")?;
                let view = bond.view.read(rcu).ok_or(EAGAIN)?;
                let slave = view.all.iter().find(|s| s.dev.ifindex() as u32 == ifindex);
                let slave = slave.ok_or_else(|| {
                    refuse(request, ENODEV, "no slave of the bond has that ifindex")
                })?;
                put_slave(request, dev, bond, slave, to)
            }
            family::FLOW_GET => put_flow(request, to, rcu),
            _ => Err(EOPNOTSUPP),
        }
    }

    fn dump(request: &Request<'_>, at: &mut Position, to: &mut Dump<'_>, rcu: &Rcu) -> Result {
        match request.command() {
            family::BOND_GET => dump_bonds(request, at, to, rcu),
            family::SLAVE_GET => dump_slaves(request, at, to, rcu),
            family::HISTORY_GET => dump_history(request, at, to, rcu),
            _ => Err(EOPNOTSUPP),
        }
    }
}

/// Says why a request is refused.
#[cold]
fn refuse(request: &Request<'_>, error: Error, why: &str) -> Error {
    if let Some(ext) = request.extack() {
        ext.say(format_args!("{why}"));
    }
    error
}

/// A number that the request has to have.
fn wanted(request: &Request<'_>, attr: u16, missing: &str) -> Result<u32> {
    let number = request.get_u32(attr);
    number.ok_or_else(|| refuse(request, EINVAL, missing))
}

/// The bond that the request is about.
fn bond_of<'r>(
    request: &Request<'_>,
    attr: u16,
    rcu: &'r Rcu,
) -> Result<(&'r NetDevice, &'r Bond)> {
    let ifindex = wanted(request, attr, "the bond's ifindex is missing")?;
    request.device(ifindex, rcu).map_err(|error| {
        let why = match error == ENODEV {
            true => "no device has that ifindex",
            false => "the device is no bond of rustbond",
        };
        refuse(request, error, why)
    })
}

/// A word of a machine of LACP, as text.
fn put_word(to: &mut Fill<'_>, attr: u16, word: &str) -> Result {
    to.put_text(attr, word.as_bytes())
}

fn put_bond(
    request: &Request<'_>,
    dev: &NetDevice,
    bond: &Bond,
    to: &mut Fill<'_>,
    rcu: &Rcu,
) -> Result {
    let view = bond.view.read(rcu).ok_or(EAGAIN)?;
    let params = bond.params.read(rcu);
    let ifindex = |slave: &Slave| slave.dev.ifindex() as u32;
    to.put_u32(of_bond::IFINDEX, dev.ifindex() as u32)?;
    to.put_text(of_bond::IFNAME, dev.name().as_bytes())?;
    to.put_u32(of_bond::MODE, params.mode.number().into())?;
    to.put_u32(of_bond::CARRIER, dev.netif_carrier_ok().into())?;
    if let Some(active) = &view.active {
        to.put_u32(of_bond::ACTIVE, ifindex(active))?;
    }
    let named = |s: &&kernel::sync::Arc<Slave>| {
        let name = s.dev.name();
        params
            .primary
            .is_some_and(|p| p.as_bytes() == name.as_bytes())
    };
    if let Some(primary) = view.all.iter().find(named) {
        to.put_u32(of_bond::PRIMARY, ifindex(primary))?;
    }
    to.put_u32(of_bond::SLAVES, view.all.len() as u32)?;
    let last = bond.history.last();
    to.put_uint(of_bond::RECORDS, last)?;
    to.put_u32(of_bond::RECORDS_KEPT, last.min(RECORDS as u64) as u32)?;
    to.nest(of_bond::COUNTERS, |to| put_counters(bond, view, to))?;
    match params.mode {
        Mode::Lacp => to.nest(of_bond::LACP, |to| put_lacp(request, bond, to, rcu)),
        _ => Ok(()),
    }
}

/// The counters of a bond, in the order of the family's numbers.
pub(crate) fn counters(bond: &Bond, view: &View) -> [(u16, u64); 8] {
    let (no_slave, no_memory) = bond.live.dropped();
    let balance = view.table.lanes().map(|lanes| &lanes.balance);
    let (moved, rebalanced) = balance.map_or((0, 0), |b| (b.table.moved(), b.table.rebalanced()));
    let clients = balance.and_then(|b| b.clients.as_ref());
    [
        (bond_counters::FAILOVERS, bond.history.failovers()),
        (
            bond_counters::CARRIER_CHANGES,
            bond.history.count(What::Carrier),
        ),
        (
            bond_counters::AGGREGATOR_CHANGES,
            bond.history.count(What::ActiveAggregator),
        ),
        (bond_counters::TX_NO_SLAVE, no_slave),
        (bond_counters::TX_NO_MEMORY, no_memory),
        (bond_counters::FLOWS_MOVED, moved),
        (bond_counters::FLOWS_REBALANCED, rebalanced),
        (
            bond_counters::CLIENTS_MOVED,
            clients.map_or(0, |clients| clients.lock().moved()),
        ),
    ]
}

fn put_counters(bond: &Bond, view: &View, to: &mut Fill<'_>) -> Result {
    let counters = counters(bond, view);
    counters
        .iter()
        .try_for_each(|(attr, n)| to.put_uint(*attr, *n))
}

fn put_lacp(request: &Request<'_>, bond: &Bond, to: &mut Fill<'_>, rcu: &Rcu) -> Result {
    let (info, system) = bond.lacp.info();
    let info = info.unwrap_or_default();
    to.put_u32(of_lacp::AGGREGATOR, info.aggregator.into())?;
    to.put_u32(of_lacp::PORTS, info.ports.into())?;
    to.put_u32(of_lacp::ACTOR_KEY, info.actor_key.into())?;
    to.put_u32(of_lacp::PARTNER_KEY, info.partner_key.into())?;
    to.put(of_lacp::PARTNER, &info.partner.0)?;
    if request.is_admin() {
        let priority = bond.params.read(rcu).ad_actor_sys_prio;
        to.put(of_lacp::SYSTEM, &system.0)?;
        to.put_u32(of_lacp::SYSTEM_PRIORITY, priority.into())?;
    }
    to.nest(of_lacp::PDUS, |to| put_pdus(&bond.lacp.counters(), to))
}

/// Counters of PDUs, in the order of BOND_3AD_STAT_*, which is that of the family's numbers.
fn put_pdus(counters: &[u64; 9], to: &mut Fill<'_>) -> Result {
    let mut numbered = (1..).zip(counters);
    numbered.try_for_each(|(attr, n)| to.put_uint(attr, *n))
}

fn put_slave(
    request: &Request<'_>,
    dev: &NetDevice,
    bond: &Bond,
    slave: &Slave,
    to: &mut Fill<'_>,
) -> Result {
    to.put_u32(of_slave::BOND, dev.ifindex() as u32)?;
    to.put_u32(of_slave::IFINDEX, slave.dev.ifindex() as u32)?;
    to.put_text(of_slave::IFNAME, slave.dev.name().as_bytes())?;
    to.put_u32(of_slave::LINK, slave.told_status().number().into())?;
    let usable = slave.told_history.usability.get() as u32;
    to.put_u32(of_slave::USABILITY, usable)?;
    let (speed, duplex) = slave.speed.get();
    if let Some(speed) = speed {
        to.put_u32(of_slave::SPEED, speed)?;
    }
    match duplex {
        Duplex::Half => to.put_u32(of_slave::DUPLEX, 0)?,
        Duplex::Full => to.put_u32(of_slave::DUPLEX, 1)?,
        Duplex::Unknown => {}
    }
    to.nest(of_slave::COUNTERS, |to| {
        let mut counters = slave_counters(slave).into_iter();
        counters.try_for_each(|(attr, n)| to.put_uint(attr, n))
    })?;
    let put = bond.lacp.with_port(slave, |system, ports, port| {
        let reason = system.reason(ports, port);
        let reason = reason.map_or(0, |reason| reason.number());
        to.nest(of_slave::LACP, |to| {
            put_port(request, slave, port, reason, to)
        })
    });
    put.unwrap_or(Ok(()))
}

/// The counters of a slave.
pub(crate) fn slave_counters(slave: &Slave) -> [(u16, u64); 5] {
    let mut stats = Stats::ZERO;
    slave.dev.dev_get_stats(&mut stats);
    let (sent, received) = stats.packets();
    [
        (slave_counters::LINK_FAILURES, slave.failures().into()),
        (slave_counters::PROBES_SENT, slave.arp.probes()),
        (slave_counters::PROBES_ANSWERED, slave.arp.answers()),
        (slave_counters::TX_PACKETS, sent),
        (slave_counters::RX_PACKETS, received),
    ]
}

fn put_port(
    request: &Request<'_>,
    slave: &Slave,
    port: &Port,
    reason: u8,
    to: &mut Fill<'_>,
) -> Result {
    to.put_u32(of_port::REASON, reason.into())?;
    to.put_u32(of_port::AGGREGATOR, port.aggregator_id().into())?;
    if request.is_admin() {
        to.nest(of_port::ACTOR, |to| put_end(port.actor(), to))?;
        to.nest(of_port::PARTNER, |to| put_end(port.partner(), to))?;
    }
    put_word(to, of_port::RECEIVE, port.rx_state().name())?;
    put_word(to, of_port::PERIODIC, port.periodic_state().name())?;
    put_word(to, of_port::MUX, port.mux_state().name())?;
    put_word(to, of_port::ACTOR_CHURN, port.actor_churn().state().word())?;
    put_word(
        to,
        of_port::PARTNER_CHURN,
        port.partner_churn().state().word(),
    )?;
    let now = time::now();
    let timers = [
        of_port::CURRENT_WHILE,
        of_port::PERIODIC_TIMER,
        of_port::WAIT_WHILE,
    ];
    for (attr, deadline) in timers.into_iter().zip(port.deadlines()) {
        if let Some(at) = deadline {
            to.put_u32(attr, (at - now).as_millis() as u32)?;
        }
    }
    to.put_uint(of_port::STRAYS, port.strays())?;
    to.put_uint(of_port::DROPPED, port.dropped())?;
    let counters = slave.refused.add_to(port.stats().values());
    to.nest(of_port::PDUS, |to| put_pdus(&counters, to))
}

fn put_end(info: &Info, to: &mut Fill<'_>) -> Result {
    to.put_u32(end::SYSTEM_PRIORITY, info.system_priority.into())?;
    to.put(end::SYSTEM, &info.system.0)?;
    to.put_u32(end::KEY, info.key.into())?;
    to.put_u32(end::PORT_PRIORITY, info.port_priority.into())?;
    to.put_u32(end::PORT, info.port.into())?;
    to.put_u32(end::STATE, info.state.0.into())
}

fn put_flow(request: &Request<'_>, to: &mut Fill<'_>, rcu: &Rcu) -> Result {
    let (dev, bond) = bond_of(request, flow::BOND, rcu)?;
    let frame = request.get(flow::FRAME);
    let frame = frame.ok_or_else(|| refuse(request, EINVAL, "the head of a frame is missing"))?;
    let view = bond.view.read(rcu).ok_or(EAGAIN)?;
    let skb = Skb::of_frame(dev, frame.payload());
    let skb =
        skb.ok_or_else(|| refuse(request, EINVAL, "the frame has no whole Ethernet header"))?;
    let answer = view.table.ask(&skb);
    let _ = skb.consume_skb();
    to.put_u32(flow::BOND, dev.ifindex() as u32)?;
    to.put_u32(flow::FATE, answer.fate.number().into())?;
    if let Some(slave) = answer.slave {
        to.put_u32(flow::SLAVE, slave.dev.ifindex() as u32)?;
        to.put_text(flow::IFNAME, slave.dev.name().as_bytes())?;
    }
    if let Some(hash) = answer.hash {
        to.put_u32(flow::HASH, hash)?;
    }
    match answer.bucket {
        Some(bucket) => to.put_u32(flow::BUCKET, bucket),
        None => Ok(()),
    }
}

/// Says that this bond has been told of, or that there is nothing to see of it.
fn told(done: Result<bool>) -> Result<bool> {
    match done {
        Err(e) if e == EAGAIN => Ok(true),
        done => done,
    }
}

fn dump_bonds(request: &Request<'_>, at: &mut Position, to: &mut Dump<'_>, rcu: &Rcu) -> Result {
    while let Some((dev, bond)) = request.next_device::<Bond>(at.device, rcu) {
        if !told(to.add(|to| put_bond(request, dev, bond, to, rcu)))? {
            return Ok(());
        }
        at.device = (dev.ifindex() as u64).saturating_add(1);
    }
    Ok(())
}

fn dump_slaves(request: &Request<'_>, at: &mut Position, to: &mut Dump<'_>, rcu: &Rcu) -> Result {
    if request.get_u32(of_slave::BOND).is_some() {
        let (dev, bond) = bond_of(request, of_slave::BOND, rcu)?;
        dump_slaves_of(request, dev, bond, at, to, rcu)?;
        return Ok(());
    }
    while let Some((dev, bond)) = request.next_device::<Bond>(at.device, rcu) {
        // The place that it has come to is one of this bond.
        let ifindex = dev.ifindex() as u64;
        if at.device != ifindex {
            *at = Position {
                device: ifindex,
                part: 0,
            };
        }
        if !dump_slaves_of(request, dev, bond, at, to, rcu)? {
            return Ok(());
        }
        *at = Position {
            device: ifindex.saturating_add(1),
            part: 0,
        };
    }
    Ok(())
}

/// Adds the slaves of one bond; false if there is no room for all.
fn dump_slaves_of(
    request: &Request<'_>,
    dev: &NetDevice,
    bond: &Bond,
    at: &mut Position,
    to: &mut Dump<'_>,
    rcu: &Rcu,
) -> Result<bool> {
    let Some(view) = bond.view.read(rcu) else {
        return Ok(true);
    };
    while let Some(slave) = view.all.get(at.part as usize) {
        if !told(to.add(|to| put_slave(request, dev, bond, slave, to)))? {
            return Ok(false);
        }
        at.part = at.part.saturating_add(1);
    }
    Ok(true)
}

fn dump_history(request: &Request<'_>, at: &mut Position, to: &mut Dump<'_>, rcu: &Rcu) -> Result {
    let (dev, bond) = bond_of(request, record::BOND, rcu)?;
    if at.device == 0 {
        *at = Position {
            device: 1,
            part: request.get_uint(record::SEQ).unwrap_or(0),
        };
    }
    while let Some((seq, record)) = bond.history.next(at.part) {
        if !to.add(|to| history::fill(dev, seq, &record, to))? {
            return Ok(());
        }
        at.part = seq;
    }
    Ok(())
}
