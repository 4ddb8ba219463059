#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What stands on a bond: a VLAN, a macvlan, an ipvlan, a bridge, another bond. Each goes on through
# a failover.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer guest
cables peer p0:eth0 p1:eth1
quiet peer guest
must ip -n peer addr add 192.0.2.2/24 dev br0
must ip -n peer link add link br0 name br0.7 type vlan id 7
must ip -n peer link set br0.7 up
must ip -n peer addr add 198.51.100.2/24 dev br0.7
plan 30

# both MODE TEXT ADDRESS [NAMESPACE] : the other end answers, with either link and with both.
both() {
	local text=$1 target=$2 ns=${3:-} prefix=()
	[[ -z $ns ]] || prefix=(ip netns exec "$ns")
	check "$text: it answers" wait_until 5 "${prefix[@]}" ping -c1 -W1 "$target"
	must cut_link peer p0
	must wait_until 5 status_is bond0 eth0 down
	check "$text: with the first link cut" "${prefix[@]}" ping -c2 -i0.2 -W1 "$target"
	must mend_link peer p0
	links_up bond0 eth0
	must cut_link peer p1
	must wait_until 5 status_is bond0 eth1 down
	check "$text: with the second link cut" "${prefix[@]}" ping -c2 -i0.2 -W1 "$target"
	must mend_link peer p1
	links_up bond0 eth1
}

for mode in active-backup balance-rr; do
	bond bond0 mode=$mode miimon=50
	must ip link add link bond0 name bond0.7 type vlan id 7
	must ip link set bond0 up
	must ip link set bond0.7 up
	must ip addr add 198.51.100.1/24 dev bond0.7
	must enslave bond0 eth0 eth1
	links_up bond0 eth0 eth1
	both "$mode, a VLAN" 198.51.100.2
	check "$mode, a VLAN: its carrier is the bond's" carrier_is bond0.7 1
	must cut_link peer p0
	must cut_link peer p1
	check "$mode, a VLAN: also when it is gone" wait_until 5 carrier_is bond0.7 0
	must mend_link peer p0
	must mend_link peer p1
	must ip link del bond0
	check "$mode, a VLAN: goes with the bond" fails test -d $NET/bond0.7
done

# Devices of their own for containers.
bond bond0 mode=active-backup miimon=50
must enslave bond0 eth0 eth1
must ip link set bond0 up
links_up bond0 eth0 eth1
number=10
for kind in "macvlan mode bridge" "ipvlan mode l2"; do
	name=${kind%% *}
	# shellcheck disable=SC2086 # words
	must ip link add link bond0 name "$name" netns guest type $kind
	must ip -n guest link set "$name" up
	must ip -n guest addr add "192.0.2.$number/24" dev "$name"
	both "$name" 192.0.2.2 guest
	must ip -n guest link del "$name"
	number=$((number + 1))
done
must ip link del bond0

# A guest behind a bridge, as a virtual machine's host has it.
bond bond0 mode=active-backup miimon=50
must enslave bond0 eth0 eth1
must ip link set bond0 up
must ip link add br1 type bridge stp_state 0 mcast_snooping 0
must ip link set br1 up
must ip link set bond0 master br1
must ip link add tap0 type veth peer name eth0 netns guest
must ip link set tap0 master br1 up
must ip -n guest link set eth0 up
must ip -n guest addr add 192.0.2.3/24 dev eth0
must ip addr add 192.0.2.1/24 dev br1
links_up bond0 eth0 eth1
check "a bridge: its only listener is the active slave" is "1 0" \
	"$(field eth0 .promiscuity) $(field eth1 .promiscuity)"
both "a bridge, a guest" 192.0.2.2 guest
check "a bridge: the host, too" ping -c1 -W1 192.0.2.2
check "a bridge: what the guest sends does not come back to it" \
	is 0 "$(bridge -j fdb show br br1 | jq "[.[] | select(.mac == \"$(ip -n guest -j link show eth0 | jq -r '.[0].address')\" and .ifname == \"bond0\")] | length")"
must ip link del br1

# A bond of bonds.
must ip link del bond0
must ip addr flush dev lo scope global
bond bond0 mode=active-backup miimon=50
bond bond1 mode=active-backup miimon=50
must enslave bond0 eth0 eth1
must enslave bond1 bond0
must ip link set bond1 up
must ip addr add 192.0.2.1/24 dev bond1
links_up bond0 eth0 eth1
links_up bond1 bond0
both "a bond of a bond" 192.0.2.2
must cut_link peer p0
must cut_link peer p1
check "a bond of a bond: no link, no carrier" wait_until 5 carrier_is bond1 0
must mend_link peer p0
check "a bond of a bond: one link, carrier" wait_until 5 carrier_is bond1 1
check "a bond cannot be below itself" refuses "" ip link set bond1 master bond0

done_testing
