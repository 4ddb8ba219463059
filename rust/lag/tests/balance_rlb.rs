// SPDX-License-Identifier: GPL-2.0

//! Telling clients whom to send to: who is told what, when, and what is forgotten.

use crate::balance;

use balance::{id, slave_mac, Net, BOND};
use core::net::Ipv4Addr;
use lag::balance::address::{self, Takeover};
use lag::balance::rlb::{Client, Learn, Place, Rlb, Route, Sink, CLIENTS};
use lag::balance::{Bond, SlaveId};
use lag::mac::Mac;
use lag::time::{Span, Time};
use lag::wire::arp::{Op, Repr};
use lag::wire::eth::{Tag, VLAN};

#[path = "balance_rlb/any.rs"]
mod any;

fn peer_mac(number: u8) -> Mac {
    Mac([4, 0, 0, 0, 0, number])
}

fn peer(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, number)
}

const ME: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

#[derive(Clone, Debug, PartialEq)]
enum Out {
    Reply(SlaveId, Option<Tag>, Repr),
    Learn(SlaveId, Mac, Learn),
    Promisc(SlaveId, bool),
}

#[derive(Default)]
struct Log(Vec<Out>);

impl Sink for Log {
    fn arp_reply(&mut self, slave: SlaveId, tag: Option<Tag>, reply: &Repr) {
        self.0.push(Out::Reply(slave, tag, *reply));
    }

    fn learn(&mut self, slave: SlaveId, mac: Mac, scope: Learn) {
        self.0.push(Out::Learn(slave, mac, scope));
    }

    fn promiscuity(&mut self, slave: SlaveId, on: bool) -> bool {
        self.0.push(Out::Promisc(slave, on));
        true
    }
}

impl Log {
    fn take(&mut self) -> Vec<Out> {
        std::mem::take(&mut self.0)
    }
}

type Clients = Rlb<Vec<Place>>;

fn table(places: usize) -> Clients {
    Rlb::new(vec![Place::FREE; places])
}

fn at(ms: u64) -> Time {
    Time(ms * 1_000_000)
}

fn reply_to(number: u8) -> Repr {
    Repr {
        op: Op::Reply,
        sender_mac: BOND,
        sender_ip: ME,
        target_mac: peer_mac(number),
        target_ip: peer(number),
    }
}

fn request_for(number: u8) -> Repr {
    Repr {
        op: Op::Request,
        target_mac: Mac::ZERO,
        ..reply_to(number)
    }
}

fn reply_from(number: u8) -> Repr {
    Repr {
        op: Op::Reply,
        sender_mac: peer_mac(number),
        sender_ip: peer(number),
        target_mac: BOND,
        target_ip: ME,
    }
}

/// The replies that a slave sends to a client, two of them.
fn told(slave: u16, client: u8) -> Vec<Out> {
    let reply = Repr {
        sender_mac: slave_mac(slave),
        ..reply_to(client)
    };
    vec![Out::Reply(id(slave), None, reply); 2]
}

fn owner(rlb: &Clients, client: u8) -> Option<SlaveId> {
    rlb.clients()
        .find(|c| c.ip_dst == peer(client))
        .and_then(|c| c.slave)
}

/// Lets time run until nothing is due any more, at most for a minute; what was done when.
fn settle(rlb: &mut Clients, net: &Net, mut now: Time) -> Vec<(Time, Vec<Out>)> {
    let mut all = Vec::new();
    let end = now + Span::secs(60);
    while let Some(deadline) = rlb.next_deadline() {
        now = now.max(deadline);
        assert!(now <= end, "never quiet");
        let mut log = Log::default();
        rlb.expire(net, now, &mut log);
        if !log.0.is_empty() {
            all.push((now, log.take()));
        }
    }
    all
}

