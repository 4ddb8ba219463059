#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bond says DEVTYPE=bond in its uevent, whatever its kind is called, so that rules of udev and `Type=bond`
# of systemd find it.
# vm: --with control
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need udevadm
load_module
plan 5

devtype() { sed -n 's/^DEVTYPE=//p' "$NET/$1/uevent"; }
bond bond0 mode=active-backup miimon=50
check "a new bond" is bond "$(devtype bond0)"
must ip link add dummy0 type dummy
must enslave bond0 dummy0
check "with a slave" is bond "$(devtype bond0)"
check "the slave has none" is "" "$(devtype dummy0)"

mkdir -p /run/systemd/network
printf '%s\n' '[Match]' 'Type=bond' '[Link]' 'Description=matched' >/run/systemd/network/10-bond.link
applied() { udevadm test-builtin net_setup_link "/sys/class/net/$1" 2>&1; }
check "Type=bond of systemd matches it" grep -q 'ID_NET_LINK_FILE=.*10-bond.link' <(applied bond0)
check "and not its slave" fails grep -q 'ID_NET_LINK_FILE=.*10-bond.link' <(applied dummy0)
rm /run/systemd/network/10-bond.link
done_testing
