#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bond of NetworkManager's keyfiles comes up at boot.
# boot: plain native
# boot: installed rustbond
# boot: broken native
# boot: broken rustbond --kernel 6.12
# boot: repaired rustbond
# vm: --nic virtio-net-pci --nic virtio-net-pci --append systemd.mask=systemd-networkd.service --append systemd.mask=networking.service
# timeout: 300

. "$(dirname "$0")/manager.sh"
