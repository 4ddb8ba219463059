# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the tests of 802.3ad share. Source it after lib.sh and bond.sh. The bond under test is
# bond0 here; what it is cabled to is in namespaces of its own.

LACP=$(realpath "$(dirname "${BASH_SOURCE[0]}")")/lacp.py

# IEEE 802.1AX-2014 6.4.2.3, the bits of a port's state.
LACP_ACTIVITY=1 LACP_TIMEOUT=2 LACP_AGGREGATION=4 LACP_SYNC=8 LACP_COLLECTING=16
LACP_DISTRIBUTING=32 LACP_DEFAULTED=64 LACP_EXPIRED=128

# wire NAMESPACE PORT DEV... : cables from DEV here to PORT there, both ends up.
wire() {
	local ns=$1 here='' there=''
	shift
	while (($# > 0)); do
		here+="link add $2 type veth peer name $1 netns $ns"$'\n'"link set $2 up"$'\n'
		there+="link set $1 up"$'\n'
		shift 2
	done
	must ip -batch - <<<"$here"
	must ip -n "$ns" -batch - <<<"$there"
}

# far_bond NAMESPACE KIND PORT [OPTION=VALUE]... : a bond called bond0 there, with lacp_rate fast
# unless told otherwise, and PORT (several by commas) for slaves.
far_bond() {
	local ns=$1 kind=$2 ports=$3 port
	shift 3
	must ip -n "$ns" link add bond0 type "$kind"
	must bond_settings "$ns" bond0 mode=802.3ad miimon=100 lacp_rate=fast "$@"
	must ip -n "$ns" link set bond0 up
	for port in ${ports//,/ }; do
		must far_enslave "$ns" bond0 "$port"
	done
}

# far_enslave NAMESPACE BOND PORT : moves a port there into a bond.
far_enslave() {
	ip -n "$1" link set "$3" nomaster
	ip -n "$1" -batch - <<<"link set $3 down"$'\n'"link set $3 master $2"$'\n'"link set $3 up"
}

# ad SLAVE FIELD <PROC-TEXT : what the text says of a slave, as "Aggregator ID" or
# "actor: port state" or "partner: system mac address".
ad() {
	awk -v slave="$1" -v field="$2" '
		/^Slave Interface: / { mine = $3 == slave; part = "" }
		/^details / { part = $2 ": " }
		{
			line = $0
			sub(/^[ \t]+/, "", line)
			name = line
			sub(/: .*/, "", name)
			if (mine && part name == field) {
				sub(/^[^:]*: /, "", line)
				sub(/: /, "", line)
				print line
				exit
			}
		}'
}

# ours SLAVE FIELD : of bond0 here.  theirs NAMESPACE SLAVE FIELD : of a bond there, by its text.
ours() { ad "$@" <"$PROC/bond0"; }
theirs() { at "$1" sh -c "cat /proc/net/*bond*/bond0" | ad "$2" "$3"; }

# has STATE BITS : whether all of the bits are set.  lacks STATE BITS : whether none is.
has() { [[ -n $1 ]] && (($1 & $2)) && (($(($1 & $2)) == $2)); }
lacks() { [[ -n $1 ]] && ! (($1 & $2)); }

# sends SLAVE : it collects and distributes.  idle SLAVE : it does neither. These are asked again
# and again, so they start no process.
sends() { _state_of "$1" && has "$REPLY" $((LACP_COLLECTING | LACP_DISTRIBUTING)); }
idle() { _state_of "$1" && lacks "$REPLY" $((LACP_COLLECTING | LACP_DISTRIBUTING)); }
_state_of() { read -r REPLY <"$NET/$1/bonding_slave/ad_actor_oper_port_state" && [[ $REPLY != N/A ]]; }

# all_send SLAVE..., all_idle SLAVE...
all_send() { local s; for s; do sends "$s" || return; done; }
all_idle() { local s; for s; do idle "$s" || return; done; }

# far_sends NAMESPACE SLAVE... : and those there.
far_sends() {
	local ns=$1 states state files
	shift
	files=("${@/#/$NET/}")
	files=("${files[@]/%//bonding_slave/ad_actor_oper_port_state}")
	states=$(at "$ns" cat "${files[@]}") || return
	for state in $states; do
		[[ $state != N/A ]] && has "$state" $((LACP_COLLECTING | LACP_DISTRIBUTING)) || return
	done
}

# same_aggregator SLAVE SLAVE : whether they have one.
same_aggregator() {
	local id
	id=$(ours "$1" "Aggregator ID")
	[[ $id == [0-9]* ]] && is "$id" "$(ours "$2" "Aggregator ID")"
}

# partner_is MAC : that of the active aggregator.
partner_is() { is "$1" "$(get_opt bond0 ad_partner_mac)"; }

# mute NAMESPACE PORT : its LACPDUs are lost from now on.  unmute NAMESPACE PORT
mute() {
	tc -n "$1" qdisc add dev "$2" clsact &&
		tc -n "$1" filter add dev "$2" egress protocol 0x8809 matchall action drop
}
unmute() { tc -n "$1" qdisc del dev "$2" clsact; }

# stays SECONDS CMD... : for check: CMD succeeds now and for as long.
stays() {
	local NOW end
	look_up
	end=$((NOW + $1 * 1000))
	shift
	while ((NOW < end)); do
		"$@" || { echo "no more: $*"; return 1; }
		sleep "${POLL:-0.2}"
		look_up
	done
}

# set_attr DEV NUMBER:WIDTH=VALUE..., set_slave_attr, attr DEV NUMBER, slave_attr DEV NUMBER : by
# netlink; what is read is in hexadecimal, least byte first.
RTNL=${LACP%lacp.py}rtnl.py
set_attr() { "$RTNL" set "$1" "$KIND" "${@:2}"; }
set_slave_attr() { "$RTNL" slave "$1" "$KIND" "${@:2}"; }
attr() { "$RTNL" show "$1" | sed -n "s/^$2=//p"; }
slave_attr() { "$RTNL" show-slave "$1" | sed -n "s/^$2=//p"; }

# listen NAMESPACE PORT FILE : writes down the LACPDUs that come in there, a line each.
listen() {
	at "$1" "$LACP" log "$2" 3000 >"$3" &
	# It is there when its socket is.
	wait_until 20 at "$1" grep -q 8809 /proc/net/packet
}

# told FILE NAME=VALUE... : whether the last LACPDU in it has all of these.
told() {
	local file=$1 last want
	shift
	last=" $(grep '^lacpdu' "$file" | tail -n 1) "
	for want; do
		[[ $last == *" $want "* ]] || { printf 'wanted: %s\n   got: %s\n' "$want" "$last"; return 1; }
	done
}

# field_of FILE NAME : of the last one.
field_of() { grep '^lacpdu' "$1" | tail -n 1 | tr ' ' '\n' | sed -n "s/^$2=//p"; }

# heard FILE : how many.
heard() { grep -c '^lacpdu' "$1"; }
