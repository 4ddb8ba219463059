#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What comes from the wire or from those who send does not drive work under RTNL at its own rate: 20 runs
# a second at the most, and the first acts at once.
# timeout: 300
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

[[ $KIND != bond ]] || skip_all "the works of native bonding are others"
load_module
tracing
plan 10
quiet
namespaces far
STORM=$(realpath "$(dirname "$0")/storm.py")

for what in toggle partners; do
	wire far p0 e0
	quiet far
	bond bond0 mode=802.3ad miimon=100
	must enslave bond0 e0
	must ip link set bond0 up
	at far "$STORM" p0 $what 6 5 >/tmp/storm &
	sender=$!
	until grep -q warm /tmp/storm; do sleep 0.1; done
	got=$(runs 4)
	wait $sender
	sent=$(tail -n 1 /tmp/storm)
	echo "# $what: $sent LACPDUs in 5 s, $got runs under RTNL in 4 s"
	check "a partner with $what: many LACPDUs" at_most "$sent" 500
	check "a partner with $what: 20 runs a second" at_most 84 "$got"
	ip link del bond0
	ip -n far link del p0
done

# Packets that meet a dead link while downdelay lasts.
must modprobe pktgen
pg() { echo "$2" >"/proc/net/pktgen/$1"; }
for mode in active-backup balance-xor balance-tlb; do
	must ip link add s0 type dummy
	must ip link add s1 type dummy
	bond bond0 mode=$mode miimon=100 downdelay=8000
	must enslave bond0 s0 s1
	must ip link set bond0 up
	sleep 1
	pg kpktgend_0 rem_device_all
	pg kpktgend_0 "add_device bond0"
	for setting in "count 0" "delay 50000" "pkt_size 60" "dst 10.9.9.1" "dst_max 10.9.9.200" "flag IPDST_RND" \
		"src_mac $(<$NET/bond0/address)" "dst_mac 02:00:00:00:00:77"; do
		pg bond0 "$setting"
	done
	echo start >/proc/net/pktgen/pgctrl &
	sender=$!
	sleep 1
	ip link set s0 carrier off
	sleep 0.5
	got=$(runs 2)
	before=$(<$NET/s1/statistics/tx_packets)
	sleep 1
	after=$(<$NET/s1/statistics/tx_packets)
	echo stop >/proc/net/pktgen/pgctrl
	wait $sender
	echo "# $mode: $got runs under RTNL in 2 s of downdelay, $((after - before)) packets by the other slave in 1 s"
	check "$mode: packets and a dead link: 20 runs a second" at_most 42 "$got"
	check "$mode: and they go by the other" at_most $((after - before)) 1000
	ip link del bond0
	ip link del s0
	ip link del s1
done

done_testing
