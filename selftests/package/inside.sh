#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What host_deb.sh does in the clean Debian (scripts/package/clean).

cd "$(dirname "$0")/../.." || exit
KTAP_HELPERS=$PWD/out/deb/ktap_helpers.sh
. selftests/lib/lib.sh

release=$(basename /lib/modules/*)
kdir=$(readlink -f "/lib/modules/$release/build")
packages=$PWD/out/deb
version=$(sed -n 's/^#define RB_VERSION "\(.*\)"/\1/p' rust/bindings/shim.h)
said=/tmp/said
status=

# apt ARGUMENT... : what it says stays in $said.
apt() { apt-get -qy --no-install-recommends "$@" >$said 2>&1 </dev/null; }
# hook : what the package of the headers runs when it is configured; DKMS builds what is missing.
hook() { /etc/kernel/header_postinst.d/dkms "${1:-$release}" >$said 2>&1 </dev/null; }
# says TEXT : for check: it was said.
says() { grep -qF -- "$1" $said || { cat $said; return 1; }; }
# audit : what dpkg finds half done.
audit() { dpkg --audit; }
module() { ls /lib/modules/"$release"/updates/dkms/rustbond.ko* 2>/dev/null; }
image() { lsinitramfs "/boot/initrd.img-$release" 2>/dev/null | grep -oE "$1" | sort -u | xargs; }
# ours : files anywhere that have our name.
ours() { find / -xdev \( -path /proc -o -path /dev -o -path "$PWD" -o -path /etc/rustbond-clean \) -prune -o -name '*rustbond*' -print; }
resolved() { modprobe -S "$release" --show-depends bonding; }

plan 56
check "lintian finds nothing" is "status 0" "$(cat "$packages/lintian.log")"
for package in rustbond-dkms rustbond-drop-in; do
	check "$package has the module's version" is "$version" "$(dpkg-deb -f "$packages/${package}_${version}_all.deb" Version)"
done
check "rustbond-tools, too" is "$version" "$(dpkg-deb -f "$packages"/rustbond-tools_"$version"_*.deb Version)"
must dpkg --audit
touch /tmp/start

# --- what it cannot be built with, or for
must mv /usr/bin/rustc /usr/bin/rustc.away
check "apt install succeeds without rustc" apt install "$packages/rustbond-dkms_${version}_all.deb"
check "and says that there is no module" says "rustbond: NOT built for kernel $release: there is no rustc: install it"
check "and how to get it" says "dkms autoinstall -k $release"
check "nothing is half configured" is "" "$(audit)"
check "there is no module" is "" "$(module)"
check "installing headers succeeds, too" hook
check "and says the same" says "rustbond: NOT built for kernel $release: there is no rustc"
must mv /usr/bin/rustc.away /usr/bin/rustc

printf '#!/bin/sh\necho "rustc 1.84.0 (0000 2025-01-01)"\n' >/usr/local/bin/rustc
must chmod +x /usr/local/bin/rustc
PATH=/usr/local/bin:$PATH check "a rustc that is too old: it succeeds" hook
check "and says what is needed" says "too old: rustc 1.85 or newer is needed"
must rm /usr/local/bin/rustc

source=$(rustc --print sysroot)/lib/rustlib/src
must mv "$source" "$source.away"
check "no source of core: it succeeds" hook
check "and names the package" says "apt-get install rust-src"
must mv "$source.away" "$source"

# shellcheck disable=SC2016 # the wrapper is to expand it
printf '#!/bin/sh\n[ "$1" != --version ] || exec /usr/bin/bindgen --version\necho "error: made up" >&2\nexit 1\n' >/usr/local/bin/bindgen
must chmod +x /usr/local/bin/bindgen
PATH=/usr/local/bin:$PATH check "a build that fails: it succeeds" hook
check "and says the first error" says "NOT built for kernel $release: the build failed: error: made up"
must rm /usr/local/bin/bindgen
check "the log is kept" grep -q "error: made up" /var/lib/dkms/rustbond/"$version"/build/make.log

must mv "$kdir/Module.symvers" "$kdir/away"
check "headers that are not complete: it succeeds" hook
check "and says what is missing" says "Module.symvers is missing: install linux-headers-$release again"
must mv "$kdir/away" "$kdir/Module.symvers"

must cp -a /var/lib/dkms/rustbond /tmp/tree
must mount -t tmpfs -o size=4m full /var/lib/dkms/rustbond
must cp -a /tmp/tree/. /var/lib/dkms/rustbond
check "a full disk: it succeeds" hook
check "and says so" says "NOT built for kernel $release: the disk is full"
must umount -l /var/lib/dkms/rustbond
must rm -r /tmp/tree

for other in 6.11.9-test 7.4.1+deb13-test; do
	must mkdir "/lib/modules/$other"
	must ln -s "$kdir" "/lib/modules/$other/build"
	check "a kernel $other: it succeeds" hook $other
	check "and says why" says "rustbond: NOT built for kernel $other: it is $([[ $other == 6* ]] && echo older than 6.12 || echo newer than 7.3)"
	must rm -r "/lib/modules/$other"
done
check "apt is as it was" apt check

# --- the module
check "the command in the sentence builds it" eval 'dkms autoinstall -k "$release" >$said 2>&1'
check "without a word of ours" fails says "rustbond: NOT"
check "one module" is "/lib/modules/$release/updates/dkms/rustbond.ko.xz" "$(module)"
check "of that version" is "$version" "$(modinfo -k "$release" -F version rustbond)"
check "and DKMS has it" is "rustbond/$version, $release, $(uname -m): installed" "$(dkms status)"
check "signed by DKMS's key" is "DKMS module signing key" "$(modinfo -k "$release" -F signer rustbond)"
check "its functions have short names" grep -q ' bond\.' <(xz -dc "$(module)" >/tmp/module.ko && nm /tmp/module.ko)
check "built on rust/lite" grep -q "built on rust/lite" /var/lib/dkms/rustbond/"$version"/"$release"/*/log/make.log
check "nothing was written to a home or a cache" is "" "$(find /root /home /var/cache -newer /tmp/start -type f ! -path '/var/cache/apt/*' ! -path '/var/cache/ldconfig/*' ! -path '/var/cache/debconf/*')"

# --- in the place of bonding
echo bonding >>/etc/initramfs-tools/modules
must update-initramfs -u -k "$release" >/dev/null 2>&1
check "an initramfs with native bonding" is "bonding.ko" "$(image '(bonding|rustbond)\.ko')"
check "the drop-in is installed" apt install "$packages/rustbond-drop-in_${version}_all.deb"
check "the initramfs has rustbond beside it, and what modprobe.d says" is "bonding.ko modprobe.d/rustbond.conf rustbond.ko" \
	"$(image '(bonding|rustbond)\.ko|modprobe.d/rustbond.conf')"
must unmkinitramfs "/boot/initrd.img-$release" /tmp/image
unpacked=/tmp/image
[[ ! -d /tmp/image/main ]] || unpacked=/tmp/image/main
# What it would do there, where the machine has nothing else yet.
there() { chroot $unpacked /sbin/modprobe -S "$release" --show-depends "$1" 2>&1; }
check "modprobe bonding is rustbond there" grep -q '^install /sbin/modprobe -q rustbond ' <(there bonding)
check "it is found" grep -q '^insmod .*/updates/dkms/rustbond\.ko.* drop_in=1' <(there rustbond)
check "the shell there can do what modprobe.d says" chroot $unpacked /bin/sh -c 'if [ -d /sys/module/none ]; then exit 1; fi; false || { echo is >/kmsg; }'
must rm -r /tmp/image
check "the package's own test passes" scripts/package/debian/tests/built
check "modprobe bonding is rustbond" grep -q '^install /sbin/modprobe -q rustbond ' <(resolved)

# --- the command
check "rustbond-tools is installed" apt install "$packages"/rustbond-tools_"$version"_*.deb
check "the command runs" is "rustbond $version" "$(rustbond --version)"
check "it looks" is "There are no bonds in this network namespace." "$(rustbond show)"
check "it has a man page" grep -q '^\.TH rustbond 8' <(zcat /usr/share/man/man8/rustbond.8.gz)
check "and completions" bash -c '. /usr/share/bash-completion/completions/rustbond && complete -p rustbond'
check "the file for ip is where ip looks" test -s "/usr/lib/$(uname -m)-linux-gnu/ip/link_rustbond.so"
check "the licences of what it is linked with are there" grep -q '^  clap [0-9.]*: MIT' <(zcat /usr/share/doc/rustbond-tools/licences.gz)

# --- and back
check "all of it is removed" apt purge rustbond-dkms rustbond-drop-in rustbond-tools
check "nothing of it is left" is "" "$(ours)"
check "nothing is half configured" is "" "$(audit)"
check "modprobe bonding is native" grep -q '^insmod .*/bonding\.ko' <(resolved)
check "and so it is in the initramfs" is "bonding.ko" "$(image '(bonding|rustbond)\.ko|modprobe.d/rustbond.conf')"
done_testing
