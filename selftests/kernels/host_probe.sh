#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the build says of a kernel and its tools before it begins: which crate it is built on, or what
# is missing and what to do. The kernels and the compilers here are made up.
# timeout: 60

cd "$(dirname "$0")/../.." || exit
PROJECT=$PWD
tmp=$(mktemp -d)
trap 'rm -rf -- "$tmp"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL LITE KERNEL

number=0 failed=0
# point TEXT WANTED GOT : passed if GOT holds WANTED.
point() {
	number=$((number + 1))
	if [[ $3 == *"$2"* ]]; then
		echo "ok $number $1"
	else
		failed=1
		printf 'not ok %s\n#   wanted: %s\n#   got: %s\n' "$number $1" "$2" "$3"
	fi
}

# same TEXT WANTED GOT : passed if they are equal.
same() { point "$1" "<$2>" "<$3>"; }

# compiler NAME VERSION : a rustc of that version, with the source of core.
compiler() {
	mkdir -p "$tmp/$1/lib/rustlib/src/rust/library/core/src"
	: >"$tmp/$1/lib/rustlib/src/rust/library/core/src/lib.rs"
	printf '#!/bin/sh\ncase $1 in --version) echo "rustc %s (0000 2025-01-01)" ;; *) echo "%s" ;; esac\n' \
		"$2" "$tmp/$1" >"$tmp/$1/rustc"
	chmod +x "$tmp/$1/rustc"
}
compiler good 1.85.1
compiler newer 1.97.0
compiler old 1.84.1
compiler bare 1.85.1
rm -r "$tmp/bare/lib"
printf '#!/bin/sh\necho bindgen 0.71.1\n' >"$tmp/bindgen"
chmod +x "$tmp/bindgen"
mkdir -p "$tmp/plain/rust" "$tmp/rust/rust"
: >"$tmp/rust/rust/libkernel.rmeta"
printf 'include %s/rust/lite/probe.mk\nall:\n\t@:\n' "$PROJECT" >"$tmp/Makefile.build"
cp "$tmp/Makefile.build" "$tmp/Makefile.modpost"

# says VARIABLE=VALUE... : what the probe says of a kernel without Rust, with other variables.
says() {
	make -s -f "$tmp/${makefile:-Makefile.build}" KERNELRELEASE=6.12.1-test VERSION=6 PATCHLEVEL=12 \
		SRCARCH=x86 objtree="$tmp/plain" RUSTC="$tmp/good/rustc" BINDGEN="$tmp/bindgen" "$@" 2>&1
}

echo "KTAP version 1"
echo "1..26"
point "without CONFIG_RUST" \
	"rustbond: 6.12.1-test: no CONFIG_RUST, built on rust/lite by rustc 1.85.1" "$(says)"
same "in one line" 1 "$(says | wc -l)"
point "with CONFIG_RUST and metadata" \
	"rustbond: 6.12.1-test: CONFIG_RUST, built on the kernel's own crates by rustc 1.85.1" \
	"$(says CONFIG_RUST=y objtree="$tmp/rust")"
point "with CONFIG_RUST but no metadata" \
	"no metadata of the kernel's Rust crates in $tmp/plain, built on rust/lite" "$(says CONFIG_RUST=y)"
point "with CONFIG_RUST, metadata and LITE=1" "as LITE=1 asks, built on rust/lite" \
	"$(says CONFIG_RUST=y objtree="$tmp/rust" LITE=1)"
point "by a newer compiler" "rustc 1.97.0" "$(says RUSTC="$tmp/newer/rustc")"
same "nothing is said when it is linked" "" "$(makefile=Makefile.modpost says)"
same "and nothing refused" "" "$(makefile=Makefile.modpost says VERSION=5)"
point "a kernel of series 6.11 is refused" "this kernel is older than 6.12, the first that rustbond is made for: take a newer one" "$(says PATCHLEVEL=11)"
point "one of 5.19, too" "this kernel is older than 6.12" "$(says VERSION=5 PATCHLEVEL=19)"
point "one of 7.0 is not" "built on" "$(says VERSION=7 PATCHLEVEL=0)"
point "no rustc" "there is no rustc: install it, on Debian by 'apt-get install rustc rust-src bindgen'" "$(says RUSTC=/nowhere/rustc)"
point "an old one" "'rustc 1.84.1 (0000 2025-01-01)' is too old: rustc 1.85 or newer is needed" \
	"$(says RUSTC="$tmp/old/rustc")"
point "no source of core" "apt-get install rust-src" "$(says RUSTC="$tmp/bare/rustc")"
point "which the kernel's own crates do not need" "built on the kernel's own crates" \
	"$(says RUSTC="$tmp/bare/rustc" CONFIG_RUST=y objtree="$tmp/rust")"
point "no bindgen" "there is no bindgen: install it" "$(says BINDGEN=/nowhere/bindgen)"
point "structures at random" "(CONFIG_RANDSTRUCT), which Rust cannot know: take a kernel without it" "$(says CONFIG_RANDSTRUCT=y)"
point "checked types of calls, without Rust" "take a kernel with CONFIG_RUST or without CONFIG_CFI" "$(says CONFIG_CFI_CLANG=y)"
point "under the option's newer name" "take a kernel with CONFIG_RUST or without CONFIG_CFI" "$(says CONFIG_CFI=y)"
point "memory tagged by software" "CONFIG_KASAN_SW_TAGS does not go with Rust: take a kernel without it" "$(says CONFIG_KASAN_SW_TAGS=y)"

# The folder that is built in: of a kernel that is not the root folder's.
mkdir -p "$tmp/kdir/include/config"
echo "6.12.1-test" >"$tmp/kdir/include/config/kernel.release"
printf '# CONFIG_RUST is not set\n' >"$tmp/kdir/.config"
: >"$tmp/kdir/Makefile"
: >"$tmp/kdir/Module.symvers"
same "headers without CONFIG_RUST are built in as they are" "$tmp/kdir" \
	"$(scripts/kbuild-dir "$tmp/kdir" 2>&1)"
printf 'CONFIG_RUST=y\nCONFIG_RUSTC_VERSION_TEXT="rustc 1.80.0 (0000 2024-01-01)"\n' >"$tmp/kdir/.config"
point "another compiler than the kernel's: on rust/lite, with a line that says why" \
	"the kernel's own Rust crates cannot be had: kernel 6.12.1-test was built by 'rustc 1.80.0" \
	"$(RUSTC=$tmp/good/rustc scripts/kbuild-dir "$tmp/kdir" 2>&1)"
point "and how to get that compiler, where a newer one is installed" "apt-get install --allow-downgrades rustc/trixie" \
	"$(RUSTC=$tmp/good/rustc scripts/kbuild-dir "$tmp/kdir" 2>&1)"
rm "$tmp/kdir/include/config/kernel.release"
point "headers that are not complete" "$tmp/kdir is not a kernel's build folder: install the kernel's headers package" \
	"$(scripts/kbuild-dir "$tmp/kdir" 2>&1)"
point "no headers at all" "there is no folder $tmp/none: install the headers of the kernel, linux-headers-" \
	"$(scripts/kbuild-dir "$tmp/none" 2>&1)"
echo "6.12.1-test" >"$tmp/kdir/include/config/kernel.release"
same "LITE=1 does not look for them" "$tmp/kdir" \
	"$(LITE=1 RUSTC=$tmp/good/rustc scripts/kbuild-dir "$tmp/kdir" 2>&1)"
exit $failed
