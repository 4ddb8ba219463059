// SPDX-License-Identifier: GPL-2.0

//! IFLA_BOND_* and IFLA_BOND_SLAVE_*: options in requests and dumps.

use lag::{
    lacp::port::Port,
    mode::Mode,
    options::{self, Attr, Kind, Opt, Payload, Refusal, Value, Width},
    report::{Door, Event, Words},
};
use netdev::{
    link::{Link, PortLink},
    netlink::{total_size, Attrs, ExtAck, Fill, Policy},
    prelude::*,
    xstats::Xstats,
    NetDevice, Rtnl,
};

use crate::{
    commit::{self, Failure},
    settings,
    state::Bond,
    Cx,
};

impl Link for Bond {
    const MAX_ATTR: u16 = MAX_ATTR;

    fn policy(number: u16) -> Policy {
        policy(number)
    }

    fn change(
        &self,
        dev: &NetDevice,
        attrs: &Attrs<'_>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result {
        change(self, Cx { dev, rtnl }, attrs, ext)
    }

    fn fill_size(&self, _dev: &NetDevice) -> usize {
        size()
    }

    fn fill(&self, dev: &NetDevice, to: &mut Fill<'_>, rtnl: &Rtnl) -> Result {
        fill(self, Cx { dev, rtnl }, to)
    }
}

impl PortLink for Bond {
    const MAX_PORT_ATTR: u16 = MAX_SLAVE_ATTR;

    fn port_policy(number: u16) -> Policy {
        slave_policy(number)
    }

    fn change_port(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        attrs: &Attrs<'_>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result {
        change_slave(self, Cx { dev, rtnl }, lower, attrs, ext)
    }

    fn fill_port_size(&self) -> usize {
        slave_size()
    }

    fn fill_port(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        to: &mut Fill<'_>,
        rtnl: &Rtnl,
    ) -> Result {
        fill_slave(self, Cx { dev, rtnl }, lower, to)
    }
}

impl Xstats for Bond {
    fn xstats_size() -> usize {
        xstats_size()
    }

    fn fill_xstats(
        &self,
        dev: &NetDevice,
        lower: Option<&NetDevice>,
        to: &mut Fill<'_>,
        rtnl: &Rtnl,
    ) -> Result {
        fill_xstats(self, Cx { dev, rtnl }, lower, to)
    }
}

/// IFLA_BOND_LACP_STRICT, the last there is.
pub(crate) const MAX_ATTR: u16 = 34;
/// IFLA_BOND_SLAVE_ACTOR_PORT_PRIO and the churn states behind it.
pub(crate) const MAX_SLAVE_ATTR: u16 = 12;

/// IFLA_BOND_AD_INFO, which is only ever read.
const AD_INFO: u16 = 23;

/// IFLA_BOND_SLAVE_*, those that are only ever read.
mod reading {
    pub(super) const STATE: u16 = 1;
    pub(super) const MII_STATUS: u16 = 2;
    pub(super) const LINK_FAILURE_COUNT: u16 = 3;
    pub(super) const PERM_HWADDR: u16 = 4;
    pub(super) const AD_AGGREGATOR_ID: u16 = 6;
    pub(super) const AD_ACTOR_STATE: u16 = 7;
    pub(super) const AD_PARTNER_STATE: u16 = 8;
    pub(super) const AD_CHURN_ACTOR_STATE: u16 = 11;
    pub(super) const AD_CHURN_PARTNER_STATE: u16 = 12;
}

/// IFLA_BOND_AD_INFO_*.
mod ad_info {
    pub(super) const AGGREGATOR: u16 = 1;
    pub(super) const NUM_PORTS: u16 = 2;
    pub(super) const ACTOR_KEY: u16 = 3;
    pub(super) const PARTNER_KEY: u16 = 4;
    pub(super) const PARTNER_MAC: u16 = 5;
}

/// IFLA_STATS_LINK_XSTATS.
mod xstats {
    /// LINK_XSTATS_TYPE_BOND.
    pub(super) const BOND: u16 = 2;
    /// BOND_XSTATS_3AD.
    pub(super) const LACP: u16 = 1;
    /// Number of counters: BOND_3AD_STAT_PAD, which is behind the last.
    pub(super) const COUNTERS: u16 = 9;
}

/// MAX_ADDR_LEN.
const MAX_ADDR: usize = 32;

fn policy_of(attr: Attr) -> Policy {
    match Opt::by_attr(attr).map(|opt| opt.spec().width) {
        None | Some(Width::None) => Policy::Reject,
        Some(Width::U8) => Policy::U8,
        Some(Width::U16) => Policy::U16,
        Some(Width::U32 | Width::S32) => Policy::U32,
        Some(Width::Mac) => Policy::Bytes(6),
        Some(Width::Nested4 | Width::Nested6) => Policy::Nested,
    }
}

