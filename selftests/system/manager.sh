# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What is seen of one and the same bond, whoever configures networks at boot: its options are those that
# were written, the driver is the right one, and it does what a bond is for.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
plan 12

check "the bond has come up, with its address" wait_until 90 come_up || seen bond0 2>&1 | sed 's/^/#   /'
check "it is of the right driver" driven_by bond0
check "its options are those that were written" reads_so bond0 mode "active-backup 1" miimon 100 updelay 200 \
	primary enp0s9 primary_reselect "always 0" fail_over_mac "none 0" num_grat_arp 2
check "both slaves are there" is "enp0s8 enp0s9" "$(get_opt bond0 slaves | xargs -n 1 | sort -V | xargs)"
check "and up" links_up bond0 enp0s8 enp0s9
check "the primary one is active" wait_until 10 active_is bond0 enp0s9
check "the far host answers" wait_until 10 answers
pings
cable 1 off
check "its cable is pulled: the other slave is active" wait_until 10 active_is bond0 enp0s8
sleep 2
cable 1 on
check "it is plugged in again: the primary one is active again" wait_until 10 active_is bond0 enp0s9
sleep 2
end_pings
check "traffic has gone on" lost 5
check "the log says what became of rustbond" fallback_told
check "no service has failed" units_well
done_testing
