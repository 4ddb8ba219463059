#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In the place of native bonding the log says native's lines for native's events: the same stories are
# told on both, and what each step has left in the log has to be alike. Lines of our own may stand
# beside: for what native has no line for.
# vm: --with python3 --icount 3
# timeout: 400

# shellcheck disable=SC2016,SC2086,SC2034 # the steps are expanded when they are done
. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to compare it with"
for module in rustbond bonding; do
	modinfo "$module" >/dev/null 2>&1 || skip_all "the guest has no module $module"
done
need python3 ethtool
PROC=/proc/net/bonding MASTERS=$NET/bonding_masters
plan 76
modprobe tun 2>/dev/null
quiet
kept=$(mktemp -d)

# What of ours stands beside native's lines.
OURS='LACP|aggregator|carries no traffic|receives (only|and transmits)|carrier (on|off)'
OURS+='|arp_missed_max|(updelay|downdelay).*excludes'

# What comes when it comes: a bond without a partner may change its aggregator, or not.
THEIRS='^-'

# What native says where it is asked for more only (dynamic debug).
OURS+='|ARP monitoring cannot be used with|MII monitoring cannot be used with|Setting MII monitoring interval'

# lines : what the log has of bonds since it was emptied, less times and what the devices below say.
lines() {
	dmesg | sed -nE '/bond[0-9]+[ :]|bonding: |(Warning|Error): |param |Forcing|In ALB mode|^[^ ]* *[^ ]*(MII|ARP).* monitoring|arp_validate requires|MII link/!d
		s/^\[ *[0-9.]+\] //
		/entered (promiscuous|allmulticast) mode|left (promiscuous|allmulticast) mode|8021q/d
		s/(after|earlier|active one) [0-9]+ ms/\1 N ms/
		p' | sed -E 's/^(bonding: )Ethernet Channel.*//; /^$/d'
}
# step TEXT WANT CMD... : what is done, and what is to come about; a point when told a second time.
step() {
	local text=$1 want=$2 file
	shift 2
	step=$((step + 1)) file=$kept/$step
	dmesg -C
	"$@" >/dev/null 2>&1
	wait_until 10 eval "$want" >/dev/null || bail "$side: $text: $want"
	sleep 0.3
	if [[ $side == native ]]; then
		lines | grep -vE "$THEIRS" >"$file"
	else
		lines | grep -vE "$THEIRS|$OURS" >"$file.ours"
		check "$text" diff "$file" "$file.ours"
	fi
}
# heard TEXT WANT LINE CMD... : the same, of a line that comes when it comes, and maybe again.
heard() {
	local text=$1 want=$2 line=$3 file
	shift 3
	step=$((step + 1)) file=$kept/$step
	dmesg -C
	"$@" >/dev/null 2>&1
	wait_until 10 eval "$want" >/dev/null || bail "$side: $text: $want"
	told() { lines | grep -q "$line"; }
	if [[ $side == native ]]; then
		must wait_until 5 told
		lines | grep "$line" | sort -u >"$file"
	else
		wait_until 5 told
		lines | grep "$line" | sort -u >"$file.ours"
		check "$text" diff "$file" "$file.ours"
	fi
}
load() {
	case $side in
	native) modprobe bonding max_bonds=0 "$@" ;;
	rustbond) modprobe rustbond drop_in=1 max_bonds=0 "$@" ;;
	esac
}
unload() { wait_until 5 modprobe -r "$([[ $side == native ]] && echo bonding || echo rustbond)"; }
up() { status_is bond0 "$1" up; }
gone() { status_is bond0 "$1" down; }
loaded() { [[ -e $MASTERS ]]; }
unloaded() { [[ ! -e $MASTERS ]]; }
set_by_ip() { ip link set bond0 type bond "$@"; }
made() { # MODE OPTION=VALUE...
	local setting
	ip link add bond0 type bond mode "$1"
	for setting in "${@:2}"; do
		set_opt bond0 "${setting%%=*}" "${setting#*=}"
	done
	enslave bond0 eth0 eth1
	ip link set bond0 up
}
unmade() { [[ ! -e $NET/bond0 ]]; }
halved() {
	ip link add bond0 type bond mode 802.3ad miimon 50
	enslave bond0 t0
	ip link set bond0 up
}
# Where nobody can be asked, nobody is lost.
addressed() { made "$@"; ip addr add 192.0.2.2/24 dev bond0; }

parameters() {
	local given
	for given in "miimon=100 updelay=150 downdelay=-3 xmit_hash_policy=layer3+4 lacp_rate=fast ad_select=count fail_over_mac=1" \
		"mode=balance-alb tx_queues=0 resend_igmp=300 packets_per_slave=-1 num_grat_arp=256 lp_interval=0 all_slaves_active=2" \
		"miimon=100 arp_interval=200 arp_ip_target=192.0.2.1" "updelay=100 downdelay=200" "mode=broadcast primary=eth0 miimon=100" \
		"arp_interval=100 arp_ip_target=192.0.2.1,192.0.2.1" "arp_interval=100 arp_ip_target=x"; do
		# shellcheck disable=SC2086 # several parameters
		step "loaded with $given" loaded load $given
		unload
	done
	for given in mode=nonsense "mode=4 lacp_rate=x" use_carrier=0 arp_validate=all; do
		# shellcheck disable=SC2086 # several parameters
		step "not loaded with $given" unloaded load $given
	done
}

