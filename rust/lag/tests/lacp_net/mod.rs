// SPDX-License-Identifier: GPL-2.0

//! A network of systems with a clock of its own: wires delay, lose, repeat, corrupt and reorder,
//! and after every event what must always hold is checked.

// No test file uses all of it.
#![allow(dead_code)]

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};

use lag::duplex::Duplex;
use lag::lacp::config::{Config, Control};
use lag::lacp::mux::State as Mux;
use lag::lacp::port::{Link, Port, PortId, Usability};
use lag::lacp::rx::State as Rx;
use lag::lacp::system::{Notice, Sink, System, Verdict, BATCH};
use lag::lacp::timer;
use lag::mac::Mac;
use lag::time::{Span, Time};
use lag::wire::lacpdu::{self, PortState, FRAME_LEN};

/// SplitMix64: every history is a function of its seed.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn percent(&mut self, p: u64) -> bool {
        self.below(100) < p
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

/// Faults of a wire; percents and milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub lose: u64,
    pub repeat: u64,
    pub corrupt: u64,
    pub delay: u64,
}

pub type End = (usize, PortId);

/// A frame under way: when, after what, to which node and port, and what follows its EtherType.
type Arrival = (Time, u64, usize, u32, Vec<u8>);

#[derive(Clone, Debug)]
pub struct Wire {
    pub ends: [End; 2],
    pub faults: Faults,
}

/// Orders that a node's sink was given.
#[derive(Default)]
pub struct Orders {
    pub frames: Vec<(PortId, [u8; FRAME_LEN])>,
    pub notices: Vec<Notice>,
    pub refuse: bool,
}

impl Sink for Orders {
    fn transmit(&mut self, port: PortId, frame: &[u8; FRAME_LEN]) -> bool {
        if !self.refuse {
            self.frames.push((port, *frame));
        }
        !self.refuse
    }

    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }
}

pub struct Node {
    pub system: System,
    pub ports: Vec<Port>,
    pub open: bool,
    /// State according to the notices, to be compared with the system's.
    told: BTreeMap<PortId, Usability>,
    told_carrier: bool,
    told_active: Option<u16>,
    /// LACPDUs of the last second, by port.
    sent: BTreeMap<PortId, VecDeque<Time>>,
    /// Times at which a port was last in sync, and last collecting.
    was_in_sync: BTreeMap<PortId, Time>,
    was_collecting: BTreeMap<PortId, Time>,
    mux: BTreeMap<PortId, Mux>,
    /// The port that carried the traffic without an agreement after the last event.
    stood_in: BTreeSet<PortId>,
    /// Time at which lacp_rate was last slow.
    was_slow: Option<Time>,
    next_port: u32,
    pub links: BTreeMap<PortId, Link>,
    /// Those that ever told their speed.
    tells_speed: BTreeSet<PortId>,
}

impl Node {
    /// The link is up: who has a speed has told it.
    fn is_up(&self, id: PortId) -> bool {
        let link = self.links[&id];
        is_known(link) || link != Link::Down && !self.tells_speed.contains(&id)
    }

    pub fn port(&self, id: PortId) -> &Port {
        self.ports.iter().find(|p| p.id() == id).unwrap()
    }
}

pub struct Net {
    pub now: Time,
    pub nodes: Vec<Node>,
    pub wires: Vec<Wire>,
    pub rng: Rng,
    queue: BinaryHeap<Reverse<Arrival>>,
    order: u64,
    /// All LACPDUs and Markers ever sent.
    pub frames: u64,
    /// Changes of usability ever told.
    pub changes: u64,
    /// Number of strays that were reported.
    pub strays_told: u64,
    /// Frames may have been changed on the way, so no PDU proves anything.
    pub tainted: bool,
    /// A device may refuse frames, in percent.
    pub refuse: u64,
    pub trace: bool,
}

pub const UP: Link = Link::Up {
    speed: 10_000,
    duplex: Duplex::Full,
};

/// Up, with speed and duplex known.
fn is_known(link: Link) -> bool {
    matches!(link, Link::Up { speed, duplex }
        if speed != 0 && speed != u32::MAX && duplex != Duplex::Unknown)
}

/// An input of a system.
pub enum Event<'a> {
    Open,
    Close,
    Configure(Config),
    Address(Mac),
    Add(Box<Port>),
    Remove(PortId),
    Priority(PortId, u16),
    Link(PortId, Link),
    Receive(PortId, &'a [u8]),
    Expire,
}

