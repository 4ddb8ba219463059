// SPDX-License-Identifier: GPL-2.0

//! `/sys/class/net/BOND/bonding/`: a file for each option and each reading; and
//! `/sys/class/net/SLAVE/bonding_slave/`: what there is to say of a slave.

use core::fmt;

use kernel::str::CStr;
use lag::{
    lacp::port::Port,
    mode::Mode,
    options::{self, Opt, Quote, Reading, SlaveReading, Value},
    report::{Door, Event},
};
use netdev::{
    device::Notice,
    prelude::*,
    sysfs::{Attribute, Files, PortFiles},
    NetDevice, Rcu, Rtnl,
};

use crate::{
    commit::{self, Failure},
    slave::Slave,
    state::Bond,
    Cx,
};

impl Files for Bond {
    const GROUP: &'static CStr = c"bonding";

    fn attribute(number: usize) -> Option<Attribute> {
        attribute(number)
    }

    fn show(
        &self,
        dev: &NetDevice,
        file: usize,
        to: &mut dyn fmt::Write,
        admin: bool,
        rcu: &Rcu,
    ) -> Result {
        show(self, dev, file, to, admin, rcu)
    }

    fn store(&self, dev: &NetDevice, file: usize, text: &[u8], rtnl: &Rtnl) -> Result {
        store(self, Cx { dev, rtnl }, file, text)
    }
}

impl PortFiles for Bond {
    const PORT_GROUP: &'static CStr = c"bonding_slave";

    fn port_file(number: usize) -> Option<&'static str> {
        slave_file(number)
    }

    fn show_port(&self, slave: &Slave, file: usize, to: &mut dyn fmt::Write, rcu: &Rcu) -> Result {
        show_slave(self, slave, file, to, rcu)
    }
}

/// The option or reading that a file stands for.
enum File {
    Option(Opt),
    Reading(Reading),
}

/// The file with that number, and its name.
fn file(number: usize) -> Option<(File, &'static str)> {
    let options = Opt::ALL.iter().flat_map(|opt| {
        opt.spec()
            .files
            .iter()
            .map(|name| (File::Option(*opt), *name))
    });
    let readings = Reading::ALL
        .iter()
        .map(|reading| (File::Reading(*reading), reading.file()));
    Iterator::chain(options, readings).nth(number)
}

/// Returns name and mode of a file, or none behind the last.
pub(crate) fn attribute(number: usize) -> Option<Attribute> {
    file(number).map(|(file, name)| Attribute {
        name,
        writable: matches!(file, File::Option(_)),
    })
}

/// Writes what a file says.
pub(crate) fn show(
    bond: &Bond,
    dev: &NetDevice,
    number: usize,
    to: &mut dyn fmt::Write,
    admin: bool,
    rcu: &Rcu,
) -> Result {
    let written = commit::with_seen(bond, dev, admin, rcu, |view| match file(number) {
        Some((File::Option(opt), _)) => options::show(opt, view, to),
        Some((File::Reading(reading), _)) => reading.show(view, to),
        None => Err(fmt::Error),
    })?;
    written.map_err(|fmt::Error| EIO)
}

/// Carries out what has been written into a file. The log says why it was not.
pub(crate) fn store(bond: &Bond, cx: Cx<'_>, number: usize, text: &[u8]) -> Result {
    let Some((File::Option(opt), _)) = file(number) else {
        return Err(EPERM);
    };
    set(bond, cx, opt, text)
}

/// Sets an option by a text, and tells all who listen. The log says why it was refused.
pub(crate) fn set(bond: &Bond, cx: Cx<'_>, opt: Opt, text: &[u8]) -> Result {
    match bond.request(cx, &[(opt, Value::Text(text))], None) {
        Ok(()) => {
            let _ = cx
                .dev
                .call_netdevice_notifiers(cx.rtnl, Notice::ChangeInfoData);
            Ok(())
        }
        Err(failure) => Err(refused(cx, opt, text, &failure)),
    }
}

/// Tells why; out of the way of what succeeds, which goes deep.
#[cold]
#[inline(never)]
fn refused(cx: Cx<'_>, opt: Opt, text: &[u8], failure: &Failure) -> Error {
    match failure {
        Failure::Failed(e) => {
            cx.report(Event::NotDone(opt, Quote::text(text), e.to_errno()));
            *e
        }
        Failure::Refused(refusal) => {
            cx.report(Event::Refused(refusal, Door::File));
            Error::from_errno(refusal.errno.number())
        }
    }
}

/// The name of the file with that number.
pub(crate) fn slave_file(number: usize) -> Option<&'static str> {
    SlaveReading::ALL.get(number).map(|file| file.file())
}

/// Writes what a file of a slave says.
pub(crate) fn show_slave(
    bond: &Bond,
    slave: &Slave,
    number: usize,
    to: &mut dyn fmt::Write,
    rcu: &Rcu,
) -> Result {
    let mode = bond.params.read(rcu).mode;
    // Of a port that is in an aggregator.
    let port = |read: fn(&Port) -> u16| {
        let lacp = mode == Mode::Lacp;
        let port = bond.lacp.with_port(slave, |_, _, port| *port);
        port.filter(|port| lacp && port.aggregator_id() != 0)
            .map(|port| read(&port))
    };
    let or_none = |to: &mut dyn fmt::Write, number: Option<u16>| match number {
        Some(number) => writeln!(to, "{number}"),
        None => writeln!(to, "N/A"),
    };
    let file = SlaveReading::ALL.get(number).ok_or(EIO)?;
    let written = match file {
        SlaveReading::State if slave.is_backup() => writeln!(to, "backup"),
        SlaveReading::State => writeln!(to, "active"),
        SlaveReading::MiiStatus => writeln!(to, "{}", slave.status().name()),
        SlaveReading::LinkFailureCount => writeln!(to, "{}", slave.failures()),
        SlaveReading::PermHwaddr => writeln!(to, "{}", slave.own_address),
        SlaveReading::QueueId => writeln!(to, "{}", slave.queue_id.get()),
        SlaveReading::AdAggregatorId => or_none(to, port(Port::aggregator_id)),
        SlaveReading::AdActorOperPortState => or_none(to, port(|p| p.actor().state.0.into())),
        SlaveReading::AdPartnerOperPortState => or_none(to, port(|p| p.partner().state.0.into())),
        SlaveReading::AdReason | SlaveReading::AdStrays | SlaveReading::AdDropped
            if mode != Mode::Lacp =>
        {
            writeln!(to, "N/A")
        }
        SlaveReading::AdReason => match bond.lacp.reason(slave) {
            Some(reason) => writeln!(to, "{} {}", reason.word(), reason.number()),
            None => writeln!(to, "none 0"),
        },
        SlaveReading::AdStrays => writeln!(to, "{}", bond.lacp.strays(slave)),
        SlaveReading::AdDropped => writeln!(to, "{}", bond.lacp.dropped(slave)),
    };
    written.map_err(|fmt::Error| EIO)
}
