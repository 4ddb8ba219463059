// SPDX-License-Identifier: GPL-2.0

//! Ethernet addresses.

use core::fmt;

/// A 48-bit MAC address, in the order of the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// 00:00:00:00:00:00, which stands for "none" wherever bonding prints an address.
    pub const ZERO: Mac = Mac([0; 6]);
    /// ff:ff:ff:ff:ff:ff.
    pub const BROADCAST: Mac = Mac([0xff; 6]);

    /// The group bit of the first octet: multicast or broadcast.
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }

    /// All octets are zero.
    pub fn is_zero(self) -> bool {
        self == Mac::ZERO
    }

    /// May be the address of one station: neither a group nor zero.
    pub fn is_valid_unicast(self) -> bool {
        !self.is_multicast() && !self.is_zero()
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
