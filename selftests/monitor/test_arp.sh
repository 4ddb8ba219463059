#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ARP monitoring: paths that break behind a cable that does not, in active-backup and where the
# load is balanced; arp_all_targets, arp_missed_max, arp_adaptive; targets in a VLAN, behind a
# route, and IPv6 targets.
# vm: --icount 3 --with python3
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

need python3
load_module
RTNL=$(realpath ../lib/rtnl.py)
plan 43
namespaces switch1 switch2 core pinger
quiet switch1 switch2 core
# IPv6 for the neighbour targets: no router, no address of its own accord.
for ns in . pinger; do
	at_ns=(ip netns exec "$ns")
	[[ $ns != . ]] || at_ns=()
	"${at_ns[@]}" bash -c 'cd /proc/sys/net/ipv6/conf/default; echo 0 >disable_ipv6; echo 0 >accept_ra; echo 0 >dad_transmits'
done
two_switches
must ip -n pinger addr add 192.0.2.4/24 dev eth0
must ip -n pinger addr add 2001:db8::2/64 dev eth0 nodad

# start OPTION=VALUE... : of which ns_ip6_target is none of sysfs.
start() {
	local setting options=() target=
	for setting; do
		case $setting in
		ns_ip6_target=*) target=${setting#*=} ;;
		*) options+=("$setting") ;;
		esac
	done
	bond bond0 "${options[@]}"
	[[ -z $target ]] || must "$RTNL" set bond0 "$KIND" "31:ip6=$target"
	must enslave bond0 eth0 eth1
	must ip addr add "$HOST/24" dev bond0
	must ip addr add 2001:db8::1/64 dev bond0 nodad
	must ip link set bond0 up
}
lasts() {
	local begin
	begin=$(now_ms)
	wait_until 10 "$@" >/dev/null || { echo never; return 1; }
	echo $(($(now_ms) - begin))
}
# follows TEXT : three points: the path of the active slave breaks, heals.
follows() {
	local old new took
	must wait_until 5 status_is bond0 eth0 up
	must wait_until 5 status_is bond0 eth1 up
	sleep 0.5
	old=$(get_opt bond0 active_slave)
	new=eth$((1 - ${old#eth}))
	break_path "${old#eth}"
	took=$(lasts active_is bond0 "$new")
	echo "# $1: $old is down after $took ms"
	check "$1: the path of $old breaks, $new takes over" active_is bond0 "$new"
	check "$1: $old is down, though its cable is not" wait_until 3 status_is bond0 "$old" down
	heal_path "${old#eth}"
	check "$1: and up again when the path is back" wait_until 5 status_is bond0 "$old" up
}

for validate in none all filter_backup; do
	start mode=active-backup arp_interval=100 "arp_ip_target=+$PINGER" "arp_validate=$validate"
	follows "arp_validate $validate"
	must ip link del bond0
done

# arp_all_targets: one of two targets answers.
for all in any all; do
	start mode=active-backup arp_interval=100 "arp_ip_target=+$PINGER" arp_validate=all \
		"arp_all_targets=$all" "arp_ip_target=+192.0.2.4"
	must wait_until 5 status_is bond0 eth0 up
	must ip -n pinger addr del 192.0.2.4/24 dev eth0
	sleep 1.5
	if [[ $all == any ]]; then
		check "arp_all_targets any: one answer is enough" status_is bond0 eth0 up
	else
		check "arp_all_targets all: one answer is not" wait_until 3 carrier_is bond0 0
	fi
	must ip -n pinger addr add 192.0.2.4/24 dev eth0
	must ip link del bond0
done

# arp_missed_max: how many intervals.
for missed in 2 8; do
	start mode=active-backup arp_interval=100 "arp_ip_target=+$PINGER" arp_validate=all \
		"arp_missed_max=$missed"
	must wait_until 5 status_is bond0 eth1 up
	must set_opt bond0 active_slave eth0
	sleep 0.5
	break_path 0
	took=$(lasts active_is bond0 eth1)
	echo "# arp_missed_max $missed: $took ms"
	check "arp_missed_max $missed: not before, and soon after" \
		test "$took" -ge $((missed * 100 - 100)) -a "$took" -le $((missed * 100 + 400))
	heal_path 0
	must ip link del bond0
done

# Load balancing: each slave asks for itself.
for mode in balance-rr balance-xor broadcast; do
	start "mode=$mode" arp_interval=100 "arp_ip_target=+$PINGER"
	must wait_until 5 status_is bond0 eth0 up
	must wait_until 5 status_is bond0 eth1 up
	break_path 1
	check "$mode: a slave whose path breaks goes down" wait_until 5 status_is bond0 eth1 down
	check "$mode: the other stays up" status_is bond0 eth0 up
	check "$mode: and carries the traffic" ping -q -c 5 -i 0.05 -W 1 "$PINGER"
	heal_path 1
	check "$mode: it comes back" wait_until 5 status_is bond0 eth1 up
	must ip link del bond0
done

# arp_adaptive: while the traffic proves the path, nobody asks; and it is as quick to see.
# asked [TARGET] : how many requests for it the pinger gets in 2 s.
asked() {
	watch pinger eth0 "arp[6:2] = 1 and dst host ${1:-$PINGER} and broadcast"
	sleep 2
	unwatch
	wc -l </tmp/seen
}
if [[ $KIND == bond ]]; then
	for text in default silence traffic death takeover; do
		ktap_test_skip "arp_adaptive, $text: the kernel's bonding has none"
	done
else
	start mode=active-backup arp_interval=100 "arp_ip_target=+$PINGER" arp_validate=all
	check "arp_adaptive: off unless it is asked for" is 0 "$(get_opt bond0 arp_adaptive)"
	must set_opt bond0 arp_adaptive 1
	must wait_until 5 status_is bond0 eth1 up
	must ping -q -c 2 -i 0.1 -W 1 "$PINGER" >/dev/null
	count=$(asked)
	echo "# arp_adaptive, with nobody talking: asked $count times in 2 s"
	check "arp_adaptive: without traffic it asks" test "$count" -ge 10
	ping -q -i 0.05 "$PINGER" >/dev/null &
	talk=$!
	sleep 0.5
	count=$(asked)
	echo "# arp_adaptive, with a ping: asked $count times in 2 s"
	check "arp_adaptive: with traffic it does not" test "$count" -le 2
	active=$(get_opt bond0 active_slave)
	break_path "${active#eth}"
	check "arp_adaptive: the path breaks, the other takes over" wait_until 2 active_is bond0 "eth$((1 - ${active#eth}))"
	check "arp_adaptive: the broken one is down" wait_until 2 status_is bond0 "$active" down
	heal_path "${active#eth}"
	kill "$talk"
	wait "$talk" 2>/dev/null
	must ip link del bond0
fi

# A target in a VLAN is asked with the tag.
must ip -n pinger link add link eth0 name eth0.7 type vlan id 7
must ip -n pinger link set eth0.7 up
must ip -n pinger addr add 198.51.100.2/24 dev eth0.7
bond bond0 mode=active-backup arp_interval=100 "arp_ip_target=+198.51.100.2" arp_validate=all
must enslave bond0 eth0 eth1
must ip link set bond0 up
must ip link add link bond0 name bond0.7 type vlan id 7
must ip addr add 198.51.100.1/24 dev bond0.7
must ip link set bond0.7 up
follows "a target in a VLAN"
must ip link del bond0

# A target of another network: there is a route by the bond, or one that leads elsewhere.
must ip -n pinger addr add 203.0.113.2/32 dev eth0
must ip link add elsewhere type dummy
must ip link set elsewhere up
start mode=active-backup arp_interval=100 arp_ip_target=+203.0.113.2
must ip route add 203.0.113.0/24 dev bond0
follows "a target by a route"
check "a target by a route is asked" test "$(asked 203.0.113.2)" -ge 8
must ip route replace 203.0.113.0/24 dev elsewhere
sleep 0.5
count=$(asked 203.0.113.2)
echo "# a target whose route leads elsewhere: asked $count times in 2 s"
check "a target whose route leads elsewhere is not asked" is 0 "$count"
must ip link del bond0

# IPv6 targets.
start mode=active-backup arp_interval=100 ns_ip6_target=2001:db8::2 arp_validate=all
follows "an IPv6 target"
check "the options tell of it" grep -q "^NS IPv6 target/s (xx::xx form): 2001:db8::2$" "$PROC/bond0"
must ip link del bond0
start mode=active-backup arp_interval=100 ns_ip6_target=2001:db8::66 arp_validate=all
sleep 2
check "an IPv6 target that is not there does not answer" carrier_is bond0 0
done_testing
