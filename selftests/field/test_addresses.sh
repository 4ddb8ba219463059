#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who has which address when slaves come and go, beside the kernel's own bonding: that of a device that
# keeps its own, that of a driver which refuses one, and those that a user has given.
# vm: --with python3 --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/spy.sh"

need python3
load_module
modprobe -a dummy macvlan tun 2>/dev/null
quiet
both_kinds
plan $((${#kinds[@]} * 17 + 19))

tap() { python3 -IS "${BASH_SOURCE[0]%/*}/../lib/tap.py" "$@"; }
address_is() { reads "$2" "$NET/$1/address"; }
told() { spied | grep -cx "$1"; }
# says TEXT : the kernel's log holds it since the last dmesg -C.
says() { dmesg | grep -F "$1" || { dmesg | tail -n 5; return 1; }; }

for KIND in "${kinds[@]}"; do
	# --- IPoIB: its driver takes an address, but not any
	INFINIBAND=32
	bond bond0 mode=active-backup miimon=100
	must tap make ib0 $INFINIBAND
	must tap make ib1 $INFINIBAND
	check "$KIND: a device of IPoIB is a slave" ip link set ib0 master bond0
	check "$KIND: fail_over_mac is active then" opt_is "active 1" bond0 fail_over_mac
	mac=$(dev_attr ib1 address)
	check "$KIND: and a second one is a slave" ip link set ib1 master bond0
	check "$KIND: which keeps its address" address_is ib1 "$mac"
	must ip link set ib1 nomaster
	check "$KIND: also when it leaves" address_is ib1 "$mac"
	must ip link del bond0
	must ip link del ib0
	must ip link del ib1
	bond bond0 mode=balance-rr
	must tap make ib0 $INFINIBAND
	check "$KIND: in another mode it is none" refuses "active-backup" ip link set ib0 master bond0
	must ip link del bond0
	must ip link del ib0

	# --- balance-tlb: the driver refuses an address
	bond bond0 mode=balance-tlb miimon=100
	must ip link add s0 type dummy
	must ip link add d0 type dummy
	must ip link set d0 up
	must ip link add link d0 mv0 address "$(mac_of 1)" type macvlan mode bridge
	must enslave bond0 s0 mv0
	must ip link set bond0 up
	must ip link add link d0 mv1 address "$(mac_of 1)" type macvlan mode bridge
	ip link set mv1 up
	must ip link set mv0 nomaster
	check "$KIND, balance-tlb: who cannot have its address back goes on showing it" address_is mv0 "$(mac_of 1)"
	must ip link del bond0
	must ip link del d0
	must ip link del s0

	# --- fail_over_mac active: a slave's address is its own, and its user's
	must ip link add s0 address "$(mac_of 1)" type dummy
	must ip link add s1 address "$(mac_of 2)" type dummy
	bond bond0 mode=active-backup miimon=100 fail_over_mac=active
	spy bond0
	must enslave bond0 s0 s1
	must ip link set bond0 up
	asked=$(told "bond0 PRE_CHANGEADDR")
	check "$KIND: whoever listens is asked before the bond takes an address" test "$asked" = "$(told "bond0 CHANGEADDR")"
	must ip link set s1 address "$(mac_of 9)"
	must ip link set s1 nomaster
	check "$KIND, fail_over_mac active: a slave leaves with the address that its user has given it" \
		address_is s1 "$(mac_of 9)"
	must ip link set s1 address "$(mac_of 2)"
	must enslave bond0 s1
	spy bond0
	must set_opt bond0 active_slave s1
	check "$KIND, fail_over_mac active: they are asked at a failover" is "1 1" \
		"$(told "bond0 PRE_CHANGEADDR") $(told "bond0 CHANGEADDR")"
	check "$KIND: and it is the bond's" address_is bond0 "$(mac_of 2)"
	must ip link del bond0

	# --- otherwise it gets back what it came with
	bond bond0 mode=active-backup miimon=100
	must enslave bond0 s0 s1
	check "$KIND: the first slave's address is the bond's and the second's" is "$(mac_of 1) $(mac_of 1)" \
		"$(dev_attr bond0 address) $(dev_attr s1 address)"
	must ip link set s1 nomaster
	check "$KIND: the second gets its own back" address_is s1 "$(mac_of 2)"
	must enslave bond0 s1
	dmesg -C
	must ip link set s1 nomaster
	check "$KIND: nothing is said of it" fails says "still"
	must enslave bond0 s1
	dmesg -C
	must ip link set s0 nomaster
	check "$KIND: that the first leaves with the bond's address is said" says "still"
	check "$KIND: the bond keeps it" address_is bond0 "$(mac_of 1)"
	must ip link set s1 nomaster
	check "$KIND: and has one that was made up when the last has left" reads 1 $NET/bond0/addr_assign_type
	must ip link del bond0
	must ip link del s0
	must ip link del s1
done

# --- where ours is another
KIND=${kinds[0]}
must ip link add s0 address "$(mac_of 1)" type dummy
must ip link add s1 address "$(mac_of 2)" type dummy
ours=02:00:00:00:00:77
given() {
	check "$1: it is the bond's and the slave's" is "$ours $ours" "$(dev_attr bond0 address) $(dev_attr s0 address)"
	must enslave bond0 s1
	must ip link set s0 nomaster
	spy bond0
	must ip link set s1 nomaster
	check "$1: the last slave leaves, and it stays" address_is bond0 $ours
	check "$1: nobody is told of another" is 0 "$(told "bond0 CHANGEADDR")"
	must enslave bond0 s1
	check "$1: and is that of the next first slave" address_is s1 $ours
	must ip link set s1 nomaster
	check "$1: which gets its own back" address_is s1 "$(mac_of 2)"
	must ip link del bond0
}
must ip link add bond0 address $ours type "$KIND"
must enslave bond0 s0
given "an address given when the bond was made"
bond bond0
must enslave bond0 s0
must ip link set bond0 address $ours
given "an address given to a bond with a slave"

bond bond0 mode=active-backup fail_over_mac=active
must enslave bond0 s0
# Which says yes and does nothing.
must ip link set bond0 address $ours
check "fail_over_mac active: the bond has the slave's" address_is bond0 "$(mac_of 1)"
must ip link set s0 nomaster
check "and not when that has left" fails address_is bond0 "$(mac_of 1)"
must ip link del bond0

# What balance-tlb makes a driver receive by is never what the device is seen to have, nor is that
# ever no address at all.
bond bond0 mode=balance-tlb miimon=10
must enslave bond0 s0 s1
must ip link set bond0 up
spy s0
for _ in 1 2 3 4 5; do
	must ip link set s0 carrier off
	must wait_until 5 active_is bond0 s1
	must ip link set s1 carrier off
	must ip link set s1 carrier on
	must ip link set s0 carrier on
	must wait_until 5 status_is bond0 s0 up
	must set_opt bond0 active_slave s0
done
must ip link set bond0 address $ours
must ip link set bond0 address "$(mac_of 2)"
must ip link set s0 nomaster
showed s0 >/tmp/s0
check "balance-tlb: its address is one of the bond's whenever anybody is told" \
	is "2:0:0:0:0:77 2:0:0:0:a:1 2:0:0:0:a:2" "$(sort -u /tmp/s0 | xargs)"
check "balance-tlb: it gets its own back" address_is s0 "$(mac_of 1)"
dmesg -C
must ip link add d0 type dummy
must ip link set d0 up
must ip link add link d0 mv0 address "$(mac_of 5)" type macvlan mode bridge
must enslave bond0 mv0
must ip link add link d0 mv1 address "$(mac_of 5)" type macvlan mode bridge
ip link set mv1 up
must ip link set mv0 nomaster
check "balance-tlb: a driver that does not take its address back is named" says "does not take its own address"
must ip link del bond0
must ip link del d0

# --- what is said at the end of a change is how it ended
bond bond0 mode=active-backup miimon=100
must enslave bond0 s0 s1
must ip link set bond0 up
dmesg -C
must ip link set s0 nomaster
check "the active slave leaves, and the backup is well: nothing else is said" fails says "no slave is usable"
must enslave bond0 s0
dmesg -C
must set_opt bond0 active_slave ''
check "the choice is left to the bond: nothing else is said" fails says "no slave is usable"
must ip link set s1 carrier off
must wait_until 5 active_is bond0 s0
dmesg -C
must ip link set s0 nomaster
check "the last that is well leaves: it is said" says "no slave is usable"
check "once" is 1 "$(dmesg | grep -c 'no slave is usable')"
spy_ends
done_testing
