// SPDX-License-Identifier: GPL-2.0

//! MAC addresses of bond and slaves when slaves come, go and become active.

use crate::balance;

use balance::{id, slave_mac, Net, BOND};
use lag::balance::address::{self, Attach, NoFreeMac, Takeover};

#[test]
fn macs_on_attach() {
    let mut net = Net::new(&[]);
    net.active = None;
    assert_eq!(address::attach(&net, BOND), Ok(Attach::Free(BOND)));
    let mut net = Net::new(&[100, 100]);
    assert_eq!(
        address::attach(&net, slave_mac(7)),
        Ok(Attach::Free(slave_mac(7)))
    );
    // In use by the bond, or by a slave, and every slave uses its own.
    assert_eq!(address::attach(&net, BOND), Err(NoFreeMac));
    assert_eq!(address::attach(&net, slave_mac(2)), Err(NoFreeMac));
    net.active = None;
    assert_eq!(address::attach(&net, BOND), Err(NoFreeMac));
    // Slave 2 was made active: it has the bond's MAC, and slave 1 has its.
    net.slave_mut(1).mac = slave_mac(2);
    net.slave_mut(2).mac = BOND;
    assert_eq!(address::attach(&net, BOND), Err(NoFreeMac));
    // Slave 1's is nobody's once the bond has another.
    net.slave_mut(2).mac = slave_mac(9);
    assert_eq!(
        address::attach(&net, slave_mac(9)),
        Ok(Attach::Borrowed(slave_mac(1), id(1)))
    );
    assert_eq!(address::takeover(&net, None), Takeover::Set);
    // Nobody is active and nobody has the bond's MAC: it can be had.
    net.slave_mut(1).perm = slave_mac(2);
    net.slave_mut(2).perm = slave_mac(9);
    assert_eq!(address::attach(&net, slave_mac(9)), Ok(Attach::Free(BOND)));
}

#[test]
fn the_bonds_mac_counts_as_used() {
    // Nobody has it, and slave 1 does not use its own: that one is given, not the bond's.
    let mut net = Net::new(&[100, 100]);
    net.active = None;
    net.slave_mut(1).mac = slave_mac(9);
    net.slave_mut(1).perm = slave_mac(5);
    assert_eq!(
        address::attach(&net, BOND),
        Ok(Attach::Borrowed(slave_mac(5), id(1)))
    );
    // An active slave is about to take it.
    net.slave_mut(1).perm = slave_mac(9);
    assert_eq!(address::attach(&net, BOND), Ok(Attach::Free(BOND)));
    net.active = Some(id(1));
    assert_eq!(address::attach(&net, BOND), Err(NoFreeMac));
}

#[test]
fn macs_on_detach_and_takeover() {
    let mut net = Net::new(&[100, 100]);
    // A slave leaves with a MAC that is not its own; slave 2 has it.
    assert_eq!(
        address::detach(&net, slave_mac(2), slave_mac(3)),
        Some(id(2))
    );
    assert_eq!(address::detach(&net, slave_mac(2), slave_mac(2)), None);
    assert_eq!(address::detach(&net, slave_mac(4), slave_mac(3)), None);
    // The bond's stays with the slave that has it.
    assert_eq!(address::detach(&net, BOND, slave_mac(3)), None);
    assert_eq!(address::takeover(&net, Some(id(2))), Takeover::Swap(id(2)));
    assert_eq!(address::takeover(&net, None), Takeover::Swap(id(1)));
    net.slave_mut(1).mac = slave_mac(9);
    assert_eq!(address::takeover(&net, None), Takeover::Set);
}