options() {
	step "bonding_masters: made" '[[ -e $NET/bond0 ]]' put $MASTERS +bond0
	step "made twice" true put $MASTERS +bond0
	step "no command" true put $MASTERS bond1
	step "removed, and there is none" true put $MASTERS -bond1
	step "a mode that is none" true set_opt bond0 mode nonsense
	step "by number" true set_opt bond0 mode 9
	step "active-backup" true set_opt bond0 mode active-backup
	step "an option of another mode" true set_opt bond0 lacp_rate fast
	step "by netlink" true set_by_ip lacp_rate fast
	step "out of range" true set_opt bond0 miimon -1
	step "by netlink, another" true set_by_ip resend_igmp 256
	step "no number" true set_opt bond0 resend_igmp many
	step "a delay without miimon" true set_opt bond0 updelay 100
	step "a delay that is rounded" true eval 'set_opt bond0 miimon 50; set_opt bond0 updelay 120'
	step "and one by netlink" true set_by_ip downdelay 70
	step "a target that is none" true set_opt bond0 arp_ip_target +255.255.255.255
	step "no address" true set_opt bond0 arp_ip_target x
	step "no command for it" true set_opt bond0 arp_ip_target 192.0.2.1
	step "a target" true set_opt bond0 arp_ip_target +192.0.2.1
	step "twice" true set_opt bond0 arp_ip_target +192.0.2.1
	step "one that is not there is removed" true set_opt bond0 arp_ip_target -192.0.2.9
	step "the active slave is nobody" true set_opt bond0 active_slave nobody
	step "is not a slave" true set_opt bond0 active_slave eth0
	step "a slave that there is not" true set_opt bond0 slaves +nobody
	step "no command for slaves" true set_opt bond0 slaves eth0
	step "a slave that is up" true eval 'ip link set eth0 up; set_opt bond0 slaves +eth0; ip link set eth0 down'
	step "the bond itself" true set_opt bond0 slaves +bond0
	must set_opt bond0 updelay 0
	must set_opt bond0 downdelay 0
	step "by sysfs" 'opt_is eth0 bond0 slaves' set_opt bond0 slaves +eth0
	step "again" true set_opt bond0 slaves +eth0
	step "an option that slaves forbid" true set_opt bond0 fail_over_mac active
	step "by netlink, too" true set_by_ip fail_over_mac active
	step "an option that being up forbids" true eval 'ip link set bond0 up; set_opt bond0 mode balance-rr'
	step "prio with a primary" true eval 'set_opt bond0 primary eth0; ip link set eth0 type bond_slave prio 5'
	step "released" 'opt_is "" bond0 slaves' set_opt bond0 slaves -eth0
	step "removed" unmade put $MASTERS -bond0
}

failover() {
	step "active-backup with two slaves" 'up eth0 && up eth1' made active-backup miimon=50
	step "the active link is cut" 'active_is bond0 eth1' cut_link switch p0
	step "the other, too" 'carrier_is bond0 0' cut_link switch p1
	step "one comes back" 'carrier_is bond0 1' mend_link switch p0
	step "and the other" 'up eth1' mend_link switch p1
	step "the user chooses" 'active_is bond0 eth1' set_opt bond0 active_slave eth1
	must set_opt bond0 downdelay 200
	must set_opt bond0 updelay 200
	step "downdelay: lost and back" 'up eth0' eval 'cut_link switch p0; sleep 0.1; mend_link switch p0'
	step "lost" 'gone eth0' cut_link switch p0
	step "updelay: back and lost" 'gone eth0' eval 'mend_link switch p0; sleep 0.1; cut_link switch p0'
	step "back" 'up eth0' mend_link switch p0
	step "one that is down is chosen" 'active_is bond0 eth1' eval 'cut_link switch p0; sleep 0.3; set_opt bond0 active_slave eth0; mend_link switch p0'
	step "the active slave is released" 'opt_is eth0 bond0 slaves && up eth0' ip link set eth1 nomaster
	step "the bond goes" unmade ip link del bond0
}
spread() {
	local mode
	for mode in balance-rr balance-tlb; do
		step "$mode" 'up eth0 && up eth1' made $mode miimon=50
		step "$mode: both are cut" 'carrier_is bond0 0' eval 'cut_link switch p0; sleep 0.2; cut_link switch p1'
		step "$mode: both come back" 'up eth0 && up eth1' eval 'mend_link switch p0; sleep 0.2; mend_link switch p1'
		step "$mode: goes" unmade ip link del bond0
	done
	THEIRS='active interface|No 802.3ad response|active aggregator'
	heard "802.3ad: half duplex" 'up t0' "No 802.3ad response" halved
	must ip link del bond0
	step "802.3ad" 'up eth0 && up eth1' made 802.3ad miimon=50
	step "802.3ad: one is cut" 'gone eth0' cut_link switch p0
	step "802.3ad: and back" 'up eth0' mend_link switch p0
	step "802.3ad: goes" unmade ip link del bond0
	THEIRS='^-'
}
watched() {
	step "ARP" 'up eth0' addressed active-backup arp_interval=100 arp_ip_target=+192.0.2.1 arp_validate=all
	step "ARP: nobody answers" 'carrier_is bond0 0' ip -n switch addr flush dev br0
	step "ARP: the last target goes" true set_opt bond0 arp_ip_target -192.0.2.1
	step "ARP: goes" unmade ip link del bond0
	must ip -n switch addr add 192.0.2.1/24 dev br0
}

python3 -IS "${BASH_SOURCE[0]%/*}/../lib/tap.py" cable t0 t1 >"$kept/cable" &
cable=$!
must wait_until 10 grep -q ready "$kept/cable"
must ethtool -s t0 speed 100 duplex half
must ip link set t1 up
for side in native rustbond; do
	step=0
	parameters
	must load
	namespaces switch
	quiet switch
	cables switch p0:eth0 p1:eth1
	must ip -n switch addr add 192.0.2.1/24 dev br0
	options
	failover
	spread
	watched
	must unload
	ip link del eth0
	ip link del eth1
	must ip netns del switch
done
kill $cable
done_testing
