#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `rustbond flow` names the slave that carries a flow: of random flows, each is seen at the other end of
# the cable of that slave, in each mode and hash policy, with all slaves and with one that has failed.
# timeout: 1200
# vm: --icount 3 --with python3 --in out/cli/rustbond:/tools/rustbond

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

[[ $KIND == rustbond ]] || skip_all "only rustbond answers"
load_module
quiet
namespaces far
quiet far
cables far p0:eth0 p1:eth1 p2:eth2
for port in p0 p1 p2; do
	must ip -n far link set $port nomaster
done
POLICIES=(layer2 layer2+3 layer3+4 encap2+3 encap3+4 vlan+srcmac)
COUNT=${COUNT:-200}
plan $((2 * 2 * ${#POLICIES[@]} + 2 * 4 + 3 + 7 + 1))

# bond_up OPTION=VALUE... : b0 with three slaves, their links up, and a VLAN on it.
bond_up() {
	local number
	for number in 0 1 2; do
		must ip link set eth$number address "$(mac_of $((number + 1)))"
	done
	bond b0 "$@"
	must enslave b0 eth0 eth1 eth2
	must ip link set b0 up
	links_up b0 eth0 eth1 eth2
	must ip link add link b0 name b0.5 type vlan id 5
	must ip link set b0.5 up
}

# right SEED [SLAVES] : for check: all flows come by the slave that was named, and so many slaves have some.
right() {
	local output status=0
	output=$(./flows_seen.py $COUNT "$1" b0 b0.5 far eth0:p0 eth1:p1 eth2:p2) || status=$?
	tail -n 20 <<<"$output"
	[[ $status == 0 ]] && is "${2:-3}" "$(tail -n 1 <<<"$output" | grep -o 'eth[0-9]' | wc -l)"
}

# named FILTER ARGUMENT... : a field of the answer, by a tuple.
named() { $RUSTBOND flow b0 "${@:2}" --json | jq -r "$1"; }

# tuple_is_frame ARGUMENT... : the answer for it is that for its frame.
tuple_is_frame() {
	local answer
	answer=$(named '"\(.frame) \(.slave) \(.hash) \(.bucket)"' "$@") || return
	is "${answer#* }" "$($RUSTBOND flow b0 --frame "${answer%% *}" --json | jq -r '"\(.slave) \(.hash) \(.bucket)"')"
}

# fate_is WORD
fate_is() { is "$1 null" "$(named '"\(.fate) \(.slave)"' --src 192.0.2.1 --dst 192.0.2.2)"; }

# --- balance-xor
bond_up mode=balance-xor miimon=100
for policy in "${POLICIES[@]}"; do
	must set_opt b0 xmit_hash_policy "$policy"
	check "balance-xor, $policy" right "x $policy"
done
must set_opt b0 xmit_hash_policy layer3+4
check "a tuple" tuple_is_frame --src 192.0.2.1 --dst 192.0.2.2 --proto udp --sport 7 --dport 53
check "another port, another hash" fails is \
	"$(named .hash --src 192.0.2.1 --dst 192.0.2.2 --sport 7)" "$(named .hash --src 192.0.2.1 --dst 192.0.2.2 --sport 8)"
check "IPv6, and a VLAN" tuple_is_frame --src 2001:db8::1 --dst 2001:db8::2 --vlan 5 --dst-mac "$(mac_of 9)"
check "the source MAC is the bond's" is "$(dev_attr b0 address | tr -d :)" "$(named '.frame[12:24]')"
must cut_link far p1
must wait_until 10 status_is b0 eth1 down
for policy in "${POLICIES[@]}"; do
	must set_opt b0 xmit_hash_policy "$policy"
	check "balance-xor, $policy, a slave has failed" right "y $policy" 2
done
must mend_link far p1
sentence() { $RUSTBOND flow b0 --src 192.0.2.1 --dst 192.0.2.2; }
must wait_until 10 status_is b0 eth1 up
check "in a sentence" grep -qE '^eth[0-2] would carry this flow of b0 \(hash 0x[0-9a-f]{8}, bucket [0-2]\)$' <(sentence)
check "who has no right is told what to do" refuses "CAP_NET_ADMIN" \
	setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all \
	$RUSTBOND flow b0 --src 192.0.2.1 --dst 192.0.2.2
check "a frame that is too short" refuses "an Ethernet header has 14" $RUSTBOND flow b0 --frame 0200
must ip link del b0

# --- one slave, buckets, all, in turn
both() {
	check "$1" right "all $1" "$2"
	must cut_link far p0
	must wait_until 10 status_is b0 eth0 down
	check "$1, a slave has failed" right "failed $1" "$3"
	must mend_link far p0
	must ip link del b0
}
bond_up mode=active-backup miimon=100
both active-backup 1 1
bond_up mode=balance-tlb miimon=100
both "balance-tlb, by load" 3 2
bond_up mode=balance-tlb miimon=100 tlb_dynamic_lb=0 xmit_hash_policy=layer3+4
both "balance-tlb, by hash" 3 2
bond_up mode=balance-alb miimon=100
both balance-alb 3 2
bond_up mode=broadcast miimon=100
check "broadcast: by all" fate_is all
must ip link del b0
bond_up mode=balance-rr miimon=100
check "balance-rr: in turn" fate_is turn
for port in p0 p1 p2; do
	must cut_link far $port
done
must wait_until 10 carrier_is b0 0
check "no link: by none" fate_is none
must ip link del b0
for port in p0 p1 p2; do
	must mend_link far $port
done

# --- 802.3ad
far_bond far rustbond p0,p1,p2
bond_up mode=802.3ad miimon=100 lacp_rate=fast
must wait_until 30 all_send eth0 eth1 eth2
must wait_until 30 far_sends far p0 p1 p2
for policy in "${POLICIES[@]}"; do
	must set_opt b0 xmit_hash_policy "$policy"
	check "802.3ad, $policy" right "l $policy"
done
must cut_link far p1
must wait_until 10 status_is b0 eth1 down
for policy in "${POLICIES[@]}"; do
	must set_opt b0 xmit_hash_policy "$policy"
	check "802.3ad, $policy, a slave has failed" right "m $policy" 2
done
must mend_link far p1
must wait_until 30 all_send eth0 eth1 eth2
must ip link del b0
if modprobe bonding max_bonds=0; then
	must ip link add n0 type bond
	check "native bonding does not answer" refuses \
		"n0 is a bond of native bonding: only those of the driver rustbond keep a history and answer for flows" \
		$RUSTBOND flow n0 --src 192.0.2.1 --dst 192.0.2.2
	must ip link del n0
else
	ktap_test_skip "native bonding does not answer"
fi
done_testing
