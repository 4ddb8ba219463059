#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module builds for the newest kernel that Debian has, by the compilers of that suite, and is one that
# this kernel would take.
# timeout: 1500

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

# A suite that moves may not be whole at the moment; that is not ours to judge.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
release=$(scripts/sysroot kernel sid 2>"$log") || skip_all "sid's kernel and tools cannot be had now: $(tail -n 1 "$log")"
here() { ROOT_SUITE=sid scripts/sysroot run "$@"; }
module=out/sid/rustbond.ko
built() { make KERNEL=sid LITE=1 >"$log" 2>&1 || { tail -n 20 "$log"; return 1; }; }

plan 4
check "it is built" built
check "without a warning" eval '! grep -E "warning: |WARNING: " "$log"'
check "for $release" grep -x "$release .*" <(here modinfo -F vermagic "$module")
# Each name that it takes from the kernel is one that the kernel gives away.
given() { here awk '{ print $2 }' "/lib/modules/$release/build/Module.symvers" | sort -u; }
check "with names that it has" eval '! comm -23 <(here nm -u "$module" | awk "{ print \$2 }" | sort -u) <(given) | grep .'
done_testing
