# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# How deep requests drive the kernel's stack, by its stack tracer, for a bond of any kind. Both
# test_stack.sh and scripts/bench.d/guest source it. The kernel is to be started with
# randomize_kstack_offset=off, or each system call adds up to 1 KiB by chance.

STACK_TRACE=/sys/kernel/tracing

# stack_tracer : the kernel has one, and it is on from now: turning it on and off changes the code of
# all functions, and takes longer than what is measured.
stack_tracer() {
	mountpoint -q "$STACK_TRACE" || mount -t tracefs tracefs "$STACK_TRACE" 2>/dev/null
	[[ -e $STACK_TRACE/stack_max_size ]] && echo 1 >/proc/sys/kernel/stack_tracer_enabled
}

stack_tracer_off() { echo 0 >/proc/sys/kernel/stack_tracer_enabled; }

# One ip for all requests: starting another would be part of what is measured.
stack_ip_start() {
	# shellcheck disable=SC2069 # its complaints are what is read
	coproc STACK_IP { exec ip -d -force -batch - 2>&1 >/dev/null; }
	exec {_stack_to}>&"${STACK_IP[1]}" {_stack_from}<&"${STACK_IP[0]}" {_stack_quiet}<> <(:)
}

stack_ip_stop() {
	exec {_stack_to}>&- {_stack_from}<&- {_stack_quiet}<&-
	eval "exec ${STACK_IP[1]}>&- ${STACK_IP[0]}<&-"
	wait "$STACK_IP_PID" 2>/dev/null
	return 0
}

# by_ip WORD... : has ip do it, and fails if the kernel refuses. What follows, ip itself complains of.
by_ip() {
	local line status=0
	printf '%s\nfinished\n' "$*" >&"$_stack_to"
	while read -r line <&"$_stack_from"; do
		case $line in
		*'"finished" is unknown'*)
			read -r line <&"$_stack_from"
			return $status
			;;
		'Command failed'*) status=1 ;;
		esac
	done
	return 1
}

# by_file FILE TEXT
by_file() { echo "$2" >"$1"; }

# deep NAME CMD... : prints "NAME BYTES", or "NAME -1" if CMD fails. What the kernel does for it in the
# second after counts, too: at times that is before CMD ends.
# An interrupt, and whoever preempts the request, come at any moment and take the same of everyone: they
# are cut off. Where another program's was the deepest, the request's is not known, but no more:
# "NAME BYTES hidden". The stack is left in $STACK_OUT/KIND-NAME where there is such a folder.
deep() {
	local name=$1 status=0 line lines size number depth own
	shift
	echo 0 >"$STACK_TRACE/stack_max_size"
	"$@" >/dev/null 2>&1 || status=$?
	# Starting sleep would be deeper than most that is measured.
	read -r -t 1 <&"$_stack_quiet"
	mapfile -t lines <"$STACK_TRACE/stack_trace"
	[[ -z ${STACK_OUT:-} ]] || printf '%s\n' "${lines[@]}" >"$STACK_OUT/$kind-$name"
	# "NUMBER) DEPTH SIZE FUNCTION", the deepest first.
	size=-1
	for line in "${lines[@]:2}"; do
		read -r number depth own line <<<"$line"
		((size >= 0)) || size=$depth
		case $line in
		stack_trace_call* | asm_sysvec_* | asm_common_interrupt* | preempt_schedule*) size=$((depth - own)) ;;
		esac
	done
	case ${lines[*]} in
	*sys_sendmsg+* | *sys_sendto+* | *sys_recvmsg+* | *" ksys_write+"* | *" ret_from_fork"*) ;;
	*) size+=" hidden" ;;
	esac
	((status == 0)) || size=-1
	echo "$name $size"
}

# The paths, in the order in which stack_paths prints them.
STACK_PATHS="enslave-netlink release-netlink enslave-sysfs release-sysfs mtu mac dump carrier primary
	down up mode-sysfs delete
	7-enslave-netlink 7-release-netlink 7-enslave-sysfs 7-mtu 7-mac 7-carrier 7-primary"