#[test]
fn replies_go_by_the_slave_they_name() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    let mut send = |rlb: &mut Clients, n| rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    // Slave 1 has the bond's MAC already: nothing is rewritten.
    assert_eq!(
        send(&mut rlb, 2),
        Some(Route {
            slave: id(1),
            sender_mac: None
        })
    );
    let second = Some(Route {
        slave: id(2),
        sender_mac: Some(slave_mac(2)),
    });
    assert_eq!(send(&mut rlb, 3), second);
    assert_eq!(send(&mut rlb, 4).unwrap().slave, id(1));
    // A known client keeps its slave.
    assert_eq!(send(&mut rlb, 3), second);
    assert_eq!(log.take(), []);
    // Each is told once more by an unasked reply, the newest first.
    let done = settle(&mut rlb, &net, at(0));
    assert_eq!(
        done,
        [(at(0), [told(1, 4), told(2, 3), told(1, 2)].concat())]
    );
}

#[test]
fn a_reply_with_a_mac_of_ours_teaches_nothing() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    rlb.arp_sent(&net, &reply_to(2), None, at(0), &mut log);
    let known = rlb.clients().next().unwrap().mac_dst;
    let asked = reply_to(2);
    let mut answer = Repr {
        op: Op::Reply,
        sender_mac: net.slaves().nth(1).unwrap().mac,
        sender_ip: asked.target_ip,
        target_mac: asked.sender_mac,
        target_ip: asked.sender_ip,
    };
    rlb.arp_received(&net, &answer, None);
    assert_eq!(rlb.clients().next().unwrap().mac_dst, known);
    // Nor does it take an address of ours for another host's.
    answer.sender_ip = asked.sender_ip;
    rlb.arp_received(&net, &answer, None);
    assert_eq!(rlb.clients().count(), 1);
    // Another MAC is the client's new one.
    answer.sender_ip = asked.target_ip;
    answer.sender_mac = peer_mac(9);
    rlb.arp_received(&net, &answer, None);
    assert_eq!(rlb.clients().next().unwrap().mac_dst, peer_mac(9));
}

#[test]
fn only_what_comes_from_the_bond() {
    let (net, mut rlb, mut log) = (Net::new(&[100]), table(CLIENTS), Log::default());
    let bridged = Repr {
        sender_mac: peer_mac(9),
        ..reply_to(2)
    };
    assert_eq!(rlb.arp_sent(&net, &bridged, None, at(0), &mut log), None);
    assert_eq!(rlb.clients().count(), 0);
    let none = Net::new(&[]);
    assert_eq!(
        rlb.arp_sent(&none, &reply_to(2), None, at(0), &mut log),
        None
    );
    let mut down = net.clone();
    down.slave_mut(1).can_tx = false;
    assert_eq!(
        rlb.arp_sent(&down, &reply_to(2), None, at(0), &mut log),
        None
    );
    assert_eq!(rlb.clients().count(), 0);
}

#[test]
fn a_request_is_answered_learnt_and_undone() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    // Clients 2 and 3 are known, on slaves 1 and 2.
    for n in [2, 3] {
        rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    }
    settle(&mut rlb, &net, at(0));
    // 8 knows us by another address, which is not told by requests from this one.
    for n in [7, 8] {
        let other = Repr {
            sender_ip: peer(100),
            ..reply_to(n)
        };
        rlb.arp_sent(&net, &other, None, at(0), &mut log);
    }
    settle(&mut rlb, &net, at(5_000));
    // A request for 4 goes by slave 1, as it is.
    let route = rlb.arp_sent(&net, &request_for(4), None, at(10_000), &mut log);
    assert_eq!(
        route,
        Some(Route {
            slave: id(1),
            sender_mac: None
        })
    );
    // One for 5 by slave 2, with the bond's MAC in it all the same.
    let route = rlb.arp_sent(&net, &request_for(5), None, at(10_500), &mut log);
    assert_eq!(
        route,
        Some(Route {
            slave: id(2),
            sender_mac: None
        })
    );
    rlb.arp_received(&net, &reply_from(4), None);
    rlb.arp_received(&net, &reply_from(5), None);
    // Two seconds after the last request: who has answered, and 3, who now thinks that slave 1
    // is the one. 2 is right already.
    let done = settle(&mut rlb, &net, at(10_600));
    assert_eq!(
        done,
        [(at(12_500), [told(2, 5), told(1, 4), told(2, 3)].concat())]
    );
    // An answer that says nothing new is not news.
    rlb.arp_received(&net, &reply_from(5), None);
    assert_eq!(rlb.next_deadline(), None);
    // A request for one who is known does not forget its MAC.
    rlb.arp_sent(&net, &request_for(5), None, at(30_000), &mut log);
    assert_eq!(rlb.clients().next().unwrap().mac_dst, peer_mac(5));
    assert_eq!(log.take(), []);
}

