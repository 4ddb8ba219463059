# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of timers, workers and RTNL share. Source it after bond.sh.

TRACE=/sys/kernel/tracing
HOLD=$PWD/../lib/hold.py

# tracing : the kernel's tracer is at hand, or the test is skipped.
tracing() {
	mountpoint -q "$TRACE" || mount -t tracefs tracefs "$TRACE" 2>/dev/null
	[[ -e $TRACE/kprobe_events ]] || skip_all "the kernel has no kprobes"
	echo 16384 >"$TRACE/buffer_size_kb"
}

# counting WORD EVENT SECONDS [CMD...] : how often the trace says WORD in that time, or while CMD runs.
counting() {
	local word=$1 event=$2 seconds=$3
	shift 3
	: >"$TRACE/trace"
	echo 1 >"$TRACE/events/$event/enable"
	(($# == 0)) || "$@" >/dev/null
	sleep "$seconds"
	echo 0 >"$TRACE/events/$event/enable"
	grep -c "$word" "$TRACE/trace"
}

# runs SECONDS [CMD...] : how often the worker that holds RTNL for bonds has run; native's works with
# bond_*: any of them.
runs() {
	local word='run_worker'
	[[ $KIND != bond ]] || word='bond_'
	counting "function.*$word" workqueue/workqueue_execute_start "$@"
}

# at_most WANT GOT, between LOW GOT HIGH : for check.
at_most() { (($2 <= $1)) || { echo "$2 is more than $1"; return 1; }; }
between() { (($1 <= $2 && $2 <= $3)) || { echo "$2 is not between $1 and $3"; return 1; }; }

# held SECONDS CMD... : runs CMD while RTNL is held for that long, and waits for the end of both.
held() {
	local seconds=$1 word holder
	shift
	coproc HOLDER { exec "$HOLD" "$seconds"; }
	holder=$HOLDER_PID
	read -r word <&"${HOLDER[0]}" && [[ $word == held ]] || return
	"$@"
	wait "$holder"
}

# failures : how often links of bond0 have failed, one number a slave.
failures() { awk '/^Link Failure Count/ { printf "%s ", $4 }' "$PROC/bond0"; }
