# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the experiments share. Source it after lib.sh and bond.sh. An experiment reads like one:
# it says what is done, what is seen, and which slave carried what; its points say what had to be
# seen. To read one: scripts/vm selftests/experiments/NAME.sh

show() { printf '#\n# == %s\n' "$*"; }
tell() { printf '#    %s\n' "$@"; }

# run CMD... : shows the command and what it prints; ends the test if it fails.
run() {
	local output
	printf '#    $ %s\n' "$*"
	output=$("$@" 2>&1) || bail "failed: $*: $output"
	[[ -z $output ]] || printf '%s\n' "$output" | sed 's/^/#      /'
}

HOST=192.0.2.1 PINGER=192.0.2.2 CONTROL=192.0.2.3

# laboratory SLAVE... : the host is here, with these for its bond; the switch br0 has the port
# sN for the Nth, and the pinger and control, with eth0 each, behind it.
laboratory() {
	local slave pairs=() number=0 ns
	for slave; do
		pairs+=("s$number:$slave")
		number=$((number + 1))
	done
	namespaces switch pinger control
	quiet switch pinger control
	cables switch "${pairs[@]}"
	number=2
	for ns in pinger control; do
		connect switch "$ns" "$ns" eth0
		must ip -n switch link set "$ns" master br0
		must ip -n "$ns" addr add "192.0.2.$number/24" dev eth0
		number=$((number + 1))
	done
}

# two_switches : the host is here, with eth0 and eth1 for its bond, each cabled to a switch of its
# own, and the pinger behind both. The namespaces are there, as `namespaces switch1 switch2 core
# pinger` makes them:
#
#	host eth0 --- switch1 --- uplink1 \
#	                                  core --- pinger
#	host eth1 --- switch2 --- uplink2 /
two_switches() {
	local number
	connect core pinger pinger eth0
	must ip -n pinger addr add "$PINGER/24" dev eth0
	for number in 1 2; do
		must ip link add "eth$((number - 1))" address "$(mac_of "$number")" type veth \
			peer name port netns "switch$number"
		must ip -n "switch$number" link set port up
		connect "switch$number" uplink core "uplink$number"
		bridge_of "switch$number" br0 port uplink
	done
	bridge_of core br0 uplink1 uplink2 pinger
}

# break_path N, heal_path N : of two switches, behind that of ethN, whose carrier stays.
break_path() { must ip -n "switch$(($1 + 1))" link set uplink down; }
heal_path() { must ip -n "switch$(($1 + 1))" link set uplink up; }

# group_ports NAME MODE [OPTION=VALUE]... PORT... : the switch is told that these of its ports are
# one aggregate.
group_ports() {
	local name=$1 settings=("mode=$2" miimon=50) port
	shift 2
	while [[ $1 == *=* ]]; do
		settings+=("$1")
		shift
	done
	bond_make switch "$name" "${settings[@]}"
	for port; do
		must ip -n switch link set "$port" nomaster
		must ip -n switch link set "$port" down
		must ip -n switch link set "$port" master "$name"
	done
	must ip -n switch link set "$name" master br0 up
}

# acquaint BOND : the host and the others know each other's address, so that what the counters
# count is what was sent.
acquaint() {
	local ns address
	for ns in pinger control; do
		address=$PINGER
		[[ $ns != control ]] || address=$CONTROL
		must ip neigh replace "$address" lladdr "$(at "$ns" cat "$NET/eth0/address")" dev "$1"
		must ip -n "$ns" neigh replace "$HOST" lladdr "$(dev_attr "$1" address)" dev eth0
	done
}

# sent_by SLAVE... : sets SENT to what each has sent so far.
sent_by() {
	local slave number
	SENT=()
	for slave; do
		read -r number <"$NET/$slave/statistics/tx_packets"
		SENT+=("$number")
	done
}

# carried CMD... -- SLAVE... : how many packets each slave sends while CMD runs.
carried() {
	local cmd=() before at
	while [[ $1 != -- ]]; do
		cmd+=("$1")
		shift
	done
	shift
	sent_by "$@"
	before=("${SENT[@]}")
	"${cmd[@]}" >/dev/null 2>&1
	sent_by "$@"
	for at in "${!SENT[@]}"; do
		SENT[at]=$((SENT[at] - before[at]))
	done
	echo "${SENT[*]}"
}

# turns N SLAVE... : pings the pinger N times; which slave sent each.
turns() {
	local count=$1 i at before line=()
	shift
	local slaves=("$@")
	sent_by "$@"
	for ((i = 0; i < count; i++)); do
		before=("${SENT[@]}")
		ping -c 1 -W 1 "$PINGER" >/dev/null 2>&1
		sent_by "$@"
		for at in "${!SENT[@]}"; do
			((SENT[at] == before[at])) || line+=("${slaves[at]}")
		done
	done
	echo "${line[*]}"
}

# answered [PING OPTION]... ADDRESS : how many of how many pings, as 10/10.
answered() { ping -i 0.02 -W 1 "$@" | sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) .*/\2\/\1/p'; }

# watch NAMESPACE|- DEV FILTER : what passes there goes to /tmp/seen, until unwatch.
watch() {
	local where=()
	[[ $1 == - ]] || where=(ip netns exec "$1")
	: >/tmp/watching
	"${where[@]}" tcpdump -Z root -nn -tt -l -p -i "$2" "$3" >/tmp/seen 2>/tmp/watching &
	watcher=$!
	must wait_until 20 grep -q "listening on" /tmp/watching
}
unwatch() {
	sleep 0.3
	kill -INT "$watcher"
	wait "$watcher"
	# It takes leave with an empty line.
	sed -i '/^$/d' /tmp/seen
}

# seen : how many frames, and the shortest time between two in ms.
seen() {
	awk '{ n++; d = ($1 - last) * 1000; if (n > 1 && (n == 2 || d < least)) least = d; last = $1 }
		END { printf "%d %d\n", n, least }' /tmp/seen
}
