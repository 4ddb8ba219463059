#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A bond that stands in /etc/network/interfaces, for ifupdown and ifenslave, comes up at boot.
# boot: plain native
# boot: installed rustbond
# boot: broken native
# boot: broken rustbond --kernel 6.12
# boot: repaired rustbond
# boot: removed native
# vm: --nic virtio-net-pci --nic virtio-net-pci --append systemd.mask=NetworkManager.service --append systemd.mask=systemd-networkd.service
# timeout: 300

. "$(dirname "$0")/manager.sh"
