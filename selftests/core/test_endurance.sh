#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The whole life of a bond, again and again (TIMES): the module is loaded, slaves come, a link is
# cut, slaves leave, the module goes. The kernel has nothing to complain of, and nothing is left.
# vm: --cpus 2
# timeout: 600

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

TIMES=${TIMES:-25}
modinfo "$MODULE" >/dev/null 2>&1 || skip_all "the guest has no module $MODULE"
quiet
for i in 0 1; do
	must ip link add "eth$i" address "$(mac_of $((i + 1)))" type veth peer name "far$i"
	must up "far$i"
done
plan 5

eth0=$(state eth0) eth1=$(state eth1)
# life ROUND : one of them. Modes and ways change from round to round.
life() {
	local mode=$(($1 % 2)) way=$(($1 % 3))
	modprobe "$MODULE" || return
	ip link add bond0 type "$KIND" || return
	set_opt bond0 mode $mode && set_opt bond0 miimon $(($1 % 4 * 20)) || return
	ip -batch - <<-END || return
		link set eth0 master bond0
		link set eth1 master bond0
		link set bond0 up
	END
	wait_until 5 carrier_is bond0 1 || return
	down far0
	flood bond0 20 || return
	wait_until 5 status_is bond0 eth0 down || return
	((mode == 0)) || active_is bond0 eth1 || return
	up far0
	case $way in
	0) ip link set eth0 nomaster && ip link set eth1 nomaster || return ;;
	1) set_opt bond0 slaves -eth1 || return ;;
	2) ;;
	esac
	flood bond0 5
	wait_until 10 modprobe -r "$MODULE"
}
lives() {
	local round
	for ((round = 1; round <= TIMES; round++)); do
		life $round || { echo "round $round"; return 1; }
	done
}
slabs() { awk '$1 == "kmalloc-1k" || $1 == "kmalloc-2k" || $1 == "kmalloc-4k" { n += $2 * $4 } END { print n }' /proc/slabinfo; }

must life 1
slabs_before=$(slabs)
check "a bond's life, $TIMES times" lives
check "the first slave is as it was" is "$eth0" "$(state eth0)"
check "the second one, too" is "$eth1" "$(state eth1)"
check "nothing of the module is left" fails test -e "$PROC"
slabs_after=$(slabs)
echo "# large pieces of kernel memory: $slabs_before bytes before, $slabs_after after"
# A round that kept its bond would have kept a hundred KiB; others' caches fill as well.
check "no round kept memory" bash -c "(($slabs_after - $slabs_before < $TIMES * 8192))"

done_testing
