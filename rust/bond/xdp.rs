// SPDX-License-Identifier: GPL-2.0

//! An XDP program on a bond: its slaves run it, and what it sends goes where a packet would.

use kernel::sync::Arc;
use lag::{
    history::{Cause, What},
    report::{Event, Unfit},
};
use netdev::{
    netlink::ExtAck,
    port::LagTx,
    prelude::*,
    xdp::{Frame, Program, Steering, Xdp, XdpFeatures},
    NetDevice, Rcu, Rtnl,
};

use crate::{enslave::say, keeps::xdp::Running, slave::Slave, state::Bond, tx::lag_tx, Cx};

impl Xdp for Bond {
    fn set_program(
        &self,
        dev: &NetDevice,
        program: Option<Program>,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result {
        self.run(Cx { dev, rtnl }, program, ext)
    }

    fn lower_for<'a>(&'a self, frame: &Frame<'_>, rcu: &'a Rcu) -> Option<&'a NetDevice> {
        let hop = self.view.read(rcu)?.table.pick(&self.live, frame, rcu)?;
        Some(hop.device())
    }
}

impl Bond {
    /// The slaves run this program from now on; none takes it off. On an error nothing has changed.
    pub(crate) fn run(&self, cx: Cx<'_>, program: Option<Program>, ext: Option<&ExtAck>) -> Result {
        let params = self.params.get(cx.rtnl);
        if program.is_some() && !params.allows_xdp() {
            let hashes = matches!(lag_tx(params.mode), LagTx::Hash);
            let policy = hashes.then_some(params.xmit_policy);
            say(cx, None, ext, Event::XdpMode(params.mode, policy));
            return Err(EOPNOTSUPP);
        }
        let running = |program| {
            let _steering = Steering::start();
            Arc::new(Running { program, _steering }, GFP_KERNEL)
        };
        let new = program.map(running).transpose()?;
        let old = self.running.share(cx.rtnl);
        self.on_all(
            cx,
            |slave| self.run_on(cx, slave, new.as_deref(), ext),
            |slave| {
                if let Err(e) = self.run_on(cx, slave, old.as_deref(), None) {
                    cx.report_on(&slave.dev, Event::XdpKept(e.to_errno()));
                }
            },
        )?;
        let (was, now) = (old.is_some().into(), new.is_some().into());
        self.running.set(cx.rtnl, new);
        if was != now {
            self.history
                .put(cx.itself(), What::Xdp, (was, now), Cause::User);
        }
        Ok(())
    }

    /// A slave runs a program, or no more.
    fn run_on(
        &self,
        cx: Cx<'_>,
        slave: &Slave,
        running: Option<&Running>,
        ext: Option<&ExtAck>,
    ) -> Result {
        let dev = &slave.dev;
        if running.is_some() {
            if !dev.runs_programs() {
                say(cx, Some(dev), ext, Event::Unfit(Unfit::NoXdp));
                return Err(EOPNOTSUPP);
            }
            if dev.has_program(cx.rtnl) {
                say(cx, Some(dev), ext, Event::Unfit(Unfit::OwnProgram));
                return Err(EOPNOTSUPP);
            }
        }
        let program = running.map(|r| &r.program);
        dev.run_program(cx.rtnl, program, ext).inspect_err(|e| {
            cx.report_on(dev, Event::XdpRefused(e.to_errno()));
        })
    }

    /// A device that is to be a slave runs the bond's program, if there is one.
    pub(crate) fn start_program(&self, cx: Cx<'_>, slave: &Slave, ext: Option<&ExtAck>) -> Result {
        match self.running.share(cx.rtnl) {
            Some(running) => self.run_on(cx, slave, Some(&running), ext),
            None => Ok(()),
        }
    }

    /// Takes the bond's program off a device that is no slave any more.
    pub(crate) fn stop_program(&self, cx: Cx<'_>, slave: &Slave) {
        if self.running.share(cx.rtnl).is_some() {
            // The driver's refusal is logged.
            let _ = self.run_on(cx, slave, None, None);
        }
    }

    /// Says what the bond can do with programs: what all slaves can, in a mode where it can at all.
    pub(crate) fn show_xdp_features(&self, cx: Cx<'_>) {
        let able = self.params.get(cx.rtnl).allows_xdp() && !self.slaves.is_empty(cx.rtnl);
        let features = match able {
            true => self.each(cx).fold(XdpFeatures::ALL, |all, slave| {
                all.and(slave.dev.xdp_features(cx.rtnl))
            }),
            false => XdpFeatures::NONE,
        };
        cx.dev.set_xdp_features(cx.rtnl, features);
    }
}
