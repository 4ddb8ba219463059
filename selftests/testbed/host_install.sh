#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# make install, into a folder: the module is where modprobe looks for it, and with DROP_IN=1 it is
# what modprobe takes for the kernel's bonding. make uninstall takes all of it away.

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

# all FOLDER : what is in it, the folder of modules as one.
all() { (cd "$1" && find . -path ./lib/modules -prune -print -o ! -type d -print | sed 's|^./||' | sort | xargs); }
# make_says FOLDER TARGET [VARIABLE=VALUE]... : what it says, of standard output and error alike.
make_says() { inside make "$2" INSTALL_MOD_PATH="$1" "${@:3}" 2>&1; }

plan 37
touch "$work/start"
check "it needs a kernel" grep -q 'which kernel?' <(inside make install INSTALL_MOD_PATH="$work/plain" 2>&1)
check "and makes nothing without" fails test -e "$work/plain"
said=$(install_to "$work/plain" HOME="$work/home" XDG_CACHE_HOME="$work/home" 2>&1)
check "it installs into a folder" is 0 $?
check "says so in two lines, and nothing else" is "installed: $work/plain$module it brings the kind rustbond; to have it in the place of the kernel's bonding, too: the same with DROP_IN=1" \
	"$(sed 's/\.ko\.[xz]*/.ko/' <<<"$said" | xargs -0 | tr '\n' ' ' | sed 's/ *$//')"
check "it builds nothing, and needs no cache" fails test -e "$work/home"
mapfile -t files < <(cd "$work/plain" && find . -name 'rustbond*')
check "one module, under updates" is "/lib/modules/$release/updates" "$(dirname "${files[*]#.}")"
suffix=${files[0]##*/rustbond.ko}
inside strip --strip-debug -o "$work/stripped.ko" rustbond.ko
check "which is what was built, without what only a debugger reads" cmp "$work/stripped.ko" <(
	case $suffix in
	.xz) xz -dc "$work/plain/$module.xz" ;;
	.zst) zstd -dc "$work/plain/$module.zst" ;;
	*) cat "$work/plain/$module" ;;
	esac)
check "depmod has it" grep -q "^updates/rustbond.ko$suffix:" "$work/plain/lib/modules/$release/modules.dep"
check "modprobe finds it" is "insmod $module$suffix" "$(resolved "$work/plain" rustbond)"
check "and by the kind rustbond" is "insmod $module$suffix" "$(resolved "$work/plain" rtnl-link-rustbond)"
check "not in the place of bonding" fails grep -q rustbond <(resolved "$work/plain" rtnl-link-bond 2>&1)
check "without lines for modprobe.d" is "etc/systemd/network/98-net-rustbond.link lib/modules" "$(all "$work/plain")"
check "DROP_IN=1 installs too, by a relative path" install_to out/install/drop DROP_IN=1
# shellcheck disable=SC2016 # modprobe is to expand it
check "modprobe bonding is rustbond then, with the parameters that are given" \
	grep -q '^install /sbin/modprobe -q rustbond $CMDLINE_OPTS || ' <(resolved "$work/drop" bonding)
check "which has drop_in=1" is "insmod $module$suffix drop_in=1" "$(resolved "$work/drop" rustbond)"
check "the kind bond is the same" is "$(resolved "$work/drop" bonding)" "$(resolved "$work/drop" rtnl-link-bond)"
check "there is nothing else in the folder" is "etc/modprobe.d/rustbond.conf etc/systemd/network/98-net-rustbond.link lib/modules" \
	"$(all "$work/drop")"
check "plain make install then says that it is in the place of bonding" grep -q "in the place of the kernel's bonding, by $work/drop/etc/modprobe.d/rustbond.conf" <(install_to "$work/drop" 2>&1)
mkdir -p "$work/hooks/etc/initramfs-tools" "$work/hooks/usr/lib/dracut/modules.d"
check "on a machine with programs that make an initramfs" install_to "$work/hooks" DROP_IN=1
check "they get what they need" is "etc/initramfs-tools/hooks/rustbond etc/modprobe.d/rustbond.conf etc/systemd/network/98-net-rustbond.link lib/modules usr/lib/dracut/modules.d/99rustbond/module-setup.sh" \
	"$(all "$work/hooks")"

# --- and back
check "uninstall DROP_IN=1" make_says "$work/hooks" uninstall DROP_IN=1
check "takes it out of the place of bonding only" is "etc/systemd/network/98-net-rustbond.link lib/modules" "$(all "$work/hooks")"
check "the module stays" is "insmod $module$suffix" "$(resolved "$work/hooks" rustbond)"
check "again: it says that there is nothing" grep -q "is not in the place of bonding" <(make_says "$work/hooks" uninstall DROP_IN=1)
check "uninstall" make_says "$work/drop" uninstall
check "takes all of it" is "lib/modules" "$(all "$work/drop")"
check "the module and its folder" is "" "$(find "$work/drop" -name 'rustbond*' -o -name updates)"
check "depmod knows" fails grep -q rustbond "$work/drop/lib/modules/$release/modules.dep"
check "again: it says that there is nothing" is "there was nothing to remove" "$(make_says "$work/drop" uninstall)"
mkdir -p "$work/plain/lib/modules/6.12.1-test/updates" "$work/test/include/config"
echo 6.12.1-test >"$work/test/include/config/kernel.release"
cp "$work/plain/$module$suffix" "$work/plain/lib/modules/6.12.1-test/updates/"
check "uninstall for one kernel of two" make_says "$work/plain" uninstall KDIR="$work/test"
check "leaves the other, and what belongs to it" is "etc/systemd/network/98-net-rustbond.link $release" \
	"$(all "$work/plain" | sed 's| lib/modules||') $(cd "$work/plain/lib/modules" && dirname "$(dirname */updates/rustbond*)")"

# --- what cannot be
check "no kernel of that name" grep -q "$work/nothing is not a kernel's build folder: install linux-headers-" <(make_says "$work/bad" install KDIR="$work/nothing")
check "another kernel than it is built for" grep -q "rustbond.ko is built for $release, and this is 6.12.1-test: run 'make KDIR=$work/test' first" <(make_says "$work/bad" install KDIR="$work/test")
check "nothing was installed by these" fails test -e "$work/bad"
mkdir "$work/full"
# shellcheck disable=SC2016 # the inner shell is to expand these
full() { scripts/sysroot root bash -c 'mount -t tmpfs -o size=64k full "$1" && make install KDIR="$2" INSTALL_MOD_PATH="$1" 2>&1; find "$1" -name "*rustbond*"' full "$work/full" "$kdir"; }
check "a full disk" grep -q "cannot be written: see the line above; nothing has changed" <(full)
check "leaves nothing half done" fails grep -q "^$work/full/" <(full)
check "and nothing else was written" is "" "$(touched)"
rm -rf "$work"
done_testing
