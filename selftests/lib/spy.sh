# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the kernel's notifier chain for devices is told: source it after lib.sh.
#
#	spy s0 s1 bond0
#	ip link set s0 master bond0
#	spied

_TRACE=/sys/kernel/tracing
# NETDEV_*, in the order of their numbers.
_NETDEV=(- UP DOWN REBOOT CHANGE REGISTER UNREGISTER CHANGEMTU CHANGEADDR PRE_CHANGEADDR GOING_DOWN
	CHANGENAME FEAT_CHANGE BONDING_FAILOVER PRE_UP PRE_TYPE_CHANGE POST_TYPE_CHANGE POST_INIT PRE_UNINIT
	RELEASE NOTIFY_PEERS JOIN CHANGEUPPER RESEND_IGMP PRECHANGEMTU CHANGEINFODATA BONDING_INFO
	PRECHANGEUPPER CHANGELOWERSTATE UDP_TUNNEL_PUSH_INFO UDP_TUNNEL_DROP_INFO CHANGE_TX_QUEUE_LEN
	CVLAN_FILTER_PUSH_INFO CVLAN_FILTER_DROP_INFO SVLAN_FILTER_PUSH_INFO SVLAN_FILTER_DROP_INFO
	OFFLOAD_XSTATS_ENABLE OFFLOAD_XSTATS_DISABLE OFFLOAD_XSTATS_REPORT_USED
	OFFLOAD_XSTATS_REPORT_DELTA XDP_FEAT_CHANGE)

# spy DEV... : listens from now on to what is told of these devices; skips the test where the kernel
# has no such probes.
spy() {
	local dev filter=
	if [[ ! -e $_TRACE/events/kprobes/netdev/enable ]]; then
		mount -t tracefs tracefs $_TRACE 2>/dev/null
		echo 'p:netdev call_netdevice_notifiers_info event=val:u32 dev=info->dev->name:string mac=+0(info->dev->dev_addr):x8[6]' \
			>$_TRACE/kprobe_events || skip_all "the kernel cannot probe call_netdevice_notifiers_info"
	fi
	for dev; do
		filter+="${filter:+ || }dev == \"$dev\""
	done
	# Switching it off and on takes long.
	if [[ $filter != "${_spying:-}" ]]; then
		echo 0 >$_TRACE/events/kprobes/netdev/enable
		echo "$filter" >$_TRACE/events/kprobes/netdev/filter
		echo 1 >$_TRACE/events/kprobes/netdev/enable
		_spying=$filter
	fi
	: >$_TRACE/trace
}

# spied : what was told since, one event a line, as "bond0 CHANGEADDR".
spied() {
	local line event
	while IFS= read -r line; do
		[[ $line =~ event=([0-9]+)\ dev=\"([^\"]*)\" ]] || continue
		event=${BASH_REMATCH[1]}
		echo "${BASH_REMATCH[2]} ${_NETDEV[event]:-$event}"
	done <$_TRACE/trace
}

# showed DEV : the addresses that it showed whenever something was told of it, one a line, without
# leading zeroes, as 2:0:0:0:a:1.
showed() {
	local line
	while IFS= read -r line; do
		[[ $line =~ dev=\"$1\"\ mac=\{([^\}]*)\} ]] || continue
		line=${BASH_REMATCH[1]//0x/}
		echo "${line//,/:}"
	done <$_TRACE/trace
}

# The probe stays until the test ends.
spy_ends() {
	[[ -e $_TRACE/events/kprobes/netdev/enable ]] || return 0
	_spying=
	echo 0 >$_TRACE/events/kprobes/netdev/enable
	: >$_TRACE/kprobe_events
}
