# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of the family share. Source it after lib.sh and bond.sh.

need python3
[[ $KIND == rustbond ]] || skip_all "native bonding has no such family"
HERE=$(dirname "$0")
# shellcheck disable=SC2034 # for test_events.sh
PYYNL="python3 /pyynl/cli.py --spec /rustbond.yaml --schema /genetlink.yaml --output-json"

# asked get|dump COMMAND [ATTR=VALUE]... : what the family answers, as JSON.
asked() { python3 "$HERE/family.py" "$@"; }
ifindex_of() { cat "$NET/$1/ifindex"; }
# records BOND [JQ] : the bond's history, through a filter for each record.
records() { asked dump history-get bond="$(ifindex_of "$1")" | jq -c ".[] | ${2:-.}"; }
