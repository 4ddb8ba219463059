#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The symbols of the module that is built: short names that a person reads, and the code as Kbuild made it.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

[[ -e rustbond.ko && -e rustbond.o ]] || skip_all "there is no rustbond.ko and what it is made of"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here() { scripts/sysroot run "$@"; }

# code FILE : of its functions, each relocation by its kind and place.
code() {
	here objcopy -O binary --only-section=.text "$1" "$work/text"
	sha256sum <"$work/text"
	here readelf -rW "$1" | awk '/^Relocation section/ { on = $3 == "\x27.rela.text\x27" } on && $3 ~ /^R_/ { print $1, $3 }' | sha256sum
}
# As Kbuild links it, and what becomes of that.
cp rustbond.o "$work/module.o"
here scripts/slim "$work/module.o"
names() { nm --defined-only "$1" | cut -d' ' -f3; }
# no PATTERN : for check: no symbol of the module has such a name.
no() { ! names rustbond.ko | grep -E "$1"; }
# different FILE : how many names, of those that stay.
different() { names "$1" | grep -vE '^(__pfx_|\.L)' | sort -u | wc -l; }

plan 7
check "there is something to do" test "$(names rustbond.o | grep -cE '^(__pfx_|\.L|_R)')" -gt 500
check "symbols of padding and jumps are gone" no '^(__pfx_|\.Ltmp)'
check "no name is mangled" no '^_R'
check "a function is called by its path" grep -x 'netdev\.vtable\.start_xmit' <(names rustbond.ko)
check "two functions have two names" test "$(different "$work/module.o")" = "$(different rustbond.o)"
check "functions called elsewhere keep their names" diff <(here nm -u rustbond.o) <(here nm -u "$work/module.o")
check "the code is the same" test "$(code "$work/module.o")" = "$(code rustbond.o)"
done_testing
