#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bonds are made and removed: by netlink, and by the file that lists them.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
plan 37
# It makes one of its own otherwise.
must modprobe dummy numdummies=0

masters() { put "$MASTERS" "$1"; }
exists() { [[ -d $NET/$1 ]]; }
# As root of its own address: locally administered, for one host.
is_random_mac() {
	is 1 "$(dev_attr "$1" addr_assign_type)" && [[ $(dev_attr "$1" address) == ?[26ae]:* ]]
}

check "ip link add makes a bond" ip link add bond0 type "$KIND"
check "its kind is known" is "$KIND" "$(field bond0 .linkinfo.info_kind)"
check "it is a master, down" is '["BROADCAST","MASTER","MULTICAST"]' \
	"$(field bond0 '.flags - ["NO-CARRIER"] | sort | tojson')"
check "it has a made-up address" is_random_mac bond0
check "it has Ethernet's MTU" is 1500 "$(dev_attr bond0 mtu)"
check "it has no slaves" reads "" $NET/bond0/bonding/slaves
check "it is in mode balance-rr" opt_is "balance-rr 0" bond0 mode
must ip link set bond0 up
check "up and without slaves it has no carrier" reads 0 $NET/bond0/carrier
check "one by that name cannot be made again" refuses "File exists" ip link add bond0 type "$KIND"
check "without a name it gets the next one" ip link add type "$KIND"
next=$(cd $NET && ls -d "$KIND"[0-9] | tail -n 1)
check "which is that of the kind with a number" is "$KIND" "$(field "$next" .linkinfo.info_kind)"
check "a name may be given" ip link add uplink type "$KIND"
check "an address may be given" ip link add addr0 address 02:00:00:00:00:77 type "$KIND"
check "and is the bond's" reads 02:00:00:00:00:77 $NET/addr0/address
check "a group address may not" refuses "multicast" \
	ip link add addr1 address 03:00:00:00:00:77 type "$KIND"
check "the file lists all bonds" is "bond0 $next uplink addr0" "$(xargs <"$MASTERS")"
must ip link set bond0 name trunk
check "and their new names" is "trunk $next uplink addr0" "$(xargs <"$MASTERS")"
check "ip link del removes a bond" ip link del trunk
check "and it is gone" fails exists trunk
check "the file makes a bond" masters +bond0
check "and it is there" is "$KIND" "$(field bond0 .linkinfo.info_kind)"
check "the file removes a bond that is up and has a slave" bash -c "
	ip link add dummy0 type dummy && ip link set dummy0 master bond0 &&
	ip link set bond0 up && echo -bond0 >$MASTERS"
check "and leaves the slave" is null "$(field dummy0 .master)"

before=$(echo $NET/*)
check "no sign: refused" refuses "Operation not permitted" masters bond7
check "no name: refused" refuses "Operation not permitted" masters +
check "a name with a slash: refused" refuses "Operation not permitted" masters +a/b
check "a name of 16 letters: refused" refuses "Operation not permitted" masters +sixteen-letters-
check "two names: the first is taken, as native takes it" masters "+bond7 bond8"
check "and nothing of the second" eval 'test ! -e $NET/bond8 && masters -bond7'
check "a name that is taken, also by another device: refused" refuses "File exists" masters +dummy0
check "to remove what is not there: refused" refuses "No such device" masters -bond7
check "to remove what is no bond: refused" refuses "No such device" masters -dummy0
check "none of that made or removed anything" is "$before" "$(echo $NET/*)"

queues() { ls "$NET/$1/queues" | paste -sd ' '; }
must ip link add bond9 numtxqueues 3 numrxqueues 2 type "$KIND"
check "so many queues as are asked for" is "rx-0 rx-1 tx-0 tx-1 tx-2" "$(queues bond9)"
must ip link del bond9
check "more than there can be: refused" refuses "" ip link add bond9 numtxqueues 4097 type "$KIND"
check "and is not there" fails exists bond9

for i in {1..300}; do
	echo "link add a-long-name-$i type $KIND"
done | must ip -batch -
check "when the page is full the file says so" bash -c '
	[[ $(wc -c <'"$MASTERS"') -le 4096 && $(cat '"$MASTERS"') == *" ++more++"* ]]'

done_testing
