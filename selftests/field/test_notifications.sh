#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the rest of the kernel is told of a bond and its slaves, in nine stories, beside the kernel's own
# bonding: the same events of each device in the same order. CHANGELOWERSTATE and FEAT_CHANGE come no
# more often than there. Where ours are others, `better` says why.
# vm: --icount 3
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/spy.sh"

load_module
modprobe veth 2>/dev/null
quiet
both_kinds
[[ ${#kinds[@]} == 2 ]] || skip_all "the guest has no bonding to be compared with"
spy bond0
settings=("active-backup" "active-backup fail_over_mac=active" "balance-rr" "802.3ad")
stories=("the first slave joins" "the bond goes up" "the second slave joins" "a link is cut" "it is mended"
	"the MTU changes" "the active slave leaves" "the last slave leaves" "the bond goes, with a slave")
plan $((${#settings[@]} * ${#stories[@]}))

# better SETTINGS STORY EVENT... : what ours says more (+) or less (-), as "+bond0 RESEND_IGMP".
better() {
	case "$1: $2" in
	# The far end of any link may have been the one that knew who listens.
	"balance-rr: it is mended") echo "+bond0 RESEND_IGMP" ;;
	# There is no slave to send a report by.
	"balance-rr: the last slave leaves") echo "-bond0 RESEND_IGMP" ;;
	esac
}

out=/tmp/stories.$$
mkdir -p $out
# story NAME CMD... : what is told while it runs, and shortly after.
story() {
	local name=$1
	shift
	spy s0 s1 bond0
	"$@" || bail "failed: $*"
	sleep 0.6
	spied >"$out/$KIND.$setting.$name"
}

tell_stories() {
	local i words
	read -r -a words <<<"$setting"
	for i in 0 1; do
		must ip link add "s$i" address "$(mac_of "$i")" type veth peer name "p$i"
		must ip link set "p$i" up
	done
	bond bond0 "mode=${words[0]}" miimon=100 "${words[@]:1}"
	story "the first slave joins" ip link set s0 master bond0
	story "the bond goes up" ip link set bond0 up
	story "the second slave joins" ip link set s1 master bond0
	story "a link is cut" ip link set p0 down
	story "it is mended" ip link set p0 up
	story "the MTU changes" ip link set bond0 mtu 1400
	story "the active slave leaves" ip link set s1 nomaster
	story "the last slave leaves" ip link set s0 nomaster
	must ip link set s0 master bond0
	sleep 0.6
	story "the bond goes, with a slave" ip link del bond0
	must ip link del s0
	must ip link del s1
}

# read_story FILE : sets `events` to what each device was told of that has happened, in its order, and
# `counts` to how often the rest came.
declare -A events counts
read_story() {
	local dev event
	events=() counts=([failover]=0)
	while read -r dev event; do
		case $event in
		CHANGELOWERSTATE | FEAT_CHANGE)
			counts[$dev $event]=$((${counts[$dev $event]:-0} + 1))
			# Who acts upon a failover finds the slaves as they are after it.
			[[ $event == FEAT_CHANGE || -z ${counts[over]:-} ]] || counts[failover]=1
			;;
		BONDING_INFO | XDP_FEAT_CHANGE) ;;
		*)
			[[ $event != BONDING_FAILOVER ]] || counts[over]=1
			events[$dev]+="$dev $event"$'\n'
			;;
		esac
	done <"$1"
}

# alike STORY : for check.
alike() {
	local native="$out/bond.$setting.$1" ours="$out/${kinds[0]}.$setting.$1" dev line status=0 n m
	local -A wanted=() natives=()
	read_story "$native"
	for dev in bond0 s0 s1; do
		wanted[$dev]=${events[$dev]:-}
		for line in "$dev CHANGELOWERSTATE" "$dev FEAT_CHANGE"; do
			natives[$line]=${counts[$line]:-0}
		done
	done
	while IFS= read -r line; do
		dev=${line%% *} dev=${dev#[+-]}
		case $line in
		+*) wanted[$dev]+="${line#+}"$'\n' ;;
		-*) wanted[$dev]=${wanted[$dev]/"${line#-}"$'\n'/} ;;
		esac
	done < <(better "$setting" "$1")
	read_story "$ours"
	for dev in bond0 s0 s1; do
		is "${wanted[$dev]}" "${events[$dev]:-}" || status=1
		n=${natives[$dev CHANGELOWERSTATE]} m=${counts[$dev CHANGELOWERSTATE]:-0}
		((m <= n && (n == 0) == (m == 0))) || { echo "$dev CHANGELOWERSTATE: $m, native's $n"; status=1; }
		n=${natives[$dev FEAT_CHANGE]} m=${counts[$dev FEAT_CHANGE]:-0}
		((m <= n)) || { echo "$dev FEAT_CHANGE: $m, native's $n"; status=1; }
	done
	((counts[failover] == 0)) || { echo "a slave's state is told after the failover"; status=1; }
	((status == 0)) || paste "$native" "$ours"
	return $status
}

for KIND in "${kinds[@]}"; do
	for setting in "${settings[@]}"; do
		tell_stories
	done
done
for setting in "${settings[@]}"; do
	for name in "${stories[@]}"; do
		check "$setting: $name" alike "$name"
	done
done
spy_ends
rm -r $out
done_testing
