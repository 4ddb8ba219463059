# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the tests share. Source it first, say the plan, then make the points:
#
#	. "$(dirname "$0")/../lib/lib.sh"
#	plan 2
#	namespaces host peer
#	connect host eth0 peer eth0
#	check "the peer answers" at host ping -c1 192.0.2.2
#
# The namespaces and whatever runs in the background go away when the test ends.

set -u
# The kernel's own helpers for KTAP; scripts/vm takes them from its source.
# shellcheck source=/dev/null
. "${KTAP_HELPERS:-/ktap_helpers.sh}" || exit

# The link kind under test, and the module that brings it.
KIND=${KIND:-rustbond}
case $KIND in
bond) MODULE=bonding ;;
*) MODULE=$KIND ;;
esac

_namespaces=()

# A pipe that nothing is ever written to: to wait at it takes no process, and a process takes as
# long as many a wait where the kernel looks at all it does.
_pipe=/tmp/never-$BASHPID
mkfifo "$_pipe" && exec {_never}<>"$_pipe" && rm -f "$_pipe"

# sleep SECONDS : in place of the command.
sleep() {
	local status=0
	read -r -t "$1" -u "$_never" || status=$?
	((status > 128))
}

# contents FILE : prints it, without a process.
contents() {
	local text
	mapfile -d '' text <"$1" && printf '%s' "${text[@]}"
}

_cleanup() {
	local ns
	# shellcheck disable=SC2046 # one word a job
	kill $(jobs -p) 2>/dev/null
	wait 2>/dev/null
	for ns in "${_namespaces[@]}"; do
		ip netns del "$ns" 2>/dev/null
	done
}
trap _cleanup EXIT

# plan N : how many points the test makes. Ends with the test's own exit status from `done_testing`.
plan() {
	ktap_print_header
	ktap_set_plan "$1"
}

# done_testing : totals; the exit status says whether all points passed.
done_testing() { ktap_finished; }

# skip_all WHY... : ends the test; nothing of it can be done here.
skip_all() {
	ktap_print_header
	ktap_skip_all "$@"
	exit "$KSFT_SKIP"
}

# need COMMAND... : skips the test where one of them is missing.
need() {
	local name
	for name; do
		command -v "$name" >/dev/null || skip_all "there is no $name"
	done
}

# check TEXT CMD... : one point: passed if CMD succeeds. What a failing CMD printed is shown.
check() {
	local text=$1 output status
	shift
	output=$("$@" 2>&1)
	status=$?
	if ((status == 0)); then
		ktap_test_pass "$text"
		return 0
	fi
	ktap_test_fail "$text"
	printf '%s\n' "failed with status $status: $*" "$output" | sed 's/^/#   /'
	return 1
}

# is WANT GOT : for check: succeeds if they are equal, and else shows both.
is() {
	[[ $1 == "$2" ]] || { printf 'wanted: %s\n   got: %s\n' "$1" "$2"; return 1; }
}

# fails CMD... : for check: succeeds if CMD fails.
fails() { ! "$@"; }

# bail TEXT... : ends the test, for its setting could not be made.
bail() {
	ktap_exit_fail_msg "$@"
}

# must CMD... : for the setting: ends the test if CMD fails.
must() { "$@" || bail "failed: $*"; }

# at NAMESPACE CMD... : runs it there.
at() {
	local ns=$1
	shift
	ip netns exec "$ns" "$@"
}

# helpers NAME... : from now on these are commands that do what the files NAME.py of this folder do,
# all by one process, in this network namespace: a start of Python takes longer than what they do.
helpers() {
	local name
	coproc _HELPERS { exec "${BASH_SOURCE[0]%/*}/serve.py" "$@"; }
	# Those of a coproc are closed in subshells.
	exec {_ask}>&"${_HELPERS[1]}" {_answer}<&"${_HELPERS[0]}"
	for name; do
		eval "$name() { _help $name \"\$@\"; }"
	done
}

_help() {
	local line
	echo "$*" >&"$_ask"
	while IFS= read -r line <&"$_answer"; do
		[[ $line != "= "* ]] || return "${line#= }"
		echo "$line"
	done
	echo "the helpers have ended"
	return 1
}

# namespaces NAME... : makes them, with the loopback up.
namespaces() {
	local ns
	for ns; do
		must ip netns add "$ns"
		_namespaces+=("$ns")
		must ip -n "$ns" link set lo up
	done
}

# connect NS1 DEV1 NS2 DEV2 : a cable between two namespaces, both ends up.
connect() {
	must ip -n "$1" link add "$2" type veth peer name "$4" netns "$3"
	must ip -n "$1" link set "$2" up
	must ip -n "$3" link set "$4" up
}

# bridge_of NS BRIDGE DEV... : makes a switch in NS out of its devices.
bridge_of() {
	local ns=$1 bridge=$2 dev
	shift 2
	# No multicast snooping, no spanning tree: what a test sees is the bond's doing.
	must ip -n "$ns" link add "$bridge" type bridge stp_state 0 mcast_snooping 0
	must ip -n "$ns" link set "$bridge" up
	for dev; do
		must ip -n "$ns" link set "$dev" master "$bridge"
	done
}

# bond_make NS NAME [ATTRIBUTE=VALUE]... : a bond of the kind under test, with its sysfs
# attributes written in the order given.
bond_make() {
	local ns=$1 name=$2
	shift 2
	must ip -n "$ns" link add "$name" type "$KIND"
	(($# == 0)) || must bond_settings "$ns" "$name" "$@"
}

# bond_settings NS NAME ATTRIBUTE=VALUE... : writes the attributes, up to the first that fails.
bond_settings() {
	# shellcheck disable=SC2016 # the inner shell is to expand these
	at "$1" sh -c 'for setting; do
		echo "${setting#*=}" >"$0/${setting%%=*}" || exit
	done' "/sys/class/net/$2/bonding" "${@:3}"
}

# bond_set NS NAME ATTRIBUTE VALUE : writes the attribute; fails as the write does.
bond_set() { bond_settings "$1" "$2" "$3=$4"; }

# bond_get NS NAME ATTRIBUTE : what it reads.
bond_get() { at "$1" cat "/sys/class/net/$2/bonding/$3"; }

# counter NS DEV NAME : one of the device's statistics, as rx_packets.
counter() { at "$1" cat "/sys/class/net/$2/statistics/$3"; }

# look_up : NOW is milliseconds of the clock, without a process; now_ms : prints them.
look_up() { NOW=$((${EPOCHREALTIME/[.,]/} / 1000)); }
now_ms() { look_up && echo "$NOW"; }

# wait_until SECONDS CMD... : tries CMD until it succeeds; fails if it does not in time. Tries
# twenty times a second, or every POLL seconds.
wait_until() {
	local NOW end
	look_up
	end=$((NOW + $1 * 1000))
	shift
	until "$@" >/dev/null 2>&1; do
		look_up
		((NOW < end)) || {
			echo "in vain: $*"
			return 1
		}
		sleep "${POLL:-0.05}"
	done
}

# load_module : loads the module under test, or skips the test where there is none.
load_module() {
	modinfo "$MODULE" >/dev/null 2>&1 || skip_all "the guest has no module $MODULE"
	must modprobe "$MODULE"
}
