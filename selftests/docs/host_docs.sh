#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The site is made without a warning, and a mistake in a page is found: a link to a page or to a place that is not
# there, a reference to nothing, a page that no list names.
# timeout: 400

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

[[ -e rust/bond/.bond.o.cmd ]] || skip_all "the module is not built here: run 'make' first"
work=out/docs/mistakes
rm -rf "$work"
mkdir -p "$work"
pages() { scripts/docs --pages "$@"; }

# found PAGE TEXT WANT : for check: with TEXT at the end of PAGE the site is not made, and what is said holds WANT.
found() {
	local said
	rm -rf "$work/pages"
	cp -a Documentation "$work/pages"
	printf '\n%s\n' "$2" >>"$work/pages/$1"
	said=$(pages "$work/pages" "$work/site" 2>&1) && { echo "it was made"; return 1; }
	[[ $said == *"$3"* ]] || { echo "$said"; return 1; }
}

plan 7
check "the site is made" scripts/docs
check "it has the crates' pages" test -e out/docs/html/rust/bond/index.html
check "a link to a page that is not there" found testing.rst 'See `this <no-such-page.rst>`_.' "unknown document: 'no-such-page'"
check "a link to a file that is not there" found testing.rst 'See `this <no-such.html>`_.' "no-such.html: there is no such file"
check "a link to a place that is not there" found testing.rst 'See `this <install.html#nowhere>`_.' "there is no such place in it"
check "a reference to nothing" found testing.rst 'See :ref:`nowhere`.' "undefined label: 'nowhere'"
check "a page that no list names" found alone.rst $'Alone\n=====' "isn't included in any toctree"
rm -rf "$work"
done_testing
