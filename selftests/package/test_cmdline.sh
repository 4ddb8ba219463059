#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The drop-in and the kernel's command line: what stands there for bonding counts for rustbond in its place, by
# whatever way it is asked for, and for native bonding where rustbond cannot be loaded. systemd's own
# max_bonds=0, in modprobe.d, does as well.
# vm: --with control --in scripts/drop-in.conf:/drop-in.conf --append bonding.miimon=66 --append bonding.mode=active-backup
# timeout: 100

. "$(dirname "$0")/../lib/lib.sh"
for module in rustbond bonding; do
	modinfo "$module" >/dev/null 2>&1 || skip_all "the guest has no module $module"
done
plan 10

first() { nsenter --net=/run/first-net unshare --mount bash -c 'mount -t sysfs sysfs /sys && exec "$@"' - "$@"; }
who() {
	local name
	for name in bonding rustbond; do
		[[ ! -d /sys/module/$name ]] || echo $name
	done | xargs
}
bonds() { first ip -j link show type bond | jq -r '.[].ifname' | xargs; }
like() { first sh -c 'cat /sys/class/net/bond0/bonding/mode /sys/class/net/bond0/bonding/miimon' | xargs; }
mkdir -p /etc/modprobe.d
must cp /drop-in.conf /etc/modprobe.d/rustbond.conf
must grep -q 'options bonding max_bonds=0' /usr/lib/modprobe.d/systemd.conf
must grep -q 'bonding.miimon=66' /proc/cmdline

check "modprobe bonding" modprobe bonding
check "brings rustbond and no bond, as systemd's file says" is "rustbond " "$(who) $(bonds)"
check "a bond is as the command line says" is "active-backup 1 66" "$(first ip link add bond0 type bond; like)"
must modprobe -r bonding
check "by the kind: ip link add type bond" first ip link add bond0 type bond
check "it brings rustbond" is "rustbond bond0" "$(who) $(bonds)"
check "and it is the same" is "active-backup 1 66" "$(like)"
must modprobe -r bonding

# As on a kernel that rustbond is not built for.
echo 'options rustbond drop_in=perhaps' >/etc/modprobe.d/zz.conf
check "without rustbond: modprobe bonding" modprobe bonding
check "brings native bonding, and no bond" is "bonding " "$(who) $(bonds)"
check "a bond is as the command line says, too" is "active-backup 1 66" "$(first ip link add bond0 type bond; like)"
must modprobe -r bonding
check "it can be removed" is "" "$(who)"
rm /etc/modprobe.d/{rustbond,zz}.conf
done_testing
