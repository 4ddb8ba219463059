#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What tshark makes of the LACPDUs and Marker Responses of the bond.
# timeout: 300
# vm: --icount 3 --with python3,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

[[ $KIND != bond ]] || skip_all "the kind under test is native bonding"
load_module
need tshark tcpdump
must modprobe bonding max_bonds=0
quiet
namespaces peer
wire peer p0 eth0
quiet peer
plan 9
export HOME=/tmp
POLL=0.3

# record FILE DIRECTION : the Slow Protocols frames that come to p0, or leave it, from now on.
record() {
	# Not by `at`: the process to be ended is to be tcpdump itself.
	ip netns exec peer tcpdump -Z root --immediate-mode -U -i p0 -w "$1" -Q "$2" ether proto 0x8809 2>"$1.log" &
	recorder=$!
	must wait_until 20 grep -q 'listening on' "$1.log"
}
recorded() {
	kill $recorder
	wait $recorder 2>/dev/null
}

# shark FILE : a line for each frame: protocols, marks, the actor's system, priority, key, state.
shark() {
	tshark -r "$1" -T fields -E separator='|' -e frame.protocols -e _ws.malformed -e _ws.short \
		-e _ws.expert.message -e lacp.actor.sysid -e lacp.actor.sys_priority -e lacp.actor.key \
		-e lacp.actor.state -e marker.tlvType 2>/tmp/shark.log
}
column() { cut -d'|' -f"$1"; }
lacpdus() { grep ':lacp|' <<<"$read"; }

record /tmp/lacp.pcap in
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast ad_actor_sys_prio=1234 ad_user_port_key=3
must ip link set bond0 up
must enslave bond0 eth0
sleep 2
far_bond peer bond p0
must wait_until 20 sends eth0
at peer "$LACP" send p0 1 "0201011000010200000000b1000000070000$(printf '0%.0s' {1..184})"
sleep 3
recorded
read=$(shark /tmp/lacp.pcap)
[[ -n $read ]] || bail "tshark: $(tail -n 1 /tmp/shark.log)"

some() { (($(wc -l <<<"$1") >= $2)) && [[ -n $1 ]] || { echo "$read"; return 1; }; }
check "tshark knows LACPDUs" some "$(lacpdus)" 3
check "and a Marker Response, which ends as it should" is 0x02,0x00 "$(grep ':marker|' <<<"$read" | column 9)"
check "all frames are of these" is "" "$(grep -vE ':(lacp|marker)\|' <<<"$read")"
check "none is malformed, and tshark has nothing to remark" is "" "$(column 2-4 <<<"$read" | tr -d '|\n')"
check "the system is the bond" is "$(dev_attr bond0 address)" "$(lacpdus | column 5 | sort -u)"
check "its priority" is 1234 "$(lacpdus | column 6 | sort -u)"
check "the key" is "$((3 << 6 | 15))" "$(lacpdus | column 7 | tail -n 1)"
check "the last one collects and distributes" has "$(($(lacpdus | column 8 | tail -n 1)))" $((LACP_COLLECTING | LACP_DISTRIBUTING))

# A frame that is cut short, to see that the mark would be seen.
ip -n peer link del bond0
ip -n peer link set p0 up
record /tmp/short.pcap out
at peer "$LACP" send p0 1 0101011400010200000000b1
sleep 1
recorded
read=$(shark /tmp/short.pcap)
check "the mark is there where it should be" some "$(column 2-4 <<<"$read" | tr -d '|' | grep .)" 1
done_testing
