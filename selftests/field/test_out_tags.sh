#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Flows behind VLAN tags and PPPoE are spread like others by every policy that looks at IP, wherever
# the tags come from: a VLAN on a VLAN, a guest or a program that tags frames itself. Native bonding
# sends them all by one slave. And ARP monitoring hears a target behind two tags.
# vm: --with python3
# timeout: 200

# shellcheck disable=SC2086,SC2153,SC2154 # NET and KIND have no blanks, both_kinds sets kinds
. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
load_module
quiet
both_kinds
POLICIES=(layer2+3 layer3+4 encap2+3 encap3+4)
WRAPS=(vlan svlan qinq vlans three pppoe vlan-pppoe b0.7:vlan b0.7:plain b0.7.5:plain v0:qinq v0:vlan)
FLOWS=64
plan $((${#POLICIES[@]} + 2 + 2 + 2 + 2 * ${#kinds[@]}))
namespaces sink
quiet sink

for n in 0 1 2; do
	must ip link add "s$n" address "$(mac_of "$n")" type veth peer name "w$n" netns sink
	must ip -n sink link set "w$n" up
done
bond b0 mode=balance-xor miimon=50
must enslave b0 s0 s1 s2
must ip link set b0 up
# A VLAN on a VLAN, and a guest at a bridge.
must ip link add link b0 name b0.7 type vlan id 7
must ip link set b0.7 up
must ip link add link b0.7 name b0.7.5 type vlan id 5
must ip link set b0.7.5 up
must ip link add br0 type bridge stp_state 0 mcast_snooping 0
must ip link set br0 up
must ip link set b0 master br0
must ip link add v0 type veth peer name v1
must ip link set v1 master br0 up
must ip link set v0 up
links_up b0 s0 s1 s2

# spreads : for check: no slave got less than half of its part of the flows.
spreads() {
	python3 flows.py $FLOWS b0 s0,s1,s2 "$@" >/tmp/flows || { cat /tmp/flows; return 1; }
	! awk -v least=$((FLOWS / 3 / 2)) '$2 < least || $3 < least || $4 < least' /tmp/flows | grep .
}
# on_one : for check: all flows went by one slave.
on_one() {
	python3 flows.py $FLOWS b0 s0,s1,s2 "$@" >/tmp/flows || { cat /tmp/flows; return 1; }
	! awk -v all=$FLOWS '$2 != all && $3 != all && $4 != all' /tmp/flows | grep .
}

for policy in "${POLICIES[@]}"; do
	must set_opt b0 xmit_hash_policy "$policy"
	check "$policy: flows are spread behind every tag" spreads plain "${WRAPS[@]}"
done
must set_opt b0 xmit_hash_policy layer2
check "layer2: all between two MACs go by one slave, tagged or not" on_one plain "${WRAPS[@]}"
must ip link set b0 nomaster
must ip link del b0
must ip link del br0
# Between two MACs, each tag of its own.
bond b0 mode=balance-xor miimon=50 xmit_hash_policy=vlan+srcmac
must enslave b0 s0 s1 s2
must ip link set b0 up
links_up b0 s0 s1 s2
check "vlan+srcmac: looks at the outer tag alone" on_one vlan qinq pppoe
must ip link del b0

# What balance-tlb and balance-alb spread by hash.
for mode in balance-tlb balance-alb; do
	bond b0 mode=$mode miimon=50 tlb_dynamic_lb=0 xmit_hash_policy=layer3+4
	must enslave b0 s0 s1 s2
	must ip link set b0 up
	links_up b0 s0 s1 s2
	check "$mode: flows are spread behind every tag" spreads vlan qinq vlans three
	check "$mode: a PPPoE session stays with the MAC that opened it" on_one pppoe vlan-pppoe
	must ip link del b0
done

# A target behind two tags.
must ip -n sink link add sw type bridge stp_state 0 mcast_snooping 0
must ip -n sink link set sw up
for n in 0 1; do
	must ip -n sink link set "w$n" master sw
done
must ip -n sink link add link sw name sw.7 type vlan proto 802.1ad id 7
must ip -n sink link set sw.7 up
must ip -n sink link add link sw.7 name sw.5 type vlan id 5
must ip -n sink link set sw.5 up
must at sink sysctl -qw net.ipv6.conf.sw/5.disable_ipv6=0
must ip -n sink addr add 192.0.2.66/24 dev sw.5
must ip -n sink addr add 2001:db8::66/64 dev sw.5 nodad
# hears KIND OPTION TARGET ADDRESS : whether a bond that asks it stays up; sets LIFE.
hears() {
	local i up=0
	must ip link add b0 type "$1"
	must set_opt b0 mode active-backup
	must set_opt b0 arp_interval 50
	case $2 in
	arp_ip_target) must set_opt b0 arp_ip_target "+$3" ;;
	*) must ../lib/rtnl.py set b0 "$1" "31:ip6=$3" ;;
	esac
	must set_opt b0 arp_validate all
	must ip link add link b0 name b0.7 type vlan proto 802.1ad id 7
	must ip link add link b0.7 name b0.5 type vlan id 5
	must enslave b0 s0 s1
	must ip link set b0 up
	must ip link set b0.7 up
	must ip link set b0.5 up
	[[ $4 != *:* ]] || echo 0 >/proc/sys/net/ipv6/conf/b0.5/disable_ipv6
	must ip addr add "$4" dev b0.5 ${5:+"$5"}
	sleep 0.6
	for ((i = 0; i < 40; i++)); do
		((up += $(<$NET/b0/carrier)))
		sleep 0.025
	done
	must ip link del b0
	LIFE=$([[ $up == 40 ]] && echo always || echo "$up of 40")
}
for kind in "${kinds[@]}"; do
	hears "$kind" arp_ip_target 192.0.2.66 192.0.2.1/24
	if [[ $kind == "$KIND" ]]; then
		check "arp_validate all: a target behind two tags is heard" is always "$LIFE"
	else
		check "native bonding does not hear it" fails is always "$LIFE"
	fi
	hears "$kind" ns_ip6_target 2001:db8::66 2001:db8::1/64 nodad
	if [[ $kind == "$KIND" ]]; then
		check "and so is one of IPv6" is always "$LIFE"
	else
		check "nor that" fails is always "$LIFE"
	fi
done
done_testing
