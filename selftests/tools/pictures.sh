#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Prints what the command shows of some bonds, as Documentation/command.rst has it:
#
#	scripts/vm --icount 3 --with python3,python3-pyte --in out/cli/rustbond:/tools/rustbond \
#		--timeout 600 selftests/tools/pictures.sh

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/../lib/lacp.sh"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/../docs/scenes.sh"

KIND=rustbond
PATH=${RUSTBOND%/*}:$PATH
load_module
must modprobe tun
quiet

# type CMD... : shows it and what it prints.
type() {
	printf '\n$ %s\n' "${*/$RUSTBOND/rustbond}"
	env LC_ALL=C.UTF-8 "$@"
}

scene native
type $RUSTBOND show bond0
type $RUSTBOND why bond0
scene bond
since=$($RUSTBOND show bond0 --json | jq '.bonds[0].counters.records')
must cut_link far p0
must wait_until 10 active_is bond0 eth1
must mend_link far p0
must set_opt bond0 primary eth0
must wait_until 10 active_is bond0 eth0
must set_opt bond0 miimon 50
type $RUSTBOND history bond0 --since "$since"
last=$($RUSTBOND show bond0 --json | jq '.bonds[0].counters.records')
printf '\n$ rustbond history bond0 --since %s --json | jq\n' $((last - 1))
$RUSTBOND history bond0 --since $((last - 1)) --json | jq
scene lacp
type $RUSTBOND show
type $RUSTBOND why
type $RUSTBOND flow bond0 --src 192.0.2.1 --dst 192.0.2.2 --proto udp --sport 5000 --dport 53
type $RUSTBOND flow bond0 --src 192.0.2.1 --dst 192.0.2.2 --proto udp --sport 5001 --dport 53 --json
scene stranger
type $RUSTBOND why
printf '\n$ rustbond watch\n'
# Words for terminal.py.
./terminal.py $RUSTBOND watch --interval 0.5 <<-END
	see eth2
	run ping -q -c 100 -i 0.01 192.0.2.2 >/dev/null
	run ip -n far link set p1 down
	see eth1 carrier down
	run ping -q -c 100 -i 0.01 192.0.2.2 >/dev/null
	see no carrier
	print
	key q
	end
END
