#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a bond in 802.3ad says on the wire, and how often, as its options are set. The far end
# is no bond: a reader of LACPDUs, and a partner made by hand.
# timeout: 500
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

POLL=0.2
load_module
quiet
namespaces peer
wire peer p0 eth0 p1 eth1
quiet peer
perm0=$(dev_attr eth0 address)
told=$(mktemp)
must listen peer p0 "$told"
bond bond0 mode=802.3ad miimon=100 ad_actor_sys_prio=1000 ad_user_port_key=5
must ip link set bond0 address 02:00:00:00:0a:99
must ip link set bond0 up
must enslave bond0 eth0 eth1
plan 24

# says TEXT NAME=VALUE... : a point: the last LACPDU comes to have that, at once.
says() {
	check "$1" wait_until 2 told "$told" "${@:2}" || told "$told" "${@:2}" | sed 's/^/#   /'
}

says "it goes from the slave's own address to the group" "src=$perm0" dst=01:80:c2:00:00:02
says "with the system priority and the bond's address" sys_prio=1000 system=02:00:00:00:0a:99
# 10 Gb/s is the 7th speed, bit 0 is full duplex; above them the user's key.
says "the key is of the user's, speed and duplex" key=$((5 << 6 | 7 << 1 | 1))
says "port priority and number" port_prio=255 port=1
says "there is no partner" partner_system=00:00:00:00:00:00 partner_key=1 partner_port=1
check "the state says so" has "$(field_of "$told" state)" \
	$((LACP_ACTIVITY | LACP_AGGREGATION | LACP_DEFAULTED))
check "it neither collects nor distributes" \
	lacks "$(field_of "$told" state)" $((LACP_COLLECTING | LACP_DISTRIBUTING))

# bug 35: the partner hears of a new MAC at once; what is passive, and what is down, says so
must ip link set bond0 address 02:00:00:00:0a:98
says "another address of the bond is told" system=02:00:00:00:0a:98
check "actor_port_prio by netlink" set_slave_attr eth0 10:u16=77
says "is told" port_prio=77
check "and read back" is 4d00 "$(slave_attr eth0 10)"
must set_opt bond0 ad_actor_sys_prio 2000
must set_opt bond0 ad_actor_system 02:00:00:00:0a:aa
says "system and its priority can be changed while it is up" sys_prio=2000 system=02:00:00:00:0a:aa

# How often: as the partner asks by its state.
rate() {
	local before
	at peer "$LACP" partner p0 "$(($1 + 4))" state="$2" &
	sleep 4
	before=$(heard "$told")
	sleep "$1"
	echo $(($(heard "$told") - before))
	wait $!
}
within() { (($1 <= $3 && $3 <= $2)) || { echo "$3 is not from $1 to $2"; return 1; }; }
sync=$((LACP_ACTIVITY | LACP_AGGREGATION | LACP_SYNC | LACP_COLLECTING | LACP_DISTRIBUTING))
check "a partner that wants them slowly hears it every 30 s" within 1 2 "$(rate 35 $sync)"
check "a partner that wants them fast hears it every second" \
	within 9 11 "$(rate 10 $((sync | LACP_TIMEOUT)))"
# It is silent for 90 seconds, and then for three.
sleep 95
given_up() {
	local before
	before=$(heard "$told")
	sleep 10
	echo $(($(heard "$told") - before))
}
check "one that was given up is looked for every second" within 9 11 "$(given_up)"

must ip link set bond0 down
check "when the bond goes down, the partner is told" wait_until 2 lacks "$(field_of "$told" state)" $((LACP_SYNC | LACP_COLLECTING | LACP_DISTRIBUTING))
check "lacp_rate is refused while it is up" \
	bash -c "ip link set bond0 up; ! echo fast >$NET/bond0/bonding/lacp_rate && ip link set bond0 down"
must set_opt bond0 lacp_rate fast
must ip link set bond0 up
fast() { has "$(field_of "$told" state)" $LACP_TIMEOUT; }
check "lacp_rate fast asks the partner for speed" wait_until 2 fast

# Passive: silent until spoken to.
must ip link set bond0 down
must set_opt bond0 lacp_active off
must ip link set bond0 up
must wait_until 5 carrier_is bond0 1
# The partner that was may still be there, and was active: that is tried for three seconds.
sleep 5
before=$(heard "$told")
sleep 35
check "lacp_active off: silence" is "$before" "$(heard "$told")"
at peer "$LACP" partner p0 12 &
speaker=$!
says_to() { told "$told" partner_system=02:00:00:00:0b:01; }
check "until it is spoken to" wait_until 5 says_to
passive() { lacks "$(field_of "$told" state)" $LACP_ACTIVITY; }
check "it is passive in its state" passive
check "and aggregates all the same" wait_until 8 sends eth0
wait $speaker

# Enough is enough: no more than three in any second, whatever the partner does.
before=$(heard "$told")
for ((i = 0; i < 30; i++)); do
	set_opt bond0 ad_actor_sys_prio $((i + 1))
	sleep 0.1
done
check "however much changes, it sends no more than three a second" \
	within 1 15 $(($(heard "$told") - before))
says "and ends with what holds" sys_prio=30
done_testing
