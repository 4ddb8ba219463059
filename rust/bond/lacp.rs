// SPDX-License-Identifier: GPL-2.0

//! 802.3ad: hands events to the machines of `lag::lacp`, and follows what comes of them.

use core::sync::atomic::Ordering;

use lag::{
    lacp::{intake::Pdu, system::Verdict},
    mode::Mode,
};
use netdev::{skb::RxSkb, NetDevice};
use wire::{
    lacpdu::{PDU_LEN, SLOW_PROTOCOLS_GROUP},
    time::Time,
};

use crate::{
    keeps::lacp::{config, id, link, member_of, place},
    slave::Slave,
    state::Bond,
    Cx,
};

impl Bond {
    /// Tells the machines what is different from what they know. In another mode than 802.3ad
    /// they know of no port.
    #[inline(never)]
    pub(crate) fn sync_lacp(&self, cx: Cx<'_>) {
        let params = self.params.get(cx.rtnl);
        let on = params.mode == Mode::Lacp;
        if !on && self.lacp.is_idle() {
            return;
        }
        let wanted = |slave: &Slave| on && !slave.struck.get(cx.rtnl);
        loop {
            let state = self.lacp.state.lock();
            let gone = state.members.iter().find(|m| !wanted(&m.slave));
            let Some(gone) = gone.map(|m| id(&m.slave)) else {
                break;
            };
            drop(state);
            self.lacp.remove(cx, gone);
        }
        if !on {
            return;
        }
        let config = config(&params);
        let address = cx.dev.address(cx.rtnl).mac();
        // IFF_UP comes after open() and goes after stop().
        let running = cx.dev.netif_running();
        {
            let mut state = self.lacp.state.lock();
            let changed = *state.system.config() != config;
            let moved = core::mem::replace(&mut state.address, address) != address;
            let toggled = core::mem::replace(&mut state.running, running) != running;
            drop(state);
            self.lacp.run(cx.dev, |system, ports, now, sink| {
                if changed {
                    system.configure(config, ports, now, sink);
                }
                if moved {
                    system.address_changed(address, ports, now, sink);
                }
                match (toggled, running) {
                    (true, true) => system.opened(ports, now, sink),
                    (true, false) => system.closed(ports, now, sink),
                    _ => {}
                }
            });
        }
        for slave in self.each(cx) {
            let known = self.lacp.with_port(&slave, |_, _, _| ()).is_some();
            if !known && self.lacp.add(cx, &slave).is_err() {
                self.try_again(cx);
                continue;
            }
            self.tell_lacp(cx, &slave);
        }
        let (_, next) = self.lacp.run(cx.dev, |_, _, _, _| {});
        if let Some(next) = next {
            self.live.due.lacp.by(next);
            self.live.alarm.by(next);
        }
    }

    #[inline(never)]
    fn tell_lacp(&self, cx: Cx<'_>, slave: &Slave) {
        let (link, priority) = (link(slave), slave.port_priority.get());
        let mut state = self.lacp.state.lock();
        let Some(member) = member_of(&mut state.members, slave) else {
            return;
        };
        let relinked = core::mem::replace(&mut member.link, link) != link;
        let ranked = core::mem::replace(&mut member.priority, priority) != priority;
        drop(state);
        if !relinked && !ranked {
            return;
        }
        self.lacp.run(cx.dev, |system, ports, now, sink| {
            if relinked {
                system.link_changed(ports, id(slave), link, now, sink);
            }
            if ranked {
                system.port_priority_changed(ports, id(slave), priority, now, sink);
            }
        });
    }

    /// A timer of the machines may have run out. Needs no RTNL.
    pub(crate) fn expire_lacp(&self, dev: &NetDevice) {
        let done = self.lacp.run(dev, |system, ports, now, sink| {
            system.expire(ports, now, sink)
        });
        self.follow_lacp(done);
    }

    fn follow_lacp(&self, (changed, next): (bool, Option<Time>)) {
        if changed {
            self.live.follow_wire();
        }
        if let Some(next) = next {
            self.live.due.lacp.by(next);
            self.live.alarm.by(next);
        }
    }

    /// Hands a Slow Protocols frame to the machines. Returns whether it was for them: a frame of a
    /// VLAN is not, for whoever reaches one VLAN of the link is not the other end of the link. A
    /// priority tag names no VLAN.
    #[cold]
    pub(crate) fn receive_lacp(&self, dev: &NetDevice, slave: &Slave, skb: &RxSkb<'_>) -> bool {
        if skb.destination() != SLOW_PROTOCOLS_GROUP || skb.tag().is_some_and(|tag| tag.id() != 0) {
            return false;
        }
        if !self.lacp.is_on.load(Ordering::Relaxed) {
            return false;
        }
        let mut buf = [0u8; PDU_LEN];
        let pdu = Pdu::parse(skb.copy_payload(&mut buf));
        if let Pdu::Refused(why) = pdu {
            self.lacp.refused.count(why);
            slave.refused.count(why);
            return why.verdict() == Verdict::Consumed;
        }
        let mut verdict = Verdict::PassOn;
        // Softirqs are off here anyhow: what is left to do is done by the alarm.
        let mut state = self.lacp.state.lock();
        let at = place(&state.ports, slave, |port| port.id() == id(slave)).unwrap_or(0);
        let done = state.step(dev, &self.history, |system, ports, now, sink| {
            verdict = system.receive_pdu(ports, at, id(slave), &pdu, now, sink);
        });
        drop(state);
        self.follow_lacp(done);
        verdict == Verdict::Consumed
    }
}
