// SPDX-License-Identifier: GPL-2.0

//! A request, judged whole: either a [`Plan`] of all that it means, or a [`Refusal`].

use super::name::Name;
use super::params::{
    AdSelect, ArpAllTargets, ArpValidate, FailOverMac, LacpRate, Params, PrimaryReselect,
    DEFAULT_MIIMON,
};
use super::refusal::{Errno, Note, Notes, Quote, Reason, Refusal};
use super::spec::Kind;
use super::table::Opt;
use super::targets::TargetError;
use super::value::{self, Command, Value};
use crate::hash::Policy;
use crate::mac::Mac;
use crate::mode::Mode;

/// A slave, as far as options are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slave {
    /// The interface.
    pub ifindex: u32,
    /// Its name.
    pub name: Name,
    /// It can be the active slave: up, with a carrier, and its link state is up.
    pub usable: bool,
    /// queue_id; 0 for none.
    pub queue_id: u16,
    /// prio.
    pub prio: i32,
    /// actor_port_prio.
    pub actor_port_prio: u16,
}

/// The present state, as far as options depend on it.
pub trait World {
    /// The bond is up: IFF_UP.
    fn up(&self) -> bool;
    /// The bond's `real_num_tx_queues`.
    fn tx_queues(&self) -> u32;
    /// An XDP program sits on the bond.
    fn xdp(&self) -> bool;
    /// The kernel has IPv6, and it is not switched off.
    fn ipv6(&self) -> bool;
    /// The ifindex of the active slave, in a mode that has one.
    fn active(&self) -> Option<u32>;
    /// The slaves in the order in which they were enslaved, counted from 0; `None` behind the
    /// last one.
    fn slave(&self, index: usize) -> Option<Slave>;
    /// The ifindex of the interface of this name in the bond's namespace.
    fn by_name(&self, name: &Name) -> Option<u32>;
    /// The name of the interface with this ifindex in the bond's namespace.
    fn by_ifindex(&self, ifindex: u32) -> Option<Name>;
}

/// The slaves of a world.
pub(super) fn slaves(world: &dyn World) -> impl Iterator<Item = Slave> + '_ {
    (0..usize::MAX).map_while(|index| world.slave(index))
}

/// The slave that is the primary.
pub(super) fn primary(params: &Params, world: &dyn World) -> Option<Slave> {
    let name = params.primary?;
    slaves(world).find(|slave| slave.name == name)
}

/// The order that a value of active_slave gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activate {
    /// Give up the active slave, then select one anew.
    Reselect,
    /// Make this slave the active one; its ifindex.
    Slave(u32),
}

/// The order that a value of slaves gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Enslave the interface with this ifindex.
    Enslave(u32),
    /// Release the interface with this ifindex.
    Release(u32),
}

/// New values for one slave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlaveChange {
    /// The slave.
    pub ifindex: u32,
    /// Its queue_id.
    pub queue_id: Option<u16>,
    /// Its prio.
    pub prio: Option<i32>,
    /// Its actor_port_prio.
    pub actor_port_prio: Option<u16>,
}

/// All that a request means. Carried out in the order of the fields, it ends as native bonding
/// would; what is to be restarted shows in the old and the new parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The parameters that take the place of the old ones.
    pub params: Params,
    /// The active slave is to change.
    pub activate: Option<Activate>,
    /// A slave's own options are to change.
    pub slave: Option<SlaveChange>,
    /// The next selection takes the primary if it is up, whatever primary_reselect says.
    pub force_primary: bool,
    /// The active slave is to be selected anew.
    pub reselect: bool,
    /// A slave is to come or go.
    pub membership: Option<Membership>,
    /// Lines for the log.
    pub notes: Notes<8>,
}

