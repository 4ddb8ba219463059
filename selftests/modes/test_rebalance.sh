#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# balance-tlb deals flows to slaves anew every ten seconds: by what they send, by what the slaves can
# carry; without tlb_dynamic_lb it does not. Ours, and native bonding in the same run.
# vm: --icount 3 --with python3
# timeout: 500

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3 ethtool
modprobe tun || skip_all "the guest has no tun"
load_module
quiet
both_kinds
plan $((7 * ${#kinds[@]}))

# deal KIND DYNAMIC SPEEDS PHASE... : sets DEALS, the steps of each phase on a line of theirs.
deal() {
	DEALS=$(python3 rebalance.py "$@") || bail "the flows could not be sent"
	sed 's/^/# /' <<<"$DEALS"
}
# at_last PHASE : how the flows were dealt at its end.
at_last() { sed -n "$1{s/.* //;p}" <<<"$DEALS"; }
# on SLAVE DEAL : how many flows it has.
on() { tr -cd "$1" <<<"$2" | wc -c; }

for kind in "${kinds[@]}"; do
	who=ours
	[[ $kind != bond ]] || who="native bonding"
	echo "# $who, by load: four that send as much; then two of one slave send a lot, the others little"
	deal "$kind" 1 10,10 22:20,20,20,20 25:60,5
	even=$(at_last 1) after=$(at_last 2)
	check "$who, by load: each slave gets two flows" is "2 2" "$(on 0 "$even") $(on 1 "$even")"
	# The heavy ones are the first flow, and the first other one of its slave.
	mate=$(awk '{ for (i = 2; i <= 4; i++) if (substr($1, i, 1) == substr($1, 1, 1)) { print i; exit } }' <<<"$even")
	check "$who, by load: one of the two heavy flows leaves the busier slave" \
		fails is "${after:0:1}" "${after:mate-1:1}"

	echo "# $who, by speed: the second slave is twice as fast"
	deal "$kind" 1 1,2 25:64,48,32,16
	share=$(at_last 1)
	check "$who, by speed: both send" test "$(on 0 "$share")" -ge 1 -a "$(on 1 "$share")" -ge 1
	check "$who, by speed: the faster one has more flows" test "$(on 1 "$share")" -gt "$(on 0 "$share")"
	deal "$kind" 1 10,1000 15:10,10,10,10
	check "$who, by speed: one that is a hundred times as fast gets all" is 1111 "$(at_last 1)"

	echo "# $who, tlb_dynamic_lb 0"
	deal "$kind" 0 10,10 14:60,40,5,5
	check "$who, tlb_dynamic_lb 0: no flow ever moves" is 1 "$(wc -w <<<"$DEALS")"
	check "$who, tlb_dynamic_lb 0: they are spread all the same" is "2 2" "$(on 0 "$DEALS") $(on 1 "$DEALS")"
done
done_testing
