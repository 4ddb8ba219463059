// SPDX-License-Identifier: GPL-2.0

//! A device becomes a slave, and ceases to be one.
//!
//! One list of steps: taking in goes up, letting go goes down from wherever it got to.

use kernel::sync::Arc;
use lag::{
    balance::SlaveId,
    hash::Policy,
    history::{Cause, What},
    mode::Mode,
    monitor::mii::{Delays, Mii, Waiver},
    options::{FailOverMac, Params, Targets},
    report::{Event, Step as Taken, Unfit, Words},
};
use netdev::{
    device::{HwAddr, Notice},
    netlink::ExtAck,
    port::{Attached, LagHash, LagTx},
    prelude::*,
    rcu::RcuBox,
    stats::Stats,
    time, NetDevice,
};
use wire::{lacpdu::SLOW_PROTOCOLS_GROUP, time::Span};

use crate::{
    report,
    slave::{Role, Slave},
    state::Bond,
    tx, Cx,
};

/// The last step of enslaving that was done, from which a release walks down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Nothing has been done to it.
    Start,
    /// It has the bond's MTU.
    Mtu,
    /// It has the bond's address.
    Address,
    /// It is up.
    Open,
    /// It receives the bond's VLANs.
    Vlans,
    /// It can send with interrupts off, if the bond is to.
    Polled,
    /// It runs the bond's XDP program, if there is one.
    Program,
    /// It is linked to the bond, and its packets come to us.
    Attached,
    /// It listens to what the bond listens to.
    Listening,
    /// It is a slave.
    Slave,
}

/// The reason why a device cannot be a slave.
struct Refused(Error, Unfit);

/// The delays that the links have to keep to.
pub(crate) fn delays(params: &Params) -> Delays {
    Delays {
        up: Span::millis(params.updelay_ms().into()),
        down: Span::millis(params.downdelay_ms().into()),
    }
}

/// By what the bond tells flows apart, for drivers that offload it.
fn lag_hash(params: &Params) -> LagHash {
    if tx::lag_tx(params.mode) != LagTx::Hash {
        return LagHash::None;
    }
    match params.xmit_policy {
        Policy::Layer2 => LagHash::L2,
        Policy::Layer34 => LagHash::L34,
        Policy::Layer23 => LagHash::L23,
        Policy::Encap23 => LagHash::E23,
        Policy::Encap34 => LagHash::E34,
        Policy::VlanSrcMac => LagHash::VlanSrcMac,
    }
}

impl Bond {
    /// Makes `lower` a slave. On an error it is as it was.
    pub(crate) fn take_in(&self, cx: Cx<'_>, lower: &NetDevice, ext: Option<&ExtAck>) -> Result {
        let refuse = |Refused(error, why): Refused| {
            say(cx, Some(lower), ext, Event::Unfit(why));
            error
        };
        self.may_join(cx, lower).map_err(refuse)?;
        if lower.is_vlan_challenged() {
            cx.report_on(lower, Event::VlansBlocked);
        }
        let first = self.slaves.is_empty(cx.rtnl);
        if lower.hw_type() != cx.dev.hw_type() {
            cx.dev
                .become_like::<Bond>(cx.rtnl, lower)
                .inspect_err(|_| {
                    say(cx, Some(lower), ext, Event::Unfit(Unfit::TypeHeld));
                })?;
        }
        let result = self.take_in_alike(cx, lower, ext);
        if result.is_err() && first && !cx.dev.is_ethernet() {
            cx.dev.become_ethernet(cx.rtnl);
        }
        result
    }

