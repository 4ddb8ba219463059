#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bond5, balance-tlb: what is sent is spread over the slaves, peer by peer, and carries the
# address of the slave that sends it. What comes in comes by the active slave, whoever began.
# When that one fails another takes over its address.
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/capture.sh"

load_module
PROC=/proc/net/$MODULE
plan 23
namespaces host control pinger other
without_ipv6 host control pinger other

#  host: bond5 of veth5, veth7   control: br0 of veth6, veth8, pinger1, other1   pinger, other: eth0
connect host veth5 control veth6
connect host veth7 control veth8
connect pinger eth0 control pinger1
connect other eth0 control other1
bridge_of control br0 veth6 veth8 pinger1 other1
must ip -n host link set veth5 down address 02:00:00:00:00:05
must ip -n host link set veth7 down address 02:00:00:00:00:07
must ip -n pinger link set eth0 address 02:00:00:00:00:11
must ip -n other link set eth0 address 02:00:00:00:00:12
must ip -n pinger addr add 192.0.2.11/24 dev eth0
must ip -n other addr add 192.0.2.12/24 dev eth0

bond_make host bond5 mode=balance-tlb miimon=100 lp_interval=3600
must ip -n host link set veth5 master bond5
must ip -n host link set veth7 master bond5
must ip -n host link set bond5 up
must ip -n host addr add 192.0.2.1/24 dev bond5

requests() { seen host "$1" "icmp[icmptype] == icmp-echo and dst host $2"; }
replies() { seen host "$1" "icmp[icmptype] == icmp-echoreply and src host $2"; }
active() { bond_get host bond5 active_slave; }
active_is() { is "$1" "$(active)"; }

check "cat bonding/mode" is "balance-tlb 5" "$(bond_get host bond5 mode)"
check "cat bonding/slaves" is "veth5 veth7" "$(bond_get host bond5 slaves)"
links_up() { is 3 "$(at host grep -c "MII Status: up" "$PROC/bond5")"; }
check "both links are up" wait_until 5 links_up
check "veth5 is the active slave" active_is veth5
check "/proc says so" at host grep -q "Currently Active Slave: veth5" "$PROC/bond5"
check "the bond has the address of veth5" is 02:00:00:00:00:05 "$(mac host bond5)"
check "veth7 keeps its own" is 02:00:00:00:00:07 "$(mac host veth7)"

# The buckets are dealt anew, once, when a link has come up.
sleep 0.5
check "the pinger answers" at host ping -q -c1 -W2 192.0.2.11
check "the other host answers" at host ping -q -c1 -W2 192.0.2.12

capture host veth5 veth7
check "ten pings of each are answered" at host bash -c \
	'ping -q -c10 -i0.05 192.0.2.11 && ping -q -c10 -i0.05 192.0.2.12'
check "ten pings of the bond by each are answered" \
	at pinger ping -q -c10 -i0.05 192.0.2.1
captured
for dev in veth5 veth7; do
	for peer in 11 12; do
		echo "# $dev: $(requests $dev 192.0.2.$peer) requests to .$peer," \
			"$(replies $dev 192.0.2.$peer) answers from it"
	done
done
one=veth5 two=veth7
(($(requests veth5 192.0.2.11) == 10)) || one=veth7 two=veth5
check "the pings of the pinger leave by one slave, $one" is 10 "$(requests $one 192.0.2.11)"
check "those of the other host by the other, $two" is 10 "$(requests $two 192.0.2.12)"
check "and by no other" is "0 0" "$(requests $two 192.0.2.11) $(requests $one 192.0.2.12)"
check "answers to the pinger leave by $one, too" is "10 0" \
	"$(seen host $one 'icmp[icmptype] == icmp-echoreply and dst host 192.0.2.11') $(
	seen host $two 'icmp[icmptype] == icmp-echoreply and dst host 192.0.2.11')"
check "each carries the address of its slave" is "0 0" \
	"$(seen host veth5 'src host 192.0.2.1 and not ether src 02:00:00:00:00:05') $(
	seen host veth7 'src host 192.0.2.1 and not ether src 02:00:00:00:00:07')"
check "all that comes in comes by veth5" is "30 0" \
	"$(seen host veth5 'icmp and dst host 192.0.2.1') $(
	seen host veth7 'icmp and dst host 192.0.2.1')"
check "for the pinger knows the bond by its address" knows pinger 192.0.2.1 02:00:00:00:00:05
check "and so does the other host" knows other 192.0.2.1 02:00:00:00:00:05

at pinger ping -q -c100 -i0.02 192.0.2.1 >/tmp/out &
sleep 0.7
must ip -n control link set veth6 down
wait $!
lost=$(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 - \2/p' /tmp/out)
echo "# veth5 lost its link under 100 pings: $((lost)) were not answered"
check "the receiving slave fails: veth7 is active" wait_until 5 active_is veth7
check "it has taken over the bond's address" is \
	"02:00:00:00:00:05 02:00:00:00:00:07" "$(mac host veth7) $(mac host veth5)"
check "the traffic goes on" test "$((lost))" -le 15
must ip -n control link set veth6 up
check "and goes on when the link is back" at other ping -q -c20 -i0.05 192.0.2.1
done_testing
