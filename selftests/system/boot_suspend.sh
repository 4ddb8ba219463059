#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The machine is suspended to memory with a bond that is up: after it wakes, the bond is as it was, and
# does what a bond is for.
# boot: plain native
# boot: repaired rustbond
# vm: --nic virtio-net-pci --nic e1000e --append systemd.mask=NetworkManager.service --append systemd.mask=systemd-networkd.service
# timeout: 300

. "$(dirname "$0")/lib.sh"
plan 9

# suspend SECONDS : sleeps until the clock wakes the machine.
suspend() {
	local alarm=/sys/class/rtc/rtc0/wakealarm
	[[ $(</sys/power/mem_sleep) == *"[deep]"* ]] || { cat /sys/power/mem_sleep; return 1; }
	echo 0 >$alarm
	echo "+$1" >$alarm
	echo mem >/sys/power/state
}
options() { reads_so bond0 mode "active-backup 1" miimon 100 updelay 200 primary enp0s9; }
check "the bond has come up, with its address" wait_until 90 come_up || seen bond0 2>&1 | sed 's/^/#   /'
check "it is of the right driver" driven_by bond0
check "the machine sleeps, and wakes" suspend 5
check "it was suspended to memory" log_says 1 "ACPI: PM: Waking up from system sleep state S3"
check "both slaves are up" wait_until 20 links_up bond0 enp0s8 enp0s9
check "the options are what they were" options
check "the far host answers" wait_until 10 answers
cable 1 off
check "the primary slave's cable is pulled: the other one is active" wait_until 10 active_is bond0 enp0s8
check "and the far host answers" wait_until 10 answers
done_testing
