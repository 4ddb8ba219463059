#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bond of four cards with four drivers, as real machines have them: whichever cable is pulled, another
# slave takes over, and traffic goes on.
# boot: plain native
# boot: installed rustbond
# boot: repaired rustbond
# vm: --nic virtio-net-pci --nic e1000e --nic igb --nic vmxnet3 --append systemd.mask=NetworkManager.service --append systemd.mask=systemd-networkd.service
# timeout: 400

. "$(dirname "$0")/lib.sh"
plan 17

slaves=(enp0s8 enp0s9 enp0s10 enp0s11)
names=(virtio_net e1000e igb vmxnet3)

check "the bond has come up, with its address" wait_until 90 come_up || seen bond0 2>&1 | sed 's/^/#   /'
check "it is of the right driver" driven_by bond0
check "all slaves are there, and up" wait_until 20 links_up bond0 "${slaves[@]}"
for i in 0 1 2 3; do
	check "card $i is driven by ${names[i]}" is "driver: ${names[i]}" "$(ethtool -i "${slaves[i]}" | grep '^driver:')"
done
# Each cable is pulled while its slave is the active one.
for i in 0 1 2 3; do
	set_opt bond0 active_slave "${slaves[i]}"
	pings
	cable "$i" off
	check "${names[i]}: its cable is pulled, another slave is active" wait_until 10 active_other bond0 "${slaves[i]}"
	sleep 2
	end_pings
	check "${names[i]}: traffic has gone on" lost 5
	cable "$i" on
	wait_until 10 status_is bond0 "${slaves[i]}" up
done
check "the log says what became of rustbond" fallback_told
check "no service has failed" units_well
done_testing