impl Net {
    pub fn new(seed: u64) -> Net {
        Net {
            now: Time(1_000_000_000_000),
            nodes: Vec::new(),
            wires: Vec::new(),
            rng: Rng(seed),
            queue: BinaryHeap::new(),
            order: 0,
            frames: 0,
            changes: 0,
            strays_told: 0,
            tainted: false,
            refuse: 0,
            trace: std::env::var_os("LAG_LACP_TRACE").is_some(),
        }
    }

    pub fn add_node(&mut self, config: Config) -> usize {
        let n = self.nodes.len();
        let address = Mac([2, 0, 0, 0, n as u8 + 1, 0]);
        self.nodes.push(Node {
            system: System::new(config, address),
            ports: Vec::new(),
            open: false,
            told: BTreeMap::new(),
            told_carrier: false,
            told_active: None,
            sent: BTreeMap::new(),
            was_in_sync: BTreeMap::new(),
            was_collecting: BTreeMap::new(),
            mux: BTreeMap::new(),
            stood_in: BTreeSet::new(),
            was_slow: None,
            next_port: 100 * (n as u32 + 1),
            links: BTreeMap::new(),
            tells_speed: BTreeSet::new(),
        });
        self.event(n, Event::Open);
        n
    }

    /// A new port of node `n`, its link still down.
    pub fn add_port(&mut self, n: usize) -> End {
        let node = &mut self.nodes[n];
        let id = PortId(node.next_port);
        node.next_port += 1;
        let port = Port::new(id, Mac([2, 0, 0, 0, n as u8 + 1, id.0 as u8]));
        node.links.insert(id, Link::Down);
        self.event(n, Event::Add(Box::new(port)));
        (n, id)
    }

    pub fn remove_port(&mut self, end: End) {
        self.event(end.0, Event::Remove(end.1));
        self.wires.retain(|w| !w.ends.contains(&end));
    }

    /// Joins two ends and brings both links up.
    pub fn wire(&mut self, a: End, b: End) {
        self.wire_as(a, b, UP);
    }

    /// Joins two ends and makes both links so.
    pub fn wire_as(&mut self, a: End, b: End, link: Link) {
        self.wires.push(Wire {
            ends: [a, b],
            faults: Faults::default(),
        });
        self.link(a, link);
        self.link(b, link);
    }

    /// New ports on both nodes, wired.
    pub fn join(&mut self, a: usize, b: usize) -> (End, End) {
        let (a, b) = (self.add_port(a), self.add_port(b));
        self.wire(a, b);
        (a, b)
    }

    pub fn link(&mut self, end: End, link: Link) {
        let node = &mut self.nodes[end.0];
        node.links.insert(end.1, link);
        if is_known(link) {
            node.tells_speed.insert(end.1);
        }
        self.event(end.0, Event::Link(end.1, link));
    }

    pub fn configure(&mut self, n: usize, change: impl FnOnce(&mut Config)) {
        let mut config = *self.nodes[n].system.config();
        change(&mut config);
        self.event(n, Event::Configure(config));
    }

    pub fn port(&self, end: End) -> &Port {
        self.nodes[end.0].port(end.1)
    }

    pub fn usable(&self, end: End) -> bool {
        self.port(end).usability() == Usability::Distributing
    }

    fn peer(&self, end: End) -> Option<End> {
        let wire = self.wires.iter().find(|w| w.ends.contains(&end))?;
        let [a, b] = wire.ends;
        Some(if a == end { b } else { a })
    }

