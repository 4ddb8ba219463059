// SPDX-License-Identifier: GPL-2.0

//! `/proc/net/rustbond/BOND`.

use core::fmt;

use lag::{
    mode::Mode,
    options::{Name, Params},
    status::{self, Ad, Port, System},
};

use netdev::{prelude::*, NetDevice, Rcu};

use crate::{settings, slave::Slave, state::Bond, tx::View};

/// The first line up to the version; native's begins with "Ethernet Channel Bonding Driver: v".
const TITLE: &str = "Rust Ethernet Channel Bonding Driver: v";

/// Writes the text.
pub(crate) fn describe(
    bond: &Bond,
    dev: &NetDevice,
    to: &mut dyn fmt::Write,
    admin: bool,
    rcu: &Rcu,
) -> Result {
    let view = bond.view.read(rcu).ok_or(EAGAIN)?;
    write(bond, dev, view, to, admin, rcu).map_err(|fmt::Error| EIO)
}

fn write(
    bond: &Bond,
    dev: &NetDevice,
    view: &View,
    to: &mut dyn fmt::Write,
    admin: bool,
    rcu: &Rcu,
) -> fmt::Result {
    let params: &Params = bond.params.read(rcu);
    let name = |dev: &NetDevice| Name::from_nul_padded(dev.name().padded());
    let primary = view
        .all
        .iter()
        .filter_map(|s| name(&s.dev))
        .find(|n| params.primary.as_ref() == Some(n));
    let top = status::Bond {
        name: name(dev).ok_or(fmt::Error)?,
        params,
        primary,
        active: view.active.as_ref().and_then(|s| name(&s.dev)),
        carrier: dev.netif_carrier_ok(),
        ipv6: netdev::device::has_ipv6(),
        system: admin.then(|| system(bond, params)),
    };
    to.write_str(TITLE)?;
    status::write_bond(to, compat::params::VERSION, &top)?;
    for slave in &view.all {
        let (speed, duplex) = slave.speed.get();
        let ad = match params.mode {
            Mode::Lacp => port(bond, slave, admin),
            _ => Ad::Off,
        };
        status::write_slave(
            to,
            &status::Slave {
                name: name(&slave.dev).ok_or(fmt::Error)?,
                mii_status: slave.status().name(),
                speed,
                duplex,
                failures: slave.failures(),
                permanent: slave.own_address.as_bytes(),
                queue_id: slave.queue_id.get(),
                ad,
            },
        )?;
        // Native's text ends here.
        if params.mode == Mode::Lacp && !settings::identity().native {
            let (strays, dropped) = (bond.lacp.strays(slave), bond.lacp.dropped(slave));
            status::write_reason(to, bond.lacp.reason(slave), strays, dropped)?;
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

/// Returns the LACP part of a slave's block.
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
