#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The family tells of bonds, slaves and their history: to the kernel's own client (pyynl) by the specification, to who
# listens as it happens, and to nobody what native bonding does not let them read.
# vm: --with python3,python3-yaml,python3-jsonschema --in Documentation/netlink/rustbond.yaml:/rustbond.yaml
# timeout: 400

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

load_module
namespaces switch other
quiet
quiet switch
cables switch p0:eth0 p1:eth1
plan 42

# now BOND JQ : of the bond; now_of BOND SLAVE JQ : of a slave.
now() { asked get bond-get ifindex="$(ifindex_of "$1")" | jq -r "$2"; }
now_of() { asked get slave-get bond="$(ifindex_of "$1")" ifindex="$(ifindex_of "$2")" | jq -r "$3"; }
# last BOND WHAT : the last record of a kind: slave, from, to and cause.
last() { records "$1" "select(.what == \"$2\") | \"\(.ifname // \"-\") \(.from) \(.to) \(.cause)\"" | tail -n 1 | tr -d '"'; }
last_is() { is "$3" "$(last "$1" "$2")"; }

bond b0 mode=active-backup miimon=50
if [[ -e /pyynl/cli.py && -e /genetlink.yaml ]]; then
	check "pyynl takes the specification, and dumps" is b0 "$($PYYNL --dump bond-get | jq -r '.[].ifname')"
	PYTHONUNBUFFERED=1 $PYYNL --subscribe events --duration 300 >/tmp/ynl 2>&1 &
	ynl=$!
else
	skip "pyynl takes the specification, and dumps" "there is no source of the kernel here"
fi
at other python3 "$HERE/family.py" listen 300 >/tmp/other &
other=$!
python3 "$HERE/family.py" listen 300 >/tmp/heard &
listener=$!
wait_until 20 grep -q listening /tmp/heard
wait_until 20 grep -q listening /tmp/other
sleep 2

check "the first record is the first change" is '"option mode 0 1 user"' \
	"$(records b0 'select(.seq == 1) | "\(.what) \(.option) \(.from) \(.to) \(.cause)"')"
must enslave b0 eth0 eth1
must ip link set b0 up
links_up b0 eth0 eth1
e0=$(ifindex_of eth0) e1=$(ifindex_of eth1)
check "a slave has joined" last_is b0 member "eth1 0 1 user"
check "a link was found up" last_is b0 link "eth1 2 0 carrier"
check "the first usable one carries the traffic" last_is b0 active "- 0 $e0 links"
check "and may" last_is b0 usability "eth0 0 2 choice"
check "the bond has its carrier" last_is b0 carrier "- 0 1 links"
must cut_link switch p0
check "a failed link" wait_until 5 last_is b0 link "eth0 0 2 carrier"
check "the other one takes over for it" wait_until 5 last_is b0 active "- $e0 $e1 carrier"
check "one failover is counted" is 1 "$(now b0 .counters.failovers)"
check "one failure of the link is counted" is 1 "$(now_of b0 eth0 '.counters."link-failures"')"
must mend_link switch p0
wait_until 5 last_is b0 link "eth0 2 0 carrier"
must set_opt b0 active_slave eth0
check "the user has another one carry the traffic" last_is b0 active "- $e1 $e0 user"
must set_opt b0 primary eth1
check "a primary" last_is b0 primary "- 0 $e1 user"
check "is preferred" last_is b0 active "- $e0 $e1 preference"
must set_opt b0 arp_ip_target +192.0.2.9
check "an option that is a list: how many" is '"option arp_ip_target 0 1 user"' \
	"$(records b0 'select(.what == "option") | "\(.what) \(.option) \(.from) \(.to) \(.cause)"' | tail -n 1)"
# Or each slave hears the questions of the other one.
must set_opt b0 arp_validate all
must set_opt b0 arp_interval 100
check "nobody answers ARP: the links are down for it" wait_until 10 last_is b0 link "eth1 0 2 arp"
check "probes are counted" [ "$(now_of b0 eth1 '.counters."probes-sent"')" -gt 0 ]
check "the bond has lost its carrier" wait_until 10 last_is b0 carrier "- 1 0 links"
must set_opt b0 arp_validate none
must set_opt b0 arp_interval 0
must set_opt b0 miimon 50
wait_until 10 last_is b0 carrier "- 0 1 links"
must put "/sys/class/net/b0/bonding/slaves" -eth1
check "a slave has left" last_is b0 member "eth1 1 0 user"
must ip link del eth0
check "a device has gone" last_is b0 member "eth0 1 0 device"

# What was heard is what the history has, without a gap.
sleep 1
kill "$listener" "$other" ${ynl:+"$ynl"}
records b0 >/tmp/kept
sed 1d /tmp/heard | jq -c 'select(.["bond-ifname"] == "b0")' >/tmp/told
first=$(head -n 1 /tmp/told | jq .seq)
check "who listens hears every record as it is made, in order" is \
	"$(jq -c "select(.seq >= $first)" /tmp/kept | md5sum)" "$(jq -S -c . /tmp/told >/dev/null; md5sum </tmp/told)"
