#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long a failover takes, and what is lost by it: by the carrier's own event, with and
# without miimon. The guest's clock counts instructions, so that times do not depend on the
# machine.
# vm: --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1
quiet peer
must ip -n peer addr add 192.0.2.2/24 dev br0
plan 24

# switch_time PORT SLAVE : cuts PORT, and says how many ms it takes until SLAVE is active.
switch_time() {
	local begin
	begin=$(now_us)
	down "$1"
	until active_is bond1 "$2"; do
		(($(now_us) - begin < 5000000)) || { echo never; return 1; }
	done
	echo $((($(now_us) - begin) / 1000))
}
# below LIMIT NUMBER : for check.
below() { [[ $2 =~ ^[0-9]+$ ]] && (($2 < $1)) || { echo "wanted less than $1, got $2"; return 1; }; }

# With both ends here the clock is not held up by a process.
bond bond1 mode=active-backup
for i in 0 1; do
	must ip link add "near$i" type veth peer name "far$i"
	up "far$i"
	must enslave bond1 "near$i"
done
must ip link set bond1 up
for miimon in 0 100 1000; do
	must set_opt bond1 miimon "$miimon"
	links_up bond1 near0 near1
	must set_opt bond1 active_slave near0
	time=$(switch_time far0 near1)
	echo "# miimon $miimon: the other link is active after $time ms"
	# Most of it is the veth going down. The poll of miimon 1000 would take half a second.
	check "miimon $miimon: the other link is active at once" below 90 "$time"
	up far0
done
must ip link del bond1

bond bond0 mode=active-backup
must enslave bond0 eth0 eth1
must ip link set bond0 up
must ip addr add 192.0.2.1/24 dev bond0
must wait_until 5 ping -c1 -W1 192.0.2.2

for miimon in 0 100 1000; do
	must set_opt bond0 miimon "$miimon"
	links_up bond0 eth0 eth1
	must set_opt bond0 active_slave eth0

	ping -D -i 0.01 -c 400 -w 20 192.0.2.2 >/tmp/ping 2>&1 &
	ping=$!
	sleep 1
	must cut_link peer p0
	sleep 1
	check "miimon $miimon: the traffic has moved" active_is bond0 eth1
	must mend_link peer p0
	wait $ping
	read -r sent received gap < <(pinged /tmp/ping)
	echo "# miimon $miimon: $sent pings sent, $received answered, the longest silence $gap ms"
	# One may be on its way through the link that dies.
	check "miimon $miimon: not more than one was lost" below 2 $((sent - received))
	check "miimon $miimon: no silence of 50 ms" below 50 "$gap"
	links_up bond0 eth0
	must set_opt bond0 active_slave eth0

	ping -D -i 0.01 -c 300 -w 20 192.0.2.2 >/tmp/ping 2>&1 &
	ping=$!
	sleep 1
	must ip link set eth0 nomaster
	sleep 1
	wait $ping
	read -r sent received gap < <(pinged /tmp/ping)
	echo "# miimon $miimon: $sent pings sent, $received answered, the longest silence $gap ms"
	check "miimon $miimon: to release the active slave loses none" below 2 $((sent - received))
	must enslave bond0 eth0
done
links_up bond0 eth0 eth1

# The neighbours' switch learns where the bond is from what it sends.
must set_opt bond0 active_slave eth0
must ip link set bond0 down
must ip link set bond0 up
mac=$(dev_attr bond0 address)
port_of() { bridge -n peer -j fdb show br br0 | jq -r --arg mac "$mac" \
	'[.[] | select(.mac == $mac and (.flags | index("self") | not))][0].ifname'; }
must wait_until 5 ping -c1 -W1 192.0.2.2
check "the switch knows the bond on the first port" is p0 "$(port_of)"
must set_opt bond0 active_slave eth1
check "after a failover it knows it on the second, without any traffic" \
	wait_until 2 bash -c "$(declare -f port_of); mac=$mac; [[ \$(port_of) == p1 ]]"

# Bursts of failures.
failures() { awk '/Failure Count/ { print $4 }' $PROC/bond0 | xargs; }
before=$(failures)
ping -D -i 0.01 -c 600 -w 30 192.0.2.2 >/tmp/ping 2>&1 &
ping=$!
for i in {1..10}; do
	must cut_link peer p1
	must wait_until 5 active_is bond0 eth0
	must mend_link peer p1
	links_up bond0 eth1
	must cut_link peer p0
	must wait_until 5 active_is bond0 eth1
	must mend_link peer p0
	links_up bond0 eth0
done
wait $ping
read -r sent received gap < <(pinged /tmp/ping)
echo "# 20 failovers: $sent pings sent, $received answered, the longest silence $gap ms"
check "20 failovers: not more than one ping each was lost" below 21 $((sent - received))
check "20 failovers: no silence of 100 ms" below 100 "$gap"
check "each was counted" is "10 10" "$(grown "$before" "$(failures)")"

# balance-rr
must ip link del bond0
bond bond0 mode=balance-rr
must enslave bond0 eth0 eth1
must ip link set bond0 up
must ip addr add 192.0.2.1/24 dev bond0
must wait_until 5 ping -c1 -W1 192.0.2.2
for miimon in 0 100; do
	must set_opt bond0 miimon "$miimon"
	links_up bond0 eth0 eth1
	ping -D -i 0.01 -c 300 -w 20 192.0.2.2 >/tmp/ping 2>&1 &
	ping=$!
	sleep 1
	must cut_link peer p0
	sleep 1
	must mend_link peer p0
	wait $ping
	read -r sent received gap < <(pinged /tmp/ping)
	echo "# balance-rr, miimon $miimon: $sent pings sent, $received answered, the longest silence $gap ms"
	check "balance-rr, miimon $miimon: not more than one ping was lost" below 2 $((sent - received))
	check "balance-rr, miimon $miimon: no silence of 50 ms" below 50 "$gap"
done

done_testing
