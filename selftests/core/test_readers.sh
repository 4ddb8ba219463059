#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Files and netlink are read and written by many while slaves and bonds come and go. Nobody
# waits for ever, and whoever reads, reads something whole.
# vm: --cpus 2
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
for i in 0 1; do
	must ip link add "eth$i" address "$(mac_of $((i + 1)))" type veth peer name "far$i"
	must ip link set "far$i" up
done
plan 9

rm -f /tmp/stop /tmp/wrong
running() { [[ ! -e /tmp/stop ]]; }
wrong() { echo "$*" >>/tmp/wrong; }
bond bond0 mode=active-backup miimon=20

# Each counts how often it has read, in a file of its own.
read_slaves() {
	local n=0 text
	while running; do
		text=$(<$NET/bond0/bonding/slaves) || wrong "slaves: not read"
		case $text in
		"" | eth0 | eth1 | "eth0 eth1" | "eth1 eth0") ;;
		*) wrong "slaves: <$text>" ;;
		esac
		n=$((n + 1))
	done
	echo $n >/tmp/read_slaves
}
read_proc() {
	local n=0 text slaves statuses
	while running; do
		mapfile -t text <$PROC/bond0 || wrong "proc: not read"
		slaves=0 statuses=0
		for line in "${text[@]}"; do
			case $line in
			"Slave Interface: "*) slaves=$((slaves + 1)) ;;
			"MII Status: "*) statuses=$((statuses + 1)) ;;
			esac
		done
		((statuses == slaves + 1)) || wrong "proc: ${text[*]}"
		n=$((n + 1))
	done
	echo $n >/tmp/read_proc
}
read_all() {
	local n=0 file
	while running; do
		for file in "$NET"/bond0/bonding/* "$MASTERS"; do
			: "$(<"$file")"
		done
		n=$((n + 1))
	done
	echo $n >/tmp/read_all
}
read_netlink() {
	local n=0
	while running; do
		ip -s -d link show >/dev/null || wrong "netlink: not read"
		n=$((n + 1))
	done
	echo $n >/tmp/read_netlink
}
write_options() {
	local n=0
	while running; do
		set_opt bond0 miimon $((n % 5 * 10 + 10)) || wrong "miimon: not written"
		set_opt bond0 all_slaves_active $((n % 2)) || wrong "all_slaves_active: not written"
		set_opt bond0 active_slave eth$((n % 2))
		n=$((n + 1))
	done 2>/dev/null
	echo $n >/tmp/write_options
}
come_and_go() {
	local n=0
	while running; do
		ip link add bond1 type "$KIND" || wrong "bond1: not made"
		cat $PROC/bond1 >/dev/null 2>&1
		put "$MASTERS" -bond1 || wrong "bond1: not removed"
		n=$((n + 1))
	done
	echo $n >/tmp/come_and_go
}

jobs=(read_slaves read_proc read_all read_netlink write_options come_and_go)
for job in "${jobs[@]}"; do
	$job &
done
slaves_come_and_go() {
	local i
	for i in {1..20}; do
		enslave bond0 eth0 eth1 && ip link set bond0 up || return
		down far$((i % 2))
		up far$((i % 2))
		ip link set eth0 nomaster && set_opt bond0 slaves -eth1 || return
	done
}
check "slaves come and go twenty times while others read and write" slaves_come_and_go
touch /tmp/stop
done_all() { [[ $(cd /tmp && ls "${jobs[@]}" 2>/dev/null | wc -l) == "${#jobs[@]}" ]]; }
check "everybody came to an end" wait_until 20 done_all
for job in "${jobs[@]}"; do
	count=$(cat "/tmp/$job" 2>/dev/null)
	echo "# $job: $count times"
	check "$job: often enough to mean something" test "${count:-0}" -ge 3
done
check "nobody read or met anything wrong" is "" "$(head -n 5 /tmp/wrong 2>/dev/null)"

done_testing
