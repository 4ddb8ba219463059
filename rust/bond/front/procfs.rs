// SPDX-License-Identifier: GPL-2.0

//! /proc/net/rustbond/<bond>.

use core::fmt;

use lag::{
    options::Name,
    status::{self, Ad},
};

use crate::{device::Bond, Cx};

/// The first line; native's begins with "Ethernet Channel Bonding Driver: v".
const TITLE: &str = "Rust Ethernet Channel Bonding Driver: v0.1.0";

/// Writes the text.
pub(crate) fn describe(
    bond: &Bond,
    cx: Cx<'_>,
    to: &mut dyn fmt::Write,
    _admin: bool,
) -> fmt::Result {
    let params = bond.params.get(cx.rtnl);
    let name = |dev: &net::NetDevice| Name::from_nul_padded(dev.name().padded());
    let slaves = || bond.each(cx);
    let primary = slaves()
        .filter_map(|s| name(&s.dev))
        .find(|n| params.primary.as_ref() == Some(n));
    let top = status::Bond {
        name: name(cx.dev).ok_or(fmt::Error)?,
        params: &params,
        primary,
        active: bond.active.get(cx.rtnl).and_then(|s| name(&s.dev)),
        carrier: cx.dev.has_carrier(),
        ipv6: net::device::has_ipv6(),
        system: None,
    };
    status::write_bond(to, TITLE, &top)?;
    for slave in slaves() {
        let (speed, duplex) = slave.speed.get(cx.rtnl);
        status::write_slave(
            to,
            &status::Slave {
                name: name(&slave.dev).ok_or(fmt::Error)?,
                mii_status: slave.status(cx.rtnl).name(),
                speed,
                duplex,
                failures: slave.failures.get(cx.rtnl),
                permanent: slave.own_address.as_bytes(),
                queue_id: slave.queue_id.get(cx.rtnl),
                ad: Ad::Off,
            },
        )?;
    }
    Ok(())
}