/// Judges a request: options and their values in any order, through any door. Nothing has
/// changed when it is refused, and the first refusal in the order of [`Opt`] is the one that
/// counts, which is the order in which native bonding takes the attributes of a message.
///
/// Otherwise than in native bonding:
///
/// - An option that has the value asked for is left alone, and needs neither the right mode nor a
///   bond that is down or empty. primary and primary_reselect have a slave selected all the same.
/// - A delay stays what the user asked for when miimon changes; native keeps the number of polls.
/// - A primary by an ifindex that does not exist is ENODEV, and one by a name that no interface
///   can have EINVAL; native forgets the old primary, and keeps any text.
/// - NS targets are refused while IPv6 is off.
#[inline]
pub fn check(
    params: &Params,
    world: &dyn World,
    changes: &[(Opt, Value<'_>)],
) -> Result<Plan, Refusal> {
    let mut plan = Plan::new(params);
    plan.check(world, changes)?;
    Ok(plan)
}

impl Plan {
    /// A plan that changes nothing.
    #[inline]
    pub fn new(params: &Params) -> Plan {
        Plan {
            params: params.clone(),
            activate: None,
            slave: None,
            force_primary: false,
            reselect: false,
            membership: None,
            notes: Notes::default(),
        }
    }

    /// As [`check`], of the parameters in a plan that changes nothing, for those who have no room for
    /// one on their stack. After a refusal the plan is void.
    pub fn check(
        &mut self,
        world: &dyn World,
        changes: &[(Opt, Value<'_>)],
    ) -> Result<(), Refusal> {
        let miimon = changes.iter().any(|(opt, value)| {
            let on = |n: Option<i64>| n.is_some_and(|n| n != 0);
            *opt == Opt::Miimon && on(number_of(*opt, value))
        });
        let mut judge = Judge {
            plan: self,
            world,
            miimon,
        };
        for opt in Opt::ALL {
            for (_, value) in changes.iter().filter(|(o, _)| o == opt) {
                judge.apply(*opt, value)?;
            }
        }
        Ok(())
    }
}

/// The number that a value means, if the option allows it.
fn number_of(opt: Opt, value: &Value<'_>) -> Option<i64> {
    let Kind::Number(numbers) = opt.spec().kind else {
        return None;
    };
    match value {
        Value::Text(text) => value::number(&numbers, text),
        Value::Number(number) => numbers.allows(*number).then_some(*number),
        _ => None,
    }
}

/// Errno and reason; the option and the value are the same for all of one change.
type Because = (Errno, Reason);

struct Judge<'a> {
    plan: &'a mut Plan,
    world: &'a dyn World,
    /// The request switches miimon on.
    miimon: bool,
}

impl Judge<'_> {
    fn apply(&mut self, opt: Opt, value: &Value<'_>) -> Result<(), Refusal> {
        let refuse = |quote, (errno, reason)| Refusal {
            opt,
            errno,
            value: quote,
            reason,
        };
        let quote = value.quote();
        match opt.spec().kind {
            Kind::Number(_) => self.number(opt, value).map_err(|b| refuse(quote, b)),
            Kind::Targets4 => self.targets4(opt, value).map_err(|(q, b)| refuse(q, b)),
            Kind::Targets6 => self.targets6(opt, value).map_err(|(q, b)| refuse(q, b)),
            Kind::Mac => self.mac(opt, value).map_err(|b| refuse(quote, b)),
            Kind::Interface => match opt {
                Opt::ActiveSlave => self.active_slave(value).map_err(|b| refuse(quote, b)),
                _ => self.primary(value).map_err(|b| refuse(quote, b)),
            },
            Kind::Membership => self.membership(value).map_err(|b| refuse(quote, b)),
            Kind::PerSlave { min, max, .. } => self
                .per_slave(opt, value, min, max)
                .map_err(|b| refuse(quote, b)),
        }
    }

    /// Checks an option against the mode and the state of the bond, in the order of native bonding.
    fn allowed(&self, opt: Opt) -> Result<(), Because> {
        let spec = opt.spec();
        let mode = self.plan.params.mode;
        if spec.not_in.contains(mode) {
            return Err((Errno::Acces, Reason::Mode(mode)));
        }
        if spec.no_slaves && self.world.slave(0).is_some() {
            return Err((Errno::NotEmpty, Reason::HasSlaves));
        }
        if spec.down && self.world.up() {
            return Err((Errno::Busy, Reason::Up));
        }
        Ok(())
    }

    fn number(&mut self, opt: Opt, value: &Value<'_>) -> Result<(), Because> {
        let number = number_of(opt, value);
        let excluded = matches!(opt, Opt::ArpInterval | Opt::ArpValidate);
        if excluded && self.miimon && number != Some(0) {
            return Err((Errno::Inval, Reason::WithMiimon));
        }
        if number.is_some() && number == get(&self.plan.params, opt) {
            // Written as it is, like primary it still fails back.
            self.plan.reselect |= opt == Opt::PrimaryReselect;
            return Ok(());
        }
        if opt == Opt::UseCarrier {
            return match number {
                Some(_) => Ok(()),
                None => Err((Errno::Inval, Reason::Obsolete)),
            };
        }
        self.allowed(opt)?;
        let number = number.ok_or((Errno::Inval, Reason::NoSuchValue))?;
        self.set(opt, number)
    }

    /// Sets a number that the table allows, and what goes with it.
    fn set(&mut self, opt: Opt, number: i64) -> Result<(), Because> {
        let no_such = (Errno::Inval, Reason::NoSuchValue);
        let unsigned = u64::try_from(number).map_err(|_| no_such)?;
        let int = u32::try_from(number).map_err(|_| no_such)?;
        let params = &mut self.plan.params;
        match opt {
            Opt::Mode => {
                let mode = Mode::from_number(unsigned).ok_or(no_such)?;
                return self.mode(mode);
            }
            Opt::Miimon => {
                params.miimon = int;
                if int != 0 && params.arp_interval != 0 {
                    self.plan.notes.push(Note::ArpOff(params.arp_interval));
                    params.arp_interval = 0;
                    params.arp_validate = ArpValidate::None;
                }
            }
            Opt::Updelay | Opt::Downdelay | Opt::PeerNotifDelay => {
                if params.miimon == 0 && int != 0 {
                    return Err((Errno::Perm, Reason::NoMiimon));
                }
                let holds = params.in_polls(int);
                match opt {
                    Opt::Updelay => params.updelay = int,
                    Opt::Downdelay => params.downdelay = int,
                    _ => params.peer_notif_delay = int,
                }
                if holds != int {
                    self.plan.notes.push(Note::Rounded(opt, int, holds));
                }
            }
            Opt::ArpInterval => {
                params.arp_interval = int;
                if int != 0 && params.miimon != 0 {
                    params.miimon = 0;
                    self.plan.notes.push(Note::MiiOff);
                }
            }
            Opt::ArpValidate => {
                params.arp_validate = ArpValidate::from_number(unsigned).ok_or(no_such)?;
            }
            Opt::ArpAllTargets => {
                params.arp_all_targets = ArpAllTargets::from_number(unsigned).ok_or(no_such)?;
            }
            Opt::PrimaryReselect => {
                params.primary_reselect = PrimaryReselect::from_number(unsigned).ok_or(no_such)?;
                self.plan.reselect = true;
            }
            Opt::FailOverMac => {
                params.fail_over_mac = FailOverMac::from_number(unsigned).ok_or(no_such)?;
            }
            Opt::XmitHashPolicy => {
                params.xmit_policy = Policy::from_number(unsigned).ok_or(no_such)?;
                if self.world.xdp() && !params.allows_xdp() {
                    return Err((Errno::OpNotSupp, Reason::Xdp));
                }
            }
            Opt::ResendIgmp => params.resend_igmp = u8::try_from(int).map_err(|_| no_such)?,
            Opt::NumPeerNotif => {
                params.num_peer_notif = u8::try_from(int).map_err(|_| no_such)?;
            }
            Opt::AllSlavesActive => params.all_slaves_active = int != 0,
            Opt::MinLinks => params.min_links = int,
            Opt::LpInterval => params.lp_interval = int,
            Opt::PacketsPerSlave => {
                params.packets_per_slave = u16::try_from(int).map_err(|_| no_such)?;
            }
            Opt::LacpActive => params.lacp_active = int != 0,
            Opt::LacpRate => params.lacp_rate = LacpRate::from_number(unsigned).ok_or(no_such)?,
            Opt::LacpStrict => params.lacp_strict = int != 0,
            Opt::AdSelect => params.ad_select = AdSelect::from_number(unsigned).ok_or(no_such)?,
            Opt::AdActorSysPrio => {
                params.ad_actor_sys_prio = u16::try_from(int).map_err(|_| no_such)?;
            }
            Opt::AdUserPortKey => {
                params.ad_user_port_key = u16::try_from(int).map_err(|_| no_such)?;
            }
            Opt::TlbDynamicLb => params.tlb_dynamic_lb = int != 0,
            Opt::MissedMax => params.missed_max = u8::try_from(int).map_err(|_| no_such)?,
            Opt::ArpAdaptive => params.arp_adaptive = int != 0,
            Opt::CoupledControl => params.coupled_control = int != 0,
            Opt::BroadcastNeighbor => params.broadcast_neighbor = int != 0,
            Opt::ActiveSlave
            | Opt::UseCarrier
            | Opt::ArpTargets
            | Opt::NsTargets
            | Opt::Primary
            | Opt::AdActorSystem
            | Opt::Slaves
            | Opt::QueueId
            | Opt::Prio
            | Opt::ActorPortPrio => return Err((Errno::Inval, Reason::Form)),
        }
        Ok(())
    }

    fn mode(&mut self, mode: Mode) -> Result<(), Because> {
        let params = &mut self.plan.params;
        params.mode = mode;
        if self.world.xdp() && !params.allows_xdp() {
            return Err((Errno::OpNotSupp, Reason::Xdp));
        }
        if !mode.uses_arp_monitor() {
            params.arp_interval = 0;
            if params.miimon == 0 {
                params.miimon = DEFAULT_MIIMON;
                self.plan.notes.push(Note::MiimonSet(mode, DEFAULT_MIIMON));
            }
        }
        if mode == Mode::Alb {
            params.tlb_dynamic_lb = true;
        }
        params.arp_validate = ArpValidate::None;
        params.broadcast_neighbor = false;
        Ok(())
    }

    #[inline(never)]
    fn targets4(&mut self, opt: Opt, value: &Value<'_>) -> Result<(), (Quote, Because)> {
        let form = (Quote::None, (Errno::Inval, Reason::Form));
        let old = self.plan.params.arp_targets;
        let mut list = old;
        match value {
            Value::Text(text) => {
                let syntax = Reason::Syntax("+<address> or -<address>");
                let syntax = (Quote::text(text), (Errno::Perm, syntax));
                let (command, rest) = value::command(text).ok_or(syntax)?;
                let target = value::ip4(rest).ok_or(syntax)?;
                let because = |reason| (Quote::Ip4(target), (Errno::Inval, reason));
                if !is_target4(target) {
                    return Err(because(Reason::BadTarget));
                }
                match command {
                    Command::Add => list.add(target),
                    Command::Remove => list.remove(target),
                }
                .map_err(|e| because(e.into()))?;
            }
            Value::Nested(bytes) => {
                list = Default::default();
                for payload in value::nested(bytes) {
                    let length = (Quote::None, (Errno::Inval, Reason::Length));
                    let target: [u8; 4] = *payload.first_chunk().ok_or(length)?;
                    let because = |reason| (Quote::Ip4(target), (Errno::Inval, reason));
                    if !is_target4(target) {
                        return Err(because(Reason::BadTarget));
                    }
                    list.add(target).map_err(|e| because(e.into()))?;
                }
            }
            _ => return Err(form),
        }
        if list.is_empty() && !old.is_empty() && self.plan.params.arp_interval != 0 {
            self.plan.notes.push(Note::NoTarget(opt));
        }
        self.plan.params.arp_targets = list;
        Ok(())
    }

    #[inline(never)]
    fn targets6(&mut self, opt: Opt, value: &Value<'_>) -> Result<(), (Quote, Because)> {
        let Value::Nested(bytes) = value else {
            return Err((Quote::None, (Errno::Inval, Reason::Form)));
        };
        let old = self.plan.params.ns_targets;
        let mut list = super::Targets::default();
        for payload in value::nested(bytes) {
            let length = (Quote::None, (Errno::Inval, Reason::Length));
            let target: [u8; 16] = *payload.first_chunk().ok_or(length)?;
            let because = |errno, reason| (Quote::Ip6(target), (errno, reason));
            if !is_target6(target) {
                return Err(because(Errno::Inval, Reason::BadTarget));
            }
            if !self.world.ipv6() {
                return Err(because(Errno::Perm, Reason::NoIpv6));
            }
            list.add(target)
                .map_err(|e| because(Errno::Inval, e.into()))?;
        }
        if list.is_empty() && !old.is_empty() && self.plan.params.arp_interval != 0 {
            self.plan.notes.push(Note::NoTarget(opt));
        }
        self.plan.params.ns_targets = list;
        Ok(())
    }

    fn mac(&mut self, opt: Opt, value: &Value<'_>) -> Result<(), Because> {
        let mac = match value {
            Value::Text(text) => value::mac(text).ok_or(Reason::Syntax("xx:xx:xx:xx:xx:xx")),
            Value::Mac(mac) => Ok(*mac),
            _ => Err(Reason::Form),
        };
        let mac = mac.and_then(|mac: Mac| match mac.is_multicast() {
            true => Err(Reason::Multicast),
            false => Ok(mac),
        });
        if mac == Ok(self.plan.params.ad_actor_system) {
            return Ok(());
        }
        self.allowed(opt)?;
        self.plan.params.ad_actor_system = mac.map_err(|reason| (Errno::Inval, reason))?;
        Ok(())
    }

    /// The name of the interface that a value means, or that it means none.
    fn interface(&self, value: &Value<'_>) -> Result<Option<Name>, Because> {
        match value {
            Value::Text(text) => {
                let name = value::word(value::line(text));
                match name {
                    b"" => Ok(None),
                    _ => Name::new(name)
                        .map(Some)
                        .ok_or((Errno::Inval, Reason::BadName)),
                }
            }
            Value::Ifindex(0) => Ok(None),
            Value::Ifindex(ifindex) => self
                .world
                .by_ifindex(*ifindex)
                .map(Some)
                .ok_or((Errno::NoDev, Reason::NoInterface)),
            _ => Err((Errno::Inval, Reason::Form)),
        }
    }

    #[inline(never)]
    fn active_slave(&mut self, value: &Value<'_>) -> Result<(), Because> {
        let name = self.interface(value);
        let slave = |name| slaves(self.world).find(|slave| slave.name == name);
        let active = self.world.active();
        let ifindex = match name {
            Ok(Some(name)) => slave(name).map(|slave| slave.ifindex),
            _ => None,
        };
        if ifindex.is_some() && ifindex == active || name == Ok(None) && active.is_none() {
            return Ok(());
        }
        self.allowed(Opt::ActiveSlave)?;
        let name = match name {
            // A name that no interface can have is the name of none.
            Err((_, Reason::BadName)) => return Err((Errno::NoDev, Reason::NoInterface)),
            name => name?,
        };
        let Some(name) = name else {
            self.plan.activate = Some(Activate::Reselect);
            return Ok(());
        };
        if self.world.by_name(&name).is_none() {
            return Err((Errno::NoDev, Reason::NoInterface));
        }
        let slave = slave(name).ok_or((Errno::Inval, Reason::NotASlave))?;
        if active.is_none() || !slave.usable {
            return Err((Errno::Inval, Reason::SlaveDown));
        }
        self.plan.activate = Some(Activate::Slave(slave.ifindex));
        Ok(())
    }

    #[inline(never)]
    fn primary(&mut self, value: &Value<'_>) -> Result<(), Because> {
        let name = self.interface(value);
        if let Err(because) = self.allowed(Opt::Primary) {
            return match name == Ok(self.plan.params.primary) {
                true => Ok(()),
                false => Err(because),
            };
        }
        self.plan.params.primary = name?;
        self.plan.force_primary = primary(&self.plan.params, self.world).is_some();
        self.plan.reselect = true;
        Ok(())
    }

    fn membership(&mut self, value: &Value<'_>) -> Result<(), Because> {
        let Value::Text(text) = value else {
            return Err((Errno::Inval, Reason::Form));
        };
        let syntax = (Errno::Perm, Reason::Syntax("+<interface> or -<interface>"));
        let (command, name) = value::command(value::word(text)).ok_or(syntax)?;
        let name = Name::new(name).ok_or(syntax)?;
        let ifindex = self.world.by_name(&name);
        let ifindex = ifindex.ok_or((Errno::NoDev, Reason::NoInterface))?;
        self.plan.membership = Some(match command {
            Command::Add => Membership::Enslave(ifindex),
            Command::Remove => Membership::Release(ifindex),
        });
        Ok(())
    }

    #[inline(never)]
    fn per_slave(
        &mut self,
        opt: Opt,
        value: &Value<'_>,
        min: i64,
        max: i64,
    ) -> Result<(), Because> {
        let (slave, number) = match value {
            Value::Text(text) if opt == Opt::QueueId => {
                let syntax = (Errno::Perm, Reason::Syntax("<slave>:<queue>"));
                let (name, number) = value::per_slave(text).ok_or(syntax)?;
                let slave = slaves(self.world).find(|slave| slave.name == name);
                (slave.ok_or((Errno::Perm, Reason::NotASlave))?, number)
            }
            Value::Slave { ifindex, number } => {
                let slave = slaves(self.world).find(|slave| slave.ifindex == *ifindex);
                (slave.ok_or((Errno::NoDev, Reason::NotASlave))?, *number)
            }
            _ => return Err((Errno::Inval, Reason::Form)),
        };
        let had = match opt {
            Opt::QueueId => i64::from(slave.queue_id),
            Opt::Prio => i64::from(slave.prio),
            _ => i64::from(slave.actor_port_prio),
        };
        if had == number {
            return Ok(());
        }
        self.allowed(opt)?;
        let range = (Errno::Inval, Reason::OutOfRange(min, max));
        let mut change = match self.plan.slave {
            Some(change) if change.ifindex == slave.ifindex => change,
            _ => SlaveChange {
                ifindex: slave.ifindex,
                ..SlaveChange::default()
            },
        };
        match opt {
            Opt::QueueId => {
                let last = self.world.tx_queues();
                let queue = u16::try_from(number).ok().filter(|q| u32::from(*q) <= last);
                let queue = queue.ok_or((Errno::Perm, Reason::NoSuchQueue(last)))?;
                // The slave itself has another queue, or nothing would be asked for.
                let taken = |slave: Slave| queue != 0 && slave.queue_id == queue;
                if slaves(self.world).any(taken) {
                    return Err((Errno::Perm, Reason::QueueTaken));
                }
                change.queue_id = Some(queue);
            }
            Opt::Prio => {
                change.prio = Some(i32::try_from(number).map_err(|_| range)?);
                match primary(&self.plan.params, self.world) {
                    Some(_) => self.plan.notes.push(Note::PrioIdle),
                    None => self.plan.reselect = true,
                }
            }
            _ => change.actor_port_prio = Some(u16::try_from(number).map_err(|_| range)?),
        }
        self.plan.slave = Some(change);
        Ok(())
    }
}

impl From<TargetError> for Reason {
    fn from(error: TargetError) -> Reason {
        match error {
            TargetError::Present => Reason::TargetPresent,
            TargetError::Absent => Reason::TargetAbsent,
            TargetError::Full => Reason::TargetsFull,
        }
    }
}

/// An address that ARP can ask for: neither 255.255.255.255 nor in 0.0.0.0/8.
pub(super) const fn is_target4(address: [u8; 4]) -> bool {
    !matches!(address, [0, ..] | [255, 255, 255, 255])
}

/// An address that a neighbour solicitation can ask for: not `::`, `::1` or multicast.
const fn is_target6(address: [u8; 16]) -> bool {
    !matches!(
        address,
        [0xff, ..] | [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 | 1]
    )
}

/// The number that an option has; none if it is not one of numbers.
pub(super) fn get(params: &Params, opt: Opt) -> Option<i64> {
    Some(match opt {
        Opt::Mode => params.mode.number().into(),
        Opt::Miimon => params.miimon.into(),
        Opt::Updelay => params.updelay_ms().into(),
        Opt::Downdelay => params.downdelay_ms().into(),
        Opt::PeerNotifDelay => params.peer_notif_delay_ms().into(),
        Opt::UseCarrier => 1,
        Opt::ArpInterval => params.arp_interval.into(),
        Opt::ArpValidate => params.arp_validate.number().into(),
        Opt::ArpAllTargets => params.arp_all_targets.number().into(),
        Opt::PrimaryReselect => params.primary_reselect.number().into(),
        Opt::FailOverMac => params.fail_over_mac.number().into(),
        Opt::XmitHashPolicy => params.xmit_policy.number().into(),
        Opt::ResendIgmp => params.resend_igmp.into(),
        Opt::NumPeerNotif => params.num_peer_notif.into(),
        Opt::AllSlavesActive => params.all_slaves_active.into(),
        Opt::MinLinks => params.min_links.into(),
        Opt::LpInterval => params.lp_interval.into(),
        Opt::PacketsPerSlave => params.packets_per_slave.into(),
        Opt::LacpActive => params.lacp_active.into(),
        Opt::LacpRate => params.lacp_rate.number().into(),
        Opt::LacpStrict => params.lacp_strict.into(),
        Opt::AdSelect => params.ad_select.number().into(),
        Opt::AdActorSysPrio => params.ad_actor_sys_prio.into(),
        Opt::AdUserPortKey => params.ad_user_port_key.into(),
        Opt::TlbDynamicLb => params.tlb_dynamic_lb.into(),
        Opt::MissedMax => params.missed_max.into(),
        Opt::ArpAdaptive => params.arp_adaptive.into(),
        Opt::CoupledControl => params.coupled_control.into(),
        Opt::BroadcastNeighbor => params.broadcast_neighbor.into(),
        Opt::ActiveSlave
        | Opt::ArpTargets
        | Opt::NsTargets
        | Opt::Primary
        | Opt::AdActorSystem
        | Opt::Slaves
        | Opt::QueueId
        | Opt::Prio
        | Opt::ActorPortPrio => return None,
    })
}
