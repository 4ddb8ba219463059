#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tracepoints tell of records and of packets that a bond drops; what is dropped is counted by its reason.
# vm: --with python3,python3-yaml,ethtool --in Documentation/netlink/rustbond.yaml:/rustbond.yaml
# timeout: 200

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

load_module
TRACE=/sys/kernel/tracing
mountpoint -q $TRACE || mount -t tracefs none $TRACE 2>/dev/null
[[ -d $TRACE/events ]] || skip_all "the kernel has no tracepoints"
namespaces switch
quiet
quiet switch
cables switch p0:eth0 p1:eth1
plan 12

check "the tracepoints are there" is "bond_drop bond_record" "$(cd $TRACE/events/rustbond && echo bond_*)"
bond b0 mode=active-backup miimon=50
must enslave b0 eth0 eth1
must ip link set b0 up
links_up b0 eth0 eth1
must ip addr add 192.0.2.1/24 dev b0

# shown EVENT : the lines of it in the trace, from the event's name on.
shown() { sed -nE "s/.*: ($1: .*)/\1/p" $TRACE/trace; }
: >$TRACE/trace
must cut_link switch p0
sleep 0.5
check "nothing is shown unless it is asked for" is "" "$(shown bond_record)"
must mend_link switch p0
sleep 0.5
echo 1 >$TRACE/events/rustbond/enable
must cut_link switch p1
sleep 0.5
line=$(shown bond_record | grep what=active)
check "a failover is shown" is "what=active option= from=$(ifindex_of eth1) to=$(ifindex_of eth0) cause=carrier" \
	"$(grep -o 'what=.* cause=[a-z]*' <<<"$line")"
check "as the history has it" is "$(grep -o 'seq=[0-9]*' <<<"$line")" \
	"seq=$(records b0 'select(.what == "active") | .seq' | tail -n 1)"
must set_opt b0 miimon 60
check "an option" is "what=option option=miimon from=50 to=60 cause=user" \
	"$(shown bond_record | tail -n 1 | grep -o 'what=.* cause=[a-z]*')"

count=0
dropped() { ethtool -S b0 | sed -nE "s/^ +$1: //p"; }
check "nothing was dropped" is 0 "$(dropped tx-no-slave)"
before=$(stat_of b0 tx_dropped)
# Soon after it has lost its carrier the kernel gives a bond nothing any more.
lose() {
	must mend_link switch p0
	must wait_until 5 carrier_is b0 1
	sleep 1.5
	must cut_link switch p0
	frames b0 "$(mac_of 99)" "$(mac_of 1)" 2
	count=$(dropped tx-no-slave)
	((count > 0))
}
check "packets without a slave are counted by their reason" wait_until 60 lose
count=$(dropped tx-no-slave)
check "and with the device's" [ $(($(stat_of b0 tx_dropped) - before)) -ge "$count" ]
check "each is shown" is "$count" "$(shown bond_drop | grep -c 'bond=b0 .* why=no-slave')"
check "with its type" [ "$(shown bond_drop | grep -c 'protocol=0x88b5')" -ge 1 ]
check "ethtool counts for each slave" is "2" "$(ethtool -S b0 | grep -c '\.link-failures: ')"
echo 0 >$TRACE/events/rustbond/enable
must ip link del b0
rmmod_ok() { rmmod rustbond; }
check "the module goes as it came" rmmod_ok
