#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# rustbond in the place of native bonding: its kind, files, defaults and names; who of the two
# may be there; and, as a kind of its own, beside it.
# vm: --in scripts/drop-in.conf:/drop-in.conf
# timeout: 300

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to put in its place"
for module in rustbond bonding; do
	modinfo "$module" >/dev/null 2>&1 || skip_all "the guest has no module $module"
done
plan 72

loaded() { [[ -d /sys/module/$1 ]]; }
unload() { must wait_until 5 modprobe -r "$1"; }
# says TEXT : for check: the kernel's log holds it since the last dmesg -C.
says() { dmesg | grep -F "$1" || { dmesg | tail -n 5; return 1; }; }
# first CMD... : there where a module's max_bonds are made.
first() { nsenter --net=/run/first-net "$@"; }
bonds_there() { first ip -j link show type "${1:-bond}" | jq -r '.[].ifname' | xargs; }
kind_of() { field "$1" .linkinfo.info_kind; }
PROC=/proc/net/bonding MASTERS=$NET/bonding_masters

must modprobe dummy numdummies=0
for i in 0 1 2 3; do
	must ip link add "dummy$i" address "$(mac_of "$i")" type dummy
done

# --- in its place
check "drop_in=1: it loads" modprobe rustbond drop_in=1
check "max_bonds is 1, as native has it" is bond0 "$(bonds_there)"
check "and such a bond has its file" first grep -q 'Ethernet Channel Bonding Driver: v' $PROC/bond0
check "elsewhere there is none" is "" "$(xargs <$MASTERS)"
must put $MASTERS +bond0
check "the file makes one of the kind bond" is bond "$(kind_of bond0)"
check "and has a file in /proc/net/bonding" grep -q 'Ethernet Channel Bonding Driver: v' $PROC/bond0
check "there are no files of the kind rustbond" fails test -e $NET/rustbond_masters -o -e /proc/net/rustbond
check "nor that kind" refuses "Unknown device type" ip link add x0 type rustbond
check "ethtool says that the driver is bonding" is bonding "$(ethtool -i bond0 | sed -n 's/^driver: //p')"
check "ip sets its options by their names" ip link add bond1 type bond mode 802.3ad miimon 100 \
	lacp_rate fast xmit_hash_policy layer3+4
check "and shows them" is "802.3ad 100 fast layer3+4" \
	"$(field bond1 '.linkinfo.info_data | "\(.mode) \(.miimon) \(.ad_lacp_rate) \(.xmit_hash_policy)"')"
check "a slave, too" ip link set dummy0 master bond1
check "has what ip shows of one" is "bond dummy0 0" "$(field dummy0 \
	'.linkinfo | "\(.info_slave_kind) \(.info_slave_data.perm_hwaddr | if . == "'"$(mac_of 0)"'" then "dummy0" else . end) \(.info_slave_data.queue_id)"')"
check "ip sets a slave's option" ip link set dummy0 type bond_slave queue_id 2
must put $MASTERS +bond7
check "the next without a name is bond%d" ip link add type bond
check "by the lowest free number" is bond "$(kind_of bond2)"
check "names and order" is "bond0 bond1 bond7 bond2" "$(xargs <$MASTERS)"
check "another namespace has its own" bash -c "
	unshare --net --mount bash -c 'mount -t sysfs sysfs /sys; xargs <$MASTERS; ls $PROC' | xargs test -z"
# --- and native comes second
dmesg -C
check "beside drop_in=1, native is refused" refuses "resource busy" modprobe bonding max_bonds=0
check "the log says what to do" says "rustbond: bonding cannot be loaded while rustbond is in its place"
check "it is not there" fails loaded bonding
check "ours has kept its file" is "bond0 bond1 bond7 bond2" "$(xargs <$MASTERS)"
check "its folder" grep -q 'Ethernet Channel Bonding Driver: v' $PROC/bond0
check "its slave" opt_is dummy0 bond1 slaves
check "and another module can be loaded" bash -c "modprobe team && modprobe -r team"
unload rustbond
check "it unloads, with all bonds" is "dummy0 dummy1 dummy2 dummy3 lo" \
	"$(cd $NET && ls -d */ | tr -d / | xargs)"
