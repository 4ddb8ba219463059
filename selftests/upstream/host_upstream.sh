#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Native's own tests run on rustbond in native's place, and the table of both is made: one quick
# test, for all of them take an hour (make check-upstream).

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

plan 2
# By the processor's own clock: there is not much to skip.
table=$(VM="--cpus 2" scripts/check-upstream bond-eth-type-change 2>&1)
echo "$table" | sed 's/^/# /'
check "it passes on both" grep -qE '^bond-eth-type-change.sh +pass +pass +[0-9]+/[0-9]+$' <<<"$table"
check "none is worse" grep -qx '1 tests, 0 worse than native' <<<"$table"
done_testing
