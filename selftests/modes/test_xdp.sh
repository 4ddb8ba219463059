#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An XDP program on a bond: in which modes it is taken, that the slaves run it, those that come
# and go included, that what it sends goes where a packet would, and what is refused and why.
# vm: --kernel debug --with python3
# timeout: 300

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
load_module
must modprobe dummy numdummies=0
quiet
plan 59
helpers xdp send

# Two cables to far ends, and one on which what is to be redirected comes in. veth has programs'
# frames delivered only if the other end has a program, too.
for i in 0 1; do
	must ip link add "s$i" address "$(mac_of "$i")" type veth peer name "f$i"
	must ip link set "f$i" up
	must xdp "f$i" native pass
done
must ip link add in0 type veth peer name in1
must ip link set in0 up
must ip link set in1 up
must ip link add dum0 type dummy

OUT='02:00:00:00:0b:01' BACK='02:00:00:00:0b:02'
# up_the_stack DEV COUNT : sends so many frames to the first slave's device; how many came up on DEV.
up_the_stack() {
	local before
	before=$(heard "$1")
	must send f0 "$(dev_attr "$1" address)" $BACK "$2"
	sleep 0.1
	echo $(($(heard "$1") - before))
}
# out_of FROM COUNT : sends so many frames by a device; how many came out of each slave's cable.
out_of() {
	local before
	before="$(stat_of f0 rx_packets) $(stat_of f1 rx_packets)"
	must send "$1" $OUT $BACK "$2"
	sleep 0.1
	grown "$before" "$(stat_of f0 rx_packets) $(stat_of f1 rx_packets)"
}
# Where so many frames go that are redirected to the bond; that come in on the second slave, whose
# program sends them back.
left() { out_of in0 "$1"; }
turned() { out_of f1 "$1"; }
# ready BOND MODE [OPTION=VALUE]... : with both slaves, up.
ready() {
	bond "$1" mode="$2" miimon=10 "${@:3}"
	must enslave "$1" s0 s1
	must ip link set "$1" up
	links_up "$1" s0 s1
}
none() { must ip link del bond0; }
POLL=0.01

have=$(xdp programs)
for mode in balance-rr active-backup balance-xor 802.3ad; do
	bond bond0 mode=$mode
	must enslave bond0 s0 s1
	check "$mode: a program is taken" xdp bond0 native
	check "$mode: ip shows it" test "$(field bond0 .xdp.mode)" = 1
	check "$mode: and it goes" xdp bond0 off
	none
done
for mode in broadcast balance-tlb balance-alb; do
	bond bond0 mode=$mode
	must enslave bond0 s0 s1
	check "$mode: it is not taken, and why" refuses "not supported: XDP: not in mode $mode" xdp bond0 native
	check "$mode: a generic one is" xdp bond0 generic
	none
done
bond bond0 mode=balance-xor xmit_hash_policy=vlan+srcmac
check "vlan+srcmac: it is not taken" refuses "with vlan+srcmac" xdp bond0 native
must set_opt bond0 xmit_hash_policy layer2
check "another policy: it is" xdp bond0 native
check "bug 10: with it, vlan+srcmac is refused" refuses "not supported" set_opt bond0 xmit_hash_policy vlan+srcmac
check "and the policy is as it was" opt_is "layer2 0" bond0 xmit_hash_policy
check "bug 11: with it, a mode without XDP is refused" refuses "not supported" set_opt bond0 mode broadcast
check "another one with XDP is not" set_opt bond0 mode active-backup
check "the bond can go with it" ip link del bond0

ready bond0 active-backup primary=s0
must wait_until 5 active_is bond0 s0
must listen bond0
must listen s0
check "without a program, frames come up" is 3 "$(up_the_stack bond0 3)"
must xdp bond0 native drop
check "the slaves run it: they are dropped" is 0 "$(up_the_stack bond0 3)"
check "bug 12: it is replaced" xdp bond0 native pass
check "the slaves run the new one" is 3 "$(up_the_stack bond0 3)"
must xdp bond0 native drop
must ip link set s0 nomaster
must ip link set s0 up
check "a slave that is released does not run it any more" is 3 "$(up_the_stack s0 3)"
must enslave bond0 s0
must wait_until 5 active_is bond0 s0
check "a new slave runs it" is 0 "$(up_the_stack bond0 3)"
must xdp bond0 off
check "it goes" is 3 "$(up_the_stack bond0 3)"