/// Returns the kernel's policy for attribute IFLA_BOND_*.
pub(crate) fn policy(number: u16) -> Policy {
    match number {
        AD_INFO => Policy::Nested,
        _ => policy_of(Attr::Bond(number)),
    }
}

/// Returns the kernel's policy for attribute IFLA_BOND_SLAVE_*.
pub(crate) fn slave_policy(number: u16) -> Policy {
    policy_of(Attr::Slave(number))
}

/// The options of one request; there are not more than attributes.
type Changes<'a> = KVec<(Opt, Value<'a>)>;

fn collect<'a>(
    attrs: &Attrs<'a>,
    max: u16,
    kind: impl Fn(u16) -> Attr,
    lower: u32,
) -> Result<Changes<'a>, Failure> {
    let mut changes = KVec::new();
    for number in 0..=max {
        let (Some(attr), Some(opt)) = (attrs.get(number), Opt::by_attr(kind(number))) else {
            continue;
        };
        let value = Value::from_attr(opt, lower, attr.payload()).map_err(Failure::Refused)?;
        changes
            .push((opt, value), GFP_KERNEL)
            .map_err(|e| Failure::Failed(e.into()))?;
    }
    Ok(changes)
}

/// Tells the sender what is wrong, and with which attribute.
fn answer(
    result: Result<(), Failure>,
    cx: Cx<'_>,
    attrs: &Attrs<'_>,
    ext: Option<&ExtAck>,
) -> Result {
    let explain = |refusal: &Refusal| {
        // Native bonding has it in the log, too.
        if settings::identity().words() == Words::Native {
            cx.report(Event::Refused(refusal, Door::Netlink));
        }
        let Some(ext) = ext else { return };
        ext.say(format_args!("{refusal}"));
        let number = match refusal.attr() {
            Some(Attr::Bond(number) | Attr::Slave(number)) => number,
            None => return,
        };
        if let Some(attr) = attrs.get(number) {
            ext.blame(&attr);
        }
    };
    result.map_err(|failure| match failure {
        Failure::Failed(e) => e,
        Failure::Refused(refusal) => {
            explain(&refusal);
            Error::from_errno(refusal.errno.number())
        }
    })
}

/// A request for the bond.
pub(crate) fn change(bond: &Bond, cx: Cx<'_>, attrs: &Attrs<'_>, ext: Option<&ExtAck>) -> Result {
    let done =
        collect(attrs, MAX_ATTR, Attr::Bond, 0).and_then(|changes| bond.request(cx, &changes, ext));
    answer(done, cx, attrs, ext)
}

/// A request for a slave.
pub(crate) fn change_slave(
    bond: &Bond,
    cx: Cx<'_>,
    lower: &NetDevice,
    attrs: &Attrs<'_>,
    ext: Option<&ExtAck>,
) -> Result {
    let done = collect(attrs, MAX_SLAVE_ATTR, Attr::Slave, lower.ifindex() as u32)
        .and_then(|changes| bond.request(cx, &changes, ext));
    answer(done, cx, attrs, ext)
}

/// Bytes that a dump of a bond needs at the most.
pub(crate) fn size() -> usize {
    let options = Opt::ALL.iter().map(|opt| match opt.spec().width {
        Width::None => 0,
        Width::U8 => total_size(1),
        Width::U16 => total_size(2),
        Width::U32 | Width::S32 => total_size(4),
        Width::Mac => total_size(6),
        Width::Nested4 => total_size(16 * total_size(4)),
        Width::Nested6 => total_size(16 * total_size(16)),
    });
    let ad_info = 4 * total_size(2) + total_size(6);
    options.sum::<usize>() + total_size(ad_info)
}

/// Writes the attributes of a bond.
pub(crate) fn fill(bond: &Bond, cx: Cx<'_>, to: &mut Fill<'_>) -> Result {
    commit::with_view(bond, cx, |view| {
        for opt in Opt::ALL {
            let Some(Attr::Bond(number)) = opt.spec().attr else {
                continue;
            };
            match options::fill(*opt, view) {
                None => {}
                Some(Payload::U8(n)) => to.put(number, &[n])?,
                Some(Payload::U16(n)) => to.put(number, &n.to_ne_bytes())?,
                Some(Payload::U32(n)) => to.put(number, &n.to_ne_bytes())?,
                Some(Payload::Mac(mac)) => to.put(number, &mac.0)?,
                Some(Payload::Nested4(targets)) => to.nest(number, |to| {
                    (0u16..)
                        .zip(targets.iter())
                        .try_for_each(|(slot, target)| to.put(slot, &target))
                })?,
                Some(Payload::Nested6(targets)) => to.nest(number, |to| {
                    (0u16..)
                        .zip(targets.iter())
                        .try_for_each(|(slot, target)| to.put(slot, &target))
                })?,
            }
        }
        let Some(ad) = view.ad.filter(|_| view.params.mode == Mode::Lacp) else {
            return Ok(());
        };
        to.nest(AD_INFO, |to| {
            to.put(ad_info::AGGREGATOR, &ad.aggregator.to_ne_bytes())?;
            to.put(ad_info::NUM_PORTS, &ad.ports.to_ne_bytes())?;
            to.put(ad_info::ACTOR_KEY, &ad.actor_key.to_ne_bytes())?;
            to.put(ad_info::PARTNER_KEY, &ad.partner_key.to_ne_bytes())?;
            to.put(ad_info::PARTNER_MAC, &ad.partner.0)
        })
    })
}

