#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 802.3ad with teamd's lacp runner at the far end.
# timeout: 500
# vm: --icount 3 --with python3,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/cases.sh"

load_module
need teamd teamdctl
plan $CASES
mkdir -p /run/teamd

declare -A teamd=()

stranger_start() {
	local ns=$1 port ports='' active=true fast=true
	[[ $4 == on ]] || active=false
	[[ $3 == fast ]] || fast=false
	for port in ${2//,/ }; do
		must ip -n "$ns" link set "$port" down
		ports+="${ports:+, }\"$port\": {}"
	done
	ip netns exec "$ns" teamd -t "tm-$ns" -c "{
		\"device\": \"tm-$ns\", \"hwaddr\": \"$5\",
		\"runner\": {\"name\": \"lacp\", \"active\": $active, \"fast_rate\": $fast, \"tx_hash\": [\"eth\", \"ipv4\"]},
		\"link_watch\": {\"name\": \"ethtool\"}, \"ports\": {$ports}}" >"/tmp/teamd.$ns" 2>&1 &
	teamd[$ns]=$!
	wait_until 20 ip -n "$ns" link show "tm-$ns" || { cat "/tmp/teamd.$ns"; return 1; }
	ip -n "$ns" link set "tm-$ns" up
}

stranger_stop() {
	kill "${teamd[$1]}"
	wait "${teamd[$1]}" 2>/dev/null
	must wait_until 10 fails ip -n "$1" link show "tm-$1"
	local port
	for port in p0 p1; do
		ip -n "$1" link set "$port" up 2>/dev/null
	done
}

stranger_uses() {
	local ns=$1 port
	shift
	for port; do
		has "$(at "$ns" teamdctl "tm-$ns" state dump | jq ".ports.$port.runner.actor_lacpdu_info.state")" \
			$((LACP_COLLECTING | LACP_DISTRIBUTING)) || return
	done
}

stranger_dev() { echo "tm-$1"; }

interop
ip netns del peer
ip netns del other
# Its modes hold the module team, which is to be unloaded after the test.
wait_until 10 modprobe -r team_mode_loadbalance team_mode_roundrobin team
done_testing
