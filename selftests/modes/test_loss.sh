#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What is lost when the carrier of the slave that sends goes, while the kernel's packet generator
# sends 100000 frames a second: ours, and native bonding in the same run. The slaves are dummies,
# whose counters are exact: what a slave was handed after its carrier had gone, or what no slave
# was handed at all, is lost.
# vm: --icount 1
# timeout: 150

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

modprobe -a pktgen dummy 2>/dev/null || skip_all "the guest has no pktgen or no dummy"
load_module
quiet
both_kinds
FLIGHTS=("active-backup 100" "active-backup 10" "balance-xor 100" "balance-xor 10" "balance-rr 100"
	"balance-tlb 100" "balance-alb 100")
plan $((${#FLIGHTS[@]} * (1 + ${#kinds[@]})))

PGEN=/proc/net/pktgen RATE=100000
pg() { echo "$2" >"$PGEN/$1"; }
# What a bond says it has dropped counts as an error there.
sent_so_far() { sed -nE 's/.*pkts-sofar: ([0-9]+) +errors: ([0-9]+).*/\1 + \2/p' "$PGEN/bond0"; }
packets() { read -r "$2" <"$NET/$1/statistics/tx_packets"; }

# fly KIND MODE MIIMON : sets `rate`, in frames a second before the cut, `later`, how many were
# sent after it, and `lost`.
fly() {
	local setting start first victim=dummy0 other=dummy1 atmost atleast rest end total begin
	must ip link add bond0 type "$1"
	must set_opt bond0 mode "$2"
	must set_opt bond0 miimon "$3"
	must ip link add dummy0 type dummy
	must ip link add dummy1 type dummy
	must enslave bond0 dummy0 dummy1
	must ip link set bond0 up
	must wait_until 10 carrier_is bond0 1
	sleep 0.3
	must pg kpktgend_0 rem_device_all
	must pg kpktgend_0 "add_device bond0"
	for setting in "count 0" "ratep $RATE" "pkt_size 60" "dst_mac 02:00:00:00:00:02" \
		"dst 192.0.2.2" "clone_skb 0"; do
		must pg bond0 "$setting"
	done
	pg pgctrl start &
	sleep 0.1
	begin=$(now_us)
	packets dummy0 start
	packets dummy1 first
	sleep 0.1
	packets dummy0 atleast
	rate=$(((atleast - start) * 1000000 / ($(now_us) - begin)))
	if ((atleast == start)); then
		victim=dummy1 other=dummy0
		packets dummy1 atleast
		rate=$(((atleast - first) * 1000000 / ($(now_us) - begin)))
	fi
	packets "$victim" atleast
	echo 0 >"$NET/$victim/carrier"
	packets "$victim" atmost
	sleep 0.25
	must pg pgctrl stop
	wait $!
	total=$(($(sent_so_far)))
	packets "$other" rest
	must pg kpktgend_0 rem_device_all
	packets "$victim" end
	later=$((total - atmost)) lost=$((total - rest - atmost))
	echo "# $2, miimon $3, $1: $rate frames a second; when $victim lost its carrier it had been" \
		"handed $atleast to $atmost, and $((end - atmost)) after that; $lost of $total frames lost"
	must ip link del bond0
	must ip link del dummy0
	must ip link del dummy1
}

for flight in "${FLIGHTS[@]}"; do
	read -r mode miimon <<<"$flight"
	fly "$KIND" "$mode" "$miimon"
	ours=$lost
	check "$mode, miimon $miimon: frames are sent, before and after" test "$rate" -ge 35000 -a "$later" -ge 10000
	# One may have been in its hands just then.
	check "$mode, miimon $miimon: no frame is lost" test "$ours" -le 1
	[[ ${#kinds[@]} == 2 ]] || continue
	fly bond "$mode" "$miimon"
	if [[ $mode == active-backup ]]; then
		check "$mode, miimon $miimon: native bonding loses some" test "$lost" -gt "$ours"
	else
		check "$mode, miimon $miimon: native bonding loses no less" test "$lost" -ge "$ours"
	fi
done
done_testing
