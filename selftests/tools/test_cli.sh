#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The command `rustbond` on bonds of native bonding and of ours: `show --json` says what sysfs says, in
# each mode; --prometheus can be read; who is not root sees what the kernel lets him; what cannot be
# looked at is told in one line. What `why` finds is in test_why.sh.
# timeout: 600
# vm: --icount 3 --with python3,python3-prometheus-client,python3-pyte --in out/cli/rustbond:/tools/rustbond

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

load_module
both_kinds
quiet
namespaces far
quiet far
cables far p0:eth0 p1:eth1
MODES=(balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb)
# What is set in each, so that not all is as in a new bond.
declare -A SET=(
	[balance-rr]="miimon=200 packets_per_slave=7 resend_igmp=3"
	[active-backup]="arp_interval=250 arp_ip_target=+192.0.2.2 arp_ip_target=+192.0.2.3 arp_validate=active fail_over_mac=active"
	[balance-xor]="miimon=100 updelay=300 downdelay=200 xmit_hash_policy=layer3+4"
	[broadcast]="miimon=50 all_slaves_active=1 num_grat_arp=4"
	[802.3ad]="miimon=100 lacp_rate=fast min_links=1 ad_select=bandwidth ad_user_port_key=5 ad_actor_sys_prio=77 ad_actor_system=02:00:00:00:00:77 xmit_hash_policy=encap3+4"
	[balance-tlb]="miimon=100 tlb_dynamic_lb=0 primary_reselect=better"
	[balance-alb]="miimon=100 lp_interval=9 peer_notif_delay=300"
)
plan $((${#kinds[@]} * (${#MODES[@]} * 3 + 9) + 17))

# said BOND FILTER : of what --json says of a bond.
said() { $RUSTBOND show "$1" --json | jq -r ".bonds[0] | $2"; }

# same_options BOND : each option that has a file reads as the file does.
same_options() {
	local name value text status=0 number=0
	while IFS=$'\t' read -r name value; do
		[[ -e $NET/$1/bonding/$name ]] || continue
		number=$((number + 1))
		text=$(get_opt "$1" "$name")
		case $text in
		# A name and its number, or a list.
		*" "*) [[ $name == arp_ip_target ]] || text=${text% *} ;;
		esac
		[[ $value == "$text" ]] || { echo "$name: '$value', and in sysfs '$text'"; status=1; }
	done < <(said "$1" '.options | to_entries[] |
		[.key, (.value | if . == null then "" elif type == "array" then join(" ") else tostring end)] | @tsv')
	((number >= 20)) || { echo "$number options only"; return 1; }
	return $status
}

# same_bond BOND : so do the rest of it and its slaves.
same_bond() {
	local slave name value text want status=0 number=0
	want="$(dev_attr "$1" address) $(dev_attr "$1" mtu) $(dev_attr "$1" carrier) $(get_opt "$1" slaves)"
	is "$want" "$(said "$1" '"\(.address) \(.mtu) \(if .carrier then 1 else 0 end) \([.slaves[].name] | join(" "))"')" ||
		status=1
	while IFS=$'\t' read -r slave name value; do
		[[ -e $NET/$slave/$name ]] || continue
		number=$((number + 1))
		text=$(dev_attr "$slave" "$name")
		[[ $value == "$text" ]] || { echo "$slave: $name: '$value', and in sysfs '$text'"; status=1; }
	done < <(said "$1" '.slaves[] | .name as $slave | .port as $port | {
		address, mtu, speed, duplex, carrier_changes,
		"bonding_slave/state": .state, "bonding_slave/mii_status": .mii_status,
		"bonding_slave/link_failure_count": .link_failures,
		"bonding_slave/perm_hwaddr": .permanent_address, "bonding_slave/queue_id": .options.queue_id,
		"bonding_slave/ad_aggregator_id": $port.aggregator,
		"bonding_slave/ad_actor_oper_port_state": $port.actor_state,
		"bonding_slave/ad_partner_oper_port_state": $port.partner_state,
		"bonding_slave/ad_reason": (if $port.reason then "\($port.reason.word) \($port.reason.number)" else null end),
		"bonding_slave/ad_strays": $port.strays, "bonding_slave/ad_dropped": $port.dropped
		} | to_entries[] | [$slave, .key, (.value // "N/A" | tostring)] | @tsv')
	((number >= 2 * 13)) || { echo "$number readings only"; return 1; }
	return $status
}

# links_up_of BOND : both slaves, in its eyes.
links_up_of() {
	local slave
	for slave in eth0 eth1; do
		must wait_until 10 grep -qx up "$NET/$slave/bonding_slave/mii_status"
	done
}

# drawn MODE : the picture of b0 names mode and slaves.
drawn() {
	local picture
	picture=$($RUSTBOND show b0) || return
	[[ $picture == "b0  $1  up"* && $picture == *"+-"*" eth0 "* && $picture == *"\`-"*" eth1 "* ]] || {
		echo "$picture"
		return 1
	}
}

# same_counters BOND : no frame passes while it is asked, for the slaves have none to send.
same_counters() {
	local slave want
	for slave in eth0 eth1; do
		want="$(stat_of $slave tx_bytes) $(stat_of $slave rx_packets) $(stat_of $slave rx_dropped)"
		is "$want" "$(said "$1" ".slaves[] | select(.name == \"$slave\").traffic |
			\"\\(.tx_bytes) \\(.rx_packets) \\(.rx_dropped)\"")" || return
	done
}

# as_nobody CMD... : without any right.
as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all "$@"; }

# says STATUS LINE CMD... : for check: it ends with that status, says one line on stderr, and that is it.
says() {
	local status=0 want=$1 line=$2
	shift 2
	"$@" >/tmp/said 2>/tmp/complained || status=$?
	is "$want 1 $line" "$status $(wc -l </tmp/complained) $(cat /tmp/complained)" && is "" "$(cat /tmp/said)"
}

# readable : what --prometheus prints is OpenMetrics, and the older text format that the collector reads;
# and the sum of its samples' names is that of a bond with two slaves.
readable() {
	$RUSTBOND show --prometheus >/tmp/metrics
	python3 - /tmp/metrics <<-'END'
		import sys
		from prometheus_client import parser
		from prometheus_client.openmetrics import parser as openmetrics

		text = open(sys.argv[1]).read()
		new = set()
		for family in openmetrics.text_string_to_metric_families(text):
		    new |= {(s.name, tuple(sorted(s.labels.items())), s.value) for s in family.samples}
		old = set()
		for family in parser.text_string_to_metric_families(text):
		    old |= {(s.name, tuple(sorted(s.labels.items())), s.value) for s in family.samples}
		assert new == old, new ^ old
		assert len({name for name, _, _ in new}) >= 20, new
	END
}

# metric NAME LABELS : its value.
metric() { sed -nE "s/^$1\{$2\} //p" /tmp/metrics; }

for kind in "${kinds[@]}"; do
	for mode in "${MODES[@]}"; do
		read -r -a settings <<<"${SET[$mode]}"
		# balance-alb gives its slaves addresses.
		must ip link set eth0 address "$(mac_of 1)"
		must ip link set eth1 address "$(mac_of 2)"
		KIND=$kind bond b0 mode="$mode" "${settings[@]}"
		must enslave b0 eth0 eth1
		must ip link set b0 up
		case $mode in
		802.3ad) must wait_until 10 finds b0 no_partner ;;
		active-backup) must wait_until 10 finds b0 arp_silent ;;
		*) links_up_of b0 ;;
		esac
		check "$kind: $mode: the options are those of sysfs" same_options b0
		check "$kind: $mode: so is what is known of the slaves" wait_until 10 same_bond b0
		[[ $mode != balance-xor ]] || {
			check "$kind: counters, too" same_counters b0
			check "$kind: metrics can be read" readable
			check "$kind: and say what sysfs does" is \
				"$(stat_of eth1 tx_bytes) 1 10000" \
				"$(metric bond_slave_transmit_bytes_total 'bond="b0",slave="eth1"') $(metric bond_slave_used 'bond="b0",slave="eth0"') $(($(metric bond_slave_speed_bytes 'bond="b0",slave="eth0"') * 8 / 1000000))"
		}
		check "$kind: $mode: it can be drawn" drawn "$mode"
		must ip link del b0
	done
	must ip -n far link set p0 nomaster
	must ip -n far link set p1 nomaster
	far_bond far rustbond p0,p1
	KIND=$kind bond b0 mode=802.3ad miimon=100 lacp_rate=fast
	must enslave b0 eth0 eth1
	must ip link set b0 up
	check "$kind: LACP with a partner: nothing is wrong" wait_until 30 sound b0
	check "$kind: the partner's system is told" is "$(at far cat $NET/bond0/address)" "$(said b0 .aggregate.partner_mac)"
	check "$kind: and both ends of a port" is "61 63 2" "$(said b0 '.slaves[1].port | "\(.actor.state - .actor.state % 4 + 1) \(.partner.state) \(.partner.port)"')"
	check "$kind: who has no right is told the rest" is "2 null 802.3ad 63" \
		"$(as_nobody $RUSTBOND show b0 --json | jq -r '.bonds[0] | "\(.aggregate.ports) \(.slaves[0].port.partner) \(.options.mode) \(.slaves[0].port.partner_state)"')"
	check "$kind: and that nothing is wrong" as_nobody $RUSTBOND why b0
	check "$kind: the driver is named" is "$([[ $kind == bond ]] && echo bonding || echo rustbond)" "$(said b0 .driver.name)"
	must ip link del b0
	must ip -n far link del bond0
	must ip -n far -batch - <<<"link set p0 master br0 up"$'\n'"link set p1 master br0 up"
done
# --- watch
KIND=rustbond bond b0 mode=active-backup miimon=100
must enslave b0 eth0 eth1
must ip link set b0 up
watched() {
	./terminal.py $RUSTBOND watch --interval 0.5 <<-END >/tmp/watched
		see active-backup  up
		see eth1
		run ip -n far link set p0 down
		see b0: eth0 carrier down
		see b0: active slave eth0 -> eth1, because of
		run ip -n far link set p0 up
		see b0: eth0 link down -> up, because of its carrier
		run ip link set eth0 nomaster
		see b0: eth0 left the bond, by request
		print
		key q
		end
	END
}
check "watch draws the bond and tells what happens" watched
check "q ends it" is 0 "$(tail -n 1 /tmp/watched)"
check "it shows the bond" grep -q 'eth1 .*active' /tmp/watched
must ip link del b0
check "no bond" is "There are no bonds in this network namespace." "$($RUSTBOND show)"
check "no such bond" says 2 \
	"rustbond: there is no interface b9; there is no bond at all: ip link add b9 type bond makes one" $RUSTBOND show b9
KIND=rustbond bond b0 mode=active-backup
must enslave b0 eth0
check "no such bond, but others" says 2 "rustbond: there is no interface b9; the bonds here: b0" $RUSTBOND why b9
check "not a bond" says 2 "rustbond: lo is no bond (its kind is neither bond nor rustbond); the bonds here: b0" $RUSTBOND show lo
check "a slave" says 2 "rustbond: eth0 is no bond but a slave of b0: say b0" $RUSTBOND why eth0
check "no netlink" says 2 \
	"rustbond: cannot open a socket for rtnetlink: Address family not supported by protocol (os error 97); a sandbox may forbid it (systemd: RestrictAddressFamilies= has to hold AF_NETLINK)" \
	./no_netlink.py $RUSTBOND show
check "no terminal" says 2 "rustbond: watch needs a terminal: take 'rustbond show' to print, or 'ip monitor link'" $RUSTBOND watch
check "a pipe that is closed" eval "$RUSTBOND show --json | head -c 1 >/dev/null"
check "a full disk" says 2 "rustbond: cannot write what was found: No space left on device (os error 28); see where the output goes" \
	bash -c "$RUSTBOND show >/dev/full"
must ip link del b0
for module in bonding rustbond; do
	[[ ! -e /sys/module/$module ]] || must wait_until 10 modprobe -r $module
done
must modprobe rustbond drop_in=1 max_bonds=0
PROC=/proc/net/bonding
KIND=bond bond b0 mode=802.3ad miimon=100
must enslave b0 eth0 eth1
must ip link set b0 up
check "in the place of native bonding: the driver is named" is "bond rustbond" "$(said b0 '.kind + " " + .driver.name')"
check "in the place of native bonding: the options are those of sysfs" same_options b0
check "in the place of native bonding: what is wrong is found by the states" wait_until 20 finds b0 no_partner
must ip link del b0
KIND=bond bond b0 mode=active-backup
must enslave b0 eth0 eth1
must ip link set b0 up
check "in the place of native bonding: no monitor is needed" wait_until 10 sound b0
status=0
$RUSTBOND nonsense 2>/dev/null || status=$?
check "a wrong command line" is 2 "$status"
done_testing
