// SPDX-License-Identifier: GPL-2.0

//! IPsec: in active-backup the active slave works on the bond's security associations. They leave
//! it before another takes over, and are with the kernel until that one has them.

use lag::{mode::Mode, report::Event};
use netdev::{
    xfrm::{Associations, Xfrm},
    NetDevice, Rcu,
};

use crate::{state::Bond, Cx};

impl Xfrm for Bond {
    fn associations(&self) -> &Associations<Bond> {
        &self.ipsec
    }

    fn active_lower<'a>(&self, rcu: &'a Rcu) -> Option<&'a NetDevice> {
        let view = self.view.read(rcu)?;
        Some(&view.table.active_backup()?.dev)
    }
}

impl Bond {
    /// Takes associations in active-backup and in no other mode, for each is on one device.
    pub(crate) fn offer_ipsec(&self, cx: Cx<'_>) {
        let on = self.params.get(cx.rtnl).mode == Mode::ActiveBackup;
        self.ipsec.offer(on);
        cx.dev.want_esp(cx.rtnl, on);
    }

    /// The active slave goes: it works on no association any more.
    pub(crate) fn withdraw_ipsec(&self, cx: Cx<'_>) {
        self.ipsec.withdraw(cx.rtnl);
    }

    /// There is an active slave: it works on all of them.
    pub(crate) fn place_ipsec(&self, cx: Cx<'_>) {
        if self.params.get(cx.rtnl).mode != Mode::ActiveBackup {
            return;
        }
        if let Some(active) = self.choice.active.share(cx.rtnl) {
            let (left, able) = self.ipsec.place(&active, cx.rtnl);
            if left > 0 {
                let none = !able;
                cx.report_on(&active.dev, Event::Associations { left, none });
            }
        }
    }
}
