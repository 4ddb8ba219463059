#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random requests through every door: what comes of each is what the option table says, and what
# is refused changes nothing. Always the same histories; EPISODES=0 FUZZ=SECONDS SEED=NUMBER in the
# environment of the guest makes others for so long.
# vm: --icount 3 --with python3 --in out/cargo/debug/examples/oracle:/oracle
# timeout: 300

. "$(dirname "$0")/../lib/lib.sh"

[[ $KIND != bond ]] || skip_all "native bonding has another table"
need python3
[[ -x /oracle ]] || skip_all "the oracle is not built: make test-host does that"
load_module
must modprobe dummy numdummies=0
# Each refusal is a line in the log, and the console is slow.
console=/sys/module/printk/parameters/ignore_loglevel
echo N >$console
dmesg -n 1
python3 fuzz.py /oracle "${FUZZ:-40}" "${SEED:-1}" "${EPISODES:-3}"
status=$?
echo Y >$console
exit $status
