#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# netpoll over a bond: the network console sends by it in every mode, with interrupts off; slaves
# that come and go are set up for it and are not any more, and one that cannot is refused.
# vm: --icount 3
# timeout: 600

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
modprobe netconsole 2>/dev/null || skip_all "the kernel has no network console"
modprobe -a dummy veth 2>/dev/null
mount -t configfs configfs /sys/kernel/config 2>/dev/null
TARGETS=/sys/kernel/config/netconsole
quiet
# bug 36: a console on a bond, before and after its slaves come, and while they go
plan 30

# console TARGET DEV : the console sends by it. Fails if it is refused.
console() {
	local target=$TARGETS/$1
	[[ -d $target ]] || mkdir "$target" || return
	put "$target/dev_name" "$2" && put "$target/local_ip" 192.0.2.1 &&
		put "$target/remote_ip" 192.0.2.2 && put "$target/remote_mac" "$(mac_of 99)" &&
		put "$target/enabled" 1 2>/dev/null
}
console_off() { put "$TARGETS/$1/enabled" 0; }

# gone : bond0 goes, and the console with it: it would come back with the next of that name.
gone() {
	must ip link del bond0
	must rmdir "$TARGETS/one"
}

# A line of the kernel's is a frame.
LINES_EACH=10
# sent SLAVE... : frames they have sent.
sent() {
	local slave sum=0
	for slave; do
		sum=$((sum + $(<"$NET/$slave/statistics/tx_packets")))
	done
	echo $sum
}
# sends NUMBER SLAVE... : so many go out by these slaves when the kernel says its lines.
sends() {
	local wanted=$1 before i
	shift
	before=$(sent "$@")
	for ((i = 0; i < LINES_EACH; i++)); do
		echo "$wanted frames by $*: line $i" >/dev/kmsg
	done
	is_sent() { (($(sent "$@") - before >= wanted)); }
	wait_until 20 is_sent "$@" || { echo "$(($(sent "$@") - before)) frames, not $wanted"; return 1; }
}

for name in s0 s1 s2; do
	must ip link add $name type dummy
done
# bond_of MODE SLAVE... : bond0, with its address and up.
bond_of() {
	bond bond0 mode="$1" miimon=100
	enslave bond0 "${@:2}" || bail "cannot enslave"
	must ip addr add 192.0.2.1/24 dev bond0
	must ip link set bond0 up
	must wait_until 20 carrier_is bond0 1
}

for mode in balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb; do
	bond_of $mode s0 s1
	must console one bond0
	case $mode in
	broadcast) check "$mode: the console sends by both" sends $((2 * LINES_EACH)) s0 s1 ;;
	balance-rr)
		check "$mode: the console sends" sends $LINES_EACH s0 s1
		check "$mode: in turn" sends $((LINES_EACH / 2)) s1
		;;
	*) check "$mode: the console sends" sends $LINES_EACH s0 s1 ;;
	esac
	[[ $mode == balance-alb ]] || gone
done
others() {
	local before
	before=$(sent s0 s1)
	frames bond0 "$(mac_of 99)" "$(mac_of 1)" 5
	(($(sent s0 s1) - before >= 5))
}
check "packets that come with interrupts on go their usual way" others
must ip link del bond0
check "the bond goes: the console is off" reads 0 $TARGETS/one/enabled
must rmdir "$TARGETS/one"

bond_of active-backup s0 s1
must console one bond0
check "another slave comes: it is taken" enslave bond0 s2
must wait_until 5 status_is bond0 s2 up
must set_opt bond0 active_slave s2
check "the console sends by it" sends $LINES_EACH s2
must ip link set s2 carrier off
must wait_until 5 active_is bond0 s0
check "a failover: it sends by another" sends $LINES_EACH s0
must ip link set s2 carrier on
must wait_until 5 status_is bond0 s2 up
# Each failover has something to say, under all the locks that there are.
for ((try = 0; try < 40; try++)); do
	echo s$((try % 3)) >$NET/bond0/bonding/active_slave
done &
for ((try = 0; try < 40; try++)); do
	echo "in between: $try" >/dev/kmsg
done
wait $!
must set_opt bond0 active_slave s1
check "after many failovers it sends as before" sends $LINES_EACH s1

must ip link add v0 type veth peer name v1
before=$(state v0)
check "a device without netpoll is refused as a slave" refuses busy ip link set v0 master bond0
check "and is as it was" is "$before" "$(state v0)"
check "a slave has no console of its own" fails console two s0
must ip link set s0 nomaster
must ip link set s0 up
check "one that was let go can" console two s0
check "and sends" sends $LINES_EACH s0
check "so does the bond without it" sends $LINES_EACH s1
# It is in use by the console: that ends, and it is the bond's.
check "it comes back: it is taken" enslave bond0 s0
check "its own console is off" reads 0 $TARGETS/two/enabled
must set_opt bond0 active_slave s0
check "the bond's sends by it" sends $LINES_EACH s0

must ip link set bond0 down
check "off, while the bond is down" console_off one
must ip link set bond0 up
check "and on again" console one bond0
must wait_until 5 carrier_is bond0 1
check "it sends as before" sends $LINES_EACH s0 s1 s2
check "off" console_off one
for name in s0 s1 s2; do
	must ip link set $name nomaster
done
must ip link del bond0

# A slave that cannot, before there is a console.
bond_of active-backup s0 v0
check "a console on a bond with a slave that cannot is refused" fails console one bond0
must ip link set v0 nomaster
check "without it, it is not" console one bond0
check "and sends" sends $LINES_EACH s0
# The module goes with it.
ip link del bond0
rmdir $TARGETS/one $TARGETS/two
done_testing
