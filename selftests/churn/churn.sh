# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A random history of all that users and networks do to bonds; the tests of this folder say on which
# kernel:
#
#	scripts/vm --kernel debug --with python3 --env SEED=7 --env TIME=60 selftests/churn/test_churn.sh
#	scripts/vm --with python3 --env SEED=7 --env TIME=60 selftests/churn/test_churn_stock.sh

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

need python3
SEED=${SEED:-1}
TIME=${TIME:-40}
here=$(cd "$(dirname "$0")" && pwd)
load_module
plan 5

# Six cables to a switch with a partner for LACP, three devices that can be unplugged, and some
# that are no good slaves.
namespaces wire aside
must ip -n wire link add sw type bridge
must ip -n wire link set sw up
must ip -n wire link add pb type "$KIND"
must ip -n wire addr add 192.0.2.2/24 dev sw
for n in 0 1 2 3 4 5; do
	must ip link add "s$n" address "02:00:00:00:0a:0$n" type veth peer name "w$n" netns wire
	must ip -n wire link set "w$n" up
done
must at wire sh -c "echo 802.3ad >/sys/class/net/pb/bonding/mode"
for n in 0 1 2; do
	must ip -n wire link set "w$n" down
	must ip -n wire link set "w$n" master pb
	must ip link add "d$n" type dummy
done
must ip -n wire link set pb up
must ip link add br0 type bridge
must ip link set br0 up
must ip link add g0 type gre local 192.0.2.7 remote 192.0.2.8
ip link add can0 type vcan 2>/dev/null

"$here/noise.py" send "$SEED" &
ip netns exec wire "$here/noise.py" send "$((SEED + 1))" &
"$here/noise.py" read &

ktap_print_msg "the seed is $SEED"
trace=/tmp/churn-trace
[[ ! -d /out || ! -w /out ]] || trace=/out/churn-trace
"$here/churn.py" "$SEED" "$TIME" "$trace" 2>/tmp/churn-wrong | tee /tmp/churn-said | sed -u 's/^/# /'
ended=${PIPESTATUS[0]}
kill %1 %2 %3
wait 2>/dev/null
# shellcheck disable=SC2317 # called by check
went() { ((ended == 0)) || { cat /tmp/churn-wrong; tail -n 12 "$trace"; return 1; }; }
check "seed $SEED, $TIME s: all was as it should be" went
read -r did _ refused _ < <(tail -n 1 /tmp/churn-said)
check "something was done, and something refused" test "${did:-0}" -gt 20 -a "${refused:-0}" -gt 20

for dev in v7 m0 i0 b0 b1 b2; do
	ip link del "$dev" 2>/dev/null
done
# loose : devices that still belong to somebody, or listen for what nobody wants.
loose() {
	ip -d -j link show | jq -c '.[] | select(.ifname | test("^[sd][0-9]$")) |
		select(.master or .promiscuity > 0 or .allmulti > 0 or (.flags | index("SLAVE"))) |
		{ifname, master, promiscuity, allmulti, flags}'
}
# What the core made promiscuous for a macvlan on a bond, it leaves so while the device is down, and
# counts anew when it comes up: so do the slaves of native.
for n in 0 1 2 3 4 5; do
	ip link set "s$n" up
	ip link set "s$n" down
done
check "with the bonds gone, no device is left bound or listening" is "" "$(loose)"
check "the bond of the far end can go" ip -n wire link del pb
check "the module can go" wait_until 20 modprobe -r "$MODULE"
done_testing
