#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# balance-tlb and balance-alb below VLANs, macvlans and bridges; learning packets; the hash.
# timeout: 150

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/capture.sh"

load_module
modprobe -a 8021q macvlan bridge 2>/dev/null
plan 17
namespaces host control peer
without_ipv6 host control peer
connect host eth1 control port1
connect host eth2 control port2
connect peer eth0 control port3
bridge_of control br0 port1 port2 port3
must ip -n host link set eth1 down address 02:00:00:00:00:01
must ip -n host link set eth2 down address 02:00:00:00:00:02
must ip -n peer link set eth0 address 02:00:00:00:00:11
must ip -n peer addr add 192.0.2.11/24 dev eth0
must ip -n peer link add link eth0 name eth0.5 type vlan id 5
must ip -n peer link set eth0.5 up
must ip -n peer addr add 198.51.100.11/24 dev eth0.5

for mode in balance-tlb balance-alb; do
	bond_make host bond0 "mode=$mode" miimon=100 lp_interval=1
	must ip -n host link set eth1 master bond0
	must ip -n host link set eth2 master bond0
	must ip -n host link set bond0 up
	must ip -n host addr add 192.0.2.1/24 dev bond0
	must ip -n host link add link bond0 name bond0.5 type vlan id 5
	must ip -n host link set bond0.5 up
	must ip -n host addr add 198.51.100.1/24 dev bond0.5
	must ip -n host link add link bond0.5 name mac0 address 02:00:00:00:00:aa type macvlan mode bridge
	must ip -n host link set mac0 up

	check "$mode: a VLAN carries traffic" at host ping -q -c5 -i0.05 198.51.100.11
	check "$mode: both ways" at peer ping -q -c5 -i0.05 198.51.100.1
	capture host eth1 eth2
	sleep 3.5
	captured
	check "$mode: each slave teaches its address" test \
		"$(seen host eth1 'ether proto 0x9000 and ether src 02:00:00:00:00:01')" -ge 2 -a \
		"$(seen host eth2 'ether proto 0x9000 and ether src 02:00:00:00:00:02')" -ge 2
	check "$mode: in the VLAN as well" test \
		"$(seen host eth1 'vlan 5 and ether proto 0x9000 and ether src 02:00:00:00:00:01')" -ge 2
	macvlan=$(seen host eth1 'vlan 5 and ether proto 0x9000 and ether src 02:00:00:00:00:aa')
	if [[ $mode == balance-tlb ]]; then
		check "$mode: the active one teaches the macvlan's" test "$macvlan" -ge 2
	else
		check "$mode: none teaches the macvlan's" is 0 "$macvlan"
	fi
	must ip -n control link set port1 down
	check "$mode: the VLAN survives a failover" at host ping -q -c20 -i0.1 -w5 198.51.100.11
	must ip -n control link set port1 up
	must ip -n host link del bond0.5

	must ip -n host link set bond0 down
	must bond_set host bond0 tlb_dynamic_lb 0
	must ip -n host link set bond0 up
	check "$mode: with tlb_dynamic_lb 0" wait_until 10 at host ping -q -c5 -i0.05 -W1 192.0.2.11

	# A bridge has the bond's address; the peer may have been told the other slave's.
	must ip -n host addr flush dev bond0
	must ip -n host link add br1 type bridge stp_state 0
	must ip -n host link set bond0 master br1
	must ip -n host link set br1 up
	must ip -n host addr add 192.0.2.2/24 dev br1
	check "$mode: below a bridge" wait_until 10 at peer ping -q -c3 -i0.1 -W1 192.0.2.2
	if [[ $mode == balance-alb ]]; then
		must ip -n peer neigh replace 192.0.2.2 dev eth0 \
			lladdr "$(mac host "$(bond_get host bond0 slaves | tr ' ' '\n' |
				grep -vx "$(bond_get host bond0 active_slave)")")"
		check "$mode: what is for another slave's address is the bridge's" \
			at peer ping -q -c3 -i0.1 -W1 192.0.2.2
		must ip -n peer neigh flush dev eth0
	fi
	must ip -n host link del br1
	must ip -n host link del bond0
	must ip -n host link set eth1 down
	must ip -n host link set eth2 down
done
done_testing
