#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest itself: what the other tests lean on is there, and does what they take it to do.

. "$(dirname "$0")/../lib/lib.sh"

plan 10

check "ip is iproute2's" grep -q iproute2 <(ip -V)
check "ping, tc, ethtool and jq are the real ones" bash -c '
	for name in ping tc bridge ss ethtool jq arping tcpdump iperf3; do
		path=$(command -v "$name") || { echo "no $name"; exit 1; }
		case $(readlink -f "$path") in *busybox*) echo "$name is busybox"; exit 1 ;; esac
	done'
check "modules load with what they need" modprobe bonding
must modprobe -r bonding
check "debugfs is there" test -d /sys/kernel/debug/tracing
check "sysfs shows this network namespace" is lo "$(ls /sys/class/net)"

namespaces host switch peer
connect host eth0 switch port1
connect peer eth0 switch port2
bridge_of switch br0 port1 port2
must ip -n host addr add 192.0.2.1/24 dev eth0
must ip -n peer addr add 192.0.2.2/24 dev eth0
check "a ping goes through the switch" \
	wait_until 10 at host ping -c1 -W1 192.0.2.2
check "the switch counts it" \
	bash -c "((\$1 > 0))" - "$(counter switch port2 tx_packets)"
must ip -n switch link set port2 down
check "a cut cable takes the carrier away" \
	wait_until 5 grep -q 0 <(at peer cat /sys/class/net/eth0/carrier)
check "and the ping fails" fails at host ping -c1 -W1 192.0.2.2
check "waiting for what never comes ends, and fails" fails wait_until 1 false

done_testing
