#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One version: that of rust/bindings/shim.h is what the module says, what the packages have, what the crates have and
# what stands first in the changelog.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

version=$(sed -n 's/^#define RB_VERSION "\(.*\)"/\1/p' rust/bindings/shim.h)
[[ -e rustbond.ko ]] || skip_all "there is no rustbond.ko: run 'make' first"

# first FILE EXPRESSION : the first match of it.
first() { sed -nE "s/$2/\\1/p" "$1" | head -n 1; }

plan 7
check "there is one" test -n "$version"
check "the module's" is "$version" "$(scripts/sysroot run modinfo -F version ./rustbond.ko)"
check "the packages'" is "$version" "$(first scripts/package/debian/changelog '^rustbond \(([^)]*)\).*')"
check "the version of rust/lag" is "$version" "$(first rust/lag/Cargo.toml '^version = "(.*)"')"
check "the version of rust/lite" is "$version" "$(first rust/lite/Cargo.toml '^version = "(.*)"')"
check "the newest in the changelog" is "$version" "$(first Documentation/CHANGELOG.rst '^([0-9]+\.[0-9]+\.[0-9]+)( .*)?$')"
# A commit that has a version's tag is that version.
tags=$(git tag --points-at HEAD 'v*' 2>/dev/null)
check "the version of the tag, if there is one here" is "${tags:+v$version}" "$tags"
done_testing
