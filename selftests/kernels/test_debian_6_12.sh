#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel that Debian 13 is installed with has no Rust: the module is built on rust/lite for it,
# loads there, and a bond works.
# vm: --kernel 6.12
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

kernel_is() { [[ $(uname -r) == "$1".* ]] || { uname -r; return 1; }; }
loaded() { [[ -d /sys/module/$1 ]]; }
again() {
	local i
	for ((i = 0; i < 5; i++)); do
		modprobe "$MODULE" && modprobe -r "$MODULE" || return
	done
}
answers() { ping -c3 -i0.2 -W1 192.0.2.2; }

modinfo "$MODULE" >/dev/null 2>&1 || skip_all "the guest has no module $MODULE"
plan 15
check "the kernel is 6.12" kernel_is 6.12
check "the module loads and unloads, five times" again

# EEXIST would be success to modprobe on this kernel.
must modprobe bonding max_bonds=0
check "in the place of bonding it does not load beside it" fails modprobe "$MODULE" drop_in=1
check "and modprobe says so" is 1 "$(modprobe "$MODULE" drop_in=1 2>/dev/null; echo $?)"
check "nothing of it is left" fails loaded "$MODULE"
must modprobe -r bonding
check "alone it does" modprobe "$MODULE" drop_in=1 max_bonds=0
check "with the file of all bonds in this namespace" test -e "$NET/bonding_masters"
must ip netns add other
_namespaces+=(other)
check "and in another" at other test -e "$NET/bonding_masters"
check "a bond of kind bond is made" ip link add b0 type bond mode active-backup
check "that file lists it here" is b0 "$(cat "$NET/bonding_masters")"
check "and not there" is "" "$(at other cat "$NET/bonding_masters")"
must ip link del b0
must ip netns del other
must modprobe -r "$MODULE"

must modprobe "$MODULE"
quiet
namespaces peer
cables peer p0:eth0 p1:eth1
quiet peer
must ip -n peer addr add 192.0.2.2/24 dev br0
bond bond0 mode=active-backup miimon=100
must enslave bond0 eth0 eth1
must ip link set bond0 up
must ip addr add 192.0.2.1/24 dev bond0
must wait_until 5 ping -c1 -W1 192.0.2.2
check "the peer answers" answers
check "by the first slave" is eth0 "$(get_opt bond0 active_slave)"
must ip -n peer link set p0 down
check "when that is cut, the other takes over" wait_until 5 active_is bond0 eth1
check "and the peer answers" answers
done_testing
