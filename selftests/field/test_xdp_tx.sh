#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A frame that a generic XDP program on a slave sends back (XDP_TX), by a bond that has never been up.
# Native bonding panics in balance-rr, so that it cannot be looked at beside it.
# vm: --with python3 --icount 3
# timeout: 100

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
[[ $KIND != bond ]] || skip_all "native bonding panics here"
# Only of a bond that the kernel knows for one does it ask where such a frame is to go.
modinfo rustbond >/dev/null 2>&1 || skip_all "the guest has no module rustbond"
ip link show type bond 2>/dev/null | grep -q . && skip_all "native bonding has bonds in this guest"
modprobe -r bonding 2>/dev/null
must modprobe rustbond drop_in=1 max_bonds=0
KIND=bond PROC=/proc/net/bonding
modprobe veth 2>/dev/null
quiet
modes=(balance-rr active-backup balance-xor 802.3ad)
plan $((${#modes[@]} * 2 + 1))

xdp() { python3 -IS "${BASH_SOURCE[0]%/*}/../lib/xdp.py" "$@"; }
for i in 0 1; do
	must ip link add "e$i" address "$(mac_of "$i")" type veth peer name "p$i"
	must ip link set "p$i" up
done
# The program of a bond is what makes the kernel ask bonds at all.
must ip link add e2 type veth peer name p2
bond bond9 mode=active-backup
must enslave bond9 e2
check "a bond runs a program" xdp bond9 native pass
for mode in "${modes[@]}"; do
	bond bond0 mode=$mode miimon=100
	must enslave bond0 e0 e1
	must xdp e0 generic tx
	frames p0 "$(mac_of 0)" "$(mac_of 7)" 2
	check "bug 41: $mode: frames that XDP_TX sends by a bond that has never been up" \
		grep -q e0 "$PROC/bond0"
	must ip link set bond0 up
	links_up bond0 e0 e1
	before=$(stat_of p0 rx_packets)
	frames p0 "$(mac_of 0)" "$(mac_of 7)" 2
	returned() { (($(stat_of p0 rx_packets) + $(stat_of p1 rx_packets) > before)); }
	check "$mode: and once it is up they are sent" wait_until 5 returned
	must xdp e0 off
	must ip link del bond0
done
done_testing
