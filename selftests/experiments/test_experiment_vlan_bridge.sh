#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment: a VLAN on a bond, and a bond under a bridge, in all modes, through a failover.
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
MODES=(balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb)
plan $((${#MODES[@]} * 4))

laboratory eth0 eth1
namespaces guest
quiet guest
must ip -n pinger link add link eth0 name eth0.7 type vlan id 7
must ip -n pinger link set eth0.7 up
must ip -n pinger addr add 198.51.100.2/24 dev eth0.7
tell "the pinger has 192.0.2.2, and 198.51.100.2 in VLAN 7"

reaches() { # NAMESPACE|- ADDRESS : whether pings are answered, after a moment for the switch
	local where=()
	[[ $1 == - ]] || where=(ip netns exec "$1")
	"${where[@]}" ping -c 3 -i 0.05 -W 1 "$2" >/dev/null 2>&1
}
ends=
for mode in "${MODES[@]}"; do
	show "$mode"
	must ip link add bond0 type "$KIND"
	must set_opt bond0 mode "$mode"
	must set_opt bond0 miimon 50
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	case $mode in
	balance-rr | balance-xor | broadcast) ends=balance-xor ;;
	802.3ad) ends=802.3ad ;;
	*) ends= ;;
	esac
	# What uses several ports as one needs a switch that does.
	if [[ -n $ends ]]; then
		group_ports agg0 "$ends" s0 s1
		tell "the switch has the two ports as one, in mode $ends"
	fi
	links_up bond0 eth0 eth1

	# The host is in VLAN 7; a guest is on the bridge, which has the bond for a port.
	must ip link add link bond0 name bond0.7 type vlan id 7
	must ip addr add 198.51.100.1/24 dev bond0.7
	must ip link set bond0.7 up
	must ip link add br0 type bridge stp_state 0 mcast_snooping 0
	must ip link set br0 up
	must ip link set bond0 master br0
	must ip link add port0 type veth peer name eth0 netns guest
	must ip link set port0 master br0 up
	must ip -n guest addr add 192.0.2.9/24 dev eth0
	must ip -n guest link set eth0 up
	check "$mode: VLAN" wait_until 10 reaches - 198.51.100.2
	check "$mode: bridge" wait_until 10 reaches guest "$PINGER"

	victim=$(get_opt bond0 active_slave)
	victim=${victim:-eth0}
	tell "the cable of $victim is cut"
	must cut_link switch "s${victim#eth}"
	must wait_until 5 status_is bond0 "$victim" down
	before=$(stat_of "$victim" tx_packets)
	check "$mode: VLAN, after a failover" wait_until 10 reaches - 198.51.100.2
	check "$mode: bridge, after a failover" wait_until 10 reaches guest "$PINGER"
	tell "since then $victim has sent $(($(stat_of "$victim" tx_packets) - before)) frames"

	must ip link del br0
	must ip link del port0
	must ip link del bond0
	must mend_link switch "s${victim#eth}"
	if [[ -n $ends ]]; then
		must ip -n switch link del agg0
		for port in s0 s1; do
			must ip -n switch link set "$port" master br0 up
		done
	fi
done
done_testing
