// SPDX-License-Identifier: GPL-2.0

//! A driver above another device, with a receive handler: what its one lower device receives comes in on the mirror
//! as well, and what the mirror is given goes out by the lower device.
//!
//! `ip link add mirror0 type rbmirror; ip link set eth0 master mirror0`.

use kernel::{prelude::*, sync::Arc};
use netdev::{
    anchor::{Anchor, Fixed},
    driver::{Fresh, Registering},
    errno::code::{EBUSY, EINVAL},
    event::Event,
    netlink::ExtAck,
    notifier::Notifier,
    offers::Offers,
    ops::Counts,
    percpu::{PerCpu, Traffic},
    port::Attached,
    prelude::{KBox, Result},
    rcu::{RcuBox, RcuSlot},
    rtnl::RtnlCell,
    skb::{RxSkb, Sent, Skb},
    stats::Stats,
    upper::Receive,
    vtable::Registration,
    DevRef, Driver, NetDevice, Rcu, Rtnl, Upper,
};

module! {
    type: Module,
    name: "rb_mirror",
    authors: ["The rustbond developers"],
    description: "A sample of rust/netdev: a device that sees what another one receives",
    license: "GPL",
}

/// Given back in this order.
struct Module {
    _notifier: Notifier<Mirror>,
    _kind: Registration<Mirror>,
}

impl kernel::Module for Module {
    fn init(_module: &'static ThisModule) -> kernel::error::Result<Self> {
        let kind = Registration::new()?;
        Ok(Module {
            _notifier: Notifier::register()?,
            _kind: kind,
        })
    }
}

impl Drop for Module {
    fn drop(&mut self) {
        netdev::rcu::barrier();
    }
}

/// The lower device.
struct Lower {
    dev: DevRef,
    attached: RtnlCell<Option<Attached>>,
}

struct Mirror {
    /// For those who hold RTNL.
    lower: RtnlCell<Option<Arc<Lower>>>,
    /// For packets.
    seen: RcuSlot<Arc<Lower>>,
    received: PerCpu<Traffic>,
    sent: PerCpu<Traffic>,
}

impl Driver for Mirror {
    type Prefix = ();

    const NAME: &'static CStr = c"mirror%d";
    const ANCHOR: Fixed<Anchor<Mirror>> = {
        static ANCHOR: Anchor<Mirror> = Anchor::new();
        Fixed::new(&ANCHOR)
    };

    fn kind() -> &'static CStr {
        c"rbmirror"
    }

    fn offers(to: &mut Offers<'_, Mirror>) {
        to.upper().counts();
    }

    fn setup(dev: &Fresh<'_, Mirror>) {
        dev.master();
    }

    fn init(_dev: &Registering<'_, Mirror>, _rtnl: &Rtnl) -> Result<KBox<Mirror>> {
        let mirror = Mirror {
            lower: RtnlCell::new(None),
            seen: RcuSlot::empty(),
            received: PerCpu::new()?,
            sent: PerCpu::new()?,
        };
        Ok(KBox::new(mirror, GFP_KERNEL)?)
    }

    fn uninit(&self, dev: &NetDevice, rtnl: &Rtnl) {
        self.let_go(dev, rtnl);
    }

    fn xmit(&self, skb: Skb, rcu: &Rcu) -> Sent {
        match self.seen.read(rcu) {
            Some(lower) => {
                self.sent.this(rcu).count(skb.len());
                skb.dev_queue_xmit(&lower.dev, rcu)
            }
            None => skb.kfree_skb(),
        }
    }
}

impl Mirror {
    fn let_go(&self, dev: &NetDevice, rtnl: &Rtnl) {
        self.seen.publish(rtnl, None);
        if let Some(lower) = self.lower.replace(rtnl, None) {
            if let Some(attached) = lower.attached.replace(rtnl, None) {
                attached.detach(rtnl);
            }
        }
        dev.set_carrier(false);
    }
}

impl Upper for Mirror {
    type Port = Lower;
    type PortPrefix = ();

    fn enslave(
        &self,
        dev: &NetDevice,
        lower: &NetDevice,
        ext: Option<&ExtAck>,
        rtnl: &Rtnl,
    ) -> Result {
        let refuse = |error, text: &str| {
            if let Some(ext) = ext {
                ext.say(format_args!("{text}"));
            }
            Err(error)
        };
        if self.lower.share(rtnl).is_some() {
            return refuse(EBUSY, "a mirror has one lower device: release that first");
        }
        if !lower.is_ethernet() {
            return refuse(EINVAL, "a mirror shows Ethernet devices only");
        }
        let port = Arc::new(
            Lower {
                dev: lower.netdev_hold()?,
                attached: RtnlCell::new(None),
            },
            GFP_KERNEL,
        )?;
        let published = RcuBox::new(port.clone())?;
        let attached = Attached::attach::<Mirror>(rtnl, lower, dev, port.clone(), None, ext)?;
        port.attached.replace(rtnl, Some(attached));
        self.lower.replace(rtnl, Some(port));
        self.seen.publish(rtnl, Some(published));
        dev.set_carrier(lower.netif_carrier_ok());
        Ok(())
    }

    fn release(&self, dev: &NetDevice, _lower: &NetDevice, rtnl: &Rtnl) -> Result {
        self.let_go(dev, rtnl);
        Ok(())
    }

    fn port_event(
        &self,
        dev: &NetDevice,
        _port: &Arc<Lower>,
        lower: &NetDevice,
        event: Event,
        rtnl: &Rtnl,
    ) {
        match event {
            Event::Unregister => self.let_go(dev, rtnl),
            Event::Up | Event::Down | Event::Change => dev.set_carrier(lower.netif_carrier_ok()),
            _ => {}
        }
    }

    fn receive(&self, dev: &NetDevice, _port: &Lower, skb: &mut RxSkb<'_>, rcu: &Rcu) -> Receive {
        if dev.is_up() && skb.show_to(dev) {
            self.received.this(rcu).count(skb.len());
        }
        Receive::Pass
    }

    fn for_each_lower(&self, rcu: &Rcu, f: &mut dyn FnMut(&NetDevice)) {
        if let Some(lower) = self.seen.read(rcu) {
            f(&lower.dev);
        }
    }

    fn device_of(port: &Lower) -> &NetDevice {
        &port.dev
    }
}

impl Counts for Mirror {
    fn stats(&self, _dev: &NetDevice, to: &mut Stats, _rcu: &Rcu) {
        for (packets, bytes) in self.sent.each().map(Traffic::read) {
            to.add_sent(packets, bytes);
        }
        for (packets, bytes) in self.received.each().map(Traffic::read) {
            to.add_received(packets, bytes);
        }
    }
}
