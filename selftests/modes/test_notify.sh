#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What active-backup tells the network after a failover: gratuitous ARPs and IGMP reports, how
# many and how far apart; which slave takes over by its prio; what a backup hears twice is
# heard once.
# vm: --icount 3
# timeout: 90

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/experiment.sh"

load_module
quiet
plan 13
laboratory eth0 eth1 eth2

bond bond0 mode=active-backup miimon=20
must enslave bond0 eth0 eth1 eth2
must ip addr add "$HOST/24" dev bond0
must ip link set bond0 up
links_up bond0 eth0 eth1 eth2
acquaint bond0

# over_to SLAVE : it becomes the active one.
over_to() {
	must set_opt bond0 active_slave "$1"
	must active_is bond0 "$1"
}

GRATUITOUS="arp and arp[14:4] = arp[24:4] and arp[14:4] = 0xc0000201"
for setting in "1 0" "3 0" "3 200" "0 0"; do
	read -r number delay <<<"$setting"
	must set_opt bond0 num_grat_arp "$number"
	must set_opt bond0 peer_notif_delay "$delay"
	watch pinger eth0 "$GRATUITOUS"
	if active_is bond0 eth0; then over_to eth1; else over_to eth0; fi
	sleep $((number * delay / 1000 + 1))
	unwatch
	read -r count apart < <(seen)
	echo "# num_grat_arp $number peer_notif_delay $delay: $count seen, $apart ms apart at least"
	check "num_grat_arp $number, peer_notif_delay $delay: so many" is "$number" "$count"
	if ((number > 1)); then
		# A packet's time is taken when it is seen, up to a few ms late.
		check "not closer than peer_notif_delay, or miimon" test "$apart" -ge $(((delay ? delay : 20) * 8 / 10))
	fi
done

must set_opt bond0 num_grat_arp 1
must set_opt bond0 active_slave eth0
must ip addr add 239.1.2.3/32 dev bond0 autojoin
sleep 1.5
for number in 1 3 0; do
	must set_opt bond0 resend_igmp "$number"
	must set_opt bond0 active_slave eth0
	sleep 1
	watch switch s1 igmp
	over_to eth1
	sleep $((number / 2 + 2))
	unwatch
	read -r count apart < <(seen)
	echo "# resend_igmp $number: $count reports seen behind the new slave"
	if ((number > 0)); then
		check "resend_igmp $number: at least so many reports leave on the new slave" test "$count" -ge "$number"
	else
		check "resend_igmp 0: none" is 0 "$count"
	fi
done

# The one with the highest prio takes over.
must set_opt bond0 active_slave eth0
if ip link set eth2 type bond_slave prio 10 2>/tmp/prio; then
	must cut_link switch s0
	check "prio: eth2, with 10, takes over, not eth1" wait_until 5 active_is bond0 eth2
	must mend_link switch s0
	links_up bond0 eth0
	check "and keeps it" active_is bond0 eth2
else
	ktap_test_skip "prio: $(</tmp/prio)"
	ktap_test_skip "prio: $(</tmp/prio)"
fi

# A broadcast reaches all slaves; what is above the bond hears it once, unless it asks for all.
heard() { # how many of 4 broadcasts the bond hands up
	watch - bond0 "arp and dst host 192.0.2.77"
	at pinger arping -q -b -c 4 -w 6 -I eth0 192.0.2.77 >/dev/null 2>&1
	unwatch
	wc -l </tmp/seen
}
count=$(heard)
asked=$count
check "a broadcast that reaches 3 slaves is heard" test "$count" -ge 2
must set_opt bond0 all_slaves_active 1
count=$(heard)
echo "# heard: $asked, with all_slaves_active $count"
check "all_slaves_active: three times as often" is $((3 * asked)) "$count"
done_testing
