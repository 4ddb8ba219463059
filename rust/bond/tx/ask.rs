// SPDX-License-Identifier: GPL-2.0

//! The slave by which a packet would be sent, for who only asks: nothing is counted, dealt or hurried.

use lag::{balance::class, family::Fate};
use netdev::skb::Skb;

use super::{lanes::Lanes, spread::Spread, Table};
use crate::{
    flow::{Flow, Hashed},
    slave::Slave,
};

/// The way of a packet.
#[derive(Clone, Copy)]
pub(crate) struct Answer<'a> {
    /// The slaves by which it would be sent.
    pub(crate) fate: Fate,
    /// The slave, where it is one.
    pub(crate) slave: Option<&'a Slave>,
    /// The hash of its flow, where that decides.
    pub(crate) hash: Option<u32>,
    /// The place or the bucket that it comes to.
    pub(crate) bucket: Option<u32>,
}

impl<'a> Answer<'a> {
    fn of(fate: Fate) -> Self {
        Answer {
            fate,
            slave: None,
            hash: None,
            bucket: None,
        }
    }

    fn one(slave: Option<&'a Slave>) -> Self {
        Answer {
            slave,
            ..Answer::of(if slave.is_some() {
                Fate::One
            } else {
                Fate::None
            })
        }
    }

    /// By several slaves, if any can send.
    fn several(fate: Fate, dead: bool) -> Self {
        Answer::of(if dead { Fate::None } else { fate })
    }
}

fn spread<'a>(spread: &'a Spread, skb: &Skb) -> Answer<'a> {
    let hash = skb.flow(spread.policy);
    let (hop, at) = spread.ring.ask(hash);
    Answer {
        hash: Some(hash),
        bucket: Some(at),
        ..Answer::one(hop.map(|hop| &**hop))
    }
}

/// A packet of balance-tlb that may be spread: by load, or by its hash alone.
fn tlb<'a>(lanes: &'a Lanes, skb: &Skb) -> Answer<'a> {
    let hash = skb.flow(lanes.policy);
    let (slave, bucket) = match lanes.is_static() {
        true => lanes.ask_flow(hash),
        false => (lanes.ask_bucket(hash as u8), hash & 0xff),
    };
    Answer {
        hash: Some(hash),
        bucket: Some(bucket),
        ..Answer::one(slave)
    }
}

fn alb<'a>(lanes: &'a Lanes, skb: &Skb) -> Answer<'a> {
    match skb.look(class::alb) {
        Some(class::Alb::Spread(_)) if lanes.is_static() => tlb(lanes, skb),
        Some(class::Alb::Spread(bucket)) => Answer {
            bucket: Some(bucket.into()),
            ..Answer::one(lanes.ask_bucket(bucket))
        },
        Some(class::Alb::Arp) => Answer::one(lanes.ask_arp(skb).or_else(|| lanes.ask_active())),
        Some(class::Alb::Active) | None => Answer::one(lanes.ask_active()),
    }
}

impl Table {
    /// The way that a packet would go now. A queue_id is not heeded: tc sets the queue of what is really sent.
    pub(crate) fn ask(&self, skb: &Skb) -> Answer<'_> {
        match self {
            Table::Queued(queues) => queues.table.ask(skb),
            Table::Polled(table) => table.ask(skb),
            Table::RoundRobin(table) => {
                let fate = match table.is_random() {
                    true => Fate::Lot,
                    false => Fate::Turn,
                };
                Answer::several(fate, table.is_dead())
            }
            Table::ActiveBackup(table) => Answer::one(table.ask().map(|hop| &**hop)),
            Table::Xor(table) => spread(table.spread(), skb),
            Table::Broadcast(table) => Answer::several(Fate::All, table.is_dead()),
            Table::Lacp(table) if table.tells_all(skb) => {
                Answer::several(Fate::All, table.spread().ring.ask(0).0.is_none())
            }
            Table::Lacp(table) => spread(table.spread(), skb),
            Table::Tlb(super::tlb::Tlb(lanes)) => match skb.look(class::tlb) {
                Some(class::Tlb::Spread) => tlb(lanes, skb),
                Some(class::Tlb::Active) | None => Answer::one(lanes.ask_active()),
            },
            Table::Alb(super::alb::Alb(lanes)) => alb(lanes, skb),
        }
    }
}
