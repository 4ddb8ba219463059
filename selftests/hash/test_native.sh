#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# For the same frame and the same usable slaves, every hash policy picks the slave that native
# bonding picks: thousands of random frames are sent through both, with both loaded. The exception are
# frames with VLAN tags or PPPoE in their bytes, under policies that look at IP.
# vm: --with python3
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to compare it with"
need python3
modinfo bonding >/dev/null 2>&1 || skip_all "the guest has no native bonding"
load_module
must modprobe bonding max_bonds=0
quiet
namespaces sink
quiet sink
plan 35
SEED=${SEED:-1}
COUNT=${COUNT:-100}
total=0

# compare WAY HUNDREDS TEXT SLAVE... : one point a policy, over these slaves.
compare() {
	local way=$1 count=$(($2 * COUNT)) text=$3 verdict line more
	shift 3
	python3 differ.py "$SEED" "$count" "$way" "theirs$(printf ',t%s' "$@")" \
		"ours$(printf ',o%s' "$@")" >/tmp/differ 2>&1 || bail "differ.py: $(</tmp/differ)"
	while read -r verdict line; do
		case $verdict in
		PASSED | FAILED)
			echo "# ${line#*: }"
			more=$(grep -A 5 -F "$verdict $line" /tmp/differ)
			check "${line%%:*}, $text" is "PASSED" "$([[ $verdict == PASSED ]] && echo PASSED || echo "$more")"
			total=$((total + count))
			;;
		esac
	done </tmp/differ
	SEED=$((SEED + 1))
}

must ip link add theirs type bond mode balance-xor miimon 20
must ip link add ours type "$KIND"
must set_opt ours mode balance-xor
must set_opt ours miimon 20
# The far ends swallow what comes.
for number in 0 1 2 3; do
	for slave in "t$number" "o$number"; do
		must ip link add "$slave" mtu 9000 type veth peer name "$slave" netns sink
		must ip -n sink link set "$slave" mtu 9000 up
	done
	must enslave theirs "t$number"
	must enslave ours "o$number"
done
for bond in theirs ours; do
	must ip link set "$bond" mtu 9000 up
	for id in 5 2049 4094; do
		must ip link add link "$bond" name "$bond.$id" type vlan id "$id"
		must ip link set "$bond.$id" up
	done
done

# link_is FILE SLAVE up|down : in the driver's eyes.
link_is() { grep -A 1 "^Slave Interface: $2\$" "$1" | grep -q "MII Status: $3"; }
both() { # up|down NUMBER...
	local number
	for number in "${@:2}"; do
		must wait_until 10 link_is /proc/net/bonding/theirs "t$number" "$1"
		must wait_until 10 link_is "/proc/net/$KIND/ours" "o$number" "$1"
	done
}
cut_both() {
	must cut_link sink "t$1"
	must cut_link sink "o$1"
	both down "$1"
}

both up 0 1 2 3
compare plain 10 "4 slaves" 0 1 2 3
compare vlan 4 "tags that travel outside of the bytes" 0 1 2 3
compare parted 3 "bytes that do not lie together" 0 1 2 3
# With slave 1 of 0 1 2 3 down the others count as 0 2 3.
cut_both 1
compare plain 3 "slave 1 of 0 1 2 3 down" 0 2 3
cut_both 3
compare plain 3 "slaves 1 and 3 down" 0 2
must mend_link sink t1
must mend_link sink o1
must mend_link sink t3
must mend_link sink o3
both up 0 1 2 3
# Native bonding goes by the policy of the time when it looks at its slaves.
must set_opt theirs xmit_hash_policy layer2
# What programs redirect to a bond. veth takes such frames only if the other end polls for them.
for number in 0 1 2 3; do
	must at sink ethtool -K "t$number" gro on
	must at sink ethtool -K "o$number" gro on
done
for bond in theirs ours; do
	must ip link add "$bond-in" type veth peer name "$bond-out"
	must ethtool -K "$bond-in" gro on
	must ip link set "$bond-in" up
	must ip link set "$bond-out" up
	must python3 ../lib/xdp.py "$bond-out" native "redirect:$bond"
done
compare xdp 10 "frames that an XDP program redirects" 0 1 2 3
echo "# $total frames in all, each through both"
done_testing
