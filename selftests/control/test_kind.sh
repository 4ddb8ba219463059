#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kind rustbond on a machine with systemd: the .link file that is installed keeps udev from making up an
# address, so that a bond has its first slave's, as native bonding has by the file of ifenslave. And
# NetworkManager, which nobody has told of it, takes it for a bond and leaves it and its slaves alone, as
# those of native bonding.
# vm: --with control --in scripts/package/98-net-rustbond.link:/98-net-rustbond.link
# timeout: 300

# shellcheck disable=SC2016 # the inner shell is to expand these
. "$(dirname "$0")/lib.sh"
need NetworkManager nmcli dbus-daemon udevadm
plan 13

FILE=98-net-rustbond.link
mkdir -p /run/udev /run/systemd/network
udev() {
	daemon udev /usr/lib/systemd/systemd-udevd
	wait_until 20 udevadm control --ping || bail "udev: $(<"$steps/udev.log")"
}
# What it does of itself: to take every Ethernet card up and to ask for an address by DHCP.
networkmanager_conf
bus
udev
namespaces switch
cables switch p0:eth0 p1:eth1 p2:eth2

address() { cat "$NET/$1/address"; }
# How it came to its address: 1 drawn by the kernel, 2 another device's, 3 set by somebody.
assigned() { cat "$NET/$1/addr_assign_type"; }
# udev's file for a device.
link_file() { udevadm info -q property --property=ID_NET_LINK_FILE --value "$NET/$1"; }
# made KIND : a bond that udev is done with.
made() {
	must ip link add bond0 type "$1"
	must udevadm settle
}
enslave() {
	must ip link set "$1" down
	must ip link set "$1" master bond0
}
away() {
	must ip link del bond0
	must udevadm settle
}

own=$(address eth0)
must modprobe rustbond
made rustbond
check "without the file, udev sets an address" is 3 "$(assigned bond0)"
enslave eth0
check "which the bond's first slave has to take, too" fails is "$own" "$(address eth0)"
away

must cp /$FILE /run/systemd/network/
# Not by "udevadm control --reload": a device that comes right after it may still be named by the old files.
halt udev
udev
made rustbond
check "with it, the address is the one that the kernel has drawn" is 1 "$(assigned bond0)"
check "by that file" is "/run/systemd/network/$FILE" "$(link_file bond0)"
check "and the name is the one that it was given" is bond0 "$(basename "$NET"/bond0)"
enslave eth0
check "the bond takes its first slave's address" is "$own 2" "$(address bond0) $(assigned bond0)"
check "no other device is by that file" fails is "/run/systemd/network/$FILE" "$(link_file eth0)"
away
echo +bond0 >"$NET/rustbond_masters"
must udevadm settle
check "a bond that is made by the file of all bonds, too" is 1 "$(assigned bond0)"
away
must modprobe -r rustbond
must modprobe bonding max_bonds=0
made bond
check "as native bonding by the file of ifenslave" is "1 98-net-bonding.link" "$(assigned bond0) $(basename "$(link_file bond0)")"
away

# devices : what NetworkManager says of them.
devices() { nmcli -t -f DEVICE,TYPE,STATE,CONNECTION device status | grep -E '^(bond|eth[01])' | sort; }
# managed KIND : what it makes of a bond with a slave, and of one that it gets while it runs.
managed() {
	rm -rf /var/lib/NetworkManager /run/NetworkManager
	mkdir -p /var/lib/NetworkManager
	made "$1"
	enslave eth0
	must ip link set bond0 up
	must ip link set eth1 down
	daemon manager NetworkManager --no-daemon
	wait_until 30 nmcli general status || bail "NetworkManager: $(<"$steps/manager.log")"
	# eth2 is nobody's: it is what it does with such cards.
	wait_until 30 eval 'nmcli -t -f DEVICE,STATE device status | grep -q "^eth2:connecting"' || bail "$(nmcli device)"
	# It lets a card go that is somebody's slave, and then may take it up again.
	must nmcli device set eth1 managed no
	enslave eth1
	must nmcli device set eth1 managed yes
	wait_until 10 eval 'devices | grep -q "^eth1:.*externally"'
	devices >"$steps/devices.$1"
	ip -j addr show | jq -r '.[] | select(.ifname | test("^eth[01]")) | .addr_info[].local' >"$steps/addresses.$1"
	halt manager
	away
}
managed bond
must modprobe -r bonding
must modprobe rustbond
managed rustbond
sed 's/^/# native: /' "$steps/devices.bond"
check "NetworkManager takes it for a bond" grep -q '^bond0:bond:connected (externally)' "$steps/devices.rustbond"
check "a slave is not asked for an address by DHCP" grep -q '^eth0:ethernet:connected (externally)' "$steps/devices.rustbond"
check "all is as with native bonding" diff "$steps/devices.bond" "$steps/devices.rustbond"
check "no slave has an address" is "" "$(<"$steps/addresses.rustbond")"
done_testing
