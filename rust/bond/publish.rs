// SPDX-License-Identifier: GPL-2.0

//! Draws the [`View`] by which packets go, and replaces it whole.

use kernel::sync::Arc;
use netdev::{prelude::*, rcu::RcuBox, time};
use wire::time::Span;

use crate::{
    slave::Slave,
    state::Bond,
    tx::{Subject, Table, View},
    Cx,
};

/// Delay before something is tried again for which there was no memory.
const AGAIN: Span = Span::millis(10);

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
        self.live.due.commit.by(at);
        self.live.alarm.by(at);
    }

    #[inline(never)]
    fn draw(&self, cx: Cx<'_>) -> Result<RcuBox<View>> {
        let mut all = KVec::with_capacity(self.slaves.len(cx.rtnl), GFP_KERNEL)?;
        for slave in self.slaves.iter(cx.rtnl) {
            all.push(slave, GFP_KERNEL)?;
        }
        let mut view = self.frame(cx, all)?;
        let view_now = view.get_mut();
        let params = self.params.get(cx.rtnl);
        view_now.table.build(&Subject {
            params: &params,
            slaves: &view_now.all,
            active: view_now.active.as_ref(),
            balance: self.balance.share(cx.rtnl),
            usability: &|slave| self.lacp.usability(slave),
            mac: cx.dev.address(cx.rtnl).mac(),
            polled: self.polled.get(cx.rtnl),
            rtnl: cx.rtnl,
        })?;
        Ok(view)
    }

    /// The picture on the heap, without its table: its way there over the stack ends with this.
    #[inline(never)]
    pub(crate) fn frame(&self, cx: Cx<'_>, all: KVec<Arc<Slave>>) -> Result<RcuBox<View>> {
        RcuBox::new(View {
            all,
            active: self.choice.active.share(cx.rtnl),
            arp: self.monitor.settings(cx.rtnl),
            table: Table::nothing(),
        })
    }
}
