#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bond6, balance-alb: as balance-tlb when sending; and each peer is told, by ARP, the address of
# a slave to send to. Some send to the one and some to the other. When a slave fails its peers
# are told another; when it is back they are dealt anew.
# timeout: 180

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/capture.sh"

load_module
PROC=/proc/net/$MODULE
peers=(11 12 13 14)
plan 22
namespaces host control "${peers[@]/#/peer}"
without_ipv6 host control "${peers[@]/#/peer}"
connect host veth5 control veth6
connect host veth7 control veth8
for peer in "${peers[@]}"; do
	connect "peer$peer" eth0 control "port$peer"
	must ip -n "peer$peer" link set eth0 address "02:00:00:00:00:$peer"
	must ip -n "peer$peer" addr add "192.0.2.$peer/24" dev eth0
done
bridge_of control br0 veth6 veth8 "${peers[@]/#/port}"
must ip -n host link set veth5 down address 02:00:00:00:00:05
must ip -n host link set veth7 down address 02:00:00:00:00:07

bond_make host bond6 mode=balance-alb miimon=100 lp_interval=3600
# Its own questions, which draw peers to the active slave, come when the test wants them.
must at host sh -c 'echo 100 >/proc/sys/net/ipv4/neigh/bond6/delay_first_probe_time'
must ip -n host link set veth5 master bond6
must ip -n host link set veth7 master bond6
must ip -n host link set bond6 up
must ip -n host addr add 192.0.2.1/24 dev bond6

active_is() { is "$1" "$(bond_get host bond6 active_slave)"; }
# told MAC : how many of the peers know the bond by it.
told() {
	local peer count=0
	for peer in "${peers[@]}"; do
		! knows "peer$peer" 192.0.2.1 "$1" || count=$((count + 1))
	done
	echo $count
}
told_is() { [[ "$(told 02:00:00:00:00:05) $(told 02:00:00:00:00:07)" == "$1" ]]; }
# each_pings TEXT ARGUMENT... : each peer pings the bond.
each_pings() {
	local peer
	for peer in "${peers[@]}"; do
		at "peer$peer" ping -q "$@" 192.0.2.1 || return
	done
}
lost() { sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' "$1" |
	{ read -r sent received; echo $((sent - received)); }; }

check "cat bonding/mode" is "balance-alb 6" "$(bond_get host bond6 mode)"
check "cat bonding/slaves" is "veth5 veth7" "$(bond_get host bond6 slaves)"
links_up() { is 3 "$(at host grep -c "MII Status: up" "$PROC/bond6")"; }
check "both links are up" wait_until 5 links_up
check "veth5 is the active slave" active_is veth5
sleep 0.5

capture host veth5 veth7
capture peer11 eth0
check "each peer asks for the bond and pings it" each_pings -c5 -i0.05
captured
for dev in veth5 veth7; do
	echo "# $dev: ARP answers of the bond $(seen host $dev 'arp[6:2] == 2 and arp[14:4] == 0xc0000201')," \
		"pings $(seen host $dev 'icmp[icmptype] == icmp-echo')"
done
tcpdump -Z root -r "$_captures/peer11.eth0" -n -e arp 2>/dev/null | sed 's/^/# peer11: /'
check "two are told veth5's address, two veth7's" wait_until 20 told_is "2 2"
check "the answer leaves by the slave that it names" is "0 0" \
	"$(seen host veth5 'arp[6:2] == 2 and src host 192.0.2.1 and not ether src 02:00:00:00:00:05') $(
	seen host veth7 'arp[6:2] == 2 and src host 192.0.2.1 and not ether src 02:00:00:00:00:07')"
check "with its address inside as well" is "0 0" \
	"$(seen host veth5 'arp[6:2] == 2 and arp[14:4] == 0xc0000201 and arp[12:2] != 0x0005') $(
	seen host veth7 'arp[6:2] == 2 and arp[14:4] == 0xc0000201 and arp[12:2] != 0x0007')"
check "some pings come in by veth5, some by veth7" is "10 10" \
	"$(seen host veth5 'icmp[icmptype] == icmp-echo') $(
	seen host veth7 'icmp[icmptype] == icmp-echo')"
check "frames sent carry the address of their slave" is "0 0" \
	"$(seen host veth5 'ip src host 192.0.2.1 and not ether src 02:00:00:00:00:05') $(
	seen host veth7 'ip src host 192.0.2.1 and not ether src 02:00:00:00:00:07')"

# The bond asks, too: who answers is told again where to send.
must ip -n host neigh flush dev bond6
check "the bond pings each peer" at host bash -c \
	'for i in 11 12 13 14; do ping -q -c3 -i0.05 192.0.2.$i || exit; done'
check "its questions drew them to veth5; in the end they are two and two" \
	wait_until 20 told_is "2 2"

must ip -n control link set veth8 down
check "a backup fails: its peers are told veth5's address" wait_until 20 told_is "4 0"
check "and reach the bond" each_pings -c3 -i0.05
# For some seconds the active slave answers for it, for those who do not listen to ARP.
must ip -n peer13 neigh replace 192.0.2.1 lladdr 02:00:00:00:00:07 nud permanent dev eth0
check "even one who insists on the address that has failed" at peer13 ping -q -c3 -i0.05 -W1 192.0.2.1
must ip -n peer13 neigh del 192.0.2.1 dev eth0
must at peer13 ping -q -c1 -W2 192.0.2.1 >/dev/null
must ip -n control link set veth8 up
check "when it is back they are two and two again" wait_until 20 told_is "2 2"

at peer11 ping -q -c150 -i0.02 192.0.2.1 >/tmp/out11 &
one=$!
at peer12 ping -q -c150 -i0.02 192.0.2.1 >/tmp/out12 &
two=$!
sleep 0.7
must ip -n control link set veth6 down
wait $one $two
echo "# veth5 lost its link under 150 pings of two peers:" \
	"$(lost /tmp/out11) and $(lost /tmp/out12) were not answered"
check "the active slave fails: veth7 is active" wait_until 5 active_is veth7
check "they have swapped their addresses" is \
	"02:00:00:00:00:05 02:00:00:00:00:07" "$(mac host veth7) $(mac host veth5)"
check "the traffic of one peer goes on" test "$(lost /tmp/out11)" -le 10
check "and that of another, who sent to veth7's address" test "$(lost /tmp/out12)" -le 10
check "all are told the address of veth7, now the bond's" wait_until 20 told_is "4 0"
must ip -n control link set veth6 up
check "and dealt anew when veth5 is back" wait_until 20 told_is "2 2"
done_testing
