#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Slaves whose driver has the kernel hold a lock of the device's own while it is worked on, as
# dummy and many network cards: what happens to them comes with the lock held.
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
plan 17

for i in 0 1; do
	must ip link add "dummy$i" type dummy
done
bond bond0 mode=active-backup primary=first
# bug 27: slaves with the lock of their own: enslave, failover, MAC, release
check "it becomes a slave" enslave bond0 dummy0 dummy1
must ip link set bond0 up promisc on
links_up bond0 dummy0 dummy1
check "the first is active" active_is bond0 dummy0
check "its link is lost" ip link set dummy0 carrier off
check "the other takes over" wait_until 5 active_is bond0 dummy1
check "and hears all" is "0 1" "$(field dummy0 .promiscuity) $(field dummy1 .promiscuity)"
check "its link is back" ip link set dummy0 carrier on
links_up bond0 dummy0
check "it is taken down while it is active" ip link set dummy1 down
check "the other takes over" active_is bond0 dummy0
check "it is brought up again" ip link set dummy1 up
links_up bond0 dummy1
check "it gets the primary's name" ip link set dummy1 name first
check "and takes over" wait_until 5 active_is bond0 first
check "the bond gets another address" ip link set bond0 address 02:00:00:00:00:42
check "and they have it" is "02:00:00:00:00:42 02:00:00:00:00:42" \
	"$(dev_attr dummy0 address) $(dev_attr first address)"
check "it goes away while it is active" ip link del first
check "the other takes over" active_is bond0 dummy0
check "the last one goes away" ip link del dummy0
check "nobody is active" opt_is "" bond0 active_slave

done_testing
