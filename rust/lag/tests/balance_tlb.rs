// SPDX-License-Identifier: GPL-2.0

//! Dealing out what is sent: buckets over slaves, by load, and away from dead ones.

use lag::balance::class::{self, Alb, Tlb};
use lag::balance::timers::{Due, Timers};
use lag::balance::tlb::{Buckets, Candidate, Counters, Ledger, Load, BUCKETS};
use lag::balance::{simple_hash, SlaveId};
use lag::hash::{Frame, Short};
use lag::time::{Span, Time};
use proptest::prelude::*;

fn id(number: u16) -> SlaveId {
    SlaveId::new(number).unwrap()
}

/// Slaves with ids from 1 on.
struct World {
    table: Buckets,
    cpus: Vec<Counters>,
    ledger: Ledger,
    slaves: Vec<(u32, Load, bool)>,
    now: Time,
}

impl World {
    fn new(speeds: &[u32], cpus: usize) -> World {
        World {
            table: Buckets::new(),
            cpus: (0..cpus).map(|_| Counters::new()).collect(),
            ledger: Ledger::new(Time(0)),
            slaves: speeds.iter().map(|s| (*s, Load::default(), true)).collect(),
            now: Time(0),
        }
    }

    fn usable(&self) -> impl Iterator<Item = Candidate<'_>> {
        (1..)
            .zip(&self.slaves)
            .filter(|(_, (_, _, up))| *up)
            .map(|(n, (speed, load, _))| Candidate {
                id: id(n),
                speed: *speed,
                load,
            })
    }

    fn send(&self, cpu: usize, bucket: u8, len: u32) -> Option<SlaveId> {
        let chosen = self.table.choose(
            bucket,
            |id| self.usable().find(|c| c.id == id).map(|c| c.id),
            || self.usable(),
        );
        if chosen.is_some() {
            self.cpus[cpu].count(bucket, len);
        }
        chosen
    }

    fn rebalance(&mut self, after: Span, active: usize) {
        self.now = self.now + after;
        self.table.rebalance(
            &mut self.ledger,
            self.now,
            || self.cpus.iter(),
            self.slaves.iter().map(|s| &s.1),
            self.slaves.get(active).map(|s| &s.1),
        );
    }

    fn load(&self, slave: usize) -> u64 {
        self.slaves[slave].1.get()
    }
}

const INTERVAL: Span = Span::secs(10);

#[test]
fn idle_buckets_spread_evenly() {
    let mut world = World::new(&[1000, 1000, 1000, 1000], 1);
    // Before anything was measured a bucket weighs nothing, and the first slave has them all.
    assert_eq!(world.send(0, 0, 0), Some(id(1)));
    assert_eq!(world.send(0, 1, 0), Some(id(1)));
    world.rebalance(INTERVAL, usize::MAX);
    let mut count = [0; 4];
    for bucket in 0..=255 {
        count[usize::from(world.send(0, bucket, 0).unwrap().0.get()) - 1] += 1;
    }
    assert_eq!(count, [64; 4]);
}

#[test]
fn load_decides_relative_to_speed() {
    // 10 Gb/s: shifted in 32 bits it would seem slower than 2 Gb/s.
    let mut world = World::new(&[2_000, 10_000], 1);
    for bucket in 0..=255 {
        assert_eq!(world.send(0, bucket, 40_000_000), Some(id(2)));
    }
    world.rebalance(INTERVAL, 0);
    let mut share = [0u32; 2];
    for bucket in 0..=255 {
        share[usize::from(world.send(0, bucket, 0).unwrap().0.get()) - 1] += 1;
    }
    // 256 buckets of 32 Mb/s (4,000,001 bytes) fill 10,000 and 2,000 "Mb/s" of 2^20 bits down to
    // the same rest: the gap between the two is 8000 * 2^20 / (8 * 4000001) = 262.1 buckets.
    assert_eq!(share, [0, 256]);
    // Twice as much traffic: 131 buckets until both have as much to spare, then in turn.
    for bucket in 0..=255 {
        world.send(0, bucket, 80_000_000);
    }
    world.rebalance(INTERVAL, 0);
    let mut share = [0u32; 2];
    for bucket in 0..=255 {
        share[usize::from(world.send(0, bucket, 0).unwrap().0.get()) - 1] += 1;
    }
    assert_eq!(share, [62, 194]);
    assert_eq!(world.load(0), 62 * 8_000_001);
}

