#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# LACPDUs of another system on the links, beside those of the partner: nothing is lost, whoever the
# partner is; they are counted, logged once, and those of a VLAN are none.
# timeout: 500
# vm: --icount 3 --with python3,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/pairs.sh"

[[ $KIND == rustbond ]] || skip_all "native bonding takes any LACPDU for its partner's"
load_module
must modprobe bonding max_bonds=0
need teamd teamdctl
POLL=0.3
LINES=("1.0 p0,p1" "1.8 p0,p1" "1.0 p0" "5 p0,p1" "0.1 p0,p1")
plan 31

declare -A native=()
across_well() { across 1 4 && ((GOT == SENT)); }
# pair OURS PARTNER : all lines. What native bonding gets across with itself is the measure.
pair() {
	local line gap devs
	links 2
	ours_of "$1" 2
	partner_start "$2" 2
	# Native bonding as the receiver blocks all ports for some seconds before it is in sync.
	must wait_until 40 far_sends a s0 s1
	sleep 10
	must wait_until 40 across_well
	for line in "${LINES[@]}"; do
		read -r gap devs <<<"$line"
		across 6 4 "stray=$gap:m:$devs"
		if [[ $1 == bond ]]; then
			native[$line]=$GOT
			echo "# native with native, a stray each $gap s on $devs: $GOT of $SENT, hole $HOLE ms"
			must wait_until 40 across_well
			continue
		fi
		echo "# with $2, a stray each $gap s on $devs: $GOT of $SENT, hole $HOLE ms"
		check "with $2, a stray each $gap s on $devs: nothing is lost" at_least "$SENT"
		((GOT == SENT)) || must wait_until 40 across_well
	done
}
pair bond bond
unlink
for partner in teamd ovs bond; do
	pair "$KIND" $partner
	unlink
done
dmesg -C
pair "$KIND" "$KIND"
check "native loses some: the strays were there" test "${native["1.8 p0,p1"]}" -lt 1200

strays() { at a cat /sys/class/net/s0/bonding_slave/ad_strays; }
dropped() { at a cat /sys/class/net/s0/bonding_slave/ad_dropped; }
check "they are counted" test "$(strays)" -ge 20
check "/proc says it" is "$(strays)" "$(at a cat /proc/net/rustbond/bond0 | sed -n 's/^AD Strays: //p' | head -n 1)"
told() { dmesg | grep -c "slave $1.: LACPDUs of another system, 02:00:00:00:0e:09, are ignored"; }
check "the log says it once for each port" is "1 1" "$(told s0) $(told s1)"

before=$(strays)
pdu=01010114000102000000$(printf '0e09')0007000100013f0000000214$(printf '0%.0s' {1..36})0310$(printf '0%.0s' {1..132})
frame() { printf '0180c20000020200000061008100%s8809%s' "$1" "$pdu"; }
tagged() { at m "$ACROSS" raw p0 "$(frame "$1")"; }
check "of a VLAN: sent" tagged 0005
sleep 1
check "of a VLAN: it is no LACPDU" is "$before" "$(strays)"
check "with a priority tag: sent" tagged 6000
sleep 1
check "with a priority tag: it is one" is $((before + 1)) "$(strays)"

before=$(dropped)
at m "$ACROSS" raw p0 "$(frame 6000)" 200
sleep 1
many() { local n=$(($(dropped) - before)); ((n >= 180)) || { echo "$n dropped"; return 1; }; }
check "200 at once: most are dropped, and counted" many
check "and nothing is lost" across_well

# Another partner on both wires, and no carrier is lost.
ip -n b link set bond0 address 02:00:00:00:0b:77
partner_of_a() { [[ $(at a cat /sys/class/net/bond0/bonding/ad_partner_mac) == 02:00:00:00:0b:77 ]]; }
check "a partner that has changed is followed" wait_until 2 partner_of_a
unlink
wait_until 10 modprobe -r team_mode_loadbalance team_mode_roundrobin team
done_testing
