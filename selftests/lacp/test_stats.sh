#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The counters of 802.3ad, of the bond and of each slave, by netlink: against what was sent, and
# against native bonding's.
# timeout: 200
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

[[ $KIND != bond ]] || skip_all "the kind under test is native bonding"
load_module
must modprobe bonding max_bonds=0
quiet
namespaces peer
wire peer p0 eth0 p1 eth1
quiet peer
plan 11

zeros() { printf '0%.0s' $(seq "$1"); }
# body HEX DIGITS : HEX, with zeros after it up to so many.
body() { echo "$1$(zeros $(($2 - ${#1})))"; }

# counters KIND : all but LACPDU Tx, of the bond and its two slaves, after the same frames.
counters() {
	local actor=0001020000000b2200070001000107000000
	KIND=$1 bond bond0 mode=802.3ad miimon=100 lacp_rate=slow
	must ip link set bond0 up
	must enslave bond0 eth0 eth1
	sleep 2
	# LACPDUs; Markers and Responses; a TLV that no Marker has, a subtype that is neither, and
	# LACPDUs that are cut short.
	at peer "$LACP" send p0 7 "$(body "01010114${actor}0214$(zeros 36)0310" 220)" \
		3 "$(body "02010110000102000000""00b1000000070000" 220)" \
		2 "$(body "02010210000102000000""00b1000000070000" 220)" \
		4 "$(body 02010910 220)" 5 "$(body 0a01 220)" 6 "$(body "01010114$actor" 92)"
	sleep 1
	"$RTNL" stats bond0 eth0 eth1
	shapes "$1" bond0 eth0
	ip link del bond0
}
# shapes KIND DEV... : what the counters are carried in, into a file. Not by ip link xstats, which in
# iproute2 6.15 dies of native's, too.
shapes() { "$RTNL" stats-shape "${@:2}" >>"$work/shape-$1"; }
# other_modes KIND : and where there is no LACP; and of a bond without slaves.
other_modes() {
	local mode
	for mode in balance-rr active-backup balance-alb; do
		KIND=$1 bond bond0 mode=$mode
		must enslave bond0 eth0
		shapes "$1" bond0 eth0
		ip link del bond0
	done
	KIND=$1 bond bond0 mode=802.3ad
	shapes "$1" bond0
	ip link del bond0
}
work=$(mktemp -d)
ours=$(counters "$KIND")
theirs=$(counters bond)
other_modes "$KIND"
other_modes bond
# In the order of BOND_3AD_STAT_*: LACPDUs received and sent, unknown, illegal; Markers received
# and sent, Responses received and sent, unknown Markers.
of() { sed -n "${1}p" <<<"$ours"; }
without_tx() { cut -d' ' -f1,3-; }
check "the bond has counted what came" is "7 5 6 3 0 2 3 4" "$(of 1 | without_tx)"
check "and so has the slave" is "7 5 6 3 0 2 3 4" "$(of 2 | without_tx)"
check "the other one has not" is "0 0 0 0 0 0 0 0" "$(of 3 | without_tx)"
sent() { of "$1" | cut -d' ' -f2; }
check "LACPDUs that went out are counted, the bond's the slaves' sum" \
	is "$(sent 1)" $(($(sent 2) + $(sent 3)))
some() { (($1 > 0 && $1 <= 20)) || { echo "$1"; return 1; }; }
check "there are some" some "$(sent 2)"
# Of a handful, one or two may be sent sooner or later.
near() { (($1 - $2 <= 2 && $2 - $1 <= 2)) || { echo "$1, native $2"; return 1; }; }
check "and it sends as many as native" near "$(sent 2)" "$(sed -n 2p <<<"$theirs" | cut -d' ' -f2)"
check "native bonding counts alike" is "$(without_tx <<<"$theirs")" "$(without_tx <<<"$ours")"
# Of every sort: one by one and in a dump, the bond's and a slave's, with counters and without.
many() { (($(wc -l <"$1") == 18)) && grep -q '0x' "$1" || { cat "$1"; return 1; }; }
check "the attributes around them have been read" many "$work/shape-$KIND"
check "they are native's, in number, length and order" diff "$work/shape-bond" "$work/shape-$KIND"
bond bond0 mode=802.3ad miimon=100
must enslave bond0 eth0
check "a new bond begins at 0" is "0 0 0 0 0 0 0 0 0" "$("$RTNL" stats bond0)"
must ip link set bond0 up
counts() { [[ $("$RTNL" stats bond0) == "0 "[1-9]" "* ]]; }
check "and counts on" wait_until 5 counts
ip link del bond0
done_testing