    /// As `take_in`, for a device that could be a slave and has the bond's type.
    #[inline(never)]
    fn take_in_alike(&self, cx: Cx<'_>, lower: &NetDevice, ext: Option<&ExtAck>) -> Result {
        let set_before = self.follow_active(cx, lower)?;
        let first = self.slaves.is_empty(cx.rtnl);
        let _ = lower.call_netdevice_notifiers(cx.rtnl, Notice::Join);
        let had = (cx.dev.address(cx.rtnl), cx.dev.has_random_address(cx.rtnl));
        let adopted = if first && had.1 {
            self.adopt(cx, lower, ext)
        } else {
            Ok(())
        };
        // Its link is looked at when it is up; until then it has none.
        let params = self.params.get(cx.rtnl);
        let down = Mii::new(false, delays(&params), &mut Waiver::none(), time::now());
        let made = adopted
            .and_then(|()| self.free_id(cx).ok_or(ENOSPC))
            .and_then(|id| Slave::on_heap(id, lower, down, cx.rtnl));
        let result = made.and_then(|slave| {
            let mut step = Step::Start;
            let done = self.climb(cx, &slave, ext, &mut step);
            if done.is_err() {
                self.descend(cx, &slave, step, false);
            }
            done
        });
        if let Err(e) = result {
            if let Some(params) = set_before {
                drop(self.set_params(cx, params));
            }
            if had.1 && !cx.dev.has_random_address(cx.rtnl) {
                // Marked as made up again, and the one it was.
                cx.dev.eth_hw_addr_random(cx.rtnl);
                self.borrowed.set(cx.rtnl, false);
                cx.dev.dev_addr_set(cx.rtnl, &had.0);
                let _ = cx.dev.call_netdevice_notifiers(cx.rtnl, Notice::ChangeAddr);
            }
            return Err(e);
        }
        Ok(())
    }

    /// The bond takes the address of a device, if nobody who listens objects.
    pub(crate) fn adopt(&self, cx: Cx<'_>, lower: &NetDevice, ext: Option<&ExtAck>) -> Result {
        let addr = lower.address(cx.rtnl);
        cx.dev
            .dev_pre_changeaddr_notify(cx.rtnl, &addr, ext)
            .inspect_err(|e| {
                let e = e.to_errno();
                say(cx, Some(lower), ext, Event::AddressDenied(&addr, e));
            })?;
        cx.dev.dev_addr_set(cx.rtnl, &addr);
        cx.dev.mark_address_stolen(cx.rtnl);
        self.borrowed.set(cx.rtnl, true);
        let _ = cx.dev.call_netdevice_notifiers(cx.rtnl, Notice::ChangeAddr);
        Ok(())
    }

    /// The first number that no slave has.
    fn free_id(&self, cx: Cx<'_>) -> Option<SlaveId> {
        // 64 numbers at a time, in one walk.
        (0..=u16::MAX / 64).find_map(|block| {
            let bit = |s: Arc<Slave>| {
                let id = s.id.0.get().wrapping_sub(1);
                (id / 64 == block).then_some(1u64 << (id % 64))
            };
            let taken = self.each(cx).filter_map(bit).fold(0, |all, bit| all | bit);
            let free = (!taken).trailing_zeros() as u16;
            let id = block.wrapping_mul(64).wrapping_add(free).wrapping_add(1);
            SlaveId::new(id).filter(|_| free < 64)
        })
    }

    /// Checks whether a device could be a slave, before anything is done.
    #[inline(never)]
    fn may_join(&self, cx: Cx<'_>, lower: &NetDevice) -> Result<(), Refused> {
        let params = self.params.get(cx.rtnl);
        let no = |error, why| Err(Refused(error, why));
        if lower.is_can() {
            return no(EPERM, Unfit::Can);
        }
        if cx.dev.is(lower) {
            return no(EPERM, Unfit::Itself);
        }
        // Native bonding would read our data of its bond as its own.
        if lower.is_master() && !lower.is_of::<Bond>() {
            return no(EPERM, Unfit::Master);
        }
        if lower.netdev_is_rx_handler_busy(cx.rtnl) {
            return no(EBUSY, Unfit::InUse);
        }
        if lower.is_vlan_challenged() && cx.dev.vlan_uses_dev(cx.rtnl) {
            return no(EPERM, Unfit::NoVlans);
        }
        if lower.is_up() {
            return no(EPERM, Unfit::Up);
        }
        let first = self.slaves.is_empty(cx.rtnl);
        if lower.hw_type() != cx.dev.hw_type() && !first {
            return no(EINVAL, Unfit::OtherType);
        }
        if !lower.is_ethernet() && params.mode == Mode::Lacp {
            return no(EINVAL, Unfit::NotEthernet);
        }
        if lower.is_infiniband() && params.mode != Mode::ActiveBackup {
            return no(EOPNOTSUPP, Unfit::Infiniband);
        }
        let alone = params.mode == Mode::ActiveBackup && first;
        if keeps_address(lower) && !self.follows_active(&params) && !alone {
            return no(EOPNOTSUPP, Unfit::FixedAddress);
        }
        Ok(())
    }

