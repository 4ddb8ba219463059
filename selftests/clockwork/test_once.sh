#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A carrier event is one change: packets see one new picture of the bond, and who follows the active slave is
# told once, behind that.
# timeout: 180

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

load_module
tracing
quiet
MODES="active-backup balance-rr balance-xor broadcast balance-tlb balance-alb"
plan $((4 * $(wc -w <<<"$MODES")))

# The kernel has no probes on functions of Rust: this one of C is called with each picture, for those who look at the
# bond as at one of native's.
echo 'p:once/publish rustbond:rb_set_lacp_strict' >>"$TRACE/kprobe_events" || bail "no probe on the picture"
echo 'p:once/told call_netdevice_notifiers_info event=val:u32' >>"$TRACE/kprobe_events" || bail "no probe on the notifiers"
# NETDEV_BONDING_FAILOVER.
FAILOVER=13
echo "event == $FAILOVER" >"$TRACE/events/once/told/filter"

# counted CMD... : how often each probe was hit while CMD ran, in a line; the trace is left.
counted() {
	: >"$TRACE/trace"
	echo 1 >"$TRACE/events/once/enable"
	"$@"
	echo 0 >"$TRACE/events/once/enable"
	local name
	for name in publish told; do
		grep -c " $name: " "$TRACE/trace"
	done | xargs
}
cut() { ip -n switch link set p0 down; sleep 1; }
mend() { ip -n switch link set p0 up; sleep 1; }

for mode in $MODES; do
	namespaces switch
	cables switch p0:eth0 p1:eth1
	bond bond0 mode="$mode" miimon=1000
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	links_up bond0 eth0 eth1
	# What was begun with that is over.
	sleep 1
	failovers=0
	[[ $mode != @(active-backup|balance-tlb|balance-alb) ]] || failovers=1
	read -r published told < <(counted cut)
	check "$mode: a link is lost: one picture" is 1 "$published"
	check "$mode: a failover is told so often" is $failovers "$told"
	check "$mode: in this order" is "$(echo publish; ((failovers == 0)) || echo told)" \
		"$(sed -nE 's/.* (publish|told): .*/\1/p' "$TRACE/trace")"
	read -r published told < <(counted mend)
	check "$mode: it is back: one picture" is 1 "$published"
	must ip link del bond0
	must ip netns del switch
done
done_testing
