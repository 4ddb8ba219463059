#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# IPsec offload in active-backup: the active slave works on the bond's security associations, they
# follow the traffic to another slave, and the kernel has them where no slave can.
# vm: --kernel debug --icount 3
# timeout: 1200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/nsim.sh"

load_module
need_nsim
modprobe -a dummy esp4 esp4_offload xfrm_user 2>/dev/null
plan 41

quiet
# cabled ID : a device for the two slaves, each of them with a cable to a far end.
cabled() {
	local i
	nsim "$1" s0 s1
	for i in 0 1; do
		nsim_link s$i t$i
		must ip link set t$i up
	done
	PORTS=/sys/kernel/debug/netdevsim/netdevsim$1/ports
}
nsim 22 t0 t1
cabled 21
must ip link add d0 type dummy

ME=192.0.2.1 PEER=192.0.2.2
# sa SPI in|out [OPTION]... : an association that bond0's hardware is to work on.
sa() {
	local spi=$1 way=$2 from=$ME to=$PEER
	shift 2
	[[ $way == out ]] || from=$PEER to=$ME
	ip xfrm state add proto esp src $from dst $to spi "$spi" mode transport reqid 42 \
		aead 'rfc4106(gcm(aes))' 0x3132333435363738393031323334353664636261 128 \
		sel src $from/24 dst $to/24 "$@" offload dev bond0 dir "$way"
}
sa_del() {
	local spi=$1 way=$2 from=$ME to=$PEER
	[[ $way == out ]] || from=$PEER to=$ME
	ip xfrm state del proto esp src $from dst $to spi "$spi"
}
policies() {
	must ip xfrm policy add dir out src $ME/24 dst $PEER/24 tmpl proto esp src $ME dst $PEER \
		spi "$1" mode transport reqid 42
}
# has SLAVE : how many associations its hardware works on, and how many packets it has had to.
has() { sed -nE 's/^SA count=([0-9]+) tx=.*/\1/p' "$PORTS/${1#s}/ipsec"; }
worked() { sed -nE 's/^SA count=[0-9]+ tx=([0-9]+)/\1/p' "$PORTS/${1#s}/ipsec"; }
on() { is "$1 on s0, $2 on s1" "$(has s0) on s0, $(has s1) on s1"; }
offloaded() { ip xfrm state list | grep -c 'offload parameters: dev bond0'; }
feature() { ethtool -k "$1" | sed -nE "s/^$2: ([a-z]+).*/\1/p"; }
# talks N : packets for the peer, who does not answer.
talks() { ping -q -c "$1" -i 0 -W 0.1 -I bond0 $PEER >/dev/null 2>&1; true; }
# worked_by SLAVE N : that many packets of N were for its hardware to work on.
worked_by() {
	local before
	before=$(worked "$1")
	talks "$2"
	is "$2" "$(($(worked "$1") - before))"
}
# esp_by DEV N : of N packets, so many went by DEV, encrypted by the kernel.
esp_by() {
	local before
	before=$(stat_of "$1" tx_packets)
	talks "$2"
	is "$2" "$(($(stat_of "$1" tx_packets) - before))"
}
# With the bond's address the kernel forgets it.
neighbor() { must ip neigh replace $PEER dev bond0 lladdr "$(mac_of 99)"; }
active() { must set_opt bond0 active_slave "$1"; }
# setting SLAVE... : bond0 in active-backup, the first is active, two associations on it.
setting() {
	# No frames but those that are asked for.
	bond bond0 mode=active-backup miimon=100 num_grat_arp=0 resend_igmp=0
	enslave bond0 "$@" || bail "cannot enslave $*"
	must ip addr add $ME/24 dev bond0
	must ip link set bond0 up
	links_up bond0 "$@"
	active "$1"
	neighbor
	policies 9
	must sa 9 out
	must sa 9 in
}
clear() {
	ip link del bond0
	ip xfrm state flush
	ip xfrm policy flush
}

# What is offered.
bond bond0
check "offered in no other mode" is "off" "$(feature bond0 esp-hw-offload)"
must set_opt bond0 mode active-backup
check "offered in active-backup" is "on" "$(feature bond0 esp-hw-offload)"
must set_opt bond0 mode balance-xor
check "and not in another mode again" is "off" "$(feature bond0 esp-hw-offload)"
must ip link del bond0

