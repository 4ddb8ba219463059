#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 802.3ad with native bonding at the far end.
# timeout: 500
# vm: --icount 3 --with python3,teamd,ovs,tshark

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/cases.sh"

[[ $KIND != bond ]] || skip_all "the kind under test is native bonding"
load_module
must modprobe bonding max_bonds=0
plan $CASES

stranger_start() {
	must ip -n "$1" link add bond0 address "$5" type bond mode 802.3ad miimon 100 \
		lacp_rate "$3" lacp_active "$4"
	must ip -n "$1" link set bond0 up
	local port
	for port in ${2//,/ }; do
		must far_enslave "$1" bond0 "$port"
	done
}

stranger_stop() { ip -n "$1" link del bond0; }
stranger_uses() { far_sends "$@"; }
stranger_dev() { echo bond0; }

interop
done_testing
