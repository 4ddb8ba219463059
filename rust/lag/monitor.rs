// SPDX-License-Identifier: GPL-2.0

//! The state of links: by their carrier ([`mii`]), by what is heard over them ([`arp`]), and the
//! notifications when the traffic moves ([`notify`]).

pub mod arp;
pub mod mii;
pub mod notify;

/// The state of a slave's link as it is reported. IFLA_BOND_SLAVE_MII_STATUS; the numbers are an
/// ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Status {
    /// BOND_LINK_UP: usable.
    Up = 0,
    /// BOND_LINK_FAIL: lost, and given downdelay to come back.
    Fail = 1,
    /// BOND_LINK_DOWN: not usable.
    Down = 2,
    /// BOND_LINK_BACK: found again, and watched for updelay.
    Back = 3,
}

impl Status {
    /// The status with this number.
    pub const fn from_number(number: u8) -> Option<Status> {
        match number {
            0 => Some(Status::Up),
            1 => Some(Status::Fail),
            2 => Some(Status::Down),
            3 => Some(Status::Back),
            _ => None,
        }
    }

    /// The number used by netlink.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// "MII Status" in /proc, mii_status in sysfs.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Up => "up",
            Status::Fail => "going down",
            Status::Down => "down",
            Status::Back => "going back",
        }
    }
}