check "and its slaves are free" is null "$(field dummy0 .master)"
check "drop_in=1 max_bonds=0: none" modprobe rustbond drop_in=1 max_bonds=0
check "there" is "" "$(bonds_there)"
check "but the kind is" ip link add type bond
unload rustbond
check "drop_in=1 max_bonds=3: three" modprobe rustbond drop_in=1 max_bonds=3
check "there" is "bond0 bond1 bond2" "$(bonds_there)"
unload rustbond
must modprobe rustbond
check "without drop_in there is none from the start" is "" "$(bonds_there rustbond)"
unload rustbond
must modprobe rustbond max_bonds=2
check "but by max_bonds, with native's names" is "bond0 bond1" "$(bonds_there rustbond)"
check "the kind bond is still native's" ip link add bond0 type bond
check "which came by itself" loaded bonding
must ip link del bond0
unload bonding
unload rustbond

# --- native is there first
check "native loads when ours is gone" modprobe bonding max_bonds=0
check "and has its files" is "/" "$(xargs <$MASTERS)/"
must ip link add bond0 type bond
must ip link set dummy0 master bond0
dmesg -C
check "beside native, drop_in=1 is refused" refuses "resource busy" modprobe rustbond drop_in=1
check "the log says what to do" says "rustbond: the kernel's bonding is loaded: unload it (modprobe -r bonding)"
check "it is not there" fails loaded rustbond
check "native has kept its file" is bond0 "$(xargs <$MASTERS)"
check "its folder" test -e $PROC/bond0
check "and its slave" opt_is dummy0 bond0 slaves
check "without drop_in it loads beside native" modprobe rustbond
check "both files are there" is "bond0 /" "$(xargs <$MASTERS) /$(xargs <$NET/rustbond_masters)"
must ip link add rust0 type rustbond
must put "$NET/rustbond_masters" +rust1
check "each lists its own: native" is bond0 "$(xargs <$MASTERS)"
check "ours" is "rust0 rust1" "$(xargs <$NET/rustbond_masters)"
check "native's file does not remove ours" refuses "" put $MASTERS -rust0
check "nor ours native's" refuses "No such device" put $NET/rustbond_masters -bond0
must ip link set dummy1 master rust0
check "each has its slave: native" opt_is dummy0 bond0 slaves
check "ours" opt_is dummy1 rust0 slaves
check "a slave of native's cannot be ours" refuses "" put $NET/rust0/bonding/slaves +dummy0
check "nor one of ours native's" refuses "" put $NET/bond0/bonding/slaves +dummy1
# A slave of a bond that native's notifier would take for one of its own.
check "ours changes name, address, MTU, goes up and down under native's eyes" bash -c "
	ip link set rust0 name r0 && ip link set r0 address 02:00:00:00:00:42 && ip link set r0 mtu 1400 &&
	ip link set r0 up && ip link set r0 down && ip link set r0 name rust0"
check "native's does so under ours" bash -c "
	ip link set bond0 name b0 && ip link set b0 address 02:00:00:00:00:43 && ip link set b0 mtu 1400 &&
	ip link set b0 up && ip link set b0 down && ip link set b0 name bond0"
check "a bond of native's cannot be a slave of ours" refuses "another kind" ip link set bond0 master rust1
must ip link set rust0 down
check "nor one of ours native's" refuses "cannot be enslaved" ip link set rust1 master bond0
check "ours can be ours" bash -c "ip link set rust1 master rust0 && ip link set rust1 nomaster"
check "native's can be native's" bash -c "ip link add bond1 type bond && ip link set bond0 down &&
	ip link set bond1 master bond0 && ip link del bond1"
must ip link set dummy1 down
must ip link set rust0 down
unload bonding
check "native goes, ours stays" opt_is dummy1 rust0 slaves
check "and works on" ip link set dummy2 master rust0
must modprobe bonding max_bonds=0
unload rustbond
check "ours goes, native stays" test -e $MASTERS
check "and works on" ip link add bond0 type bond
must ip link del bond0
unload bonding

# --- by the lines for modprobe.d
mkdir -p /etc/modprobe.d
must cp /drop-in.conf /etc/modprobe.d/rustbond.conf
echo "options bonding resend_igmp=7 max_bonds=0" >/etc/modprobe.d/bonding.conf
check "modprobe.d: ip link add type bond" ip link add bond0 type bond
check "brings rustbond" loaded rustbond
check "and not native" fails loaded bonding
unload rustbond
check "modprobe bonding brings it, with the parameters given there" modprobe bonding miimon=77
must ip link add bond0 type bond
check "and with those that stand there for bonding" is "7 77" "$(get_opt bond0 resend_igmp) $(get_opt bond0 miimon)"
check "rustbond it is" bash -c "[[ -d /sys/module/rustbond && ! -d /sys/module/bonding ]]"
check "modprobe -r bonding removes it" modprobe -r bonding
check "and it is gone" fails loaded rustbond
rm /etc/modprobe.d/{rustbond,bonding}.conf

done_testing
