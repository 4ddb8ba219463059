// SPDX-License-Identifier: GPL-2.0

//! The files that are read and never written.

use core::fmt::{self, Write};

use super::show::View;
use crate::mode::Mode;

/// A value that is read and never set: the other files in `bonding/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// mii_status.
    MiiStatus,
    /// ad_aggregator.
    AdAggregator,
    /// ad_num_ports.
    AdNumPorts,
    /// ad_actor_key.
    AdActorKey,
    /// ad_partner_key.
    AdPartnerKey,
    /// ad_partner_mac.
    AdPartnerMac,
}

impl Reading {
    /// Every one.
    pub const ALL: [Reading; 6] = [
        Reading::MiiStatus,
        Reading::AdAggregator,
        Reading::AdNumPorts,
        Reading::AdActorKey,
        Reading::AdPartnerKey,
        Reading::AdPartnerMac,
    ];

    /// The file in `bonding/`.
    pub const fn file(self) -> &'static str {
        match self {
            Reading::MiiStatus => "mii_status",
            Reading::AdAggregator => "ad_aggregator",
            Reading::AdNumPorts => "ad_num_ports",
            Reading::AdActorKey => "ad_actor_key",
            Reading::AdPartnerKey => "ad_partner_key",
            Reading::AdPartnerMac => "ad_partner_mac",
        }
    }

    /// Writes the file's text; none where native has none.
    pub fn show(self, view: &View<'_>, out: &mut dyn Write) -> fmt::Result {
        let lacp = view.params.mode == Mode::Lacp;
        let ad = view.ad.unwrap_or_default();
        let number = match self {
            Reading::MiiStatus => {
                return out.write_str(if view.carrier { "up\n" } else { "down\n" })
            }
            Reading::AdPartnerMac => {
                return match view.ad {
                    Some(ad) if view.sees_lacp() => writeln!(out, "{}", ad.partner),
                    _ => Ok(()),
                }
            }
            Reading::AdAggregator if lacp => ad.aggregator,
            Reading::AdNumPorts if lacp => ad.ports,
            Reading::AdActorKey if view.sees_lacp() => ad.actor_key,
            Reading::AdPartnerKey if view.sees_lacp() => ad.partner_key,
            _ => return Ok(()),
        };
        writeln!(out, "{number}")
    }
}

/// A file in `bonding_slave/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlaveReading {
    /// state: whether it is the active slave or a backup.
    State,
    /// mii_status.
    MiiStatus,
    /// link_failure_count.
    LinkFailureCount,
    /// perm_hwaddr.
    PermHwaddr,
    /// queue_id.
    QueueId,
    /// ad_aggregator_id.
    AdAggregatorId,
    /// ad_actor_oper_port_state.
    AdActorOperPortState,
    /// ad_partner_oper_port_state.
    AdPartnerOperPortState,
    /// ad_reason: why 802.3ad does not use the port.
    AdReason,
    /// ad_strays: LACPDUs of another system than the partner.
    AdStrays,
    /// ad_dropped: LACPDUs that were not read.
    AdDropped,
}

impl SlaveReading {
    /// Every one: those of native bonding, then ours.
    pub const ALL: [SlaveReading; 11] = [
        SlaveReading::State,
        SlaveReading::MiiStatus,
        SlaveReading::LinkFailureCount,
        SlaveReading::PermHwaddr,
        SlaveReading::QueueId,
        SlaveReading::AdAggregatorId,
        SlaveReading::AdActorOperPortState,
        SlaveReading::AdPartnerOperPortState,
        SlaveReading::AdReason,
        SlaveReading::AdStrays,
        SlaveReading::AdDropped,
    ];

    /// The file in `bonding_slave/`.
    pub const fn file(self) -> &'static str {
        match self {
            SlaveReading::State => "state",
            SlaveReading::MiiStatus => "mii_status",
            SlaveReading::LinkFailureCount => "link_failure_count",
            SlaveReading::PermHwaddr => "perm_hwaddr",
            SlaveReading::QueueId => "queue_id",
            SlaveReading::AdAggregatorId => "ad_aggregator_id",
            SlaveReading::AdActorOperPortState => "ad_actor_oper_port_state",
            SlaveReading::AdPartnerOperPortState => "ad_partner_oper_port_state",
            SlaveReading::AdReason => "ad_reason",
            SlaveReading::AdStrays => "ad_strays",
            SlaveReading::AdDropped => "ad_dropped",
        }
    }

    /// Native bonding has no such file.
    pub const fn ours(self) -> bool {
        matches!(
            self,
            SlaveReading::AdReason | SlaveReading::AdStrays | SlaveReading::AdDropped
        )
    }
}
