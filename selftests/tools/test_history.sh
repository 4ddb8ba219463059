#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# `rustbond history` prints the records of a bond, and with --follow those that are made from then on:
# links fail and return, options are set, slaves come and go. No record comes twice, none is missing, and
# where some were overwritten a line says so.
# timeout: 600
# vm: --icount 3 --with python3 --in out/cli/rustbond:/tools/rustbond

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"

[[ $KIND == rustbond ]] || skip_all "only rustbond keeps a history"
modinfo rustbond >/dev/null 2>&1 || skip_all "the guest has no module rustbond"
plan 29
check "the module is not loaded: it says so" refuses \
	"the module rustbond is not loaded, and only its bonds keep a history: modprobe rustbond" $RUSTBOND history
load_module
quiet
namespaces far
quiet far
cables far p0:eth0 p1:eth1

# has TEXT [FILE] : for check: a line ends with it.
has() { grep -qE -- "  $1\$" "${2:-/tmp/history}" || { cat "${2:-/tmp/history}"; return 1; }; }
# look : /tmp/history is what there is of b0.
look() { $RUSTBOND history b0 >/tmp/history; }
# now_has TEXT : for wait_until.
now_has() { look && has "$1" >/dev/null; }
# seqs FILE [BOND] : the numbers of the records of b0 in JSON lines.
seqs() { jq -r "select(.bond == \"${2:-b0}\") | .seq // empty" "$1"; }
# in_order FILE LAST [BOND] : they are 1 to LAST, each once.
in_order() { is "$(seq -s ' ' "$2")" "$(seqs "$1" "${3:-b0}" | paste -sd ' ')"; }
# last_of BOND : the number of its last record.
last_of() { $RUSTBOND show "$1" --json | jq '.bonds[0].counters.records'; }
# followed FILE BOND : --follow has come as far as the history.
followed() { [[ $(seqs "$1" "$2" | tail -n 1) == "$(last_of "$2")" ]]; }

check "no bond: there is nothing to print" is "" "$($RUSTBOND history)"
$RUSTBOND history --follow --json >/tmp/all 2>/tmp/all.err &
all=$!
bond b0 mode=active-backup miimon=100
$RUSTBOND history b0 --follow >/tmp/follow 2>/tmp/follow.err &
one=$!
must enslave b0 eth0 eth1
must ip link set b0 up
links_up b0 eth0 eth1
must look
check "a slave joins" has "eth0  joined the bond, by request"
check "its link" has "eth0  link down -> up, because of its carrier"
check "its speed" has "eth0  speed unknown -> 10 Gb/s, as its device says"
check "the active slave" has "b0  active slave none -> eth0, because of .*"
check "the carrier of the bond" has "b0  carrier down -> up, because of the links of its slaves"
must cut_link far p0
check "a link fails" wait_until 10 now_has "eth0  link up -> down, because of its carrier"
check "another slave becomes the active one" has "b0  active slave eth0 -> eth1, because of a carrier"
check "and carries the traffic" has "eth1  traffic blocked -> distributing, by .*"
must mend_link far p0
must wait_until 10 status_is b0 eth0 up
must set_opt b0 miimon 50
must set_opt b0 primary_reselect failure
must set_opt b0 arp_ip_target +192.0.2.2
must set_opt b0 primary eth0
must look
check "an option with a unit" has "b0  option miimon 100 ms -> 50 ms, by request"
check "one with words" has "b0  option primary_reselect always -> failure, by request"
check "a list" has "b0  option arp_ip_target 0 addresses -> 1 address, by request"
check "an interface" has "b0  primary none -> eth0, by request"
must ip link set eth1 nomaster
must look
check "a slave leaves" has "eth1  left the bond, by request"
must enslave b0 eth1
must wait_until 10 followed /tmp/all b0

# --- numbers
before=$(last_of b0)
check "--since" is "$(seq -s ' ' $((before - 2)) "$before")" \
	"$($RUSTBOND history b0 --since $((before - 3)) --json | jq .seq | paste -sd ' ')"
check "nothing behind the last" is "" "$($RUSTBOND history b0 --since "$before")"

# --- a second bond, and links that flap
bond b1 mode=balance-xor miimon=100
must ip link add d0 type dummy
must enslave b1 d0
must ip link set b1 up
for ((i = 0; i < 10; i++)); do
	must cut_link far p0
	must wait_until 10 status_is b0 eth0 down
	must mend_link far p0
	must wait_until 10 status_is b0 eth0 up
done
must wait_until 10 followed /tmp/all b0
must wait_until 10 followed /tmp/all b1
check "of all bonds, each record once, in order" in_order /tmp/all "$(last_of b0)"
check "those of the bond that was made later, too" in_order /tmp/all "$(last_of b1)" b1
$RUSTBOND history >/tmp/history
check "without a name: all bonds, by name" eval 'has "b1: d0  joined the bond, by request" && has "b0:  carrier down -> up, .*"'
same_text() { diff <($RUSTBOND history b0) /tmp/follow; }
check "--follow prints what the history does" wait_until 10 same_text

# --- more than the history holds
for ((i = 0; i < 150; i++)); do
	set_opt b0 num_grat_arp 3
	set_opt b0 num_grat_arp 4
done
last=$(last_of b0)
must look
check "records that were overwritten are told" grep -qx -- \
	"-- records 1 to $((last - 256)) of b0 have been overwritten by newer ones --" /tmp/history
check "and the others are there" is 257 "$(wc -l </tmp/history)"
check "--follow has all of them" wait_until 10 in_order /tmp/all "$last"
# Whoever does not read for a while hears of what he has missed: its socket holds 8 MiB, 6,500 records.
kill -STOP $all
for ((i = 0; i < 3700; i++)); do
	set_opt b0 num_grat_arp 3
	set_opt b0 num_grat_arp 4
done
kill -CONT $all
must wait_until 60 followed /tmp/all b0
check "who does not keep up is told that the history is read again" wait_until 10 grep -q read_again_after /tmp/all
# no_hole FILE LAST : each number comes once, in a record or in what was overwritten.
no_hole() {
	is "$2" "$(jq -n '[inputs | select(.bond == "b0") |
		if .seq then .seq else (.overwritten // [1, 0] | range(.[0]; .[1] + 1)) end] |
		if . == [range(1; length + 1)] then length else "a hole or a double" end' "$1")"
}
check "each number is told once, of a record or of one that was overwritten" no_hole /tmp/all "$(last_of b0)"

# --- the end
must ip link del b0
check "the bond is removed: --follow ends" wait_until 10 fails kill -0 $one
check "and says so" reads "rustbond: b0 was removed: its history has ended" /tmp/follow.err
if modprobe bonding max_bonds=0; then
	must ip link add n0 type bond
	check "native bonding has none" refuses \
		"n0 is a bond of native bonding: only those of the driver rustbond keep a history and answer for flows" \
		$RUSTBOND history n0
	must ip link del n0
else
	ktap_test_skip "native bonding has none"
fi
done_testing
