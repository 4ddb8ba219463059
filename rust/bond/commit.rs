// SPDX-License-Identifier: GPL-2.0

//! A request for change: judged whole by `lag::options`, then carried out.

use kernel::sync::Arc;
use lag::{
    history::Cause,
    options::{self, Activate, Membership, Name, Opt, Plan, Refusal, Value, World},
    report::Event,
};
use netdev::{netlink::ExtAck, prelude::*, rcu::RcuBox, time, NetDevice, Rcu};

use crate::{enslave::delays, report, slave::Slave, state::Bond, tx::View, Cx};

impl Slave {
    /// The slave as the option table has to know it.
    fn as_option(&self) -> Option<options::Slave> {
        Some(options::Slave {
            ifindex: self.dev.ifindex() as u32,
            name: Name::from_nul_padded(self.dev.name().padded())?,
            usable: self.dev.can_send() && self.is_usable(),
            queue_id: self.queue_id.get(),
            prio: self.prio.get(),
            actor_port_prio: self.port_priority.get(),
        })
    }
}

/// The bond as the option table has to know it.
struct Now<'a> {
    bond: &'a Bond,
    cx: Cx<'a>,
}

impl World for Now<'_> {
    fn up(&self) -> bool {
        self.cx.dev.is_up()
    }

    fn tx_queues(&self) -> u32 {
        self.cx.dev.tx_queues()
    }

    fn xdp(&self) -> bool {
        self.bond.running.share(self.cx.rtnl).is_some()
    }

    fn ipv6(&self) -> bool {
        netdev::device::has_ipv6()
    }

    fn active(&self) -> Option<u32> {
        let active = self.bond.choice.active.share(self.cx.rtnl)?;
        Some(active.dev.ifindex() as u32)
    }

    fn slave(&self, index: usize) -> Option<options::Slave> {
        let rtnl = self.cx.rtnl;
        self.bond.slaves.get(rtnl, index)?.as_option()
    }

    fn by_name(&self, name: &Name) -> Option<u32> {
        let dev = self.cx.dev.dev_get_by_name(self.cx.rtnl, name.as_bytes())?;
        Some(dev.ifindex() as u32)
    }

    fn by_ifindex(&self, ifindex: u32) -> Option<Name> {
        let dev = self.cx.dev.dev_get_by_index(self.cx.rtnl, ifindex as i32)?;
        Name::from_nul_padded(dev.name().padded())
    }
}

/// The bond as a text is made from it, for whoever does not hold RTNL.
struct Seen<'a> {
    dev: &'a NetDevice,
    view: &'a View,
}

impl World for Seen<'_> {
    fn up(&self) -> bool {
        self.dev.is_up()
    }

    fn tx_queues(&self) -> u32 {
        self.dev.tx_queues()
    }

    fn xdp(&self) -> bool {
        false
    }

    fn ipv6(&self) -> bool {
        netdev::device::has_ipv6()
    }

    fn active(&self) -> Option<u32> {
        Some(self.view.active.as_ref()?.dev.ifindex() as u32)
    }

    fn slave(&self, index: usize) -> Option<options::Slave> {
        self.view.all.get(index)?.as_option()
    }

    fn by_name(&self, _name: &Name) -> Option<u32> {
        None
    }

    fn by_ifindex(&self, _ifindex: u32) -> Option<Name> {
        None
    }
}

/// Runs `f` with all that a text of the bond is made from. EAGAIN while there is nothing to see of
/// it, for want of memory or because it is on its way out.
pub(crate) fn with_seen<R>(
    bond: &Bond,
    dev: &NetDevice,
    admin: bool,
    rcu: &Rcu,
    f: impl FnOnce(&options::View<'_>) -> R,
) -> Result<R> {
    let view = bond.view.read(rcu).ok_or(EAGAIN)?;
    Ok(f(&options::View {
        params: bond.params.read(rcu),
        world: &Seen { dev, view },
        carrier: dev.netif_carrier_ok(),
        ad: bond.lacp.info().0,
        net_admin: admin,
    }))
}

/// Runs `f` with all that a dump of the bond is made from.
pub(crate) fn with_view<R>(bond: &Bond, cx: Cx<'_>, f: impl FnOnce(&options::View<'_>) -> R) -> R {
    let params = bond.params.get(cx.rtnl);
    f(&options::View {
        params: &params,
        world: &Now { bond, cx },
        carrier: cx.dev.netif_carrier_ok(),
        ad: bond.lacp.info().0,
        net_admin: netdev::device::is_net_admin(),
    })
}

/// As `with_view`, as if the bond were set to `params`.
pub(crate) fn with_params<R>(
    bond: &Bond,
    cx: Cx<'_>,
    params: &options::Params,
    f: impl FnOnce(&options::View<'_>) -> R,
) -> R {
    f(&options::View {
        params,
        world: &Now { bond, cx },
        carrier: false,
        ad: None,
        net_admin: true,
    })
}

/// The reason why a request was not carried out.
pub(crate) enum Failure {
    /// The table says no.
    Refused(Refusal),
    /// The kernel says no.
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        Failure::Failed(e)
    }
}

