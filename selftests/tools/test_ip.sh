#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# iproute2 with the libraries for the kind rustbond: every option that `ip link help bond` names is taken
# for that kind, and printed as for native bonding; so are slaves; and the options that ip does not know.
# timeout: 300
# vm: --icount 3 --in out/cli/link_rustbond.so:/tools/link_rustbond.so --in out/cli/link_rustbond_slave.so:/tools/link_rustbond_slave.so

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/native.sh"

[[ $KIND == rustbond ]] || skip_all "only rustbond needs them"
[[ -e /tools/link_rustbond.so ]] || skip_all "there is no /tools/link_rustbond.so: run 'make cli'"
load_module
modinfo bonding >/dev/null 2>&1 || skip_all "there is no native bonding to compare with"
must modprobe bonding max_bonds=0
quiet
export IP_LIB_DIR=/tools

# What bonds are made with: each option at least once.
SETS=(
	"mode balance-rr miimon 100 packets_per_slave 5 resend_igmp 2 all_slaves_active 1"
	"mode active-backup miimon 100 updelay 200 downdelay 300 peer_notify_delay 400 num_grat_arp 3 primary_reselect better"
	"mode active-backup arp_interval 200 arp_ip_target 192.0.2.1,192.0.2.9 arp_validate all arp_all_targets all arp_missed_max 4 fail_over_mac follow num_unsol_na 7"
	"mode active-backup arp_interval 200 ns_ip6_target 2001:db8::1,2001:db8::2 use_carrier 1"
	"mode balance-xor miimon 50 xmit_hash_policy layer3+4"
	"mode broadcast miimon 100"
	"mode 802.3ad miimon 100 lacp_rate fast lacp_active off ad_select bandwidth min_links 2 ad_user_port_key 9 ad_actor_sys_prio 11 ad_actor_system 02:00:00:00:00:42 coupled_control off xmit_hash_policy vlan+srcmac"
	"mode balance-tlb miimon 100 tlb_dynamic_lb 0 lp_interval 4"
	"mode balance-alb miimon 100"
)
plan $((${#SETS[@]} * 2 + 20))

# printed DEV, printed_json DEV : of what ip says, what is about the bond or the slave, without what the
# two differ in: names, numbers, drawn addresses, and what ip has no words for.
printed() {
	ip -d link show "$1" | sed -E "1,2d; s/\b(rust)?bond(_slave)?\b/KIND\2/g; s/(broadcast_neighbor|lacp_strict|actor_port_prio) [a-z0-9]+ //g
		s/ad_partner_mac [0-9a-f:]+/ad_partner_mac/; s/(perm_hwaddr|active_slave|primary) [a-z0-9:]+/\1/g"
}
printed_json() {
	ip -d -j link show "$1" | jq -S ".[0].linkinfo | .$2 |
		del(.lacp_strict, .broadcast_neighbor, .actor_port_prio, .perm_hwaddr, .active_slave, .primary)"
}

# alike CMD ARGUMENT... : for check: it says the same of n0 as of r0.
alike() {
	local native ours
	native=$("$1" n0 "${@:2}") || return
	ours=$("$1" r0 "${@:2}") || return
	[[ -n $native ]] && is "$native" "$ours"
}

check "ip loads from where the package puts them" grep -q "/usr/lib/$(uname -m)-linux-gnu/ip" "$(command -v ip)"
for options in "${SETS[@]}"; do
	read -r -a words <<<"$options"
	must ip link add n0 type bond "${words[@]}"
	check "made: $options" ip link add r0 type rustbond "${words[@]}"
	check "and printed as for native, in text and in JSON" eval "alike printed && alike printed_json info_data"
	must ip link del n0
	ip link del r0
done

# unused : the options that the help names and no set has.
unused() {
	local word
	ip link help bond 2>&1 | grep -oE '\[ [a-z_0-9]+ ' | tr -d '[ ' | sort -u | while read -r word; do
		case $word in
		# With slaves, below.
		active_slave | clear_active_slave | primary | clear_primary) continue ;;
		esac
		[[ " ${SETS[*]} " == *" $word "* ]] || echo "$word"
	done
}
check "no option is left out" is "" "$(unused)"
count_words() { ip link help bond 2>&1 | grep -oE '\[ [a-z_0-9]+ ' | wc -l; }
check "the help names them" test "$(count_words)" -ge 28
check "and that of rustbond names them, too" test "$(ip link help rustbond 2>&1 | grep -oE '\[ [a-z_0-9]+ ' | wc -l)" -gt "$(count_words)"

# --- slaves
for side in n:bond r:rustbond; do
	name=${side%:*}0 kind=${side#*:}
	must ip link add "$name" type "$kind" mode active-backup miimon 100
	for slave in a b; do
		must ip link add "${name::1}$slave" type dummy
		must ip link set "${name::1}$slave" master "$name"
	done
	must ip link set "$name" up
done
check "primary" ip link set r0 type rustbond primary rb
check "active_slave" ip link set r0 type rustbond active_slave ra
check "both are printed" is "ra rb" "$(field r0 '.linkinfo.info_data | .active_slave + " " + .primary')"
check "clear_active_slave" ip link set r0 type rustbond clear_active_slave
must ip link set n0 type bond primary nb
must ip link set n0 type bond active_slave na
must ip link set n0 type bond clear_active_slave
must ip link set na type bond_slave queue_id 3 prio 5
check "queue_id and prio of a slave" ip link set ra type rustbond_slave queue_id 3 prio 5
slave_alike() { is "$(printed na)" "$(printed ra)" && is "$(printed_json na info_slave_data)" "$(printed_json ra info_slave_data)"; }
check "the slave is printed as native's" slave_alike
check "and so it is set" is "3 5" "$(field ra '.linkinfo.info_slave_data | "\(.queue_id) \(.prio)"')"
must ip link del n0
must ip link del r0

# --- what ip has no words for
check "lacp_strict, broadcast_neighbor, ad_select actor_port_prio" \
	ip link add r0 type rustbond mode 802.3ad lacp_strict on miimon 100 ad_select actor_port_prio broadcast_neighbor on
check "they are printed" is "on on" "$(field r0 '.linkinfo.info_data | .lacp_strict + " " + .broadcast_neighbor')"
check "and in text" grep -q ' lacp_strict on' <(ip -d link show r0)
check "ad_select is set" reads "actor_port_prio 3" "$NET/r0/bonding/ad_select"
must ip link set ra master r0
check "actor_port_prio of a slave" ip link set ra type rustbond_slave actor_port_prio 77
check "it is printed" is 77 "$(field ra .linkinfo.info_slave_data.actor_port_prio)"

# --- wrong input
check "a value that there is not" refuses 'must be "on" or "off"' ip link set r0 type rustbond lacp_strict perhaps
check "and one of an option that ip knows" refuses 'invalid mode' ip link add r1 type rustbond mode nonsense
must ip link del r0
unset IP_LIB_DIR
check "without the libraries ip takes none" refuses 'mode' ip link add r0 type rustbond mode active-backup
done_testing
