#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The page of the clauses of IEEE 802.1AX is what code, tests and rust/lag/clauses make of it: each clause has code
# and a test, or a reason. What goes against that is found.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

here() { scripts/sysroot run "$@"; }
copy=out/clauses
# found WANT FILE EXPRESSION : for check: with FILE so edited in a copy the check fails, and says WANT.
found() {
	local said
	rm -rf "$copy"
	mkdir -p "$copy"/{Documentation,scripts,selftests,rust}
	cp -a Documentation/clauses.rst "$copy/Documentation/"
	cp -a scripts/clauses "$copy/scripts/"
	cp -a selftests/lacp "$copy/selftests/"
	cp -a rust/lag rust/wire "$copy/rust/"
	sed -i "$3" "$copy/$2"
	! cmp -s "$2" "$copy/$2" || { echo "nothing was edited"; return 1; }
	said=$(here "$copy/scripts/clauses" --check 2>&1) && { echo "nothing was found"; return 1; }
	[[ $said == *"$1"* ]] || { echo "$said"; return 1; }
}

plan 6
check "the page is up to date, and no clause is left out" here scripts/clauses --check
check "a page of another day is found" found "out of date" Documentation/clauses.rst 's/frames_are_counted/frames_were_counted/'
check "a clause that nobody lists" found "cites clause 6.4.99" rust/lag/lacp/rx.rs '0,/Clause 6\.4\.12\./s//Clause 6.4.99./'
check "a clause without code" found "no code cites clause 6.4.17" rust/lag/lacp/churn.rs '/Clause 6\.4\.17\./d'
check "a clause without a test" found "no test cites clause 6.4.13" rust/lag/tests/lacp_table.rs '/Clause 6\.4\.13\./d'
check "a reason for what is done" found "is said not to be done" rust/lag/clauses 's/^6\.4\.17\t.*/6.4.17\tChurn\tNot done: too dull./'
rm -rf "$copy"
done_testing
