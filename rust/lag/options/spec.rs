// SPDX-License-Identifier: GPL-2.0

//! Types of which the rows of the table are made.

use crate::mode::Modes;

/// The netlink attribute that carries an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attr {
    /// IFLA_BOND_*, in IFLA_INFO_DATA of the bond.
    Bond(u16),
    /// IFLA_BOND_SLAVE_*, in IFLA_INFO_SLAVE_DATA of the slave.
    Slave(u16),
}

/// The type of an attribute's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits, byte order of the machine.
    U16,
    /// Unsigned, 32 bits, byte order of the machine.
    U32,
    /// Signed, 32 bits, byte order of the machine.
    S32,
    /// Six octets.
    Mac,
    /// Nested attributes, their type the slot, each four octets in the order of the wire.
    Nested4,
    /// Nested attributes, their type the slot, each 16 octets in the order of the wire.
    Nested6,
    /// No attribute carries the option.
    None,
}

/// The values an option with numbers can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Names that stand for a number. A number that has a name is allowed.
    pub words: &'static [(&'static str, i64)],
    /// The number for which the word `default` stands.
    pub default: Option<i64>,
    /// Numbers without a name that are allowed, both ends included.
    pub range: Option<(i64, i64)>,
    /// sysfs shows the name before the number.
    pub named: bool,
}

impl Numbers {
    /// The number can be set.
    pub fn allows(&self, number: i64) -> bool {
        self.words.iter().any(|(_, n)| *n == number)
            || self
                .range
                .is_some_and(|(min, max)| (min..=max).contains(&number))
    }

    /// The number that a word stands for.
    pub fn by_word(&self, word: &[u8]) -> Option<i64> {
        if word == b"default" {
            if let Some(number) = self.default {
                return Some(number);
            }
        }
        let found = self.words.iter().find(|(name, _)| name.as_bytes() == word);
        found.map(|(_, number)| *number)
    }

    /// The first name of a number.
    pub fn word(&self, number: i64) -> Option<&'static str> {
        let found = self.words.iter().find(|(_, n)| *n == number);
        found.map(|(name, _)| *name)
    }
}

/// The kind of an option's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number, or a name that stands for one.
    Number(Numbers),
    /// A list of IPv4 addresses; text adds or removes one: `+a.b.c.d`, `-a.b.c.d`.
    Targets4,
    /// A list of IPv6 addresses; only netlink sets it.
    Targets6,
    /// An Ethernet address.
    Mac,
    /// A slave: text is its name, netlink has its ifindex, nothing or 0 is none of them.
    Interface,
    /// The slaves; text adds or removes one: `+eth0`, `-eth0`.
    Membership,
    /// One number for each slave, both ends included; text is `eth0:1`.
    PerSlave {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// The number of a new slave.
        default: i64,
    },
}

/// All that is fixed about an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The name in messages, and of the sysfs file if there is one.
    pub name: &'static str,
    /// The netlink attribute.
    pub attr: Option<Attr>,
    /// The type of the attribute's payload.
    pub width: Width,
    /// The values that can be set.
    pub kind: Kind,
    /// The modes in which it cannot be set: EACCES.
    pub not_in: Modes,
    /// It can be set only while the bond has no slaves: ENOTEMPTY.
    pub no_slaves: bool,
    /// It can be set only while the bond is down: EBUSY.
    pub down: bool,
    /// The files in `bonding/` of the device.
    pub files: &'static [&'static str],
    /// The module parameters.
    pub params: &'static [&'static str],
    /// Native bonding has no such option.
    pub ours: bool,
}

/// The prose about an option: the module does without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Its doc comment, line by line, each with a blank at its start. The first sentence stands alone;
    /// `# Errors` begins a list of errors besides those that follow from [`Spec`], and `# Native` what
    /// native bonding does otherwise.
    pub doc: &'static str,
    /// The unit of its numbers, or nothing.
    pub unit: &'static str,
    /// The name of its attribute in linux/if_link.h, or nothing.
    pub attr: &'static str,
    /// Descriptions of its words, in the order of [`Numbers::words`], as far as they have one.
    pub words: &'static [&'static str],
}

/// An option without any door.
pub(super) const NOWHERE: Spec = Spec {
    name: "",
    attr: None,
    width: Width::None,
    kind: Kind::Membership,
    not_in: Modes::NONE,
    no_slaves: false,
    down: false,
    files: &[],
    params: &[],
    ours: false,
};

/// An option that a netlink attribute of the bond carries.
pub(super) const fn bond(attr: u16, width: Width, name: &'static str, kind: Kind) -> Spec {
    Spec {
        name,
        attr: Some(Attr::Bond(attr)),
        width,
        kind,
        ..NOWHERE
    }
}

/// An option that a netlink attribute of a slave carries.
pub(super) const fn slave(attr: u16, width: Width, name: &'static str, kind: Kind) -> Spec {
    Spec {
        name,
        attr: Some(Attr::Slave(attr)),
        width,
        kind,
        ..NOWHERE
    }
}

/// Names only.
pub(super) const fn words(words: &'static [(&'static str, i64)], default: Option<i64>) -> Kind {
    Kind::Number(Numbers {
        words,
        default,
        range: None,
        named: true,
    })
}

/// `off` and `on`, shown as a bare number.
pub(super) const fn switch(default: i64) -> Kind {
    Kind::Number(Numbers {
        words: OFF_ON,
        default: Some(default),
        range: None,
        named: false,
    })
}

/// Numbers from `min` to the one that is called `maxval`, and the names of some.
pub(super) const fn range(
    min: i64,
    max: i64,
    default: Option<i64>,
    words: &'static [(&'static str, i64)],
) -> Kind {
    Kind::Number(Numbers {
        words,
        default,
        range: Some((min, max)),
        named: false,
    })
}

/// Names of a switch.
pub(super) const OFF_ON: &[(&str, i64)] = &[("off", 0), ("on", 1)];
