// SPDX-License-Identifier: GPL-2.0

//! The bonding driver: moves data between the kernel (`net`) and the protocols (`lag`).

#![deny(unsafe_code)]

mod alarm;
mod arp;
mod balance;
mod commit;
mod device;
mod enslave;
mod flow;
mod front;
mod history;
mod ipsec;
mod keeps;
mod lacp;
mod link;
mod live;
mod netpoll;
mod publish;
mod record;
mod rx;
mod settings;
mod slave;
mod state;
mod tell;
#[cfg(CONFIG_KUNIT = "y")]
mod tests;
mod tx;
mod xdp;

use compat::{log, rival::Rival, Kind};
use front::family::Questions;
use lag::report::Event;
use netdev::{
    genetlink, notifier::Notifier, prelude::*, rcu, vtable::Registration, work::Queue, NetDevice,
    Rtnl,
};

use history::On;
use state::Bond;

/// All that the module has told the kernel about; untold in the order of the fields when dropped.
pub struct Module {
    _notifier: Notifier<Bond>,
    _kind: Kind<Bond>,
    /// Behind all bonds: each tells its group what happens to it.
    _family: genetlink::Registration<Questions>,
    _rival: Option<Rival>,
    _last: Last,
}

impl Module {
    /// Registers everything.
    pub fn new() -> Result<Self> {
        settings::load()?;
        let last = Last {
            _queue: Queue::new()?,
        };
        netdev::dissect::prepare();
        // Native bonding would find our files where it makes its own, and remove them.
        let rival = settings::rival().map(Rival::keep_out).transpose()?;
        Registration::<Bond>::check_free().inspect_err(|_| settings::tell_taken())?;
        let family = genetlink::Registration::new()?;
        let kind = Kind::register()?;
        let notifier = Notifier::register()?;
        kind.make(settings::max_bonds())?;
        Ok(Module {
            _notifier: notifier,
            _kind: kind,
            _family: family,
            _rival: rival,
            _last: last,
        })
    }
}

/// The work queue, dropped last: work of ours may run until everything else is gone.
struct Last {
    _queue: Queue,
}

impl Drop for Last {
    fn drop(&mut self) {
        // Callbacks in flight are code of this module.
        rcu::barrier();
    }
}

/// A bond that is being worked on under RTNL.
#[derive(Clone, Copy)]
struct Cx<'a> {
    dev: &'a NetDevice,
    rtnl: &'a Rtnl,
}

impl Cx<'_> {
    /// Logs an event of the bond.
    fn report(&self, event: Event<'_>) {
        report(self.dev, None, &event);
    }

    /// The bond, for its history.
    fn itself(&self) -> On<'_> {
        On {
            bond: self.dev,
            slave: None,
        }
    }

    /// A slave, for the bond's history.
    fn on<'a>(&'a self, slave: &'a NetDevice) -> On<'a> {
        On {
            bond: self.dev,
            slave: Some(slave),
        }
    }

    /// Logs an event of a slave, or of a device that is to be one.
    fn report_on(&self, lower: &NetDevice, event: Event<'_>) {
        report(self.dev, Some(lower), &event);
    }
}

/// Logs an event of a bond, and of its slave `lower`, in the words of the driver's identity.
#[inline(never)]
fn report(dev: &NetDevice, lower: Option<&NetDevice>, event: &Event<'_>) {
    log::report(settings::identity().words(), Some(dev), lower, event);
}
