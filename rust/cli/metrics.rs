// SPDX-License-Identifier: GPL-2.0

//! OpenMetrics text, for node_exporter's textfile collector.
//!
//! Only gauges and counters, which Prometheus' older text format has, too: the collector reads that.

use std::fmt::Write;

use lag::family::{bond_counters, slave_counters};

use crate::state::{bits, Bond, Slave, State};
use crate::why;

/// A family of metrics.
struct Family {
    name: &'static str,
    counter: bool,
    help: &'static str,
    samples: Vec<(Vec<(&'static str, String)>, f64)>,
}

/// All families, in order.
struct Page(Vec<Family>);

impl Page {
    fn family(&mut self, name: &'static str, counter: bool, help: &'static str) -> &mut Family {
        let at = match self.0.iter().position(|family| family.name == name) {
            Some(at) => at,
            None => {
                self.0.push(Family {
                    name,
                    counter,
                    help,
                    samples: Vec::new(),
                });
                self.0.len() - 1
            }
        };
        &mut self.0[at]
    }

    fn gauge(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) {
        self.family(name, false, help).add(labels, value);
    }

    fn counter(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: u64,
    ) {
        self.family(name, true, help).add(labels, value as f64);
    }
}

impl Family {
    fn add(&mut self, labels: &[(&'static str, &str)], value: f64) {
        let labels = labels.iter().map(|(name, text)| (*name, escaped(text)));
        self.samples.push((labels.collect(), value));
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn flag(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// The text.
pub fn text(state: &State) -> String {
    let mut page = Page(Vec::new());
    for bond in &state.bonds {
        of_bond(&mut page, bond);
        for slave in &bond.slaves {
            of_slave(&mut page, bond, slave);
        }
    }
    let mut out = String::new();
    for family in &page.0 {
        let (name, kind) = match family.counter {
            true => (format!("{}_total", family.name), "counter"),
            false => (family.name.to_string(), "gauge"),
        };
        // A String takes all.
        let _ = writeln!(out, "# HELP {} {}", family.name, family.help);
        let _ = writeln!(out, "# TYPE {} {kind}", family.name);
        for (labels, value) in &family.samples {
            let labels: Vec<String> = labels
                .iter()
                .map(|(name, text)| format!("{name}=\"{text}\""))
                .collect();
            let _ = writeln!(out, "{name}{{{}}} {value}", labels.join(","));
        }
    }
    out + "# EOF\n"
}

fn of_bond(page: &mut Page, bond: &Bond) {
    let of = &[("bond", bond.name.as_str())][..];
    let (driver, version) = match &bond.driver {
        Some(driver) => (driver.name.as_str(), driver.version.as_str()),
        None => ("", ""),
    };
    page.gauge(
        "bond_info",
        "Identity of the bond; always 1.",
        &[
            ("bond", &bond.name),
            ("kind", &bond.kind),
            ("mode", bond.text("mode").unwrap_or("")),
            ("driver", driver),
            ("version", version),
        ],
        1.0,
    );
    page.gauge("bond_up", "Whether the bond is up.", of, flag(bond.up));
    page.gauge(
        "bond_carrier",
        "Whether the bond has a carrier.",
        of,
        flag(bond.carrier),
    );
    page.gauge(
        "bond_slaves",
        "Number of slaves.",
        of,
        bond.slaves.len() as f64,
    );
    let used = bond.used().count() as f64;
    page.gauge(
        "bond_slaves_used",
        "Number of slaves that carry traffic.",
        of,
        used,
    );
    if let Some(aggregate) = &bond.aggregate {
        let ports = f64::from(aggregate.ports);
        page.gauge(
            "bond_lacp_ports",
            "Number of ports of the active aggregator.",
            of,
            ports,
        );
    }
    of_family(page, bond);
    let verdict = why::judge(bond);
    for (rule, _) in why::rules() {
        let found = verdict
            .findings
            .iter()
            .filter(|finding| finding.rule == rule);
        page.gauge(
            "bond_findings",
            "Number of findings by a rule of 'rustbond why'.",
            &[("bond", &bond.name), ("rule", rule)],
            found.count() as f64,
        );
    }
}

/// Counters that only our driver has.
fn of_family(page: &mut Page, bond: &Bond) {
    let name = bond.name.as_str();
    for (attr, metric, help, label) in [
        (
            bond_counters::FAILOVERS,
            "bond_failovers",
            "Number of times that another slave became the active one; rustbond only.",
            None,
        ),
        (
            bond_counters::CARRIER_CHANGES,
            "bond_carrier_changes",
            "Number of times that the bond's carrier came or went; rustbond only.",
            None,
        ),
        (
            bond_counters::AGGREGATOR_CHANGES,
            "bond_lacp_aggregator_changes",
            "Number of times that the active aggregator changed; rustbond only.",
            None,
        ),
        (
            bond_counters::TX_NO_SLAVE,
            "bond_transmit_dropped_packets",
            DROPPED,
            Some(("reason", "no_slave")),
        ),
        (
            bond_counters::TX_NO_MEMORY,
            "bond_transmit_dropped_packets",
            DROPPED,
            Some(("reason", "no_memory")),
        ),
        (
            bond_counters::FLOWS_MOVED,
            "bond_flows_moved",
            MOVED,
            Some(("cause", "failure")),
        ),
        (
            bond_counters::FLOWS_REBALANCED,
            "bond_flows_moved",
            MOVED,
            Some(("cause", "load")),
        ),
        (
            bond_counters::CLIENTS_MOVED,
            "bond_clients_moved",
            "Clients that balance-alb gave to another slave; rustbond only.",
            None,
        ),
    ] {
        if let Some(count) = bond.counter(attr) {
            let labels: Vec<_> = [("bond", name)].into_iter().chain(label).collect();
            page.counter(metric, help, &labels, count);
        }
    }
    if let Some(records) = bond.records() {
        let help = "Records of the bond's history; rustbond only.";
        page.counter("bond_records", help, &[("bond", name)], records);
    }
}

const DROPPED: &str = "Packets that the bond itself dropped; rustbond only.";
const MOVED: &str =
    "Flows of balance-tlb and balance-alb that went to another slave; rustbond only.";

fn of_slave(page: &mut Page, bond: &Bond, slave: &Slave) {
    let of = &[("bond", bond.name.as_str()), ("slave", slave.name.as_str())][..];
    page.gauge(
        "bond_slave_up",
        "Whether the slave is up.",
        of,
        flag(slave.up),
    );
    page.gauge(
        "bond_slave_carrier",
        "Whether the slave has a carrier.",
        of,
        flag(slave.carrier),
    );
    page.gauge(
        "bond_slave_link",
        "Whether the bond's monitoring takes the link for up.",
        of,
        flag(slave.is_linked()),
    );
    page.gauge(
        "bond_slave_used",
        "Whether the slave carries the bond's traffic.",
        of,
        flag(bond.uses(slave)),
    );
    if let Some(speed) = slave.speed.filter(|_| slave.carrier) {
        let octets = f64::from(speed) * 1e6 / 8.0;
        page.gauge(
            "bond_slave_speed_bytes",
            "Speed in octets per second.",
            of,
            octets,
        );
    }
    page.counter(
        "bond_slave_link_failures",
        "Number of times that the monitoring took the link down.",
        of,
        slave.link_failures.into(),
    );
    if let Some(changes) = slave.carrier_changes {
        let help = "Number of times that the carrier came or went.";
        page.counter("bond_slave_carrier_changes", help, of, changes.into());
    }
    let traffic = &slave.traffic;
    for (name, help, value) in [
        (
            "bond_slave_receive_bytes",
            "Octets received.",
            traffic.rx_bytes,
        ),
        (
            "bond_slave_transmit_bytes",
            "Octets transmitted.",
            traffic.tx_bytes,
        ),
        (
            "bond_slave_receive_packets",
            "Packets received.",
            traffic.rx_packets,
        ),
        (
            "bond_slave_transmit_packets",
            "Packets transmitted.",
            traffic.tx_packets,
        ),
        (
            "bond_slave_receive_errors",
            "Bad frames received.",
            traffic.rx_errors,
        ),
        (
            "bond_slave_transmit_errors",
            "Failures to transmit.",
            traffic.tx_errors,
        ),
        (
            "bond_slave_receive_drops",
            "Received frames dropped.",
            traffic.rx_dropped,
        ),
        (
            "bond_slave_transmit_drops",
            "Frames dropped on their way out.",
            traffic.tx_dropped,
        ),
    ] {
        page.counter(name, help, of, value);
    }
    for (attr, name, help) in [
        (
            slave_counters::PROBES_SENT,
            "bond_slave_probes_sent",
            "Rounds of ARP requests or neighbour solicitations sent; rustbond only.",
        ),
        (
            slave_counters::PROBES_ANSWERED,
            "bond_slave_probes_answered",
            "Answers of targets that came in; rustbond only.",
        ),
    ] {
        if let Some(count) = slave.counter(attr) {
            page.counter(name, help, of, count);
        }
    }
    of_port(page, of, slave);
}

fn of_port(page: &mut Page, of: &[(&'static str, &str)], slave: &Slave) {
    let Some(port) = &slave.port else {
        return;
    };
    if let Some(number) = port.aggregator {
        let help = "Number of the port's aggregator.";
        page.gauge("bond_slave_lacp_aggregator", help, of, number.into());
    }
    for (end, state) in [("actor", port.actor_state), ("partner", port.partner_state)] {
        let Some(state) = state else { continue };
        for (bit, word) in bits::WORDS {
            let word = word.replace(' ', "_");
            let labels = [of, &[("end", end), ("flag", &word)]].concat();
            page.gauge(
                "bond_slave_lacp_state",
                "Flags of a port's state, of this end and as the partner tells its own.",
                &labels,
                flag(state & bit != 0),
            );
        }
    }
    if let Some(reason) = &port.reason {
        let labels = [of, &[("reason", reason.word.as_str())]].concat();
        page.gauge(
            "bond_slave_lacp_reason",
            "Why the port is not used, as bonding_slave/ad_reason numbers it; rustbond only.",
            &labels,
            reason.number.into(),
        );
    }
    if let Some(strays) = port.strays {
        let help = "LACPDUs of another system than the partner; rustbond only.";
        page.counter("bond_slave_lacp_strays", help, of, strays);
    }
    if let Some(dropped) = port.dropped {
        let help = "LACPDUs that were not read; rustbond only.";
        page.counter("bond_slave_lacp_dropped", help, of, dropped);
    }
}
