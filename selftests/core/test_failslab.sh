#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Without memory: the module is loaded, and whatever can be done to a bond is done, with one
# allocation of it failing after the other. It fails with ENOMEM and all is as it was, or it works.
# Of each call a few are chosen by the SEED, and all are taken of a call that WHOLE, an expression,
# finds by its name; MOST=0 MODES='0 1 2 3 4 5 6' leaves none out. DEPTH is how far up its stack the
# driver is looked for, the allocator's own five or so included. ONLY says which calls are walked, as
# WHOLE does.
# bug 5, 24, 31: an enslave, or a registration, that fails half way is undone, at each allocation
# bug 33: an allocation that fails gives -ENOMEM, at each that there is
# timeout: 900
# vm: --kernel debug --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

[[ -d /sys/kernel/debug/failslab ]] || skip_all "the kernel has no failslab"
need python3
: "${MOST:=3}" "${SEED:=1}" "${MODES:=4}" "${DEPTH:=16}" "${ONLY:=}"
# Most of what a bond keeps is made when the first slave comes, and LACP's part of it.
: "${WHOLE:=mode 4: first slave}"
export DEPTH ONLY WHOLE
echo "# MOST=$MOST SEED=$SEED MODES='$MODES' DEPTH=$DEPTH ONLY='$ONLY' WHOLE='$WHOLE' does the same again"
file=$(modinfo -n rustbond 2>/dev/null) || skip_all "the guest has no module rustbond"
quiet
for i in 0 1; do
	must ip link add "eth$i" address "$(mac_of $((i + 1)))" type dummy
done

exec 3< <("$(dirname "$0")/failslab.py" "$MOST" "$SEED" "$file" "$KIND" $MODES)
read -r -u 3 count || bail "there are no walks"
plan "$count"
while IFS= read -r -u 3 line; do
	case $line in
	"ok "*) ktap_test_pass "${line#ok }" ;;
	"not ok "*) ktap_test_fail "${line#not ok }" ;;
	"skip "*) ktap_test_skip "${line#skip }: ONLY='$ONLY'" ;;
	"#"*) echo "$line" ;;
	esac
done
done_testing
