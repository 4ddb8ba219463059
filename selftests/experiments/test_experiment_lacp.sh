#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment bond4, 802.3ad, without a switch to buy: the switch is another bond. Two links become
# one aggregate, a third whose far end does not speak LACP is left out; then a cable is cut, and
# then a link on which the far end falls silent while its carrier stays.
# vm: --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 19

# says SLAVE FIELD : what /proc says of a slave. It has more for root.
says() {
	awk -v slave="$1" -v field="$2" '
		/^Slave Interface: / { mine = $3 == slave }
		mine && index($0, field ": ") { sub(/.*: /, ""); print; exit }' "$PROC/bond4"
}
group_of() { says "$1" "Aggregator ID"; }
active_group() { get_opt bond4 ad_aggregator; }
in_group() { [[ $(group_of "$1") == "$(active_group)" ]]; }
# Collecting and distributing, IEEE 802.1AX-2014 6.4.2.3.
state_of() { at "$1" cat "/sys/class/net/$2/bonding_slave/ad_actor_oper_port_state"; }
distributes() { (($(state_of "$1" "$2") & 32)); }
here() { (($(<"$NET/$1/bonding_slave/ad_actor_oper_port_state") & 32)); }
# many : 60 datagrams to 60 ports of the pinger, 60 flows under layer3+4.
many() { for ((port = 7001; port <= 7060; port++)); do echo flow >"/dev/udp/$PINGER/$port"; done 2>/dev/null; }

show "A switch: agg0 of its ports s0 and s1 speaks LACP, port s2 does not"
laboratory eth0 eth1 eth2
group_ports agg0 802.3ad lacp_rate=fast xmit_hash_policy=layer3+4 s0 s1

show "BONDING_OPTS=\"mode=802.3ad miimon=50 lacp_rate=fast xmit_hash_policy=layer3+4\""
bond bond4 mode=802.3ad miimon=50 lacp_rate=fast xmit_hash_policy=layer3+4
must enslave bond4 eth0 eth1 eth2
run ip addr add "$HOST/24" dev bond4
run ip link set bond4 up
acquaint bond4
check "eth0 distributes" wait_until 10 here eth0
check "eth1 distributes" wait_until 10 here eth1
for slave in eth0 eth1 eth2; do
	tell "$slave: aggregator $(group_of $slave)"
done
check "they are one aggregate" is "$(group_of eth0)" "$(group_of eth1)"
check "it is the active one" in_group eth0
check "it has two ports" opt_is 2 bond4 ad_num_ports
check "its partner is the switch" opt_is "$(at switch cat $NET/agg0/address)" bond4 ad_partner_mac
tell "the switch is $(at switch cat $NET/agg0/address), ad_partner_mac says $(get_opt bond4 ad_partner_mac)"
check "the link without LACP is left out" fails in_group eth2
check "and does not distribute" fails here eth2

show "Traffic: 60 flows to the pinger"
check "the pinger is reached" is 20/20 "$(answered -c 20 "$PINGER")"
read -r one two three < <(carried many -- eth0 eth1 eth2)
tell "eth0 sent $one, eth1 $two, eth2 $three (LACPDUs are among them)"
check "both links carry some" test "$one" -ge 10 -a "$two" -ge 10
check "the link that is left out carries none" test "$three" -le 5

show "The cable of eth0 is cut while a ping runs"
ping -D -i 0.01 -c 150 -W 1 "$PINGER" >/tmp/ping 2>&1 &
ping=$!
sleep 0.4
must cut_link switch s0
must wait_until 5 status_is bond4 eth0 down
wait "$ping"
read -r sent received gap < <(pinged /tmp/ping)
tell "$received of $sent pings were answered, the longest silence was $gap ms"
check "after a short gap the traffic goes on" test $((sent - received)) -le 20
check "the aggregate has one port left" opt_is 1 bond4 ad_num_ports
must mend_link switch s0
check "and two when the cable is mended" wait_until 10 here eth0
check "with the same partner" opt_is "$(at switch cat $NET/agg0/address)" bond4 ad_partner_mac

show "The switch falls silent on s1; the carrier stays"
must tc -n switch qdisc add dev s1 clsact
must tc -n switch filter add dev s1 egress protocol 0x8809 matchall action drop
must wait_until 10 distributes switch s0
begin=$(now_ms)
silent() { ! here eth1; }
check "eth1 is left out within three seconds or so" wait_until 5 silent
tell "after $(($(now_ms) - begin)) ms; its link is $(status_of bond4 eth1)"
# Until then the switch still sends by s1 what is lost: nobody has told it that eth1 is out of step.
silent_there() { ! distributes switch s1; }
check "the switch gives up s1 when eth1 has given up its partner" wait_until 10 silent_there
tell "after $(($(now_ms) - begin)) ms"
check "the pinger is reached by eth0" is 20/20 "$(answered -c 20 "$PINGER")"
must tc -n switch qdisc del dev s1 clsact
check "it speaks again: both distribute" wait_until 10 here eth1
done_testing
