#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module loads into the kernel and leaves it, again and again.

. "$(dirname "$0")/../lib/lib.sh"

loaded() { [[ -d /sys/module/$MODULE ]]; }

again() {
	local i
	for ((i = 0; i < 20; i++)); do
		modprobe "$MODULE" && modprobe -r "$MODULE" || return
	done
}

modinfo "$MODULE" >/dev/null 2>&1 || skip_all "the guest has no module $MODULE"
plan 5
check "the module loads" modprobe "$MODULE"
check "and is there" loaded
check "it unloads" modprobe -r "$MODULE"
check "and is gone" fails loaded
check "twenty times over" again
done_testing