    /// Hands an event to a node, sends what it orders, and checks the node.
    pub fn event(&mut self, n: usize, event: Event<'_>) -> Verdict {
        let now = self.now;
        let mut orders = Orders {
            refuse: self.rng.percent(self.refuse),
            ..Orders::default()
        };
        let node = &mut self.nodes[n];
        let (system, ports) = (&mut node.system, &mut node.ports);
        let mut verdict = Verdict::PassOn;
        let mut removed = None;
        match event {
            Event::Open => {
                node.open = true;
                system.opened(ports, now, &mut orders);
            }
            Event::Close => {
                node.open = false;
                system.closed(ports, now, &mut orders);
            }
            Event::Configure(config) => system.configure(config, ports, now, &mut orders),
            Event::Address(mac) => system.address_changed(mac, ports, now, &mut orders),
            Event::Add(port) => {
                ports.push(*port);
                system.port_added(ports, now, &mut orders);
            }
            Event::Remove(id) => {
                system.port_removed(ports, id, now, &mut orders);
                assert_eq!(ports.pop().map(|p| p.id()), Some(id));
                removed = Some(id);
            }
            Event::Priority(id, prio) => {
                system.port_priority_changed(ports, id, prio, now, &mut orders)
            }
            Event::Link(id, link) => system.link_changed(ports, id, link, now, &mut orders),
            Event::Receive(id, pdu) => verdict = system.receive(ports, id, pdu, now, &mut orders),
            Event::Expire => system.expire(ports, now, &mut orders),
        }
        // As the driver does: what an event means for many ports is done in several calls.
        let due = |system: &System| system.next_deadline().is_some_and(|at| at <= now);
        let mut calls = 0;
        while due(system) {
            calls += 1;
            assert!(
                calls <= 3 + ports.len() / BATCH,
                "a deadline that does not go away"
            );
            system.expire(ports, now, &mut orders);
        }
        for notice in &orders.notices {
            if self.trace {
                println!("{:>16} {n} {notice:?}", now.0 as f64 / 1e9 - 1000.0);
            }
            match *notice {
                Notice::Usability { port, usability } => {
                    self.changes += 1;
                    node.told.insert(port, usability);
                }
                Notice::Active { aggregator } => node.told_active = aggregator,
                Notice::Carrier { up } => node.told_carrier = up,
                Notice::Stray { .. } => self.strays_told += 1,
                _ => {}
            }
        }
        for (port, frame) in orders.frames {
            self.frames += 1;
            self.transmit((n, port), &frame, removed == Some(port));
        }
        if let Some(id) = removed {
            let node = &mut self.nodes[n];
            assert_ne!(
                node.told.remove(&id).unwrap_or_default(),
                Usability::Distributing
            );
            node.links.remove(&id);
            node.tells_speed.remove(&id);
            node.mux.remove(&id);
        }
        self.check(n);
        self.check_rest(n);
        verdict
    }

    /// The machines of all ports run again, as if something had happened to each: nothing comes
    /// of it, so none of them was left out that had something to do.
    fn check_rest(&self, n: usize) {
        let node = &self.nodes[n];
        let (mut system, mut ports) = (node.system, node.ports.clone());
        let mut orders = Orders::default();
        let due = |system: &System| system.next_deadline().is_some_and(|at| at <= self.now);
        let config = *system.config();
        system.configure(config, &mut ports, self.now, &mut orders);
        while due(&system) {
            system.expire(&mut ports, self.now, &mut orders);
        }
        assert!(
            orders.frames.is_empty(),
            "{} frames more",
            orders.frames.len()
        );
        assert!(orders.notices.is_empty(), "{:?}", orders.notices);
        for (port, again) in node.ports.iter().zip(&ports) {
            let states = |p: &Port| (p.rx_state(), p.mux_state(), p.aggregator_id());
            assert_eq!(states(port), states(again), "{:?}", port.id());
        }
    }

