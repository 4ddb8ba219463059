#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What settings and readings did to native.
# vm: --kernel debug --with python3
# timeout: 900

. "$(dirname "$0")/lib.sh"

need python3
load_module
namespaces far
cables far far0:eth0 far1:eth1
must ip -n far addr add 192.0.2.2/24 dev br0
helpers rtnl
must noise
plan 29

# Readings of a bond that has just been made.
bond bond0 mode=balance-alb
check "bug 7: ALB: every file of a fresh bond reads" eval 'cat $NET/bond0/bonding/* $PROC/bond0 >/dev/null'
must enslave bond0 eth0
check "bug 7: and with a slave" eval 'cat $NET/bond0/bonding/* $PROC/bond0 >/dev/null'
must ip link set bond0 up
check "bug 7: nothing is left in debugfs, where namespaces could not be told apart" \
	fails test -e /sys/kernel/debug/$MODULE/bond0
must ip link del bond0

# More targets than there is room for.
bond bond0 mode=active-backup arp_interval=1000
for n in {1..16}; do
	must set_opt bond0 arp_ip_target "+198.51.100.$n"
done
check "bug 18: a seventeenth ARP target is refused" fails set_opt bond0 arp_ip_target +198.51.100.17
check "bug 18: sixteen are there" is 16 "$(get_opt bond0 arp_ip_target | wc -w)"
many() { # COUNT : a request with so many.
	local list=() n
	for ((n = 1; n <= $1; n++)); do
		list+=("203.0.113.$n")
	done
	(IFS=, && ip link set bond0 type "$KIND" arp_ip_target "${list[*]}" 2>/dev/null) ||
		rtnl set bond0 "$KIND" "8:ip4=$(IFS=, && echo "${list[*]}")"
}
check "bug 18: seventeen in one request are refused" fails many 17
check "bug 18: and the sixteen are there still" is 16 "$(get_opt bond0 arp_ip_target | grep -o 198.51.100 | wc -l)"
check "bug 18: sixteen in one request are taken" many 16
must ip link set bond0 up
check "bug 18: and probed" during 2 alive
must ip link del bond0

for mode in balance-rr balance-xor broadcast 802.3ad balance-tlb balance-alb; do
	bond bond0 mode=$mode
	set_opt bond0 packets_per_slave 7 2>/dev/null
	set_opt bond0 arp_interval 10 2>/dev/null
	set_opt bond0 arp_ip_target +192.0.2.2 2>/dev/null
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	check "bug 19: $mode: arp_interval set, slaves up, frames sent" during 2 alive
	must ip link del bond0
done

# Null pointers where there is no slave, or no port.
bond bond0 mode=802.3ad
check "bug 22: the ioctl about a slave that is not there" refuses "No such device" rtnl info bond0 5
check "bug 22: actor_port_prio of a device that is no port" refuses "not supported" rtnl slave eth0 "$KIND" 10:u16=5
must enslave bond0 eth0
check "bug 22: actor_port_prio of one that is, the bond down" rtnl slave eth0 "$KIND" 10:u16=5
must ip link del bond0

# Peer notifications: the number there are and no more.
must ip -n far link add ear type dummy
bond bond0 mode=active-backup miimon=10 num_grat_arp=255 peer_notif_delay=0
must ip addr add 192.0.2.1/24 dev bond0
must enslave bond0 eth0 eth1
must ip link set bond0 up
links_up bond0 eth0 eth1
turn() { set_opt bond0 active_slave eth0 && set_opt bond0 active_slave eth1; }
check "bug 28: 255 notifications, and again before they are out" during 3 turn
check "bug 28: the number is what it was" opt_is 255 bond0 num_grat_arp
must ip link del bond0

# Targets of IPv6: one of the link alone, one that is a group.
must ip -n far addr add fe80::2/64 dev br0 nodad
bond bond0 mode=active-backup arp_interval=200 arp_validate=all
must enslave bond0 eth0 eth1
must ip addr add fe80::1/64 dev bond0 nodad
must ip link set bond0 up
target() { rtnl set bond0 "$KIND" "31:ip6=$1"; }
check "bug 38: a group as a target is refused" refuses "Invalid argument" target ff02::2
check "bug 38: an address of the link is taken" target fe80::2
check "bug 38: and answers" wait_until 10 status_is bond0 eth0 up
check "bug 38: a backup slave hears its solicitations" test "$(ip maddr show dev eth1 | grep -c 33:33:ff)" -ge 1
must ip link del bond0
check "bug 38: and no more when it is none" fails grep -q 33:33:ff:00:00:02 <<<"$(ip maddr show dev eth1)"

# What a refusal says, and what it leaves.
bond bond0 mode=active-backup miimon=50
check "bug 39: an unknown primary by netlink is refused" refuses "No such device" rtnl set bond0 "$KIND" 11:u32=9999
check "bug 39: and an attribute that is too short" refuses "Numerical result out of range" rtnl set bond0 "$KIND" 3:u8=7
check "bug 39: nothing has changed" is "50 " "$(get_opt bond0 miimon) $(get_opt bond0 primary)"

check "the module can go" eval 'ip link del bond0 && wait_until 20 modprobe -r "$MODULE"'
done_testing
