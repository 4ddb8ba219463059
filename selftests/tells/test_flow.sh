#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The family names the slave that a flow takes: of thousands of random frames, under every hash policy and in every
# mode that has one way for a flow, with all slaves and with failed ones.
# vm: --with python3,python3-yaml --in Documentation/netlink/rustbond.yaml:/rustbond.yaml
# timeout: 600

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

load_module
quiet
namespaces sink
quiet sink
SEED=${SEED:-1}
COUNT=${COUNT:-100}
SLAVES="s0 s1 s2 s3"
POLICIES="layer2 layer2+3 layer3+4 encap2+3 encap3+4 vlan+srcmac"
plan 42

# told TEXT DEV : as many flows as COUNT by this device, one point.
told() {
	# shellcheck disable=SC2086 # one word a slave
	python3 "$HERE/flow.py" "$SEED" "$COUNT" b0 "$2" $SLAVES >/tmp/flow 2>&1 || bail "flow.py: $(</tmp/flow)"
	sed -n '1s/^[A-Z]* /# /p' /tmp/flow
	check "$1" is PASSED "$(grep -q ^PASSED /tmp/flow && echo PASSED || cat /tmp/flow)"
	SEED=$((SEED + 1))
}
# both_ways TEXT : with all slaves, and with the first one and the last one failed.
both_ways() {
	told "$1" b0
	must ip -n sink link set s0 down
	must ip -n sink link set s3 down
	sleep 0.3
	told "$1, two slaves have failed" b0
	must ip -n sink link set s0 up
	must ip -n sink link set s3 up
	sleep 0.3
}
# made MODE : a new bond of that mode, up.
made() {
	ip link del b0 2>/dev/null
	bond b0 mode="$1" miimon=20
	# shellcheck disable=SC2086
	must enslave b0 $SLAVES
	must ip link set b0 mtu 1500 up
	# shellcheck disable=SC2086
	links_up b0 $SLAVES
}

for slave in $SLAVES; do
	must ip link add "$slave" type veth peer name "$slave" netns sink
	must ip -n sink link set "$slave" up
done

made balance-xor
must ip link add link b0 name b0.5 type vlan id 5
must ip link set b0.5 up
for policy in $POLICIES; do
	must set_opt b0 xmit_hash_policy "$policy"
	both_ways "balance-xor, $policy"
	told "balance-xor, $policy, in a VLAN" b0.5
done

made active-backup
must set_opt b0 active_slave s1
both_ways "active-backup"

made balance-tlb
for dynamic in 1 0; do
	must ip link set b0 down
	must set_opt b0 tlb_dynamic_lb "$dynamic"
	must ip link set b0 up
	# shellcheck disable=SC2086
	links_up b0 $SLAVES
	for policy in layer2+3 layer3+4; do
		must set_opt b0 xmit_hash_policy "$policy"
		both_ways "balance-tlb, tlb_dynamic_lb=$dynamic, $policy"
	done
done

made balance-alb
both_ways "balance-alb"

# The other end: a bond of our own.
made 802.3ad
must ip -n sink link add far type rustbond
at sink bash -c 'echo 802.3ad >/sys/class/net/far/bonding/mode; echo 20 >/sys/class/net/far/bonding/miimon
	echo fast >/sys/class/net/far/bonding/lacp_rate' || bail "no partner"
for slave in $SLAVES; do
	must ip -n sink link set "$slave" down
	must ip -n sink link set "$slave" master far
done
must ip -n sink link set far up
# agreed : all four ports distribute.
agreed() { [[ $(asked dump slave-get bond="$(ifindex_of b0)" | jq -c '[.[].usability] | unique') == '["distributing"]' ]]; }
check "802.3ad: all ports distribute" wait_until 30 agreed
for policy in layer2 layer3+4 encap3+4 vlan+srcmac; do
	must set_opt b0 xmit_hash_policy "$policy"
	told "802.3ad, $policy" b0
done

frame=ffffffffffff02000000000108060001
made broadcast
flow() { asked get flow-get bond="$(ifindex_of b0)" frame="$frame" | jq -r .fate; }
check "broadcast: by all" is all "$(flow)"
made balance-rr
check "balance-rr: in turn" is turn "$(flow)"
must set_opt b0 packets_per_slave 0
check "balance-rr without packets_per_slave: by lot" is lot "$(flow)"
for slave in $SLAVES; do
	must ip -n sink link set "$slave" down
done
check "no link: by none" wait_until 5 is none "$(flow)"
# A question counts nothing and deals nothing.
for slave in $SLAVES; do
	must ip -n sink link set "$slave" up
done
made balance-tlb
before=$(asked get bond-get ifindex="$(ifindex_of b0)" | jq -c .counters)
for _ in 1 2 3 4 5; do
	flow >/dev/null
done
check "a question is no packet" is "$before" "$(asked get bond-get ifindex="$(ifindex_of b0)" | jq -c .counters)"
check "a frame without a whole header" is "EINVAL the frame has no whole Ethernet header" \
	"$(asked get flow-get bond="$(ifindex_of b0)" frame=0011)"
check "no frame" is "EINVAL the head of a frame is missing" "$(asked get flow-get bond="$(ifindex_of b0)")"
