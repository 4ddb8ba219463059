// SPDX-License-Identifier: GPL-2.0

//! What packets see of a bond: an immutable picture of its slaves, replaced whole.

use kernel::sync::Arc;
use lag::{monitor::arp::Settings, time::Span};
use net::{prelude::*, rcu::RcuBox, time};

use crate::{device::Bond, mode::Table, slave::Slave, Cx};

/// How long to wait before that is tried again for which there was no memory.
const AGAIN: Span = Span::millis(10);

/// The slaves of a bond, and which of them sends what.
pub(crate) struct View {
    /// All slaves, in the order in which they came.
    pub(crate) all: KVec<Arc<Slave>>,
    /// The active slave, in the modes that have one.
    pub(crate) active: Option<Arc<Slave>>,
    /// What ARP monitoring looks for; none while it is off.
    pub(crate) arp: Option<Arc<Settings>>,
    /// How packets are sent.
    pub(crate) table: Table,
}

impl Bond {
    /// Publishes how the bond looks now.
    ///
    /// Without memory for it the bond sends nothing until the timer has tried again: an old
    /// picture could name a slave that is gone.
    #[inline(never)]
    pub(crate) fn publish(&self, cx: Cx<'_>) {
        self.show_abi(cx);
        if self.ending.get(cx.rtnl) {
            return;
        }
        match self.draw(cx) {
            Ok(view) => self.view.publish(cx.rtnl, Some(view)),
            Err(_) => {
                self.view.publish(cx.rtnl, None);
                self.try_again(cx);
            }
        }
    }

    /// There was no memory for something that follows from the bond's state: it is drawn anew
    /// soon, until nothing is missing.
    pub(crate) fn try_again(&self, cx: Cx<'_>) {
        self.stale.set(cx.rtnl, true);
        let at = time::now() + AGAIN;
        self.due.commit.by(at);
        self.alarm.by(at);
    }

    #[inline(never)]
    fn draw(&self, cx: Cx<'_>) -> Result<RcuBox<View>> {
        let mut all = KVec::with_capacity(self.slaves.len(cx.rtnl), GFP_KERNEL)?;
        for slave in self.slaves.iter(cx.rtnl) {
            all.push(slave, GFP_KERNEL)?;
        }
        let mut view = self.frame(cx, all)?;
        let view_now = view.get_mut();
        view_now.table.build(self, cx, &view_now.all)?;
        Ok(view)
    }

    /// The picture on the heap, without its table: its way there over the stack ends with this.
    #[inline(never)]
    pub(crate) fn frame(&self, cx: Cx<'_>, all: KVec<Arc<Slave>>) -> Result<RcuBox<View>> {
        RcuBox::new(View {
            all,
            active: self.active.share(cx.rtnl),
            arp: self.monitor.settings(cx),
            table: Table::nothing(),
        })
    }
}
