# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the tests of the programs that configure bonds share. A test tells one story, a function that
# is run with native bonding loaded and then with rustbond in its place:
#
#	. "$(dirname "$0")/lib.sh"
#	plan 2
#	story() {
#		step "it is made" 'stands bond0 active-backup "eth0 eth1"' ifup bond0
#		step "and removed" 'gone bond0' ifdown bond0
#	}
#	tell story
#
# Each step is a point: what the program said, its exit status, and all that can then be read of the
# devices has to be as with native bonding.

. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/bond.sh"

[[ $KIND != bond ]] || skip_all "this is native bonding: there is nothing to compare it with"
for module in rustbond bonding; do
	modinfo "$module" >/dev/null 2>&1 || skip_all "the guest has no module $module"
done
PROC=/proc/net/bonding MASTERS=$NET/bonding_masters

# Who stands on the stage, native or rustbond; where the native one's steps are kept, and how many
# there have been.
side=
steps=$(mktemp -d)
step=0

# tell STORY : makes its points. The cables are new each time: eth0 to eth3, from here to a switch
# that answers at 192.0.2.1.
tell() {
	namespaces switch
	at switch sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	for side in native rustbond; do
		case $side in
		native) must modprobe bonding max_bonds=0 ;;
		rustbond) must modprobe rustbond drop_in=1 max_bonds=0 ;;
		esac
		cables switch p0:eth0 p1:eth1 p2:eth2 p3:eth3
		must ip -n switch addr add 192.0.2.1/24 dev br0
		step=0
		"$1"
		for dev in br0 p0 p1 p2 p3; do
			must ip -n switch link del "$dev"
		done
		case $side in
		native) must wait_until 5 modprobe -r bonding ;;
		rustbond) must wait_until 5 modprobe -r rustbond ;;
		esac
	done
	rm -rf -- "$steps"
}