#[test]
fn unbalanced_traffic_weighs_on_the_active_slave() {
    let mut world = World::new(&[1000, 1000], 2);
    world.cpus[0].count_unbalanced(300_000);
    world.cpus[1].count_unbalanced(200_000);
    world.rebalance(INTERVAL, 0);
    assert_eq!((world.load(0), world.load(1)), (50_000, 0));
    assert_eq!(world.send(0, 7, 0), Some(id(2)));
    // It is counted once.
    world.rebalance(INTERVAL, 0);
    assert_eq!(world.load(0), 0);
}

#[test]
fn a_rate_is_over_the_time_that_passed() {
    let mut world = World::new(&[1000], 1);
    world.send(0, 9, 4_000_000);
    world.rebalance(Span::secs(4), 0);
    world.send(0, 9, 0);
    assert_eq!(world.load(0), 1_000_001);
    // A second rebalancing at once does not divide by nothing, nor by next to nothing.
    world.send(0, 9, 5_000);
    world.rebalance(Span::ZERO, 0);
    world.send(0, 9, 0);
    assert_eq!(world.load(0), 5_001);
}

#[test]
fn a_race_has_one_winner() {
    // While a bucket is dealt to slave 1, another CPU has dealt it to slave 2.
    let world = World::new(&[1000, 1000], 1);
    let chosen = world.table.choose(5, Some, || {
        let other = world.slaves[1].1.get();
        assert_eq!(other, 0);
        let second = world.usable().skip(1);
        world.table.choose(5, Some, || second);
        world.usable()
    });
    assert_eq!(chosen, Some(id(2)));
    assert_eq!(world.table.holder(5), Some(id(2)));
}

/// A question tells what a packet would do, and does nothing.
#[test]
fn a_question_deals_nothing() {
    let mut world = World::new(&[1000, 100, 1000], 1);
    let ask = |world: &World, bucket| {
        let find = |id| world.usable().find(|c| c.id == id).map(|c| c.id);
        world.table.would_choose(bucket, find, world.usable())
    };
    for bucket in 0..=255 {
        let told = ask(&world, bucket);
        assert_eq!(ask(&world, bucket), told);
        assert_eq!(world.table.holder(bucket), None);
        assert_eq!(world.send(0, bucket, 1000), told);
        assert_eq!(ask(&world, bucket), told);
    }
    world.slaves[0].2 = false;
    for bucket in 0..=255 {
        let told = ask(&world, bucket);
        assert_ne!(told, Some(id(1)));
        assert_eq!(world.send(0, bucket, 1), told);
    }
    world.slaves.iter_mut().for_each(|slave| slave.2 = false);
    assert_eq!(ask(&world, 7), None);
}