# stack_paths KIND : how many bytes each takes; the kinds that have no files in sysfs leave some out.
stack_paths() {
	local kind=$1 net=/sys/class/net i files=
	case $kind in
	bond | rustbond) files=1 ;;
	esac
	stack_ip_start
	for i in 0 1 2; do
		by_ip link add k$i type dummy
	done
	# One bond, under a bridge, with a VLAN above.
	by_ip link add kb0 type "$kind"
	if [[ -n $files ]]; then
		echo active-backup >$net/kb0/bonding/mode
		echo 100 >$net/kb0/bonding/miimon
	fi
	by_ip link add kbr type bridge
	by_ip link set kb0 master kbr
	by_ip link set kb0 up
	by_ip link set kbr up
	by_ip link add link kb0 name kb0.5 type vlan id 5
	by_ip link set kb0.5 up
	# Whatever is done for the first time is done before.
	by_ip link set k0 master kb0
	by_ip link set k0 nomaster
	by_ip link set k0 master kb0
	deep enslave-netlink by_ip link set k1 master kb0
	deep release-netlink by_ip link set k1 nomaster
	if [[ -n $files ]]; then
		deep enslave-sysfs by_file $net/kb0/bonding/slaves +k1
		deep release-sysfs by_file $net/kb0/bonding/slaves -k1
	fi
	by_ip link set k1 master kb0
	deep mtu by_ip link set kb0 mtu 1400
	deep mac by_ip link set kb0 address 02:00:00:00:00:66
	deep dump by_ip link show
	if [[ -n $files ]]; then
		deep carrier by_file $net/k0/carrier 0
		echo 1 >$net/k0/carrier
		sleep 1
		echo 1 >$net/kb0/bonding/num_grat_arp
		echo k1 >$net/kb0/bonding/active_slave
		deep primary by_file $net/kb0/bonding/primary k0
	fi
	deep down by_ip link set kb0 down
	deep up by_ip link set kb0 up
	if [[ -n $files ]]; then
		by_ip link set kb0 down
		by_ip link del kb0.5
		by_ip link set kb0 nomaster
		by_ip link set k0 nomaster
		by_ip link set k1 nomaster
		deep mode-sysfs by_file $net/kb0/bonding/mode 802.3ad
		echo active-backup >$net/kb0/bonding/mode
		by_ip link set k0 master kb0
		by_ip link set k1 master kb0
		by_ip link set kb0 up
	fi
	deep delete by_ip link del kb0
	by_ip link del kbr

	# Seven, each the slave of the next.
	for i in 0 1 2 3 4 5 6; do
		by_ip link add kb$i type "$kind"
		[[ -z $files ]] || echo active-backup >$net/kb$i/bonding/mode
		[[ -z $files ]] || echo 100 >$net/kb$i/bonding/miimon
	done
	by_ip link set k0 master kb0
	by_ip link set k2 master kb0
	for i in 1 2 3 4 5 6; do
		by_ip link set kb$((i - 1)) down
		by_ip link set kb$((i - 1)) master kb$i
	done
	by_ip link set kb6 up
	# It can do less than the bonds, and they lose it.
	ethtool -K k1 tso off sg off >/dev/null 2>&1
	deep 7-enslave-netlink by_ip link set k1 master kb0
	deep 7-release-netlink by_ip link set k1 nomaster
	if [[ -n $files ]]; then
		deep 7-enslave-sysfs by_file $net/kb0/bonding/slaves +k1
	else
		by_ip link set k1 master kb0
	fi
	deep 7-mtu by_ip link set kb6 mtu 1400
	deep 7-mac by_ip link set kb6 address 02:00:00:00:00:77
	if [[ -n $files ]]; then
		sleep 1
		deep 7-carrier by_file $net/k0/carrier 0
		echo 1 >$net/k0/carrier
		sleep 1
		echo k2 >$net/kb0/bonding/active_slave
		deep 7-primary by_file $net/kb0/bonding/primary k0
	fi
	for i in 6 5 4 3 2 1 0; do
		by_ip link del kb$i
	done
	for i in 0 1 2; do
		by_ip link del k$i
	done
	stack_ip_stop
}
