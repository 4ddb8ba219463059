#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The root of a user namespace makes bonds by the file of all bonds in its network namespace, as it does
# by ip; nobody without CAP_NET_ADMIN there does, and outside nothing has changed.
# timeout: 60

. "$(dirname "$0")/../lib/lib.sh"
. "$(dirname "$0")/../lib/bond.sh"

load_module
command -v setpriv >/dev/null || skip_all "there is no setpriv"
plan 9
quiet
FILE=${MASTERS##*/}

# Somebody who is not root outside becomes root of namespaces of their own, and runs a script there.
somebody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		unshare --user --map-root-user --net --mount bash -c 'mount -t sysfs sysfs /sys || exit 99; cd /sys/class/net
			'"$1"
}
somebody true
(($? != 99)) || skip_all "nobody may make a user namespace here"

check "root of a user namespace makes a bond by the file" somebody "echo +ub0 >$FILE && ip link show ub0"
check "and sets its options" somebody "echo +ub0 >$FILE && echo active-backup >ub0/bonding/mode &&
	grep -q active-backup ub0/bonding/mode"
check "and removes it" somebody "echo +ub0 >$FILE && echo -ub0 >$FILE && ! ip link show ub0"
check "the file shows it" somebody "echo +ub0 >$FILE && grep -qw ub0 $FILE"
refused() { [[ $1 == *"Operation not permitted"* ]] || { echo "said: $1"; return 1; }; }
without='setpriv --bounding-set -net_admin --inh-caps -net_admin'
check "without CAP_NET_ADMIN: EPERM" refused "$(somebody "$without bash -c 'echo +ub1 >$FILE'" 2>&1)"
dmesg -C
somebody "for i in 1 2 3 4 5; do $without bash -c 'echo nonsense >$FILE'; done" 2>/dev/null
check "and the log is not written to" is 0 "$(dmesg | grep -c "$FILE")"
check "outside it is as it was" is 644 "$(stat -c %a "$MASTERS")"
check "in another namespace of the machine's root, too" is 644 \
	"$(unshare --net --mount bash -c 'mount -t sysfs sysfs /sys; stat -c %a '"$MASTERS")"
check "somebody outside cannot write it" fails setpriv --reuid 65534 --regid 65534 --clear-groups bash -c "echo +ub2 >$MASTERS"
done_testing
