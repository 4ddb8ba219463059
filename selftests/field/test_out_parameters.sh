#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Module parameters and files that strangers write to: a full list of arp_ip_target with an address
# twice, which native bonding reads past its end; who may write to the files of a bond; and a device whose
# address a bond of balance-tlb or balance-alb has no room for.
# timeout: 120

# shellcheck disable=SC2086,SC2153,SC2154 # NET and KIND have no blanks, both_kinds sets kinds
. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: the points are about ours"
load_module
quiet
both_kinds
must modprobe dummy numdummies=0
others=$((${#kinds[@]} - 1))
plan $((9 + 2 * ${#kinds[@]} + 2 * others))

without() { capsh --drop=cap_net_admin -- -c "$1"; }

for kind in "${kinds[@]}"; do
	masters=$NET/bonding_masters
	[[ $kind == bond ]] || masters=$NET/${kind}_masters
	must ip link add b0 type "$kind"
	if [[ $kind == bond ]]; then
		# What breaks with ours: root without the capability changes bonds, or who was given the open file.
		check "native bonding: a file is written without CAP_NET_ADMIN" without "echo 1 >$NET/b0/bonding/resend_igmp"
		check "and bonds are made" without "echo +b9 >$masters"
		ip link del b9
	else
		check "a file of a bond: EPERM without CAP_NET_ADMIN" refuses "Operation not permitted" \
			without "echo 3 >$NET/b0/bonding/resend_igmp"
		check "nothing has changed" opt_is 1 b0 resend_igmp
		check "nor by a descriptor that was opened with it" refuses "Operation not permitted" \
			bash -c "exec 5>$NET/b0/bonding/resend_igmp; capsh --drop=cap_net_admin -- -c 'echo 3 >&5'"
		check "the file of all bonds: EPERM, too" refuses "Operation not permitted" without "echo +b9 >$masters"
		check "no bond was made" fails test -e $NET/b9
		check "as the kernel's own files of a device say" refuses "Operation not permitted" \
			without "echo 1400 >$NET/b0/mtu"
		check "reading needs nothing" without "cat $NET/b0/bonding/resend_igmp $masters"
	fi
	must ip link del b0

	# A VLAN on the very bond has its address, and no other is free.
	for mode in balance-tlb balance-alb; do
		must ip link add b0 type "$kind"
		must set_opt b0 mode $mode
		must ip link add d0 type dummy
		must enslave b0 d0
		must ip link set b0 up
		must ip link add link b0 name v0 type vlan id 7
		check "$kind, $mode: a VLAN on the bond is refused for its address" refuses "Bad address" ip link set v0 master b0
		must ip link del v0
		must ip link del b0
		must ip link del d0
	done
done

for module in rustbond bonding; do
	[[ ! -d /sys/module/$module ]] || must wait_until 5 modprobe -r $module
done
list=$(printf '192.0.2.%s,' {1..15})192.0.2.7
check "16 arp_ip_target of which one is twice: it loads" \
	modprobe rustbond arp_interval=100 "arp_ip_target=$list" mode=active-backup
must ip link add b0 type rustbond
check "and a bond has the others, in their order" is "$(printf '192.0.2.%s ' {1..15})" "$(get_opt b0 arp_ip_target) "
done_testing
