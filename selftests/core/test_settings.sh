#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is set on the bond reaches its slaves: address, MTU, what it listens to, VLANs. Where one
# slave refuses, none has it.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1 p2:eth2
plan 51

counts() { # DEV... : promiscuity and allmulti of each
	local dev
	for dev; do
		field "$dev" '"\(.promiscuity)/\(.allmulti)"'
	done | xargs
}
# group DEV... , unicast DEV... : which of them listen to GROUP, or to UNICAST.
GROUP=01:00:5e:7f:00:01 UNICAST=02:00:00:00:00:99
group() {
	local dev
	for dev; do
		ip maddr show dev "$dev" | grep -q "link *$GROUP" && echo "$dev"
	done | xargs
}
unicast() {
	local dev
	for dev; do
		bridge fdb show dev "$dev" | grep -q "^$UNICAST .*self" && echo "$dev"
	done | xargs
}
addresses() { cat $NET/eth0/address $NET/eth1/address $NET/mv0/address | xargs; }
mtus() { cat $NET/bond0/mtu $NET/eth0/mtu $NET/eth1/mtu $NET/mv0/mtu | xargs; }

# mv0 is a slave with a will of its own: see test_enslave.sh.
must ip link add mv0 link eth2 address 02:00:00:00:00:55 type macvlan
must ip link set eth2 up
bond bond0
must enslave bond0 eth0 eth1 mv0
must ip link set bond0 up

check "an address" ip link set bond0 address 02:00:00:00:00:42
check "all have it" is "$(yes 02:00:00:00:00:42 | head -n 3 | xargs)" "$(addresses)"
check "one that a slave refuses: refused" refuses "Address already in use" \
	ip link set bond0 address "$(mac_of 3)"
check "the bond has kept its own" reads 02:00:00:00:00:42 $NET/bond0/address
check "and so have the slaves" is "$(yes 02:00:00:00:00:42 | head -n 3 | xargs)" "$(addresses)"
check "a group address: refused" refuses "" ip link set bond0 address 03:00:00:00:00:42
check "an MTU" ip link set bond0 mtu 1300
check "all have it" is "1300 1300 1300 1300" "$(mtus)"
check "one that a slave refuses: refused" refuses "Invalid argument" ip link set bond0 mtu 1600
check "all have kept theirs" is "1300 1300 1300 1300" "$(mtus)"
must ip link set mv0 nomaster
check "a slave gets its own address and MTU back" is "02:00:00:00:00:55 1500" \
	"$(dev_attr mv0 address) $(dev_attr mv0 mtu)"
must ip link del mv0
check "an MTU without the slave that refused" ip link set bond0 mtu 9000
check "is on the others" is "9000 9000" "$(dev_attr eth0 mtu) $(dev_attr eth1 mtu)"
must ip link set bond0 mtu 1500

# In a mode where all slaves receive.
check "before: nobody is promiscuous" is "0/0 0/0" "$(counts eth0 eth1)"
must ip link set bond0 promisc on
check "balance-rr: promiscuity reaches all" is "1/0 1/0" "$(counts eth0 eth1)"
must enslave bond0 eth2
check "and whoever comes later" is "1/0" "$(counts eth2)"
must ip link set eth2 nomaster
check "and leaves with who leaves" is "0/0" "$(counts eth2)"
must ip link set bond0 promisc off
must ip link set bond0 allmulticast on
check "allmulti reaches all" is "0/1 0/1" "$(counts eth0 eth1)"
must ip link set bond0 allmulticast off
check "and both end" is "0/0 0/0" "$(counts eth0 eth1)"
must ip link set bond0 promisc on
must ip link set bond0 down
check "a bond that is down keeps the flag" is "1/0 1/0" "$(counts eth0 eth1)"
must ip link set bond0 promisc off
check "and can end it" is "0/0 0/0" "$(counts eth0 eth1)"
must ip link set bond0 up

