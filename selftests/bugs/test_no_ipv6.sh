#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A machine without IPv6: its neighbour table is not there.
# vm: --kernel debug --append ipv6.disable=1 --with python3
# timeout: 900

. "$(dirname "$0")/lib.sh"

need python3
load_module
namespaces far
cables far far0:eth0 far1:eth1
must ip -n far addr add 192.0.2.2/24 dev br0
helpers rtnl
must noise
plan 11

check "there is no IPv6" fails test -d /proc/sys/net/ipv6
for mode in active-backup balance-alb 802.3ad balance-rr; do
	bond bond0 mode=$mode miimon=10
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	check "bug 8: $mode: frames come and go" during 3 alive
	must ip link del bond0
done
bond bond0 mode=active-backup arp_interval=200 arp_ip_target=+192.0.2.2 arp_validate=all
must ip addr add 192.0.2.1/24 dev bond0
must enslave bond0 eth0 eth1
must ip link set bond0 up
rtnl set bond0 "$KIND" 31:ip6=2001:db8::2
check "bug 8: with a target of IPv6: the monitor goes on" during 3 alive
check "bug 8: and the other target keeps a link up" wait_until 10 status_is bond0 eth0 up
must cut_link far far0
check "bug 8: a failover with its notifications" wait_until 10 active_is bond0 eth1
check "bug 8: the bond is well" alive
must ip link del bond0
check "the module can go" wait_until 20 modprobe -r "$MODULE"
check "and come again" modprobe "$MODULE"
done_testing