#[test]
fn a_client_that_does_not_answer_is_not_told() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    rlb.arp_sent(&net, &request_for(4), None, at(0), &mut log);
    assert_eq!(rlb.next_deadline(), None);
    // Nor is who answers with what is no station's MAC.
    for mac in [Mac::ZERO, Mac::BROADCAST, Mac([1, 0, 0x5e, 0, 0, 1])] {
        rlb.arp_received(
            &net,
            &Repr {
                sender_mac: mac,
                ..reply_from(4)
            },
            None,
        );
    }
    assert_eq!(rlb.next_deadline(), None);
    // What a request of the client's says is not taken for an answer.
    rlb.arp_received(
        &net,
        &Repr {
            op: Op::Request,
            ..reply_from(4)
        },
        None,
    );
    assert_eq!(rlb.next_deadline(), None);
    // And an answer nobody asked for makes no client.
    rlb.arp_received(&net, &reply_from(7), None);
    assert_eq!(rlb.clients().count(), 1);
}

/// A question names the slave by which ARP would go, and makes no client.
#[test]
fn a_question_makes_no_client() {
    let (net, mut rlb, mut log) = (Net::new(&[100; 3]), table(CLIENTS), Log::default());
    for n in [10, 11, 12, 13, 10, 11] {
        let told = rlb.would_send(&net, &reply_to(n), None);
        assert_eq!(rlb.would_send(&net, &reply_to(n), None), told);
        let route = rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
        assert_eq!(told, route.map(|route| route.slave));
    }
    assert_eq!(rlb.clients().count(), 4);
    // What comes from elsewhere goes by the active slave.
    assert_eq!(rlb.would_send(&net, &reply_from(9), None), None);
}

#[test]
fn the_dead_slaves_clients_move() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100; 3]), table(CLIENTS), Log::default());
    for n in 10..40 {
        rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    }
    settle(&mut rlb, &net, at(0));
    let before: Vec<Client> = rlb.clients().copied().collect();
    net.slave_mut(2).can_tx = false;
    rlb.slave_gone(&net, id(2), slave_mac(2), at(20_000), &mut log);
    // Slave 1 takes what still comes for slave 2, and teaches the switch so.
    let teach = [
        Out::Promisc(id(1), true),
        Out::Learn(id(1), slave_mac(2), Learn::Vlans),
    ]
    .to_vec();
    assert_eq!(log.take(), teach);
    let mut share = [0; 4];
    for (was, is) in before.iter().zip(rlb.clients()) {
        let slave = is.slave.unwrap();
        share[usize::from(slave.0.get())] += 1;
        // Who was elsewhere stays and is not told.
        assert!(was.slave == Some(id(2)) || *was == *is);
    }
    assert_eq!(share, [0, 15, 0, 15]);
    assert_eq!(rlb.moved(), 10);
    // The ten are told four times over, two seconds apart, and promiscuity ends.
    let done = settle(&mut rlb, &net, at(20_000));
    let rounds: Vec<_> = done.iter().map(|(t, out)| (*t, out.len())).collect();
    let expect = [
        (20_000, 20),
        (22_000, 20),
        (24_000, 20),
        (26_000, 20),
        (30_000, 1),
    ];
    assert_eq!(rounds, expect.map(|(ms, n)| (at(ms), n)));
    assert_eq!(done[4].1, [Out::Promisc(id(1), false)]);
    // A second time there is nobody to move.
    let after: Vec<Client> = rlb.clients().copied().collect();
    rlb.slave_gone(&net, id(2), slave_mac(2), at(40_000), &mut log);
    assert!(after.iter().eq(rlb.clients()));
    assert_eq!(log.take(), teach);
}

