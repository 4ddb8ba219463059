#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A speed that becomes known after the link, and LACP over devices that have none.
# vm: --with python3 --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

need python3 ethtool
load_module
modprobe bonding max_bonds=0
modprobe -a tun veth macsec ip_gre 2>/dev/null
quiet
plan 17

tap() { python3 -IS "${BASH_SOURCE[0]%/*}/../lib/tap.py" "$@"; }
ports() { [[ $(get_opt bond0 ad_num_ports) == "$1" ]]; }
# Of one slave in /proc.
told() { awk -v slave="$1" -v what="$2" -F': ' '/^Slave Interface/ { here = $2 == slave } here && $1 == what { print $2; exit }' "$PROC/bond0"; }
speed_is() { is "$2" "$(told "$1" Speed)"; }
key_is() { is "$1" "$(get_opt bond0 ad_actor_key)"; }

# --- TAP devices, whose speed is told late
namespaces far
tap cable a0 b0 a1 b1 >/tmp/cable &
must wait_until 30 grep -q ready /tmp/cable
for dev in b0 b1; do
	must ip link set "$dev" netns far
	must at far ethtool -s "$dev" speed 1000 duplex full
done
for dev in a0 a1; do
	must ethtool -s "$dev" speed 0
done
far_bond far bond b0,b1
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
must enslave bond0 a0 a1
must ip link set bond0 up
check "a device that tells no speed yet" speed_is a0 Unknown
sleep 2
for dev in a0 a1; do
	must ethtool -s "$dev" speed 1000 duplex full
done
check "is asked again: /proc has the speed" wait_until 2 speed_is a0 "1000 Mbps"
check "and that of the other" wait_until 2 speed_is a1 "1000 Mbps"
check "its key is that of 1 Gb/s, full duplex" wait_until 5 key_is 9
check "both ports are in one aggregator" wait_until 15 ports 2
# The driver tells nobody, but the link is another one.
must ethtool -s a1 speed 100
must ip link set a1 down
must ip link set a1 up
check "after every change of the link it is asked again" wait_until 5 speed_is a1 "100 Mbps"
must ip link del bond0

# --- who is better
for dev in a0 a1; do
	must ethtool -s "$dev" speed 0
done
must ethtool -s a0 speed 10 duplex full
bond bond0 mode=active-backup miimon=100 primary_reselect=better primary=a1
must enslave bond0 a0 a1
must ip link set bond0 up
must ip link set a1 down
must wait_until 5 active_is bond0 a0
must ip link set a1 up
links_up bond0 a1
sleep 1
check "primary_reselect better: one without a speed is not" active_is bond0 a0
must ethtool -s a1 speed 1000 duplex full
check "once it tells one, it is" wait_until 3 active_is bond0 a1
must ip link del bond0

# --- balance-alb deals by speed: the text of /proc is from where it reads
for dev in a0 a1; do
	must ethtool -s "$dev" speed 0
done
bond bond0 mode=balance-alb miimon=100
must enslave bond0 a0 a1
must ip link set bond0 up
must ethtool -s a0 speed 2500 duplex full
check "balance-alb: it is asked as well" wait_until 3 speed_is a0 "2500 Mbps"
must ip link del bond0
must ip -n far link del bond0

# --- what has no speed at all
wire far f0 e0 f1 e1
# Room for what MACsec and GRE add.
for i in 0 1; do
	must ip link set "e$i" mtu 2000
	must ip -n far link set "f$i" mtu 2000
done
key=00112233445566778899aabbccddeeff
for i in 0 1; do
	must ip link add link "e$i" "m$i" type macsec encrypt off validate disabled
	must ip macsec add "m$i" tx sa 0 pn 1 on key 01 $key
	must ip -n far link add link "f$i" "n$i" type macsec encrypt off validate disabled
	must ip -n far macsec add "n$i" tx sa 0 pn 1 on key 01 $key
done
check "MACsec has no speed of its own" fails cat $NET/m0/speed
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
must enslave bond0 m0 m1
must ip link set bond0 up
far_bond far "$KIND" n0,n1
check "802.3ad over MACsec: it is as fast as the link below" speed_is m0 "$(($(<$NET/e0/speed))) Mbps"
check "both links are in one aggregator" wait_until 15 ports 2
must ip addr add 192.0.2.1/24 dev bond0
must ip -n far addr add 192.0.2.2/24 dev bond0
check "and carry traffic" wait_until 5 ping -c1 -W1 192.0.2.2
must ip link del bond0
must ip -n far link del bond0

must ip addr add 10.0.0.1/24 dev e0
must ip -n far addr add 10.0.0.2/24 dev f0
for i in 0 1; do
	must ip link add "g$i" type gretap local 10.0.0.1 remote 10.0.0.2 key "$i"
	must ip -n far link add "h$i" type gretap local 10.0.0.2 remote 10.0.0.1 key "$i"
done
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
must enslave bond0 g0 g1
must ip link set bond0 up
far_bond far "$KIND" h0,h1
check "802.3ad over gretap: nothing tells a speed" speed_is g0 Unknown
check "both links are in one aggregator" wait_until 15 ports 2
check "by the key of full duplex without a speed" key_is 1
must ip addr add 192.0.2.1/24 dev bond0
must ip -n far addr add 192.0.2.2/24 dev bond0
check "and carry traffic" wait_until 5 ping -c1 -W1 192.0.2.2
done_testing