    /// The bond takes the address of the active slave, and no slave ever changes its own.
    pub(crate) fn follows_active(&self, params: &Params) -> bool {
        params.mode == Mode::ActiveBackup && params.fail_over_mac == FailOverMac::Active
    }

    /// A first slave that cannot change its address: the bond takes the active slave's from now
    /// on. Says what was set before, if that is something else.
    #[inline(never)]
    fn follow_active(&self, cx: Cx<'_>, lower: &NetDevice) -> Result<Option<RcuBox<Arc<Params>>>> {
        let params = self.params.get(cx.rtnl);
        if !keeps_address(lower) || self.follows_active(&params) {
            return Ok(None);
        }
        let mut new = (*params).clone();
        new.fail_over_mac = FailOverMac::Active;
        let new = RcuBox::new(Arc::new(new, GFP_KERNEL)?)?;
        let before = RcuBox::new(params)?;
        cx.report_on(lower, Event::FollowsActive);
        drop(self.set_params(cx, new));
        Ok(Some(before))
    }

    /// The address that a device has as a slave; none if it keeps its own.
    fn address_for(&self, cx: Cx<'_>, lower: &NetDevice) -> Option<HwAddr> {
        let params = self.params.get(cx.rtnl);
        let ours = cx.dev.address(cx.rtnl);
        if params.mode != Mode::ActiveBackup {
            return Some(ours);
        }
        match params.fail_over_mac {
            FailOverMac::None => Some(ours),
            FailOverMac::Active => None,
            // Two slaves with the bond's address could not be told apart at a failover.
            FailOverMac::Follow => {
                let taken = !self.slaves.is_empty(cx.rtnl) && lower.address(cx.rtnl) == ours;
                taken.then(|| netdev::random::mac().into())
            }
        }
    }

    /// Goes up the steps; `step` is the last one that was reached. Each part has its own frame, for what each
    /// notifies goes deep, and through every bond above.
    #[inline(never)]
    fn climb(
        &self,
        cx: Cx<'_>,
        slave: &Arc<Slave>,
        ext: Option<&ExtAck>,
        step: &mut Step,
    ) -> Result {
        self.make_alike(cx, slave, ext, step)?;
        self.make_ready(cx, slave, ext, step)?;
        let up = slave.dev.can_send();
        self.attach(cx, slave, up, ext, step)?;
        self.join(cx, slave, step)?;
        self.settle(cx);
        cx.dev.netdev_compute_master_upper_features(cx.rtnl);
        self.tell_joined(cx, slave, up);
        Ok(())
    }

    /// Goes up the steps until the device is open, and has what the bond has.
    #[inline(never)]
    fn make_alike(
        &self,
        cx: Cx<'_>,
        slave: &Slave,
        ext: Option<&ExtAck>,
        step: &mut Step,
    ) -> Result {
        let Cx { dev, rtnl } = cx;
        let lower = &slave.dev;
        let failed = |what: Taken| move |e: Error| cannot(cx, lower, what, e);

        lower
            .dev_set_mtu(rtnl, dev.mtu())
            .map_err(failed(Taken::Mtu))?;
        *step = Step::Mtu;
        if let Some(mut addr) = self.address_for(cx, lower) {
            lower
                .dev_set_mac_address(rtnl, &mut addr, ext)
                .map_err(failed(Taken::Address))?;
            slave.receives_by.set(rtnl, addr);
        }
        *step = Step::Address;
        lower.block_addrconf(rtnl, true);
        if let Err(e) = lower.dev_open(rtnl, ext).map_err(failed(Taken::Open)) {
            lower.block_addrconf(rtnl, false);
            return Err(e);
        }
        *step = Step::Open;
        Ok(())
    }

