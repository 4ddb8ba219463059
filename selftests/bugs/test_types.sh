#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Slaves that are no Ethernet devices, bonds on bonds, and XDP.
# vm: --kernel debug --with python3
# timeout: 900

. "$(dirname "$0")/lib.sh"

need python3
load_module
modprobe -a ip_gre ip6_gre dummy 2>/dev/null
plan 32

helpers headers xdp

tunnel() {
	case $1 in
	gre) ip link add "$2" type gre local 192.0.2.1 remote 192.0.2.2 key "$3" ;;
	ip6gre) ip link add "$2" type ip6gre local 2001:db8::1 remote 2001:db8::2 key "$3" ;;
	esac
}
number=0
for kind in gre ip6gre; do
	number=$((number + 1))
	must tunnel $kind tun0 $number
	bond bond0 mode=active-backup miimon=10
	check "bug 1: $kind is a slave" ip link set tun0 master bond0
	must ip link set bond0 up
	check "bug 1: $kind: headers are made and taken apart" headers bond0
	must ip addr add 198.51.100.1/24 dev bond0
	ping -c1 -W1 198.51.100.2 >/dev/null 2>&1
	check "bug 1: $kind: the bond is well" alive
	check "bug 25: $kind: it is a master still" test "$(field bond0 '.flags | index("MASTER") != null')" = true
	# Back to Ethernet.
	must ip link set tun0 nomaster
	must ip link add dum0 type dummy
	check "bug 25: after $kind, an Ethernet slave" ip link set dum0 master bond0
	check "bug 25: it is a master, and the other its slave" is "true true" \
		"$(field bond0 '.flags | index("MASTER") != null') $(field dum0 '.flags | index("SLAVE") != null')"
	must ip link del bond0
	must ip link del dum0

	bond bond0 mode=802.3ad
	# Native takes it, and read six octets of an address of four.
	ip link set tun0 master bond0 2>/dev/null
	must ip link set bond0 up

	check "bug 9: $kind under 802.3ad: the bond is well" alive
	must ip link del bond0

	modprobe team 2>/dev/null
	bond bond0 mode=active-backup miimon=10
	must ip link set tun0 master bond0
	must ip link add team0 type team
	ip link set bond0 down
	ip link set bond0 master team0 2>/dev/null
	ip link set team0 up 2>/dev/null
	check "bug 3: $kind under a bond under a team: headers" headers team0
	check "bug 3: $kind under a bond under a team: the bond is well" alive
	must ip link del team0
	must ip link del bond0
	must ip link del tun0
done

# A bond on a bond.
bond bond0 mode=active-backup
bond bond1 mode=active-backup
must tunnel gre tun0 7
must ip link set tun0 master bond0
ip link set bond0 master bond1 2>/dev/null
ip link set bond0 up 2>/dev/null
ip link set bond1 up
check "bug 2: a bond on a bond on gre: headers" headers bond1
check "bug 2: and nobody runs round in circles" alive bond1
check "bug 2: the lower one is well" alive bond0
must ip link del bond1
must ip link del bond0
must ip link del tun0

modprobe vcan 2>/dev/null
must ip link add can0 type vcan
bond bond0
before=$(state can0)
check "bug 23: a CAN device is refused" fails ip link set can0 master bond0
check "bug 23: and is as it was" is "$before" "$(state can0)"

# A macvlan takes no MTU above that of the device below: known when it is half a slave.
must ip link add dum0 mtu 1400 type dummy
must ip link add mv0 link dum0 type macvlan
before=$(state mv0)
check "bug 24: a slave whose set-up fails is refused" fails ip link set mv0 master bond0
check "bug 24: and is not left up" is "$before" "$(state mv0)"
must ip link del bond0
must ip link del dum0

# Generic XDP: the core's, before the stack, whatever the slaves can.
must ip link add dum0 type dummy
must ip link add dum1 type dummy
bond bond0 mode=balance-xor miimon=10
must enslave bond0 dum0 dum1
must ip link set bond0 up
must noise
check "bug 12: an XDP program is put on a bond" xdp bond0 generic
check "bug 10: vlan+srcmac with it" set_opt bond0 xmit_hash_policy vlan+srcmac
again() {
	for _ in 1 2 3; do
		xdp bond0 off && xdp bond0 generic || return
	done
}
check "bug 12: it is replaced, and again" again
modes() {
	local mode
	for mode in balance-rr active-backup broadcast 802.3ad balance-tlb balance-alb; do
		must ip link set bond0 down
		must ip link set dum0 nomaster
		must ip link set dum1 nomaster
		set_opt bond0 mode $mode || return
		must enslave bond0 dum0 dum1
		must ip link set bond0 up
		during 1 alive || return
	done
}
check "bug 11: the mode is changed with it" modes
must xdp bond0 off
check "bug 10: a program for the driver is refused in balance-alb, and why" refuses "XDP: not in mode balance-alb" xdp bond0 native
check "bug 12: the bond goes with it" ip link del bond0

check "all is given back: the module can go" wait_until 20 modprobe -r "$MODULE"
done_testing
