#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# packets_per_slave, and queues of the bond that lead to one slave.
# vm: --cpus 2
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 11
# Each processor counts for itself, as in native bonding: what sends stays on one.
must taskset -cp 0 $$ >/dev/null
laboratory eth0 eth1

start() { # OPTION=VALUE...
	bond bond0 "$@" miimon=50
	must enslave bond0 eth0 eth1
	must ip addr add "$HOST/24" dev bond0
	must ip link set bond0 up
	links_up bond0 eth0 eth1
	acquaint bond0
}
# runs ORDER... : how often the same slave sends in a row, without the first and the last run.
runs() { tr ' ' '\n' <<<"$*" | uniq -c | sed '1d;$d' | awk '{ print $1 }' | sort -u | xargs; }

start mode=balance-rr packets_per_slave=1
check "packets_per_slave 1: in turn" is 1 "$(runs "$(turns 8 eth0 eth1)")"
must set_opt bond0 packets_per_slave 3
order=$(turns 14 eth0 eth1)
echo "# 3: $order"
check "3: three each" is 3 "$(runs "$order")"
must set_opt bond0 packets_per_slave 0
order=$(turns 24 eth0 eth1)
echo "# 0: $order"
check "0: by lot, not in turn" fails is 1 "$(runs "$order")"
check "0: eth0 has its part" test "$(grep -o eth0 <<<"$order" | wc -l)" -ge 3
check "0: eth1 has its part" test "$(grep -o eth1 <<<"$order" | wc -l)" -ge 3
must set_opt bond0 packets_per_slave 1

# to_queue N : what goes to the pinger is put into the bond's queue N.
to_queue() {
	tc qdisc add dev bond0 handle 1 root multiq &&
		tc filter add dev bond0 protocol ip parent 1: prio 1 u32 \
			match ip dst "$PINGER" action skbedit queue_mapping "$1"
}
if to_queue 2 2>/tmp/tc; then
	must set_opt bond0 queue_id eth1:2
	check "balance-rr: the queue leads to its slave" is "0 10" \
		"$(carried ping -c 10 -i 0.01 "$PINGER" -- eth0 eth1)"
	check "and only what is in it" is "5 5" \
		"$(carried ping -c 10 -i 0.01 "$CONTROL" -- eth0 eth1)"
	must cut_link switch s1
	must wait_until 5 status_is bond0 eth1 down
	check "the slave is down: the others send it" is "10 0" \
		"$(carried ping -c 10 -i 0.01 "$PINGER" -- eth0 eth1)"
	must mend_link switch s1
	must ip link del bond0
	start mode=active-backup
	must to_queue 2
	must set_opt bond0 queue_id eth1:2
	check "active-backup: eth0 is active" active_is bond0 eth0
	check "the queue leads to the backup" is "0 10" \
		"$(carried ping -c 10 -i 0.01 -W 0.1 "$PINGER" -- eth0 eth1)"
	check "other frames go to the active slave" is "10 0" \
		"$(carried ping -c 10 -i 0.01 "$CONTROL" -- eth0 eth1)"
else
	for point in 1 2 3 4 5 6; do
		ktap_test_skip "queues, $point: $(</tmp/tc)"
	done
fi
done_testing
