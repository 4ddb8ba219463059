// SPDX-License-Identifier: GPL-2.0

//! The same, for any history of packets and links.

use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Sent(Repr, Option<Tag>),
    Received(Repr, Option<Tag>),
    Link(u16, bool),
    Swap(u16, u16),
    Vlan(u16),
    Wait(u64),
}

fn ip() -> impl Strategy<Value = Ipv4Addr> {
    // Few addresses, some with the same hash.
    (0u8..3, 0u8..6).prop_map(|(a, b)| Ipv4Addr::new(10, a, 0, a ^ b))
}

fn any_mac() -> impl Strategy<Value = Mac> {
    prop_oneof![
        (1u16..5).prop_map(slave_mac),
        (0u8..4).prop_map(peer_mac),
        Just(Mac::ZERO),
        Just(Mac::BROADCAST),
    ]
}

fn any_arp() -> impl Strategy<Value = Repr> {
    let op = prop_oneof![Just(Op::Request), Just(Op::Reply)];
    (op, any_mac(), ip(), any_mac(), ip()).prop_map(
        |(op, sender_mac, sender_ip, target_mac, target_ip)| Repr {
            op,
            sender_mac,
            sender_ip,
            target_mac,
            target_ip,
        },
    )
}

fn any_tag() -> impl Strategy<Value = Option<Tag>> {
    prop::option::weighted(
        0.3,
        (0u16..3).prop_map(|tci| Tag {
            protocol: VLAN,
            tci,
        }),
    )
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => (any_arp(), any_tag()).prop_map(|(a, t)| Event::Sent(a, t)),
        3 => (any_arp(), any_tag()).prop_map(|(a, t)| Event::Received(a, t)),
        2 => (1u16..5, any::<bool>()).prop_map(|(s, up)| Event::Link(s, up)),
        1 => (1u16..5, 1u16..5).prop_map(|(a, b)| Event::Swap(a, b)),
        1 => (0u16..3).prop_map(Event::Vlan),
        3 => (0u64..5_000).prop_map(Event::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_history(
        events in prop::collection::vec(event(), 1..120),
        places in prop_oneof![Just(3usize), Just(8), Just(CLIENTS)],
    ) {
        let mut net = Net::new(&[1000, 1000, 100, 1000]);
        let mut rlb = table(places);
        let mut log = Log::default();
        let mut now = at(0);
        // The keys there must be, the oldest first, as a list.
        let mut model: Vec<(Ipv4Addr, Ipv4Addr, u16, Mac)> = Vec::new();
        for event in events {
            match event {
                Event::Sent(arp, tag) => {
                    let route = rlb.arp_sent(&net, &arp, tag, now, &mut log);
                    let own = net.slaves.iter().any(|s| s.mac == arp.sender_mac);
                    let some = net.slaves.iter().any(|s| s.can_tx);
                    prop_assert_eq!(route.is_some(), own && some);
                    let vlan = tag.map_or(0, Tag::id);
                    let key = |m: &&mut (Ipv4Addr, Ipv4Addr, u16, Mac)| {
                        (m.0, m.1, m.2) == (arp.sender_ip, arp.target_ip, vlan)
                    };
                    if own {
                        match model.iter_mut().find(key) {
                            Some(entry) => entry.3 = arp.sender_mac,
                            None if some => {
                                if model.len() == places {
                                    model.remove(0);
                                }
                                model.push((arp.sender_ip, arp.target_ip, vlan, arp.sender_mac));
                            }
                            None => {}
                        }
                    }
                    if let Some(route) = route {
                        let slave = net.slave(route.slave).unwrap();
                        prop_assert!(slave.can_tx);
                        let named = route.sender_mac.unwrap_or(arp.sender_mac);
                        prop_assert!(arp.op == Op::Request || named == slave.mac);
                    }
                }
                Event::Received(arp, tag) => {
                    rlb.arp_received(&net, &arp, tag);
                    let vlan = tag.map_or(0, Tag::id);
                    let mac = arp.sender_mac;
                    let own = net.slaves.iter().any(|s| s.mac == mac);
                    if mac.is_valid_unicast() && !own {
                        model.retain(|m| !(m.0 == arp.sender_ip && m.2 == vlan && m.3 != mac));
                    }
                }
                Event::Link(number, up) => {
                    let slave = net.slave_mut(number);
                    if slave.can_tx != up {
                        slave.can_tx = up;
                        let mac = slave.mac;
                        if up {
                            rlb.slave_up();
                        } else {
                            rlb.slave_gone(&net, id(number), mac, now, &mut log);
                        }
                        if net.active.is_none_or(|a| !net.slave(a).unwrap().can_tx) {
                            rlb.active_changes(&mut log);
                            net.active = net.slaves.iter().find(|s| s.can_tx).map(|s| s.id);
                        }
                    }
                }
                Event::Swap(one, other) => {
                    let (a, b) = (net.slave_mut(one).mac, net.slave_mut(other).mac);
                    net.slave_mut(one).mac = b;
                    net.slave_mut(other).mac = a;
                    rlb.macs_swapped(&net, id(one), id(other), now, &mut log);
                }
                Event::Vlan(vid) => {
                    rlb.vlan_removed(vid);
                    // A tag of id 0 and none are the same key; the table has the tag.
                    let left: Vec<_> = rlb.clients().map(|c| (c.ip_src, c.ip_dst, c.vlan())).collect();
                    model.retain(|m| left.contains(&(m.0, m.1, m.2)));
                    prop_assert!(rlb.clients().all(|c| c.tag.is_none_or(|t| t.id() != vid)));
                }
                Event::Wait(ms) => {
                    now = now + Span::millis(ms);
                    rlb.expire(&net, now, &mut log);
                    prop_assert!(rlb.next_deadline().is_none_or(|at| at > now));
                    let before: Vec<Client> = rlb.clients().copied().collect();
                    let told = log.0.len();
                    rlb.expire(&net, now, &mut log);
                    prop_assert!(before.iter().eq(rlb.clients()) && told == log.0.len());
                }
            }
            let keys: Vec<_> =
                rlb.clients().map(|c| (c.ip_src, c.ip_dst, c.vlan(), c.mac_src)).collect();
            prop_assert!(keys.iter().eq(model.iter().rev()));
            for out in log.take() {
                match out {
                    Out::Reply(slave, _, reply) => {
                        let slave = net.slave(slave).unwrap();
                        prop_assert!(slave.can_tx && slave.mac == reply.sender_mac);
                        prop_assert!(reply.target_mac.is_valid_unicast());
                    }
                    Out::Learn(slave, ..) => prop_assert!(net.slave(slave).is_some()),
                    Out::Promisc(..) => {}
                }
            }
            if net.slaves.iter().any(|s| s.can_tx) {
                let dead = |c: &Client| c.slave.is_some_and(|s| !net.slave(s).unwrap().can_tx);
                prop_assert!(!rlb.clients().any(dead));
            }
        }
        // It comes to rest, and all who can be told have a slave.
        rlb.slave_up();
        settle(&mut rlb, &net, now);
        if net.slaves.iter().any(|s| s.can_tx) {
            prop_assert!(rlb.clients().all(|c| c.slave.is_some() && !c.ntt));
        }
    }

    /// However many clients come, equal slaves have equal shares of them.
    #[test]
    fn equal_shares(slaves in 1usize..6, clients in 0u8..250) {
        let net = Net::new(&vec![1000; slaves]);
        let (mut rlb, mut log) = (table(CLIENTS), Log::default());
        for n in 2..2 + clients {
            rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
        }
        let share = |number| rlb.clients().filter(|c| c.slave == Some(id(number))).count();
        let shares: Vec<_> = (1..=slaves as u16).map(share).collect();
        prop_assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1);
    }
}
