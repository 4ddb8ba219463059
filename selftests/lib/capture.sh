# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Looking at frames. Source it after lib.sh.

_captures=$(mktemp -d)

# capture NAMESPACE DEV... : writes down all frames of the devices, until `captured`.
capture() {
	local ns=$1 dev
	shift
	for dev; do
		# Not by `at`: the process to be ended is to be tcpdump itself.
		ip netns exec "$ns" tcpdump -Z root -i "$dev" --immediate-mode -U -w "$_captures/$ns.$dev" 2>"$_captures/$ns.$dev.log" &
		must wait_until 10 grep -q 'listening on' "$_captures/$ns.$dev.log"
	done
}

# captured : ends all captures.
captured() {
	# What has just passed is on its way to tcpdump.
	sleep 0.5
	# shellcheck disable=SC2046 # one word a job
	kill $(jobs -p)
	wait
}

# seen NAMESPACE DEV FILTER... : how many of the captured frames match.
seen() {
	local file=$_captures/$1.$2
	shift 2
	tcpdump -Z root -r "$file" -n "$@" 2>/dev/null | wc -l
}

# without_ipv6 NAMESPACE... : it would send frames of its own.
without_ipv6() {
	local ns
	for ns; do
		# shellcheck disable=SC2016 # the inner shell is to expand these
		at "$ns" bash -c 'for i in all default; do
			echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done' 2>/dev/null
	done
	return 0
}

# mac NAMESPACE DEV : its address.
mac() { at "$1" cat "/sys/class/net/$2/address"; }

# knows NAMESPACE ADDRESS MAC : whether a host knows another by this MAC.
knows() { ip -n "$1" neigh show "$2" | grep -qw "lladdr $3"; }
