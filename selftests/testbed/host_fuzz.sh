#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every fuzz target reads its seeds, which were captured on real links, and so many tries from
# there, the same every time. What is not ok says which input it was.
# timeout: 900

FUZZ=$(dirname "$0")/../../scripts/fuzz
RUNS=${RUNS:-20000}

echo "TAP version 13"
echo "1..$("$FUZZ" --list | wc -l)"
# It ends with 1 if any of them fails; the points say so, too.
"$FUZZ" --runs "$RUNS" 2>&1 | awk '
	/^(not )?ok / { number++; sub(/ok /, "ok " number " ") }
	{ print }'
exit "${PIPESTATUS[0]}"
