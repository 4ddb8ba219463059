// SPDX-License-Identifier: GPL-2.0

//! All host tests in one program: built once, not once a file.

// What several of them use.
mod balance;
mod lacp_net;

#[path = "balance_address.rs"]
mod balance_address;
#[path = "balance_rlb.rs"]
mod balance_rlb;
#[path = "balance_tlb.rs"]
mod balance_tlb;
#[path = "batch.rs"]
mod batch;
#[path = "family.rs"]
mod family;
#[path = "hash.rs"]
mod hash;
#[path = "history.rs"]
mod history;
#[path = "lacp_partner.rs"]
mod lacp_partner;
#[path = "lacp_robust.rs"]
mod lacp_robust;
#[path = "lacp_sim.rs"]
mod lacp_sim;
#[path = "lacp_system.rs"]
mod lacp_system;
#[path = "lacp_table.rs"]
mod lacp_table;
#[path = "lacp_wire.rs"]
mod lacp_wire;
#[path = "monitor_arp.rs"]
mod monitor_arp;
#[path = "monitor_arp_net.rs"]
mod monitor_arp_net;
#[path = "monitor_arp_receive.rs"]
mod monitor_arp_receive;
#[path = "monitor_mii.rs"]
mod monitor_mii;
#[path = "monitor_notify.rs"]
mod monitor_notify;
#[path = "options.rs"]
mod options;
#[path = "report.rs"]
mod report;
#[path = "select.rs"]
mod select;
#[path = "status.rs"]
mod status;
#[path = "wire.rs"]
mod wire;

/// A file that is not named above would never run.
#[test]
fn every_file_is_here() {
    let me = include_str!("lag.rs");
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    for entry in std::fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".rs") && name != "lag.rs" {
            assert!(
                me.contains(&format!("\"{name}\"")),
                "tests/lag.rs does not name {name}"
            );
        }
    }
}
