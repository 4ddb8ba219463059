#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The ioctls of ifenslave, old and new, those of mii-tool, what ethtool asks, the files of slaves and
# the messages that `ip monitor link` shows: as native bonding has them, in the same kernel.
# vm: --icount 3 --with python3
# timeout: 300

. "$(dirname "$0")/../lib/lib.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to compare it with"
need python3
modinfo bonding >/dev/null 2>&1 || skip_all "the guest has no native bonding"
load_module
must modprobe bonding max_bonds=0
must modprobe dummy numdummies=0
exec python3 ioctl.py
