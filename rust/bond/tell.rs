// SPDX-License-Identifier: GPL-2.0

//! Says what the bond and its slaves are, to those who have to know it without asking.

use compat::{abi, info};
use kernel::sync::Arc;
use netdev::{device::LowerState, Rtnl};

use crate::{
    slave::{Hears, Slave},
    state::Bond,
    Cx,
};

impl Slave {
    /// Shows the slave to those who look at it without asking. It is linked to the bond.
    #[inline(never)]
    pub(crate) fn show_abi(&self, rtnl: &Rtnl) {
        let (speed, duplex) = self.speed.get();
        let now = abi::ShownSlave {
            link: self.status().number(),
            backup: self.is_backup(),
            inactive: matches!(self.hears(), Hears::Nothing | Hears::Unicast),
            failures: self.failures(),
            speed,
            duplex,
            queue_id: self.queue_id.get(),
            prio: self.prio.get(),
        };
        if self.shown.replace(rtnl, Some(now)) != Some(now) {
            now.show::<Bond>(&self.dev, rtnl);
        }
    }
}

impl Bond {
    /// Shows the bond to those who look at it without asking.
    #[inline(never)]
    pub(crate) fn show_abi(&self, cx: Cx<'_>) {
        let params = self.params.get(cx.rtnl);
        let (active, primary) = (self.choice.active.share(cx.rtnl), self.primary(cx));
        abi::ShownBond {
            params: &params,
            active: active.as_ref().map(|s| &*s.dev),
            primary: primary.as_ref().map(|s| &*s.dev),
            slaves: self.slaves.len(cx.rtnl),
        }
        .show::<Bond>(cx.dev, cx.rtnl);
    }

    /// The primary, if it is a slave.
    pub(crate) fn primary(&self, cx: Cx<'_>) -> Option<Arc<Slave>> {
        let primary = self.params.get(cx.rtnl).primary?;
        self.each(cx)
            .find(|s| s.dev.name().as_bytes() == primary.as_bytes())
    }

    /// Tells those who offload the bond what a slave does, if that has changed.
    pub(crate) fn tell_offload(&self, cx: Cx<'_>, slave: &Slave) {
        let rtnl = cx.rtnl;
        if slave.dev.is_leaving() {
            return;
        }
        let state = LowerState {
            link_up: slave.is_usable(),
            tx_enabled: !slave.is_backup(),
        };
        if slave.told.replace(rtnl, Some(state)) != Some(state) {
            slave.dev.netdev_lower_state_changed(rtnl, state);
        }
    }

    /// Tells those who offload the bond, and drivers, what a slave does, if that has changed.
    #[inline(never)]
    pub(crate) fn tell_state(&self, cx: Cx<'_>, slave: &Slave) {
        let rtnl = cx.rtnl;
        self.tell_offload(cx, slave);
        if slave.dev.is_leaving() {
            return;
        }
        let state = Some((slave.status(), slave.is_backup()));
        if slave.told_drivers.replace(rtnl, state) != state {
            info::tell(&slave.dev, rtnl, &self.describe_self(cx), &slave.describe());
        }
    }
}