check "and no other network namespace does" is listening "$(</tmp/other)"
check "numbers have no gap" is "$(seq -s ' ' 1 "$(wc -l </tmp/kept)")" "$(jq -r .seq /tmp/kept | xargs)"
check "values go on from one another" is 0 "$(jq -r '"\(.what) \(.option) \(.ifname) \(.from) \(.to)"' /tmp/kept |
	awk '{ key = $1 " " $2 " " $3; if (key in was && was[key] != $4 && $1 != "member") wrong++; was[key] = $5 } END { print wrong + 0 }')"
if [[ -n ${ynl:-} ]]; then
	check "pyynl hears them too" is "$(jq -r '.seq' /tmp/told | sort -n | tail -n 1)" \
		"$(grep -o '"seq": [0-9]*' /tmp/ynl | sed 's/.* //' | sort -n | tail -n 1)"
else
	skip "pyynl hears them too" "there is no source of the kernel here"
fi

# The ring.
count=$(wc -l </tmp/kept)
for ((i = 0; i < 150; i++)); do
	put "$NET/b0/bonding/miimon" 60 && put "$NET/b0/bonding/miimon" 50
done
check "all are counted" is $((count + 300)) "$(now b0 .records)"
check "256 are kept" is 256 "$(records b0 | wc -l)"
check "the last ones" is "$((count + 45)) $((count + 300))" "$(records b0 .seq | sed -n '1p;$p' | xargs)"
check "behind a number" is "$((count + 299)) $((count + 300))" \
	"$(asked dump history-get bond="$(ifindex_of b0)" seq=$((count + 298)) | jq -r '.[].seq' | xargs)"

# The slaves of a bond that is removed have not gone.
python3 "$HERE/family.py" listen 60 >/tmp/gone &
listener=$!
wait_until 20 grep -q listening /tmp/gone
must ip link add d0 type dummy
must enslave b0 d0
must ip link del b0
sleep 1
kill "$listener"
check "a slave leaves with its bond: somebody wanted that" is "d0 1 0 user" \
	"$(sed 1d /tmp/gone | jq -r 'select(.what == "member") | "\(.ifname) \(.from) \(.to) \(.cause)"' | tail -n 1)"

# A device that cannot change its address makes the bond follow it: a change of an option by itself.
must modprobe tun
must ip tuntap add dev t0 mode tun
bond b1 mode=active-backup
must enslave b1 t0
check "an option that the driver sets" is '"fail_over_mac 0 1"' \
	"$(records b1 'select(.what == "option" and .option == "fail_over_mac") | "\(.option) \(.from) \(.to)"')"
must ip link del b1

# LACP.
cables_to() { for port in l0 l1; do must ip link add "$port" type veth peer name "$port" netns switch; done; }
cables_to
bond b0 mode=802.3ad miimon=20 lacp_rate=fast
must ip -n switch link add far type rustbond
at switch bash -c 'echo 802.3ad >/sys/class/net/far/bonding/mode; echo 20 >/sys/class/net/far/bonding/miimon
	echo fast >/sys/class/net/far/bonding/lacp_rate' || bail "no partner"
for port in l0 l1; do
	must ip -n switch link set "$port" master far
done
must ip -n switch link set far up
must enslave b0 l0 l1
must ip link set b0 up
agreed() { is distributing "$(now_of b0 l0 .usability)" && is distributing "$(now_of b0 l1 .usability)"; }
check "802.3ad: both ports distribute" wait_until 30 agreed
check "the reasons on the way there" [ "$(records b0 'select(.what == "reason" and .ifname == "l0")' | wc -l)" -ge 1 ]
# 0 is that of a port in use.
check "begin with none that it was in use" [ "$(records b0 'select(.what == "reason") | .from' | head -n 1)" -gt 0 ]
partner=$(at switch cat /sys/class/net/far/address)
check "the partner" is "$partner" "$(now b0 .lacp.partner)"
check "as a record: its MAC as a number" is $((16#${partner//:/})) \
	"$(records b0 'select(.what == "partner" and .ifname == "l0") | .to' | tail -n 1)"
check "the state of the machines" is "CURRENT COLLECTING_DISTRIBUTING" \
	"$(now_of b0 l0 '.lacp | "\(.receive) \(.mux)"' | sed 's/ DISTRIBUTING$/ COLLECTING_DISTRIBUTING/')"
check "who sees no more than native shows sees no ends of the link" is "null null none" \
	"$(setpriv --reuid 65534 --clear-groups --bounding-set=-all --inh-caps=-all python3 "$HERE/family.py" \
		get slave-get bond="$(ifindex_of b0)" ifindex="$(ifindex_of l0)" | jq -r '.lacp | "\(.actor) \(.partner) \(.reason)"')"
must at switch ip link set l0 down
must at switch ip link set l1 down
check "the whole aggregate is lost" wait_until 10 last_is b0 carrier "- 1 0 lacp"

# Bad requests.
check "no bond has that ifindex" is "ENODEV no device has that ifindex" "$(asked get bond-get ifindex=9999)"
check "it is no bond" is "EOPNOTSUPP the device is no bond of rustbond" "$(asked get bond-get ifindex=1)"
check "flows are for who administers" is EPERM "$(setpriv --reuid 65534 --clear-groups --bounding-set=-all --inh-caps=-all \
	python3 "$HERE/family.py" get flow-get bond=1 frame=00 | cut -d' ' -f1)"
