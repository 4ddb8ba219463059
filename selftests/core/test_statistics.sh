#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bond's counters are the sum of its slaves' from when they came until they left, and never
# go back.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1
quiet peer
plan 19

counters() { tx_of bond0; }
all_counters() { (cd $NET/bond0/statistics && cat ./*) | xargs; }
# not_less BEFORE AFTER : for check.
not_less() {
	local by
	for by in $(grown "$1" "$2"); do
		((by >= 0)) || { printf 'before: %s\n after: %s\n' "$1" "$2"; return 1; }
	done
}

# What a device has counted before it comes is not the bond's.
must ip link set eth0 up
frames eth0 "$(mac_of 99)" "$(mac_of 1)" 3
must ip link set eth0 down
sent=$(stat_of eth0 tx_packets)
check "the device has counted before" test "$sent" -ge 3
bond bond0 mode=balance-rr miimon=50
must ip link set bond0 up
check "a new bond has counted nothing" is 0 "$(counters)"
must enslave bond0 eth0
links_up bond0 eth0
before=$(counters)
check "traffic that the device counted before is not the bond's" is 0 "$before"
must flood bond0 100
check "traffic that it transmits then is" is 100 "$(counters)"
check "and is the slave's, too" is $((sent + 100)) "$(stat_of eth0 tx_packets)"
must enslave bond0 eth1
links_up bond0 eth1
must flood bond0 100
check "with a second one: the sum" is 200 "$(counters)"
bytes=$(stat_of bond0 tx_bytes)
check "bytes, too" is $((200 * 60)) "$bytes"
mac=$(dev_attr bond0 address)
before=$(stat_of bond0 rx_packets)
frames_at peer p0 "$mac" "$(mac_of 99)" 3
frames_at peer p1 "$mac" "$(mac_of 99)" 2
sleep 0.2
check "received packets are counted" is 5 $(($(stat_of bond0 rx_packets) - before))

before=$(all_counters)
must ip link set eth0 nomaster
check "a slave leaves: its share stays" is 200 "$(counters)"
check "no counter has gone back" not_less "$before" "$(all_counters)"
must ip link set eth0 up
frames eth0 "$(mac_of 99)" "$(mac_of 1)" 5
must ip link set eth0 down
check "traffic that it counts then is not the bond's" is 200 "$(counters)"
must enslave bond0 eth0
links_up bond0 eth0
check "also when it is back" is 200 "$(counters)"
must flood bond0 100
check "it counts on" is 300 "$(counters)"
before=$(all_counters)
must ip link del eth0
check "a slave is deleted: its share stays" is 300 "$(counters)"
check "no counter has gone back" not_less "$before" "$(all_counters)"
must ip link set eth1 nomaster
check "the last one leaves: all stays" is 300 "$(counters)"
check "ip tells the same" is 300 "$(ip -s -j link show bond0 | jq '.[0].stats64.tx.packets')"

# Readers while slaves come and go: the numbers never go back.
must enslave bond0 eth1
links_up bond0 eth1
watch_counters() {
	local last=0 now
	while [[ ! -e /tmp/stop ]]; do
		now=$(<$NET/bond0/statistics/tx_packets)
		((now >= last)) || { echo "$last, then $now"; return 1; }
		last=$now
	done
}
rm -f /tmp/stop
watch_counters >/tmp/watched 2>&1 &
watcher=$!
for i in {1..15}; do
	must ip link set eth1 nomaster
	must enslave bond0 eth1
	wait_until 5 carrier_is bond0 1
	must flood bond0 200
done
touch /tmp/stop
# In check it would be another shell's child.
wait $watcher
watched=$?
check "fifteen times over: the count never went back" is 0 $watched
cat /tmp/watched
check "and is exact" is $((300 + 15 * 200)) "$(counters)"

done_testing
