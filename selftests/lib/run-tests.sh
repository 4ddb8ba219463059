#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs tests in a guest, one after the other, for scripts/check:
#
#	run-tests.sh COMPLAINTS TEST:SECONDS...
#
# Each has network, process and mount tables of its own, which take with them what it leaves
# behind. Lines that begin with two # tell scripts/check what goes on; between them stands what
# the test printed. COMPLAINTS holds the expressions that tell a kernel's complaints. The network
# namespace that modules make devices in when they are loaded is /run/first-net.

complaints=$1
shift

touch /run/first-net
mount --bind /proc/self/ns/net /run/first-net

log_lines() { dmesg | wc -l; }

for entry; do
	test=${entry%:*} limit=${entry##*:}
	before=$(log_lines)
	begin=${EPOCHREALTIME%.*}
	echo "## start $test"
	echo "rustbond-check: start $test" >/dev/kmsg
	# shellcheck disable=SC2016 # the inner shell is to expand these
	unshare --net --mount --pid --fork --kill-child --mount-proc bash -c '
		mount -t sysfs sysfs /sys
		mount -t debugfs debugfs /sys/kernel/debug
		mount -t configfs configfs /sys/kernel/config 2>/dev/null
		ip link set lo up
		cd "$(dirname "$1")"
		exec timeout -k 5 "$2" "$1"
	' run "$test" "$limit" 2>&1
	status=$?
	rm -f /run/netns/*
	left=0
	for module in rustbond bonding team; do
		[[ ! -d /sys/module/$module ]] || {
			# The test's namespaces, and the bonds in them, end in the background.
			for ((try = 0; try < 100; try++)); do
				modprobe -r "$module" 2>/dev/null && break
				sleep 0.1
			done
			[[ ! -d /sys/module/$module ]] || left=1
		}
	done
	dmesg | tail -n +$((before + 1)) | grep -E -A 12 -f "$complaints" | sed 's/^/# kernel: /' |
		head -n 60 >/tmp/complaints
	cat /tmp/complaints
	echo "## end $test status=$status seconds=$((${EPOCHREALTIME%.*} - begin)) complaints=$(wc -l </tmp/complaints) left=$left"
	# A module that cannot be unloaded spoils the tests that follow: they get another guest.
	((left == 0)) || exit 0
done
