#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same histories on Debian's own kernel, which is faster, and so gets further in the time.
# vm: --cpus 2 --with python3
# timeout: 7200

. "$(dirname "$0")/churn.sh"
