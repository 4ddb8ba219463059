#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each promise in Documentation/promises.rst names a test that is there and is run; no page names a file of the
# project that is not there; and each word of the glossary is used in the file that it names.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh
page=Documentation/promises.rst

# rows FILE : of each promise a line, with the tests that it names.
rows() {
	awk '
		/^   \* - / { row = ""; on = 0 }
		/^     - / { on = 1 }
		on { row = row " " $0 }
		on && /[^,]$/ { gsub(/`|,|^ *- */, "", row); print row; on = 0 }
	' "$1" | grep -vx ' *Test'
}

# kept FILE : for check: all its promises name tests that are there.
kept() {
	local row test status=0 promises=0
	while read -r row; do
		promises=$((promises + 1))
		[[ -n $row ]] || { echo "promise $promises names no test"; status=1; }
		for test in $row; do
			case $test in
			selftests/*/test_*.sh | selftests/*/host_*.sh | selftests/*/boot_*.sh) [[ -x $test ]] ;;
			rust/lag/tests/*.rs | rust/lag/fuzz/fuzz_targets/*.rs) [[ -f $test ]] ;;
			*) false ;;
			esac || { echo "promise $promises: there is no test $test"; status=1; }
		done
	done < <(rows "$1")
	((promises == $(grep -c '^   \* - ' "$1") - $(grep -c '^   \* - Promise$' "$1") && promises > 0)) ||
		{ echo "not every promise was read: $promises"; status=1; }
	return $status
}

# there FILE... : for check: what they name of the project's files is there.
there() {
	local path status=0
	# Names that stand for many, for one that a reader makes (as those of the tutorials), and the kernel's own.
	for path in $(grep -ohE '(^|[[:space:]"`(])(rust|scripts|selftests|Documentation)/[A-Za-z0-9_./-]+[A-Za-z0-9_]' "$@" |
		sed -E 's/^[^A-Za-z]//' | sort -u); do
		case $path in
		*/AREA/* | */boot_NAME* | Documentation/networking/*) continue ;;
		rust/bond/tx/dst.rs | rust/wire/oam.rs | rust/lag/fuzz/fuzz_targets/oam.rs) continue ;;
		esac
		[[ -e $path ]] || { echo "no page should name $path: it is not there"; status=1; }
	done
	return $status
}

# coined FILE : for check: each word of that glossary stands in the file that ends its sentence.
coined() {
	local word file status=0 words=0
	while IFS=$'\t' read -r word file; do
		words=$((words + 1))
		[[ $file == *"$word"* ]] || grep -qi -- "$word" "$file" || { echo "'$word' does not stand in $file"; status=1; }
	done < <(awk '
		function flush() {
			if (text != "") { sub(/``$/, "", text); sub(/.*``/, "", text); print word "\t" text }
			text = ""
		}
		/^  / && word != "" { text = text $0 }
		/^[^ .=]/ || /^$/ { flush(); word = $0; gsub(/`/, "", word) }
		END { flush() }' "$1")
	((words == $(grep -c '^  .*``$' "$1") && words > 0)) || { echo "not every word was read: $words"; status=1; }
	return $status
}

mapfile -t pages < <(find Documentation README.md -name '*.rst' -o -name '*.md')
plan 7
check "each promise names a test that is there" kept $page
work=$(mktemp -d)
sed 's|selftests/modes/test_loss.sh|selftests/modes/test_lossless.sh|' $page >"$work/lost.rst"
check "one that is not there would be found" fails kept "$work/lost.rst"
sed 's|^     - ``selftests/modes/test_loss.sh``|     - by hand|' $page >"$work/hand.rst"
check "and a promise without a test" fails kept "$work/hand.rst"
check "no page names a file that is not there" there "${pages[@]}"
echo 'See ``rust/lag/no_such.rs``.' >"$work/page.rst"
check "one that does would be found" fails there "$work/page.rst"
check "each word of the glossary stands in the file that it names" coined Documentation/glossary.rst
sed 's/^``Ledger``/``Folio``/' Documentation/glossary.rst >"$work/glossary.rst"
check "one that does not would be found" fails coined "$work/glossary.rst"
rm -r "$work"
done_testing
