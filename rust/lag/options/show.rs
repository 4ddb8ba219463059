// SPDX-License-Identifier: GPL-2.0

//! Options and readings as sysfs shows them and as netlink carries them.

use core::fmt::{self, Write};

use super::check::{get, primary, slaves, World};
use super::params::Params;
use super::spec::{Kind, Width};
use super::table::Opt;
use super::targets::{Ip4, Ip6, Targets};
use crate::lacp::info::AdInfo;
use crate::mac::Mac;
use crate::mode::Mode;

/// Length up to which a list grows in a sysfs file, a page of 4096 bytes: another item, the word
/// that tells of more, and the newline fit behind it.
const LIST_MAX: usize = 4096 - 32;

/// All that the text of a file in `bonding/` can depend on.
pub struct View<'a> {
    /// The bond's options.
    pub params: &'a Params,
    /// The present state.
    pub world: &'a dyn World,
    /// The bond has a carrier.
    pub carrier: bool,
    /// The active aggregator, if there is one.
    pub ad: Option<AdInfo>,
    /// The reader has CAP_NET_ADMIN.
    pub net_admin: bool,
}

impl View<'_> {
    /// The reader may see what LACP tells a partner.
    pub(super) fn sees_lacp(&self) -> bool {
        self.params.mode == Mode::Lacp && self.net_admin
    }

    fn active(&self) -> Option<super::Slave> {
        if !self.params.mode.has_active_slave() {
            return None;
        }
        let active = self.world.active()?;
        slaves(self.world).find(|slave| slave.ifindex == active)
    }
}

/// Writes the text of an option's file in `bonding/`, with its newline; none for an option that
/// is empty or not for this mode or reader, where native has none either.
pub fn show(opt: Opt, view: &View<'_>, out: &mut dyn Write) -> fmt::Result {
    let params = view.params;
    match opt {
        Opt::ActiveSlave => match view.active() {
            Some(slave) => writeln!(out, "{}", slave.name),
            None => Ok(()),
        },
        Opt::Primary => match primary(params, view.world) {
            Some(slave) => writeln!(out, "{}", slave.name),
            None => Ok(()),
        },
        Opt::ArpTargets => list(out, params.arp_targets.iter().map(Ip4)),
        Opt::NsTargets => list(out, params.ns_targets.iter().map(Ip6)),
        Opt::Slaves => list(out, slaves(view.world).map(|slave| slave.name)),
        Opt::QueueId => list(out, each(view, |slave| slave.queue_id.into())),
        Opt::Prio => list(out, each(view, |slave| slave.prio.into())),
        Opt::ActorPortPrio => list(out, each(view, |slave| slave.actor_port_prio.into())),
        Opt::AdActorSystem if view.sees_lacp() => writeln!(out, "{}", params.ad_actor_system),
        Opt::AdActorSystem => Ok(()),
        Opt::AdActorSysPrio | Opt::AdUserPortKey if !view.sees_lacp() => Ok(()),
        _ => {
            let (Some(number), Kind::Number(numbers)) = (get(params, opt), opt.spec().kind) else {
                return Ok(());
            };
            match numbers.word(number).filter(|_| numbers.named) {
                Some(word) => writeln!(out, "{word} {number}"),
                None => writeln!(out, "{number}"),
            }
        }
    }
}

/// `eth0:1`.
struct Pair(super::Name, i64);

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0, self.1)
    }
}

fn each<'a>(
    view: &'a View<'_>,
    number: impl Fn(&super::Slave) -> i64 + 'a,
) -> impl Iterator<Item = Pair> + 'a {
    slaves(view.world).map(move |slave| Pair(slave.name, number(&slave)))
}

/// Items with spaces between them and a newline behind the last, nothing if there are none. When
/// the page has no room for another name, `++more++` ends the list.
fn list<T: fmt::Display>(out: &mut dyn Write, items: impl Iterator<Item = T>) -> fmt::Result {
    let mut out = Counted { out, bytes: 0 };
    for item in items {
        if out.bytes != 0 {
            out.write_str(" ")?;
        }
        if out.bytes > LIST_MAX {
            out.write_str("++more++")?;
            break;
        }
        write!(out, "{item}")?;
    }
    match out.bytes {
        0 => Ok(()),
        _ => out.write_str("\n"),
    }
}

struct Counted<'a> {
    out: &'a mut dyn Write,
    bytes: usize,
}

impl Write for Counted<'_> {
    fn write_str(&mut self, s: &str) -> fmt::Result {
        self.bytes = self.bytes.saturating_add(s.len());
        self.out.write_str(s)
    }
}

/// The content of a netlink attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload<'a> {
    /// One byte.
    U8(u8),
    /// Two bytes in the order of the machine.
    U16(u16),
    /// Four bytes in the order of the machine.
    U32(u32),
    /// Six octets.
    Mac(Mac),
    /// Nested attributes, their type the slot, each four octets.
    Nested4(&'a Targets<[u8; 4]>),
    /// Nested attributes, their type the slot, each 16 octets.
    Nested6(&'a Targets<[u8; 16]>),
}

/// Returns the content of an option's attribute in a dump of the bond; none if it is left out: what
/// is empty, and what the mode or the reader has not. Options of a slave have none here.
pub fn fill<'a>(opt: Opt, view: &View<'a>) -> Option<Payload<'a>> {
    let params = view.params;
    let number = match opt {
        Opt::ActiveSlave => return Some(Payload::U32(view.active()?.ifindex)),
        Opt::Primary => return Some(Payload::U32(primary(params, view.world)?.ifindex)),
        Opt::ArpTargets => {
            let targets = &params.arp_targets;
            return (!targets.is_empty()).then_some(Payload::Nested4(targets));
        }
        Opt::NsTargets => {
            let targets = &params.ns_targets;
            return (!targets.is_empty()).then_some(Payload::Nested6(targets));
        }
        Opt::AdActorSystem => {
            return view
                .sees_lacp()
                .then_some(Payload::Mac(params.ad_actor_system))
        }
        Opt::AdActorSysPrio | Opt::AdUserPortKey if !view.sees_lacp() => return None,
        _ => get(params, opt)?,
    };
    match opt.spec().width {
        Width::U8 => u8::try_from(number).ok().map(Payload::U8),
        Width::U16 => u16::try_from(number).ok().map(Payload::U16),
        _ => u32::try_from(number).ok().map(Payload::U32),
    }
}
