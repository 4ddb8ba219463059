#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Somebody else holds RTNL for seconds, as a driver that resets its hardware does: no link that works
# is failed for it, whatever the monitor and its interval; and who reads is answered.
# timeout: 1500
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

load_module
both_kinds
[[ $("$HOLD" 0.1) == $'held\nfree' ]] || skip_all "RTNL cannot be held from here: no userfaultfd"
plan $((${#kinds[@]} * 40))
quiet

# pings COUNT : how many percent of them are lost.
pings() { ping -q -i 0.1 -c "$1" 192.0.2.2 | sed -nE 's/.* ([0-9]+)% packet loss.*/\1/p'; }

# hold MODE OPTION... : what is lost while RTNL is held for 10 s.
hold() {
	local mode=$1 before
	shift
	bond bond0 mode="$mode" "$@"
	must enslave bond0 e0 e1
	must ip addr add 192.0.2.1/24 dev bond0
	must ip link set bond0 up
	wait_until 10 ping -c1 -W1 192.0.2.2 || bail "the target does not answer"
	sleep 3
	before="$(failures)$(<"$NET/bond0/carrier_changes")"
	held 10 pings 120 >/tmp/lost
	sleep 1
	check "$KIND $mode $1: no link fails" is "$before" "$(failures)$(<"$NET/bond0/carrier_changes")"
	check "$KIND $mode $1: nothing is lost" is 0 "$(</tmp/lost)"
	ip link del bond0
}

for kind in "${kinds[@]}"; do
	KIND=$kind
	case $KIND in
	bond) PROC=/proc/net/bonding ;;
	*) PROC=/proc/net/$KIND ;;
	esac
	namespaces peer
	cables peer p0:e0 p1:e1
	quiet peer
	must ip -n peer addr add 192.0.2.2/24 dev br0
	for mode in balance-rr active-backup balance-xor broadcast; do
		for interval in 100 200 1000; do
			hold $mode arp_interval=$interval arp_ip_target=+192.0.2.2
		done
	done
	hold active-backup arp_interval=100 arp_ip_target=+192.0.2.2 arp_validate=all
	hold balance-xor arp_interval=100 arp_ip_target=+192.0.2.2 arp_validate=all
	for mode in active-backup balance-tlb balance-alb; do
		hold $mode miimon=100 updelay=500 downdelay=500
	done

	# Reading costs nothing while it is held.
	bond bond0 mode=active-backup miimon=100
	must enslave bond0 e0 e1
	must ip link set bond0 up
	sleep 1
	reads() {
		local i begin
		begin=$(now_us)
		for i in 1 2 3 4 5; do
			: "$(<"$PROC/bond0")" "$(<"$NET/bond0/bonding/slaves")" "$(<"$NET/bond0/bonding/mode")" \
				"$(<"$NET/e0/bonding_slave/mii_status")" "$(<"$MASTERS")"
		done
		echo $(($(now_us) - begin)) >/tmp/took
	}
	if [[ $KIND != bond ]]; then
		held 2 reads
		check "$KIND: 25 reads take no time while RTNL is held" at_most 500000 "$(</tmp/took)"
	else
		check "$KIND: 25 reads" reads
	fi
	# What was asked for meanwhile is told afterwards, all of it.
	must set_opt bond0 num_grat_arp 3
	must set_opt bond0 peer_notif_delay 500
	must ip addr add 192.0.2.1/24 dev bond0
	at peer timeout 8 tcpdump -Z root -c 3 -lni br0 'arp and arp[14:4] = arp[24:4]' >/tmp/told 2>/dev/null &
	told=$!
	sleep 1
	cut_link peer p0
	wait_until 5 opt_is e1 bond0 active_slave
	held 2 true
	wait $told
	check "$KIND: three gratuitous ARPs, RTNL held in the middle" is 3 "$(wc -l </tmp/told)"
	ip link del bond0
	ip netns del peer
	wait_until 5 fails test -e "$NET/e0"

	# LACP goes on by itself.
	namespaces far
	wire far p0 e0 p1 e1
	quiet far
	bond bond0 mode=802.3ad lacp_rate=fast miimon=100
	must enslave bond0 e0 e1
	must ip link set bond0 up
	far_bond far bond p0,p1 lacp_rate=fast
	wait_until 20 all_send e0 e1 || bail "LACP does not come up"
	before="$(failures)$(<"$NET/bond0/carrier_changes")"
	held 10 sleep 9
	sleep 1
	check "$KIND 802.3ad: no port is lost in 10 s" is "${before}2" \
		"$(failures)$(<"$NET/bond0/carrier_changes")$(get_opt bond0 ad_num_ports)"
	check "$KIND 802.3ad: nor at the partner" far_sends far p0 p1
	ip link del bond0
	ip netns del far
	wait_until 5 fails test -e "$NET/e0"

	# Many devices go at once, and the mutex with them.
	namespaces peer
	cables peer p0:e0 p1:e1
	quiet peer
	must ip -n peer addr add 192.0.2.2/24 dev br0
	for i in {1..200}; do echo "link add dd$i group 7 type dummy"; done | ip -batch -
	bond bond0 mode=active-backup arp_interval=100 arp_ip_target=+192.0.2.2
	must enslave bond0 e0 e1
	must ip addr add 192.0.2.1/24 dev bond0
	must ip link set bond0 up
	wait_until 10 ping -c1 -W1 192.0.2.2 || bail "the target does not answer"
	sleep 3
	before=$(failures)
	ip link del group 7
	sleep 2
	check "$KIND: 200 devices go at once: no link fails" is "$before" "$(failures)"
	for i in 1 2 3 4; do
		for _ in {1..40}; do
			printf 'link add dd%s type dummy\nlink set dd%s up\nlink del dd%s\n' $i $i $i
		done | ip -batch - &
	done
	# shellcheck disable=SC2046 # one word a job
	wait $(jobs -p)
	check "$KIND: devices come and go: no link fails" is "$before" "$(failures)"
	ip link del bond0
	ip netns del peer
	wait_until 5 fails test -e "$NET/e0"
done

done_testing
