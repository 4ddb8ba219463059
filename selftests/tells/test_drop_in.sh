#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the place of native bonding the family, tracepoints and counters are there too, and of the attributes that native
# has, in a dump and in files, none is another for it.
# vm: --with python3,python3-yaml,ethtool --in Documentation/netlink/rustbond.yaml:/rustbond.yaml
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

for module in rustbond bonding; do
	modinfo "$module" >/dev/null 2>&1 || skip_all "the guest has no module $module"
done
namespaces far
PROC=/proc/net/bonding
plan 7

# seen : attributes of a bond and its slaves, files and statistics, as native has them.
seen() {
	ip -d -j link show dev b0 | jq -c '.[0].linkinfo | del(.info_data.ad_actor_system)'
	for dev in s0 s1; do
		ip -d -j link show dev $dev | jq -c '.[0].linkinfo'
	done
	(cd $NET/b0/bonding && grep -s '' -- * | grep -v ^arp_adaptive:)
	grep -v -e 'Ethernet Channel' -e Permanent /proc/net/bonding/b0
}
# made MODULE [PARAMETER] : a bond of it, in which a link has failed.
made() {
	must modprobe "$1" max_bonds=0 ${2:+"$2"}
	must ip link add b0 address 02:00:00:00:00:01 type bond mode active-backup miimon 50
	for n in 0 1; do
		must ip link add "s$n" address "02:00:00:00:0a:0$n" type veth peer name "p$n" netns far
		must ip -n far link set "p$n" up
	done
	must enslave b0 s0 s1
	must ip link set b0 up
	links_up b0 s0 s1
	must ip -n far link set p0 down
	must wait_until 5 active_is b0 s1
	sleep 1
}
made bonding
seen >/tmp/native
must ip link del b0
must ip link del s0
must ip link del s1
must wait_until 5 modprobe -r bonding
made rustbond drop_in=1
seen >/tmp/ours
# Indices are of devices that were made later.
without_index() { sed -E 's/"(active_slave|ifindex)":[0-9]+//' "$1"; }
check "attributes and files are native's" diff <(without_index /tmp/native) <(without_index /tmp/ours)
check "the family is there" is b0 "$(asked dump bond-get | jq -r '.[].ifname')"
check "with the history" is '"active carrier"' \
	"$(records b0 'select(.what == "active") | "\(.what) \(.cause)"' | tail -n 1)"
check "counters" is 1 "$(ethtool -S b0 | sed -n 's/^ *failovers: //p')"
check "those of the slaves" is 1 "$(ethtool -S b0 | sed -n 's/^ *s0.link-failures: //p')"
[[ -d /sys/kernel/tracing/events ]] || mount -t tracefs none /sys/kernel/tracing
check "tracepoints" [ -e /sys/kernel/tracing/events/rustbond/bond_record/enable ]
must ip link del b0
gone() { modprobe -r rustbond && fails asked dump bond-get >/dev/null 2>&1; }
check "the family goes with the module" gone
