# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the tests of bonds share. Source it after lib.sh:
#
#	. "$(dirname "$0")/../lib/lib.sh"
#	. "$(dirname "$0")/../lib/bond.sh"
#
# The bond under test stands in the test's own network namespace, so that its files are at
# hand without a process each; what it is cabled to is in namespaces of its own.

NET=/sys/class/net

case $KIND in
bond) PROC=/proc/net/bonding MASTERS=$NET/bonding_masters ;;
*) PROC=/proc/net/$KIND MASTERS=$NET/${KIND}_masters ;;
esac

# Files in bonding/ that native bonding does not have, with | between them; by the option table, an option a
# line.
OUR_FILES=$(sed -nE '/"ours":true/s/.*"files":\["([^]]*)"\].*/\1/p' "${BASH_SOURCE[0]%/*}/options.json" |
	sed 's/","/\n/g' | paste -sd '|')

# quiet [NAMESPACE]... : no IPv6, which would send frames of its own; here and there.
quiet() {
	local ns
	_no_ipv6
	for ns; do
		# shellcheck disable=SC2016 # the inner shell is to expand these
		at "$ns" bash -c "$(declare -f _no_ipv6); _no_ipv6"
	done
}

_no_ipv6() {
	local name
	for name in all default; do
		echo 1 >"/proc/sys/net/ipv6/conf/$name/disable_ipv6"
	done 2>/dev/null
	return 0
}

# both_kinds : sets `kinds` to the kind under test and, where the guest has it, native bonding's.
both_kinds() {
	kinds=("$KIND")
	if [[ $KIND != bond ]] && modinfo bonding >/dev/null 2>&1; then
		must modprobe bonding max_bonds=0
		kinds+=(bond)
	fi
}

# put FILE TEXT : writes it in one go; fails as the write does, and says how.
put() { echo "$2" >"$1"; }

# set_opt BOND NAME VALUE, get_opt BOND NAME : an option of a bond by its sysfs file.
set_opt() { put "$NET/$1/bonding/$2" "$3"; }
get_opt() { contents "$NET/$1/bonding/$2"; }

# bond NAME [OPTION=VALUE]... : a bond of the kind under test, options set in the order given.
bond() {
	local name=$1 setting
	shift
	must ip link add "$name" type "$KIND"
	for setting; do
		must set_opt "$name" "${setting%%=*}" "${setting#*=}"
	done
}

# enslave BOND DEV... : as ip does it, and up to the first that fails; the devices are taken down
# before.
enslave() {
	local bond=$1 dev lines=''
	shift
	for dev; do
		lines+="link set $dev down"$'\n'"link set $dev master $bond"$'\n'
	done
	ip -batch - <<<"$lines"
}

# cables NAMESPACE PORT:DEV... : cables from here to a switch there. The switch is br0, its
# ports are called PORT, and the ends of the cables here DEV, with the address 02:00:00:00:0a:0N.
cables() {
	local ns=$1 pair port dev mac number=0 here='' there=$'link set br0 up\n'
	shift
	# The switch comes first: the kernel takes up to a second to tell of the carrier of a link whose
	# number is that of the other end, as it would then be.
	must ip -n "$ns" link add br0 type bridge stp_state 0 mcast_snooping 0
	for pair; do
		port=${pair%%:*} dev=${pair#*:}
		number=$((number + 1))
		# shellcheck disable=SC2059 # it is a format
		printf -v mac "$MAC_OF" "$number"
		here+="link add $dev address $mac type veth peer name $port netns $ns"$'\n'
		there+="link set $port master br0 up"$'\n'
	done
	must ip -batch - <<<"$here"
	must ip -n "$ns" -batch - <<<"$there"
}

# mac_of N : the address of the Nth cable's end.
MAC_OF='02:00:00:00:0a:%02x'
# shellcheck disable=SC2059 # it is a format
mac_of() { printf "$MAC_OF" "$1"; }

# cut NAMESPACE PORT, mend NAMESPACE PORT : the link, from the far end.
cut_link() { ip -n "$1" link set "$2" down; }
mend_link() { ip -n "$1" link set "$2" up; }

# down DEV, up DEV : without a process, for those who look at the clock.
down() { put "$NET/$1/flags" $(($(<"$NET/$1/flags") & ~1)); }
up() { put "$NET/$1/flags" $(($(<"$NET/$1/flags") | 1)); }

# now_us : microseconds of the clock.
now_us() { echo "${EPOCHREALTIME/./}"; }

# dev_attr DEV NAME : a file of the device in sysfs, as address, mtu, carrier.
dev_attr() { contents "$NET/$1/$2"; }

# stat_of DEV NAME : one of its statistics.
stat_of() { contents "$NET/$1/statistics/$2"; }

# tx_of DEV... : packets sent by each, on one line.
tx_of() {
	local dev list=()
	for dev; do
		list+=("$(stat_of "$dev" tx_packets)")
	done
	echo "${list[*]}"
}

# state DEV : all that a slave may lose: address, MTU, flags, what it listens for, master.
state() {
	ip -d -j link show dev "$1" | jq -c '.[0] |
		{address, mtu, flags: (.flags | sort), promiscuity, allmulti, master, operstate}'
}

# field DEV FILTER : one field of what ip tells of a device, as .mtu or .linkinfo.info_kind.
field() { ip -d -j link show dev "$1" | jq -r ".[0] | $2"; }

# refuses TEXT CMD... : for check: succeeds if CMD fails and its error holds TEXT.
refuses() {
	local text=$1 output
	shift
	if output=$("$@" 2>&1); then
		printf 'it was not refused: %s\n' "$*"
		return 1
	fi
	[[ $output == *"$text"* ]] || { printf 'wanted: %s\n   got: %s\n' "$text" "$output"; return 1; }
}

# reads WANT FILE : for check: the file holds just that.
reads() { is "$1" "$(cat "$2")"; }

# opt_is WANT BOND NAME : for check: the option reads so.
opt_is() { is "$1" "$(get_opt "$2" "$3")"; }

# active_is BOND SLAVE : whether it is the active slave.
active_is() { _reads_just "$2" "$NET/$1/bonding/active_slave"; }

# carrier_is DEV 0|1 : whether its carrier is.
carrier_is() { _reads_just "$2" "$NET/$1/carrier"; }

_reads_just() {
	local text=
	read -r text <"$2"
	[[ $text == "$1" ]]
}

# status_of BOND SLAVE : MII Status of a slave in /proc. Without a process, for those who look at
# the clock.
status_of() {
	local line name=
	while IFS= read -r line; do
		case $line in
		"Slave Interface: "*) name=${line#*: } ;;
		"MII Status: "*)
			if [[ $name == "$2" ]]; then
				echo "${line#*: }"
				return
			fi
			;;
		esac
	done <"$PROC/$1"
}
status_is() { [[ $(status_of "$1" "$2") == "$3" ]]; }

