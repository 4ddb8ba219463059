#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ports of the partner that come one by one, as those of a switch that boots: a port carries the
# traffic all the time, whoever the partner is, as far as the partner takes it.
# timeout: 500
# vm: --icount 3 --with python3,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/pairs.sh"

[[ $KIND == rustbond ]] || skip_all "it is compared with native bonding"
load_module
must modprobe bonding max_bonds=0
need teamd teamdctl
POLL=0.3
LINES=("4 1.5" "8 0.5" "4 0.1")
plan 15

# join PARTNER : the command that has port {} of it join.
join() {
	case $1 in
	teamd) echo "ip -n b link set s{} down; ip netns exec b teamdctl tm port add s{}" ;;
	# Its ports are there, and their LACPDUs are lost until then.
	ovs) echo "tc -n m filter del dev p{} ingress prio 1; tc -n m filter del dev q{} ingress prio 1" ;;
	*) echo "ip -n b link set s{} down; ip -n b link set s{} master bond0; ip -n b link set s{} up" ;;
	esac
}

# hide COUNT : LACPDUs are lost on all wires.
hide() {
	local i dev
	for ((i = 0; i < $1; i++)); do
		for dev in p$i q$i; do
			echo "filter add dev $dev ingress prio 1 protocol 0x8809 matchall action drop"
		done
	done | must tc -n m -batch -
}

# line OURS PARTNER COUNT GAP : sets GOT, SENT and HOLE.
line() {
	local first=0
	links "$3" 10
	ours_of "$1" "$3"
	if [[ $2 == ovs ]]; then
		hide "$3"
		first=$3
	fi
	partner_start "$2" "$first"
	sleep 8
	across "$(awk "BEGIN { print $3 * $4 + 6 }")" 4 "join=$4:$3:$(join "$2")"
	echo "# $1 with $2, $3 ports $4 s apart: $GOT of $SENT, hole $HOLE ms"
	unlink
}

for ports in "${LINES[@]}"; do
	read -r count gap <<<"$ports"
	line bond bond "$count" "$gap"
	native=$GOT
	line "$KIND" bond "$count" "$gap"
	check "with native, $count ports $gap s apart: no less than native with native" at_least "$native"
	line bond "$KIND" "$count" "$gap"
	check "native with it, $count ports $gap s apart: no less than with itself" at_least "$native"
	line "$KIND" "$KIND" "$count" "$gap"
	# The first port is not there from the first packet on.
	check "with itself, $count ports $gap s apart: no hole" at_least $((SENT - 40))
	line "$KIND" teamd "$count" "$gap"
	check "with teamd, $count ports $gap s apart: no less than native with native" at_least "$native"
	line bond ovs "$count" "$gap"
	native=$GOT
	line "$KIND" ovs "$count" "$gap"
	check "with Open vSwitch, $count ports $gap s apart: no less than native" at_least "$native"
done
wait_until 10 modprobe -r team_mode_loadbalance team_mode_roundrobin team
done_testing
