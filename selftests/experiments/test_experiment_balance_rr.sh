#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment bond0, balance-rr: the slaves send in turn, packet by packet. A switch that is not
# told about the aggregate sees the address move with every packet; one that is told does not.
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 6
# Each processor counts for itself, as in native bonding: what sends stays on one.
must taskset -cp 0 $$ >/dev/null

# moves NUMBER : how often the switch learns the bond's address anew in so many pings.
moves() {
	local watcher mac
	mac=$(dev_attr bond0 address)
	at switch stdbuf -oL bridge monitor fdb >/tmp/fdb 2>&1 &
	watcher=$!
	sleep 0.5
	ping -c "$1" -i 0.02 -W1 "$PINGER" >/dev/null
	sleep 0.5
	kill "$watcher"
	wait "$watcher" 2>/dev/null
	grep -c "^$mac dev .* master br0" /tmp/fdb
}

show "A host with two cables to a switch; behind it the pinger"
laboratory eth0 eth1
run ip link add bond0 type "$KIND"
must set_opt bond0 mode balance-rr
must set_opt bond0 miimon 100
run ip link set eth0 master bond0
run ip link set eth1 master bond0
run ip addr add "$HOST/24" dev bond0
run ip link set bond0 up
links_up bond0 eth0 eth1
run cat $NET/bond0/bonding/mode
acquaint bond0

show "Ping the pinger, one by one"
order=$(turns 8 eth0 eth1)
tell "sent by: $order"
[[ $order == eth0* ]] && want="eth0 eth1 eth0 eth1 eth0 eth1 eth0 eth1" ||
	want="eth1 eth0 eth1 eth0 eth1 eth0 eth1 eth0"
check "the slaves send in turn, packet by packet" is "$want" "$order"
result=$(carried ping -c 50 -i 0.01 "$PINGER" -- eth0 eth1)
tell "of 50 pings eth0 and eth1 sent: $result"
check "of 50 each sends half" is "25 25" "$result"

show "The switch knows nothing of the aggregate"
count=$(moves 20)
tell "in 20 pings it saw the bond's address move $count times"
check "it sees the address move with every packet" test "$count" -ge 18

show "The switch is told that the two ports are one aggregate"
group_ports agg0 balance-xor s0 s1
must wait_until 5 at switch grep -q 1 $NET/agg0/carrier
links_up bond0 eth0 eth1
must ping -c 2 -W 2 "$PINGER" >/dev/null
count=$(moves 20)
tell "in 20 pings it saw the bond's address move $count times"
check "the address stays" is 0 "$count"
result=$(carried ping -c 20 -i 0.01 "$PINGER" -- eth0 eth1)
tell "and of 20 pings eth0 and eth1 sent: $result"
check "the slaves still send in turn" is "10 10" "$result"
check "and all are answered" is 20/20 "$(answered -c 20 "$PINGER")"
done_testing
