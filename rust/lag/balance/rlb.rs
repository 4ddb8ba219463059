// SPDX-License-Identifier: GPL-2.0

//! Receive load balancing: each peer is told, by ARP, the MAC of the slave it is to send to.
//!
//! Documentation/networking/bonding.rst, mode balance-alb. The ARP replies and requests that this
//! host sends pass [`Rlb::arp_sent`], which deals the client a slave and says whose MAC goes into
//! a reply. A request, which has to carry the bond's MAC, draws all who hear it to the active
//! slave: they are told again, two seconds later, after the answer. What comes in passes
//! [`Rlb::arp_received`], which learns the MACs of clients and forgets addresses of ours that
//! another host has taken. When slaves come and go their clients move and are told, several times
//! over because an unasked reply may be lost. Those whose slave has gone are told at once: what they
//! send is lost until then.
//!
//! All calls are made under one lock, and none looks at a clock. A caller asks
//! [`Rlb::next_deadline`] after each and calls [`Rlb::expire`] then.

mod table;

use super::{Bond, Slave, SlaveId};
use crate::mac::Mac;
use crate::time::{Span, Time};
use crate::wire::arp::{Op, Repr};
use crate::wire::eth::Tag;
use core::fmt;
use core::net::Ipv4Addr;
use table::{vlan_id, Clients};

pub use table::{Client, Place, CLIENTS};

/// Between two rounds of telling the clients, so as not to confuse them.
pub const UPDATE_DELAY: Span = Span::secs(2);
/// Further rounds after a slave went or changed its MAC.
pub const UPDATE_RETRY: u8 = 3;
/// Replies to a client in a round.
pub const ARP_BURST: usize = 2;
/// Time for which the active slave receives frames to the MAC of a slave that has failed.
pub const PROMISC_TIMEOUT: Span = Span::secs(10);

/// For which addresses learning packets are sent besides the one named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learn {
    /// For those of VLAN devices above the bond, each in its VLAN.
    Vlans,
    /// For those of macvlan devices above the bond too.
    All,
}

/// Takes the orders of RLB.
pub trait Sink {
    /// Send this reply by `slave`, from `reply.sender_mac` to `reply.target_mac`, with the tag.
    fn arp_reply(&mut self, slave: SlaveId, tag: Option<Tag>, reply: &Repr);

    /// Send learning packets for `mac` by `slave`.
    fn learn(&mut self, slave: SlaveId, mac: Mac, scope: Learn);

    /// Let `slave` receive frames for any MAC, or no more; `dev_set_promiscuity`. False if it
    /// could not be done.
    fn promiscuity(&mut self, slave: SlaveId, on: bool) -> bool;
}

/// The slave and the sender address of an ARP packet of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// By this slave, whose MAC is the source in the Ethernet header.
    pub slave: SlaveId,
    /// And this MAC is put in the place of the ARP packet's sender MAC.
    pub sender_mac: Option<Mac>,
}

/// Receive load balancing of one bond. `T` holds [`CLIENTS`] places, each [`Place::FREE`].
#[derive(Debug)]
pub struct Rlb<T> {
    clients: Clients<T>,
    /// The slave that was dealt last.
    rx_slave: Option<SlaveId>,
    /// All clients are to be dealt anew.
    rebalance: bool,
    /// Some client is to be told.
    rx_ntt: bool,
    /// Not before this.
    update_at: Time,
    /// Rounds of telling that follow the next one.
    retries: u8,
    /// The active slave that takes what is sent to a MAC without a slave, and until when.
    promisc: Option<(SlaveId, Time)>,
    /// Clients that were given to another slave.
    moved: u64,
}

impl<T: core::ops::DerefMut<Target = [Place]>> Rlb<T> {
    /// No clients, and room for as many as there are places.
    pub fn new(places: T) -> Rlb<T> {
        Rlb {
            clients: Clients::new(places),
            rx_slave: None,
            rebalance: false,
            rx_ntt: false,
            update_at: Time(0),
            retries: 0,
            promisc: None,
            moved: 0,
        }
    }

    /// Returns the number of clients that were given to another slave.
    pub fn moved(&self) -> u64 {
        self.moved
    }

    /// The slave that [`arp_sent`](Rlb::arp_sent) would name, for who only asks.
    pub fn would_send(
        &mut self,
        bond: &impl Bond,
        arp: &Repr,
        tag: Option<Tag>,
    ) -> Option<SlaveId> {
        if !bond.slaves().any(|slave| slave.mac == arp.sender_mac) {
            return None;
        }
        let index = self
            .clients
            .find(arp.sender_ip, arp.target_ip, vlan_id(tag));
        let client = index.and_then(|index| self.clients.get(index));
        let slave = client.and_then(|client| bond.slave(client.slave?));
        if let Some(slave) = slave.filter(|slave| slave.can_tx) {
            return Some(slave.id);
        }
        let turn = self.rx_slave;
        let next = self.next_rx_slave(bond).map(|slave| slave.id);
        self.rx_slave = turn;
        next
    }

