#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What of that which comes in by the active slave and by another is the bond's, in every mode, with
# all_slaves_active 0 and 1: what is for the bond's own address, for the other slave's, for a group,
# for all. The same as with native bonding, in the same run.
# vm: --with python3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
load_module
quiet
both_kinds
MODES=(balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb)
plan $((${#MODES[@]} * 2 * ${#kinds[@]}))
namespaces peer
quiet peer
for number in 0 1; do
	must ip link add "eth$number" address "$(mac_of $((number + 1)))" type veth peer name "p$number" netns peer
	must ip -n peer link set "p$number" up
done

coproc COUNT { exec python3 receive.py bond0 p0 p1; }

# By p0: to the bond, to the other slave, to a group, to all; the same by p1. With balance-tlb and
# balance-alb the other slave has an address of its own. A port of 802.3ad without a partner is an
# aggregate by itself, so the second is no part of the active one.
declare -A WANT=(
	[balance-rr]="3 0 3 3 3 0 3 3" [active-backup]="3 0 3 3 0 0 0 0" [balance-xor]="3 0 3 3 3 0 3 3"
	[broadcast]="3 0 3 3 3 0 3 3" [802.3ad]="3 0 3 3 0 0 0 0" [balance-tlb]="3 0 3 3 0 0 0 0"
	[balance-alb]="3 0 3 3 0 3 0 0"
)
declare -A WANT_ALL=(
	[balance-rr]="3 0 3 3 3 0 3 3" [active-backup]="3 0 3 3 3 0 3 3" [balance-xor]="3 0 3 3 3 0 3 3"
	[broadcast]="3 0 3 3 3 0 3 3" [802.3ad]="3 0 3 3 3 0 3 3" [balance-tlb]="3 0 3 3 0 3 3 3"
	[balance-alb]="3 0 3 3 0 3 3 3"
)
both_up() { (($(cat /proc/net/*/bond0 | grep -c "MII Status: up") == 3)); }
# got KIND MODE ALL_SLAVES_ACTIVE : sets GOT.
got() {
	must ip link add bond0 type "$1"
	must set_opt bond0 mode "$2"
	must set_opt bond0 miimon 50
	must set_opt bond0 all_slaves_active "$3"
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	must wait_until 10 carrier_is bond0 1
	must wait_until 10 both_up
	echo "$(mac_of 1) $(mac_of 2) 33:33:00:00:00:01 ff:ff:ff:ff:ff:ff" >&"${COUNT[1]}"
	read -r -t 60 GOT <&"${COUNT[0]}" || bail "who counts is gone"
	must ip link del bond0
}

for mode in "${MODES[@]}"; do
	for all in 0 1; do
		want=${WANT[$mode]}
		[[ $all == 0 ]] || want=${WANT_ALL[$mode]}
		got "$KIND" "$mode" "$all"
		check "$mode, all_slaves_active $all: what it hears" is "$want" "$GOT"
		[[ ${#kinds[@]} == 2 ]] || continue
		ours=$GOT
		got bond "$mode" "$all"
		check "$mode, all_slaves_active $all: as native bonding" is "$GOT" "$ours"
	done
done
done_testing
