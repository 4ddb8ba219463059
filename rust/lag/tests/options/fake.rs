// SPDX-License-Identifier: GPL-2.0

//! A bond that is nothing but its state.

use lag::mode::Mode;
use lag::options::{
    check, show, Errno, Name, Opt, Params, Plan, Reason, Refusal, Slave, Value, View, World,
};

#[derive(Clone, Debug, PartialEq)]
pub struct Fake {
    pub up: bool,
    pub xdp: bool,
    pub ipv6: bool,
    pub active: Option<u32>,
    pub slaves: Vec<Slave>,
    /// Interfaces of the namespace that are no slaves.
    pub others: Vec<(u32, Name)>,
}

pub fn name(text: &str) -> Name {
    Name::new(text.as_bytes()).unwrap()
}

/// A bond without slaves that is down; `eth8` and `eth9` are around.
pub fn idle() -> Fake {
    Fake {
        up: false,
        xdp: false,
        ipv6: true,
        active: None,
        slaves: Vec::new(),
        others: vec![(8, name("eth8")), (9, name("eth9"))],
    }
}

/// A bond that is up, with `eth1` (active), `eth2`, and `eth3` whose link is down.
pub fn busy() -> Fake {
    let slave = |ifindex: u32, usable| Slave {
        ifindex,
        name: name(&format!("eth{ifindex}")),
        usable,
        queue_id: 0,
        prio: 0,
        actor_port_prio: 255,
    };
    Fake {
        up: true,
        active: Some(1),
        slaves: vec![slave(1, true), slave(2, true), slave(3, false)],
        ..idle()
    }
}

impl World for Fake {
    fn up(&self) -> bool {
        self.up
    }
    fn tx_queues(&self) -> u32 {
        16
    }
    fn xdp(&self) -> bool {
        self.xdp
    }
    fn ipv6(&self) -> bool {
        self.ipv6
    }
    fn active(&self) -> Option<u32> {
        self.active
    }
    fn slave(&self, index: usize) -> Option<Slave> {
        self.slaves.get(index).copied()
    }
    fn by_name(&self, name: &Name) -> Option<u32> {
        let slave = self.slaves.iter().find(|s| s.name == *name);
        let other = self.others.iter().find(|o| o.1 == *name);
        slave.map(|s| s.ifindex).or(other.map(|o| o.0))
    }
    fn by_ifindex(&self, ifindex: u32) -> Option<Name> {
        let slave = self.slaves.iter().find(|s| s.ifindex == ifindex);
        let other = self.others.iter().find(|o| o.0 == ifindex);
        slave.map(|s| s.name).or(other.map(|o| o.1))
    }
}

pub fn mode(mode: Mode) -> Params {
    let miimon = if mode.uses_arp_monitor() { 0 } else { 100 };
    Params {
        mode,
        miimon,
        ..Params::default()
    }
}

/// One option set by text.
pub fn text(params: &Params, world: &Fake, opt: Opt, text: &str) -> Result<Plan, Refusal> {
    check(params, world, &[(opt, Value::Text(text.as_bytes()))])
}

/// Errno and reason of a refusal, which blames the option and fits an extack.
pub fn why(opt: Opt, result: Result<Plan, Refusal>) -> (Errno, Reason) {
    let refusal = result.unwrap_err();
    assert_eq!(refusal.opt, opt);
    assert_eq!(refusal.attr(), opt.spec().attr);
    let message = refusal.to_string();
    assert!(message.starts_with(opt.spec().name), "{message}");
    assert!(message.len() < 80, "{} bytes: {message}", message.len());
    assert!(message.is_ascii() && !message.contains('\n'), "{message}");
    (refusal.errno, refusal.reason)
}

/// The sysfs text of an option, for a reader with CAP_NET_ADMIN.
pub fn shown(opt: Opt, params: &Params, world: &Fake) -> String {
    let view = View {
        params,
        world,
        carrier: true,
        ad: None,
        net_admin: true,
    };
    let mut out = String::new();
    show(opt, &view, &mut out).unwrap();
    out
}
