#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What tshark makes of the LACPDUs and Marker Responses of the bond.
# timeout: 500
# vm: --icount 3 --with scapy,teamd,ovs,tshark

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

file=/tmp/lacp.pcap
at peer tcpdump -q -U -i p0 -w $file -Q in ether proto 0x8809 2>/dev/null &
dump=$!
must wait_until 20 at peer grep -qE " (0003|8809) " /proc/net/packet
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast ad_actor_sys_prio=1234 ad_user_port_key=3
must ip link set bond0 up
must enslave bond0 eth0
sleep 2
far_bond peer bond p0
must wait_until 20 sends eth0
at peer "$LACP" send p0 1 "0201011000010200000000b1000000070000$(printf '0%.0s' {1..184})"
sleep 3
kill $dump
wait $dump 2>/dev/null

# shark FILTER FIELD... : of the frames that pass, one a line.
shark() {
	local filter=$1 field
	local -a fields=()
	shift
	for field; do
		fields+=(-e "$field")
	done
	tshark -r "${READ:-$file}" -Y "$filter" -T fields -E separator=' ' "${fields[@]}" 2>/dev/null
}
some() { (($(wc -l <<<"$1") >= $2)) && [[ -n $1 ]] || { echo "$1"; return 1; }; }
check "tshark knows LACPDUs" some "$(shark lacp frame.number)" 3
check "and a Marker Response" some "$(shark 'marker' frame.number)" 1
check "none is malformed" is "" "$(shark _ws.malformed frame.number)"
check "it has nothing to remark" is "" "$(shark _ws.expert frame.number _ws.expert.message)"
check "the system is the bond" is "$(dev_attr bond0 address)" "$(shark lacp lacp.actor.sysid | sort -u)"
check "its priority" is 1234 "$(shark lacp lacp.actor.sys_priority | sort -u)"
check "the key" is "$((3 << 6 | 15))" "$(shark lacp lacp.actor.key | tail -n 1)"
check "the last one collects and distributes" has "$(($(shark lacp lacp.actor.state | tail -n 1)))" 60
# A frame that is cut short, to see that the mark would be seen.
at peer timeout 20 tcpdump -q -U -c 1 -i p0 -w /tmp/short.pcap -Q out ether proto 0x8809 2>/dev/null &
dump=$!
must wait_until 20 at peer grep -qE " (0003|8809) " /proc/net/packet
ip -n peer link del bond0
ip -n peer link set p0 up
at peer "$LACP" send p0 1 0101011400010200000000b1
wait $dump
READ=/tmp/short.pcap
check "the mark is there where it should be" some "$(shark '_ws.malformed or _ws.short' frame.number)" 1
done_testing
