# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# What the tests share that run in a Debian that has booted. DRIVER is who is to have made the bonds,
# rustbond or native, and STAGE the machine's in scripts/system-image.

KIND=bond POLL=0.3
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/../lib/bond.sh"

MONITOR=/dev/virtio-ports/monitor
exec {monitor}<>"$MONITOR"
# What it answers is of no interest, but has to go somewhere.
cat <&"$monitor" >/dev/null &

# cable NUMBER on|off : plugs the cable of a card in, or pulls it.
cable() { echo "set_link card$1 $2" >&"$monitor"; }

# drivers : which of the two is loaded.
drivers() {
	local name found=()
	for name in bonding rustbond; do
		[[ ! -d /sys/module/$name ]] || found+=("$name")
	done
	echo "${found[*]}"
}

# module : of what driver the bonds have to be.
case $DRIVER in
native) module=bonding ;;
*) module=$DRIVER ;;
esac

# driven_by BOND : for check: the bond is of the driver that it has to be of, no other is loaded, and whoever
# asks the bond itself is told what native bonding tells.
driven_by() {
	is "$module" "$(drivers)" || return
	is "driver: bonding" "$(ethtool -i "$1" | grep '^driver:')" || return
	is bond "$(ip -d -j link show "$1" | grep -o '"info_kind":"[a-z]*"' | head -n 1 | cut -d'"' -f4)" || return
	grep "^Bonding Mode:" "/proc/net/bonding/$1"
}

# log_says COUNT TEXT : for check: so many lines of the kernel's log hold it.
log_says() {
	local lines
	lines=$(dmesg | grep -e "$2")
	is "$1" "$(grep -c . <<<"$lines")" || { echo "$lines"; return 1; }
}

# fallback_told : for check: whoever gets native bonding though rustbond was to come is told so, once.
fallback_told() {
	case $STAGE-$DRIVER in
	plain-* | removed-*) log_says 0 rustbond: ;;
	*-native) log_says 1 "rustbond: cannot be loaded, so the kernel's own bonding is" ;;
	*) log_says 0 "rustbond: cannot be loaded" ;;
	esac
}

# units_well : for check: no service has failed.
units_well() { is "" "$(systemctl list-units --failed --plain --no-legend)"; }

# come_up : the bond of all tests is up, and has its address.
come_up() { [[ $(ip -br addr show bond0) == *" UP "*192.0.2.2/24* ]]; }

# pings : begins to ping the far host.
pings() {
	ping -n -D -O -i 0.2 192.0.2.1 >/tmp/ping &
	ping=$!
	sleep 2
}

# end_pings : ends it.
end_pings() {
	kill -INT "$ping"
	wait "$ping"
}

# lost MOST : for check: no more of those pings than that had no answer.
lost() {
	local sent received
	read -r sent received < <(sed -nE 's/^([0-9]+) packets transmitted, ([0-9]+) received.*/\1 \2/p' /tmp/ping)
	((sent > 10 && sent - received <= $1)) || { cat /tmp/ping; return 1; }
}

# active_other BOND SLAVE : there is an active slave, and it is another.
active_other() { ! active_is "$1" "$2" && [[ -n $(get_opt "$1" active_slave) ]]; }

# answers : the far host answers one ping.
answers() { ping -q -c 1 -W 1 192.0.2.1; }

# seen BOND : all that is of interest when a point failed.
seen() {
	cat "/proc/net/bonding/$1"
	ip -br addr
	journalctl -b --no-pager -o short-monotonic | tail -n 60
}

# The rows of a bond's files that have to read so: NAME VALUE.
reads_so() {
	local bond=$1 name value failed=0
	shift
	while (($# > 1)); do
		name=$1 value=$2
		shift 2
		is "$name: $value" "$name: $(cat "$NET/$bond/bonding/$name")" || failed=1
	done
	return $failed
}
