// SPDX-License-Identifier: GPL-2.0

//! Port keys: ports may aggregate only if their keys are equal.
//!
//! Bit 0 is full duplex, bits 1 to 5 a code for the speed, bits 6 to 15 the user's. The layout
//! is an ABI: IFLA_BOND_AD_INFO_ACTOR_KEY, ad_actor_key, /proc.
//!
//! Clause 6.3.5.

/// The full duplex bit.
pub const FULL_DUPLEX: u16 = 1;

/// Returns whether LACP runs on a port with this key, which is one of full duplex.
///
/// Clause 6.4.8, LACP_Enabled.
pub(super) fn runs_lacp(key: u16) -> bool {
    key & FULL_DUPLEX != 0
}

/// Mb/s; a speed's code is its place in the table, from 1.
const SPEEDS: [u32; 19] = [
    1, 10, 100, 1_000, 2_500, 5_000, 10_000, 14_000, 20_000, 25_000, 40_000, 50_000, 56_000,
    80_000, 100_000, 200_000, 400_000, 800_000, 1_600_000,
];

/// The code of a speed in Mb/s, 0 if it has none.
pub fn speed_code(speed: u32) -> u16 {
    (1..=u16::MAX)
        .zip(SPEEDS)
        .find(|(_, known)| *known == speed)
        .map_or(0, |(code, _)| code)
}

/// The part of a key that the user sets; only the lower ten bits of `user` count.
pub const fn user(user: u16) -> u16 {
    user << 6
}

/// The key of a port that runs at `speed` Mb/s.
pub fn key(user_key: u16, speed: u32, full_duplex: bool) -> u16 {
    user(user_key) | (speed_code(speed) << 1) | u16::from(full_duplex)
}