# links_up BOND SLAVE... : waits for the links to be up in the bond's eyes.
links_up() {
	local bond=$1 slave
	shift
	for slave; do
		must wait_until 10 status_is "$bond" "$slave" up
	done
}

# frames DEV DESTINATION SOURCE [COUNT] : sends frames of 60 bytes, of a protocol for
# experiments, all from one processor.
frames() {
	local text i
	text=$(printf '%s%s88b5' "${2//:/}" "${3//:/}" | sed 's/../\\x&/g')
	text+=$(printf '\\x00%.0s' {1..46})
	for ((i = 0; i < ${4:-1}; i++)); do
		# shellcheck disable=SC2059 # it is a format
		printf "$text" | taskset -c 0 socat -u - "INTERFACE:$1"
	done
}

# pinged OUTPUT : from ping's output: sent, received, and the longest silence in ms, by -D.
pinged() {
	tr -d '[]' <"$1" | awk '
		/packets transmitted/ { sent = $1; received = $4 }
		/icmp_seq=/ && /time=/ {
			if (last && $1 - last > gap)
				gap = $1 - last
			last = $1
		}
		END { printf "%d %d %d\n", sent, received, gap * 1000 }'
}

# frames_at NAMESPACE DEV DESTINATION SOURCE [COUNT] : the same there.
frames_at() {
	local ns=$1
	shift
	at "$ns" bash -c "$(declare -f frames); frames $*"
}

# flood DEV COUNT : so many frames as fast as the kernel can make them.
flood() {
	local file
	modprobe pktgen || return
	put /proc/net/pktgen/kpktgend_0 rem_device_all
	put /proc/net/pktgen/kpktgend_0 "add_device $1" || return
	file=/proc/net/pktgen/$1
	put "$file" "count $2"
	put "$file" "pkt_size 60"
	put "$file" "dst_mac $(mac_of 99)"
	put "$file" "dst 198.51.100.9"
	put /proc/net/pktgen/pgctrl start
	# On a busy machine that returns before the thread has begun.
	wait_until 20 grep -q 'Result: OK' "$file"
	put /proc/net/pktgen/kpktgend_0 rem_device_all
}

# listen DEV, heard DEV : counts what comes in on the device, up the stack: a bond's own counters
# are the sum of its slaves'.
listen() {
	tc qdisc add dev "$1" clsact &&
		tc filter add dev "$1" ingress protocol all matchall action pass
}
heard() {
	tc -s -j filter show dev "$1" ingress |
		jq '[.[] | .options.actions? // empty | .[].stats.packets] | add'
}

# grown BEFORE AFTER : lists of numbers: by how much each has grown.
grown() {
	local before after i out=()
	read -r -a before <<<"$1"
	read -r -a after <<<"$2"
	for i in "${!after[@]}"; do
		out+=($((after[i] - before[i])))
	done
	echo "${out[*]}"
}

# spread COUNT BOND SLAVE... : sends so many frames through the bond, and says how many each
# slave has sent.
spread() {
	local count=$1 bond=$2 before
	shift 2
	before=$(tx_of "$@")
	flood "$bond" "$count"
	grown "$before" "$(tx_of "$@")"
}
