#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A first slave that cannot be brought up, with each fail_over_mac and in each mode: it gets its own
# address back, and the bond the one it had. Beside native bonding, which gives the slave its address
# back too, but itself another one.
# vm: --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
MODES=(balance-rr active-backup/none active-backup/active active-backup/follow balance-xor broadcast
	802.3ad balance-tlb balance-alb)
NATIVE=
if [[ $KIND != bond ]] && modprobe bonding max_bonds=0 2>/dev/null; then
	NATIVE=bond
fi
plan $((6 * ${#MODES[@]} + 2))

# A vxlan device cannot be brought up while its UDP port is another's.
socat -u UDP4-RECV:4789 OPEN:/dev/null &
must wait_until 5 grep -q ':12B5 ' /proc/net/udp
must ip link add vx0 address "$(mac_of 1)" mtu 1500 type vxlan id 7 dstport 4789
slave=$(state vx0)
check "by itself it cannot be brought up" refuses "already in use" ip link set vx0 up

# make KIND MODE[/FAIL_OVER_MAC]
make() {
	KIND=$1 bond bond0 "mode=${2%/*}"
	[[ $2 != */* ]] || must set_opt bond0 fail_over_mac "${2#*/}"
}

for mode in "${MODES[@]}"; do
	make "$KIND" "$mode"
	before=$(state bond0)
	check "$mode: it is refused" refuses "Address already in use" ip link set vx0 master bond0
	check "$mode: it has its own address, and no master" is "$slave" "$(state vx0)"
	check "$mode: the bond has its own, made up" is "$before 1" "$(state bond0) $(dev_attr bond0 addr_assign_type)"
	check "$mode: and no slave" opt_is "" bond0 slaves
	must ip link del bond0
	# An address that somebody has given.
	make "$KIND" "$mode"
	must ip link set bond0 address "$(mac_of 9)"
	before=$(state bond0)
	ip link set vx0 master bond0 2>/dev/null
	check "$mode: the bond keeps an address that was given" is "$before $slave" "$(state bond0) $(state vx0)"
	must ip link del bond0
	if [[ -n $NATIVE ]]; then
		make bond "$mode"
		ip link set vx0 master bond0 2>/dev/null
		check "$mode: native gives the slave its address back as well" is "$slave" "$(state vx0)"
		must ip link del bond0
	else
		ktap_test_skip "$mode: there is no native bonding beside it"
	fi
done
make "$KIND" active-backup/follow
kill %1
must wait_until 5 ip link set vx0 up
must ip link set vx0 down
check "when the port is free it can be a slave" ip link set vx0 master bond0
ip link del bond0
done_testing
