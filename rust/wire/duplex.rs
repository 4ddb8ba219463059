// SPDX-License-Identifier: GPL-2.0

//! The duplex of a link.

use core::fmt;

/// A link's duplex, the worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Duplex {
    /// The device does not say.
    #[default]
    Unknown,
    /// One direction at a time.
    Half,
    /// Both at once.
    Full,
}

impl Duplex {
    /// From ethtool's DUPLEX_*: 0 half, 1 full, 255 unknown.
    pub const fn from_ethtool(duplex: u8) -> Duplex {
        match duplex {
            0 => Duplex::Half,
            0xff => Duplex::Unknown,
            _ => Duplex::Full,
        }
    }
}

impl fmt::Display for Duplex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Duplex::Unknown => "Unknown",
            Duplex::Half => "half",
            Duplex::Full => "full",
        })
    }
}
