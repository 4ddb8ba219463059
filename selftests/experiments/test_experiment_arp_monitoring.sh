#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment, the complaint: link monitoring sees only the cable to the switch. ARP monitoring
# sees the path, but asks all the time.
# vm: --icount 3
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 9

show "Two switches, one for each cable; the pinger behind both"
tell "host eth0 --- switch1 --- uplink1 \\" \
	"                                  core --- pinger" \
	"host eth1 --- switch2 --- uplink2 /"
namespaces switch1 switch2 core pinger
quiet switch1 switch2 core pinger
two_switches

start() { # OPTION=VALUE...
	bond bond0 mode=active-backup "$@"
	must enslave bond0 eth0 eth1
	must ip addr add "$HOST/24" dev bond0
	must ip link set bond0 up
	links_up bond0 eth0 eth1
	must set_opt bond0 active_slave eth0
	must ping -c 2 -i 0.1 -W 2 "$PINGER" >/dev/null
}

show "Link monitoring: miimon=50"
start miimon=50
tell "active: $(get_opt bond0 active_slave)"
tell "the uplink of switch1 is cut, behind the cable of eth0"
break_path 0
sleep 1
tell "1 s later, active: $(get_opt bond0 active_slave), MII Status of eth0: $(grep -A1 'Interface: eth0' "$PROC/bond0" | sed -n 's/MII Status: //p')"
check "the bond sees nothing" active_is bond0 eth0
result=$(answered -c 10 "$PINGER")
tell "pings answered: $result"
check "and all traffic is lost" is 0/10 "$result"
heal_path 0
must ip link del bond0

show "ARP monitoring: arp_interval=100 arp_ip_target=$PINGER arp_validate=all"
start arp_interval=100 "arp_ip_target=+$PINGER" arp_validate=all
tell "the uplink of switch1 is cut"
before=$(now_ms)
break_path 0
check "the bond sees that the path is gone" wait_until 5 active_is bond0 eth1
took=$(($(now_ms) - before))
tell "after $took ms, active: $(get_opt bond0 active_slave)"
check "within a few intervals" test "$took" -le 1500
result=$(answered -c 10 "$PINGER")
tell "pings answered: $result"
check "the traffic goes on" is 10/10 "$result"
heal_path 0
check "the path is back, and is seen" wait_until 5 status_is bond0 eth0 up

show "But it asks all the time"
# count : how many ARP requests the pinger gets in 2 s.
count() {
	watch pinger eth0 "arp[6:2] = 1 and dst host $PINGER"
	sleep 2
	unwatch
	wc -l </tmp/seen
}
asked=$(count)
tell "with nobody talking, the pinger is asked $asked times in 2 s"
check "10 times a second" test "$asked" -ge 14
ping -q -i 0.05 "$PINGER" >/dev/null &
talk=$!
asked=$(count)
tell "while a ping proves the path, $asked times in 2 s"
check "no less while the traffic proves the path" test "$asked" -ge 14
kill $talk
must set_opt bond0 arp_interval 0
asked=$(count)
tell "without ARP monitoring, $asked times"
check "not without it" test "$asked" -le 1
done_testing