    /// An ARP packet of this host is about to be sent, in the VLAN of `tag`. None: it is sent as
    /// it is by the active slave, because it comes from elsewhere (through a bridge above the
    /// bond, say) or no slave can be used.
    ///
    /// The caller leaves out what comes from an address of a bridge above the bond.
    pub fn arp_sent(
        &mut self,
        bond: &impl Bond,
        arp: &Repr,
        tag: Option<Tag>,
        now: Time,
        sink: &mut impl Sink,
    ) -> Option<Route> {
        if !bond.slaves().any(|slave| slave.mac == arp.sender_mac) {
            return None;
        }
        let slave = self.choose(bond, arp, tag, sink)?;
        match arp.op {
            Op::Reply => {
                let sender_mac = (arp.sender_mac != slave.mac).then_some(slave.mac);
                Some(Route {
                    slave: slave.id,
                    sender_mac,
                })
            }
            Op::Request => {
                // What is told now would be undone by the request.
                self.update_at = self.update_at.max(now + UPDATE_DELAY);
                self.collapsed(bond, arp.sender_ip);
                Some(Route {
                    slave: slave.id,
                    sender_mac: None,
                })
            }
        }
    }

    /// An ARP packet came in by any slave, in the VLAN of `tag`.
    pub fn arp_received(&mut self, bond: &impl Bond, arp: &Repr, tag: Option<Tag>) {
        let vlan = vlan_id(tag);
        if !arp.sender_mac.is_valid_unicast() {
            return;
        }
        // Our own packets come back by other slaves; and a client with a MAC of ours would be told
        // where to send by frames to ourselves.
        if bond.slaves().any(|slave| slave.mac == arp.sender_mac) {
            return;
        }
        if self.clients.has_source(arp.sender_ip) {
            self.remove_if(|client| {
                client.ip_src == arp.sender_ip
                    && client.vlan() == vlan
                    && client.mac_src != arp.sender_mac
            });
        }
        if arp.op != Op::Reply {
            return;
        }
        let Some(index) = self.clients.find(arp.target_ip, arp.sender_ip, vlan) else {
            return;
        };
        if let Some(client) = self.clients.get_mut(index) {
            if client.mac_dst != arp.sender_mac {
                client.mac_dst = arp.sender_mac;
                client.ntt = true;
                self.rx_ntt = true;
            }
        }
    }

    /// A slave joined, or its link came up: clients are dealt anew.
    pub fn slave_up(&mut self) {
        self.rebalance = true;
    }

    /// A slave cannot be used any more: its link went down, or it was released. `mac` is the one
    /// it had at last. [`Bond::slaves`] tells it as unusable, or not at all.
    pub fn slave_gone(
        &mut self,
        bond: &impl Bond,
        id: SlaveId,
        mac: Mac,
        now: Time,
        sink: &mut impl Sink,
    ) {
        // A released slave was switched off by `active_changes`, unless it is still active.
        if bond.slave(id).is_none() && self.promisc.is_some_and(|(slave, _)| slave == id) {
            self.active_changes(sink);
        }
        self.for_each(|this, client| {
            if client.slave == Some(id) {
                client.slave = this.next_rx_slave(bond).map(|slave| slave.id);
                this.moved = this.moved.wrapping_add(1);
                if client.slave.is_some() && client.mac_dst.is_valid_unicast() {
                    client.ntt = true;
                    this.rx_ntt = true;
                    this.retries = UPDATE_RETRY;
                    this.update_at = now;
                }
            }
        });
        if bond.active() != Some(id) {
            self.teach(bond, mac, now, sink);
        }
    }

    /// A slave has another MAC: its clients have to know.
    pub fn mac_changed(&mut self, id: SlaveId) {
        self.for_each(|this, client| {
            if client.slave == Some(id) && client.mac_dst.is_valid_unicast() {
                client.ntt = true;
                this.rx_ntt = true;
                this.retries = UPDATE_RETRY;
            }
        });
    }

