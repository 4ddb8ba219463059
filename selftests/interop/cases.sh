# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What a bond in 802.3ad has to do with any other implementation at the far end. A test says how
# that is started, and calls `interop`:
#
#	stranger_start NS PORTS RATE ACTIVE MAC	on PORTS (by commas) in NS; RATE is fast or slow,
#						ACTIVE on or off, MAC the address of the system
#	stranger_stop NS			ends it; the ports are left
#	stranger_uses NS PORT...		it sends on these, by its own word
#	stranger_dev NS				the device that carries its traffic

CASES=31
# Nothing here is faster than a few tenths of a second.
POLL=0.3
FIRST=02:00:00:00:0b:01 SECOND=02:00:00:00:0b:02 THIRD=02:00:00:00:0b:03

# start_fresh OPTION=VALUE... : bond0 here, set so.
start_fresh() {
	ip link del bond0 2>/dev/null
	bond bond0 mode=802.3ad miimon=100 "$@"
	must ip link set bond0 up
	must enslave bond0 eth0 eth1
	must ip address add 192.0.2.1/24 dev bond0
}

# meet RATE ACTIVE MAC : the stranger on both ports.
meet() {
	must stranger_start peer p0,p1 "$@"
	must ip -n peer address replace 192.0.2.2/24 dev "$(stranger_dev peer)"
	must ip -n peer link set "$(stranger_dev peer)" up
}

traffic() { ping -c 5 -i 0.2 -W 1 192.0.2.2; }
partner_of() { is "$2" "$(ours "$1" "partner: system mac address")"; }

interop() {
	local rate
	quiet
	namespaces peer other
	wire peer p0 eth0 p1 eth1
	quiet peer other
	start_fresh lacp_rate=fast
	meet fast on $FIRST
	check "both ports aggregate" wait_until 20 all_send eth0 eth1
	check "by its own word, too" wait_until 10 stranger_uses peer p0 p1
	check "in one aggregator" same_aggregator eth0 eth1
	check "its partner is the system at the other end" partner_is $FIRST
	check "traffic goes both ways" traffic

	must cut_link peer p1
	check "link down: that port is out" wait_until 3 idle eth1
	check "link down: the other one stays" sends eth0
	check "link down: it carries the traffic" traffic
	must mend_link peer p1
	check "link up: both ports aggregate again" wait_until 20 all_send eth0 eth1

	must mute peer p1
	check "partner silent: that port is out" wait_until 8 idle eth1
	check "partner silent: the other one stays" sends eth0
	# Until we give up on it, too, it may send to that port.
	check "partner silent: it carries the traffic" wait_until 8 traffic
	must unmute peer p1
	check "it speaks: both ports aggregate again" wait_until 20 all_send eth0 eth1

	# We are not heard: then it is the stranger who says that it cannot be.
	must tc qdisc add dev eth1 clsact
	must tc filter add dev eth1 egress protocol 0x8809 matchall action drop
	check "not heard: that port is out" wait_until 10 idle eth1
	check "not heard: the other one stays" sends eth0
	must tc qdisc del dev eth1 clsact
	check "heard: both ports aggregate again" wait_until 20 all_send eth0 eth1

	must ip link add la type veth peer name lb
	must enslave bond0 la lb
	check "loopback cable: its ends are not used" stays 5 all_idle la lb
	check "loopback cable: the others stay" all_send eth0 eth1
	must ip link del la

	stranger_stop peer
	meet fast on $SECOND
	check "partner changed: the new one is known" wait_until 20 partner_is $SECOND
	check "partner changed: both ports aggregate" wait_until 20 all_send eth0 eth1
	check "by its own word, too" wait_until 10 stranger_uses peer p0 p1
	ip neigh flush dev bond0
	check "partner changed: traffic goes both ways" traffic

	must ip -n peer link set p1 netns other
	must ip -n other link set p1 up
	# Some say that the port which is left cannot aggregate: another aggregator, with a wait.
	must wait_until 20 stays 4 sends eth0
	must stranger_start other p1 fast on $THIRD
	check "port moved to another system: that is known" wait_until 20 partner_of eth1 $THIRD
	check "port moved: it is in another aggregator" fails same_aggregator eth0 eth1
	check "port moved: it carries no traffic" stays 3 idle eth1
	check "port moved: the other one stays" sends eth0
	stranger_stop other
	must ip -n other link set p1 netns peer
	stranger_stop peer
	must ip -n peer link set p1 up

	for rate in "slow fast" "fast slow"; do
		start_fresh lacp_rate="${rate% *}"
		meet "${rate#* }" on $FIRST
		check "rates: we $rate it: both ports aggregate" wait_until 40 all_send eth0 eth1
		stranger_stop peer
	done

	start_fresh lacp_active=off lacp_rate=fast
	meet fast off $FIRST
	check "both passive: nothing aggregates" stays 5 all_idle eth0 eth1
	stranger_stop peer
	meet fast on $FIRST
	check "one of them active: both ports aggregate" wait_until 40 all_send eth0 eth1
	check "by its own word, too" wait_until 10 stranger_uses peer p0 p1
	stranger_stop peer
	ip link del bond0
}