/// A client that has lost its slave is told at once, whatever was told last and when.
#[test]
fn a_second_failure_does_not_wait() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100; 3]), table(CLIENTS), Log::default());
    for n in [2, 3, 4] {
        rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    }
    settle(&mut rlb, &net, at(0));
    let mut fail = |number: u16, ms: u64| {
        net.slave_mut(number).can_tx = false;
        rlb.slave_gone(&net, id(number), slave_mac(number), at(ms), &mut log);
        assert_eq!(rlb.next_deadline(), Some(at(ms)));
        log.take();
        rlb.expire(&net, at(ms), &mut log);
        log.take()
    };
    assert_eq!(fail(3, 20_500), told(1, 4));
    // The first one's is repeated with it.
    assert_eq!(fail(2, 20_700), [told(1, 4), told(1, 3)].concat());
    // An address that went with a dead slave is as urgent.
    rlb.arp_sent(&net, &request_for(2), None, at(20_800), &mut log);
    assert_eq!(rlb.next_deadline(), Some(at(22_800)));
    rlb.macs_swapped(&net, id(1), id(2), at(20_900), &mut log);
    assert_eq!(rlb.next_deadline(), Some(at(20_900)));
}

#[test]
fn nobody_is_left() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100]), table(CLIENTS), Log::default());
    rlb.arp_sent(&net, &reply_to(2), None, at(0), &mut log);
    settle(&mut rlb, &net, at(0));
    net.slave_mut(1).can_tx = false;
    rlb.slave_gone(&net, id(1), BOND, at(9_000), &mut log);
    assert_eq!((owner(&rlb, 2), log.take()), (None, vec![]));
    assert_eq!(rlb.next_deadline(), None);
    assert_eq!(settle(&mut rlb, &net, at(9_000)), []);
    // It comes back: the client is dealt to it again, and told.
    net.slave_mut(1).can_tx = true;
    rlb.slave_up();
    assert_eq!(
        settle(&mut rlb, &net, at(19_000)),
        [(at(19_000), told(1, 2))]
    );
}

#[test]
fn a_link_that_is_known_to_be_down_before_it_is_told() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    rlb.arp_sent(&net, &reply_to(2), None, at(0), &mut log);
    net.slave_mut(1).can_tx = false;
    // An update is due, but a dead slave cannot send it.
    assert_eq!(settle(&mut rlb, &net, at(0)), []);
    let route = rlb.arp_sent(&net, &reply_to(2), None, at(0), &mut log);
    assert_eq!(
        route,
        Some(Route {
            slave: id(2),
            sender_mac: Some(slave_mac(2))
        })
    );
    assert_eq!(owner(&rlb, 2), Some(id(2)));
    assert_eq!(settle(&mut rlb, &net, at(9_000))[0].1, told(2, 2));
}

#[test]
fn a_new_slave_gets_its_share() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100, 100, 100]), table(CLIENTS), Log::default());
    net.slave_mut(3).can_tx = false;
    for n in 10..40 {
        rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    }
    settle(&mut rlb, &net, at(0));
    net.slave_mut(3).can_tx = true;
    rlb.slave_up();
    rlb.expire(&net, at(9_000), &mut log);
    for number in 1..=3 {
        assert_eq!(
            rlb.clients()
                .filter(|c| c.slave == Some(id(number)))
                .count(),
            10
        );
    }
    assert_eq!(rlb.next_deadline(), None);
}