# step TEXT WANT CMD... : what is typed, and the command that tells when all of it has come about;
# '' if only what the program says is of interest.
step() {
	local text=$1 want=$2 file
	shift 2
	step=$((step + 1)) file=$steps/$step
	{
		"$@" 2>&1
		echo "exit status $?"
	} | tidy >"$file.said.$side"
	if [[ $side == rustbond ]]; then
		check "$text" like_native "$file"
	elif [[ -n $want ]]; then
		wait_until 20 eval "$want" || {
			sed 's/^/#   /' "$file.said.native" "$PROC"/* "$steps"/*.log
			bail "on native bonding: $text"
		}
		settled >"$file.seen.native"
	fi
}

# settled : the picture when it no longer changes.
settled() {
	local now last=
	now=$(picture)
	until [[ $now == "$last" ]]; do
		last=$now
		now=$(picture)
	done
	echo "$now"
}

# like_native STEP : for check: rustbond's is as native's, and if not, what differs.
like_native() {
	diff "$1.said.native" "$1.said.rustbond" || return
	[[ ! -e $1.seen.native ]] || wait_until 10 same_picture "$1" >/dev/null ||
		diff "$1.seen.native" "$1.seen.rustbond"
}
same_picture() {
	picture >"$1.seen.rustbond"
	cmp -s "$1.seen.native" "$1.seen.rustbond"
}

# picture : all that can be read of the bonds and their slaves, less what is drawn or counted, the
# version, and the options that native bonding does not have. Of few processes, for it is taken often.
picture() {
	local files=("$NET"/bonding_masters "$NET"/*/bonding/* "$NET"/*/bonding_slave/* "$NET"/*/addr_assign_type
		"$NET"/bond*/uevent)
	{
		printf '%s\n' "${files[@]}"
		grep -sHE '' "${files[@]}"
		grep -svE 'Ethernet Channel Bonding Driver: v' "$PROC"/*
		ip -d -j addr show | jq -S 'map(del(.ifindex, .link_index) |
			.addr_info |= map(select(.scope != "link")))'
	} | tidy -e "/\/bonding\/($OUR_FILES)/d" -e '/\/bonding_slave\/ad_(reason|strays|dropped)/d' -e '/IFINDEX=|link.failure.count|Churn State: (monitoring|none)/Id'
}

# tidy [SED OPTION]... : takes out what differs from one run to the next. A test may have more of it.
tidy() {
	local dev drawn=() kind address
	for dev in "$NET"/bond*/; do
		# 1: an address that the kernel has drawn. The device may be on its way out. Native draws one
		# for a bond that loses its last slave; here it keeps what its user gave it.
		if read -r kind <"$dev/addr_assign_type" && read -r address <"$dev/address" &&
			[[ $kind == 1 || -z $(<"$dev/bonding/slaves") ]]; then
			drawn+=(-e "s/$address/DRAWN/g" -e "s|^(${dev}addr_assign_type:).*|\\1|")
		fi
	done 2>/dev/null
	sed -E "$@" "${drawn[@]}" "${tidy[@]}"
}
tidy=()

# stands BOND MODE SLAVES [ACTIVE] : the bond is up, and so are its slaves.
stands() {
	local mode slaves slave
	read -r mode _ <"$NET/$1/bonding/mode" && [[ $mode == "$2" ]] || return
	read -r slaves <"$NET/$1/bonding/slaves" || [[ -z $3 ]] || return
	[[ $slaves == "$3" && $(<"$NET/$1/operstate") == up ]] || return
	for slave in $3; do
		status_is "$1" "$slave" up && [[ $(<"$NET/$slave/operstate") == up ]] || return
	done
	[[ -z ${4:-} ]] || active_is "$1" "$4"
}

# no_partner SLAVE... : their LACP machines have waited for somebody and found that there is nobody.
no_partner() {
	local slave state
	for slave; do
		# Defaulted, and Expired no more.
		read -r state <"$NET/$slave/bonding_slave/ad_actor_oper_port_state" &&
			(((state & 0xc0) == 0x40)) || return
	done
}

# gone BOND... : there is none of them, and nobody's slave is left.
gone() {
	local bond
	for bond; do
		[[ ! -e $NET/$bond ]] || return
	done
}

# networkmanager_conf [LINE]... : what NetworkManager is told, and in its section [main] the LINEs.
networkmanager_conf() {
	mkdir -p /etc/NetworkManager
	cat >/etc/NetworkManager/NetworkManager.conf <<-END
		[main]
		plugins=keyfile
		$(printf '%s\n' "$@")
		dns=none
		rc-manager=unmanaged
		auth-polkit=false
		[connectivity]
		enabled=false
		# udev's rules leave the ends of a veth alone.
		[device-cables]
		match-device=interface-name:eth*
		managed=1
	END
}

# daemon NAME CMD... : runs it in the background, until `halt NAME`; what it says stays in NAME.log.
# From a step, too, which is a process of its own.
daemon() {
	"${@:2}" >"$steps/$1.log" 2>&1 &
	echo $! >"$steps/$1.pid"
}
halt() {
	local pid
	pid=$(<"$steps/$1.pid")
	must kill "$pid"
	# Nobody may be there to bury it.
	must wait_until 20 fails readlink "/proc/$pid/exe"
}

# bus : what such programs need: their users, a machine that has an identity, the system's bus.
bus() {
	systemd-sysusers dbus.conf systemd-network.conf >"$steps/bus.log" 2>&1 || bail "sysusers: $(<"$steps/bus.log")"
	echo 0123456789abcdef0123456789abcdef >/etc/machine-id
	mkdir -p /run/dbus
	rm -f /run/dbus/system_bus_socket
	daemon bus dbus-daemon --system --nofork --nopidfile
	wait_until 20 on_bus org.freedesktop.DBus || bail "the bus: $(<"$steps/bus.log")"
}

# on_bus NAME : somebody has that name on the bus.
on_bus() {
	dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetNameOwner \
		"string:$1"
}
