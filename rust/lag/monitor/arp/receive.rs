// SPDX-License-Identifier: GPL-2.0

//! Which frames count as a sign of life, and whose: arp_validate.

use super::{numbered, Known, Port, Role, Settings, Slot, Variant, SLOTS};
use crate::mac::Mac;
use crate::time::Time;

/// The evidence in a frame. Give it to [`Port::saw`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// Nothing that counts.
    Nothing,
    /// Traffic of any kind, where it is not validated.
    Traffic,
    /// The active slave's question to this target, heard by a backup.
    Request(Slot),
    /// This target itself.
    Answer(Slot),
}

/// A frame that needs no closer look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Neighbor discovery or ARP, too broken or too foreign to be validated.
    Discovery,
    /// Anything else.
    Other,
}

/// ARP for IPv4, as far as it is validated. Octets in the order of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arp {
    /// The operation is a reply, not a request.
    pub reply: bool,
    /// The sender's IP address.
    pub sender: [u8; 4],
    /// The target's IP address.
    pub target: [u8; 4],
}

/// A neighbor solicitation or advertisement, as far as it is validated. Octets in the order of
/// the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nd {
    /// It is an advertisement, not a solicitation.
    pub advertisement: bool,
    /// The source address in the IPv6 header.
    pub src: [u8; 16],
    /// The destination address in the IPv6 header.
    pub dst: [u8; 16],
}

/// Which questions or answers a slave can be believed to have heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It asks itself: what the targets send to the bond.
    Answers,
    /// It is a backup: what the active slave asks, and comes back through the switch. Only while
    /// the active slave is answered, or the bond would live on its own questions.
    Requests,
    /// It is a backup while a candidate asks: a reply that a switch has delivered by an old entry
    /// of its table.
    Replies,
    /// None.
    Nothing,
}

/// A slave that has received a frame.
#[derive(Clone, Copy, Debug)]
pub struct Ear<'a> {
    /// Settings of the monitor.
    pub settings: &'a Settings,
    /// The slave.
    pub port: &'a Port,
    /// It is the active slave.
    pub active: bool,
}

/// ff02::1.
const ALL_NODES: [u8; 16] = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

/// The solicited-node multicast address, RFC 4291 section 2.7.1.
const fn solicited_node(address: [u8; 16]) -> [u8; 16] {
    let [.., x, y, z] = address;
    [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, x, y, z]
}

impl Ear<'_> {
    /// Returns which evidence counts. `active` is the active slave's port, `ports` are those of all
    /// slaves, looked at only in search of the candidate.
    pub fn trust<P: AsRef<Port>>(
        &self,
        active: Option<&Port>,
        mut ports: impl Iterator<Item = P>,
        now: Time,
    ) -> Trust {
        let s = self.settings;
        // Where the load is balanced every slave asks, also one that is down.
        if s.variant == Variant::LoadBalance || self.role() == Role::Active {
            return Trust::Answers;
        }
        if active.is_some_and(|port| s.last_heard(port, Role::Active) > port.since()) {
            return Trust::Requests;
        }
        let asking = |port: &Port| port.is_candidate() && s.within(port.last_sent(), 1, now);
        if ports.any(|port| asking(port.as_ref())) {
            return Trust::Replies;
        }
        Trust::Nothing
    }

    /// Judges an ARP packet. `is_ours`: the bond, or a device on it, has this address. An
    /// [`Sighting::Answer`] tells the target's MAC to [`Known::learn`], the sender's here and the
    /// frame's source in [`Ear::nd`].
    pub fn arp(&self, trust: Trust, arp: Arp, is_ours: impl FnOnce([u8; 4]) -> bool) -> Sighting {
        self.judge(Kind::Discovery, || {
            let slot = |ip| Slot::v4(self.settings.arp.position(ip)?);
            let (from, to) = match trust {
                Trust::Answers => (arp.sender, arp.target),
                Trust::Replies if arp.reply => (arp.sender, arp.target),
                Trust::Requests => (arp.target, arp.sender),
                Trust::Replies | Trust::Nothing => return None,
            };
            let found = slot(from)?;
            is_ours(to).then_some(sighting(trust, found))
        })
    }

    /// Judges a neighbor solicitation or advertisement. `is_ours` as for [`Ear::arp`].
    pub fn nd(&self, trust: Trust, nd: Nd, is_ours: impl FnOnce([u8; 16]) -> bool) -> Sighting {
        self.judge(Kind::Discovery, || {
            let ns = &self.settings.ns;
            let (from, ok) = match trust {
                Trust::Answers => (ns.position(nd.src)?, nd.dst),
                Trust::Replies if nd.advertisement => (ns.position(nd.src)?, nd.dst),
                // A question goes to the target or to its solicited-node address.
                Trust::Requests => {
                    let asks = |t: [u8; 16]| t == nd.dst || solicited_node(t) == nd.dst;
                    (ns.iter().position(asks)?, nd.src)
                }
                Trust::Replies | Trust::Nothing => return None,
            };
            let found = Slot::v6(from)?;
            let to_all = ok == ALL_NODES && trust != Trust::Requests;
            (to_all || is_ours(ok)).then_some(sighting(trust, found))
        })
    }

    /// Judges any other frame. `src` is its source MAC; `to_bond`: it was sent to the bond's MAC,
    /// not to a group.
    pub fn frame(&self, kind: Kind, known: &Known, src: Mac, to_bond: bool) -> Sighting {
        self.judge(kind, || {
            let proves = self.settings.adaptive && to_bond && self.role() == Role::Active;
            let slot = if proves { known.slot(src) } else { None };
            slot.map(Sighting::Answer)
        })
    }

    fn role(&self) -> Role {
        self.port.role(self.settings, self.active)
    }

    /// Judges a frame by arp_validate: where it holds, only valid ones count, elsewhere all that
    /// the filter lets through. arp_adaptive wants to know the answers everywhere.
    fn judge(&self, kind: Kind, valid: impl FnOnce() -> Option<Sighting>) -> Sighting {
        let s = self.settings;
        let validates = s.validates(self.role());
        let unproven = if validates || (s.filters() && kind == Kind::Other) {
            Sighting::Nothing
        } else {
            Sighting::Traffic
        };
        if validates || s.adaptive {
            valid().unwrap_or(unproven)
        } else {
            unproven
        }
    }
}

fn sighting(trust: Trust, slot: Slot) -> Sighting {
    match trust {
        Trust::Requests => Sighting::Request(slot),
        Trust::Answers | Trust::Replies | Trust::Nothing => Sighting::Answer(slot),
    }
}

impl Settings {
    /// For every slot, where its target was in `old`.
    pub(super) fn origins(&self, old: &Settings) -> [Option<Slot>; SLOTS] {
        let mut origins = [None; SLOTS];
        let v4 = numbered(self.arp.iter());
        let v6 = numbered(self.ns.iter());
        let moves = v4
            .map(|(i, ip)| (Slot::v4(i), old.arp.position(ip).and_then(Slot::v4)))
            .chain(v6.map(|(i, ip)| (Slot::v6(i), old.ns.position(ip).and_then(Slot::v6))));
        for (to, from) in moves {
            if let Some(origin) = to.and_then(|to| origins.get_mut(to.index())) {
                *origin = from;
            }
        }
        origins
    }
}
