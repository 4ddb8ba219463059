#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 802.3ad with Open vSwitch and its LACP at the far end.
# timeout: 500
# vm: --icount 3 --with python3,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/cases.sh"

load_module
PATH=$PATH:/usr/lib/openvswitch-switch
need ovs-vswitchd ovsdb-server ovs-vsctl
must modprobe openvswitch
plan $CASES

# ovs NS TOOL ARGUMENT... : one of its tools, for the switch there.
ovs() {
	local ns=$1
	shift
	OVS_RUNDIR=/tmp/ovs.$ns OVS_DBDIR=/tmp/ovs.$ns OVS_LOGDIR=/tmp/ovs.$ns at "$ns" "$@"
}
database() { ovs "$1" ovs-vsctl --timeout=20 --db="unix:/tmp/ovs.$1/db.sock" "${@:2}"; }

# daemons NS : those of the switch there; they stay until the test ends.
daemons() {
	local ns=$1 dir=/tmp/ovs.$1
	rm -rf "$dir"
	mkdir -p "$dir"
	must ovsdb-tool create "$dir/conf.db" /usr/share/openvswitch/vswitch.ovsschema
	ovs "$ns" ovsdb-server "$dir/conf.db" --remote="punix:$dir/db.sock" \
		--pidfile="$dir/ovsdb-server.pid" >"$dir/out" 2>&1 &
	must wait_until 20 test -S "$dir/db.sock"
	must database "$ns" --no-wait init
	ovs "$ns" ovs-vswitchd "unix:$dir/db.sock" --pidfile="$dir/ovs-vswitchd.pid" >>"$dir/out" 2>&1 &
}

stranger_start() {
	local ns=$1 lacp=active name=lag port
	local -a ports=() command=()
	[[ -d /tmp/ovs.$ns ]] || daemons "$ns"
	[[ $4 == on ]] || lacp=passive
	read -r -a ports <<<"${2//,/ }"
	if ((${#ports[@]} > 1)); then
		command=(add-bond "br-$ns" lag "${ports[@]}" bond_mode=balance-tcp)
	else
		name=${ports[0]}
		command=(add-port "br-$ns" "$name")
	fi
	command+=(-- set port "$name" "lacp=$lacp" "other_config:lacp-time=$3"
		"other_config:lacp-system-id=\"$5\"")
	# Without it the key is the number of one of the ports, and another one when that is gone.
	for port in "${ports[@]}"; do
		command+=(-- set interface "$port" other_config:lacp-aggregation-key=77)
	done
	must database "$ns" add-br "br-$ns" -- "${command[@]}"
	ip -n "$ns" link set "br-$ns" up
}

stranger_stop() { database "$1" del-br "br-$1"; }

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
