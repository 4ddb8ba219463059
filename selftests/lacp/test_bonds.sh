#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two bonds of the kind under test, cabled to each other: what aggregates and what does not, and
# what is shown of it.
# timeout: 500
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

POLL=0.2
load_module
quiet
namespaces peer other
wire peer p0 eth0 p1 eth1
wire other q0 eth2
quiet peer other
plan 47

bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
must ip link set bond0 up
must enslave bond0 eth0 eth1
far_bond peer "$KIND" p0,p1
peer_mac=$(at peer cat /sys/class/net/bond0/address)
check "both ports aggregate" wait_until 10 all_send eth0 eth1
check "at the far end, too" wait_until 5 far_sends peer p0 p1
check "they have one aggregator" same_aggregator eth0 eth1
check "ad_num_ports" opt_is 2 bond0 ad_num_ports
check "ad_partner_mac" partner_is "$peer_mac"
must ip address add 192.0.2.1/24 dev bond0
must ip -n peer address add 192.0.2.2/24 dev bond0
check "traffic goes both ways" ping -c 3 -i 0.2 -W 1 192.0.2.2

# What is shown.
check "/proc: the partner" is "$peer_mac" "$(ours eth0 "partner: system mac address")"
check "/proc: the keys are equal" is "$(ours eth0 "actor: port key")" "$(ours eth0 "partner: oper key")"
unprivileged() { capsh --drop=cap_net_admin -- -c "cat $PROC/bond0"; }
check "/proc without CAP_NET_ADMIN: no details" \
	is 0 "$(unprivileged | grep -cE '^details|System priority|System MAC|Active Aggregator')"
check "but the aggregator" is "$(ours eth0 "Aggregator ID")" "$(unprivileged | ad eth0 "Aggregator ID")"
check "sysfs without CAP_NET_ADMIN: no partner" \
	is "" "$(capsh --drop=cap_net_admin -- -c "cat $NET/bond0/bonding/ad_partner_mac")"
nested() { [[ $(attr bond0 23) == *"0a000500${peer_mac//:/}"* ]] || { attr bond0 23; return 1; }; }
check "netlink: AD_INFO has the partner" nested
check "netlink: the port's aggregator" is "$(printf '%02x00' "$(ours eth0 "Aggregator ID")")" "$(slave_attr eth0 6)"
check "netlink: its state" is "$(printf '%02x' "$(ours eth0 "actor: port state")")" "$(slave_attr eth0 7)"
check "netlink: the partner's" is "$(printf '%02x00' "$(ours eth0 "partner: port state")")" "$(slave_attr eth0 8)"
check "netlink: churn, none" is "02 02" "$(slave_attr eth0 11) $(slave_attr eth0 12)"

# broadcast_neighbor: how many ARP requests come to each port of the far end.
for port in p0 p1; do
	must tc -n peer qdisc add dev $port clsact
	must tc -n peer filter add dev $port ingress protocol arp matchall action pass
