#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A storm of changes with a listener: each is heard once, in order, and together they are the state there is. With
# CHANGES=30000 LIMIT=4000 for 100,000 records.
# vm: --cpus 2 --with python3,python3-yaml --in Documentation/netlink/rustbond.yaml:/rustbond.yaml
# timeout: 600

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"
. "$(dirname "$0")/lib.sh"

load_module
quiet
CHANGES=${CHANGES:-1600}
plan 5
namespaces far
for ((i = 0; i < 8; i++)); do
	must ip link add "a$i" type veth peer name "a$i" netns far
	must ip -n far link set "a$i" up
done
python3 "$HERE/churn.py" "${LIMIT:-500}" /tmp/end >/tmp/churn 2>&1 &
churn=$!
wait_until 20 grep -q listening /tmp/churn
modes=(active-backup balance-xor balance-tlb 802.3ad)
for n in 0 1 2 3; do
	bond "b$n" mode="${modes[n]}" miimon=10
	must enslave "b$n" "a$((2 * n))" "a$((2 * n + 1))"
	must ip link set "b$n" up
done

# flap : links go and come until the end.
flap() {
	while [[ ! -e /tmp/stop ]]; do
		ip -n far -batch - <<<"link set a$((RANDOM % 8)) $( ((RANDOM % 2)) && echo up || echo down)"
	done
}
# members : slaves come and go.
members() {
	while [[ ! -e /tmp/stop ]]; do
		echo -a1 >"$NET/b0/bonding/slaves"
		echo +a1 >"$NET/b0/bonding/slaves"
	done 2>/dev/null
}
flap &
flapper=$!
members &
member=$!
for ((i = 0; i < CHANGES; i += 4)); do
	for n in 0 1 2 3; do
		echo $((10 + i / 4 % 2 * 10)) >"$NET/b$n/bonding/miimon"
	done
done
: >/tmp/stop
wait "$flapper" "$member" 2>/dev/null
for ((i = 0; i < 8; i++)); do
	must ip -n far link set "a$i" up
done
sleep 3
: >/tmp/end
wait "$churn"
sed 's/^/# /' /tmp/churn
# number TEXT : the number before that in what churn.py has found.
number() { sed -nE "s/(.*, )?([0-9]+) $1.*/\2/p" /tmp/churn; }
check "so many changes were heard" [ "$(number 'records heard')" -ge "$CHANGES" ]
check "none was lost" is "0 0" "$(number 'times some were lost') $(number gaps)"
check "each goes on from the one before" is 0 "$(number 'that do not go on')"
check "each that was counted was heard" is 0 "$(number 'counted and not heard')"
check "together they are the state there is" is 0 "$(number 'otherwise than the state')"
