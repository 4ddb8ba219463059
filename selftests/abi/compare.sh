#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs in a guest, with the module that reads: what it finds of a bond of the kind bond, in several
# states, of native bonding's in /out/native, and of ours in /out/ours.

read_it() {
	local state=$1
	dmesg -C
	insmod /reader.ko bond=bond0 || echo "$state: it cannot be read"
	rmmod reader
	dmesg | sed -nE "s/.*reader: bond0: (.*)/$state: \1/p; s/.*reader: (eth|bond1)/$state: \1/p"
}

# states MODULE PARAMETER... : all that is read of that one's bonds.
states() {
	local n mode
	modprobe "$@" || return
	for n in 1 2; do
		ip link add "eth$n" address "02:00:00:00:00:0$n" type veth peer name "far$n"
		ip link set "far$n" up
	done
	ip link set eth2 mtu 1400
	for mode in balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb; do
		ip link add bond0 type bond mode "$mode" miimon 100 updelay 300 || return
		read_it "$mode, empty"
		ip link set eth1 master bond0
		ip link set eth2 master bond0
		ip link set bond0 up
		sleep 1
		ip link set eth2 type bond_slave queue_id 3
		# Which is not for all modes.
		ip link set eth2 type bond_slave prio 5 2>/dev/null
		read_it "$mode, two slaves"
		case $mode in
		active-backup | balance-?lb)
			ip link set bond0 type bond primary eth2 active_slave eth2
			read_it "$mode, another active"
			ip link set far1 down
			sleep 1
			read_it "$mode, one down"
			ip link set far1 up
			sleep 1
			;;
		esac
		ip link set eth2 nomaster
		read_it "$mode, one left"
		ip link del bond0
		ip link set eth1 down
		ip link set eth2 down
	done
	ip link add bond0 type bond mode 1 arp_interval 100 arp_ip_target 192.0.2.7
	read_it "ARP"
	ip link del bond0
	ip link add bond1 address 02:00:00:00:00:03 type bond
	ip link add bond0 address 02:00:00:00:00:04 type bond miimon 100
	ip link set bond1 master bond0
	read_it "a bond below"
	ip link set bond1 nomaster
	ip link del bond0
	ip link set bond1 name bond0
	read_it "and on its own again"
	ip link del bond0
	ip link del eth1
	ip link del eth2
	modprobe -r "$1"
}

states bonding max_bonds=0 >/out/native
states rustbond drop_in=1 max_bonds=0 >/out/ours
