#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment bond1, active-backup: one slave carries all; when it fails the other takes over,
# and what happens when it comes back is up to primary and primary_reselect.
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 19

# who : which slave sends 10 pings, all answered.
who() { carried ping -c 10 -i 0.01 -W 1 "$PINGER" -- eth0 eth1; }
macs() { echo "$(dev_attr bond1 address) $(dev_attr eth0 address) $(dev_attr eth1 address)"; }
cut_cable() {
	tell "the cable of $1 is cut"
	must cut_link switch "s${1#eth}"
	must wait_until 5 status_is bond1 "$1" down
}
mend_cable() {
	tell "the cable of $1 is mended"
	must mend_link switch "s${1#eth}"
	must wait_until 5 status_is bond1 "$1" up
}
first=$(mac_of 1) second=$(mac_of 2)

show "BONDING_OPTS=\"mode=active-backup miimon=1 updelay=0 downdelay=0\""
laboratory eth0 eth1
bond bond1 mode=active-backup miimon=1 updelay=0 downdelay=0
must enslave bond1 eth0 eth1
run ip addr add "$HOST/24" dev bond1
run ip link set bond1 up
links_up bond1 eth0 eth1
acquaint bond1
tell "active: $(get_opt bond1 active_slave); bond1, eth0, eth1 have $(macs)"
check "all have the first slave's address" is "$first $first $first" "$(macs)"
result=$(who)
tell "of 10 pings eth0 and eth1 sent: $result"
check "one slave carries all" is "10 0" "$result"

show "Take the active one down while a ping runs"
ping -D -i 0.01 -c 150 -W 1 "$PINGER" >/tmp/ping 2>&1 &
ping=$!
sleep 0.4
cut_cable eth0
wait "$ping"
read -r sent received gap < <(pinged /tmp/ping)
tell "$received of $sent pings were answered, the longest silence was $gap ms"
check "the other has taken over" active_is bond1 eth1
check "after a short gap" test $((sent - received)) -le 20
result=$(who)
tell "of 10 pings eth0 and eth1 sent: $result"
check "and carries all" is "0 10" "$result"

show "Bring it back, without a primary"
mend_cable eth0
result=$(who)
tell "of 10 pings eth0 and eth1 sent: $result"
check "the traffic stays" is "0 10" "$result"

show "Take the backup down and up"
ping -D -i 0.01 -c 60 -W 1 "$PINGER" >/tmp/ping 2>&1 &
ping=$!
cut_cable eth0
mend_cable eth0
wait "$ping"
check "nothing changes, no ping is lost" is "60 60" "$(pinged /tmp/ping | cut -d' ' -f1,2)"
check "the traffic stays where it was" active_is bond1 eth1

show "With a primary"
must set_opt bond1 primary eth0
check "primary_reselect always: it takes over at once" wait_until 2 active_is bond1 eth0
cut_cable eth0
mend_cable eth0
check "and when it comes back" wait_until 2 active_is bond1 eth0
must set_opt bond1 primary_reselect failure
cut_cable eth0
mend_cable eth0
check "failure: the traffic stays when it comes back" active_is bond1 eth1
cut_cable eth1
check "and returns when the other fails" wait_until 2 active_is bond1 eth0
mend_cable eth1
must set_opt bond1 primary_reselect better
cut_cable eth0
mend_cable eth0
tell "both links have the same speed"
check "better: it stays with one as good" active_is bond1 eth1
must set_opt bond1 primary_reselect always
must wait_until 2 active_is bond1 eth0
must ip link del bond1

# From here on the pinger has to learn where the host is.
must ip -n pinger neigh flush nud permanent
for policy in active follow; do
	show "fail_over_mac=$policy"
	bond bond1 mode=active-backup miimon=1 fail_over_mac="$policy"
	must enslave bond1 eth0 eth1
	must ip addr add "$HOST/24" dev bond1
	must ip link set bond1 up
	links_up bond1 eth0 eth1
	must ping -c 1 -W 2 "$PINGER" >/dev/null
	before=$(macs)
	tell "bond1, eth0, eth1: $before"
	cut_cable eth0
	must wait_until 2 active_is bond1 eth1
	after=$(macs)
	tell "bond1, eth0, eth1: $after"
	if [[ $policy == active ]]; then
		check "every slave keeps its own, the bond has the active one's" \
			is "$first $first $second, $second $first $second" "$before, $after"
	else
		check "the bond's address goes with the active slave" \
			is "$first $first $second, $first $second $first" "$before, $after"
	fi
	check "the pinger is reached" is 5/5 "$(answered -c 5 "$PINGER")"
	mend_cable eth0
	must ip link set eth1 nomaster
	must wait_until 2 active_is bond1 eth0
	must ip link del bond1
	check "released, all have their own again" is "$first $second" \
		"$(dev_attr eth0 address) $(dev_attr eth1 address)"
done
done_testing
