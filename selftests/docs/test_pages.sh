#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The pages for users, tried literally: the commands of their literal blocks are run, those in the text of the page of
# symptoms as well, and what a page says that they print is compared with what comes. A block that cannot be run
# here is named, with the reason, by a comment in the page's source (selftests/docs/pages.py).
# timeout: 900
# vm: --icount 3 --with python3 --in README.md:/pages/README.md --in Documentation:/pages/Documentation --in out/cli/rustbond:/tools/rustbond --in out/cli/link_rustbond.so:/tools/link_rustbond.so --in out/cli/link_rustbond_slave.so:/tools/link_rustbond_slave.so

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/scenes.sh"

[[ $KIND == rustbond ]] || skip_all "the pages are about rustbond"
[[ -x /tools/rustbond && -e /tools/link_rustbond.so ]] || skip_all "there is no /tools/rustbond: run 'make cli'"
load_module
need python3
PATH=/tools:$PATH
# As the package has them: pages say `rustbond` and `ip` without a path.
export PATH IP_LIB_DIR=/tools
quiet
pages=$(dirname "$(realpath "$0")")/pages.py
work=/tmp/pages
rm -rf $work
mkdir -p $work /var/lib/prometheus/node-exporter
# A page's tcpdump goes on until somebody ends it, on a bond that carries traffic; and its terminal has UTF-8.
prelude='
tcpdump() {
	{ sleep 1; ip neigh flush all; ping -c 3 192.0.2.2; } >/dev/null 2>&1 &
	timeout 60 tcpdump -Z root -c 1 "$@"
}
rustbond() { env LC_ALL=C.UTF-8 rustbond "$@"; }'

# The first page that anybody reads, and those for users by the list in index.rst. PAGES are others, by their names.
read -r -d '' -a names <<<"${PAGES:-README.md $(awk '
	/^\.\. toctree::/ { list = 0 }
	/:caption: For users/ { list = 1 }
	list && /^   [a-zA-Z]/ { print "Documentation/" $1 ".rst" }' /pages/Documentation/index.rst)}"
for page in "${names[@]}"; do
	inline=()
	[[ $page != *symptoms* ]] || inline=(--inline)
	must "$pages" items "${inline[@]}" "/pages/$page" "$work/${page##*/}"
done
items=("$work"/*/*/)
plan ${#items[@]}

# A page writes names of options without their folder.
in_place() { cd $NET/bond0/bonding 2>/dev/null || cd /tmp || return; "$@"; }

# session ITEM : commands with what each prints.
session() {
	local number
	for ((number = 1; ; number++)); do
		[[ -e $1/$number.cmd ]] || return 0
		in_place timeout -k 5 100 bash -c "$prelude"$'\n'"$(<"$1/$number.cmd")" >/tmp/came 2>&1
		"$pages" alike "$1/$number.want" /tmp/came || return
	done
}

# all ITEM : each command succeeds.
all() { in_place timeout -k 5 100 bash -e -c "$prelude"$'\n'"$(<"$1/script")"; }

# Titles have the wildcards of the commands.
set -f
kept=
for item in "${items[@]}"; do
	title=$(<"$item/title")
	if [[ -e $item/skip ]]; then
		ktap_test_skip "$title: $(<"$item/skip")"
		continue
	fi
	# Commands in the text share a scene as long as they succeed: each changes little.
	if [[ ! -e $item/in_text || -z $kept ]]; then
		must scene "$(<"$item/scene")"
	fi
	how=session kept=
	[[ ! -e $item/script ]] || how=all
	if check "$title" $how "$item" && [[ -e $item/in_text ]]; then
		kept=1
	fi
done
set +f
no_scene
done_testing
