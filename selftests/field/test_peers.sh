#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who is told where the bond is now, and when: the neighbours when a port joins an aggregate with
# broadcast_neighbor, and nobody by a link that the kernel has not yet dealt with.
# vm: --with python3 --icount 3
# timeout: 180

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/../lib/spy.sh"
. "$(dirname "$0")/../lib/capture.sh"

need python3 tcpdump
load_module
modprobe -a dummy veth 2>/dev/null
quiet
both_kinds
rtnl() { python3 -IS "${BASH_SOURCE[0]%/*}/../lib/rtnl.py" "$@"; }
plan $((${#kinds[@]} * 6 + 4))
spy bond0

ports() { [[ $(get_opt bond0 ad_num_ports) == "$1" ]]; }
peers() { spied | grep -c NOTIFY_PEERS; }
groups() { spied | grep -c RESEND_IGMP; }
# Frames of ARP at the far end that ask for the address of who asks.
gratuitous() { seen "far$KIND" "$1" "arp[14:4] == arp[24:4]"; }
at_each() { for port in f0 f1; do (($(gratuitous $port) > 0)) && echo yes || echo no; done | xargs; }

for KIND in "${kinds[@]}"; do
	namespaces "far$KIND"
	wire "far$KIND" f0 e0 f1 e1
	quiet "far$KIND"
	bond bond0 mode=802.3ad miimon=100 lacp_rate=fast num_grat_arp=2
	must rtnl set bond0 "$KIND" 33:u8=1
	must enslave bond0 e0 e1
	must ip link set bond0 up
	must ip addr add 192.0.2.1/24 dev bond0
	far_bond "far$KIND" bond f0,f1
	must wait_until 20 ports 2
	sleep 5
	capture "far$KIND" f0 f1
	must ip -n "far$KIND" link set f1 down
	must wait_until 5 ports 1
	spy bond0
	sleep 3
	check "$KIND, broadcast_neighbor: nobody is told of a port that leaves" is 0 "$(peers)"
	must ip -n "far$KIND" link set f1 up
	must wait_until 20 ports 2
	sleep 3
	check "$KIND, broadcast_neighbor: when a port joins, neighbours are told num_grat_arp times" is 2 "$(peers)"
	captured
	check "$KIND: gratuitous ARP is seen by the one switch and by the other" is "yes yes" "$(at_each)"
	must ip link del bond0
	must ip link del e0
	must ip link del e1

	# Of balance-rr, any slave may have carried the reports.
	must ip link add s0 type dummy
	must ip link add s1 type dummy
	bond bond0 mode=balance-rr miimon=100
	must enslave bond0 s0 s1
	must ip link set bond0 up
	sleep 1
	spy bond0
	must ip link set s0 nomaster
	sleep 1
	check "$KIND, balance-rr: a slave leaves, and the groups are reported again" is 1 "$(groups)"
	must ip link del bond0

	# One event of any carrier puts off the next by up to a second, unless the device is known to the
	# kernel as a port of a bond; the bond sees the carrier itself.
	bond bond0 mode=active-backup miimon=10 num_grat_arp=1
	must enslave bond0 s0
	must ip link set bond0 up
	must ip link add x0 type dummy
	must ip link set x0 up
	sleep 2
	put $NET/x0/carrier 0
	sleep 0.1
	put $NET/s0/carrier 0
	must wait_until 5 carrier_is bond0 0
	spy bond0 s0
	put $NET/s0/carrier 1
	sleep 3
	told=$(spied | grep -E 's0 CHANGE$|NOTIFY_PEERS|RESEND_IGMP' | uniq | xargs)
	check "$KIND: the link is dealt with before neighbours and routers are told" \
		is "s0 CHANGE bond0 NOTIFY_PEERS bond0 RESEND_IGMP" "$told"
	check "$KIND: and each is told once" is "1 1" "$(peers) $(groups)"
	must ip link del bond0
	must ip link del s0
	must ip link del s1
	must ip link del x0
done

# --- ours alone
KIND=${kinds[0]}
must ip link add s0 type dummy
must ip link add s1 type dummy
must ip link add s2 type dummy
bond bond0 mode=balance-rr miimon=100
must enslave bond0 s0 s1 s2
spy bond0
must ip link set bond0 up
sleep 1
check "balance-rr: nothing is reported again because the bond goes up" is 0 "$(groups)"
spy bond0
must ip link set s2 nomaster
sleep 1
check "balance-rr: reported again whichever slave leaves" is 1 "$(groups)"
spy bond0
must ip link set s0 carrier off
sleep 1
check "balance-rr: reported again when a link is lost" is 1 "$(groups)"
spy bond0
must ip link set bond0 mtu 1400
sleep 1
check "balance-rr: and not for anything else" is 0 "$(groups)"
spy_ends
done_testing
