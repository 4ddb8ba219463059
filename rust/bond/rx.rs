// SPDX-License-Identifier: GPL-2.0

//! Decides about received frames: each is the bond's, the slave's own, or nobody's.

use netdev::{skb::RxSkb, upper::Receive, NetDevice, Rcu};
use wire::{arp, eth, lacpdu::SLOW_PROTOCOLS};

use crate::{
    slave::{Hears, Plain, Slave},
    state::Bond,
    tx::lanes::Lanes,
};

/// The bond gets the frame as it is: the common case.
#[inline]
pub(crate) fn takes(dev: &NetDevice, slave: &Slave, skb: &RxSkb<'_>) -> bool {
    let protocol = skb.protocol();
    let plain = match slave.plain() {
        Plain::All => true,
        Plain::Host => skb.is_for_host() && protocol != eth::ARP && !dev.is_bridge_port(),
        Plain::Nothing => false,
    };
    plain && protocol != SLOW_PROTOCOLS
}

/// Decides about a packet that a backup receives and the active slave receives as well: only who
/// listens on the slave itself gets it. Link-local protocols (LLDP) are about the very link, and
/// pass.
pub(crate) fn unheard(skb: &RxSkb<'_>) -> Receive {
    if skb.is_link_local() {
        Receive::Pass
    } else {
        Receive::Exact
    }
}

impl Bond {
    /// Finds out what becomes of a frame that a slave has received.
    #[inline]
    pub(crate) fn receive_frame(
        &self,
        dev: &NetDevice,
        slave: &Slave,
        skb: &mut RxSkb<'_>,
        rcu: &Rcu,
    ) -> Receive {
        let view = self.view.read(rcu);
        if let Some((view, settings)) = view.and_then(|view| Some((view, view.arp.as_ref()?))) {
            self.hear(dev, view, settings, slave, skb);
        }
        if skb.protocol() == SLOW_PROTOCOLS && self.receive_lacp(dev, slave, skb) {
            return Receive::Consumed;
        }
        match slave.hears() {
            Hears::All => Receive::Master,
            Hears::Nothing => unheard(skb),
            hears @ (Hears::Alb | Hears::Unicast) => {
                let lanes = view.and_then(|view| view.table.alb());
                self.receive_alb(dev, hears, skb, lanes)
            }
        }
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
        self.live.expect_balance(next);
    }
}
