#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who is the active slave: primary, primary_reselect, active_slave.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1 p2:eth2
plan 57

# lose N, regain N : the Nth link, until the bond has seen it.
lose() {
	must cut_link peer "p$1"
	must wait_until 5 status_is bond0 "eth$1" down
}
regain() {
	must mend_link peer "p$1"
	links_up bond0 "eth$1"
}
active() { get_opt bond0 active_slave; }

bond bond0 mode=active-backup miimon=50
must ip link set bond0 up
check "a primary that is no slave yet" set_opt bond0 primary eth1
check "does not read back" opt_is "" bond0 primary
must enslave bond0 eth0
links_up bond0 eth0
check "another slave is active until it comes" is eth0 "$(active)"
must enslave bond0 eth1
links_up bond0 eth1
check "it comes: it is active" is eth1 "$(active)"
check "it reads back" opt_is eth1 bond0 primary
check "and is in /proc" grep -qx "Primary Slave: eth1 (primary_reselect always)" $PROC/bond0
must enslave bond0 eth2
links_up bond0 eth2

check "primary_reselect is always" opt_is "always 0" bond0 primary_reselect
lose 1
check "the primary is lost: the next one" is eth0 "$(active)"
regain 1
check "it is back: always takes it" is eth1 "$(active)"
check "primary_reselect failure" set_opt bond0 primary_reselect failure
lose 1
check "lost" is eth0 "$(active)"
regain 1
check "back: failure leaves what works" is eth0 "$(active)"
lose 0
check "the active slave fails: the primary takes over, not the next one" is eth1 "$(active)"
regain 0
check "back: the primary stays" is eth1 "$(active)"
check "primary_reselect better, by number" set_opt bond0 primary_reselect 1
check "reads by name" opt_is "better 1" bond0 primary_reselect
lose 1
regain 1
check "back, of the same speed: better leaves what works" is eth0 "$(active)"
check "primary_reselect always takes it at once" set_opt bond0 primary_reselect always
check "which is the primary" is eth1 "$(active)"
check "another primary" set_opt bond0 primary eth2
check "takes over" is eth2 "$(active)"
must set_opt bond0 primary_reselect failure
check "another primary, with failure" set_opt bond0 primary eth0
check "takes over all the same" is eth0 "$(active)"
check "a primary that is no slave" set_opt bond0 primary eth7
check "changes nothing" is eth0 "$(active)"
check "no primary" set_opt bond0 primary ""
check "changes nothing" is eth0 "$(active)"
must set_opt bond0 primary_reselect always

check "active_slave: a backup" set_opt bond0 active_slave eth1
check "is active" is eth1 "$(active)"
check "the one that is" set_opt bond0 active_slave eth1
lose 2
check "one whose link is down: refused" refuses "Invalid argument" set_opt bond0 active_slave eth2
check "one that is no slave: refused" refuses "Invalid argument" set_opt bond0 active_slave lo
check "one that is not there: refused" refuses "No such device" set_opt bond0 active_slave eth7
check "none of that changed anything" is eth1 "$(active)"
regain 2
check "none: chosen anew" set_opt bond0 active_slave ""
check "and found" is "eth0" "$(active)"
# Who has made another than the primary the active one, as to work on the primary's cable, has it
# stay that until the primary's link, or who the primary is, changes.
check "with a primary, active_slave: another" set_opt bond0 primary eth0
must set_opt bond0 active_slave eth1
check "is active, primary_reselect always or not" is eth1 "$(active)"
must set_opt bond0 resend_igmp 3
must set_opt bond0 miimon 40
check "and stays it, whatever else is set" is eth1 "$(active)"
must ip link set eth2 nomaster
check "whichever backup leaves" is eth1 "$(active)"
lose 0
check "or loses its link" is eth1 "$(active)"
regain 0
check "the primary's link comes back: the primary" is eth0 "$(active)"
must set_opt bond0 active_slave eth1
must set_opt bond0 primary_reselect failure
must set_opt bond0 primary_reselect always
check "primary_reselect becomes always: the primary" is eth0 "$(active)"
must set_opt bond0 active_slave eth1
must set_opt bond0 primary_reselect always
check "it is written once more: the primary" is eth0 "$(active)"
must set_opt bond0 active_slave eth1
must enslave bond0 eth2
check "a slave comes: the primary" is eth0 "$(active)"
links_up bond0 eth2
must set_opt bond0 primary eth2
must ip link set eth2 down
must wait_until 5 status_is bond0 eth2 down
must ip link set eth2 name uplink
must ip link set uplink up
links_up bond0 uplink
check "the primary by another name is none" fails active_is bond0 uplink
check "and does not read back" opt_is "" bond0 primary
must ip link set uplink down
must ip link set uplink name eth2
must ip link set eth2 up
links_up bond0 eth2
check "by its name it is" wait_until 5 active_is bond0 eth2

check "renamed while up: its name is another" ip link set eth2 name uplink
check "the one that gets the name" ip link set eth1 name eth2
check "is the primary" wait_until 5 active_is bond0 eth2
must ip link del bond0

bond bond0 mode=active-backup miimon=50 primary=eth2 primary_reselect=failure
must ip link set bond0 up
must enslave bond0 eth0
links_up bond0 eth0
must enslave bond0 eth2
check "failure: a primary that comes for the first time takes over" wait_until 5 active_is bond0 eth2
must ip link del bond0

bond bond0
check "balance-rr has no primary: refused" refuses "Permission denied" set_opt bond0 primary eth0
check "nor an active slave: refused" refuses "Permission denied" set_opt bond0 active_slave eth0
check "and reads none" opt_is "" bond0 active_slave
must ip link del bond0

# better, among slaves of different speed.
if modprobe tun 2>/dev/null && [[ -e /dev/net/tun ]]; then
	for i in 0 1; do
		socat "TUN,tun-type=tap,tun-name=tap$i" "EXEC:sleep 100" &
	done
	for i in 0 1; do
		must wait_until 5 test -d "$NET/tap$i"
	done
	must ethtool -s tap0 speed 1000 duplex full
	must ethtool -s tap1 speed 100 duplex full
	bond bond0 mode=active-backup miimon=50 primary=tap0 primary_reselect=better
	must ip link set bond0 up
	must enslave bond0 tap0 tap1
	links_up bond0 tap0 tap1
	must ip link set tap0 down
	must wait_until 5 active_is bond0 tap1
	must ip link set tap0 up
	check "better: the faster primary is taken back" wait_until 5 active_is bond0 tap0
	must ip link set tap0 down
	must wait_until 5 active_is bond0 tap1
	must ethtool -s tap0 speed 10 duplex full
	must ip link set tap0 up
	links_up bond0 tap0
	check "better: a slower one is not" active_is bond0 tap1
else
	ktap_test_skip "better with a faster primary: there is no tap"
	ktap_test_skip "better with a slower primary: there is no tap"
fi

done_testing
