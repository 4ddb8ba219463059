#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 802.3ad beside native bonding: what is told at once and not at the next tick, what a lost link
# costs, and devices that have no speed.
# timeout: 300
# vm: --icount 3 --with python3

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"

[[ $KIND != bond ]] || skip_all "the kind under test is native bonding"
load_module
must modprobe bonding max_bonds=0
plan 10
quiet
namespaces peer
# The kernel passes a carrier event on at once if the device has an end of another number.
for _ in 1 2 3 4 5 6; do
	must ip link add number type dummy
	must ip link del number
done
wire peer p0 eth0 p1 eth1
quiet peer
native=bond

# bond_of KIND OPTION=VALUE... : bond0 of that kind, up.
bond_of() {
	local kind=$1
	shift
	KIND=$kind bond bond0 mode=802.3ad "$@"
	must ip link set bond0 up
}
below() { (($1 < $2)) || { echo "$1 is not below $2"; return 1; }; }

# A partner that has it wrong is to be told: how many ms pass until it is.
answers() {
	bond_of "$1" miimon=100
	must enslave bond0 eth0
	at peer "$LACP" ask p0 10
	ip link del bond0
}
ours=$(answers "$KIND")
theirs=$(answers $native)
echo "# a wrong idea is put right after ms, on average and at most: $ours, native $theirs"
check "a change is sent at once" below "${ours#* }" 20
check "native sends it at its next tick" below 50 "${theirs#* }"

# One of two links goes. Of 1000 frames that are sent right after that, how many arrive; and how
# many ms, at most, until the aggregator is one port less.
lose() {
	local busy other before start took max=0
	bond_of "$1" miimon=500 lacp_rate=fast
	must enslave bond0 eth0 eth1
	far_bond peer $native p0,p1
	must wait_until 20 far_sends peer p0 p1
	must wait_until 20 all_send eth0 eth1
	must wait_until 5 opt_is 2 bond0 ad_num_ports
	busy=p1 other=eth0
	[[ $(spread 100 bond0 eth0 eth1) != "10"?" "* ]] || busy=p0 other=eth1
	before=$(tx_of $other)
	must cut_link peer $busy
	flood bond0 1000
	grown "$before" "$(tx_of $other)"
	for _ in 1 2 3 4; do
		must mend_link peer $busy
		must wait_until 20 opt_is 2 bond0 ad_num_ports
		must cut_link peer $busy
		start=$(now_ms)
		while [[ $(<$NET/bond0/bonding/ad_num_ports) != 1 ]] && (($(now_ms) < start + 2000)); do
			:
		done
		took=$(($(now_ms) - start))
		max=$((took > max ? took : max))
	done
	echo $max
	ip link del bond0
	ip -n peer link del bond0
	ip -n peer link set p0 up
	ip -n peer link set p1 up
}
POLL=0.5
mapfile -t ours < <(lose "$KIND")
mapfile -t theirs < <(lose $native)
echo "# 1000 frames after a lost link: ${ours[0]} arrive, native ${theirs[0]}"
echo "# a lost link is out of the aggregator after ${ours[1]} ms at most, native ${theirs[1]} ms"
# LACPDUs are counted, too.
check "a lost link costs no frame" below 999 "${ours[0]}"
check "it is out of the aggregator at once" below "${ours[1]}" 50
check "native's is when miimon looks" below 50 "${theirs[1]}"

# Devices that do not tell a speed run LACP as full duplex; without a partner one of them is used.
speedless() {
	must ip link add dum0 type dummy
	must ip link add dum1 type dummy
	bond_of "$1" miimon=100
	must enslave bond0 dum0 dum1
	must wait_until 10 carrier_is bond0 1
	sleep 3
	echo "$(spread 100 bond0 dum0 dum1), $(cat $NET/dum{0,1}/bonding_slave/state | tr '\n' ' ')$(cat $NET/dum{0,1}/carrier | tr '\n' ' ')"
	[[ $1 == "$native" ]] || cat $NET/dum{0,1}/bonding_slave/ad_reason
	ip link del bond0
	ip link del dum0
	ip link del dum1
}
ours=$(speedless "$KIND")
theirs=$(speedless $native)
echo "# over devices without a speed: $theirs"
# carries_all TEXT : LACPDUs are counted, too.
carries_all() {
	local first second
	read -r first second _ <<<"$1"
	((first >= 100 && ${second%,} < 10)) || { echo "$1"; return 1; }
}
check "without a speed and a partner one port carries all" carries_all "$(head -n 1 <<<"$ours")"
check "as native has it" is "${theirs#*, }" "$(head -n 1 <<<"${ours#*, }")"
check "and the reason is that there is no partner" is "no_partner 6 no_partner 6" "$(tail -n 2 <<<"$ours" | paste -sd ' ')"

# What it does when its link goes and comes.
must ip link add dum0 type dummy
bond_of "$KIND" miimon=100
must enslave bond0 dum0
must wait_until 5 carrier_is bond0 1
must ip link set dum0 carrier off
check "its carrier goes: so does the bond's" wait_until 2 carrier_is bond0 0
must ip link set dum0 carrier on
check "it comes back: so does the bond's" wait_until 2 carrier_is bond0 1
ip link del bond0
ip link del dum0
done_testing
