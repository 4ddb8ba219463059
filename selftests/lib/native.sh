# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What native bonding of older kernels lacks. A test that holds ours, which is as that of Linux 7.3,
# beside native says what it compares:
#
#	. "$(dirname "$0")/../lib/native.sh"
#	need_native lacp_strict same_value

# The list, by the series of the kernel:
#   broadcast_neighbor, lacp_strict  the option; through netlink it is ignored
#   actor_port_prio                  the option, and ad_select 3 (prio), which goes by it
#   carrier_only                     use_carrier 0 is refused
#   same_value                       an option can be set to the value it has, in any state
native_lacks() {
	case $(uname -r) in
	6.12.*) echo broadcast_neighbor lacp_strict actor_port_prio carrier_only same_value ;;
	esac
}

# need_native WHAT... : skips the test where native bonding lacks one of them.
need_native() {
	local what lacks
	lacks=" $(native_lacks) "
	for what; do
		[[ $lacks != *" $what "* ]] ||
			skip_all "native bonding of $(uname -r) lacks $what, and is no measure for ours"
	done
}
