#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Experiment bond2, balance-xor: (source MAC XOR destination MAC) modulo slaves. AA xor BB is
# 0x11: of 4 slaves the second. What else goes into the hash, xmit_hash_policy says.
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 9
SLAVES="eth0 eth1 eth2 eth3"

# used COUNTS : how many slaves have sent.
used() { tr ' ' '\n' <<<"$1" | grep -cv '^0$'; }
# hosts N, ports N : datagrams to N addresses of the pinger, or to N ports of one.
hosts() { for ((i = 1; i <= $1; i++)); do echo hello >"/dev/udp/192.0.2.$((100 + i))/9"; done; }
ports() { for ((i = 1; i <= $1; i++)); do echo hello >"/dev/udp/$PINGER/$((2000 + 2 * i))"; done; }

show "The host has 4 cables and the address ..:aa, the pinger ..:bb"
laboratory eth0 eth1 eth2 eth3
must ip -n pinger link set eth0 address 02:00:00:00:00:bb
bond bond2 mode=balance-xor miimon=50 xmit_hash_policy=layer2
# shellcheck disable=SC2086 # a list
must enslave bond2 $SLAVES
must ip link set bond2 address 02:00:00:00:00:aa
run ip addr add "$HOST/24" dev bond2
run ip link set bond2 up
group_ports agg0 balance-xor s0 s1 s2 s3
# shellcheck disable=SC2086
links_up bond2 $SLAVES
acquaint bond2
for ((i = 1; i <= 16; i++)); do
	must ip -n pinger addr add "192.0.2.$((100 + i))/24" dev eth0
	must ip neigh replace "192.0.2.$((100 + i))" lladdr 02:00:00:00:00:bb dev bond2
done
run cat $NET/bond2/bonding/xmit_hash_policy

show "layer2: 0xaa xor 0xbb is 0x11, modulo 4 slaves 1"
# shellcheck disable=SC2086
result=$(carried ping -c 8 -i 0.01 "$PINGER" -- $SLAVES)
tell "of 8 pings $SLAVES sent: $result"
check "the second slave carries all" is "0 8 0 0" "$result"
# shellcheck disable=SC2086
result=$(carried ports 16 -- $SLAVES)
tell "of 16 datagrams to as many ports $SLAVES sent: $result"
check "ports make no difference" is "0 16 0 0" "$result"
# shellcheck disable=SC2086
result=$(carried hosts 16 -- $SLAVES)
tell "of 16 datagrams to as many addresses of the pinger: $result"
check "nor do IP addresses" is "0 16 0 0" "$result"

show "Slave 1 of [0 1 2 3] is down: the others count as [0 2 3]"
must cut_link switch s1
must wait_until 5 status_is bond2 eth1 down
# The packet type, 0x800, is part of the hash: 0x811 modulo 3 is 1.
# shellcheck disable=SC2086
result=$(carried ping -c 8 -i 0.01 "$PINGER" -- $SLAVES)
tell "(0x11 xor the packet type 0x0800) modulo 3 is 1"
tell "of 8 pings $SLAVES sent: $result"
check "number 1 of them carries all" is "0 0 8 0" "$result"
check "and all are answered" is 5/5 "$(answered -c 5 "$PINGER")"
must mend_link switch s1
must wait_until 5 status_is bond2 eth1 up
# shellcheck disable=SC2086
check "it is back: the second slave carries all again" is "0 4 0 0" \
	"$(carried ping -c 4 -i 0.01 "$PINGER" -- $SLAVES)"

show "layer2+3: MACs and IP addresses"
must set_opt bond2 xmit_hash_policy layer2+3
# shellcheck disable=SC2086
result=$(carried hosts 16 -- $SLAVES)
tell "of 16 datagrams to as many addresses of the pinger $SLAVES sent: $result"
check "the addresses spread over all slaves" is 4 "$(used "$result")"
# shellcheck disable=SC2086
result=$(carried ports 16 -- $SLAVES)
tell "of 16 datagrams to as many ports: $result"
check "the ports of one do not" is 1 "$(used "$result")"

show "layer3+4: IP addresses and ports"
must set_opt bond2 xmit_hash_policy layer3+4
# The kernel draws the port that each is from: of 16, one time in 25 no datagram would meet some slave.
# shellcheck disable=SC2086
result=$(carried ports 100 -- $SLAVES)
tell "of 100 datagrams to as many ports $SLAVES sent: $result"
check "the ports of one address spread over all slaves" is 4 "$(used "$result")"
done_testing