    /// Goes up the steps until nothing is left but to attach the device.
    #[inline(never)]
    fn make_ready(
        &self,
        cx: Cx<'_>,
        slave: &Arc<Slave>,
        ext: Option<&ExtAck>,
        step: &mut Step,
    ) -> Result {
        let Cx { dev, rtnl } = cx;
        let lower = &slave.dev;
        let failed = |what: Taken| move |e: Error| cannot(cx, lower, what, e);

        if self.is_balanced(rtnl) {
            self.own_address(cx, slave)
                .map_err(failed(Taken::OwnAddress))?;
        }
        slave.count_from_here();
        slave.speed.set(rtnl, lower.link_settings(rtnl));
        lower
            .vlan_vids_add_by_dev(rtnl, dev)
            .map_err(failed(Taken::Vlans))?;
        *step = Step::Vlans;
        if self.polled.get(rtnl) {
            let done = slave.poll.set_up(lower, rtnl);
            done.map_err(failed(Taken::Netpoll)).map_err(|_| EBUSY)?;
        }
        *step = Step::Polled;
        self.start_program(cx, slave, ext)?;
        *step = Step::Program;
        Ok(())
    }

    /// Attaches the device.
    #[inline(never)]
    fn attach(
        &self,
        cx: Cx<'_>,
        slave: &Arc<Slave>,
        up: bool,
        ext: Option<&ExtAck>,
        step: &mut Step,
    ) -> Result {
        let Cx { dev, rtnl } = cx;
        self.start_link(cx, slave, up);
        slave.dev.follow_lro(rtnl, dev);
        let params = self.params.get(rtnl);
        let lag = Some((tx::lag_tx(params.mode), lag_hash(&params)));
        let attached = Attached::attach::<Bond>(rtnl, &slave.dev, dev, slave.clone(), lag, ext)?;
        slave.attached.set(rtnl, Some(attached));
        *step = Step::Attached;
        Ok(())
    }

    /// Starts the monitors of its link.
    #[inline(never)]
    fn start_link(&self, cx: Cx<'_>, slave: &Slave, up: bool) {
        let params = self.params.get(cx.rtnl);
        let waiver = &mut Waiver::of(
            params.mode,
            self.choice.active.share(cx.rtnl).is_some(),
            self.each(cx).filter(|s| s.is_usable()).count(),
        );
        let link = Mii::new(up, delays(&params), waiver, time::now());
        slave.set_link(cx.rtnl, link);
        self.start_arp(cx, slave);
    }

    /// Goes up the last steps: it listens, and counts.
    #[inline(never)]
    fn join(&self, cx: Cx<'_>, slave: &Arc<Slave>, step: &mut Step) -> Result {
        // With an active slave, that one alone listens: see `change_active`.
        if !self.has_active(cx.rtnl) {
            self.listen(cx, slave)?;
        }
        *step = Step::Listening;
        self.slaves.push(cx.rtnl, slave.clone())?;
        *step = Step::Slave;
        let on = cx.on(&slave.dev);
        self.history.put(on, What::Member, (0, 1), Cause::User);
        // When it comes, the primary takes over, whatever primary_reselect says.
        let params = self.params.get(cx.rtnl);
        let named = params
            .primary
            .map(|p| p.as_bytes() == slave.dev.name().as_bytes());
        if self.has_active(cx.rtnl) && named == Some(true) {
            self.choice.force_primary.set(cx.rtnl, true);
        }
        Ok(())
    }

    #[inline(never)]
    fn tell_joined(&self, cx: Cx<'_>, slave: &Slave, up: bool) {
        let backup = slave.is_backup();
        cx.report_on(&slave.dev, Event::Enslaved { backup, up });
    }

