#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# NetworkManager: what nmcli is told of bonds gives the same bonds as on native bonding, and the
# same answers.
# vm: --with control
# timeout: 600

. "$(dirname "$0")/lib.sh"
need NetworkManager nmcli dbus-daemon udevadm
plan 16

networkmanager_conf 'no-auto-default=*'

start() {
	daemon manager NetworkManager --no-daemon
	wait_until 30 nmcli general status
}

# bond_connection NAME SETTING..., port NAME BOND SETTING... : made, and by that begun.
bond_connection() {
	nmcli connection add type bond con-name "$1" ifname "$1" ipv6.method disabled "${@:2}"
}
port() { nmcli connection add type ethernet con-name "$1" ifname "$1" controller "$2" port-type bond "${@:3}"; }

story() {
	rm -rf /etc/NetworkManager/system-connections /run/NetworkManager /var/lib/NetworkManager
	mkdir -p /etc/NetworkManager/system-connections /var/lib/NetworkManager
	start || bail "NetworkManager: $(<"$steps/manager.log")"
	step "connection add: active-backup" 'has bond0 miimon 50' bond_connection bond0 \
		ipv4.method manual ipv4.addresses 192.0.2.2/24 bond.options \
		mode=active-backup,miimon=50,updelay=100,downdelay=100,primary=eth1,primary_reselect=better,fail_over_mac=active,num_grat_arp=3
	step "a port" 'stands bond0 active-backup eth0 eth0' port eth0 bond0 bond-port.queue-id 1
	step "and the primary one" 'stands bond0 active-backup "eth0 eth1" eth1' port eth1 bond0 bond-port.prio 7
	step "the switch answers" '' ping -q -c1 -w5 192.0.2.1
	step "connection show: what it was told" '' nmcli -f bond,bond-port,GENERAL.STATE connection show bond0
	step "device status" '' nmcli -t -f DEVICE,TYPE,STATE,CONNECTION device status
	halt manager
	step "it starts anew, and leaves the bond as it is" 'stands bond0 active-backup "eth0 eth1" eth1' start
	must nmcli connection modify bond0 +bond.options primary=eth0,updelay=0,primary_reselect=always,resend_igmp=4
	step "device reapply: other settings, while it is up" 'active_is bond0 eth0' nmcli device reapply bond0
	step "connection down" 'gone bond0' nmcli connection down bond0
	must nmcli connection modify bond0 bond.options \
		mode=active-backup,arp_interval=100,arp_ip_target=192.0.2.1,arp_validate=all
	step "connection up: a port brings the bond, with ARP monitoring" \
		'stands bond0 active-backup eth0 eth0' nmcli connection up eth0
	step "connection up: the other port, which is preferred" 'stands bond0 active-backup "eth0 eth1" eth1' nmcli connection up eth1
	must nmcli connection modify bond0 bond.options \
		mode=802.3ad,miimon=50,lacp_rate=fast,xmit_hash_policy=layer3+4,ad_select=count
	must nmcli connection down bond0 >/dev/null
	step "connection up: another mode" 'stands bond0 802.3ad eth0 && no_partner eth0' nmcli connection up eth0
	step "device disconnect: a port goes" '[[ ! -e $NET/eth0/master ]]' nmcli device disconnect eth0
	step "settings that do not go together" '' bond_connection bond1 bond.options mode=802.3ad,arp_interval=100
	step "device delete" 'gone bond0' nmcli device delete bond0
	step "connection delete" '' nmcli connection delete bond0 eth0 eth1
	halt manager
}
# has BOND OPTION VALUE
has() { [[ $(<"$NET/$1/bonding/$2") == "$3" ]]; }
tidy=(-e 's/time=?[0-9. ]+ms/time/' -e 's/^rtt .*/rtt/' -e 's/[0-9a-f]{8}-[0-9a-f-]{27}/UUID/g'
	-e 's,(ActiveConnection/)[0-9]+,\1N,g')

bus
mkdir -p /run/udev
daemon udev /usr/lib/systemd/systemd-udevd
wait_until 20 test -S /run/udev/control || bail "udev: $(<"$steps/udev.log")"
tell story

done_testing
