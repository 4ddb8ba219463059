# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# How long the processor of a guest is busy, whose clock counts instructions: what passes, less what
# it idled, as the kernel's events tell. Both test_stress.sh and scripts/bench.d/guest source it.

BUSY_TRACE=/sys/kernel/tracing
BUSY_EVENTS="power/cpu_idle irq_vectors irq/irq_handler_entry"

# busy_tracer : the kernel has these events.
busy_tracer() {
	mountpoint -q "$BUSY_TRACE" || mount -t tracefs tracefs "$BUSY_TRACE" 2>/dev/null
	[[ -e $BUSY_TRACE/events/power/cpu_idle && -e $BUSY_TRACE/events/irq_vectors ]] &&
		echo 16384 >"$BUSY_TRACE/buffer_size_kb"
}

# busy_log : only warnings go to the console, which is slow: what many bonds say of themselves costs
# more there than all else.
busy_log() {
	echo N >/sys/module/printk/parameters/ignore_loglevel
	dmesg -n 5
}

busy_events() {
	local event
	for event in $BUSY_EVENTS; do
		echo "$1" >"$BUSY_TRACE/events/$event/enable"
	done
}

# busy_in SECONDS [CMD...] : microseconds that it was busy while CMD ran, and so long afterwards.
busy_in() {
	local seconds=$1 status=0
	shift
	: >"$BUSY_TRACE/trace"
	busy_events 1
	echo busy-begin >"$BUSY_TRACE/trace_marker"
	"$@" >/dev/null 2>&1 || status=$?
	[[ $seconds == 0 ]] || sleep "$seconds"
	echo busy-end >"$BUSY_TRACE/trace_marker"
	busy_events 0
	# "NAME-PID [CPU] FLAGS SECONDS.MICROSECONDS: EVENT: ...": idle is over with whatever comes next, an
	# interrupt or the end of the wait.
	sed -nE 's/.* ([0-9]+)\.([0-9]{6}): ([^:]+): (.*)/\1\2 \3 \4/p' "$BUSY_TRACE/trace" | awk '
		/busy-begin/ { begin = $1; since = 0; next }
		!begin { next }
		since { idle += $1 - since; since = 0 }
		/busy-end/ { printf "%d\n", $1 - begin - idle; done = 1; exit }
		$2 == "cpu_idle" && !/4294967295/ { since = $1 }
		END { if (!done) print -1 }'
	return $status
}

# lines COUNT FORMAT... : for ip -batch, each format with the numbers from 0.
lines() {
	local count=$1 format
	shift
	for format; do
		# shellcheck disable=SC2059 # it is a format
		seq 0 $((count - 1)) | while read -r i; do printf "${format//%d/$i}\n"; done
	done
}

# What many_bonds prints, in this order.
MANY="make enslave up idle dump read down delete unload"

# many_set BONDS MODE : the mode, and miimon.
many_set() {
	local i
	for ((i = 0; i < $1; i++)); do
		echo "$2" >"/sys/class/net/mb$i/bonding/mode"
		echo 100 >"/sys/class/net/mb$i/bonding/miimon"
	done
}

many_make() {
	ip -batch /tmp/many-make && { [[ $kind == team ]] || many_set "$bonds" "$mode"; }
}

many_read() { cat "$1"/mb*; }

# many_unload KIND : its module goes, and what bonds there are with it.
many_unload() {
	case $1 in
	bond) rmmod bonding ;;
	*) rmmod "$1" ;;
	esac
}
many_load() {
	case $1 in
	bond) modprobe bonding max_bonds=0 ;;
	*) modprobe "$1" ;;
	esac
}

# many_bonds KIND BONDS MODE [SECONDS] : microseconds that it takes to make so many bonds of two
# slaves, to enslave those, to take the bonds up, to do nothing for 10 seconds, to dump all links, to
# read all files in /proc, to take the bonds down, to delete the first half of them, to unload the
# module with the other half; -1 for what there is not, or cannot be done.
many_bonds() {
	local kind=$1 bonds=$2 mode=$3 after=${4:-1} files=/proc/net/$1 status=0
	[[ $kind != bond ]] || files=/proc/net/bonding
	lines "$bonds" "link add mb%d type $kind" >/tmp/many-make
	lines "$bonds" "link set ma%d master mb%d" "link set mc%d master mb%d" >/tmp/many-enslave
	lines "$bonds" "link set mb%d up" >/tmp/many-up
	lines "$bonds" "link set mb%d down" >/tmp/many-down
	lines $((bonds / 2)) "link del mb%d" >/tmp/many-delete
	lines "$bonds" "link add ma%d type dummy" "link add mc%d type dummy" | ip -batch - || return
	{
		busy_in "$after" many_make || status=1
		busy_in "$after" ip -batch /tmp/many-enslave || status=1
		busy_in "$after" ip -batch /tmp/many-up || status=1
		busy_in 10
		busy_in 0 ip -d link show || status=1
		if [[ -e $files ]]; then
			busy_in 0 many_read "$files" || status=1
		else
			echo -1
		fi
		busy_in "$after" ip -batch /tmp/many-down || status=1
		busy_in "$after" ip -batch /tmp/many-delete || status=1
		if [[ $kind != team ]]; then
			busy_in "$after" many_unload "$kind" || status=1
			many_load "$kind" || status=1
		else
			# Its modes are modules that hold it.
			echo -1
			lines "$bonds" "link del mb%d" | tail -n "+$((bonds / 2 + 1))" | ip -batch -
		fi
	} >/tmp/many-took
	# Before it is told: who reads it goes on at once.
	lines "$bonds" "link del ma%d" "link del mc%d" | ip -batch -
	paste -sd ' ' /tmp/many-took
	return $status
}
