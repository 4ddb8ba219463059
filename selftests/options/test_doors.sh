#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every option, through netlink and sysfs, in every mode, with and without slaves, up and down: the
# same answers and the same readings as native bonding in the same kernel, but for what better.py
# lists.
# vm: --icount 3 --with python3 --in Documentation/options.rst:/options.rst
# timeout: 900

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/native.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to compare it with"
need python3
modinfo bonding >/dev/null 2>&1 || skip_all "the guest has no native bonding"
load_module
must modprobe bonding max_bonds=0
must modprobe dummy numdummies=0
# Each refusal is a line in the log, and the console is slow.
console=/sys/module/printk/parameters/ignore_loglevel
echo N >$console
dmesg -n 1
NATIVE_LACKS=$(native_lacks) python3 differ.py /out/options.rst /options.rst
status=$?
echo Y >$console
exit $status
