#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# active-backup: one link carries everything, another stands by; what comes in on the others is
# not the bond's, unless all_slaves_active says so.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1
quiet peer
plan 44

LLDP=01:80:c2:00:00:0e ALL=ff:ff:ff:ff:ff:ff
# received DEV DESTINATION : how many frames reach the bond when three leave that device there.
received() {
	local before
	before=$(heard bond0)
	frames_at peer "$1" "$2" "$(mac_of 99)" 3
	sleep 0.2
	echo $(($(heard bond0) - before))
}
# told DEV DESTINATION COUNTER : by how much a counter of eth1 grows then.
told() {
	local before
	before=$(stat_of eth1 "$3")
	frames_at peer "$1" "$2" "$(mac_of 99)" 3
	sleep 0.2
	echo $(($(stat_of eth1 "$3") - before))
}

bond bond0 mode=active-backup miimon=50
must enslave bond0 eth0 eth1
must ip link set bond0 up
links_up bond0 eth0 eth1
mac=$(dev_attr bond0 address)
must listen bond0

check "the first slave is the active one" active_is bond0 eth0
check "and sends all" is "10 0" "$(spread 10 bond0 eth0 eth1)"
before=$(tx_of eth0 eth1)
must flood bond0 1000
check "also a thousand" is "1000 0" "$(grown "$before" "$(tx_of eth0 eth1)")"
check "frames received on it are the bond's" is 3 "$(received p0 "$mac")"
check "frames received on the backup are not" is 0 "$(received p1 "$mac")"
check "frames received on both come once" is 3 "$(received br0 $ALL)"
check "the backup's is kept for those who listen to it" is 3 "$(told p1 $ALL rx_nohandler)"
check "and LLDP, which is about the link, goes its way" is 0 "$(told p1 $LLDP rx_nohandler)"
check "all_slaves_active 1" set_opt bond0 all_slaves_active 1
check "frames received on the backup are the bond's, too" is 3 "$(received p1 "$mac")"
check "frames received on both come twice" is 6 "$(received br0 $ALL)"
check "all_slaves_active 0" set_opt bond0 all_slaves_active 0
check "it comes once again" is 3 "$(received br0 $ALL)"

check "the other is made the active one by hand" set_opt bond0 active_slave eth1
check "it is" active_is bond0 eth1
check "and sends all" is "0 10" "$(spread 10 bond0 eth0 eth1)"
check "frames received on it are the bond's" is 3 "$(received p1 "$mac")"
check "frames received on the other are not" is 0 "$(received p0 "$mac")"

must cut_link peer p1
check "the active link dies: the other takes over" wait_until 5 active_is bond0 eth0
check "and sends all" is "10 0" "$(spread 10 bond0 eth0 eth1)"
check "frames received on it are the bond's" is 3 "$(received p0 "$mac")"
check "the failure is counted" grep -q "Link Failure Count: 1" $PROC/bond0
check "the bond keeps its carrier" carrier_is bond0 1
must mend_link peer p1
links_up bond0 eth1
check "the link is back: nothing changes" active_is bond0 eth0
must ip link set eth0 down
check "the active slave is taken down: the other takes over" wait_until 5 active_is bond0 eth1
must ip link set eth0 up
links_up bond0 eth0
must ip link set eth1 nomaster
check "the active slave is released: the other takes over" active_is bond0 eth0
must enslave bond0 eth1
links_up bond0 eth1
must set_opt bond0 active_slave eth1
must ip link del eth1
check "the active slave is deleted: the other takes over" active_is bond0 eth0
check "and sends all" is "10" "$(spread 10 bond0 eth0)"
must cut_link peer p0
check "the last link dies: the bond has no carrier" wait_until 5 carrier_is bond0 0
check "and nobody is active" opt_is "" bond0 active_slave
check "its status is down" opt_is down bond0 mii_status
frames bond0 "$(mac_of 99)" "$mac" 3 2>/dev/null
check "nothing is sent" flood bond0 10
must mend_link peer p0
check "it is back: it is active" wait_until 5 active_is bond0 eth0
check "the bond has a carrier" carrier_is bond0 1
check "its status is up" opt_is up bond0 mii_status
check "and sends" is "10" "$(spread 10 bond0 eth0)"
must ip link set eth0 nomaster
check "the last slave is released: no carrier" carrier_is bond0 0
must ip link del bond0

# fail_over_mac follow: whoever is active has the bond's address, and nobody else has.
for far in p2:eth2 p3:eth3; do
	must ip link add "${far#*:}" address "$(mac_of "${far: -1}")" type veth peer name "${far%:*}" netns peer
	must ip -n peer link set "${far%:*}" master br0 up
done
have() { echo "$(dev_attr bond0 address) $(dev_attr eth2 address) $(dev_attr eth3 address)"; }
bond bond0 mode=active-backup miimon=50 fail_over_mac=follow
must cut_link peer p2
must enslave bond0 eth2 eth3
must ip link set bond0 up
check "follow: the first slave has no link: the other is active" wait_until 5 active_is bond0 eth3
check "follow: it has the bond's address, and the first one has its own" \
	is "$(mac_of 2) $(mac_of 3) $(mac_of 2)" "$(have)"
must cut_link peer p3
check "follow: nobody is active" wait_until 5 active_is bond0 ""
must mend_link peer p2
check "follow: the first one is" wait_until 5 active_is bond0 eth2
check "follow: and they have changed addresses" is "$(mac_of 2) $(mac_of 2) $(mac_of 3)" "$(have)"
must mend_link peer p3
links_up bond0 eth2 eth3
must set_opt bond0 active_slave eth3
check "follow: by hand, they change again" is "$(mac_of 2) $(mac_of 3) $(mac_of 2)" "$(have)"
must ip link set eth3 nomaster
must ip link set eth2 nomaster
check "follow: each gets its own back" is "$(mac_of 2) $(mac_of 3)" \
	"$(dev_attr eth2 address) $(dev_attr eth3 address)"

done_testing
