# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A bond in the namespace `a` and a partner in `b`, with a wire between each two of their ports that
# `m` can send into. Source it after lib.sh, bond.sh and lacp.sh.

ACROSS=${LACP%lacp.py}across.py
TO=192.0.2.2

# links COUNT [PRIO] : the wires, from s0, s1, ... in `a` to s0, s1, ... in `b`; what takes frames
# from end to end has that priority.
links() {
	local i
	namespaces a m b
	for ((i = 0; i < $1; i++)); do
		echo "link add s$i netns a address 02:00:00:00:50:0$i type veth peer name p$i netns m"
		echo "link add s$i netns b address 02:00:00:00:70:0$i type veth peer name q$i netns m"
	done | must ip -batch -
	quiet a m b
	for ((i = 0; i < $1; i++)); do
		echo "link set p$i up promisc on"
		echo "link set q$i up promisc on"
	done | must ip -n m -batch -
	for ((i = 0; i < $1; i++)); do
		echo "qdisc add dev p$i clsact"
		echo "qdisc add dev q$i clsact"
		echo "filter add dev p$i ingress prio ${2:-1} matchall action mirred egress redirect dev q$i"
		echo "filter add dev q$i ingress prio ${2:-1} matchall action mirred egress redirect dev p$i"
	done | must tc -n m -batch -
}

# unlink NAMESPACE... : all of it is taken down again.
unlink() {
	partner_stop
	ip -n a link del bond0 2>/dev/null
	ip netns del a
	ip netns del m
	ip netns del b
}

# ours_of KIND COUNT : the bond in `a`, with so many slaves.
ours_of() {
	local ports i
	for ((i = 0; i < $2; i++)); do ports+="${ports:+,}s$i"; done
	far_bond a "$1" "$ports" xmit_hash_policy=layer3+4
	must ip -n a address add 192.0.2.1/24 dev bond0
}

# partner_start KIND COUNT : what is in `b`: a bond of that kind, or teamd, or Open vSwitch, with so
# many ports; DEV is the device that has the address.
_teamd=''
partner_start() {
	local ports='' i
	for ((i = 0; i < $2; i++)); do ports+="${ports:+,}s$i"; done
	case $1 in
	teamd) _start_teamd "$ports" ;;
	ovs) _start_ovs "$ports" ;;
	*)
		far_bond b "$1" "$ports" xmit_hash_policy=layer3+4
		# Or it has another with its first slave.
		must ip -n b link set bond0 address 02:00:00:00:0b:01
		DEV=bond0
		;;
	esac
	must ip -n b address add $TO/24 dev $DEV
	must ip -n b link set dev $DEV up
	must ip -n a neigh replace $TO lladdr "$(at b cat /sys/class/net/$DEV/address)" dev bond0 nud permanent
}

_start_teamd() {
	local port ports=''
	for port in ${1//,/ }; do
		must ip -n b link set "$port" down
		ports+="${ports:+, }\"$port\": {}"
	done
	mkdir -p /run/teamd
	ip netns exec b teamd -t tm -c "{ \"device\": \"tm\", \"hwaddr\": \"02:00:00:00:0b:01\",
		\"runner\": {\"name\": \"lacp\", \"active\": true, \"fast_rate\": true, \"tx_hash\": [\"eth\", \"ipv4\"]},
		\"link_watch\": {\"name\": \"ethtool\"}, \"ports\": {$ports}}" >/tmp/teamd.b 2>&1 &
	_teamd=$!
	must wait_until 20 ip -n b link show tm
	DEV=tm
}

_ovs() { OVS_RUNDIR=/tmp/ovs.b OVS_DBDIR=/tmp/ovs.b OVS_LOGDIR=/tmp/ovs.b at b "$@"; }
_start_ovs() {
	local port dir=/tmp/ovs.b command
	PATH=$PATH:/usr/lib/openvswitch-switch
	must modprobe openvswitch
	rm -rf $dir
	mkdir -p $dir
	must ovsdb-tool create $dir/conf.db /usr/share/openvswitch/vswitch.ovsschema
	_ovs ovsdb-server $dir/conf.db --remote=punix:$dir/db.sock --pidfile=$dir/ovsdb-server.pid >$dir/out 2>&1 &
	must wait_until 20 test -S $dir/db.sock
	must _ovs ovs-vsctl --timeout=20 --db=unix:$dir/db.sock --no-wait init
	_ovs ovs-vswitchd unix:$dir/db.sock --pidfile=$dir/ovs-vswitchd.pid >>$dir/out 2>&1 &
	# shellcheck disable=SC2206 # one word a port
	command=(add-br lan -- add-bond lan lag ${1//,/ } bond_mode=balance-tcp -- set port lag lacp=active
		other_config:lacp-time=fast 'other_config:lacp-system-id="02:00:00:00:0b:01"')
	for port in ${1//,/ }; do
		must ip -n b link set "$port" up
		command+=(-- set interface "$port" other_config:lacp-aggregation-key=77)
	done
	must _ovs ovs-vsctl --timeout=20 --db=unix:$dir/db.sock "${command[@]}"
	DEV=lan
}

partner_stop() {
	[[ -z $_teamd ]] || { kill "$_teamd"; wait "$_teamd"; } 2>/dev/null
	_teamd=''
	if [[ -e /tmp/ovs.b/ovs-vswitchd.pid ]]; then
		_ovs ovs-vsctl --timeout=20 --db=unix:/tmp/ovs.b/db.sock del-br lan
		kill "$(</tmp/ovs.b/ovs-vswitchd.pid)" "$(</tmp/ovs.b/ovsdb-server.pid)"
		rm -rf /tmp/ovs.b
	fi
	ip -n b link del bond0 2>/dev/null
}

# across ARGUMENT... : those of across.py behind the address; sets GOT, SENT and HOLE.
across() {
	local result
	result=$("$ACROSS" "$TO" "$@") || bail "across.py: $result"
	read -r GOT SENT HOLE <<<"$result"
}

# at_least NUMBER : that many got across.
at_least() { ((GOT >= $1)) || { echo "$GOT of $SENT got across, not $1; longest hole $HOLE ms"; return 1; }; }