/// A plan on the heap. Its way there over the stack ends before anything deep begins.
#[inline(never)]
fn blank_plan(params: &options::Params) -> Result<KBox<Plan>> {
    Ok(KBox::new(Plan::new(params), GFP_KERNEL)?)
}

/// Parameters on the heap, likewise.
#[inline(never)]
fn shared(params: &options::Params) -> Result<Arc<options::Params>> {
    Ok(Arc::new(params.clone(), GFP_KERNEL)?)
}

impl Bond {
    /// Judges and carries out a request. On an error nothing has changed.
    pub(crate) fn request(
        &self,
        cx: Cx<'_>,
        changes: &[(Opt, Value<'_>)],
        ext: Option<&ExtAck>,
    ) -> Result<(), Failure> {
        match self.set_or_membership(cx, changes)? {
            // Deep, so that nothing of the judging is on the stack any more.
            Some(membership) => Ok(self.change_membership(cx, membership, ext)?),
            None => Ok(()),
        }
    }

    /// Judges a request, and carries it out if it is not about membership.
    #[inline(never)]
    fn set_or_membership(
        &self,
        cx: Cx<'_>,
        changes: &[(Opt, Value<'_>)],
    ) -> Result<Option<Membership>, Failure> {
        let mut plan = blank_plan(&self.params.get(cx.rtnl))?;
        plan.check(&Now { bond: self, cx }, changes)
            .map_err(Failure::Refused)?;
        // Whatever can fail comes first.
        let new = shared(&plan.params)?;
        let shown = RcuBox::new(new.clone())?;
        if plan.membership.is_none() {
            self.carry_out(cx, &plan, (new, shown));
        }
        Ok(plan.membership)
    }

    #[inline(never)]
    fn change_membership(
        &self,
        cx: Cx<'_>,
        membership: Membership,
        ext: Option<&ExtAck>,
    ) -> Result {
        let lower = |ifindex: u32| {
            cx.dev
                .dev_get_by_index(cx.rtnl, ifindex as i32)
                .ok_or(ENODEV)
        };
        match membership {
            Membership::Enslave(ifindex) => self.take_in(cx, lower(ifindex)?, ext),
            Membership::Release(ifindex) => {
                let slave = self.slave_of(cx, lower(ifindex)?).ok_or(EINVAL)?;
                self.let_go(cx, &slave, false);
                Ok(())
            }
        }
    }

    fn carry_out(
        &self,
        cx: Cx<'_>,
        plan: &Plan,
        (new, shown): (Arc<options::Params>, RcuBox<Arc<options::Params>>),
    ) {
        let rtnl = cx.rtnl;
        let old = self.set_params(cx, shown);
        let about = plan.slave.as_ref().map(|change| change.ifindex);
        let about = about.and_then(|at| self.each(cx).find(|s| s.dev.ifindex() as u32 == at));
        for note in plan.notes.iter() {
            let about = about.as_ref().filter(|_| note == options::Note::PrioIdle);
            report(cx.dev, about.map(|s| &*s.dev), &Event::Note(note, &new));
        }
        if delays(&old) != delays(&new) {
            for slave in self.each(cx) {
                let mut link = slave.link(rtnl);
                link.set_delays(delays(&new));
                slave.set_link(rtnl, link);
            }
        }
        if let Some(change) = plan.slave {
            if let Some(slave) = self
                .each(cx)
                .find(|s| s.dev.ifindex() as u32 == change.ifindex)
            {
                self.put_down_slave_options(cx, &slave, &change);
                if let Some(queue_id) = change.queue_id {
                    slave.queue_id.set(rtnl, queue_id);
                }
                if let Some(prio) = change.prio {
                    slave.prio.set(rtnl, prio);
                }
                if let Some(priority) = change.actor_port_prio {
                    slave.port_priority.set(rtnl, priority);
                }
            }
        }
        match plan.activate {
            Some(Activate::Reselect) => self.change_active(cx, None, Cause::User),
            Some(Activate::Slave(ifindex)) => {
                let slave = self.each(cx).find(|s| s.dev.ifindex() as u32 == ifindex);
                self.change_active(cx, slave, Cause::User);
            }
            None => {}
        }
        if old.mode != new.mode {
            self.offer_ipsec(cx);
        }
        if plan.force_primary {
            self.choice.force_primary.set(rtnl, true);
        }
        let beside = plan.slave.is_some() || plan.activate.is_some() || plan.force_primary;
        let choose = plan.reselect
            || plan.force_primary
            || plan.activate == Some(Activate::Reselect)
            || old.mode != new.mode;
        if !beside && new.only_retimes(&old) && !choose {
            self.show_abi(cx);
            self.rearm(cx, time::now());
        } else if choose {
            self.settle(cx);
        } else {
            self.settle_as_is(cx);
        }
    }
}
