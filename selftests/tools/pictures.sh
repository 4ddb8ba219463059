#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Prints what the command shows of some bonds, as Documentation/command.rst has it:
#
#	scripts/vm --icount 3 --with python3,python3-pyte --in out/cli/rustbond:/tools/rustbond \
#		--timeout 600 selftests/tools/pictures.sh

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

KIND=rustbond
load_module
must modprobe bonding max_bonds=0
must modprobe tun
quiet
namespaces far
quiet far
cables far p0:eth0 p1:eth1 p2:eth2
must ip -n far addr add 192.0.2.2/24 dev br0

# type CMD... : shows it and what it prints.
type() {
	printf '\n$ %s\n' "${*/$RUSTBOND/rustbond}"
	env LC_ALL=C.UTF-8 "$@"
}

KIND=bond bond bond0 mode=active-backup miimon=100
must enslave bond0 eth0 eth1
must ip link set bond0 up
must ip addr add 192.0.2.1/24 dev bond0
for slave in eth0 eth1; do
	must wait_until 10 grep -qx up $NET/$slave/bonding_slave/mii_status
done
ping -q -c 20 -i 0.01 192.0.2.2 >/dev/null
must cut_link far p0
must wait_until 10 active_is bond0 eth1
ping -q -c 50 -i 0.01 192.0.2.2 >/dev/null
type $RUSTBOND show bond0
type $RUSTBOND why bond0
must ip link del bond0
must mend_link far p0

must ip -n far addr del 192.0.2.2/24 dev br0
for port in p0 p1 p2; do
	must ip -n far link set $port nomaster
done
far_bond far rustbond p0,p1
bond bond0 mode=802.3ad miimon=100 lacp_rate=fast xmit_hash_policy=layer3+4
must enslave bond0 eth0 eth1 eth2
must ip link set bond0 up
must ip addr add 192.0.2.1/24 dev bond0
must ip -n far addr add 192.0.2.2/24 dev bond0
must wait_until 30 all_send eth0 eth1
for ((i = 0; i < 40; i++)); do
	echo x | socat -u - UDP-SENDTO:192.0.2.2:$((5000 + i))
done
must ping -q -c 50 -i 0.01 192.0.2.2 >/dev/null
type $RUSTBOND show
type $RUSTBOND why
must ip -n far link add bond1 type rustbond
must bond_settings far bond1 mode=802.3ad miimon=100 lacp_rate=fast
must ip -n far link set bond1 up
must far_enslave far bond1 p2
must wait_until 30 finds bond0 other_aggregator
type $RUSTBOND why
printf '\n$ rustbond watch\n'
# Words for terminal.py.
./terminal.py $RUSTBOND watch --interval 0.5 <<-END
	see eth2
	run ping -q -c 100 -i 0.01 192.0.2.2 >/dev/null
	run ip -n far link set p1 down
	see eth1 carrier down
	run ping -q -c 100 -i 0.01 192.0.2.2 >/dev/null
	see no carrier
	print
	key q
	end
END
