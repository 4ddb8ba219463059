#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The packages are removed: nothing of them is left, neither on the disk nor in the initramfs.
# boot: removed native
# boot: removed native --kernel 6.12
# vm: --append systemd.mask=NetworkManager.service --append systemd.mask=systemd-networkd.service
# timeout: 300

. "$(dirname "$0")/lib.sh"
plan 5

# What carries the name, less what the testbed has brought.
left() {
	find / -xdev \( -path /root -o -path "$(realpath "$(dirname "$0")/../..")" -o -name '*rustbond-test*' -o -name rustbond-ca.crt \) -prune \
		-o -name '*rustbond*' -print
}
lines() {
	grep -rIH rustbond /etc /var/lib/initramfs-tools /var/lib/dkms 2>/dev/null | grep -vE 'rustbond-test|rustbond-ca.crt|LABEL=rustbond'
}
check "no file of theirs is left" is "" "$(left)"
check "nor a line of theirs" is "" "$(lines)"
check "nor a module in the initramfs" is "" "$(lsinitramfs "/boot/initrd.img-$(uname -r)" | grep -E '/(rustbond|bonding)\.ko')"
check "modprobe bonding is native bonding" is "insmod /lib/modules/$(uname -r)/kernel/drivers/net/bonding/bonding.ko.xz max_bonds=0" 	"$(modprobe --show-depends bonding | tail -n 1 | sed 's/ *$//')"
check "rustbond is unknown" fails modinfo rustbond
done_testing
