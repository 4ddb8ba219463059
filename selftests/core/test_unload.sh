#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module is unloaded while bonds exist, carry traffic, are looked at and have others above
# them. What was below gets back what it had.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer other
cables peer p0:eth0 p1:eth1
quiet peer other
must ip -n peer addr add 192.0.2.2/24 dev br0
must ip link set eth1 mtu 1400
plan 28

gone() { ! ip link show dev "$1" >/dev/null 2>&1; }

eth0=$(state eth0) eth1=$(state eth1)
for mode in active-backup balance-rr; do
	bond bond0 mode=$mode miimon=50 updelay=100
	must ip link add link bond0 name bond0.5 type vlan id 5
	must ip link add mv0 link bond0 type macvlan
	must ip link add br1 type bridge
	must enslave bond0 eth0 eth1
	must ip addr add 192.0.2.1/24 dev bond0
	must ip link set bond0 up promisc on
	must ip link set bond0.5 up
	must ip link set mv0 up
	must ip -n other link add bond0 type "$KIND"
	must ip -n other link add dummy0 type dummy
	must ip -n other link set dummy0 master bond0
	must ip -n other link set bond0 up
	must wait_until 5 ping -c1 -W1 192.0.2.2
	ping -q -f -s 1000 192.0.2.2 >/tmp/ping 2>&1 &
	pings=$!
	while :; do cat $PROC/bond0 $NET/bond0/bonding/* "$MASTERS"; done >/dev/null 2>&1 &
	readers=$!
	while :; do ip -s -d link show; done >/dev/null 2>&1 &
	readers+=" $!"
	# A file that is open when the module goes.
	exec 9<$PROC/bond0 8<$NET/bond0/bonding/slaves
	sleep 0.5
	check "$mode: the traffic flows, the module goes" wait_until 10 modprobe -r "$MODULE"
	kill -INT $pings
	# shellcheck disable=SC2086 # several of them
	kill $readers
	# shellcheck disable=SC2086
	wait $pings $readers 2>/dev/null
	check "$mode: there was traffic" bash -c "(($(sed -n 's/.* \([0-9]*\) received.*/\1/p' /tmp/ping) > 10))"
	check "$mode: the bond is gone" gone bond0
	check "$mode: and the VLAN above it" gone bond0.5
	check "$mode: and the macvlan" gone mv0
	check "$mode: and the bond in the other namespace" is "" "$(ip -n other -br link show dev bond0 2>/dev/null)"
	check "$mode: the first slave is as it was" is "$eth0" "$(state eth0)"
	check "$mode: the second one, too" is "$eth1" "$(state eth1)"
	check "$mode: the slave in the other namespace is none" is null \
		"$(ip -n other -j link show dummy0 | jq -r '.[0].master')"
	check "$mode: the file in sysfs is gone" fails test -e "$MASTERS"
	check "$mode: the folder in /proc is gone" fails test -d $PROC
	check "$mode: also in the other namespace" at other bash -c "! [[ -e $MASTERS || -d $PROC ]]"
	check "$mode: who has a file open reads nothing" bash -c '! grep -q . <&9 && ! grep -q . <&8'
	exec 9<&- 8<&-
	must ip link del br1
	must ip -n other link del dummy0
	check "$mode: the module can be loaded again" modprobe "$MODULE"
done

done_testing
