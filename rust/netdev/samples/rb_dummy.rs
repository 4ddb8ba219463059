// SPDX-License-Identifier: GPL-2.0

//! The smallest driver there can be: devices that count what they are given, and drop it.
//!
//! `ip link add dummy0 type rbdummy`.

use kernel::prelude::*;
use netdev::{
    anchor::{Anchor, Fixed},
    device::HwAddr,
    driver::{Fresh, Registering},
    offers::Offers,
    ops::{Address, Counts},
    percpu::{PerCpu, Traffic},
    prelude::{KBox, Result},
    skb::{Sent, Skb},
    stats::Stats,
    vtable::Registration,
    Driver, NetDevice, Rcu, Rtnl,
};

module! {
    type: Module,
    name: "rb_dummy",
    authors: ["The rustbond developers"],
    description: "A sample of rust/netdev: a device that drops what it is given",
    license: "GPL",
}

struct Module {
    _kind: Registration<Dummy>,
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> kernel::error::Result<Self> {
        Ok(Module {
            _kind: Registration::new()?,
        })
    }
}

struct Dummy {
    sent: PerCpu<Traffic>,
}

impl Driver for Dummy {
    type Prefix = ();

    const NAME: &'static CStr = c"dummy%d";
    const ANCHOR: Fixed<Anchor<Dummy>> = {
        static ANCHOR: Anchor<Dummy> = Anchor::new();
        Fixed::new(&ANCHOR)
    };

    fn kind() -> &'static CStr {
        c"rbdummy"
    }

    fn offers(to: &mut Offers<'_, Dummy>) {
        to.counts().address();
    }

    fn setup(dev: &Fresh<'_, Dummy>) {
        dev.without_hardware();
    }

    fn init(_dev: &Registering<'_, Dummy>, _rtnl: &Rtnl) -> Result<KBox<Dummy>> {
        let sent = PerCpu::new()?;
        Ok(KBox::new(Dummy { sent }, GFP_KERNEL)?)
    }

    fn open(&self, dev: &NetDevice, _rtnl: &Rtnl) -> Result {
        dev.set_carrier(true);
        Ok(())
    }

    fn xmit(&self, skb: Skb, rcu: &Rcu) -> Sent {
        self.sent.this(rcu).count(skb.len());
        skb.consume_skb()
    }
}

impl Counts for Dummy {
    fn stats(&self, _dev: &NetDevice, to: &mut Stats, _rcu: &Rcu) {
        for (packets, bytes) in self.sent.each().map(Traffic::read) {
            to.add_sent(packets, bytes);
        }
    }
}

impl Address for Dummy {
    fn change_address(&self, dev: &NetDevice, addr: &mut HwAddr, rtnl: &Rtnl) -> Result {
        if !addr.mac().is_valid_unicast() {
            return Err(netdev::errno::code::EADDRNOTAVAIL);
        }
        dev.dev_addr_set(rtnl, addr);
        Ok(())
    }
}