    fn transmit(&mut self, from: End, frame: &[u8; FRAME_LEN], last: bool) {
        let now = self.now;
        assert_eq!(frame[..6], [0x01, 0x80, 0xc2, 0, 0, 2]);
        assert_eq!(frame[12..14], [0x88, 0x09]);
        if frame[14] == lacpdu::SUBTYPE && !last {
            let sent = self.nodes[from.0].sent.entry(from.1).or_default();
            sent.retain(|at| now - *at < Span::secs(1));
            sent.push_back(now);
            assert!(sent.len() <= 3, "a storm of LACPDUs: {sent:?}");
        }
        if self.trace {
            println!(
                "{:>16} {} {:?} sends {:02x?}",
                now.0 as f64 / 1e9 - 1000.0,
                from.0,
                from.1,
                &frame[14..56]
            );
        }
        let Some(to) = self.peer(from) else { return };
        let wire = self.wires.iter().find(|w| w.ends.contains(&from)).unwrap();
        let faults = wire.faults;
        if self.rng.percent(faults.lose) {
            return;
        }
        let copies = 1 + usize::from(self.rng.percent(faults.repeat));
        for _ in 0..copies {
            let mut bytes = frame[14..].to_vec();
            if self.rng.percent(faults.corrupt) {
                self.tainted = true;
                for _ in 0..=self.rng.below(3) {
                    let at = self.rng.below(bytes.len() as u64) as usize;
                    bytes[at] ^= 1 << self.rng.below(8);
                }
                if self.rng.percent(10) {
                    let len = self.rng.below(bytes.len() as u64) as usize;
                    bytes.truncate(len);
                }
            }
            let delay = Span(1_000 + self.rng.below(faults.delay * 1_000_000 + 1));
            self.order += 1;
            self.queue
                .push(Reverse((now + delay, self.order, to.0, to.1 .0, bytes)));
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, span: Span) {
        let end = self.now + span;
        let mut steps = 0u64;
        loop {
            steps += 1;
            assert!(steps < 2_000_000, "no end of events");
            let frame = self.queue.peek().map(|Reverse(head)| head.0);
            let timers = self.nodes.iter().enumerate();
            let timer = timers
                .filter_map(|(n, node)| Some((node.system.next_deadline()?, n)))
                .min();
            let next = frame.into_iter().chain(timer.map(|t| t.0)).min();
            let Some(next) = next.filter(|at| *at <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if frame == Some(next) {
                let Some(Reverse((_, _, n, id, bytes))) = self.queue.pop() else {
                    unreachable!()
                };
                let id = PortId(id);
                // A port without a link hears nothing.
                if matches!(self.nodes[n].links.get(&id), Some(Link::Up { .. })) {
                    self.event(n, Event::Receive(id, &bytes));
                }
            } else if let Some((_, n)) = timer {
                self.event(n, Event::Expire);
            }
        }
        self.now = end;
    }

    /// The greatest age of a PDU by which a port of `node` may still go.
    fn memory(&self, node: &Node) -> Span {
        let slow = node.was_slow.map(|at| self.now - at);
        let timeout = if slow.is_some_and(|ago| ago <= timer::LONG_TIMEOUT) {
            timer::LONG_TIMEOUT
        } else {
            timer::SHORT_TIMEOUT
        };
        // The longest delay of any history comes on top, twice: out, and repeated.
        Span(timeout.0 + Span::secs(4).0)
    }

    /// Checks what must hold at any time.
    fn check(&mut self, n: usize) {
        let now = self.now;
        self.check_handover(n);
        let node = &mut self.nodes[n];
        let config = *node.system.config();
        if !config.fast {
            node.was_slow = Some(now);
        }
        let info = node.system.ad_info(&node.ports);
        let mut agreed = 0u32;
        let mut enabled = 0u32;
        let mut stands_in = BTreeSet::new();
        for port in &node.ports {
            let id = port.id();
            let state = port.actor().state;
            let mux = port.mux_state();
            let link_up = node.is_up(id);

            // The flags are the Mux machine's state (figures 6-21, 6-22).
            let rank = match mux {
                Mux::Detached | Mux::Waiting => 0,
                Mux::Attached => 1,
                Mux::Collecting => 2,
                Mux::Distributing | Mux::CollectingDistributing => 3,
            };
            assert_eq!(state.has(PortState::SYNCHRONIZATION), rank >= 1);
            assert_eq!(state.has(PortState::COLLECTING), rank >= 2);
            assert_eq!(state.has(PortState::DISTRIBUTING), rank >= 3);
            assert_eq!(
                state.has(PortState::EXPIRED),
                port.rx_state() == Rx::Expired
                    || state.has(PortState::EXPIRED) && port.rx_state() == Rx::PortDisabled
            );
            let coupled = config.control == Control::Coupled;
            assert!(!coupled || !matches!(mux, Mux::Collecting | Mux::Distributing));
            assert!(coupled || mux != Mux::CollectingDistributing);

            // Nothing flows before the partner has agreed to it.
            let partner = port.partner().state;
            if rank >= 2 {
                assert!(partner.has(PortState::SYNCHRONIZATION));
                assert!(link_up && node.open);
            }
            if mux == Mux::Distributing {
                assert!(partner.has(PortState::COLLECTING));
            }
            let alone = info.is_some_and(|i| i.partner.is_zero());
            let in_active = info.is_some_and(|i| i.aggregator == port.aggregator_id());
            match port.usability() {
                Usability::Blocked => assert!(rank < 2 || !in_active),
                Usability::Collecting => {
                    assert!(in_active);
                    // With coupled control only while others send, and the partner takes its time.
                    assert!(mux == Mux::Collecting || mux == Mux::CollectingDistributing);
                    if mux == Mux::CollectingDistributing {
                        assert!(!partner.has(PortState::COLLECTING));
                        let sends = |p: &&Port| p.usability() == Usability::Distributing;
                        assert!(node.ports.iter().any(|p| sends(&p)), "nobody sends");
                    }
                }
                Usability::Distributing => {
                    assert!(link_up && node.open);
                    if rank != 3 {
                        // One port stands in for LACP; who has a partner began before it had.
                        assert!(!config.strict);
                        assert!(alone && in_active || !alone && node.stood_in.contains(&id));
                        stands_in.insert(id);
                        let others = node.ports.iter().filter(|p| {
                            let here = in_active && p.aggregator_id() == port.aggregator_id();
                            p.id() != id
                                && (p.usability() == Usability::Distributing
                                    || p.usability() == Usability::Collecting && !here)
                        });
                        assert_eq!(others.count(), 0, "one port stands in for LACP");
                    } else {
                        assert!(in_active);
                    }
                }
            }
            let told = node.told.get(&id).copied().unwrap_or_default();
            assert_eq!(told, port.usability(), "the driver knows");
            let reason = node.system.reason(&node.ports, port);
            let in_use = port.usability() == Usability::Distributing && rank == 3;
            assert_eq!(reason.is_none(), in_use);

            // One aggregator, one partner.
            for other in &node.ports {
                if other.aggregator_id() == port.aggregator_id() && other.id() != id {
                    let group = |p: &Port| {
                        let p = p.partner();
                        (p.system_priority, p.system, p.key)
                    };
                    assert_eq!(group(port), group(other), "two partners in one aggregator");
                    assert!(!port.partner().system.is_zero());
                    if rank >= 1
                        && other.actor().state.has(PortState::SYNCHRONIZATION)
                        && link_up
                        && node.is_up(other.id())
                        && node.open
                    {
                        assert_eq!(port.actor().key, other.actor().key);
                    }
                }
            }
            if in_active {
                agreed += u32::from(rank == 3);
                enabled += u32::from(link_up && node.open);
            }
        }
        node.stood_in = stands_in;
        assert_eq!(node.told_carrier, node.system.carrier());
        assert_eq!(node.told_active, info.map(|i| i.aggregator));
        let carrier = info.is_some()
            && if config.strict {
                agreed >= config.min_links.max(1)
            } else {
                enabled >= config.min_links
            };
        assert_eq!(node.system.carrier(), carrier);
        if let Some(info) = info {
            assert_eq!(u32::from(info.ports), enabled);
            assert!(enabled > 0, "an active aggregator without a link");
        }
        for port in &node.ports {
            let state = port.actor().state;
            if state.has(PortState::SYNCHRONIZATION) {
                node.was_in_sync.insert(port.id(), now);
            }
            if state.has(PortState::COLLECTING) {
                node.was_collecting.insert(port.id(), now);
            }
            node.mux.insert(port.id(), port.mux_state());
        }
        let mut ids: Vec<_> = node.ports.iter().map(|p| p.slot_id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), node.ports.len(), "aggregator ids are unique");
        assert!(!ids.contains(&0));
    }

    /// A port that starts to send has reason to think that its partner was in sync, and with
    /// independent control that it collected: the partner said so itself, not too long ago.
    fn check_handover(&self, n: usize) {
        let node = &self.nodes[n];
        if self.tainted {
            return;
        }
        for port in &node.ports {
            let mux = port.mux_state();
            let distributes = matches!(mux, Mux::Distributing | Mux::CollectingDistributing);
            if !distributes || node.mux.get(&port.id()) == Some(&mux) {
                continue;
            }
            let partner = port.partner();
            // A node may have changed its address, but not the octet that tells who it is.
            let who = usize::from(partner.system.0[4]);
            let peers = self.nodes.get(who.wrapping_sub(1)).into_iter();
            let horizon = self.memory(node);
            let recent = |at: &Time| self.now - *at <= horizon;
            let agreed = peers.clone().any(|p| p.was_in_sync.values().any(recent));
            let collected = peers.clone().any(|p| p.was_collecting.values().any(recent));
            assert!(agreed, "sends to a partner that never was in sync");
            assert!(
                mux != Mux::Distributing || collected,
                "sends to one that never collected"
            );
        }
    }
}
