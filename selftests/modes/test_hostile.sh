#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Headers that lie, to the bond and through it, in all modes and with all values of
# arp_validate: the bond works on. That the kernel does not complain is seen by who runs this.
# vm: --with python3
# timeout: 150

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
load_module
SETTINGS=("mode=balance-rr" "mode=balance-tlb" "mode=balance-alb" "mode=active-backup" "mode=balance-xor xmit_hash_policy=layer3+4"
	"mode=balance-xor xmit_hash_policy=encap3+4" "mode=broadcast" "mode=802.3ad lacp_rate=fast xmit_hash_policy=encap2+3")
SETTINGS+=("mode=balance-xor arp_interval=50 arp_ip_target=+192.0.2.2"
	"mode=active-backup arp_interval=50 arp_ip_target=+192.0.2.2")
for validate in active backup all filter filter_active filter_backup; do
	# The same bond goes on.
	SETTINGS+=("arp_validate=$validate")
done
COUNT=${COUNT:-80}
plan $((${#SETTINGS[@]} * 3))

namespaces far
quiet far
cables far far0:eth0 far1:eth1
must ip -n far addr add 192.0.2.2/24 dev br0
coproc IN { exec ip netns exec far python3 hostile.py; }
# shellcheck disable=SC2034 # by its name
in=("${IN[@]}")
{ coproc OUT { exec python3 hostile.py; }; } 2>/dev/null
out=("${OUT[@]}")
# sent HANDS SEED DEV... : has so many sent; says how many were.
sent() {
	local -n hands=$1
	echo "$2 $COUNT ${*:3}" >&"${hands[1]}"
	read -r -t 60 SENT <&"${hands[0]}" || bail "who sends is gone"
}

# start OPTION=VALUE...
start() {
	bond bond0 "$@"
	[[ $* == *arp_interval* ]] || must set_opt bond0 miimon 50
	must enslave bond0 eth0 eth1
	must ip addr add 192.0.2.1/24 dev bond0
	must ip link set bond0 up
	must ip link add link bond0 name bond0.7 type vlan id 7
	must ip link set bond0.7 up
	# What the frames say is not to be believed here; nor there.
	must ip neigh replace 192.0.2.2 lladdr "$(at far cat $NET/br0/address)" nud permanent dev bond0
	must ip -n far neigh replace 192.0.2.1 lladdr "$(dev_attr bond0 address)" nud permanent dev br0
}

# bug 29: headers that lie, whole and in pieces, in all modes
seed=1
for setting in "${SETTINGS[@]}"; do
	read -r -a options <<<"$setting"
	if [[ $setting == mode=* ]]; then
		[[ ! -d $NET/bond0 ]] || must ip link del bond0
		start "${options[@]}"
	else
		must set_opt bond0 "${setting%%=*}" "${setting#*=}"
	fi
	must wait_until 10 carrier_is bond0 1
	before=$(stat_of bond0 rx_packets)
	sent in "$seed" far0 far1
	came=$SENT
	sent out $((seed + 1)) bond0
	seed=$((seed + 2))
	got=$(($(stat_of bond0 rx_packets) - before))
	echo "# $setting: $came came in, $SENT went out"
	check "$setting: frames that lie were sent" test "$came" -ge "$COUNT" -a "$SENT" -ge $((COUNT / 2))
	check "$setting: they came as far as the bond" test "$got" -gt $((COUNT / 4))
	# LACP may have come to believe in a partner, for some seconds.
	check "$setting: the bond works on" wait_until 15 ping -q -c 1 -W 1 192.0.2.2
done
done_testing
