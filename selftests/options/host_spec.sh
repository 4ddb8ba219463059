#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The attributes of all options are those that the kernel's own description of rtnetlink has.
# timeout: 300

cd "$(dirname "$0")/../.." || exit
scripts/sysroot tools spec >&2 || exit
exec scripts/sysroot run python3 -B selftests/options/spec.py \
	"$(scripts/sysroot source)/Documentation/netlink/specs/rt-link.yaml"
