#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# updelay and downdelay: how long a link that is lost stays in use, and one that is back waits.
# The guest's clock counts instructions, so that times do not depend on the machine.
# vm: --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
for i in 0 1; do
	must ip link add "eth$i" type veth peer name "p$i"
	must ip link set "p$i" up
done
plan 33

# since BEGIN : milliseconds.
since() { echo $((($(now_us) - $1) / 1000)); }
# about WANT GOT : for check: not before, and not more than 120 ms behind: the shell is slow here,
# and taking a veth down waits for the packets in flight.
about() { (($2 >= $1 && $2 < $1 + 120)) || { echo "wanted $1 to $(($1 + 120)) ms, got $2"; return 1; }; }
# until_status SLAVE STATUS : waits for it, and says how long that took since `begin`.
until_status() {
	until status_is bond0 "$1" "$2"; do
		(($(since "$begin") < 8000)) || { echo 99999; return; }
	done
	since "$begin"
}
logged() { dmesg | tail -n 40 | grep -qF "$1"; }

bond bond0 mode=active-backup
check "a delay without miimon: refused" refuses "Operation not permitted" set_opt bond0 updelay 200
must set_opt bond0 miimon 100
check "updelay" set_opt bond0 updelay 600
check "downdelay" set_opt bond0 downdelay 400
must enslave bond0 eth0 eth1
must ip link set bond0 up
check "the first link does not wait" active_is bond0 eth0
check "the second one does" status_is bond0 eth1 "going back"
links_up bond0 eth1

begin=$(now_us)
must down p0
check "the link is lost: it is going down" about 0 "$(until_status eth0 'going down')"
check "and still active" active_is bond0 eth0
check "the bond keeps its carrier" carrier_is bond0 1
check "when downdelay is over it is down" about 400 "$(until_status eth0 down)"
check "and the other is active" active_is bond0 eth1
check "the failure is counted" grep -q "Link Failure Count: 1" $PROC/bond0
check "the log told of the delay" logged "link status down, disabling it in 400 ms"

begin=$(now_us)
must up p0
check "it is back: it waits" about 0 "$(until_status eth0 'going back')"
must set_opt bond0 primary eth0
check "also as the primary" active_is bond0 eth1
check "when updelay is over it is up" about 600 "$(until_status eth0 up)"
check "and active, as the primary" wait_until 1 active_is bond0 eth0

begin=$(now_us)
must down p0
sleep 0.2
must up p0
check "lost for less than downdelay: it is up again" about 200 "$(until_status eth0 up)"
sleep 0.5
check "it was active all the time" active_is bond0 eth0
check "and no failure is counted" grep -q "Link Failure Count: 1" $PROC/bond0
check "the log tells" logged "link status up again after"

must down p0
must wait_until 5 status_is bond0 eth0 down
begin=$(now_us)
must up p0
sleep 0.3
must down p0
check "back for less than updelay: it is down again" about 300 "$(until_status eth0 down)"
check "it was not active" active_is bond0 eth1
check "the log tells" logged "link status down again after"

# The last one: nobody waits any more.
begin=$(now_us)
must up p0
must wait_until 5 status_is bond0 eth0 "going back"
must down p1
check "the active link is lost while the other waits: downdelay holds" about 400 \
	"$(until_status eth1 down)"
check "then the other is active" wait_until 1 active_is bond0 eth0
must up p1
links_up bond0 eth1
must down p0
must down p1
must wait_until 5 carrier_is bond0 0
begin=$(now_us)
must up p1
check "without any link, one that is back does not wait" about 0 "$(until_status eth1 up)"
check "and is active" active_is bond0 eth1
must up p0
links_up bond0 eth0

# The delays while they run.
must set_opt bond0 active_slave eth0
must set_opt bond0 downdelay 2000
begin=$(now_us)
must down p0
sleep 0.5
must set_opt bond0 downdelay 0
check "a delay that is taken back ends at once" about 500 "$(until_status eth0 down)"
must up p0
links_up bond0 eth0

check "a delay is a multiple of miimon" set_opt bond0 downdelay 250
check "rounded down" opt_is 200 bond0 downdelay
must set_opt bond0 miimon 50
check "and comes back with a miimon that divides it" opt_is 250 bond0 downdelay
must set_opt bond0 miimon 0
check "without miimon there is none" opt_is 0 bond0 downdelay
begin=$(now_us)
must set_opt bond0 active_slave eth0
must down p0
check "and a link that is lost is down at once" about 0 "$(until_status eth0 down)"

done_testing
