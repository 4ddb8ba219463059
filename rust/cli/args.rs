// SPDX-License-Identifier: GPL-2.0

//! Arguments of the command. Help, completions and the man page are made from it.

use std::net::IpAddr;

use clap::{Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::flow::{Frame, Mac, Protocol};

/// Shows bonds, those of the kernel's own bonding and those of rustbond, and says what is wrong with
/// them
#[derive(Clone, Debug, Parser)]
#[command(name = "rustbond", version, about, after_long_help = after())]
#[command(disable_help_subcommand = true)]
pub struct Args {
    /// Command to run
    #[command(subcommand)]
    pub command: Command,
}

/// The meaning of the exit status.
pub const EXIT: &str =
    "0, or with 'why' 1 if something is wrong; 2 if nothing could be looked at, or \
    the command line is wrong.";

/// Rights that the command needs.
pub const RIGHTS: &str =
    "Every user may look. Of 802.3ad the kernel tells some (both ends of each \
    port, own system and key) to root only, and 'flow' is for root only.";

fn after() -> String {
    format!("Exit status: {EXIT}\n\n{RIGHTS}")
}

/// A command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Draw bonds: mode, slaves, links, the active one, LACP partners, who has carried what
    Show {
        /// Only this bond
        #[arg(value_hint = ValueHint::Other)]
        bond: Option<String>,
        /// Print all that is known, as JSON
        #[arg(long)]
        json: bool,
        /// Print metrics in OpenMetrics text, for node_exporter's textfile collector
        #[arg(long, conflicts_with = "json")]
        prometheus: bool,
    },
    /// Say what is wrong, and what to do
    #[command(long_about = long_why())]
    Why {
        /// Only this bond
        #[arg(value_hint = ValueHint::Other)]
        bond: Option<String>,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Follow bonds in the terminal: rates, events, LACP states; q ends it
    Watch {
        /// Only this bond
        #[arg(value_hint = ValueHint::Other)]
        bond: Option<String>,
        /// Seconds between two looks
        #[arg(long, default_value_t = 1.0, value_parser = seconds)]
        interval: f64,
    },
    /// Print the records of what has changed: links, active slave, LACP, options, members
    History {
        /// Only this bond
        #[arg(value_hint = ValueHint::Other)]
        bond: Option<String>,
        /// Go on with records as they are made, until it is interrupted
        #[arg(long)]
        follow: bool,
        /// Only records behind this number
        #[arg(long, value_name = "SEQ", default_value_t = 0)]
        since: u64,
        /// Print a JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Say which slave carries a flow now; with CAP_NET_ADMIN
    Flow(Flow),
    /// Print completions for a shell
    Completions {
        /// Name of the shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// A flow, by a frame of it or by what its frames name.
#[derive(Clone, Debug, clap::Args)]
pub struct Flow {
    /// The bond
    #[arg(value_hint = ValueHint::Other)]
    pub bond: String,
    /// Head of a frame in hexadecimal digits, from its destination MAC address on; or - to read
    /// frames from stdin, a line each, and print a line for each
    #[arg(long, value_name = "HEX", conflicts_with_all = TUPLE)]
    pub frame: Option<Frame>,
    /// Source MAC address [default: the bond's]
    #[arg(long, value_name = "MAC")]
    pub src_mac: Option<Mac>,
    /// Destination MAC address [default: that of the multicast group of --dst, or 02:00:00:00:00:01]
    #[arg(long, value_name = "MAC")]
    pub dst_mac: Option<Mac>,
    /// Number of the VLAN; of several, the outer one first
    #[arg(long, value_name = "ID")]
    pub vlan: Vec<u16>,
    /// Source IP address
    #[arg(long, value_name = "IP")]
    pub src: Option<IpAddr>,
    /// Destination IP address
    #[arg(long, value_name = "IP")]
    pub dst: Option<IpAddr>,
    /// Protocol above IP: tcp, udp, icmp or a number
    #[arg(long, value_name = "PROTO", default_value = "tcp")]
    pub proto: Protocol,
    /// Source port; with icmp, the identifier of the echo request
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub sport: u16,
    /// Destination port
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub dport: u16,
    /// Print the answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments in whose place --frame stands.
const TUPLE: [&str; 8] = [
    "src_mac", "dst_mac", "vlan", "src", "dst", "proto", "sport", "dport",
];

fn long_why() -> String {
    let mut text = String::from("Say what is wrong, and what to do.\n\nIt finds:\n\n");
    for (name, what) in crate::why::rules() {
        text += &format!("  {name}: {what}\n");
    }
    text
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("say a number of seconds from 0.1 to 3600".to_string()),
    }
}
