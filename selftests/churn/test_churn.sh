#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A random history of all that users and networks do to bonds, on a kernel that looks for mistakes.
# vm: --kernel debug --cpus 2 --with python3
# timeout: 7200

# bug 26: lockdep watches every history
# bug 13: so does KASAN; what one processor writes and another reads is atomic, or the compiler refuses it
. "$(dirname "$0")/churn.sh"
