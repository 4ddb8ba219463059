#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What rust-analyzer is told of the crates (make rust-project): all that the module is made of, with what each uses by
# Kbuild, and every path is there, seen from this machine and from inside of the root folder.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

[[ -e rust/bond/.bond.o.cmd ]] || skip_all "the module is not built here: run 'make' first"
here() { scripts/sysroot run "$@"; }
mkdir -p out
file=out/rust-project.json
must here scripts/rust-project $file >/dev/null

# each FILE CODE : prints what the lines of Python say of it, of which `crates` is by name.
each() {
	here python3 -c 'import json, sys
project = json.load(open(sys.argv[1]))
crates = {crate["display_name"]: crate for crate in project["crates"]}
exec(sys.argv[2])' "$1" "$2"
}
paths() {
	each "$1" 'print(project["sysroot"])
for crate in crates.values():
    print(crate["root_module"], *crate.get("source", {}).get("include_dirs", []), *([crate["proc_macro_dylib_path"]]
        if "proc_macro_dylib_path" in crate else []), *([crate["env"]["OBJTREE"]] if "OBJTREE" in crate["env"] else []), sep="\n")'
}
# there FILE : for check: all its paths are there.
there() {
	local path status=0 number=0
	while read -r path; do
		number=$((number + 1))
		[[ -e $path ]] || { echo "there is no $path"; status=1; }
	done < <(paths "$1" | sort -u)
	((number > 10)) || { echo "there are $number paths"; status=1; }
	return $status
}
users() { sed -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' Kbuild | sed -nE "s/^RUSTFLAGS_rust\/([a-z/]*)\.o := (.*)/\1 \2/p"; }
# told : what Kbuild says: of each crate its name and those of ours that it uses.
told() {
	local object rest
	while read -r object rest; do
		echo "$(basename "$object")$(sed -nE 's/.*rb-use,([a-z ]+)\).*/\1/p' <<<"$rest" | tr ' ' '\n' | sort | sed 's/^/ /' | tr -d '\n')"
	done < <(users) | sort
}
# known FILE : the same, as it is there.
known() {
	each "$1" 'ours = {name for name, crate in crates.items() if crate["is_workspace_member"]} - {"lite", "kernel", "compiler_builtins"}
for name in sorted(ours):
    print(name, *sorted(dep["name"] for dep in crates[name]["deps"] if dep["name"] in ours))' | sort
}

plan 7
check "Kbuild names crates" test "$(told | wc -l)" -ge 5
check "all are there, with what they use" is "$(told)" "$(known $file)"
check "and what stands in for the kernel's crate" each $file 'sys.exit(not any(crate["root_module"].endswith("rust/lite/kernel.rs") for crate in crates.values()))'
check "every path is there on this machine" there $file
inside() { paths $file | here xargs -d '\n' ls -d; }
check "and inside of the root folder" inside
sed 's|rust/lag/lag.rs|rust/lag/gal.rs|' $file >$file.wrong
check "one that is not would be found" fails there $file.wrong
check "a dependency is by its number the crate of its name" each $file 'sys.exit(any(project["crates"][dep["crate"]]["display_name"] != dep["name"] for crate in crates.values() for dep in crate["deps"]))'
rm -f $file.wrong
done_testing
