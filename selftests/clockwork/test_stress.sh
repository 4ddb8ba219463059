#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What many bonds cost grows as they do: four times the bonds, four times the instructions. Nothing here
# is timed: the guest's clock counts instructions.
# timeout: 900
# vm: --icount 3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/busy.sh"

FEW=50 MANY_MORE=200
# How much more four times the bonds may take, in tenths; and what they may take at rest, of native.
LINEAR=46 AT_REST=15

load_module
both_kinds
busy_tracer || skip_all "the kernel does not tell when it idles"
modes=(balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb)
modprobe -q dummy
quiet
busy_log
plan $((5 + ${#kinds[@]} - 1 + ${#modes[@]} + 1))

# grows NAME : for check, what FEW and MANY_MORE took.
grows() {
	local a=${few[$1]} b=${many[$1]}
	((a > 0 && b > 0)) || { echo "it failed: $a, $b"; return 1; }
	((b * 10 <= a * LINEAR)) || { echo "$FEW: $a us, $MANY_MORE: $b us: more than $LINEAR tenths"; return 1; }
}

# took BONDS NAMEREF KIND MODE
took() {
	local -n into=$2
	local name numbers i=0
	read -r -a numbers < <(many_bonds "$3" "$1" "$4")
	for name in $MANY; do
		# shellcheck disable=SC2034 # it is the caller's
		into[$name]=${numbers[i++]:--1}
	done
}

# What the guest does without any bond is nobody's.
sleep 20
without=$(busy_in 10)
for _ in 1 2; do
	again=$(busy_in 10)
	((again > without)) || without=$again
done
echo "# at rest without a bond: $without us"
declare -A few=() many=() native=()
took $FEW few "$KIND" active-backup
took $MANY_MORE many "$KIND" active-backup
few[idle]=$((few[idle] - without)) many[idle]=$((many[idle] - without))
for name in $MANY; do
	echo "# $name: $FEW bonds ${few[$name]} us, $MANY_MORE bonds ${many[$name]} us"
done
for name in enslave up idle dump delete; do
	check "$name: $MANY_MORE bonds take at most $LINEAR tenths of what $FEW take" grows $name
done
if ((${#kinds[@]} > 1)); then
	took $MANY_MORE native bond active-backup
	native[idle]=$((native[idle] - without))
	rests() {
		((many[idle] * 10 <= native[idle] * AT_REST)) || { echo "${many[idle]} us, native ${native[idle]} us"; return 1; }
	}
	for name in $MANY; do
		echo "# $name: native, $MANY_MORE bonds ${native[$name]} us"
	done
	check "at rest at most $AT_REST tenths of native's" rests
fi

# All that is done to many is done in each mode.
all_done() {
	local numbers
	numbers=$(many_bonds "$KIND" 30 "$1" 0) || { echo "something failed"; return 1; }
	[[ " $numbers " != *" -1 "* ]] || { echo "not all could be done: $numbers"; return 1; }
}
for mode in "${modes[@]}"; do
	check "$mode: 30 bonds are made, used and deleted" all_done "$mode"
done
check "the module can be unloaded" modprobe -r "$MODULE"

done_testing
