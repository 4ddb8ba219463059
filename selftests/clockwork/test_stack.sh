#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No request drives the kernel's stack much deeper than native bonding does in the same situation, with
# seven bonds above each other neither. The aim is 1 KiB; what native takes differs by nearly as much from
# one run to the next, so that this fails from 2 KiB on.
# timeout: 200
# vm: --icount 3 --append randomize_kstack_offset=off

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/stack.sh"

# What ours may take above native, in bytes.
MORE=2048

load_module
both_kinds
[[ ${#kinds[@]} == 2 ]] || skip_all "there is no native bonding to compare with"
stack_tracer || skip_all "the kernel has no stack tracer"
for path in $STACK_PATHS; do
	paths+=("$path")
done
plan ${#paths[@]}
quiet
for module in dummy bridge 8021q; do
	modprobe -q $module
done

declare -A native ours
while read -r path bytes; do native[$path]=$bytes; done < <(stack_paths bond)
while read -r path bytes; do ours[$path]=$bytes; done < <(stack_paths "$KIND")
stack_tracer_off

# shallow PATH : for check.
shallow() {
	local a=${ours[$1]:--1} b=${native[$1]:--1}
	((a > 0 && b > 0)) || { echo "the kernel refused it: $a bytes, native $b"; return 1; }
	((a <= b + MORE)) || { echo "$a bytes, native takes $b"; return 1; }
}
for path in "${paths[@]}"; do
	echo "# $path: ${ours[$path]:--} bytes, native ${native[$path]:--}"
	check "$path: at most $MORE bytes deeper than native" shallow "$path"
done

done_testing
