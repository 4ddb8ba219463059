#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module's KUnit suites, each of their cases a point: what only a kernel can tell, seen from
# inside of it.
# timeout: 600
# vm: --kernel debug --cpus 2 --with python3

. "$(dirname "$0")/../lib/lib.sh"

SUITES=/sys/kernel/debug/kunit
load_module
compgen -G "$SUITES/${KIND}_*" >/dev/null || skip_all "the kernel has no KUnit, or the module no suites"

# run SUITE : prints `N VERDICT CASE` for each of its cases, N how many it has.
run() {
	put "$SUITES/$1/run" 1
	awk '
		/^    1\.\./ { sub(/.*\.\./, ""); planned = $0 }
		/^    (not )?ok / {
			verdict = $1 == "ok" ? "ok" : "not-ok"
			if (/# SKIP/)
				verdict = "skip"
			sub(/^ *(not )?ok [0-9]+ /, "")
			print planned, verdict, $0
		}' "$SUITES/$1/results"
}
put() { echo "$2" >"$1"; }

points=() suites=0
for suite in "$SUITES/${KIND}_"*; do
	suite=${suite##*/} seen=0 planned=1
	suites=$((suites + 1))
	while read -r number verdict text; do
		planned=$number
		points+=("$verdict ${suite#"${KIND}_"}: $text")
		seen=$((seen + 1))
	done < <(run "$suite")
	((seen == planned)) || points+=("not-ok $suite: $seen cases of $planned have ended")
done

plan $((${#points[@]} + 2))
for point in "${points[@]}"; do
	case $point in
	"ok "*) ktap_test_pass "${point#* }" ;;
	"skip "*) ktap_test_skip "${point#* }" ;;
	*) ktap_test_fail "${point#* }" ;;
	esac
done
[[ " ${points[*]}" != *" not-ok "* ]] || dmesg | grep -F '    # rust/' -A 1 | sed 's/^/#   /'
check "nothing of the suites is left" fails grep -q kunit /proc/net/dev
check "all six suites have run" is 6 "$suites"
done_testing
