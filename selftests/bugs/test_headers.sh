#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Headers that lie, on the kernel that sees a read past the end.
# vm: --kernel debug --with python3
# timeout: 900

# bug 29: headers that lie, whole and in pieces, in all modes
cd "$(dirname "$0")/../modes" && COUNT=${COUNT:-10} exec ./test_hostile.sh
