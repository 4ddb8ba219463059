#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Short of memory: one allocation of the driver in five fails, in whatever it does, while links
# come and go under traffic. The kernel has nothing to complain of, and when there is memory again
# the bond is as if nothing had been, with LACP and without.
# timeout: 600
# vm: --kernel debug --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

FAULTS=/sys/kernel/debug/failslab
[[ -d $FAULTS ]] || skip_all "the kernel has no failslab"
load_module
plan 9

# short on|off : of memory.
MOST=1000000
short() {
	./failslab.py aim || return
	put $FAULTS/verbose 1
	# What is left of these tells how many have failed.
	put $FAULTS/times $MOST
	[[ $1 == off ]] || put $FAULTS/probability 20
}
failures() { echo $((MOST - $(<$FAULTS/times))); }

# trouble SECONDS FAILURES : short of memory, so long and until so many allocations have failed;
# links come and go, settings change.
trouble() {
	local end=$(($(now_ms) + $1 * 1000)) link
	ping -q -i 0.1 -w "$1" 192.0.2.2 >/dev/null 2>&1 &
	must short on
	while (($(now_ms) < end || ($(failures) < $2 && $(now_ms) < end + 60000))); do
		for link in p0 p1; do
			ip -n peer link set $link down
			set_opt bond0 miimon $((50 + RANDOM % 20))
			cat "$PROC/bond0" >/dev/null
			ip -n peer link set $link up
			set_opt bond0 resend_igmp $((RANDOM % 9 + 1))
			ip link set bond0 mtu $((1400 + RANDOM % 90))
		done
	done 2>/dev/null
	set -- "$2" "$(failures)"
	must short off
	wait $!
	(($2 >= $1)) || { echo "of $1 allocations that were to fail, $2 have"; return 1; }
}
traffic() { ping -q -c 3 -i 0.2 -W 1 192.0.2.2; }

quiet
namespaces peer
quiet peer
for mode in 802.3ad active-backup balance-alb; do
	wire peer p0 eth0 p1 eth1
	bond bond0 mode=$mode
	if [[ $mode == 802.3ad ]]; then
		must set_opt bond0 lacp_rate fast
		must far_bond peer "$KIND" p0,p1
		far=bond0
	else
		must ip -n peer link add br0 type bridge stp_state 0 mcast_snooping 0
		must ip -n peer link set p0 master br0
		must ip -n peer link set p1 master br0
		must ip -n peer link set br0 up
		far=br0
	fi
	must ip -n peer addr add 192.0.2.2/24 dev $far
	must ip addr add 192.0.2.1/24 dev bond0
	must set_opt bond0 miimon 50
	must ip link set bond0 up
	must enslave bond0 eth0 eth1
	must wait_until 30 traffic
	check "$mode: short of memory" trouble 5 10
	check "$mode: links are up again" wait_until 20 eval "status_is bond0 eth0 up && status_is bond0 eth1 up"
	check "$mode: traffic goes" wait_until 20 traffic
	must ip link del bond0
	must ip -n peer link del $far
	must ip link del eth0
	must ip link del eth1
done
done_testing
