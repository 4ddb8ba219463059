#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Safe code that would misuse rust/netdev is refused by the compiler: each file in unsound/ says by which words.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

built=rust/bond/.bond.o.cmd
[[ -e $built && -e rust/netdev/libnetdev.rmeta ]] || skip_all "the module has not been built here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# As Kbuild compiles the driver, which is on the same floor.
command=$(sed -nE '1s/^[^=]*:= //p' "$built" | sed -E "s| --emit=[^ ]*||g; s| --out-dir [^ ]*||; s| rust/bond/bond\.rs.*||")

# compile FILE
compile() { scripts/sysroot run --bind "$work" env RUSTC_BOOTSTRAP=1 bash -c "$command --emit=metadata --out-dir $work $1"; }
refused() {
	local wanted
	wanted=$(sed -n 's|^//! error: ||p' "$1")
	! compile "$1" >"$work/said" 2>&1 || { echo "it is compiled"; return 1; }
	grep -qF -e "$wanted" "$work/said" || { echo "not for this: $wanted"; grep ^error "$work/said"; return 1; }
}

cases=(selftests/testbed/unsound/*.rs)
plan ${#cases[@]}
for case in "${cases[@]}"; do
	name=$(basename "$case" .rs)
	if [[ $name == accepted ]]; then
		check "$name: is compiled" compile "$case"
	else
		check "$name: is refused" refused "$case"
	fi
done
done_testing
