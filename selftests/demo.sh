#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make demo` shows, in a guest: two hosts, each with two cables to two switches, and a
# ping between them that survives the loss of a cable. Exit status 0 only if it did.

export KTAP_HELPERS=/dev/null
. "$(dirname "$0")/lib/lib.sh"

RATE=100         # pings a second
MOST_LOST=$((RATE / 2))

show() { printf '\n== %s\n' "$*"; }
tell() { printf '   %s\n' "$@"; }
run() {
	printf '   $ %s\n' "$*"
	"$@" 2>&1 | sed 's/^/     /'
	return "${PIPESTATUS[0]}"
}
bail() { printf '\nThe demo failed: %s\n' "$*"; exit 1; }

case $KIND in
bond) proc=/proc/net/bonding/bond0 ;;
*) proc=/proc/net/$KIND/bond0 ;;
esac

tell "This is a virtual machine with Debian's own kernel, $(uname -r)."

show "Loading the driver"
run modprobe "$MODULE" || bail "the module $MODULE does not load"
[[ $KIND == bond ]] || tell "A module that Debian did not build is now part of Debian's unmodified kernel."

show "Cabling two hosts, alice and bob, with two cables each"
tell "" \
	"  alice eth0 ----- switch 1 ----- eth0 bob" \
	"                      |" \
	"  alice eth1 ----- switch 2 ----- eth1 bob" ""
namespaces alice bob rack
for host in alice bob; do
	connect "$host" eth0 rack "$host-0"
	connect "$host" eth1 rack "$host-1"
done
must ip -n rack link add trunk1 type veth peer name trunk2
must ip -n rack link set trunk1 up
must ip -n rack link set trunk2 up
bridge_of rack switch1 alice-0 bob-0 trunk1
bridge_of rack switch2 alice-1 bob-1 trunk2

show "Making one bond of each host's two links"
address=1
for host in alice bob; do
	run ip -n "$host" link add bond0 type "$KIND" || bail "the kernel knows no link kind $KIND"
	bond_set "$host" bond0 mode active-backup || bail "the mode could not be set"
	bond_set "$host" bond0 miimon 100 || bail "miimon could not be set"
	for dev in eth0 eth1; do
		must ip -n "$host" link set "$dev" down
		run ip -n "$host" link set "$dev" master bond0 || bail "$host's $dev could not be enslaved"
	done
	must ip -n "$host" link set bond0 up
	must ip -n "$host" addr add "192.0.2.$address/24" dev bond0
	address=$((address + 1))
done
tell "In mode active-backup one link carries all, and the other stands by."
wait_until 20 at alice ping -c1 -W1 192.0.2.2 >/dev/null || bail "alice cannot reach bob through the bond"
before=$(bond_get alice bond0 active_slave)
tell "alice's active link is $before; bob answers her pings."

show "Pinging bob $RATE times a second, and cutting alice's cable at $before meanwhile"
at alice ping -D -i 0.01 -w 6 192.0.2.2 >/tmp/ping 2>&1 &
ping=$!
sleep 2
tell "2 s: the cable is cut"
cut=$(date +%s.%N)
must ip -n rack link set "alice-${before#eth}" down
wait_until 3 bash -c '[[ $(ip netns exec alice cat /sys/class/net/bond0/bonding/active_slave) != "$0" ]]' "$before" ||
	bail "the bond stayed with the dead link $before"
after=$(bond_get alice bond0 active_slave)
tell "alice's bond has moved to $after"
wait "$ping"

read -r sent received < <(awk '/packets transmitted/ { print $1, $4 }' /tmp/ping)
[[ -n ${sent:-} ]] || bail "ping said: $(cat /tmp/ping)"
lost=$((sent - received))
# The longest silence between two answers, and whether there was one after the cut.
read -r gap later < <(tr -d '[]' </tmp/ping | awk -v cut="$cut" '
	/icmp_seq/ && /time=/ {
		if (last && $1 - last > gap)
			gap = $1 - last
		last = $1
		later += $1 > cut
	}
	END { printf "%d %d\n", gap * 1000, later }')

show "What the driver says of alice's bond ($proc)"
at alice cat "$proc" | sed 's/^/     /' || bail "there is no $proc"

show "What it means"
tell "Of $sent pings $received were answered and $lost lost; $later answers came after the cut." \
	"The longest silence was $gap ms; the pings themselves are $((1000 / RATE)) ms apart."
((later > RATE)) || bail "the traffic did not go on after the cut"
((lost <= MOST_LOST)) || bail "more than $MOST_LOST pings were lost"
[[ $before != "$after" ]] || bail "the bond did not change its link"
tell "The link that carried alice's traffic died under it, and the connection lived: the bond saw" \
	"the carrier go, made $after the active link and told the switches where alice is now."

show "Mending the cable, and taking all apart"
must ip -n rack link set "alice-${before#eth}" up
wait_until 5 at alice grep -q 1 "/sys/class/net/$before/carrier" || bail "$before did not come back"
sleep 0.3
[[ $(bond_get alice bond0 active_slave) == "$after" ]] || bail "the bond went back to $before unasked"
tell "$before is back, as the backup: what works is not disturbed."
for host in alice bob; do
	run ip -n "$host" link del bond0 || bail "$host's bond could not be deleted"
done
run modprobe -r "$MODULE" || bail "the module could not be unloaded"

printf '\nThe demo went well: %d ms of silence, %d of %d pings lost.\n' \
	"$gap" "$lost" "$sent"