must ip maddr add "$GROUP" dev bond0
# bug 32: addresses reach the slaves and leave with who leaves, in each mode
check "a group reaches all" is "eth0 eth1" "$(group eth0 eth1)"
must ip link add mv1 link bond0 address "$UNICAST" type macvlan
must ip link set mv1 up
check "an address of a macvlan above reaches all" is "eth0 eth1" "$(unicast eth0 eth1)"
must enslave bond0 eth2
check "both reach whoever comes later" is "eth2 eth2" "$(group eth2) $(unicast eth2)"
must ip link set eth2 nomaster
must ip link set eth2 up
check "and leave with who leaves" is " " "$(group eth2) $(unicast eth2)"
must ip link set eth2 down
must ip link set bond0 down
check "a bond that is down listens to nothing" is " " "$(group eth0 eth1) $(unicast eth0 eth1)"
must ip link set bond0 up
must ip link set mv1 down
must ip link set mv1 up
check "up again, to all that it did" is "eth0 eth1 eth0 eth1" \
	"$(group eth0 eth1) $(unicast eth0 eth1)"
must ip maddr del "$GROUP" dev bond0
check "a group that is left is left by all" is "" "$(group eth0 eth1)"
must ip link del mv1
check "and so is an address" is "" "$(unicast eth0 eth1)"

must ip link add link bond0 name bond0.7 type vlan id 7
must ip link set bond0.7 up
must ip link set bond0 address 02:00:00:00:00:43
check "a VLAN above takes the address" reads 02:00:00:00:00:43 $NET/bond0.7/address
must ip link set bond0 mtu 1450
check "and not more than the MTU" reads 1450 $NET/bond0.7/mtu
check "a VLAN outlives the slaves" bash -c "
	ip link set eth0 nomaster && ip link set eth1 nomaster && [[ -d $NET/bond0.7 ]]"
must ip link del bond0

# In a mode where one slave receives.
bond bond0 mode=active-backup miimon=50
must ip link set bond0 up
must ip link set bond0 promisc on
must enslave bond0 eth0 eth1
links_up bond0 eth0 eth1
check "active-backup: eth0 is active" active_is bond0 eth0
check "promiscuity reaches it alone" is "1/0 0/0" "$(counts eth0 eth1)"
must ip link set bond0 allmulticast on
check "allmulti, too" is "1/1 0/0" "$(counts eth0 eth1)"
must ip maddr add "$GROUP" dev bond0
check "a group, too" is "eth0" "$(group eth0 eth1)"
must cut_link peer p0
check "the link of eth0 goes" wait_until 5 active_is bond0 eth1
check "promiscuity and allmulti move" is "0/0 1/1" "$(counts eth0 eth1)"
check "the group moves" is "eth1" "$(group eth0 eth1)"
must mend_link peer p0
links_up bond0 eth0
must set_opt bond0 active_slave eth0
check "back by hand: promiscuity and allmulti" is "1/1 0/0" "$(counts eth0 eth1)"
check "the group" is "eth0" "$(group eth0 eth1)"
must ip link add mv1 link bond0 address "$UNICAST" type macvlan
must ip link set mv1 up
check "an address of a macvlan above reaches it alone" is "eth0" "$(unicast eth0 eth1)"
must set_opt bond0 active_slave eth1
check "and moves" is "eth1" "$(unicast eth0 eth1)"
must ip link del mv1
check "and ends" is "" "$(unicast eth0 eth1)"
must set_opt bond0 active_slave eth0
must ip link set eth0 nomaster
must ip link set eth0 up
check "the active slave leaves: the other has it all" is "1/1 eth1" "$(counts eth1) $(group eth1)"
check "and who left has nothing" is "0/0 " "$(counts eth0) $(group eth0)"
must ip link set bond0 promisc off
must ip link set bond0 allmulticast off
check "flags end" is "0/0 0/0" "$(counts eth0 eth1)"
must cut_link peer p1
must wait_until 5 opt_is "" bond0 active_slave
must ip link set bond0 promisc on
check "without an active slave nobody is promiscuous" is "0/0" "$(counts eth1)"
must mend_link peer p1
must wait_until 5 active_is bond0 eth1
check "the next one is" is "1/0" "$(counts eth1)"
must ip link set bond0 promisc off
check "and ends to be" is "0/0" "$(counts eth1)"
must ip link del bond0
check "the bond goes: nothing stays" is "0/0 " "$(ip link set eth1 up; counts eth1) $(group eth1)"

done_testing
