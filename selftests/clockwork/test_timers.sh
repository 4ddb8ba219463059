#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The timers of a bond: neither early nor late, and RTNL is not taken while nothing happens.
# timeout: 300
# vm: --icount 3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

[[ $KIND != bond ]] || skip_all "native polls by other functions"
load_module
tracing
plan 16
quiet

must ip link add d0 type dummy
must ip link add d1 type dummy
echo 'p:rb_try rtnl_trylock' >"$TRACE/kprobe_events"
echo 'p:rb_lock rtnl_lock' >>"$TRACE/kprobe_events"

# timers SECONDS : how often a timer of a bond has fired.
timers() { counting 'function.*\.run_work\>' workqueue/workqueue_execute_start "$1"; }
locks() { counting 'rb_try:\|rb_lock:' kprobes "$1"; }

for miimon in 20 50 100 1000; do
	bond bond0 mode=active-backup miimon=$miimon
	must enslave bond0 d0 d1
	must ip link set bond0 up
	sleep 2
	# Ticks of 4 ms: one is rounded up to the next, and begins within one.
	least=$((10000 / (miimon + 8) - 1)) most=$((10000 / miimon + 1))
	got=$(timers 10)
	echo "# miimon $miimon: $got runs in 10 s, wanted $least to $most"
	check "miimon $miimon: not early, not late" between $least "$got" $most
	must ip link del bond0
done

# What ticks besides in 5 s with RTNL.
without=$(locks 5)
for mode in balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb; do
	for i in {1..10}; do
		bond bond$i mode=$mode miimon=20
		must ip link add a$i type dummy
		must ip link add b$i type dummy
		must enslave bond$i a$i b$i
		must ip link set bond$i up
	done
	sleep 3
	got=$(locks 5)
	echo "# ten idle bonds of $mode: RTNL asked for $got times in 5 s, $without times without them"
	check "$mode: no RTNL at rest" at_most $((without + 2)) "$got"
	for i in {1..10}; do
		printf 'link del %s\n' bond$i a$i b$i
	done | ip -batch -
done

bond bond0 mode=active-backup arp_interval=100 arp_ip_target=+192.0.2.2 arp_validate=none
namespaces peer
cables peer p0:e0 p1:e1
must ip -n peer addr add 192.0.2.2/24 dev br0
must ip addr add 192.0.2.1/24 dev bond0
must enslave bond0 e0 e1
must ip link set bond0 up
sleep 3
got=$(locks 5)
check "ARP monitoring: no RTNL while the targets answer" at_most $((without + 2)) "$got"
ip link del bond0

# A delay that ends: counted from when the carrier was looked at, within miimon.
bond bond0 mode=active-backup miimon=100 updelay=1000 downdelay=500
must enslave bond0 d0 d1
must ip link set bond0 up
wait_until 5 opt_is d0 bond0 active_slave || bail "no active slave"
since() { echo $(($(now_us) - $1)); }
start=$(now_us)
ip link set d0 carrier off
until [[ $(<"$NET/d0/bonding_slave/mii_status") == down ]]; do sleep 0.004; done
took=$(since "$start")
check "downdelay 500 is over after 500 ms" between 496000 "$took" 640000
start=$(now_us)
ip link set d0 carrier on
until [[ $(<"$NET/d0/bonding_slave/mii_status") == up ]]; do sleep 0.004; done
took=$(since "$start")
check "updelay 1000 is over after 1000 ms" between 996000 "$took" 1140000
ip link del bond0

check "miimon 0 has no timer at all" is 0 "$(
	bond bond0 mode=active-backup miimon=0
	must enslave bond0 d0 d1
	must ip link set bond0 up
	sleep 2
	timers 5
)"
ip link del bond0

# Each takes its time with many devices above: RTNL is given back between them.
echo 'p:rb_told call_netdevice_notifiers_info event=%di:u64' >>"$TRACE/kprobe_events"
echo 'p:rb_unlock rtnl_unlock' >>"$TRACE/kprobe_events"
modprobe 8021q
bond bond0 mode=active-backup miimon=100
must enslave bond0 d0 d1
must ip link set bond0 up
for ((i = 1; i <= 60; i++)); do
	printf 'link add link bond0 name v%d type vlan id %d\nlink set v%d up\n' $i $i $i
done | ip -batch -
sleep 3
: >"$TRACE/trace"
echo 1 >"$TRACE/events/kprobes/enable"
echo d1 >"$NET/bond0/bonding/active_slave"
sleep 2
echo 0 >"$TRACE/events/kprobes/enable"
# NETDEV_NOTIFY_PEERS, NETDEV_RESEND_IGMP, and what comes between them.
sed -nE 's/.* (rb_told|rb_unlock): .*(event=(20|23))$/\2/p; s/.* (rb_unlock): .*/\1/p' "$TRACE/trace" | uniq >/tmp/told
check "peers and multicast routers are told with RTNL given back in between" is 1 \
	"$(tr '\n' ' ' </tmp/told | grep -c 'event=20 rb_unlock .*event=23')"
ip link del bond0
true >"$TRACE/kprobe_events"

done_testing
