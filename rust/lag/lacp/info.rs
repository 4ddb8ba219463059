// SPDX-License-Identifier: GPL-2.0

//! Data of the active aggregator, for readers.

use crate::mac::Mac;

/// The active aggregator. IFLA_BOND_AD_INFO.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdInfo {
    /// Its number. IFLA_BOND_AD_INFO_AGGREGATOR.
    pub aggregator: u16,
    /// Its ports with a link. IFLA_BOND_AD_INFO_NUM_PORTS.
    pub ports: u16,
    /// Their key. IFLA_BOND_AD_INFO_ACTOR_KEY.
    pub actor_key: u16,
    /// The key of the partner's ports. IFLA_BOND_AD_INFO_PARTNER_KEY.
    pub partner_key: u16,
    /// The partner's system, zero if there is none. IFLA_BOND_AD_INFO_PARTNER_MAC.
    pub partner: Mac,
}
