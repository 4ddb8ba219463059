#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# arp_validate: nobody answers the bond's ARP, but somebody else talks. Which of its seven values
# take that for a sign of life, ours and native bonding in the same run. Then there is one who answers,
# and a bond that has no address to be answered at.
# vm: --icount 3 --with python3
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
load_module
quiet
VALIDATE=(none active backup all filter filter_active filter_backup)
both_kinds
plan $(((2 * ${#VALIDATE[@]} + 1) * ${#kinds[@]}))
namespaces switch
quiet switch
cables switch p0:eth0 p1:eth1

# To wait without a process.
exec {PAUSE}<> <(:)

# start KIND : a bond that asks for whom there is not.
start() {
	must ip link add bond0 type "$1"
	must set_opt bond0 mode active-backup
	must set_opt bond0 arp_interval 50
	must set_opt bond0 arp_ip_target +192.0.2.66
	must enslave bond0 eth0 eth1
	must ip addr add 192.0.2.1/24 dev bond0
	must ip link set bond0 up
}
# life VALIDATE : always, never or sometimes: when the bond has its carrier.
life() {
	local i up=0
	must set_opt bond0 arp_validate "$1"
	sleep 0.8
	for ((i = 0; i < 26; i++)); do
		((up += $(<$NET/bond0/carrier)))
		read -r -t 0.025 -u "$PAUSE"
	done
	case $up in
	26) LIFE=always ;;
	0) LIFE=never ;;
	*) LIFE=sometimes ;;
	esac
}

# Where backups are not validated, they take the active slave's own questions for a sign.
declare -A WANT=(
	[arp,none]=always [arp,active]=always [arp,backup]=always [arp,all]=never
	[arp,filter]=always [arp,filter_active]=always [arp,filter_backup]=always
	[udp,none]=always [udp,active]=always [udp,backup]=always [udp,all]=never
	[udp,filter]=always [udp,filter_active]=always [udp,filter_backup]=never
)
declare -A OURS=()
for noise in arp udp; do
	ip netns exec switch python3 chatter.py br0 "$noise" &
	chatter=$!
	for kind in "${kinds[@]}"; do
		start "$kind"
		for validate in "${VALIDATE[@]}"; do
			life "$validate"
			if [[ $kind == "$KIND" ]]; then
				OURS[$validate]=$LIFE
				check "others' $noise, arp_validate $validate: it is a sign of life: ${WANT[$noise,$validate]}" \
					is "${WANT[$noise,$validate]}" "$LIFE"
			else
				check "others' $noise, arp_validate $validate: as for native bonding" is "$LIFE" "${OURS[$validate]}"
			fi
		done
		must ip link del bond0
	done
	kill "$chatter"
	wait "$chatter" 2>/dev/null
done

must ip -n switch addr add 192.0.2.66/24 dev br0
for kind in "${kinds[@]}"; do
	start "$kind"
	must ip addr flush dev bond0
	life all
	check "no address, arp_validate all: an answer to nobody is a sign of life: $kind" is always "$LIFE"
	must ip link del bond0
done
done_testing
