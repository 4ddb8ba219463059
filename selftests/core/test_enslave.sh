#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A device becomes a slave and ceases to be one, by netlink and by sysfs. What is refused
# leaves bond and device as they were, and so does what fails halfway.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1
must ip link set eth1 mtu 1400
plan 52

slaves() { put "$NET/$1/bonding/slaves" "$2"; }
eth0=$(state eth0) eth1=$(state eth1)
has_flag() { [[ $(field "$1" '.flags | index("'"$2"'") != null') == true ]]; }

bond bond0
must ip link set bond0 up

check "ip link set master" ip link set eth0 master bond0
check "the slave has its master" is bond0 "$(field eth0 .master)"
check "it is listed" opt_is eth0 bond0 slaves
check "it is up" has_flag eth0 UP
check "it has the flag SLAVE" has_flag eth0 SLAVE
check "the bond takes the first slave's address" reads "$(mac_of 1)" $NET/bond0/address
check "which is marked as another's" reads 2 $NET/bond0/addr_assign_type
check "the bond has a carrier" wait_until 5 carrier_is bond0 1
check "sysfs: +eth1" slaves bond0 +eth1
check "the second slave takes the bond's address" reads "$(mac_of 1)" $NET/eth1/address
check "and its MTU" reads 1500 $NET/eth1/mtu
check "both are listed, in order" opt_is "eth0 eth1" bond0 slaves
check "links lead from the one to the other" is "bond0 lower_eth0 lower_eth1" \
	"$(basename "$(readlink $NET/eth1/master)") $(cd $NET/bond0 && echo lower_*)"

check "a device that is a slave already: refused" refuses "Device or resource busy" slaves bond0 +eth1
check "sysfs: -eth1" slaves bond0 -eth1
check "it is as it was" is "$eth1" "$(state eth1)"
check "the bond keeps its address" reads "$(mac_of 1)" $NET/bond0/address
check "and the other slave" opt_is eth0 bond0 slaves
check "ip link set nomaster" ip link set eth0 nomaster
check "it is as it was, too" is "$eth0" "$(state eth0)"
check "the last slave took its address with it" fails reads "$(mac_of 1)" $NET/bond0/address
check "the bond's is made up again" reads 1 $NET/bond0/addr_assign_type
check "the bond has lost its carrier" reads 0 $NET/bond0/carrier

# What cannot be. For each: by netlink, by sysfs, and that nothing has changed.
empty=$(state bond0)
# refused TEXT ERRNO DEV WHAT : three points.
refused() {
	local before
	before=$(state "$3")
	check "$4: refused by netlink" refuses "$1" ip link set "$3" master bond0
	check "$4: refused by sysfs" refuses "$2" slaves bond0 "+$3"
	check "$4: nothing has changed" is "$before $empty" "$(state "$3") $(state bond0)"
}
must ip link set eth0 up
refused "" "Operation not permitted" eth0 "a device that is up"
must ip link set eth0 down
must ip link add br9 type bridge
must ip link set eth0 master br9
must ip link set eth0 up
must ip link set eth0 down
check "a port of a bridge: refused by sysfs" refuses "Device or resource busy" slaves bond0 +eth0
must ip link set eth0 nomaster
check "the bond itself: refused by netlink" refuses "" ip link set bond0 master bond0
check "the bond itself: refused by sysfs" refuses "Operation not permitted" slaves bond0 +bond0
must ip link set bond0 down
check "and when it is down" refuses "Operation not permitted" slaves bond0 +bond0
must ip link set bond0 up
check "no such device: refused" refuses "No such device" slaves bond0 +eth7
check "no sign: refused" refuses "Operation not permitted" slaves bond0 eth0
check "no name: refused" refuses "Operation not permitted" slaves bond0 +
check "to release what is no slave: refused" refuses "Invalid argument" slaves bond0 -eth0
check "to release what is not there: refused" refuses "No such device" slaves bond0 -eth7

if ip link add vcan0 type vcan 2>/dev/null; then
	refused "" "Operation not permitted" vcan0 "a CAN device"
else
	ktap_test_skip "a CAN device: the kernel has no vcan"
	ktap_test_skip "a CAN device, by sysfs: the kernel has no vcan"
	ktap_test_skip "a CAN device, state: the kernel has no vcan"
fi

# A device of another bond.
bond bond1
must enslave bond1 eth1
must ip link set eth1 down
check "a slave of another bond: refused" refuses "Device or resource busy" slaves bond0 +eth1
check "and still the other's" opt_is eth1 bond1 slaves
must ip link del bond1

# What fails after the device has been worked on. A VLAN of the bond cannot be below the bond:
# seen when all but the link between the two is done.
must slaves bond0 +eth0
before=$(state eth0)
top=$(state bond0)
must ip link add link bond0 name bond0.5 type vlan id 5
must ip link set bond0.5 mtu 1300
sub=$(state bond0.5)
check "a device above the bond: refused" refuses "" slaves bond0 +bond0.5
check "it is as it was" is "$sub" "$(state bond0.5)"
check "and so are the bond and its slave" is "$top $before" "$(state bond0) $(state eth0)"
must ip link del bond0.5
must slaves bond0 -eth0

# A macvlan takes no MTU above that of the device below it,
must ip link set eth1 mtu 1400
must ip link add mv0 link eth1 type macvlan
sub=$(state mv0)
empty=$(state bond0)
check "a slave that refuses the bond's MTU: refused" refuses "Invalid argument" slaves bond0 +mv0
check "it is as it was" is "$sub" "$(state mv0)"
check "and so is the bond" is "$empty" "$(state bond0)"
# and no address that this device has.
must ip link set eth1 mtu 1500
must ip link set bond0 address "$(mac_of 2)"
sub=$(state mv0)
check "a slave that refuses the bond's address: refused" refuses "Address already in use" slaves bond0 +mv0
check "it is as it was" is "$sub" "$(state mv0)"
must ip link del mv0
must ip link del bond0
# With that very address it cannot be brought up.
bond bond0
empty=$(state bond0)
must ip link add mv0 link eth1 address "$(mac_of 2)" type macvlan
sub=$(state mv0)
check "a slave that cannot be brought up: refused" refuses "Address already in use" slaves bond0 +mv0
check "it is as it was" is "$sub" "$(state mv0)"
check "and so is the bond, with its made-up address" is "$empty" "$(state bond0)"
check "which still counts as made up" reads 1 $NET/bond0/addr_assign_type

done_testing