#[test]
fn the_fastest_share() {
    let (mut net, mut rlb, mut log) =
        (Net::new(&[100, 1000, 1000]), table(CLIENTS), Log::default());
    let mut owners = |rlb: &mut Clients, net: &Net, range: std::ops::Range<u8>| -> Vec<u16> {
        range
            .map(|n| {
                rlb.arp_sent(net, &reply_to(n), None, at(0), &mut log)
                    .unwrap()
            })
            .map(|route| route.slave.0.get())
            .collect()
    };
    assert_eq!(owners(&mut rlb, &net, 10..15), [2, 3, 2, 3, 2]);
    net.slave_mut(2).can_tx = false;
    assert_eq!(owners(&mut rlb, &net, 20..22), [3, 3]);
    net.slave_mut(3).can_tx = false;
    assert_eq!(owners(&mut rlb, &net, 30..32), [1, 1]);
}

#[test]
fn the_turn_skips_slower_slaves() {
    let (net, mut rlb, mut log) = (Net::new(&[1000, 1000, 100]), table(CLIENTS), Log::default());
    for (n, slave) in [(10, 1), (11, 2), (12, 1), (13, 2)] {
        let route = rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
        assert_eq!(route.unwrap().slave, id(slave));
    }
}

#[test]
fn macs_swap_when_another_becomes_active() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    for n in [2, 3] {
        rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    }
    settle(&mut rlb, &net, at(0));
    // Slave 1 is active and its link goes.
    net.slave_mut(1).can_tx = false;
    rlb.slave_gone(&net, id(1), BOND, at(9_000), &mut log);
    rlb.active_changes(&mut log);
    assert_eq!(log.take(), []);
    net.active = Some(id(2));
    assert_eq!(address::takeover(&net, Some(id(1))), Takeover::Swap(id(1)));
    net.slave_mut(1).mac = slave_mac(2);
    net.slave_mut(2).mac = BOND;
    rlb.macs_swapped(&net, id(1), id(2), at(9_000), &mut log);
    let expect = [
        Out::Learn(id(2), BOND, Learn::All),
        Out::Promisc(id(2), true),
        Out::Learn(id(2), slave_mac(2), Learn::Vlans),
    ];
    assert_eq!(log.take(), expect);
    let done = settle(&mut rlb, &net, at(9_000));
    let tell = |n| vec![Out::Reply(id(2), None, reply_to(n)); 2];
    assert_eq!(done[0], (at(9_000), [tell(3), tell(2)].concat()));
    // Both up: both teach, nobody is promiscuous.
    net.slave_mut(1).can_tx = true;
    rlb.macs_swapped(&net, id(1), id(2), at(30_000), &mut log);
    let expect = [
        Out::Learn(id(1), slave_mac(2), Learn::All),
        Out::Learn(id(2), BOND, Learn::All),
    ];
    assert_eq!(log.take(), expect);
}

#[test]
fn promiscuity_ends_with_the_active_slave() {
    for release in [false, true] {
        let (mut net, mut rlb, mut log) = (Net::new(&[100; 3]), table(CLIENTS), Log::default());
        net.slave_mut(2).can_tx = false;
        rlb.slave_gone(&net, id(2), slave_mac(2), at(0), &mut log);
        // Another one prolongs it, and is not switched on twice.
        net.slave_mut(3).can_tx = false;
        rlb.slave_gone(&net, id(3), slave_mac(3), at(5_000), &mut log);
        assert_eq!(rlb.next_deadline(), Some(at(15_000)));
        let ons = log
            .take()
            .iter()
            .filter(|o| **o == Out::Promisc(id(1), true))
            .count();
        assert_eq!(ons, 1);
        if release {
            net.slaves.remove(0);
            rlb.slave_gone(&net, id(1), BOND, at(6_000), &mut log);
        } else {
            rlb.active_changes(&mut log);
        }
        assert_eq!(log.take()[0], Out::Promisc(id(1), false));
    }
}

