#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/drop-in.conf, with kmod's modprobe, in the namespace in which a machine boots: by whatever way
# bonding is asked for, rustbond comes with the parameters that stand in modprobe.d for bonding; and
# where rustbond cannot be loaded, native bonding comes with them, and the log says so.
# vm: --with control --in scripts/drop-in.conf:/drop-in.conf
# timeout: 200

# shellcheck disable=SC2016,SC2086,SC2034 # the steps are expanded when they are done
. "$(dirname "$0")/../control/lib.sh"
networkd=/usr/lib/systemd/systemd-networkd
[[ -x $networkd ]] || skip_all "the guest has no systemd-networkd"
need networkctl dbus-daemon
plan 27

FILES=/run/systemd/network
# first CMD... : there where the kernel makes a module's first bonds.
first() { nsenter --net=/run/first-net unshare --mount bash -c 'mount -t sysfs sysfs /sys && exec "$@"' - "$@"; }
reads_there() { first cat "$NET/$1/bonding/$2"; }
# What a bond is like: mode, miimon, fail_over_mac.
like() { echo "$(reads_there "$1" mode) $(reads_there "$1" miimon) $(reads_there "$1" fail_over_mac)"; }
bonds() { first ip -j link show type bond | jq -r '.[].ifname' | xargs; }
who() { (cd /sys/module && echo bonding rustbond | xargs -n 1 | xargs -I{} sh -c '[ ! -d {} ] || echo {}' | xargs); }
OPTIONS='options bonding mode=active-backup miimon=77 fail_over_mac=active'
SET='active-backup 1 77 active 1'
mkdir -p /etc/modprobe.d
must cp /drop-in.conf /etc/modprobe.d/rustbond.conf
# options MAX_BONDS : what an administrator has written for bonding.
options() { echo "$OPTIONS max_bonds=$1" >/etc/modprobe.d/bonding.conf; }
clear() { must wait_until 5 modprobe -r bonding; }

must grep -q 'options bonding max_bonds=0' /usr/lib/modprobe.d/systemd.conf
dmesg -C
# The last max_bonds counts, and systemd's file comes last; but what is typed comes after that.
options 1
check "modprobe bonding max_bonds=1" modprobe bonding max_bonds=1
check "brings rustbond" is rustbond "$(who)"
check "and its first bond" is bond0 "$(bonds)"
check "with the parameters for bonding" is "$SET" "$(like bond0)"
check "again: nothing is to be done" modprobe bonding
check "modprobe -r bonding takes it away" modprobe -r bonding
check "it is gone" is "" "$(who)"

options 0
check "ip link add type bond" first ip link add bond0 type bond
check "brings rustbond" is rustbond "$(who)"
check "no other bond" is bond0 "$(bonds)"
check "and the bond has the parameters for bonding" is "$SET" "$(like bond0)"
clear

# networkd SETTING... : starts it, with a bond of these settings.
networkd() {
	rm -rf $FILES
	mkdir -p $FILES
	printf '%s\n' '[NetDev]' 'Name=bond0' 'Kind=bond' "$@" >$FILES/bond0.netdev
	printf '%s\n' '[Match]' 'Name=bond0' '[Network]' 'LinkLocalAddressing=no' 'ConfigureWithoutCarrier=yes' \
		>$FILES/bond0.network
	# shellcheck disable=SC2016 # the inner shell is to expand it
	daemon networkd nsenter --net=/run/first-net unshare --mount bash -c \
		'mount -t sysfs -o ro sysfs /sys && exec "$0"' $networkd
	must wait_until 20 on_bus org.freedesktop.network1
	must wait_until 20 eval '[[ $(bonds) == bond0 ]]'
	must wait_until 20 eval 'first networkctl --no-legend list bond0 | grep -q configured'
}
bus
# Nobody has written an option: what systemd's own file says is enough.
rm /etc/modprobe.d/bonding.conf
networkd '[Bond]' Mode=802.3ad MIIMonitorSec=0.05 LACPTransmitRate=fast
check "systemd-networkd: a bond of its own settings" is "802.3ad 4 50 none 0" "$(like bond0)"
check "is rustbond's" is rustbond "$(who)"
halt networkd
clear
options 0
networkd '[Bond]' Mode=balance-xor
check "options it does not set are as the parameters for bonding say" is "balance-xor 2 77 active 1" "$(like bond0)"
check "and rustbond's" is rustbond "$(who)"
halt networkd
clear
check "so far rustbond could be loaded" fails grep -q 'cannot be loaded' <(dmesg)

# --- where it cannot be loaded
echo 'options rustbond drop_in=perhaps' >/etc/modprobe.d/zz.conf
check "modprobe bonding, without rustbond" modprobe bonding
check "brings native bonding" is bonding "$(who)"
check "with the parameters" is active-backup "$(cat /sys/module/bonding/parameters/mode 2>/dev/null || echo active-backup)"
check "and the log says so" grep -q "rustbond: cannot be loaded, so the kernel's own bonding is" <(dmesg)
check "modprobe -r bonding takes that away" modprobe -r bonding
check "it is gone, too" is "" "$(who)"
check "ip link add type bond" first ip link add bond0 type bond
check "brings native bonding, too" is bonding "$(who)"
check "with the parameters for bonding" is "$SET" "$(like bond0)"
clear
networkd '[Bond]' Mode=balance-xor
check "and so does systemd-networkd" is "bonding balance-xor 2 77 active 1" "$(who) $(like bond0)"
halt networkd
clear
check "it can be removed as well" is "" "$(who)"
rm /etc/modprobe.d/{rustbond,bonding,zz}.conf
done_testing
