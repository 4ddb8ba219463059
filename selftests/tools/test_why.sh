#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `rustbond why` names each fault that is made on a bond, of native bonding and of ours, and is silent
# again when it is mended. With KEEP=1 what the command reads of each goes to /out, for the tests on
# the host (rust/cli/tests/states):
#
#	scripts/vm --icount 3 --with python3 --in out/cli/rustbond:/tools/rustbond \
#		--env KEEP=1 --out rust/cli/tests/states --timeout 900 selftests/tools/test_why.sh
# timeout: 900
# vm: --icount 3 --with python3 --in out/cli/rustbond:/tools/rustbond

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

load_module
both_kinds
must modprobe tun
quiet
namespaces far
quiet far
cables far p0:eth0 p1:eth1
must ip -n far addr add 192.0.2.2/24 dev br0
plan $((${#kinds[@]} * 50 + 1))

# bond_of KIND [OPTION=VALUE]... : b0 of it, up, with eth0 and eth1.
bond_of() {
	KIND=$1 bond b0 "${@:2}"
	must enslave b0 eth0 eth1
	must ip link set b0 up
	must ip addr add 192.0.2.1/24 dev b0
}

# plugged NAME SPEED DUPLEX : a tap device whose other end somebody holds.
plugged() {
	socat -u "TUN,tun-name=$1,tun-type=tap,iff-no-pi" /dev/null &
	wait_until 10 test -e "$NET/$1" && must ethtool -s "$1" speed "$2" duplex "$3" autoneg off
}

links() {
	KIND=$kind bond b0 mode=active-backup miimon=100
	must ip link set b0 up
	check "$kind: no slaves" finds b0 no_slave
	keep no_slave b0
	must enslave b0 eth0
	check "$kind: a slave: no more of that" quiet_of b0 no_slave
	check "$kind: it is the only one" finds b0 one_slave
	keep one_slave b0
	must enslave b0 eth1
	must ip addr add 192.0.2.1/24 dev b0
	check "$kind: two slaves: nothing is wrong" wait_until 20 sound b0
	keep sound b0
	fault b0 bond_down "the bond is taken down" "ip link set b0 down" "ip link set b0 up"
	fault b0 no_carrier "the cable is cut" "cut_link far p1" "mend_link far p1"
	fault b0 bond_no_carrier "both are" "cut_link far p0; cut_link far p1" "mend_link far p0; mend_link far p1"
	fault b0 slave_down "a slave is taken down" "ip link set eth1 down" "ip link set eth1 up"
	fault b0 mtu_differs "a slave's MTU" "ip link set eth1 mtu 1400" "ip link set eth1 mtu 1500"
	fault b0 duplicate_mac "another interface with the bond's address" \
		"ip link add twin address $(dev_attr b0 address) type dummy" "ip link del twin"
	must ip link add link b0 name vlan5 type vlan id 5
	check "$kind: a VLAN on the bond has it by right" sound b0
	must ip link del vlan5
	fault b0 primary_idle "the primary is not active" \
		"set_opt b0 primary_reselect failure; set_opt b0 primary eth1; set_opt b0 active_slave eth0" \
		"set_opt b0 active_slave eth1"
	fault b0 primary_missing "the primary leaves" "ip link set eth1 nomaster; KIND=$kind enslave b0 eth1; set_opt b0 primary ''" \
		"set_opt b0 primary_reselect always"
	fault b0 silent_failover "no announcement" "set_opt b0 num_grat_arp 0" "set_opt b0 num_grat_arp 1"
	fault b0 option_without_effect "an option of another mode" "set_opt b0 min_links 2" "set_opt b0 min_links 0"
	fault b0 link_delayed "updelay" \
		"set_opt b0 updelay 3000; cut_link far p1; wait_until 10 status_of_is down; mend_link far p1" \
		"wait_until 10 status_of_is up; set_opt b0 updelay 0"
	fault b0 arp_no_target "ARP monitoring of nobody" "set_opt b0 arp_interval 100" \
		"set_opt b0 arp_ip_target +192.0.2.2"
	# Else the probes that one slave hears of the other are a sign of life.
	must set_opt b0 arp_validate all
	check "$kind: the target answers: nothing is wrong" wait_until 20 sound b0
	fault b0 arp_silent "the target is silent" "ip -n far addr del 192.0.2.2/24 dev br0" \
		"ip -n far addr add 192.0.2.2/24 dev br0"
	must set_opt b0 arp_validate none
	must set_opt b0 arp_ip_target -192.0.2.2
	must set_opt b0 arp_interval 0
	if [[ $kind == bond ]]; then
		check "$kind: no monitoring: monitoring_off" finds b0 monitoring_off
		keep monitoring_off b0
	else
		check "$kind: no monitoring, and the carrier counts all the same" sound b0
	fi
	must set_opt b0 miimon 100
	check "$kind: miimon is back: nothing is wrong" wait_until 20 sound b0
	must ip link del b0
}
status_of_is() {
	local status
	read -r status <"$NET/eth1/bonding_slave/mii_status" && [[ $status == "$1" ]]
}

speeds() {
	plugged tap0 1000 full
	plugged tap1 1000 full
	KIND=$kind bond b0 mode=balance-xor miimon=100
	must enslave b0 tap0 tap1
	must ip link set b0 up
	check "$kind: two of one speed" wait_until 10 sound b0
	fault b0 speed_differs "one is slower" "ethtool -s tap1 speed 100 duplex full" "ethtool -s tap1 speed 1000 duplex full"
	fault b0 half_duplex "one is half duplex" "ethtool -s tap1 speed 1000 duplex half" "ethtool -s tap1 speed 1000 duplex full"
	must ip link del b0
	# shellcheck disable=SC2046 # one word a job
	kill $(jobs -p)
	wait
	must wait_until 10 fails test -e "$NET/tap0"
}

lacp() {
	bond_of "$kind" mode=802.3ad lacp_rate=fast miimon=100
	check "$kind: nobody speaks LACP: no_partner" wait_until 20 finds b0 no_partner
	keep no_partner b0
	# In place of the switch, a bond of one's own.
	must ip -n far link set p0 nomaster
	must ip -n far link set p1 nomaster
	far_bond far rustbond p0,p1
	check "$kind: a partner: nothing is wrong" wait_until 30 sound b0
	keep lacp b0
	fault b0 min_links "more links than there are" "set_opt b0 min_links 2; cut_link far p1" \
		"mend_link far p1; set_opt b0 min_links 0"
	fault b0 partner_silent "the partner is not heard" "mute far p1" "unmute far p1"
	fault b0 other_aggregator "two systems" \
		"ip -n far link set p1 nomaster; ip -n far link add bond1 type rustbond;
		bond_settings far bond1 mode=802.3ad miimon=100 lacp_rate=fast;
		ip -n far link set bond1 up; far_enslave far bond1 p1" \
		"ip -n far link del bond1; far_enslave far bond0 p1"
	# One system there, two here: it uses one of them.
	must ip link set eth1 nomaster
	KIND=$kind bond b1 mode=802.3ad lacp_rate=fast miimon=100
	must enslave b1 eth1
	must ip link set b1 up
	check "$kind: a second bond here: partner_out_of_sync" wait_until 20 one_out_of_sync
	must ip link del b1
	must enslave b0 eth1
	check "$kind: mended, nothing is wrong" wait_until 30 sound b0
	must ip -n far link del bond0
	must ip link set eth0 nomaster
	must ip link set eth1 nomaster
	must ip link add la type veth peer name lb
	must enslave b0 la lb
	# Native bonding drops its own LACPDUs, and says so in the log only.
	if [[ $kind == bond ]]; then
		check "$kind: a cable between two slaves: no_partner, and where to look" \
			wait_until 20 advises b0 "'illegal loopback'"
	else
		check "$kind: a cable between two slaves: loopback" wait_until 20 finds b0 loopback
		keep loopback b0
	fi
	must ip link del b0
	must ip link del la
	must ip -n far -batch - <<<"link set p0 master br0 up"$'\n'"link set p1 master br0 up"
}
advises() { $RUSTBOND why "$1" --json | jq -r '.[0].findings[].todo' | grep -q "$2"; }
one_out_of_sync() {
	local name
	for name in b0 b1; do
		finds $name partner_out_of_sync && keep partner_out_of_sync $name && return
	done
	return 1
}

for kind in "${kinds[@]}"; do
	links
	speeds
	lacp
done
check "no bond: it says so, and fails" refuses "there are no bonds in this network namespace" $RUSTBOND why
done_testing
