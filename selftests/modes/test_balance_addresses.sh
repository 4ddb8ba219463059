#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who has which address in balance-tlb and balance-alb: each slave one of its own, the active one
# the bond's, and none twice; all as it was when they leave.
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/capture.sh"

load_module
plan 32
namespaces host control
without_ipv6 host control
for i in 1 2 3; do
	connect host "eth$i" control "port$i"
	must ip -n host link set "eth$i" down address "02:00:00:00:00:0$i"
done

macs() {
	local dev
	for dev; do
		printf '%s ' "$(mac host "$dev" | sed 's/.*://')"
	done
}
macs_are() { is "$1 " "$(macs bond0 eth1 eth2 eth3)"; }
active_is() { is "$1" "$(bond_get host bond0 active_slave)"; }

for mode in balance-tlb balance-alb; do
	bond_make host bond0 "mode=$mode" miimon=100
	must ip -n host link set bond0 up
	for i in 1 2 3; do
		must ip -n host link set "eth$i" master bond0
	done
	check "$mode: the bond has the first slave's, the others their own" macs_are "01 01 02 03"
	check "$mode: eth2 is made active" bond_set host bond0 active_slave eth2
	check "$mode: and has swapped with eth1" macs_are "01 02 01 03"
	must ip -n control link set port2 down
	check "$mode: another takes over" wait_until 5 fails active_is eth2
	check "$mode: one has the bond's, none is there twice" is "01 02 03" \
		"$(macs eth1 eth2 eth3 | xargs -n1 | sort | xargs)"
	must ip -n control link set port2 up
	must bond_set host bond0 active_slave eth1
	check "$mode: the bond's address is changed" ip -n host link set bond0 address 02:00:00:00:00:09
	check "$mode: the active slave follows, the others do not" test \
		"$(macs bond0 eth1)" = "09 09 " -a "$(macs eth2 eth3 | grep -c 09)" = 0
	check "$mode: a slave's own is set back" ip -n host link set bond0 address 02:00:00:00:00:01
	check "$mode: and nobody else has it" is 1 \
		"$(macs eth1 eth2 eth3 | xargs -n1 | grep -c 01)"
	must ip -n host link set eth1 nomaster
	check "$mode: the active slave leaves with its own" is "01 " "$(macs eth1)"
	check "$mode: another has the bond's" is 1 "$(macs eth2 eth3 | xargs -n1 | grep -c 01)"
	# Its address is the bond's still: it has to borrow one.
	check "$mode: it comes back" ip -n host link set eth1 master bond0
	check "$mode: with an address that nobody uses" is "01 02 03" \
		"$(macs eth1 eth2 eth3 | xargs -n1 | sort | xargs)"
	for i in 3 1 2; do
		must ip -n host link set "eth$i" nomaster
	done
	check "$mode: all have their own in the end" is "01 02 03 " "$(macs eth1 eth2 eth3)"
	for i in 1 2; do
		must ip -n host link set "eth$i" down
		must ip -n host link set "eth$i" address 02:00:00:00:00:01
	done
	must ip -n host link set eth1 master bond0
	check "$mode: two devices with one address: the second is refused" \
		fails ip -n host link set eth2 master bond0
	check "$mode: and keeps it" is "01 " "$(macs eth2)"
	must ip -n host link del bond0
	must ip -n host link set eth2 down address 02:00:00:00:00:02
	must ip -n host link set eth1 down
	must ip -n host link set eth3 down
done
done_testing
