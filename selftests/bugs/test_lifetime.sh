#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What native freed too early, too late or never: things go while others use them.
# vm: --kernel debug --cpus 2 --with python3
# timeout: 900

. "$(dirname "$0")/lib.sh"

need python3
load_module
namespaces far
cables far far0:eth0 far1:eth1
must ip link add dum0 type dummy
must noise
plan 12

in_out() { enslave bond0 eth0 eth1 && ip link set eth0 nomaster && ip link set eth1 nomaster; }
up_down() { ip link set bond0 down && ip link set bond0 up; }

bond bond0 mode=broadcast miimon=10
must ip link set bond0 up
check "bug 4: broadcast: slaves go while frames leave" during 6 in_out
must ip link del bond0

# A VLAN of the bond's own cannot be below the bond, which is seen when all else is done.
bond bond0 mode=balance-xor miimon=10
must enslave bond0 eth0
must ip link set bond0 up
must ip link add link bond0 name bond0.5 type vlan id 5
refused_late() { ! ip link set bond0.5 master bond0 2>/dev/null && [[ $(get_opt bond0 slaves) == eth0 ]]; }
check "bug 5: an enslave that fails at its last step, while frames leave" during 6 refused_late
must ip link del bond0

bond bond0 mode=balance-alb miimon=10
must enslave bond0 eth0 eth1
must ip addr add 192.0.2.1/24 dev bond0
must ip link set bond0 up
check "bug 6: ALB: ARP comes in while the bond goes up and down" during 6 up_down
turn() { set_opt bond0 active_slave eth0 && set_opt bond0 active_slave eth1; }
must links_up bond0 eth0 eth1
check "bug 37: the active slave changes while frames come and go" during 5 turn
check "bug 37: and there is one" test -n "$(get_opt bond0 active_slave)"
must ip link del bond0

bond bond0 mode=802.3ad lacp_rate=fast miimon=10
must ip link set bond0 up
unplug() {
	ip link del dum0 && ip link add dum0 type dummy && enslave bond0 dum0
}
must enslave bond0 dum0 eth0
check "bug 20: 802.3ad: slaves are unplugged while LACPDUs come in" during 6 unplug
look() { alive && cat $NET/*/bonding_slave/ad_aggregator_id >/dev/null && in_one; }
in_one() { enslave bond0 eth1 && ip link set eth1 nomaster; }
check "bug 21: 802.3ad: a port goes while its aggregator is read and its machines run" during 6 look

# The folder of a slave is open while the slave goes.
must enslave bond0 eth1
exec 8<$NET/eth1/bonding_slave/state 9<$NET/bond0/bonding/slaves
must ip link set eth1 nomaster
check "bug 30: a slave's open file outlives the slave" fails read -r -u 8
must ip link del bond0
check "bug 30: a bond's open file outlives the bond" fails read -r -u 9
exec 8<&- 9<&-

# Registration fails at the last: the name is taken, or no name at all.
bond bond0
for name in bond0 "a/b" .; do
	ip link add name "$name" type "$KIND" mode 4 2>/dev/null && bail "'$name' was taken"
done
check "bug 31: registration fails: nothing is left of it" is bond0 "$(cat "$MASTERS")"
put "$MASTERS" +bond0 2>/dev/null && bail "bond0 was made twice"
check "bug 31: and by the class file" is bond0 "$(cat "$MASTERS")"
must ip link del bond0
check "all is given back: the module can go" wait_until 20 modprobe -r "$MODULE"
done_testing
