# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# What the tests of the command `rustbond` share. Source it after lib.sh and bond.sh.

RUSTBOND=/tools/rustbond

[[ -x $RUSTBOND ]] || skip_all "there is no $RUSTBOND: run 'make cli'"

# seen_by_why BOND : the rules that find something, on one line.
seen_by_why() { $RUSTBOND why "$1" --json | jq -r '[.[0].findings[].rule] | unique | join(" ")'; }

# finds BOND RULE, quiet_of BOND RULE : whether `why` names the fault.
finds() { [[ " $(seen_by_why "$1") " == *" $2 "* ]] || { seen_by_why "$1"; return 1; }; }
quiet_of() { [[ " $(seen_by_why "$1") " != *" $2 "* ]] || { seen_by_why "$1"; return 1; }; }

# sound BOND : nothing is wrong, and the exit status says so.
sound() { $RUSTBOND why "$1"; }

# keep NAME BOND : writes down what is known of the bond, for the tests on the host, if it is asked for.
keep() {
	[[ -z ${KEEP:-} ]] || $RUSTBOND show "$2" --json >"/out/$kind-$1.json"
}

# fault BOND RULE WHAT CAUSE MEND : two points: the fault is named when it is made, and no longer when
# it is mended. CAUSE and MEND are commands in one string.
fault() {
	local bond=$1 rule=$2 what=$3
	must eval "$4"
	check "$kind: $what: $rule" wait_until 20 finds "$bond" "$rule" || {
		$RUSTBOND show "$bond"
		$RUSTBOND why "$bond"
	} | sed 's/^/#   /'
	keep "$rule" "$bond"
	must eval "$5"
	check "$kind: mended, nothing is wrong" wait_until 20 sound "$bond" || {
		$RUSTBOND show "$bond"
		$RUSTBOND why "$bond"
	} | sed 's/^/#   /'
}
