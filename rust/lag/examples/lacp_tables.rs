// SPDX-License-Identifier: GPL-2.0

//! Writes the transition tables of the LACP machines: `cargo run --example lacp_tables` as
//! reStructuredText, with `dot` after it as a Graphviz drawing of all of them.

use std::fmt::{Display, Write};

use lag::lacp::table::Arc;
use lag::lacp::{churn, mux, periodic, rx};

/// One diagram of the standard, as text.
struct Machine {
    title: &'static str,
    figure: &'static str,
    first: String,
    arcs: Vec<[String; 3]>,
}

fn machine<S, C>(title: &'static str, figure: &'static str, table: &[Arc<S, C>]) -> Machine
where
    S: Display + Default,
    C: Display,
{
    let mut arcs = Vec::new();
    for arc in table.iter().filter(|arc| arc.when.to_string() != "BEGIN") {
        for from in arc.from {
            arcs.push([from.to_string(), arc.when.to_string(), arc.to.to_string()]);
        }
    }
    let first = S::default().to_string();
    Machine {
        title,
        figure,
        first,
        arcs,
    }
}

fn machines() -> Vec<Machine> {
    vec![
        machine("Receive machine", "6.4.12, figure 6-18", rx::TABLE),
        machine(
            "Periodic Transmission machine",
            "6.4.13, figure 6-19",
            periodic::TABLE,
        ),
        machine(
            "Mux machine, independent control",
            "6.4.15, figure 6-21",
            mux::INDEPENDENT,
        ),
        machine(
            "Mux machine, coupled control",
            "6.4.15, figure 6-22",
            mux::COUPLED,
        ),
        machine(
            "Churn Detection machine",
            "6.4.17, figures 6-23 and 6-24",
            churn::TABLE,
        ),
    ]
}

/// The tables as a page of documentation.
pub fn rst() -> String {
    let mut out = String::from(
        ".. SPDX-License-Identifier: GPL-2.0\n\
         .. Written by \"cargo run --example lacp_tables\" in rust/lag; a test compares.\n\n\
         ======================================\n\
         Transition tables of the LACP machines\n\
         ======================================\n\n\
         The figures are those of IEEE 802.1AX-2014. Of two transitions that could be taken the\n\
         upper is; on BEGIN every machine goes to its first state.\n",
    );
    for m in machines() {
        let line = "=".repeat(m.title.len());
        let width = |i: usize| m.arcs.iter().map(|a| a[i].len()).max().unwrap_or(0).max(4);
        let (w0, w1, w2) = (width(0), width(1), width(2));
        let rule = format!("{} {} {}\n", "=".repeat(w0), "=".repeat(w1), "=".repeat(w2));
        let _ = write!(
            out,
            "\n{}\n{line}\n\n{}; starts in {}.\n\n",
            m.title, m.figure, m.first
        );
        let mut row = |a: &str, b: &str, c: &str| {
            out.push_str(format!("{a:w0$} {b:w1$} {c}").trim_end());
            out.push('\n');
        };
        row(rule.trim_end(), "", "");
        row("From", "When", "To");
        row(rule.trim_end(), "", "");
        for [from, when, to] in &m.arcs {
            row(from, when, to);
        }
        row(rule.trim_end(), "", "");
    }
    out
}

/// The tables as a drawing.
pub fn dot() -> String {
    let mut out = String::from(
        "// SPDX-License-Identifier: GPL-2.0\n\
         // Written by \"cargo run --example lacp_tables dot\" in rust/lag; a test compares.\n\
         digraph lacp {\n\tnode [shape=box];\n",
    );
    for (n, m) in machines().iter().enumerate() {
        let _ = write!(
            out,
            "\tsubgraph cluster_{n} {{\n\t\tlabel=\"{}\\n{}\";\n\t\t\"{n}begin\" [shape=point];\n",
            m.title, m.figure
        );
        let _ = writeln!(
            out,
            "\t\t\"{n}begin\" -> \"{n}{}\" [label=\"BEGIN\"];",
            m.first
        );
        let mut states: Vec<&String> = m.arcs.iter().flat_map(|a| [&a[0], &a[2]]).collect();
        states.sort();
        states.dedup();
        for state in states {
            let _ = writeln!(out, "\t\t\"{n}{state}\" [label=\"{state}\"];");
        }
        for [from, when, to] in &m.arcs {
            let when = when.replace(" || ", "\\n|| ");
            let _ = writeln!(out, "\t\t\"{n}{from}\" -> \"{n}{to}\" [label=\"{when}\"];");
        }
        out.push_str("\t}\n");
    }
    out.push_str("}\n");
    out
}

fn main() {
    let wants_dot = std::env::args().nth(1).is_some_and(|arg| arg == "dot");
    print!("{}", if wants_dot { dot() } else { rst() });
}
