#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bonds and network namespaces, and slaves that vanish: deleted, moved, with their namespace.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer other
cables peer p0:eth0 p1:eth1 p2:eth2
plan 35

here() { xargs <"$MASTERS"; }
there() { at other xargs <<<"$(at other cat "$MASTERS")"; }
proc_there() { at other ls "$PROC" | xargs; }

bond bond0
must ip -n other link add bond0 type "$KIND"
# shellcheck disable=SC2016 # the inner shell is to expand these
check "a bond of the same name in another namespace" at other bash -c 'echo "+only-there" >"$0"' "$MASTERS"
check "each file lists its own: here" is bond0 "$(here)"
check "there" is "bond0 only-there" "$(there)"
check "and so does /proc: here" is bond0 "$(cd $PROC && echo *)"
check "there" is "bond0 only-there" "$(proc_there)"
check "one does not see the other's settings" bash -c "
	echo active-backup >$NET/bond0/bonding/mode &&
	ip netns exec other grep -q 'Bonding Mode: load balancing (round-robin)' $PROC/bond0"
must ip -n other link add dummy9 type dummy
check "a device there is none that could be a slave here" \
	refuses "No such device" put $NET/bond0/bonding/slaves +dummy9
check "a bond cannot be moved" refuses "" ip link set bond0 netns other
check "and is still here" is bond0 "$(here)"
check "a bond removed there stays here" at other bash -c 'echo -bond0 >"$0"' "$MASTERS"
check "here" is bond0 "$(here)"
check "there" is only-there "$(there)"
must ip link del bond0

bond bond0 mode=active-backup miimon=50
mac0=$(mac_of 1)
must ip link set eth0 mtu 1400
must enslave bond0 eth0 eth1 eth2
must ip link set bond0 up
links_up bond0 eth0 eth1 eth2
check "eth0 is active" active_is bond0 eth0
check "the active slave moves to another namespace" ip link set eth0 netns other
check "it is no slave any more" opt_is "eth1 eth2" bond0 slaves
check "another is active" active_is bond0 eth1
check "there it has its own address and MTU" is "$mac0 1400" \
	"$(ip -n other -j link show eth0 | jq -r '.[0] | "\(.address) \(.mtu)"')"
check "it is no slave there" is null "$(ip -n other -j link show eth0 | jq -r '.[0].master')"
check "the active slave is deleted" ip link del eth1
check "it is no slave any more" opt_is "eth2" bond0 slaves
check "another is active" active_is bond0 eth2
check "the bond keeps the address of the first" reads "$mac0" $NET/bond0/address
check "the namespace at the other end of the last one goes" ip netns del peer
check "the slave goes with it" wait_until 10 opt_is "" bond0 slaves
check "nobody is active" opt_is "" bond0 active_slave
check "the bond has no carrier" carrier_is bond0 0
check "it made up another address" fails reads "$mac0" $NET/bond0/address
must ip link del bond0

# A namespace goes with all that is in it, while it works.
for i in {1..10}; do
	must ip netns add "gone$i"
	must ip -n "gone$i" link set lo up
	must ip -n "gone$i" link add bond0 type "$KIND"
	must ip -n "gone$i" link add eth0 type veth peer name eth1
	must ip -n "gone$i" link add link bond0 name bond0.5 type vlan id 5
	must ip -n "gone$i" link set eth0 master bond0
	must ip -n "gone$i" link add dummy0 type dummy
	must ip -n "gone$i" link set dummy0 master bond0
	must ip -n "gone$i" link set eth1 up
	must ip -n "gone$i" addr add 192.0.2.1/24 dev bond0
	must ip -n "gone$i" link set bond0 up
	ip netns exec "gone$i" ping -q -f -c 100000 192.0.2.9 >/dev/null 2>&1 &
	pings[i]=$!
done
sleep 1
kill "${pings[@]}" 2>/dev/null
for i in {1..10}; do
	must ip netns del "gone$i"
done
# The module lets go of the last bond only when the namespaces are gone.
check "ten namespaces with bonds at work go: so does all that they held" \
	wait_until 30 bash -c "modprobe -r $MODULE"
check "and the module can be loaded anew" modprobe "$MODULE"
check "a namespace from before has its file again" at other test -e "$MASTERS"
check "and its folder" at other test -d "$PROC"
must ip netns add new
_namespaces+=(new)
check "one from after, too" at new test -e "$MASTERS"
check "and its folder, too" at new test -d "$PROC"
must ip -n new link add bond0 type "$KIND"
check "and a bond is in it" at new test -e "$PROC/bond0"
check "but not here" fails test -e "$PROC/bond0"

done_testing
