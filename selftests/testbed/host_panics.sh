#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A panic in the kernel is a crash. No function that a packet runs through can panic, as far as the
# module's own calls can be followed: what is indexed, added or divided there has been checked.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

[[ -e rustbond.ko ]] || skip_all "there is no rustbond.ko"
code=$(mktemp)
trap 'rm -f "$code"' EXIT
scripts/sysroot run objdump -dr --no-show-raw-insn rustbond.ko >"$code"

# panics ROOT... : the ways to a panic from those functions; how many functions that were.
panics() { scripts/sysroot run python3 selftests/testbed/panics.py "$@" <"$code"; }
# none LEAST ROOT... : for check: there is no such way, from so many functions at least.
none() {
	local least=$1 found
	shift
	found=$(panics "$@")
	[[ $found =~ ^([0-9]+)\ functions$ && ${BASH_REMATCH[1]} -ge $least ]] || { echo "$found"; return 1; }
}

plan 4
# Memory is asked for by the kernel's crate, with checks that cannot fail and that it has kept.
check "panics are seen where there are some" grep -c ' -> ' <(panics .kvec.)
check "none on a packet's way out, in any mode" none 50 vtable.start_xmit rb_select_queue
check "none on its way in: policies, monitors, ARP, LACP" none 60 .on_receive
check "none where headers and IPsec ask for a slave" none 5 .headers.create .headers.parse .offload_ok
done_testing