setting s0 s1
check "over slaves that can, the bond can" is "on on" \
	"$(feature bond0 esp-hw-offload) $(feature bond0 tx-esp-segmentation)"
check "the associations are the active slave's" on 2 0
check "and shown as the bond's" is 2 "$(offloaded)"
check "packets sent are worked on there" worked_by s0 5

# Failover.
must ip link set t0 down
must wait_until 10 active_is bond0 s1
check "failover: the other slave has them" on 0 2
check "failover: what is sent is worked on there" worked_by s1 5
must ip link set t0 up
links_up bond0 s0
active s0
check "by hand: back again" on 2 0
check "by hand: what is sent is worked on there" worked_by s0 5
must sa 10 out
must sa 10 in
check "new ones are the active slave's" on 4 0
must sa_del 10 out
must sa_del 10 in
check "deleted ones are not" on 2 0

# Many failovers while there is traffic, and associations come and go.
STOP=$(mktemp -u)
(until [[ -e $STOP ]]; do ping -q -f -c 50 -W 0.1 -I bond0 $PEER; done) >/dev/null 2>&1 &
talker=$!
(until [[ -e $STOP ]]; do sa 11 out; sa 11 in; sa_del 11 out; sa_del 11 in; done) >/dev/null 2>&1 &
rekeyer=$!
for ((try = 0; try < 16; try++)); do
	set_opt bond0 active_slave s$((1 - try % 2))
	sleep 0.02
done
: >"$STOP"
wait $talker $rekeyer
active s0
check "bug 14: after many failovers, with traffic and new keys: none is lost or left" on 2 0
check "and what is sent is worked on" worked_by s0 5

# In softirq: a lifetime that is over deletes without a process that could sleep.
must sa 12 out limit time-hard 2
check "one with a lifetime" on 3 0
check "bug 16: its lifetime over, in an interrupt: it is gone" wait_until 20 on 2 0

# Slaves go.
must ip link set s0 nomaster
check "the active slave is let go: the other has them" on 0 2
must ip link set s1 nomaster
check "no slave is left: nobody has them" on 0 0
check "bug 15: no slave: they are still the bond's" is 2 "$(offloaded)"
talks 3
check "no slave: the bond takes no new ones" refuses "" sa 13 out
check "no slave: deleted" sa_del 9 in
enslave bond0 s1 || bail "cannot enslave"
links_up bond0 s1
neighbor
check "a slave comes: it has what is left" on 0 1
check "packets sent are worked on there" worked_by s1 5
must sa 9 in
check "and all that are new" on 0 2

# A slave that cannot.
enslave bond0 d0 || bail "cannot enslave"
links_up bond0 d0
active d0
check "a slave that cannot is active: nobody has them" on 0 0
check "packets sent are encrypted by the kernel" esp_by d0 5
# New keys, as a daemon makes them: the new ones first, then the old ones go.
check "new keys: taken, for the kernel to work on" eval 'sa 14 out && sa 14 in'
check "bug 17: new keys on a slave that cannot: the old ones can go" eval 'sa_del 9 out && sa_del 9 in'
ip xfrm policy flush
policies 14
check "packets sent are encrypted by the kernel, with the new keys" esp_by d0 5
must sa_del 14 out
must sa_del 14 in
ip xfrm policy flush
active s1
policies 15
must sa 15 out
must sa 15 in
check "a slave that can is active: new ones are there" on 0 2
active d0
active s1
check "they come back after a slave that cannot" on 0 2
check "packets sent are worked on there" worked_by s1 5

# The device under the bond goes.
nsim_del 21 && _nsims=(22)
check "the device of the active slave is gone, with them on it" wait_until 10 active_is bond0 d0
check "packets sent are encrypted by the kernel" esp_by d0 5
clear
cabled 23

# The bond goes.
setting s0 s1
check "the bond goes: they were there" on 2 0
must ip link del bond0
check "the bond goes: nobody has them" on 0 0
check "the bond goes: the kernel has none either" is "" "$(ip xfrm state list)"
clear 2>/dev/null

# Another mode.
bond bond0 mode=balance-rr miimon=100
enslave bond0 s0 s1 || bail "cannot enslave"
must ip addr add $ME/24 dev bond0
must ip link set bond0 up
links_up bond0 s0 s1
check "balance-rr: taken, for the kernel to work on" sa 9 out
check "balance-rr: no slave has it" on 0 0
clear
check "no hardware went with any left" fails eval 'dmesg | grep "SAs left"'
done_testing
