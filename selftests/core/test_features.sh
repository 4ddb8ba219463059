#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a bond offers to the stack, computed from its slaves as native bonding does: features, GSO
# and MTU limits, VLAN ids passed down. Both kinds in one run, over slaves that are alike.
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

[[ $KIND != bond ]] || skip_all "it is what the others are compared with"
modinfo bonding >/dev/null 2>&1 || skip_all "the guest has no native bonding"
load_module
must modprobe bonding max_bonds=0
modprobe -a dummy 8021q
quiet
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
plan 32

# both CMD... : runs it for ours (a0, slaves sa0 and sa1) and native (b0, slaves sb0 and sb1): % is
# the letter.
both() {
	local letter
	for letter in a b; do
		must "${@//%/$letter}" >/dev/null
	done
}
features() { ethtool -k "$1" | grep -v '^Features'; }
offers() {
	features "$1"
	ip -d -j link show "$1" | jq -c '.[0] | {mtu, min_mtu, max_mtu, gso_max_size, gso_max_segs,
		tso_max_size, tso_max_segs, gro_max_size, gso_ipv4_max_size, gro_ipv4_max_size,
		num_tx_queues, num_rx_queues, txqlen, link_type, flags: (.flags - ["NO-CARRIER"] | sort)}'
	cat "$NET/$1"/{addr_len,type,netdev_group}
}
# alike WHAT DEV DEV : a point: both offer the same.
alike() {
	check "$1: it offers what native bonding does" diff <(offers "$2") <(offers "$3")
}

both ip link add %0 type dummy
both ip link del %0
must ip link add a0 type "$KIND"
must ip link add b0 type bond
alike "no slaves" a0 b0
for mode in active-backup 802.3ad balance-alb; do
	must set_opt a0 mode "$mode"
	must set_opt b0 mode "$mode"
	alike "no slaves, $mode" a0 b0
done
must set_opt a0 mode active-backup
must set_opt b0 mode active-backup

# Dummies can nearly everything, and less as they are told.
for number in 0 1; do
	both ip link add "s%$number" type dummy
done
enslave a0 sa0 sa1 && enslave b0 sb0 sb1 || bail "cannot enslave"
both ip link set %0 up
alike "two dummies" a0 b0
both ethtool -K s%0 tso off
alike "tso off on one" a0 b0
both ethtool -K s%0 sg off
alike "scatter-gather off on one" a0 b0
both ethtool -K s%0 tx off
alike "checksums off on one" a0 b0
both ethtool -K s%0 sg on tx on tso on
alike "all on again" a0 b0
both ethtool -K %0 tso off gso off
alike "off on the bond itself" a0 b0
same_slaves() {
	local number
	for number in 0 1; do
		diff <(features "sa$number") <(features "sb$number") || return
	done
}
check "off on the bond itself: the slaves have what native's have" same_slaves
both ethtool -K %0 tso on gso on
both ip link set s%0 gso_max_size 30000 gso_max_segs 100
both ip link set s%1 gso_max_size 20000
alike "a smaller GSO size" a0 b0
both ip link set s%1 gso_max_size 65536
alike "and larger again" a0 b0
both ip link set s%0 nomaster
alike "one of two is gone" a0 b0
both ip link set s%0 master %0
alike "and back" a0 b0
both ip link set %0 mtu 9000
alike "MTU 9000" a0 b0
check "MTU 9000: the slaves have it" is "9000 9000" "$(dev_attr sa0 mtu) $(dev_attr sa1 mtu)"
both ip link set %0 mtu 1500

# VLAN ids, by what the kernel does for each.
trace=/sys/kernel/tracing
vlans() {
	: >$trace/trace
	"$@" || return
	sed -nE 's/.*(vid_[a-z]*): .*vid=([0-9]+).*/\1 \2/p' $trace/trace | sort | uniq -c | awk '{ print $1 "x", $2, $3 }' | xargs
}
vlans_alike() {
	local text=$1 ours native
	shift
	ours=$(vlans "${@//%/a}") native=$(vlans "${@//%/b}")
	echo "# $text: $ours"
	check "$text: as many calls for VLAN ids as with native bonding" is "$native" "$ours"
}
if echo 'p:vid_add vlan_vid_add vid=%dx:u16' >$trace/kprobe_events 2>/dev/null &&
	echo 'p:vid_del vlan_vid_del vid=%dx:u16' >>$trace/kprobe_events; then
	echo 1 >$trace/events/kprobes/enable
	vlans_alike "a VLAN on the bond" ip link add link %0 name %0.7 type vlan id 7
	check "it is passed down to the slaves" grep -qE "[2-9]x vid_add 7" <<<"$(vlans ip link add link a0 name a0.8 type vlan id 8 | sed s/8/7/)"
	must ip link add link b0 name b0.8 type vlan id 8
	vlans_alike "a slave leaves" ip link set s%0 nomaster
	vlans_alike "a slave joins" ip link set s%0 master %0
	vlans_alike "a VLAN goes" ip link del %0.7
	vlans_alike "the bond goes" ip link del %0
	echo 0 >$trace/events/kprobes/enable
	echo >$trace/kprobe_events
	must ip link add a0 type "$KIND"
	must ip link add b0 type bond
else
	for text in 1 2 3 4 5 6; do
		ktap_test_skip "VLAN ids: the kernel has no kprobes"
	done
fi

# veth has other features; and a device that is no Ethernet.
for letter in a b; do
	must ip link del "s${letter}0" 2>/dev/null
	must ip link add "s${letter}0" type veth peer name "p${letter}0"
	must ip link set "p${letter}0" up
done
enslave a0 sa0 sa1 && enslave b0 sb0 sb1 || bail "cannot enslave"
alike "a veth and a dummy" a0 b0
both ip link set s%1 nomaster
alike "a veth" a0 b0
both ip link add link %0 name %0.9 type vlan id 9
alike "a VLAN on it" a0.9 b0.9
both ip link del %0.9
both ip link set s%0 nomaster
alike "no slave any more" a0 b0

# Another type of device, and back.
modprobe -a ip_gre 2>/dev/null
if ip link add ga0 type gre local 192.0.2.1 remote 192.0.2.2 key 1 && ip link add gb0 type gre local 192.0.2.1 remote 192.0.2.2 key 2; then
	must set_opt a0 mode active-backup
	must set_opt b0 mode active-backup
	check "a GRE tunnel as a slave: taken" ip link set ga0 master a0
	must ip link set gb0 master b0
	alike "a GRE tunnel" a0 b0
	check "another type beside it: refused" refuses "" ip link set sa1 master a0
	both ip link set g%0 nomaster
	alike "Ethernet again" a0 b0
	check "and Ethernet devices are slaves again" ip link set sa1 master a0
else
	for text in 1 2 3 4 5; do
		ktap_test_skip "the kernel has no GRE"
	done
fi
done_testing
