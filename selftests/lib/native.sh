# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What native bonding of older kernels lacks. A test that holds ours, which is as that of Linux 7.3,
# beside native takes that into account.

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
