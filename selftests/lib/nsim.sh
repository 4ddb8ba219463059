# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Devices of netdevsim, which the debug kernel has: they can what few real ones can. Source it
# after lib.sh.

NSIM=/sys/bus/netdevsim
_nsims=()

_nsim_cleanup() {
	local id
	for id in "${_nsims[@]}"; do
		nsim_del "$id" 2>/dev/null
	done
	_cleanup
}

# need_nsim : skips the test where the kernel has none.
need_nsim() {
	modprobe netdevsim 2>/dev/null || skip_all "the kernel has no netdevsim"
	trap _nsim_cleanup EXIT
}

# nsim ID NAME... : a device with so many ports.
nsim() {
	local id=$1 name number=0 file
	shift
	must put "$NSIM/new_device" "$id $#"
	_nsims+=("$id")
	for name; do
		number=$((number + 1))
		file=$(grep -lsx "p$number" "$NSIM/devices/netdevsim$id"/net/*/phys_port_name)
		file=${file%/*}
		must ip link set "${file##*/}" name "$name"
	done
}

# nsim_link A B : a cable between two ports. When one is down, the other has no carrier.
nsim_link() {
	local own a b
	a=$(</sys/class/net/$1/ifindex) b=$(</sys/class/net/$2/ifindex)
	exec {own}</proc/self/ns/net
	must put "$NSIM/link_device" "$own:$a $own:$b"
	exec {own}<&-
}

# nsim_del ID : it goes, whatever it is in.
nsim_del() { put "$NSIM/del_device" "$1"; }
