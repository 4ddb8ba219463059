# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# The settings in which the commands of a page are run. Source it after lib.sh, bond.sh and lacp.sh.
#
# eth0, eth1 and eth2 are cabled to p0, p1 and p2 in the namespace far.

# scene NAME : makes it anew, out of nothing.
scene() {
	no_scene
	declare -F "scene_$1" >/dev/null || { echo "there is no scene '$1'"; return 1; }
	"scene_$1"
}

# no_scene : no module, no bond, and devices as they were made.
no_scene() {
	no_cables
	modprobe -r rustbond 2>/dev/null
	modprobe -r bonding 2>/dev/null
	must ip netns add far
	quiet far
	cables far p0:eth0 p1:eth1 p2:eth2
	must ip -n far link set lo up
}

# no_cables : no other host, nor what was cabled to one.
no_cables() {
	local name
	for name in far switch pinger; do
		ip netns del "$name" 2>/dev/null
	done
	for name in eth0 eth1 eth2; do
		wait_until 10 eval "! ip link show $name"
	done
}
_namespaces+=(far switch pinger)

# Nothing is there, not even a cable.
scene_bare() { no_cables; }

# Nothing of bonding is loaded.
scene_unloaded() { :; }

# The module is loaded.
scene_loaded() { must modprobe rustbond; }

# A bond without slaves.
scene_empty() {
	scene_loaded
	bond bond0 mode=active-backup miimon=100
}

# An active-backup bond of two slaves, and a host on the other side.
scene_bond() {
	scene_empty
	must enslave bond0 eth0 eth1
	carry
}

# ARP monitoring with a target that no route leads to.
scene_no_route() {
	scene_loaded
	bond bond0 mode=active-backup arp_interval=100 arp_ip_target=+198.51.100.1 arp_validate=all
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	must wait_until 10 eval "dmesg | grep 'no route to'"
}

# 802.3ad without a partner.
scene_alone() {
	scene_loaded
	bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
	must enslave bond0 eth0 eth1
	must ip link set bond0 up
	must wait_until 10 grep -q no_partner $NET/eth0/bonding_slave/ad_reason
}

# Native bonding, whose first link is cut.
scene_native() {
	modinfo bonding >/dev/null 2>&1 || return
	must modprobe bonding max_bonds=0
	KIND=bond bond bond0 mode=active-backup miimon=100
	must enslave bond0 eth0 eth1
	carry
	must cut_link far p0
	must wait_until 10 active_is bond0 eth1
	ping -q -c 50 -i 0.01 192.0.2.2 >/dev/null
}

# 802.3ad with two ports that the partner aggregates, and one at a plain switch.
scene_lacp() {
	scene_loaded
	for port in p0 p1 p2; do
		must ip -n far link set $port nomaster
	done
	far_bond far rustbond p0,p1
	bond bond0 mode=802.3ad miimon=100 lacp_rate=fast xmit_hash_policy=layer3+4
	must enslave bond0 eth0 eth1 eth2
	must ip link set bond0 up
	must ip addr add 192.0.2.1/24 dev bond0
	must ip -n far addr add 192.0.2.2/24 dev bond0
	must wait_until 30 all_send eth0 eth1
	for ((i = 0; i < 40; i++)); do
		echo x | socat -u - UDP-SENDTO:192.0.2.2:$((5000 + i))
	done
	must ping -q -c 50 -i 0.01 192.0.2.2 >/dev/null
}

# The same, and the third port ends at another system.
scene_stranger() {
	scene_lacp
	must ip -n far link add bond1 type rustbond
	must bond_settings far bond1 mode=802.3ad miimon=100 lacp_rate=fast
	must ip -n far link set bond1 up
	must far_enslave far bond1 p2
	must wait_until 30 eval "rustbond why bond0 | grep 'another system'"
}

# carry : the bond is up, has an address, and a peer that answers.
carry() {
	local slave
	must ip link set bond0 up
	must ip addr add 192.0.2.1/24 dev bond0
	must ip -n far addr add 192.0.2.2/24 dev br0
	for slave in eth0 eth1; do
		must wait_until 10 grep -qx up $NET/$slave/bonding_slave/mii_status
	done
	ping -q -c 20 -i 0.01 192.0.2.2 >/dev/null
}
