#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment bond3, broadcast: every frame leaves on every slave, so every ping is answered
# twice, and the second answer is marked DUP!.
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 6

show "A host with two cables to a switch; behind it the pinger"
laboratory eth0 eth1
bond bond3 mode=broadcast miimon=50
must enslave bond3 eth0 eth1
run ip addr add "$HOST/24" dev bond3
run ip link set bond3 up
links_up bond3 eth0 eth1
acquaint bond3

show "Ping the pinger"
before=$(tx_of eth0 eth1)
ping -c 5 -i 0.1 -W 1 "$PINGER" >/tmp/ping 2>&1
# The last one's second answer comes after ping has ended: it is not waited for.
sed 's/^/#      /' /tmp/ping
after=$(tx_of eth0 eth1)
tell "eth0 and eth1 have sent $before before, $after after"
check "each slave sends every request" is "5 5" \
	"$((${after% *} - ${before% *})) $((${after#* } - ${before#* }))"
check "every request is answered" grep -q "5 packets transmitted, 5 received" /tmp/ping
dups=$(grep -c 'DUP!' /tmp/ping)
check "and the second answer is marked DUP!" test "$dups" -ge 4

show "The cable of eth0 is cut"
must cut_link switch s0
must wait_until 5 status_is bond3 eth0 down
ping -c 5 -i 0.05 -W 1 "$PINGER" >/tmp/ping 2>&1
check "every request is answered" grep -q "5 packets transmitted, 5 received" /tmp/ping
check "once" is 0 "$(grep -c 'DUP!' /tmp/ping)"
result=$(carried ping -c 5 -i 0.05 "$PINGER" -- eth0 eth1)
tell "of 5 pings eth0 and eth1 sent: $result"
check "by way of eth1" is "0 5" "$result"
done_testing
