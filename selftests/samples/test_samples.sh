#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Drivers beside the bond on rust/netdev: the samples, loaded with it, one below and above the other. What each
# counts is what it was given, and each goes without taking another along.
# vm: --with python3 --in out/samples/rb_dummy/rb_dummy.ko:/rb_dummy.ko --in out/samples/rb_mirror/rb_mirror.ko:/rb_mirror.ko
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
plan 28

counts() { ip -s -j link show "$1" | jq -r ".[0].stats64 | \"\(.tx.packets) \(.tx.bytes) \(.rx.packets) \(.rx.bytes)\""; }
# given DEV DIRECTION N CMD... : CMD has DEV count so many packets more at least, of tx or rx.
given() {
	local before after at=1
	[[ $2 == tx ]] || at=3
	before=$(counts "$1" | cut -d' ' -f$at)
	"${@:4}" || return
	after=$(counts "$1" | cut -d' ' -f$at)
	((after - before >= $3)) || { echo "$((after - before)) packets"; return 1; }
}
pings() { ping -q -c "$1" -i 0.05 -W 1 "$2" >/dev/null; }

must insmod /rb_dummy.ko
must insmod /rb_mirror.ko
check "all three are there" is "rb_dummy rb_mirror rustbond" \
	"$(lsmod | awk '/^(rb_|rustbond)/ { print $1 }' | sort | xargs)"

echo "# rb_dummy"
check "a device that is given no name has its kind's" ip link add type rbdummy
check "and is of the kind" is rbdummy "$(field rbdummy0 .linkinfo.info_kind)"
check "another one by a name" ip link add d1 type rbdummy
must ip link set d1 up
must ip addr add 192.0.2.1/24 dev d1
# Without ARP: all that goes there is dropped, and counted.
check "10 pings are 10 packets" given d1 tx 10 eval '! pings 10 192.0.2.9'
check "of 84 octets and a header each" is 980 "$(counts d1 | awk '{ print $2 }')"
check "an address is taken" ip link set d1 address 02:00:00:00:00:d1
check "and is the device's" reads 02:00:00:00:00:d1 $NET/d1/address
check "a group address is not" refuses "Cannot assign requested address" ip link set d1 address 03:00:00:00:00:d1
check "nor has it attributes, files or lower devices" fails ip link set rbdummy0 master d1

echo "# rb_mirror, above one end of a cable"
must ip netns add peer
must ip link add v0 type veth peer name v1 netns peer
must ip -n peer addr add 198.51.100.2/24 dev v1
must ip -n peer link set v1 up
must ip link set v0 up
must ip addr add 198.51.100.1/24 dev v0
must ip link add m0 type rbmirror
must ip link set m0 up
must pings 1 198.51.100.2
check "a device gets a mirror" ip link set v0 master m0
check "which has its carrier" reads 1 $NET/m0/carrier
check "packets that the device receives come in on the mirror, too" given m0 rx 5 pings 5 198.51.100.2
check "and on the device, as before" pings 3 198.51.100.2
check "packets given to the mirror go out by the device" given v0 tx 1 python3 -c '
import socket
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
    s.bind(("m0", 0))
    s.send(bytes.fromhex("ffffffffffff") + bytes(6) + bytes.fromhex("88b5") + bytes(46))'
check "a second device is refused, in words" refuses "release that first" ip link set d1 master m0
must ip -n peer link set v1 down
check "the cable is out: the mirror loses its carrier" wait_until 5 reads 0 $NET/m0/carrier
must ip -n peer link set v1 up
check "and has it again" wait_until 5 reads 1 $NET/m0/carrier

echo "# A bond with a sample below, and a mirror above the bond"
bond bond0 mode=active-backup miimon=100
must ip link set bond0 up
must ip link set d1 down
check "a bond takes a sample for a slave" ip link set d1 master bond0
check "and is above it" is bond0 "$(field d1 .master)"
must ip link add m1 type rbmirror
check "a mirror takes the bond" ip link set bond0 master m1
check "and a bond no mirror below itself" fails ip link set m1 master bond0
check "the bond's slave may not be mirrored" fails ip link set d1 master m0

echo "# The way out"
# With everything linked: each takes its own devices along, and lets go of the others'.
check "rb_mirror can go while devices are below its mirrors" rmmod rb_mirror
check "and they have no master any more" is "null null" "$(field v0 .master) $(field bond0 .master)"
check "rb_dummy can go while a bond has its device" rmmod rb_dummy
check "and the bond has no slave" is "" "$(cat $NET/bond0/bonding/slaves)"
check "the bond's driver is the last" bash -c "ip link del bond0 && rmmod rustbond"
ip netns del peer
done_testing
