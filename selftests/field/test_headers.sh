#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The link headers of bonds on bonds on a tunnel: those of the tunnel, however many bonds there are.
# vm: --with python3 --icount 3
# timeout: 120

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
modprobe -a ip_gre ip6_gre veth 2>/dev/null
quiet
both_kinds
plan $((${#kinds[@]} * 6))

# octets LAST : fd00::LAST, as a link-layer address is written.
octets() { echo "fd:00:00:00:00:00:00:00:00:00:00:00:00:00:00:$1"; }

namespaces far
connect_far() {
	must ip link add v0 type veth peer name v1 netns far
	must ip link set v0 up
	must ip -n far link set v1 up
	for ns in '' '-n far'; do
		# shellcheck disable=SC2086 # two words or none
		must ip $ns link set lo up
	done
	echo 0 | tee /proc/sys/net/ipv6/conf/v0/disable_ipv6 >/dev/null
	at far bash -c 'echo 0 >/proc/sys/net/ipv6/conf/v1/disable_ipv6'
	must ip addr add 10.0.0.1/24 dev v0
	must ip -n far addr add 10.0.0.2/24 dev v1
	must ip addr add fd00::1/64 dev v0 nodad
	must ip -n far addr add fd00::2/64 dev v1 nodad
}
connect_far

# Tunnels without a far end: each packet says by its link header where it goes.
must ip -n far link add g4 type gre local 10.0.0.2 key 5
must ip -n far addr add 172.16.4.2/24 dev g4
must ip -n far link set g4 up
must ip -n far neigh add 172.16.4.1 lladdr 10.0.0.1 dev g4 nud permanent

# IPv4 cannot leave by an ip6gre without a far end; what counts is that the header is there.
# headed DEV : a frame leaves by it that begins with the outer IPv6 header of GRE.
cat >/tmp/headed.py <<-'PY'
	import socket, sys, time
	with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)) as ear:
	    ear.bind((sys.argv[1], 3))
	    print("ready", flush=True)
	    end = time.monotonic() + 3
	    while time.monotonic() < end:
	        ear.settimeout(max(0.01, end - time.monotonic()))
	        try:
	            frame, sender = ear.recvfrom(2048)
	        except TimeoutError:
	            break
	        # 4 is PACKET_OUTGOING.
	        if sender[2] == 4 and frame[0] >> 4 == 6 and frame[6] == 47 and frame[24:40] == bytes.fromhex("fd" + "00" * 14 + "02"):
	            sys.exit(0)
	        print("not a header:", frame[:48].hex(), flush=True)
	sys.exit(1)
PY

# answered KIND VERSION DEPTH : so many bonds on each other on a tunnel, and three pings through them.
answered() {
	local kind=$1 version=$2 depth=$3 at top=t0 answers status
	case $version in
	4) must ip link add t0 type gre local 10.0.0.1 key 5 ;;
	6) must ip link add t0 type ip6gre local fd00::1 key 5 ;;
	esac
	for ((at = 0; at < depth; at++)); do
		must ip link add "b$at" type "$kind"
		must set_opt "b$at" mode active-backup
		must ip link set "$top" master "b$at"
		top=b$at
	done
	must ip link set $top up
	must ip addr add 172.16.$version.1/24 dev $top
	case $version in
	4) must ip neigh add 172.16.4.2 lladdr 10.0.0.2 dev $top nud permanent ;;
	6) must ip neigh add 172.16.6.2 lladdr "$(octets 02)" dev $top nud permanent ;;
	esac
	case $version in
	4)
		answers=$(ping -c3 -i0.3 -W1 172.16.4.2)
		grep -q ' 3 received' <<<"$answers" || { echo "$answers"; false; }
		;;
	6)
		python3 -IS /tmp/headed.py t0 >/tmp/headed &
		wait_until 5 grep -q ready /tmp/headed
		ping -c3 -i0.3 -W1 172.16.6.2 >/dev/null
		wait $! || { cat /tmp/headed; false; }
		;;
	esac
	status=$?
	for ((at = depth - 1; at >= 0; at--)); do
		ip link del "b$at"
	done
	ip link del t0
	return $status
}

for kind in "${kinds[@]}"; do
	for depth in 1 2 3; do
		check "$kind: $depth bonds on gre, 3 of 3 pings" answered "$kind" 4 $depth
	done
	for depth in 1 2 3; do
		check "$kind: $depth bonds on ip6gre, its headers" answered "$kind" 6 $depth
	done
done
done_testing