    /// Gives a slave the flags and addresses that the bond listens with.
    pub(crate) fn listen(&self, cx: Cx<'_>, slave: &Slave) -> Result {
        if cx.dev.is_promiscuous() {
            slave.dev.dev_set_promiscuity(cx.rtnl, 1)?;
        }
        if cx.dev.is_allmulti() {
            if let Err(e) = slave.dev.dev_set_allmulti(cx.rtnl, 1) {
                if cx.dev.is_promiscuous() {
                    let _ = slave.dev.dev_set_promiscuity(cx.rtnl, -1);
                }
                return Err(e);
            }
        }
        if cx.dev.is_up() {
            if self.has_active(cx.rtnl) {
                slave.dev.dev_mc_sync(cx.rtnl, cx.dev);
            } else {
                slave.dev.dev_mc_sync_multiple(cx.rtnl, cx.dev);
            }
            if self.params.get(cx.rtnl).mode == Mode::Lacp {
                slave.dev.dev_mc_add(cx.rtnl, SLOW_PROTOCOLS_GROUP);
            }
        }
        Ok(())
    }

    /// Takes back what `listen` gave.
    pub(crate) fn unlisten(&self, cx: Cx<'_>, slave: &Slave) {
        if cx.dev.is_promiscuous() {
            let _ = slave.dev.dev_set_promiscuity(cx.rtnl, -1);
        }
        if cx.dev.is_allmulti() {
            let _ = slave.dev.dev_set_allmulti(cx.rtnl, -1);
        }
        if cx.dev.is_up() {
            slave.dev.dev_mc_unsync(cx.rtnl, cx.dev);
            if self.params.get(cx.rtnl).mode == Mode::Lacp {
                slave.dev.dev_mc_del(cx.rtnl, SLOW_PROTOCOLS_GROUP);
            }
        }
    }

    /// Down the steps from `step`. `leaving`: the device or the bond is being unregistered.
    fn descend(&self, cx: Cx<'_>, slave: &Arc<Slave>, step: Step, leaving: bool) {
        let Cx { dev, rtnl } = cx;
        let lower = &slave.dev;
        if step >= Step::Slave {
            self.strike(cx, slave);
        } else if step >= Step::Listening && !self.has_active(rtnl) {
            self.unlisten(cx, slave);
        }
        if step >= Step::Attached {
            if let Some(attached) = slave.attached.replace(rtnl, None) {
                attached.detach(rtnl);
            }
        }
        if step >= Step::Slave {
            self.after_strike(cx, slave);
        }
        if step >= Step::Program {
            self.stop_program(cx, slave);
        }
        if step >= Step::Polled {
            slave.poll.tear_down(rtnl);
        }
        if step >= Step::Vlans {
            lower.vlan_vids_del_by_dev(rtnl, dev);
        }
        if step >= Step::Open {
            lower.dev_close(rtnl);
            lower.block_addrconf(rtnl, false);
        }
        if step >= Step::Address {
            self.give_back_address(cx, slave);
        }
        if step >= Step::Mtu {
            if leaving {
                lower.restore_mtu(rtnl, slave.own_mtu);
            } else {
                let _ = lower.dev_set_mtu(rtnl, slave.own_mtu);
            }
        }
    }

    /// Takes a slave off the list: no packet goes its way from here on.
    fn strike(&self, cx: Cx<'_>, slave: &Arc<Slave>) {
        let rtnl = cx.rtnl;
        let active = self
            .choice
            .active
            .share(rtnl)
            .is_some_and(|a| Arc::ptr_eq(&a, slave));
        if self.params.get(rtnl).mode == Mode::Lacp && self.lacp.is_last_active(slave) {
            cx.report_on(&slave.dev, Event::AggregatorLeft);
        }
        let cause = match slave.dev.is_leaving() {
            true => Cause::Device,
            false => Cause::User,
        };
        let balanced = self.is_balanced(rtnl);
        cx.report_on(&slave.dev, Event::Released { active, balanced });
        if !self.has_active(rtnl) {
            self.unlisten(cx, slave);
        } else if active {
            self.change_active(cx, None, cause);
        }
        if let Some(at) = self.each(cx).position(|s| Arc::ptr_eq(&s, slave)) {
            drop(self.slaves.remove(rtnl, at));
            slave.struck.set(rtnl, true);
            let on = cx.on(&slave.dev);
            self.history.put(on, What::Member, (1, 0), cause);
        }
        self.leave_balance(cx, slave);
        slave.set_role(Role::NONE);
        self.tell_offload(cx, slave);
        self.warn_of_address(cx, slave);
        self.listen_for(cx, slave, &Targets::NONE);
        // What it has counted stays counted, and is not counted twice: under one lock it leaves
        // the list and the sum takes its last numbers.
        self.count_last(cx, slave);
        if !self.has_active(rtnl) && !self.slaves.is_empty(rtnl) {
            self.announce(cx, false);
        }
        self.settle_as_is(cx);
    }

