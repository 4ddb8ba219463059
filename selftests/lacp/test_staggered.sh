#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Ports of the partner that come one by one, as those of a switch that boots. Where one port could
# carry the traffic, one does: with ours at both ends there is no hole; with native bonding as the partner
# it is no longer than native's own with itself, measured beside it.
# timeout: 900
# vm: --icount 3 --with python3,teamd

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/pairs.sh"

[[ $KIND == rustbond ]] || skip_all "it is compared with native bonding"
load_module
must modprobe bonding max_bonds=0
POLL=0.3
# Ports, and seconds from one to the next.
LINES=("8 1.9" "4 1.5" "4 0.1")
plan $((5 * ${#LINES[@]} + 2))

# Takes a port of the bond in `b` in, which has its address already.
JOIN="ip -n b link set s{} down; ip -n b link set s{} master bond0; ip -n b link set s{} up"

# line OURS PARTNER COUNT GAP : sets GOT, SENT and HOLE.
line() {
	links "$3"
	ours_of "$1" "$3"
	partner_start "$2" 0
	# Native bonding does nothing for its first eight seconds.
	sleep 9
	across "$(awk "BEGIN { print $3 * $4 + 5 }")" 4 "join=$4:$3:$JOIN"
	echo "# $1 with $2, $3 ports $4 s apart: $GOT of $SENT, hole $HOLE ms"
	unlink
}

# Or its ports are there, and the cables are plugged in one by one.
PLUG="tc -n m filter add dev p{} ingress matchall action mirred egress redirect dev q{}"
PLUG+="; tc -n m filter add dev q{} ingress matchall action mirred egress redirect dev p{}"

# cables OURS PARTNER COUNT GAP : sets GOT, SENT and HOLE.
cables() {
	local i
	links "$3"
	for ((i = 0; i < $3; i++)); do
		echo "filter del dev p$i ingress"
		echo "filter del dev q$i ingress"
	done | must tc -n m -batch -
	ours_of "$1" "$3"
	partner_start "$2" "$3"
	sleep 9
	across "$(awk "BEGIN { print $3 * $4 + 5 }")" 4 "join=$4:$3:$PLUG"
	echo "# $1 with $2, $3 cables $4 s apart: $GOT of $SENT, hole $HOLE ms"
	unlink
}

# The programs that are run for each port take their time, too: 100 ms more are none.
hole_at_most() { ((GOT > 0 && HOLE <= $1 + 100)) || { echo "a hole of $HOLE ms, not of $1: $GOT of $SENT"; return 1; }; }

for ports in "${LINES[@]}"; do
	read -r count gap <<<"$ports"
	line bond bond "$count" "$gap"
	check "native with native, $count ports $gap s apart: something gets across" at_least 1
	native=$HOLE
	line "$KIND" "$KIND" "$count" "$gap"
	check "with itself, $count ports $gap s apart: no hole" hole_at_most 0
	check "and next to nothing is lost" at_least $((SENT * 97 / 100))
	line "$KIND" bond "$count" "$gap"
	check "with native, $count ports $gap s apart: no longer a hole than native's own" hole_at_most "$native"
	line bond "$KIND" "$count" "$gap"
	check "native with it, $count ports $gap s apart: nor there" hole_at_most "$native"
done
# teamd attaches at once, and takes nothing of a port that is not in sync. Until the next LACPDU nobody
# knows of the cable: a second, or less. Open vSwitch and a bond at rest speak each thirty seconds: which of
# the two drivers is heard first is luck.
cables bond teamd 4 1.5
check "native with teamd, 4 cables 1.5 s apart: something gets across" at_least 1
native=$((HOLE > 1000 ? HOLE : 1000))
cables "$KIND" teamd 4 1.5
check "with teamd, 4 cables 1.5 s apart: no longer a hole than native's, or a second" hole_at_most "$native"
wait_until 10 modprobe -r team_mode_loadbalance team_mode_roundrobin team
done_testing
