// SPDX-License-Identifier: GPL-2.0

//! Settings of LACP.

use crate::mac::Mac;
use crate::options::AdSelect;

/// Coupling of Collecting and Distributing. IFLA_BOND_COUPLED_CONTROL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// Together: 1, figure 6-22.
    #[default]
    Coupled,
    /// Apart: 0, figure 6-21; nothing is sent before the partner collects.
    Independent,
}

/// The settings of a bond that concern LACP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// lacp_rate fast: the partner shall send a PDU a second. IFLA_BOND_AD_LACP_RATE.
    pub fast: bool,
    /// lacp_active: speak without being spoken to. IFLA_BOND_AD_LACP_ACTIVE.
    pub active: bool,
    /// lacp_strict: no traffic without a partner. IFLA_BOND_LACP_STRICT.
    pub strict: bool,
    /// Which aggregator becomes the active one. IFLA_BOND_AD_SELECT.
    pub select: AdSelect,
    /// Number of links that must be up for the bond to have a carrier. IFLA_BOND_MIN_LINKS.
    pub min_links: u32,
    /// System priority, 1 to 65535, lower is better. IFLA_BOND_AD_ACTOR_SYS_PRIO.
    pub system_priority: u16,
    /// The system's address; zero stands for the bond's own. IFLA_BOND_AD_ACTOR_SYSTEM.
    pub system: Mac,
    /// The upper ten bits of each port's key. IFLA_BOND_AD_USER_PORT_KEY.
    pub user_key: u16,
    /// coupled_control.
    pub control: Control,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            fast: false,
            active: true,
            strict: false,
            select: AdSelect::Stable,
            min_links: 0,
            system_priority: 0xffff,
            system: Mac::ZERO,
            user_key: 0,
            control: Control::Coupled,
        }
    }
}
