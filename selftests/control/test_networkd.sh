#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# systemd-networkd: the same .netdev and .network files give the same bonds as on native bonding,
# and so does what networkctl is told.
# vm: --with control
# timeout: 600

. "$(dirname "$0")/lib.sh"
networkd=/usr/lib/systemd/systemd-networkd
[[ -x $networkd ]] || skip_all "the guest has no systemd-networkd"
need networkctl dbus-daemon
plan 15

FILES=/run/systemd/network

# netdev BOND SETTING... : a bond and what stands in its section [Bond].
netdev() {
	local bond=$1
	shift
	printf '%s\n' '[NetDev]' "Name=$bond" 'Kind=bond' '[Bond]' "$@" >"$FILES/$bond.netdev"
}

# network DEV SETTING... : what stands in its section [Network].
network() {
	local dev=$1
	shift
	printf '%s\n' '[Match]' "Name=$dev" '[Network]' 'LinkLocalAddressing=no' "$@" >"$FILES/$dev.network"
}

# start : networkd itself. It asks udev whether a device is ready, unless sysfs cannot be written
# to, as in containers; it sets bonds by netlink.
start() {
	# shellcheck disable=SC2016 # the inner shell is to expand these
	daemon networkd unshare --mount bash -c 'mount -t sysfs -o ro sysfs /sys && exec "$0"' $networkd
	wait_until 20 on_bus org.freedesktop.network1
}
# log_of BOND : what networkd has said of it.
log_of() { grep -E "^($1):" "$steps/networkd.log" | sort -u; }

story() {
	rm -rf $FILES
	mkdir -p $FILES
	netdev bond0 Mode=active-backup ARPIntervalSec=0.1 "ARPIPTargets=192.0.2.1 192.0.2.77" \
		ARPValidate=all ARPAllTargets=any ARPMissedMax=3 PrimaryReselectPolicy=better
	netdev bond1 Mode=802.3ad LACPTransmitRate=fast TransmitHashPolicy=layer3+4 MIIMonitorSec=0.05 \
		MinLinks=1 AdSelect=bandwidth AdActorSystemPriority=100 AdUserPortKey=7 \
		AdActorSystem=02:00:00:00:00:99
	netdev bond2 Mode=active-backup MIIMonitorSec=0.05 UpDelaySec=0.1 DownDelaySec=0.15 \
		FailOverMACPolicy=active GratuitousARP=4 ResendIGMP=2 AllSlavesActive=true
	netdev bond3 Mode=balance-tlb DynamicTransmitLoadBalancing=false LearnPacketIntervalSec=3
	netdev bond4 Mode=balance-rr PacketsPerSlave=5
	netdev bond5 Mode=balance-alb MIIMonitorSec=0.1
	netdev bond6 Mode=balance-xor TransmitHashPolicy=encap3+4
	netdev bond7 Mode=broadcast
	network bond0 Address=192.0.2.2/24
	network 'bond[1-7]'
	# One slave each at first: it does not say in which order it takes several.
	network eth0 Bond=bond0
	network eth2 Bond=bond1
	step "it starts: bonds of every mode, as the files say" \
		'stands bond0 active-backup eth0 eth0 && stands bond1 802.3ad eth2 && no_partner eth2 && [[ -e $NET/bond7/bonding ]]' start
	rm $FILES/bond[4-7].netdev
	step "networkctl delete" 'gone bond4 bond5 bond6 bond7' networkctl delete bond4 bond5 bond6 bond7
	network eth1 Bond=bond0 PrimarySlave=true
	network eth3 Bond=bond1
	step "networkctl reload: more slaves, one of them the primary" '
		stands bond0 active-backup "eth0 eth1" eth1 && stands bond1 802.3ad "eth2 eth3" &&
		no_partner eth2 eth3' networkctl reload
	step "the target answers" '' ping -q -c1 -w5 192.0.2.1
	step "networkctl status: a bond" '' networkctl -n0 --no-pager status bond0
	step "networkctl list" '' networkctl --no-pager --no-legend list

	halt networkd
	step "it starts anew, and leaves them as they are" 'stands bond0 active-backup "eth0 eth1" eth1' start

	network eth2 Bond=bond2
	network eth0
	step "networkctl reload: a slave goes over to another bond, one is let go" \
		'stands bond0 active-backup eth1 eth1 && stands bond2 active-backup eth2 eth2' networkctl reload
	network eth3 Bond=bond2 ActiveSlave=true
	step "networkctl reload: one comes as the active slave" \
		'stands bond2 active-backup "eth2 eth3" eth3' networkctl reload
	step "networkctl down" '[[ $(<$NET/bond2/operstate) == down ]]' networkctl down bond2
	step "networkctl up" 'stands bond2 active-backup "eth2 eth3"' networkctl up bond2

	netdev bond3 Mode=balance-alb MIIMonitorSec=0.2
	netdev bond0 Mode=active-backup MIIMonitorSec=0.1 PrimaryReselectPolicy=failure
	step "networkctl reload: other settings for bonds that are there" true networkctl reload

	netdev bond8 Mode=active-backup LACPTransmitRate=fast AdUserPortKey=3
	netdev bond9 Mode=802.3ad ARPIntervalSec=0.1 ARPIPTargets=192.0.2.1
	step "settings that do not go together" '[[ -n $(log_of bond8) && -n $(log_of bond9) ]]' networkctl reload
	step "and what it says of them" '' log_of "bond8|bond9"

	step "networkctl delete: bonds that have slaves" 'gone bond0 bond1 bond2' networkctl delete bond0 bond1 bond2
	halt networkd
	for bond in "$NET"/bond*/; do
		must ip link del "$(basename "$bond")"
	done
}
tidy=(-e 's/time=?[0-9. ]+ms/time/' -e 's/^rtt .*/rtt/' -e 's/^ *[0-9]+ (bond|eth|lo)/\1/'
	-e 's/(● )?[0-9]+: (bond|eth)/\2/')
bus
tell story

done_testing
