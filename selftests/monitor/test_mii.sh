#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Link monitoring: a link is lost and found at once, whatever miimon is; updelay and downdelay: how
# long a link that is lost stays in use, and one that is back waits. The times are those of the
# kernel's log, and the guest's clock counts instructions, so none depends on the machine.
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
plan 43

marks=0
# cut DEV, mend DEV : takes it down, or up, with a mark in the log before and behind.
cut() {
	marks=$((marks + 1))
	echo "mark $marks" >/dev/kmsg
	must down "$1"
	echo "done $marks" >/dev/kmsg
}
mend() {
	marks=$((marks + 1))
	echo "mark $marks" >/dev/kmsg
	must up "$1"
	echo "done $marks" >/dev/kmsg
}
# when TEXT : when the log first said so since the last mark, in us.
when() {
	dmesg | tr -d '[]' | awk -v mark="mark $marks" -v text="$1" '
		$0 ~ mark "$" { since = 1 }
		since && !found && index($0, text) { found = $1 * 1000000 }
		END { printf "%d\n", found }'
}
# at_once TEXT : for check: it was said before the far end was quite down or up, or soon after.
at_once() {
	local said ended
	said=$(when "$1") ended=$(when "done $marks")
	((said > 0 && said < ended + 20000)) || { echo "$said, and the end was at $ended"; return 1; }
}
# after MS FIRST SECOND : for check: so long after the first line the second was said.
after() {
	local first second took
	first=$(when "$2") second=$(when "$3")
	took=$((second - first))
	((first > 0 && took >= $1 * 1000 && took < $1 * 1000 + 20000)) || {
		echo "wanted $1 ms, got $took us"
		return 1
	}
}
said() { (($(when "$1") > 0)) || { echo "not said: $1"; return 1; }; }
failures() { awk -v slave="$1" '/^Slave Interface/ { name = $3 } /^Link Failure Count/ && name == slave { print $4 }' "$PROC/bond0"; }
becomes() { wait_until 5 status_is bond0 "$1" "$2"; }

bond bond0 mode=active-backup
check "a delay without miimon: refused" refuses "Operation not permitted" set_opt bond0 updelay 200
must set_opt bond0 miimon 5000
must enslave bond0 eth0 eth1
must ip link set bond0 up
links_up bond0 eth0 eth1
must set_opt bond0 active_slave eth0
cut p0
check "miimon 5000: a link that is lost is down at once" becomes eth0 down
check "by the carrier's own event" at_once "eth0): link is down"
check "and the other is active at once" at_once "eth1): is the active slave"
mend p0
check "a link that is back is up at once" becomes eth0 up
check "by the carrier's own event, too" at_once "eth0): link is up"
must ip link del bond0

bond bond0 mode=active-backup miimon=100
# bug 34: going down, going back, and their delays, step by step
check "updelay" set_opt bond0 updelay 600
check "downdelay" set_opt bond0 downdelay 400
must enslave bond0 eth0 eth1
must ip link set bond0 up
check "the first link does not wait" active_is bond0 eth0
check "the second one does" status_is bond0 eth1 "going back"
links_up bond0 eth1
check "neither has failed" is "0 0" "$(failures eth0) $(failures eth1)"

cut p0
check "the link is lost: it is going down" becomes eth0 "going down"
check "and still active" active_is bond0 eth0
check "the bond keeps its carrier" carrier_is bond0 1
must becomes eth0 down
check "it was seen at once" at_once "eth0): link status down, disabling it in 400 ms"
check "when downdelay is over it is down" after 400 "eth0): link status down, disabling" "eth0): link is down"
check "and the other is active" active_is bond0 eth1
check "the failure is counted" is 1 "$(failures eth0)"

mend p0
check "it is back: it waits" becomes eth0 "going back"
must set_opt bond0 primary eth0
check "also as the primary" active_is bond0 eth1
must becomes eth0 up
check "it was seen at once, too" at_once "eth0): link status up, enabling it in 600 ms"
check "when updelay is over it is up" after 600 "eth0): link status up, enabling" "eth0): link is up"
check "and active, as the primary" wait_until 1 active_is bond0 eth0

cut p0
sleep 0.1
must up p0
check "lost for less than downdelay: it is up again" becomes eth0 up
sleep 0.5
check "the log tells" said "eth0): link status up again after"
check "it was active all the time" active_is bond0 eth0
check "and no failure is counted" is 1 "$(failures eth0)"

cut p0
must becomes eth0 down
must up p0
must becomes eth0 "going back"
cut p0
check "back for less than updelay: it is down again" becomes eth0 down
check "the log tells" said "eth0): link status down again after"
check "it was not active" active_is bond0 eth1
check "it counts as a failure as well, as with native bonding" is 3 "$(failures eth0)"

# The last one: nobody waits any more.
must set_opt bond0 updelay 4000
must up p0
must becomes eth0 "going back"
cut p1
must becomes eth1 down
check "the active link is lost while the other waits: downdelay holds" after 400 \
	"eth1): link status down, disabling" "eth1): link is down"
check "then the other waits no more" active_is bond0 eth0
must up p1
must set_opt bond0 updelay 600
links_up bond0 eth1
must down p0
must down p1
must wait_until 5 carrier_is bond0 0
mend p1
check "without any link, one that is back does not wait" becomes eth1 up
check "by its own event" at_once "eth1): link is up"
check "and is active" active_is bond0 eth1
check "the bond has its carrier again" carrier_is bond0 1
must up p0
links_up bond0 eth0

# The delays while they run.
must set_opt bond0 active_slave eth0
must set_opt bond0 downdelay 20000
cut p0
must becomes eth0 "going down"
must set_opt bond0 downdelay 0
check "a delay that is taken back ends at once" wait_until 1 status_is bond0 eth0 down
must up p0
links_up bond0 eth0

check "a delay is a multiple of miimon" set_opt bond0 downdelay 250
check "rounded down" opt_is 200 bond0 downdelay
must set_opt bond0 miimon 50
check "and comes back with a miimon that divides it" opt_is 250 bond0 downdelay
must set_opt bond0 miimon 0
check "without miimon there is none" opt_is 0 bond0 downdelay
must set_opt bond0 active_slave eth0
cut p0
check "and a link that is lost is down at once" at_once "eth0): link is down"

done_testing