    /// The bond keeps its address when its last slave leaves: the user has given it that.
    fn keeps_given_address(&self, cx: Cx<'_>) -> bool {
        let made_up = cx.dev.has_random_address(cx.rtnl) || self.borrowed.get(cx.rtnl);
        !made_up && cx.dev.is_ethernet()
    }

    /// A slave that is off the list gets an address back that is still the bond's.
    fn warn_of_address(&self, cx: Cx<'_>, slave: &Slave) {
        let (lower, ours) = (&slave.dev, cx.dev.address(cx.rtnl));
        let stays = !self.slaves.is_empty(cx.rtnl) || self.keeps_given_address(cx);
        let gone = self.ending.get(cx.rtnl) || lower.is_leaving();
        let kept = self.follows_active(&self.params.get(cx.rtnl));
        if stays && !gone && !kept && slave.own_address == ours {
            cx.report_on(lower, Event::AddressStays(&ours));
        }
    }

    #[inline(never)]
    fn count_last(&self, cx: Cx<'_>, slave: &Slave) {
        let mut room = Stats::ZERO;
        let mut total = self.total.lock_nested(cx.dev.levels_below());
        slave.count(&mut total, &mut room);
    }

    /// Follows up on a release: address and notifiers of a bond that is empty, features, VLANs.
    fn after_strike(&self, cx: Cx<'_>, slave: &Slave) {
        if self.slaves.is_empty(cx.rtnl) {
            if !self.keeps_given_address(cx) {
                cx.dev.eth_hw_addr_random(cx.rtnl);
                self.borrowed.set(cx.rtnl, false);
                let _ = cx.dev.call_netdevice_notifiers(cx.rtnl, Notice::ChangeAddr);
            }
            let _ = cx.dev.call_netdevice_notifiers(cx.rtnl, Notice::Release);
        }
        if !self.ending.get(cx.rtnl) {
            let blocked = cx.dev.is_vlan_challenged();
            cx.dev.netdev_compute_master_upper_features(cx.rtnl);
            if blocked && !cx.dev.is_vlan_challenged() {
                cx.report_on(&slave.dev, Event::VlansFree);
            }
        }
    }

    /// Makes a slave an ordinary device again.
    pub(crate) fn let_go(&self, cx: Cx<'_>, slave: &Arc<Slave>, leaving: bool) {
        self.descend(cx, slave, Step::Slave, leaving);
    }
}

/// Says which step of enslaving has failed, and why.
#[cold]
#[inline(never)]
fn cannot(cx: Cx<'_>, lower: &NetDevice, what: Taken, e: Error) -> Error {
    cx.report_on(lower, Event::Failed(what, e.to_errno()));
    e
}

/// It never has another address than its own: its driver cannot set one, or it is one of IPoIB, whose
/// addresses say more than who it is.
fn keeps_address(lower: &NetDevice) -> bool {
    !lower.can_set_address() || lower.is_infiniband()
}

/// Explains an error to whoever asked: by netlink if it was netlink, in the log otherwise.
pub(crate) fn say(cx: Cx<'_>, lower: Option<&NetDevice>, ext: Option<&ExtAck>, why: Event<'_>) {
    match ext {
        Some(ext) => ext.say(format_args!("{}", why.told(Words::Own))),
        None => report(cx.dev, lower, &why),
    }
}
