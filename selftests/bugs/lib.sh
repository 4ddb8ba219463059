# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What these tests share. Each point names the rows of the file `native` that it is about; that
# the kernel does not complain meanwhile is seen by who runs it.

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

# noise : from now on frames of all sorts are sent from every device here and, if there is one, in
# the namespace far.
noise() {
	# Each is as much work for that kernel as a process is.
	local pace=10
	rm -f /tmp/noise-*
	../churn/noise.py send 1 $pace &
	wait_until 60 test -e /tmp/noise-1 || return
	[[ -e /run/netns/far ]] || return 0
	ip netns exec far "$PWD/../churn/noise.py" send 2 $pace &
	wait_until 60 test -e /tmp/noise-2
}

# during SECONDS CMD... : has CMD done again and again, so long and twice at least.
during() {
	local NOW end rounds=0
	look_up
	end=$((NOW + $1 * 1000))
	shift
	while ((NOW < end || rounds < 2)); do
		"$@" || return
		rounds=$((rounds + 1))
		look_up
	done
}

# alive [BOND] : it is there and reads well; for a point about a kernel that must not complain.
alive() {
	local lines
	sleep 0.2 && mapfile lines <"$PROC/${1:-bond0}" && ((${#lines[@]} > 0)) &&
		ip -d link show "${1:-bond0}" >/dev/null
}
