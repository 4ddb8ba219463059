#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Where the kernel takes only modules that are signed, by Secure Boot or by its command line: rustbond runs
# if the key that DKMS signs with is enrolled, and native bonding under the same names and with the same
# options if it is not.
# boot: plain native --firmware secure
# boot: repaired native --firmware secure
# boot: repaired rustbond --firmware enrolled
# boot: installed rustbond --firmware enrolled
# boot: repaired native --append module.sig_enforce=1
# boot: repaired rustbond --firmware enrolled --append module.sig_enforce=1
# vm: --nic virtio-net-pci --nic virtio-net-pci --append systemd.mask=NetworkManager.service --append systemd.mask=systemd-networkd.service --mem 1536
# timeout: 400

. "$(dirname "$0")/lib.sh"
plan 8

# locked : for check: the kernel refuses what is not signed, as it was booted to.
locked() {
	case $(</proc/cmdline) in
	*module.sig_enforce=1*) is Y "$(cat /sys/module/module/parameters/sig_enforce)" ;;
	*) grep -F '[integrity]' /sys/kernel/security/lockdown ;;
	esac
}
check "the kernel takes no module that is not signed" locked
check "the bond has come up, with its address" wait_until 90 come_up || seen bond0 2>&1 | sed 's/^/#   /'
check "it is of the right driver" driven_by bond0
check "its options are those that were written" reads_so bond0 mode "active-backup 1" miimon 100 updelay 200 primary enp0s9
check "both slaves are there, and up" links_up bond0 enp0s8 enp0s9
check "the far host answers" wait_until 10 answers
check "the log says what became of rustbond" fallback_told
check "no service has failed" units_well
done_testing
