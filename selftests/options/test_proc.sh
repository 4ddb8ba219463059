#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# /proc/net/rustbond/<bond>, and the files in bonding/: to the byte as native bonding has them.
# vm: --icount 3
# timeout: 300

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
quiet
plan 24

# Pairs of devices with the same names and addresses for either kind, cabled within a
# namespace of its own, which is made by `world`.
world() { # NAMESPACE
	local ns=$1 i
	must ip netns add "$ns"
	_namespaces+=("$ns")
	for i in 0 1; do
		must ip -n "$ns" link add "eth$i" address "$(mac_of $((i + 1)))" type veth peer name "far$i"
		must ip -n "$ns" link set "far$i" up
	done
}
# text NAMESPACE KIND : the file in /proc without the title.
text() { at "$1" sed 1d "/proc/net/$2/bond0"; }
folder() { if [[ $1 == bond ]]; then echo bonding; else echo "$1"; fi; }

# golden NAME : for check: compares what stands in PROC with what stands on stdin.
golden() {
	diff -u - <(sed 1d "$PROC/bond0")
}

must ip link add eth0 address "$(mac_of 1)" type veth peer name far0
must ip link add eth1 address "$(mac_of 2)" type veth peer name far1
must ip link set far0 up
must ip link set far1 up
bond bond0

check "the title" grep -qE '^(Rust )?Ethernet Channel Bonding Driver: v[0-9.a-z+-]+$' <(head -n 1 $PROC/bond0)
check "balance-rr without slaves" golden <<'END'

Bonding Mode: load balancing (round-robin)
MII Status: down
MII Polling Interval (ms): 0
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0
END
must set_opt bond0 mode active-backup
must set_opt bond0 miimon 100
must set_opt bond0 updelay 200
must set_opt bond0 downdelay 300
must set_opt bond0 peer_notif_delay 400
must set_opt bond0 primary eth0
must enslave bond0 eth0 eth1
must ip link set bond0 up
links_up bond0 eth0 eth1
check "active-backup with slaves" golden <<'END'

Bonding Mode: fault-tolerance (active-backup)
Primary Slave: eth0 (primary_reselect always)
Currently Active Slave: eth0
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 200
Down Delay (ms): 300
Peer Notification Delay (ms): 400

Slave Interface: eth0
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 02:00:00:00:0a:01
Slave queue ID: 0

Slave Interface: eth1
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 02:00:00:00:0a:02
Slave queue ID: 0
END
must ip link set far0 down
must wait_until 5 status_is bond0 eth0 down
check "with a dead link" golden <<'END'

Bonding Mode: fault-tolerance (active-backup)
Primary Slave: eth0 (primary_reselect always)
Currently Active Slave: eth1
MII Status: up
MII Polling Interval (ms): 100
Up Delay (ms): 200
Down Delay (ms): 300
Peer Notification Delay (ms): 400

Slave Interface: eth0
MII Status: down
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 1
Permanent HW addr: 02:00:00:00:0a:01
Slave queue ID: 0

Slave Interface: eth1
MII Status: up
Speed: 10000 Mbps
Duplex: full
Link Failure Count: 0
Permanent HW addr: 02:00:00:00:0a:02
Slave queue ID: 0
END
must ip link set bond0 name trunk
check "another name: another file" test -e $PROC/trunk
check "and not the old one" fails test -e $PROC/bond0
must ip link set trunk name bond0
must ip link set bond0 down
check "it can be read while the bond is down" grep -q "^MII Status: " $PROC/bond0
exec 9<$PROC/bond0
must ip link del bond0
check "the bond goes: so does the file" fails test -e $PROC/bond0
check "a reader that has it open gets nothing any more, or an error" bash -c '! grep -q Bonding <&9'
exec 9<&-
bond bond0
check "a new bond has it anew" golden <<'END'

Bonding Mode: load balancing (round-robin)
MII Status: down
MII Polling Interval (ms): 0
Up Delay (ms): 0
Down Delay (ms): 0
Peer Notification Delay (ms): 0
END
must ip link del bond0

# The same set-up with either kind, side by side.
if [[ $KIND == bond ]] || ! modprobe bonding max_bonds=0; then
	for mode in rr ab xor bc 3ad tlb alb; do
		ktap_test_skip "compared in mode $mode: there is not both kinds"
		ktap_test_skip "files compared in mode $mode: there is not both kinds"
	done
	done_testing
fi
world ours
world theirs
# make NAMESPACE KIND MODE SETTING... : a bond with two slaves, the second without a carrier.
make() {
	local ns=$1 kind=$2 mode=$3
	shift 3
	must ip -n "$ns" link set eth0 down
	must ip -n "$ns" link set eth1 down
	must ip -n "$ns" link set far1 up
	must ip -n "$ns" link add bond0 address 02:00:00:00:00:42 type "$kind"
	# shellcheck disable=SC2016 # the inner shell is to expand these
	must at "$ns" bash -c '
		cd /sys/class/net/bond0/bonding || exit
		for setting; do
			echo "${setting#*=}" >"${setting%%=*}" || exit
		done' settings "mode=$mode" "$@"
	must ip -n "$ns" link set eth0 master bond0
	must ip -n "$ns" link set eth1 master bond0
	must ip -n "$ns" link set bond0 up
	must wait_until 10 at "$ns" bash -c "(( \$(grep -c '^MII Status: up' /proc/net/$(folder "$kind")/bond0) == 3 ))"
	must ip -n "$ns" link set far1 down
	must wait_until 10 at "$ns" bash -c "(( \$(grep -c '^MII Status: down' /proc/net/$(folder "$kind")/bond0) == 1 ))"
}
files() {
	# shellcheck disable=SC2016 # the inner shell is to expand these
	at "$1" bash -c 'cd /sys/class/net/bond0/bonding && for f in *; do echo "$f: <$(cat "$f" 2>&1)>"; done'
}
compare() {
	diff -u <("$1" theirs bonding) <("$1" ours "$(folder "$KIND")" | grep -vE "^($OUR_FILES|AD Reason|AD Strays|AD Dropped): ")
}
for mode in balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb; do
	settings=(miimon=100 updelay=200 downdelay=100)
	case $mode in
	active-backup) settings+=(fail_over_mac=active primary=eth0 primary_reselect=failure num_grat_arp=3) ;;
	balance-xor) settings+=(xmit_hash_policy=layer3+4 min_links=1) ;;
	balance-rr) settings+=(packets_per_slave=7) ;;
	802.3ad) settings+=(lacp_rate=fast ad_select=bandwidth ad_actor_sys_prio=77 ad_user_port_key=5) ;;
	balance-tlb) settings+=(tlb_dynamic_lb=0 xmit_hash_policy=layer2+3) ;;
	balance-alb) settings+=(lp_interval=9) ;;
	esac
	make ours "$KIND" $mode "${settings[@]}"
	make theirs bond $mode "${settings[@]}"
	check "$mode: the text is native's" compare text
	check "$mode: the files are native's" compare files
	must ip -n ours link del bond0
	must ip -n theirs link del bond0
done

done_testing
