#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 802.3ad with Open vSwitch and its LACP at the far end.
# timeout: 500
# vm: --icount 3 --with scapy,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/cases.sh"

load_module
PATH=$PATH:/usr/lib/openvswitch-switch
need ovs-vswitchd ovsdb-server ovs-vsctl
must modprobe openvswitch
plan $CASES

declare -A vswitchd=() ovsdb=()

# ovs NS TOOL ARGUMENT... : one of its tools, for the switch there.
ovs() {
	local ns=$1
	shift
	OVS_RUNDIR=/tmp/ovs.$ns OVS_DBDIR=/tmp/ovs.$ns OVS_LOGDIR=/tmp/ovs.$ns at "$ns" "$@"
}
database() { ovs "$1" ovs-vsctl --timeout=20 --db="unix:/tmp/ovs.$1/db.sock" "${@:2}"; }

stranger_start() {
	local ns=$1 dir=/tmp/ovs.$1 lacp=active port
	local -a more=()
	[[ $4 == on ]] || lacp=passive
	rm -rf "$dir"
	mkdir -p "$dir"
	must ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	OVS_RUNDIR=$dir OVS_LOGDIR=$dir ip netns exec "$ns" ovsdb-server "$dir/conf.db" --remote="punix:$dir/db.sock" --pidfile="$dir/ovsdb-server.pid" \
		>"$dir/out" 2>&1 &
	ovsdb[$ns]=$!
	must wait_until 20 test -S "$dir/db.sock"
	must database "$ns" --no-wait init
	OVS_RUNDIR=$dir OVS_LOGDIR=$dir ip netns exec "$ns" ovs-vswitchd "unix:$dir/db.sock" --pidfile="$dir/ovs-vswitchd.pid" >>"$dir/out" 2>&1 &
	vswitchd[$ns]=$!
	must database "$ns" add-br "br-$ns"
	if [[ $2 == *,* ]]; then
		more=(add-bond "br-$ns" lag "${2%,*}" "${2#*,}" bond_mode=balance-tcp)
	else
		more=(add-port "br-$ns" "$2")
	fi
	port=lag
	[[ $2 == *,* ]] || port=$2
	must database "$ns" "${more[@]}" -- set port "$port" lacp=$lacp \
		"other_config:lacp-time=$3" "other_config:lacp-system-id=\"$5\""
	ip -n "$ns" link set "br-$ns" up
}

stranger_stop() {
	database "$1" del-br "br-$1"
	kill "${vswitchd[$1]}" "${ovsdb[$1]}"
	wait "${vswitchd[$1]}" "${ovsdb[$1]}" 2>/dev/null
}

stranger_uses() {
	local ns=$1 text port
	shift
	text=$(ovs "$ns" ovs-appctl bond/show lag)
	for port; do
		[[ $text == *"member $port: enabled"* ]] || { echo "$text"; return 1; }
	done
}

stranger_dev() { echo "br-$1"; }

interop
done_testing
