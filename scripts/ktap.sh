# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What reads tests that print KTAP and sums them up, for scripts/check and scripts/check-system. To be
# sourced; $results is the folder that logs go to, and $top the one for the output of what failed.

passed=0 failed=0 skipped=0 ran=0

# count PASSED FAILED SKIPPED : adds to the sums.
count() {
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	ran=$((ran + 1))
}

# report NAME TEXT : one line for what has just ended.
report() {
	[[ ! $2 =~ \(([0-9]+)\ s\)$ ]] || echo "${BASH_REMATCH[1]} $1" >>"$top/times"
	printf '%-44s %s\n' "$1" "$2"
}

# slowest COUNT : what took longest.
slowest() {
	[[ -s $top/times ]] || return 0
	echo "The slowest:"
	sort -rn "$top/times" | awk -v n="$1" 'NR <= n { s = $1; $1 = ""; printf "  %5d s %s\n", s, $0 }'
}

# The state of the test that is being read.
name='' plan='' p=0 f=0 s=0 start=0
open_test() { name=$1 plan='' p=0 f=0 s=0 start=$EPOCHREALTIME; : >"$results/detail"; }

# read_line LINE : one line of what a test prints.
read_line() {
	case $1 in
	1..*)
		plan=${1#1..}
		if [[ $plan == 0* ]]; then
			s=$((s + 1))
			echo "    skipped: ${plan#*SKIP}" >>"$results/detail"
			plan=0
		fi
		plan=${plan%%[!0-9]*}
		;;
	"ok "*"# SKIP"*) s=$((s + 1)); echo "    skipped: $1" >>"$results/detail" ;;
	"ok "*) p=$((p + 1)) ;;
	"not ok "*"# XFAIL"*) s=$((s + 1)) ;;
	"not ok "*) f=$((f + 1)); echo "    $1" >>"$results/detail" ;;
	"Bail out"* | "#   "* | "# kernel: "*) echo "    $1" >>"$results/detail" ;;
	esac
}

# close_test [WHY] : sums the test up; WHY says that it failed as a whole.
close_test() {
	local why=${1:-}
	if [[ -z $why ]]; then
		if [[ -z $plan ]]; then
			why="it said no plan"
		elif ((plan > 0 && plan != p + f + s)); then
			why="it planned $plan points and made $((p + f + s))"
		fi
	fi
	if [[ -n $why ]]; then
		f=$((f + 1))
		echo "    $why" >>"$results/detail"
	fi
	count "$p" "$f" "$s"
	local text="$p passed"
	((f == 0)) || text+=", $f FAILED"
	((s == 0)) || text+=", $s skipped"
	# What a test says of itself is of interest when it failed.
	((f > 0)) || sed -i '/^    skipped: /!d' "$results/detail"
	# In one piece: others report as well.
	text=$(report "${name#selftests/}" "$text ($(seconds_since "$start") s)" && cat "$results/detail")
	echo "$text"
	if ((f > 0)) && [[ -e $results/last.ktap ]]; then
		cp "$results/last.ktap" "$top/$(tr / - <<<"${name#selftests/}").ktap"
	fi
	name=''
}

# head_of TEST WORD : what its line '# WORD: ...' says.
head_of() { sed -nE "s/^# $2: *//p;20q" "$1"; }

# summary : the last line, and whether all is well.
summary() {
	local sum="$passed passed, $failed failed"
	((skipped == 0)) || sum+=", $skipped skipped"
	echo "$sum"
	((failed == 0 && passed > 0))
}
