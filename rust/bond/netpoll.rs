// SPDX-License-Identifier: GPL-2.0

//! The network console sends with interrupts off: then a bond sends through netpoll on its slaves.

use core::sync::atomic::Ordering;

use netdev::{netpoll::Netpoll, prelude::*, NetDevice, Rtnl};

use crate::{state::Bond, Cx};

impl Netpoll for Bond {
    fn start_polling(&self, dev: &NetDevice, rtnl: &Rtnl) -> Result {
        self.start_polling(Cx { dev, rtnl })
    }

    fn stop_polling(&self, dev: &NetDevice, rtnl: &Rtnl) {
        self.stop_polling(Cx { dev, rtnl });
    }
}

impl Bond {
    /// Packets may come with interrupts off from here on: all slaves must be able to send so.
    pub(crate) fn start_polling(&self, cx: Cx<'_>) -> Result {
        let rtnl = cx.rtnl;
        self.on_all(
            cx,
            |s| s.poll.set_up(&s.dev, rtnl),
            |s| s.poll.tear_down(rtnl),
        )?;
        self.polled.set(rtnl, true);
        self.publish(cx);
        Ok(())
    }

    /// They do not any more.
    ///
    /// Until this is over some may still come, which must not go by a queue: so the picture that
    /// says how stays, and finds no way out. The worker has it drawn anew.
    pub(crate) fn stop_polling(&self, cx: Cx<'_>) {
        self.polled.set(cx.rtnl, false);
        self.each(cx).for_each(|s| s.poll.tear_down(cx.rtnl));
        self.live.unsettled.store(true, Ordering::Release);
        self.live.later.ask();
    }
}
