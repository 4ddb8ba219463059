#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No request drives the kernel's stack more than 1 KiB deeper than native bonding does in the same
# situation, with seven bonds above each other neither. What the kernel does below a notification differs
# from one time to the next: the deepest of three rounds counts, of both.
# timeout: 900
# vm: --icount 3 --append randomize_kstack_offset=off

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/stack.sh"

# What ours may take above native, in bytes; how often all is done.
MORE=1024 ROUNDS=3
# What a shell takes in select(), and hides what native takes.
SHELL_WAITS=1944

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
STACK_OUT=$(mktemp -d)
# deepest NAMEREF KIND : one more round; a refusal stays one. What is hidden in all rounds is at most the
# least that hid it: for ours, that is what counts.
declare -A hidden
deepest() {
	local -n most=$1
	local path bytes how lines
	# All of it first: a program that is started beside the next request takes more than that.
	mapfile -t lines < <(stack_paths "$2")
	while read -r path bytes how; do
		if [[ -n $how ]]; then
			[[ $2 == bond ]] || ((${hidden[$path]:-bytes} < bytes)) || hidden[$path]=$bytes
		elif ((bytes < 0 || ${most[$path]:-0} >= 0 && bytes >= ${most[$path]:-0})); then
			most[$path]=$bytes
			[[ $2 == bond ]] || mv "$STACK_OUT/$2-$path" "$STACK_OUT/$path"
		fi
	done < <(printf '%s\n' "${lines[@]}")
}
for ((round = 0; round < ROUNDS; round++)); do
	deepest native bond
	deepest ours "$KIND"
done
stack_tracer_off

# shallow PATH : for check.
shallow() {
	local a=${ours[$1]:-${hidden[$1]:--1}} b=${native[$1]:-$SHELL_WAITS}
	((a > 0 && b > 0)) || { echo "the kernel refused it: $a bytes, native $b"; return 1; }
	((a <= b + MORE)) || { echo "$a bytes, native takes $b"; cat "$STACK_OUT/$1"; return 1; }
}
for path in "${paths[@]}"; do
	echo "# $path: ${ours[$path]:-at most ${hidden[$path]:--}} bytes, native ${native[$path]:-hidden}"
	check "$path: at most $MORE bytes deeper than native" shallow "$path"
done

done_testing