    /// Two slaves have swapped their MACs; [`Bond`] tells the new ones.
    pub fn macs_swapped(
        &mut self,
        bond: &impl Bond,
        one: SlaveId,
        other: SlaveId,
        now: Time,
        sink: &mut impl Sink,
    ) {
        let (one, other) = (bond.slave(one), bond.slave(other));
        for slave in [one, other]
            .into_iter()
            .flatten()
            .filter(|slave| slave.can_tx)
        {
            sink.learn(slave.id, slave.mac, Learn::All);
            self.mac_changed(slave.id);
        }
        match (one, other) {
            (Some(up), Some(down)) | (Some(down), Some(up)) if up.can_tx && !down.can_tx => {
                // Nobody answers to the MAC that the other has now.
                self.update_at = now;
                self.teach(bond, down.mac, now, sink);
            }
            _ => {}
        }
    }

    /// Another slave is about to become the active one, or none is.
    pub fn active_changes(&mut self, sink: &mut impl Sink) {
        if let Some((slave, _)) = self.promisc.take() {
            sink.promiscuity(slave, false);
        }
    }

    /// A VLAN was taken off the bond: its clients are forgotten.
    pub fn vlan_removed(&mut self, id: u16) {
        self.remove_if(|client| client.tag.is_some_and(|tag| tag.id() == id));
    }

    /// Does what is due at `now`.
    pub fn expire(&mut self, bond: &impl Bond, now: Time, sink: &mut impl Sink) {
        if let Some((slave, _)) = self.promisc.filter(|(_, until)| *until <= now) {
            sink.promiscuity(slave, false);
            self.promisc = None;
        }
        if core::mem::take(&mut self.rebalance) {
            self.deal_anew(bond);
        }
        if self.rx_ntt && self.update_at <= now {
            self.tell_clients(bond, sink);
            self.update_at = now + UPDATE_DELAY;
            match self.retries.checked_sub(1) {
                Some(left) => self.retries = left,
                None => self.rx_ntt = false,
            }
        }
    }

    /// Returns the time at which [`expire`](Self::expire) has to be called next; None if there is
    /// nothing to come. A time that has passed means at once.
    pub fn next_deadline(&self) -> Option<Time> {
        let rebalance = self.rebalance.then_some(Time(0));
        let update = self.rx_ntt.then_some(self.update_at);
        let promisc = self.promisc.map(|(_, until)| until);
        [rebalance, update, promisc].into_iter().flatten().min()
    }

    /// The clients, the newest first.
    pub fn clients(&self) -> impl Iterator<Item = &Client> {
        core::iter::successors(self.clients.newest(), |at| self.clients.older(*at))
            .filter_map(|at| self.clients.get(at))
    }

    /// Writes the text of rlb_hash_table in debugfs; `name` gives the name of a slave's device.
    pub fn write_table<N: fmt::Display>(
        &self,
        out: &mut impl fmt::Write,
        name: impl Fn(SlaveId) -> Option<N>,
    ) -> fmt::Result {
        writeln!(
            out,
            "{:<15} {:<15} {:<17} DEV",
            "SourceIP", "DestinationIP", "Destination MAC"
        )?;
        for Client {
            ip_src,
            ip_dst,
            mac_dst,
            slave,
            ..
        } in self.clients()
        {
            write!(out, "{ip_src:<15} {ip_dst:<15} {mac_dst} ")?;
            match slave.and_then(&name) {
                Some(name) => writeln!(out, "{name}")?,
                None => writeln!(out, "(none)")?,
            }
        }
        Ok(())
    }

    /// The slave that the client of this packet is to send to.
    fn choose(
        &mut self,
        bond: &impl Bond,
        arp: &Repr,
        tag: Option<Tag>,
        sink: &mut impl Sink,
    ) -> Option<Slave> {
        let known = self
            .clients
            .find(arp.sender_ip, arp.target_ip, vlan_id(tag));
        if let Some(client) = known.and_then(|index| self.clients.get_mut(index)) {
            client.mac_src = arp.sender_mac;
            client.tag = tag;
            // A request does not know it, so what was learnt stays.
            if arp.target_mac.is_valid_unicast() {
                client.mac_dst = arp.target_mac;
            }
            let slave = client.slave.and_then(|id| bond.slave(id));
            if let Some(slave) = slave.filter(|slave| slave.can_tx) {
                return Some(slave);
            }
        }
        let slave = self.next_rx_slave(bond)?;
        if let Some(client) = known.and_then(|index| self.clients.get_mut(index)) {
            client.slave = Some(slave.id);
            client.ntt = client.mac_dst.is_valid_unicast();
            self.rx_ntt |= client.ntt;
            return Some(slave);
        }
        self.make_room(bond, sink);
        let ntt = arp.target_mac.is_valid_unicast();
        self.rx_ntt |= ntt;
        self.clients.insert(Client {
            ip_src: arp.sender_ip,
            ip_dst: arp.target_ip,
            mac_src: arp.sender_mac,
            mac_dst: arp.target_mac,
            slave: Some(slave.id),
            tag,
            ntt,
        });
        Some(slave)
    }

