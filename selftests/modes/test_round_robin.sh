#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# balance-rr: the links take turns, those that are dead are passed over, and what comes in on
# any of them is the bond's.
# vm: --cpus 2

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
namespaces peer
cables peer p0:eth0 p1:eth1 p2:eth2
quiet peer
plan 24

# turns COUNT : who sends each of so many frames, as 0 1 0 1.
turns() {
	local i before now who=()
	before=$(tx_of eth0 eth1)
	for ((i = 0; i < $1; i++)); do
		frames bond0 "$(mac_of 99)" "$(dev_attr bond0 address)"
		now=$(tx_of eth0 eth1)
		case $(grown "$before" "$now") in
		"1 0") who+=(0) ;;
		"0 1") who+=(1) ;;
		*) who+=("?") ;;
		esac
		before=$now
	done
	echo "${who[*]}"
}
# one_of GOT WANT... : for check.
one_of() {
	local got=$1 want
	shift
	for want; do
		[[ $got != "$want" ]] || return 0
	done
	printf 'wanted one of: %s\n          got: %s\n' "$(printf '<%s> ' "$@")" "$got"
	return 1
}
# received DEV : how many frames reach the bond when three leave that device there.
received() {
	local before
	before=$(heard bond0)
	frames_at peer "$1" "$mac" "$(mac_of 99)" 3
	sleep 0.2
	echo $(($(heard bond0) - before))
}

bond bond0 mode=balance-rr miimon=50
must enslave bond0 eth0 eth1
must ip link set bond0 up
links_up bond0 eth0 eth1

check "one by one" one_of "$(turns 6)" "0 1 0 1 0 1" "1 0 1 0 1 0"
before=$(tx_of eth0 eth1)
must flood bond0 1000
check "a thousand: half each" is "500 500" "$(grown "$before" "$(tx_of eth0 eth1)")"
check "packets_per_slave 3" set_opt bond0 packets_per_slave 3
got=$(turns 15)
check "three by three" one_of "$got" \
	"0 0 0 1 1 1 0 0 0 1 1 1 0 0 0" "1 1 1 0 0 0 1 1 1 0 0 0 1 1 1" \
	"0 0 1 1 1 0 0 0 1 1 1 0 0 0 1" "1 1 0 0 0 1 1 1 0 0 0 1 1 1 0" \
	"0 1 1 1 0 0 0 1 1 1 0 0 0 1 1" "1 0 0 0 1 1 1 0 0 0 1 1 1 0 0"
check "packets_per_slave 0" set_opt bond0 packets_per_slave 0
before=$(tx_of eth0 eth1)
must flood bond0 1000
export one two
read -r one two <<<"$(grown "$before" "$(tx_of eth0 eth1)")"
# By lot: that one of 1000 fair draws is off by more than 100 happens once in 10^9 runs.
check "by lot: a thousand" is 1000 $((one + two))
check "about half each" bash -c "((one > 400 && two > 400))"
check "and not in turn" fails one_of "$(turns 20)" \
	"0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1" "1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0 1 0"
check "a number above 65535: refused" refuses "Invalid argument" set_opt bond0 packets_per_slave 65536
must set_opt bond0 packets_per_slave 1

must cut_link peer p0
must wait_until 5 status_is bond0 eth0 down
check "a dead link is passed over, and nothing is lost" is "0 10" "$(spread 10 bond0 eth0 eth1)"
check "the bond keeps its carrier" carrier_is bond0 1
must mend_link peer p0
links_up bond0 eth0
check "a link that is back takes its turn" one_of "$(turns 4)" "0 1 0 1" "1 0 1 0"
must ip link set eth1 down
check "a slave that is taken down is passed over at once" is "10 0" "$(spread 10 bond0 eth0 eth1)"
must ip link set eth1 up
links_up bond0 eth1
must enslave bond0 eth2
links_up bond0 eth2
check "with a third: a third each" is "4 4 4" "$(spread 12 bond0 eth0 eth1 eth2)"
must ip link set eth1 nomaster
check "without the second: half each" is "6 0 6" "$(spread 12 bond0 eth0 eth1 eth2)"
must enslave bond0 eth1
links_up bond0 eth1

mac=$(dev_attr bond0 address)
must listen bond0
check "frames received on the first link are the bond's" is 3 "$(received p0)"
check "on the second, too" is 3 "$(received p1)"
check "on the third, too" is 3 "$(received p2)"

must cut_link peer p0
must cut_link peer p1
must cut_link peer p2
check "all links dead: the bond has no carrier" wait_until 5 carrier_is bond0 0
before=$(stat_of bond0 tx_packets)
frames bond0 "$(mac_of 99)" "$mac" 5 2>/dev/null
check "and nothing is sent" is "$before" "$(stat_of bond0 tx_packets)"
must mend_link peer p2
check "one is back: so is the carrier" wait_until 5 carrier_is bond0 1
check "and sends all" is "0 0 8" "$(spread 8 bond0 eth0 eth1 eth2)"
must ip link set eth0 nomaster
must ip link set eth1 nomaster
must ip link set eth2 nomaster
check "no slave: nothing breaks" flood bond0 100
check "and no carrier" carrier_is bond0 0

done_testing
