#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A partner that is made by hand: not ready, never ready, gone, or talking rubbish.
# timeout: 500
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

POLL=0.3
load_module
quiet
namespaces peer
wire peer p0 eth0 p1 eth1
quiet peer
frames=$(mktemp)
must listen peer p0 "$frames"
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast
must ip link set bond0 up
must enslave bond0 eth0
plan 21

speaker=
speak() {
	[[ -z $speaker ]] || { kill "$speaker"; wait "$speaker"; } 2>/dev/null
	# Not by `at`: it is the partner itself that is to be ended.
	ip netns exec peer "$LACP" partner p0 300 "$@" &
	speaker=$!
}
state() { ours eth0 "actor: port state"; }
state_has() { has "$(state)" "$1"; }
base=$((LACP_ACTIVITY | LACP_TIMEOUT | LACP_AGGREGATION))
both=$((LACP_COLLECTING | LACP_DISTRIBUTING))

# coupled_control: with a partner that is in sync but does not collect.
speak state=$((base | LACP_SYNC))
check "coupled: it collects and distributes when the partner is in sync" wait_until 8 state_has $both
must ip link set bond0 down
must set_attr bond0 32:u8=0
must ip link set bond0 up
check "coupled_control off: it collects" wait_until 8 state_has $LACP_COLLECTING
check "but does not distribute yet" stays 3 lacks "$(state)" $LACP_DISTRIBUTING
check "and sends no traffic" is 01 "$(slave_attr eth0 1)"
speak state=$((base | LACP_SYNC | both))
check "when the partner collects, it does" wait_until 8 state_has $both
check "and sends traffic" wait_until 2 sh -c "[ \"\$('$RTNL' show-slave eth0 | sed -n 's/^1=//p')\" = 00 ]"

# Partners that never come to agree.
speak blind=1 state=$((base | LACP_SYNC | both))
check "a partner that does not hear it is not used" wait_until 8 idle eth0
speak state=$base
check "a partner that is not in sync is not used" stays 4 idle eth0
churned() { is churned "$(ours eth0 "Partner Churn State")"; }
sleep 58
check "after a minute that is churn" wait_until 10 churned
check "it is counted" is 1 "$(ours eth0 "Partner Churned Count")"
check "and not taken for the port's own" is "none 0" "$(ours eth0 "Actor Churn State") $(ours eth0 "Actor Churned Count")"
speak state=$((base | LACP_SYNC | both))
settled() { is none "$(ours eth0 "Partner Churn State")"; }
check "in sync it is none" wait_until 8 settled

# Version 2, with more TLVs than known: to be taken for what is known of it. Clause 6.4.2.4.
kill "$speaker"
wait "$speaker" 2>/dev/null
must wait_until 10 idle eth0
actor=0001020000000b2200070001000107000000
send() { at peer "$LACP" send p0 "$@"; }
v2=01020114${actor:0:36}0214$(printf '0%.0s' {1..36})0310$(printf '0%.0s' {1..132})
newer() { is 02:00:00:00:0b:22 "$(ours eth0 "partner: system mac address")"; }
send 1 "$v2"
check "an LACPDU of a later version counts" wait_until 2 newer

# Markers: answered, with the response's code and the rest unchanged, at most ten a second.
pad() { printf '%s' "$1"; printf '0%.0s' $(seq $((220 - ${#1}))); }
info=$(pad "02010110""0001""0200000000b1""00000007""0000")
answers() { grep -c "body=02010210000102000000""00b1000000070000" "$frames"; }
send 1 "$info"
one() { [[ $(answers) == 1 ]]; }
check "a Marker is answered with the same content" wait_until 2 one
send 1 "$(pad "02010210""0001""0200000000b1""00000007""0000")"
check "a response is not" stays 2 one
sleep 1
send 200 "$info"
sleep 1
few() { local n; n=$(answers); ((n > 1 && n <= 32)) || { echo "$n answers"; return 1; }; }
check "of many, few are answered" few

# Rubbish, while another port has a good partner.
far_bond peer "$KIND" p1
must enslave bond0 eth1
must wait_until 15 sends eth1
for seed in 1 2 3; do
	at peer "$LACP" rubbish p0 $seed 400
done
check "rubbish on one port: the other one stays" stays 2 sends eth1
check "and it is not used itself" idle eth0
check "nor does it have a partner" fails newer

# Its own frames come back to it: one port on a cable that reflects.
sleep 6
must tc -n peer qdisc add dev p0 clsact
must tc -n peer filter add dev p0 ingress protocol 0x8809 matchall action mirred egress redirect dev p0
check "its own LACPDUs: the log says it" wait_until 40 sh -c "dmesg | grep -q 'slave eth0.: link leads back to this bond'"
check "and there is no partner" is 00:00:00:00:00:00 "$(ours eth0 "partner: system mac address")"
done_testing