    /// With all places taken the oldest client goes. It is told the active slave's MAC first,
    /// because nobody will tell it when its slave goes.
    fn make_room(&mut self, bond: &impl Bond, sink: &mut impl Sink) {
        let Some(index) = self.clients.in_the_way() else {
            return;
        };
        if let (Some(client), Some(active)) = (self.clients.get_mut(index), bond.active()) {
            if client.slave != Some(active) {
                client.slave = Some(active);
                tell(client, bond, sink);
            }
        }
        self.clients.remove(index);
    }

    /// A request from this address was heard by all: who should use another slave than the active
    /// one is to be told again.
    fn collapsed(&mut self, bond: &impl Bond, ip_src: Ipv4Addr) {
        let mac = bond.mac();
        self.for_each(|this, client| {
            if client.ip_src == ip_src && client.mac_dst.is_valid_unicast() {
                let slave = client.slave.and_then(|id| bond.slave(id));
                if slave.is_some_and(|slave| slave.mac != mac) {
                    client.ntt = true;
                    this.rx_ntt = true;
                }
            }
        });
    }

    /// The next of the fastest slaves that can be used, in turn.
    fn next_rx_slave(&mut self, bond: &impl Bond) -> Option<Slave> {
        let faster = |best: &Option<Slave>, slave: &Slave| match best {
            Some(best) => best.speed < slave.speed,
            None => true,
        };
        let (mut before, mut after) = (None, None);
        let mut found = false;
        for slave in bond.slaves().filter(|slave| slave.can_tx) {
            let best = if found { &mut after } else { &mut before };
            if faster(best, &slave) {
                *best = Some(slave);
            }
            found |= self.rx_slave == Some(slave.id);
        }
        let next = match (before, after) {
            (Some(before), Some(after)) if after.speed < before.speed => Some(before),
            (before, after) => after.or(before),
        };
        if let Some(next) = next {
            self.rx_slave = Some(next.id);
        }
        next
    }

    fn deal_anew(&mut self, bond: &impl Bond) {
        self.for_each(|this, client| {
            let Some(slave) = this.next_rx_slave(bond) else {
                return;
            };
            if client.slave != Some(slave.id) {
                client.slave = Some(slave.id);
                this.moved = this.moved.wrapping_add(1);
                if client.mac_dst.is_valid_unicast() {
                    client.ntt = true;
                    this.rx_ntt = true;
                }
            }
        });
    }

    fn tell_clients(&mut self, bond: &impl Bond, sink: &mut impl Sink) {
        self.for_each(|this, client| {
            if client.ntt {
                tell(client, bond, sink);
                client.ntt = this.retries > 0;
            }
        });
    }

    /// The active slave answers for a MAC that no slave serves, and the switch is told so.
    fn teach(&mut self, bond: &impl Bond, mac: Mac, now: Time, sink: &mut impl Sink) {
        let Some(active) = bond.active() else {
            return;
        };
        let until = now + PROMISC_TIMEOUT;
        match &mut self.promisc {
            Some((_, end)) => *end = until,
            None => {
                if sink.promiscuity(active, true) {
                    self.promisc = Some((active, until));
                }
            }
        }
        sink.learn(active, mac, Learn::Vlans);
    }

    /// Each client, the newest first, lent out as a copy that is put back.
    fn for_each(&mut self, mut each: impl FnMut(&mut Self, &mut Client)) {
        let mut at = self.clients.newest();
        while let Some(index) = at {
            at = self.clients.older(index);
            if let Some(mut client) = self.clients.get(index).copied() {
                each(self, &mut client);
                if let Some(place) = self.clients.get_mut(index) {
                    *place = client;
                }
            }
        }
    }

    fn remove_if(&mut self, mut unwanted: impl FnMut(&Client) -> bool) {
        let mut at = self.clients.newest();
        while let Some(index) = at {
            at = self.clients.older(index);
            if self.clients.get(index).is_some_and(&mut unwanted) {
                self.clients.remove(index);
            }
        }
    }
}

/// Tells a client where to send: its slave's MAC has our address.
fn tell(client: &Client, bond: &impl Bond, sink: &mut impl Sink) {
    let Some(slave) = client.slave.and_then(|id| bond.slave(id)) else {
        return;
    };
    if !slave.can_tx || !client.mac_dst.is_valid_unicast() {
        return;
    }
    let reply = Repr {
        op: Op::Reply,
        sender_mac: slave.mac,
        sender_ip: client.ip_src,
        target_mac: client.mac_dst,
        target_ip: client.ip_dst,
    };
    for _ in 0..ARP_BURST {
        sink.arp_reply(slave.id, client.tag, &reply);
    }
}
