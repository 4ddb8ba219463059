#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's ifupdown, with the hooks of its package ifenslave: the same stanzas give the same bonds
# as on native bonding.
# vm: --with control
# timeout: 600

. "$(dirname "$0")/lib.sh"
need ifup ifdown ifquery
[[ -e /etc/network/if-pre-up.d/ifenslave ]] || skip_all "the guest has no ifenslave"
plan 15

mkdir -p /run/network
cat >/etc/network/interfaces <<-END
	iface bond0 inet static
		address 192.0.2.2/24
		bond-mode active-backup
		bond-miimon 50
		bond-updelay 100
		bond-downdelay 100
		bond-slaves eth0 eth1
		bond-primary eth1
		bond-primary-reselect better
		bond-fail-over-mac active
		bond-num-grat-arp 3

	iface bond0.7 inet static
		address 198.51.100.1/24

	iface bond1 inet manual
		bond-mode 802.3ad
		bond-miimon 50
		bond-lacp-rate fast
		bond-ad-select bandwidth
		bond-xmit-hash-policy layer3+4
		bond-slaves eth2 eth3

	iface bond2 inet static
		address 192.0.2.3/24
		bond-mode active-backup
		bond-arp-interval 50
		bond-arp-ip-target 192.0.2.1 192.0.2.77
		bond-arp-validate all
		bond-slaves none

	iface eth2 inet manual
		bond-master bond2

	iface eth3 inet manual
		bond-master bond2
		bond-primary eth3

	iface bond3 inet manual
		bond-mode balance-xor
		bond-xmit-hash-policy encap3+4
		bond-use-carrier 1
		bond-slaves eth0

	iface bond4 inet manual
		bond-mode balance-tlb
		bond-tlb-dynamic-lb 0
		bond-miimon 50
		bond-lacp-rate sometimes
		bond-xmit-hash-policy vlan+srcmac
		bond-primary eth9
		bond-slaves eth2 eth9
END

no_bonds() { gone bond0 bond0.7 bond1 bond2 bond3 bond4; }

story() {
	step "ifup: active-backup" 'stands bond0 active-backup "eth0 eth1" eth1' ifup bond0
	step "the switch answers" '' ping -q -c1 -w5 192.0.2.1
	step "ifup, and it is up already" '' ifup bond0
	step "ifup: a VLAN on it" 'carrier_is bond0.7 1' ifup bond0.7
	step "ifdown: the bond goes, with its VLAN, and the slaves are free" no_bonds ifdown bond0.7 bond0
	step "ifup again" 'stands bond0 active-backup "eth0 eth1" eth1' ifup bond0
	step "ifup: 802.3ad" 'stands bond1 802.3ad "eth2 eth3" && no_partner eth2 eth3' ifup bond1
	step "ifdown: both" no_bonds ifdown bond0 bond1
	step "ifup: ARP monitoring, no slaves yet" '[[ -e $NET/bond2/bonding ]]' ifup bond2
	step "ifup: the slaves, by bond-master" 'stands bond2 active-backup "eth2 eth3" eth3' ifup eth2 eth3
	step "ifdown: one of them" 'stands bond2 active-backup eth3 eth3' ifdown eth2
	step "ifdown: the bond takes the other along" no_bonds ifdown bond2
	must ip link add bond3 type bond
	must ip link set bond3 up
	step "ifup: balance-xor, on a bond that is there and up" 'stands bond3 balance-xor eth0' ifup bond3
	step "ifup: settings that are wrong" 'stands bond4 balance-tlb eth2' ifup bond4
	step "ifdown: both" no_bonds ifdown bond3 bond4
}
tidy=(-e 's/time=?[0-9. ]+ms/time/' -e 's/^rtt .*/rtt/')
tell story

done_testing