can=$(xdp features s0)
check "slaves can have frames redirected to them" test $((can & 4)) = 4
check "features that all slaves have, the bond has" is "$can" "$(xdp features bond0)"
must xdp f1 off
check "a feature that one slave loses, the bond loses" is $((can & ~(4 | 64))) "$(xdp features bond0)"
must xdp f1 native pass
check "and can again" is "$can" "$(xdp features bond0)"
must enslave bond0 dum0
check "a slave without XDP: none" is 0 "$(xdp features bond0)"

check "with such a slave no program is taken" refuses "not supported: its driver has no XDP" xdp bond0 native drop
check "and the others do not run it" is 3 "$(up_the_stack bond0 3)"
must ip link set dum0 nomaster
must xdp bond0 native drop
before=$(state dum0)
check "with a program no such slave is taken" refuses "its driver has no XDP" ip link set dum0 master bond0
check "and it is as it was" is "$before" "$(state dum0)"
check "no slave gets a program of its own" refuses "upper device" xdp s0 native
must ip link set s0 nomaster
must xdp s0 native pass
check "a device with a program of its own does not become a slave" refuses "of its own" enslave bond0 s0
must xdp bond0 off
must enslave bond0 s0
check "and a bond that has such a slave takes none" refuses "of its own" xdp bond0 native drop
must xdp s0 off
must ip link set bond0 up
none

# What a program redirects to the bond.
redirect() { must xdp in1 native redirect:bond0; }
ready bond0 active-backup primary=s0
redirect
check "active-backup: all by the active slave" is "10 0" "$(left 10)"
must ip link set f0 down
check "its link is gone: all by the other, and at once" is "0 10" "$(left 10)"
must ip link set f1 down
check "and with both gone by none" is "0 0" "$(left 10)"
for i in 0 1; do must ip link set "f$i" up; done
links_up bond0 s0 s1
must wait_until 5 active_is bond0 s0
check "it is well again" is "10 0" "$(left 10)"
none
ready bond0 balance-rr
redirect
check "balance-rr: in turn" is "5 5" "$(left 10)"
none
ready bond0 balance-rr packets_per_slave=5
redirect
check "so many to each: in turn" is "5 5" "$(left 10)"
none
ready bond0 balance-xor xmit_hash_policy=layer2
redirect
check "balance-xor: a flow by one" is 10 "$(left 10 | tr ' ' '\n' | sort -n | tail -n 1)"
none
bond bond0 mode=balance-tlb
must enslave bond0 s0 s1
check "balance-tlb: none can be redirected to it" is 0 "$(xdp features bond0)"
none
must xdp in1 off

# What a program sends back.
ready bond0 active-backup primary=s0
must xdp bond0 native tx
if [[ $KIND == bond ]]; then
	check "frames sent back go by the active slave" is "5 0" "$(turned 5)"
else
	check "frames sent back go out where they came in" is "0 5" "$(turned 5)"
fi
none
check "bug 12: no program is left" is "$have" "$(xdp programs)"
check "the module can go" wait_until 5 modprobe -r "$MODULE"

if [[ $KIND != bond ]]; then
	# In the place of native bonding the kernel asks the bond where it goes.
	KIND=bond PROC=/proc/net/bonding
	must modprobe rustbond drop_in=1 max_bonds=0
	ready bond0 active-backup primary=s0
	must xdp bond0 native tx
	check "as bond, what is sent back goes by the active slave" is "5 0" "$(turned 5)"
	must set_opt bond0 primary s1
	must wait_until 5 active_is bond0 s1
	check "and by another when that is" is "0 5" "$(turned 5)"
	must xdp bond0 native pass
	must ip link set bond0 down
	must ip link set s0 nomaster
	none
	check "bug 12: no program is left, as bond" is "$have" "$(xdp programs)"
	check "the module can go" wait_until 5 modprobe -r rustbond
else
	ktap_test_skip "as bond: it is"
fi
done_testing
