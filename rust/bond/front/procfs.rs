// SPDX-License-Identifier: GPL-2.0

//! /proc/net/rustbond/<bond>.

use core::fmt;

use lag::{
    mode::Mode,
    options::{Name, Params},
    status::{self, Ad, Port, System},
};

use crate::{device::Bond, settings, slave::Slave, Cx};

/// The first line; native's begins with "Ethernet Channel Bonding Driver: v".
const TITLE: &str = "Rust Ethernet Channel Bonding Driver: v0.1.0";

/// Writes the text.
pub(crate) fn describe(
    bond: &Bond,
    cx: Cx<'_>,
    to: &mut dyn fmt::Write,
    admin: bool,
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
        system: admin.then(|| system(bond, &params)),
    };
    status::write_bond(to, TITLE, &top)?;
    for slave in slaves() {
        let (speed, duplex) = slave.speed.get(cx.rtnl);
        let ad = match params.mode {
            Mode::Lacp => port(bond, &slave, admin),
            _ => Ad::Off,
        };
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
                ad,
            },
        )?;
        // Native's text ends here.
        if params.mode == Mode::Lacp && !settings::identity().native {
            let reason = bond.lacp.reason(&slave);
            status::write_reason(to, reason)?;
        }
    }
    Ok(())
}

fn system(bond: &Bond, params: &Params) -> System {
    let (active, mac) = bond.lacp.info();
    System {
        priority: params.ad_actor_sys_prio,
        mac,
        active,
    }
}

/// What LACP knows of a slave.
fn port(bond: &Bond, slave: &Slave, admin: bool) -> Ad<'static> {
    let port = bond.lacp.with_port(slave, |_, _, port| Port {
        aggregator: port.aggregator_id(),
        actor_churn: port.actor_churn().state().word(),
        partner_churn: port.partner_churn().state().word(),
        actor_churned: port.actor_churn().count(),
        partner_churned: port.partner_churn().count(),
        details: admin.then(|| (*port.actor(), *port.partner())),
    });
    port.map_or(Ad::Detached, Ad::Port)
}
