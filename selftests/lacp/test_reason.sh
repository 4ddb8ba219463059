#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Why a port is not in use: the value in bonding_slave/ad_reason and the line in /proc, in each
# situation; and neither of them in the place of native bonding.
# timeout: 300
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

[[ $KIND == rustbond ]] || skip_all "only rustbond has reasons"
load_module
quiet
namespaces peer other
wire peer p0 eth0
wire other q0 eth2
quiet peer other
plan 26
POLL=0.1

# speak NAME=VALUE... : how the partner is, from its next LACPDU on.
words=$(mktemp)
speak() { echo "$*" >"$words.new" && mv "$words.new" "$words"; }
base=$((LACP_ACTIVITY | LACP_TIMEOUT | LACP_AGGREGATION))
reason() { cat "$NET/$1/bonding_slave/ad_reason"; }
reason_is() { [[ $(reason "$1") == "$2" ]] || { reason "$1"; return 1; }; }
line() { sed -n "/^Slave Interface: $1\$/,/^AD Reason: /s/^AD Reason: //p" "$PROC/bond0"; }
# because SLAVE WORD TEXT SITUATION [SECONDS] : two points.
because() {
	check "$4: $2" wait_until "${5:-8}" reason_is "$1" "$2" || reason "$1"
	check "$4: /proc says it" is "$3" "$(line "$1")"
}

bond bond0 mode=balance-rr miimon=100
must enslave bond0 eth0
check "no LACP, no reason" reason_is eth0 N/A
check "nor in /proc" is "" "$(line eth0)"
must ip link set eth0 nomaster
must set_opt bond0 mode 802.3ad
must set_opt bond0 lacp_rate fast
must set_attr bond0 32:u8=0
must enslave bond0 eth0
because eth0 "bond_down 1" "bond is down" "the bond is down"
must ip link set bond0 up
because eth0 "no_partner 6" "no LACP partner" "nobody speaks"
check "it carries the traffic all the same" reads active "$NET/eth0/bonding_slave/state"
must cut_link peer p0
because eth0 "link_down 2" "link is down" "no carrier" 1
must mend_link peer p0

speak blind=0 state=$base
# Not by `at`: it is the partner itself that is to be ended.
ip netns exec peer "$LACP" partner p0 300 control="$words" &
speaker=$!
because eth0 "waiting 9" "waiting for other ports to attach" "a partner turns up"
because eth0 "partner_out_of_sync 11" "LACP partner is not in sync" "it has not selected the port"
speak state=$((base | LACP_SYNC))
because eth0 "partner_not_collecting 12" "LACP partner is not collecting" "it does not accept frames"
good=$((base | LACP_SYNC | LACP_COLLECTING | LACP_DISTRIBUTING))
speak state=$good
because eth0 "none 0" none "all is well"

# Another system on another port, then a device that has no speed, and so no partner.
must enslave bond0 eth2
far_bond other "$KIND" q0
id=$(ours eth0 "Aggregator ID")
because eth2 "not_active 8" "aggregator $id is the active one" "the other port's partner came first"
must ip link add dum0 type dummy
must enslave bond0 dum0
because dum0 "no_partner 6" "no LACP partner" "a device without a speed"
must ip link del dum0
must ip link set eth2 nomaster

speak blind=1 state=$good
check "it does not hear us: partner_mismatch 10" wait_until 8 reason_is eth0 "partner_mismatch 10"
kill $speaker
check "it falls silent: partner_silent 7" wait_until 8 reason_is eth0 "partner_silent 7"
must tc -n peer qdisc add dev p0 clsact
must tc -n peer filter add dev p0 ingress protocol 0x8809 matchall action mirred egress redirect dev p0
check "our own LACPDUs come back: loopback 5" wait_until 40 reason_is eth0 "loopback 5"
ip link del bond0
must modprobe -r rustbond

# In the place of native bonding there is what it has, as it has it, and beside it what is ours.
must modprobe rustbond drop_in=1
must ip link add bond1 type bond mode 802.3ad miimon 100
must ip link set bond1 up
must enslave bond1 eth0
check "in native's place its files are there, and ours" is \
	"ad_actor_oper_port_state ad_aggregator_id ad_dropped ad_partner_oper_port_state ad_reason ad_strays link_failure_count mii_status perm_hwaddr queue_id state" \
	"$(cd "$NET/eth0/bonding_slave" && echo *)"
check "and /proc ends as native's" grep -qxE "    port state: [0-9]+" <(tail -n 1 /proc/net/bonding/bond1)
ip link del bond1
done_testing
