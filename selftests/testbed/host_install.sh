#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make install, into a folder: the module is where modprobe looks for it, and with DROP_IN=1 it is
# what modprobe takes for the kernel's bonding.

cd "$(dirname "$0")/../.." || exit
set -u
KTAP_HELPERS=$(scripts/sysroot source)/tools/testing/selftests/kselftest/ktap_helpers.sh
. selftests/lib/lib.sh

[[ -e rustbond.ko ]] || skip_all "there is no rustbond.ko"
release=$(scripts/sysroot kernel)
kdir=/lib/modules/$release/build
work=$PWD/out/install
rm -rf "$work"
mkdir -p "$work"

inside() { scripts/sysroot run env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL "$@"; }
# install_to FOLDER [VARIABLE=VALUE]...
install_to() { inside make install KDIR="$kdir" INSTALL_MOD_PATH="$1" "${@:2}"; }
# In the root folder, which others use: all that make install could write there.
touched() {
	inside bash -c "find /lib/modules/$release -maxdepth 1 -name 'modules.*' -newer $work/start
		find /lib/modules/$release/updates /etc/modprobe.d -name 'rustbond*' 2>/dev/null"
}
# resolved FOLDER NAME : what modprobe would load or run for that name.
resolved() {
	inside modprobe -d "$1" -C "$1/etc/modprobe.d" -S "$release" --show-depends "$2" | sed "s|$1||; s/ *$//"
}
module=/lib/modules/$release/updates/rustbond.ko

plan 16
touch "$work/start"
check "it needs a kernel" grep -q 'which kernel?' <(inside make install INSTALL_MOD_PATH="$work/plain" 2>&1)
check "and makes nothing without" fails test -e "$work/plain"
check "it installs into a folder" install_to "$work/plain"
mapfile -t files < <(cd "$work/plain" && find . -name 'rustbond*')
check "one module, under updates" is "/lib/modules/$release/updates" "$(dirname "${files[*]#.}")"
suffix=${files[0]##*/rustbond.ko}
check "which is what was built" cmp rustbond.ko <(
	case $suffix in
	.xz) xz -dc "$work/plain/$module.xz" ;;
	.zst) zstd -dc "$work/plain/$module.zst" ;;
	*) cat "$work/plain/$module" ;;
	esac)
check "depmod has it" grep -q "^updates/rustbond.ko$suffix:" "$work/plain/lib/modules/$release/modules.dep"
check "modprobe finds it" is "insmod $module$suffix" "$(resolved "$work/plain" rustbond)"
check "and by the kind rustbond" is "insmod $module$suffix" "$(resolved "$work/plain" rtnl-link-rustbond)"
check "not in the place of bonding" fails grep -q rustbond <(resolved "$work/plain" rtnl-link-bond 2>&1)
check "without lines for modprobe.d" fails test -e "$work/plain/etc"
check "DROP_IN=1 installs too, by a relative path" install_to out/install/drop DROP_IN=1
# shellcheck disable=SC2016 # modprobe is to expand it
check "modprobe bonding is rustbond then, with the parameters that are given" \
	grep -q '^install /sbin/modprobe -q rustbond $CMDLINE_OPTS || ' <(resolved "$work/drop" bonding)
check "which has drop_in=1" is "insmod $module$suffix drop_in=1" "$(resolved "$work/drop" rustbond)"
check "the kind bond is the same" is "$(resolved "$work/drop" bonding)" "$(resolved "$work/drop" rtnl-link-bond)"
check "there is nothing else in the folder" is "etc/modprobe.d/rustbond.conf lib/modules" \
	"$(cd "$work/drop" && find . -path ./lib/modules -prune -print -o -type f -print | sed 's|^./||' | sort | xargs)"
check "and nothing else was written" is "" "$(touched)"
rm -rf "$work"
done_testing