done
requests() { tc -n peer -s filter show dev "$1" ingress | grep -oE '[0-9]+ pkt' | grep -oE '[0-9]+'; }
asked() {
	local p0 p1 i
	p0=$(requests p0) p1=$(requests p1)
	for i in 1 2 3; do
		ip neigh del 192.0.2.2 dev bond0
		ping -c 1 -W 2 192.0.2.2 >/dev/null
	done
	echo $(($(requests p0) - p0)) $(($(requests p1) - p1))
}
on_both() { local n; n=$(asked); ((${n% *} >= 3 && ${n#* } >= 3)) || { echo "$n"; return 1; }; }
on_one() { local n; n=$(asked); [[ $n == "0 "[3-9] || $n == [3-9]" 0" ]] || { echo "$n"; return 1; }; }
check "ARP goes out on one port" on_one
must set_attr bond0 33:u8=1
check "broadcast_neighbor: on both" on_both
must set_attr bond0 33:u8=0
for port in p0 p1; do
	must tc -n peer qdisc del dev $port clsact
done

# Links.
must cut_link peer p1
check "link down: the port is out" wait_until 3 idle eth1
check "the other one stays" sends eth0
check "and carries the traffic" ping -c 3 -i 0.2 -W 1 192.0.2.2
check "ad_num_ports follows" opt_is 1 bond0 ad_num_ports
must set_opt bond0 min_links 2
check "min_links: too few, no carrier" wait_until 2 carrier_is bond0 0
must mend_link peer p1
check "enough, carrier" wait_until 10 carrier_is bond0 1
check "link up: the port is in again" wait_until 10 all_send eth0 eth1
must set_opt bond0 min_links 0

# The partner falls silent on one port.
must mute peer p1
check "partner silent: the port is out" wait_until 8 idle eth1
check "the other one stays" sends eth0
check "the log says it" wait_until 2 sh -c "dmesg | grep -q 'slave eth1.: LACP partner has fallen silent'"
must unmute peer p1
check "it speaks: the port is in again" wait_until 10 all_send eth0 eth1

# Another system on the third port.
must enslave bond0 eth2
far_bond other "$KIND" q0
partnered() { [[ $(ours eth2 "partner: system mac address") == "$(at other cat /sys/class/net/bond0/address)" ]]; }
check "another system: it is heard" wait_until 10 partnered
check "it gets another aggregator" fails same_aggregator eth0 eth2
check "and no traffic" stays 3 idle eth2

# ad_select: eth0 and eth1 lead to peer, eth2 to other, which comes first.
other_mac=$(at other cat /sys/class/net/bond0/address)
for policy in stable bandwidth count actor_port_prio; do
	must ip link set bond0 down
	must set_opt bond0 ad_select $policy
	must cut_link peer p0
	must cut_link peer p1
	must ip link set bond0 up
	must wait_until 10 partner_is "$other_mac"
	must wait_until 10 sends eth2
	must mend_link peer p0
	must mend_link peer p1
	case $policy in
	stable) check "ad_select stable: what was first stays" stays 5 partner_is "$other_mac" ;;
	*) check "ad_select $policy: what is more takes over" wait_until 6 partner_is "$peer_mac" ;;
	esac
done
check "and carries the traffic" wait_until 8 all_send eth0 eth1
must set_slave_attr eth2 10:u16=1000
check "actor_port_prio: the sum of the priorities counts" wait_until 3 partner_is "$other_mac"
must ip link set eth2 nomaster
check "an aggregator that is gone is replaced" wait_until 8 all_send eth0 eth1

# No partner at all, and lacp_strict.
must ip -n peer link del bond0
must ip -n peer link set p0 up
must ip -n peer link set p1 up
alone() { [[ $(slave_attr eth0 1)$(slave_attr eth1 1) == 0[01]0[01] && $(slave_attr eth0 1) != "$(slave_attr eth1 1)" ]]; }
check "without a partner one port carries the traffic" wait_until 10 alone
check "and the bond has a carrier" carrier_is bond0 1
must set_attr bond0 34:u8=1
check "lacp_strict: then it has none" wait_until 2 carrier_is bond0 0
check "and no port carries anything" is "01 01" "$(slave_attr eth0 1) $(slave_attr eth1 1)"
far_bond peer "$KIND" p0,p1
check "with a partner it has" wait_until 10 carrier_is bond0 1
must ip link del bond0

# A cable that leads back. There is a limit on what partners can make the log say: 5 seconds.
sleep 6
must ip link add la type veth peer name lb
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
must ip link set bond0 up
must enslave bond0 la lb
check "loopback: the log says it" wait_until 5 sh -c "dmesg | grep -q 'slave l[ab].: link leads back to this bond'"
check "the bond is no partner to itself" is 00:00:00:00:00:00 "$(ours la "partner: system mac address")"
both_used() { [[ $(slave_attr la 1)$(slave_attr lb 1) == 0000 ]]; }
check "and never are both ends used" fails wait_until 5 both_used
done_testing
