#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# scripts/vm: that it tells a script's failure, a kernel's complaint and a guest that hangs
# apart, and takes files in and out. Runs on this machine and boots guests of its own.

cd "$(dirname "$0")/../.." || exit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0 failed=0

# point TEXT STATUS TEXT-IN-OUTPUT ARGUMENTS... : runs scripts/vm with the arguments.
point() {
	local text=$1 want=$2 hold=$3 output status
	shift 3
	number=$((number + 1))
	output=$(scripts/vm --module '' "$@" 2>&1)
	status=$?
	if [[ $status == "$want" && $output == *$hold* ]]; then
		echo "ok $number $text"
	else
		echo "not ok $number $text"
		sed 's/^/#   /' <<<"exit status $status, wanted $want; output, wanted '$hold' in it:"$'\n'"$output"
		failed=1
	fi
}

cat >"$work/greet.sh" <<'END'
#!/bin/bash
read -r text </given
echo "$1 $WHO $text"
echo done >/out/result
exit 3
END
chmod +x "$work/greet.sh"
echo "from a file" >"$work/given"

echo "TAP version 13"
echo "1..9"
point "arguments, variables, files and the exit status pass" 3 "hello you from a file" \
	--env WHO=you --in "$work/given:/given" --out "$work/out" "$work/greet.sh" hello
number=2
if [[ $(cat "$work/out/result" 2>/dev/null) == "done" ]]; then
	echo "ok 2 what the guest leaves in /out comes back"
else
	echo "not ok 2 what the guest leaves in /out comes back"
	failed=1
fi
point "a crash is a complaint" 120 "sysrq triggered crash" sh -c 'echo c >/proc/sysrq-trigger'
point "a complaint in the log fails a script that succeeds" 120 "BUG: made up" \
	sh -c 'echo "BUG: made up" >/dev/kmsg'
point "unless it is allowed" 0 "" --allow-warn 'made up' sh -c 'echo "BUG: made up" >/dev/kmsg'
point "a script that takes too long counts as hung" 121 "still running after 2 s" --timeout 2 sleep 1000
point "counting instructions, idle time costs none" 0 "slept" --icount 3 sh -c 'sleep 100; echo slept'
point "a guest that does not come up counts as hung" 121 "had not come up after 1 s" --boot-timeout 1 true
point "an emulator that does not start is no test result" 123 "the emulator failed" --mem nonsense true
exit $failed
