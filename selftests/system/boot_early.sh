#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Bonding is loaded in the initramfs, as who has its name in /etc/initramfs-tools/modules wants it: rustbond
# comes there already.
# boot: early rustbond
# boot: early rustbond --kernel 6.12
# vm: --nic virtio-net-pci --nic virtio-net-pci --append systemd.mask=NetworkManager.service --append systemd.mask=systemd-networkd.service
# timeout: 300

. "$(dirname "$0")/lib.sh"
plan 6

# early : for check: the module was there before the root file system.
early() {
	local lines
	lines=$(dmesg | grep -nE "^.{15}($1|EXT4-fs \(vda\): mounted)")
	[[ $lines == *"$1"*EXT4-fs* ]] || { echo "$lines"; return 1; }
}
check "rustbond was loaded before the root file system was mounted" early rustbond:
check "the bond has come up, with its address" wait_until 90 come_up || seen bond0 2>&1 | sed 's/^/#   /'
check "it is of the right driver" driven_by bond0
check "its options are those that were written" reads_so bond0 mode "active-backup 1" miimon 100 updelay 200 primary enp0s9
check "the far host answers" wait_until 10 answers
check "no service has failed" units_well
done_testing
