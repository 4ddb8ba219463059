#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The packages that `make deb` makes: lintian finds nothing; in a clean Debian they are installed, build the
# module for its kernel, put it in the place of bonding, and leave nothing behind. A kernel that it cannot be
# built for is passed over with a sentence, and apt does not fail.
# timeout: 900

cd "$(dirname "$0")/../.." || exit
set -u
helpers=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
log=$(make deb 2>&1) || {
	printf 'KTAP version 1\n1..1\nnot ok 1 make deb\n%s\n' "$(sed 's/^/#   /' <<<"$log")"
	exit 1
}
cp "$helpers" out/deb/
scripts/sysroot run lintian --tag-display-limit 0 -I out/deb/rustbond_*.changes 2>/dev/null >out/deb/lintian.log
echo "status $?" >>out/deb/lintian.log
exec scripts/package/clean selftests/package/inside.sh
