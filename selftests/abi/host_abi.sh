#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What other parts of the kernel read of a bond by the kernel's own header is the same for the
# drop-in as for native bonding. A module built in C against that header reads it.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

work=$PWD/out/abi
rm -rf "$work"
mkdir -p "$work"
cp selftests/abi/{reader.c,Kbuild} "$work"
plan 3
kbuild=$(scripts/kbuild-dir)
check "the reader builds" scripts/sysroot run env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
	make -C "$kbuild" M="$work" modules

must scripts/vm --icount 3 --in "$work/reader.ko:/reader.ko" --out "$work" selftests/abi/compare.sh
check "it reads native bonding's" grep -q 'two slaves: eth2: flagged 1 mine 1 found 1' "$work/native"
check "and the same of ours" diff "$work/native" "$work/ours"
done_testing