#[test]
fn an_address_that_was_taken() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    let tag = Some(Tag {
        protocol: VLAN,
        tci: 5,
    });
    rlb.arp_sent(&net, &reply_to(2), None, at(0), &mut log);
    rlb.arp_sent(&net, &reply_to(3), None, at(0), &mut log);
    rlb.arp_sent(&net, &reply_to(3), tag, at(0), &mut log);
    // Our own packet comes back by the other slave.
    let own = Repr {
        sender_mac: slave_mac(2),
        ..request_for(9)
    };
    rlb.arp_received(&net, &own, None);
    assert_eq!(rlb.clients().count(), 3);
    // Nor is a packet with a MAC that we had when we named our address that of another host.
    let mut later = net.clone();
    later.slave_mut(1).mac = slave_mac(7);
    rlb.arp_received(
        &later,
        &Repr {
            sender_mac: BOND,
            ..own
        },
        None,
    );
    assert_eq!(rlb.clients().count(), 3);
    // Another host says it has our address, in one VLAN.
    let thief = Repr {
        sender_mac: peer_mac(99),
        ..request_for(9)
    };
    rlb.arp_received(&net, &thief, None);
    let left: Vec<_> = rlb.clients().map(|c| (c.ip_dst, c.tag)).collect();
    assert_eq!(left, [(peer(3), tag)]);
}

#[test]
fn vlans_are_apart() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    let tag = |tci| {
        Some(Tag {
            protocol: VLAN,
            tci,
        })
    };
    for t in [None, tag(5), tag(0x6007)] {
        rlb.arp_sent(&net, &request_for(2), t, at(0), &mut log);
    }
    assert_eq!(rlb.clients().count(), 3);
    rlb.arp_received(&net, &reply_from(2), tag(7));
    let done = settle(&mut rlb, &net, at(5_000));
    let reply = Repr {
        sender_mac: BOND,
        ..reply_to(2)
    };
    assert_eq!(
        done,
        [(at(5_000), vec![Out::Reply(id(1), tag(0x6007), reply); 2])]
    );
    // The priority is that of the last packet.
    rlb.arp_sent(&net, &reply_to(2), tag(0x2007), at(9_000), &mut log);
    assert_eq!(rlb.clients().next().unwrap().tag, tag(0x2007));
    rlb.vlan_removed(7);
    rlb.vlan_removed(0);
    assert_eq!(
        rlb.clients().map(|c| c.tag).collect::<Vec<_>>(),
        [tag(5), None]
    );
}

#[test]
fn a_full_table_lets_the_oldest_go() {
    let (net, mut rlb, mut log) = (Net::new(&[100, 100]), table(2), Log::default());
    for n in [2, 3] {
        rlb.arp_sent(&net, &reply_to(n), None, at(0), &mut log);
    }
    // 2 is with the active slave already and need not be told.
    rlb.arp_sent(&net, &reply_to(4), None, at(0), &mut log);
    assert_eq!(log.take(), []);
    rlb.arp_sent(&net, &reply_to(5), None, at(0), &mut log);
    assert_eq!(log.take(), told(1, 3));
    assert_eq!(
        rlb.clients().map(|c| c.ip_dst).collect::<Vec<_>>(),
        [peer(5), peer(4)]
    );
    // No places at all are no reason to fail.
    let mut none = table(0);
    assert!(none
        .arp_sent(&net, &reply_to(2), None, at(0), &mut log)
        .is_some());
    assert_eq!(none.clients().count(), 0);
}

#[test]
fn the_text_in_debugfs() {
    let (mut net, mut rlb, mut log) = (Net::new(&[100, 100]), table(CLIENTS), Log::default());
    rlb.arp_sent(&net, &reply_to(200), None, at(0), &mut log);
    rlb.arp_sent(&net, &request_for(3), None, at(0), &mut log);
    net.slave_mut(1).can_tx = false;
    net.slave_mut(2).can_tx = false;
    rlb.slave_gone(&net, id(2), slave_mac(2), at(0), &mut log);
    let mut text = String::new();
    rlb.write_table(&mut text, |id| Some(format!("veth{}", id.0)))
        .unwrap();
    assert_eq!(
        text,
        "SourceIP        DestinationIP   Destination MAC   DEV\n\
         10.0.0.1        10.0.0.3        00:00:00:00:00:00 (none)\n\
         10.0.0.1        10.0.0.200      04:00:00:00:00:c8 veth1\n"
    );
}
