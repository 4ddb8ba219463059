#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module's parameters: what makes native bonding refuse to load makes ours, too, and says so in
# the log; and what they come to is the same for a new bond.
# vm: --icount 3 --with python3
# timeout: 900

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/native.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to compare it with"
need python3
for module in rustbond bonding; do
	modinfo "$module" >/dev/null 2>&1 || skip_all "the guest has no module $module"
done
NATIVE_LACKS=$(native_lacks) exec python3 params.py