#[test]
fn what_moves_is_counted() {
    let mut world = World::new(&[1000, 1000], 1);
    let all =
        |world: &World| (0..=255).for_each(|bucket| assert!(world.send(0, bucket, 1000).is_some()));
    all(&world);
    assert_eq!((world.table.moved(), world.table.rebalanced()), (0, 0));
    let on_first = (0..=255).filter(|b| world.table.holder(*b) == Some(id(1)));
    let on_first = on_first.count() as u64;
    world.slaves[0].2 = false;
    all(&world);
    assert_eq!(
        (world.table.moved(), world.table.rebalanced()),
        (on_first, 0)
    );
    // It is back: by the next rebalancing its share comes to it.
    world.slaves[0].2 = true;
    world.rebalance(INTERVAL, 1);
    all(&world);
    let back = (0..=255).filter(|b| world.table.holder(*b) == Some(id(1)));
    assert_eq!(world.table.moved(), on_first);
    assert_eq!(world.table.rebalanced(), back.count() as u64);
    assert!(world.table.rebalanced() > 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens, a packet goes by a slave that is up, and stays with it while it is.
    #[test]
    fn never_by_a_dead_slave(
        speeds in prop::collection::vec(0u32..100_000, 1..6),
        steps in prop::collection::vec(
            prop_oneof![
                8 => (any::<u8>(), 0u32..2000).prop_map(|(b, l)| (0u8, u16::from(b), l)),
                2 => (0u16..6).prop_map(|s| (1u8, s, 0)),
                1 => Just((2u8, 0, 0)),
            ],
            1..300,
        ),
    ) {
        let mut world = World::new(&speeds, 2);
        let mut held = vec![None; BUCKETS];
        for (at, (step, which, len)) in steps.into_iter().enumerate() {
            match step {
                0 => {
                    let slave = world.send(at % 2, which as u8, len);
                    prop_assert_eq!(slave.is_some(), world.usable().next().is_some());
                    if let Some(slave) = slave {
                        prop_assert!(world.usable().any(|c| c.id == slave));
                        if let Some(before) = held[usize::from(which)] {
                            let alive = world.usable().any(|c| c.id == before);
                            prop_assert!(!alive || before == slave);
                        }
                        held[usize::from(which)] = Some(slave);
                    }
                }
                1 => {
                    let n = usize::from(which) % world.slaves.len();
                    world.slaves[n].2 ^= true;
                }
                _ => {
                    world.rebalance(INTERVAL, 0);
                    held.fill(None);
                }
            }
        }
    }

    /// A bucket weighs what all CPUs sent, over the interval.
    #[test]
    fn weights(sent in prop::collection::vec((0usize..3, 0u8..4, any::<u32>()), 0..60)) {
        let mut world = World::new(&[1000], 3);
        let mut sums = [0u64; 4];
        for (cpu, bucket, len) in sent {
            world.send(cpu, bucket, len);
            sums[usize::from(bucket)] += u64::from(len);
        }
        world.rebalance(INTERVAL, usize::MAX);
        let mut expect = 0;
        for bucket in 0..4 {
            world.send(0, bucket, 0);
            expect += sums[usize::from(bucket)] / 10 + 1;
            prop_assert_eq!(world.load(0), expect);
        }
    }

    #[test]
    fn simple_hash_is_xor(bytes in any::<[u8; 16]>()) {
        prop_assert_eq!(simple_hash(&bytes), bytes.iter().fold(0, |a, b| a ^ b));
    }

    #[test]
    fn any_frame_has_a_class(
        head in prop::collection::vec(any::<u8>(), 0..90),
        len in 0u32..200,
        protocol in prop::sample::select(vec![0x0800u16, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x8864]),
        network in prop_oneof![4 => Just(14usize), 1 => any::<usize>()],
    ) {
        let mut frame = Frame { head: &head, len, protocol, network, vlan_tci: 0 };
        for need in [class::tlb(&frame).err(), class::alb(&frame).err()].into_iter().flatten() {
            prop_assert!(need.need <= len && need.need as usize > head.len());
        }
        frame.len = head.len() as u32;
        prop_assert!(class::tlb(&frame).is_ok() && class::alb(&frame).is_ok());
        if let Some(key) = class::quick_alb(&frame) {
            prop_assert_eq!(class::alb(&frame), Ok(Alb::Spread(key)));
        }
    }
}

/// A frame from its parts: destination MAC, EtherType, and what follows.
fn frame(dst: [u8; 6], protocol: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = dst.to_vec();
    bytes.extend([2, 0, 0, 0, 0, 1]);
    bytes.extend(protocol.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// The same behind two VLAN tags.
fn tagged(dst: [u8; 6], protocol: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 7, 0x81, 0, 0, 5];
    bytes.extend(protocol.to_be_bytes());
    bytes.extend(payload);
    frame(dst, 0x88a8, &bytes)
}

fn view(bytes: &[u8]) -> Frame<'_> {
    let protocol = u16::from_be_bytes([bytes[12], bytes[13]]);
    Frame {
        head: bytes,
        len: bytes.len() as u32,
        protocol,
        network: 14,
        vlan_tci: 0,
    }
}

fn v4(protocol: u8, dst: [u8; 4]) -> Vec<u8> {
    let mut header = vec![0x45, 0, 0, 20, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1];
    header.extend(dst);
    header
}

fn v6(next: u8, src: u8, first: u8) -> Vec<u8> {
    let mut header = vec![0x60, 0, 0, 0, 0, 8, next, 255];
    header.extend([0; 15]);
    header.push(src);
    header.extend([0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]);
    header.extend([first, 0, 0, 0, 0, 0, 0, 0]);
    header
}

const ONE: [u8; 6] = [2, 0, 0, 0, 0, 9];
const GROUP: [u8; 6] = [1, 0, 0x5e, 0, 0, 9];
const ALL: [u8; 6] = [0xff; 6];
const NODES: [u8; 6] = [0x33, 0x33, 0, 0, 0, 1];

#[test]
fn classes() {
    let spread = (Tlb::Spread, Alb::Spread(10 ^ 2));
    let active = (Tlb::Active, Alb::Active);
    let v6_spread = Alb::Spread(0xfe ^ 0x80 ^ 9);
    let cases: &[(&str, Vec<u8>, (Tlb, Alb))] = &[
        ("TCP", frame(ONE, 0x0800, &v4(6, [10, 0, 0, 2])), spread),
        (
            "multicast",
            frame(GROUP, 0x0800, &v4(17, [10, 0, 0, 2])),
            (Tlb::Active, spread.1),
        ),
        (
            "broadcast",
            frame(ALL, 0x0800, &v4(17, [10, 0, 0, 2])),
            active,
        ),
        (
            "to all, by one",
            frame(ONE, 0x0800, &v4(17, [255; 4])),
            (Tlb::Spread, Alb::Active),
        ),
        (
            "IGMP",
            frame(ONE, 0x0800, &v4(2, [10, 0, 0, 2])),
            (Tlb::Spread, Alb::Active),
        ),
        (
            "cut",
            frame(ONE, 0x0800, &[0x45]),
            (Tlb::Spread, Alb::Active),
        ),
        (
            "TCP over IPv6",
            frame(ONE, 0x86dd, &v6(6, 1, 0)),
            (Tlb::Spread, v6_spread),
        ),
        ("all nodes", frame(NODES, 0x86dd, &v6(6, 1, 0)), active),
        ("solicitation", frame(ONE, 0x86dd, &v6(58, 1, 135)), active),
        ("advertisement", frame(ONE, 0x86dd, &v6(58, 1, 136)), active),
        (
            "ping",
            frame(ONE, 0x86dd, &v6(58, 1, 128)),
            (Tlb::Spread, v6_spread),
        ),
        (
            "no address",
            frame(ONE, 0x86dd, &v6(6, 0, 0)),
            (Tlb::Spread, Alb::Active),
        ),
        (
            "ICMPv6 cut",
            frame(ONE, 0x86dd, &v6(58, 1, 128)[..47]),
            active,
        ),
        ("IPv6 cut", frame(ONE, 0x86dd, &v6(6, 1, 0)[..39]), active),
        ("ARP", frame(ALL, 0x0806, &[]), (Tlb::Active, Alb::Arp)),
        ("other", frame(ONE, 0x88cc, &[]), active),
        (
            "TCP, tagged",
            tagged(ONE, 0x0800, &v4(6, [10, 0, 0, 2])),
            spread,
        ),
        (
            "broadcast, tagged",
            tagged(ALL, 0x0800, &v4(17, [10, 0, 0, 2])),
            active,
        ),
        (
            "TCP over IPv6, tagged",
            tagged(ONE, 0x86dd, &v6(6, 1, 0)),
            (Tlb::Spread, v6_spread),
        ),
        (
            "solicitation, tagged",
            tagged(ONE, 0x86dd, &v6(58, 1, 135)),
            active,
        ),
        ("ARP, tagged", tagged(ALL, 0x0806, &[]), active),
        (
            "PPPoE",
            frame(
                ONE,
                0x8864,
                &[
                    &[0x11, 0, 0, 9, 0, 22, 0, 0x21],
                    v4(6, [10, 0, 0, 2]).as_slice(),
                ]
                .concat(),
            ),
            active,
        ),
    ];
    for (name, bytes, (tlb, alb)) in cases {
        assert_eq!(class::tlb(&view(bytes)), Ok(*tlb), "{name}");
        assert_eq!(class::alb(&view(bytes)), Ok(*alb), "{name}");
        if let Some(key) = class::quick_alb(&view(bytes)) {
            assert_eq!(*alb, Alb::Spread(key), "{name}");
        }
    }
    let whole = frame(ONE, 0x86dd, &v6(58, 1, 128));
    let head = Frame {
        head: &whole[..60],
        ..view(&whole)
    };
    assert_eq!(class::tlb(&head), Err(Short { need: 62 }));
}

#[test]
fn timers() {
    let at = |ms: u64| Time(ms * 1_000_000);
    let mut timers = Timers::new(at(0), Span::secs(1));
    assert_eq!(timers.next_deadline(), at(1000));
    assert_eq!(timers.expire(at(999)), Due::default());
    assert_eq!(
        timers.expire(at(1000)),
        Due {
            learn: true,
            rebalance: false
        }
    );
    // Late, and not made up for.
    assert_eq!(
        timers.expire(at(10_500)),
        Due {
            learn: true,
            rebalance: true
        }
    );
    assert_eq!(timers.next_deadline(), at(11_500));
    timers.rebalance_soon(at(10_600));
    assert_eq!(timers.next_deadline(), at(10_600));
    assert_eq!(
        timers.expire(at(10_600)),
        Due {
            learn: false,
            rebalance: true
        }
    );
    timers.set_lp_interval(at(10_700), Span::ZERO);
    assert_eq!(timers.next_deadline(), at(10_800));
    timers.expire(at(10_800));
    timers.set_lp_interval(at(10_800), Span::secs(60));
    // The longer one holds from the next time on.
    assert_eq!(timers.next_deadline(), at(10_900));
    timers.expire(at(10_900));
    assert_eq!(timers.next_deadline(), at(20_600));
}