/// Bytes that a dump of a slave needs at the most.
pub(crate) fn slave_size() -> usize {
    5 * total_size(1) + 3 * total_size(4) + total_size(MAX_ADDR) + 4 * total_size(2)
}

/// Writes the attributes of a slave.
pub(crate) fn fill_slave(bond: &Bond, cx: Cx<'_>, lower: &NetDevice, to: &mut Fill<'_>) -> Result {
    let Some(slave) = bond.slave_of(cx, lower) else {
        return Ok(());
    };
    let rtnl = cx.rtnl;
    let lacp = bond.params.get(rtnl).mode == Mode::Lacp;
    to.put(reading::STATE, &[u8::from(slave.is_backup())])?;
    to.put(reading::MII_STATUS, &[slave.status().number()])?;
    to.put(reading::LINK_FAILURE_COUNT, &slave.failures().to_ne_bytes())?;
    to.put(reading::PERM_HWADDR, slave.own_address.as_bytes())?;
    for opt in Opt::ALL {
        let (Some(Attr::Slave(number)), Kind::PerSlave { .. }) = (opt.spec().attr, opt.spec().kind)
        else {
            continue;
        };
        match opt {
            Opt::QueueId => to.put(number, &slave.queue_id.get().to_ne_bytes())?,
            Opt::Prio => to.put(number, &slave.prio.get().to_ne_bytes())?,
            Opt::ActorPortPrio if lacp => {
                to.put(number, &slave.port_priority.get().to_ne_bytes())?;
            }
            _ => {}
        }
    }
    match bond.lacp.with_port(&slave, |_, _, port| PortInfo::of(port)) {
        Some(port) if lacp => port.fill(to),
        _ => Ok(()),
    }
}

/// The LACP attributes of a slave.
struct PortInfo {
    aggregator: u16,
    actor: u8,
    partner: u8,
    actor_churn: u8,
    partner_churn: u8,
}

impl PortInfo {
    fn of(port: &Port) -> Self {
        PortInfo {
            aggregator: port.aggregator_id(),
            actor: port.actor().state.0,
            partner: port.partner().state.0,
            actor_churn: port.actor_churn().state().number(),
            partner_churn: port.partner_churn().state().number(),
        }
    }

    fn fill(&self, to: &mut Fill<'_>) -> Result {
        if self.aggregator == 0 {
            return Ok(());
        }
        to.put(reading::AD_AGGREGATOR_ID, &self.aggregator.to_ne_bytes())?;
        to.put(reading::AD_ACTOR_STATE, &[self.actor])?;
        let partner = u16::from(self.partner);
        to.put(reading::AD_PARTNER_STATE, &partner.to_ne_bytes())?;
        to.put(reading::AD_CHURN_ACTOR_STATE, &[self.actor_churn])?;
        to.put(reading::AD_CHURN_PARTNER_STATE, &[self.partner_churn])
    }
}

/// Bytes that the counters of a bond or a slave need at the most.
pub(crate) fn xstats_size() -> usize {
    // A counter may need another attribute before it to be aligned.
    2 * total_size(0) + usize::from(xstats::COUNTERS) * (total_size(8) + total_size(0))
}

/// Writes the counters of 802.3ad: the bond's, or those of one slave.
pub(crate) fn fill_xstats(
    bond: &Bond,
    cx: Cx<'_>,
    lower: Option<&NetDevice>,
    to: &mut Fill<'_>,
) -> Result {
    let counters = match (bond.params.get(cx.rtnl).mode, lower) {
        (Mode::Lacp, None) => Some(bond.lacp.counters()),
        (Mode::Lacp, Some(lower)) => bond
            .slave_of(cx, lower)
            .and_then(|s| bond.lacp.counters_of(&s)),
        _ => None,
    };
    to.nest(xstats::BOND, |to| match counters {
        Some(counters) => to.nest(xstats::LACP, |to| {
            (0..xstats::COUNTERS)
                .zip(counters)
                .try_for_each(|(number, count)| to.put_u64(number, count, xstats::COUNTERS))
        }),
        None => Ok(()),
    })
}
