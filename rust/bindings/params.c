// SPDX-License-Identifier: GPL-2.0
/* The module's parameters. Rust's module! has none that are texts or lists. */
#include "headers.h"
#include "shim.h"

#include <linux/moduleparam.h>

struct rb_params rb_params = {
	.max_bonds = RB_NOT_GIVEN,
	.tx_queues = 16,
	.num_peer_notif = 1,
	.use_carrier = 1,
	.resend_igmp = 1,
	.packets_per_slave = 1,
	.lp_interval = 1,
};

#define RB_PARAM(_name, _type, _text) \
	module_param_named(_name, rb_params._name, _type, 0); \
	MODULE_PARM_DESC(_name, _text)

RB_PARAM(drop_in, bool,
	 "Take the place of the kernel's own bonding driver: link kind bond, bonding_masters, /proc/net/bonding (default: 0, link kind rustbond beside it)");
RB_PARAM(max_bonds, int, "Bonds to make at once (default: 0; 1 with drop_in)");
RB_PARAM(tx_queues, int, "Transmit queues of a bond, 1 to 255 (default: 16)");
module_param_named(num_grat_arp, rb_params.num_peer_notif, int, 0644);
MODULE_PARM_DESC(num_grat_arp, "Peer notifications after a failover, 0 to 255 (default: 1)");
module_param_named(num_unsol_na, rb_params.num_peer_notif, int, 0644);
MODULE_PARM_DESC(num_unsol_na, "The same as num_grat_arp");
RB_PARAM(miimon, int, "How often to look at the links, in ms; 0 for never (default)");
RB_PARAM(updelay, int, "How long a link has to be up until it is used, in ms (default: 0)");
RB_PARAM(downdelay, int, "How long a link has to be down until it is given up, in ms (default: 0)");
RB_PARAM(use_carrier, int, "Obsolete; 1 is all it can be");
RB_PARAM(mode, charp,
	 "balance-rr or 0 (default), active-backup or 1, balance-xor or 2, broadcast or 3, 802.3ad or 4, balance-tlb or 5, balance-alb or 6");
RB_PARAM(primary, charp, "The slave to prefer");
RB_PARAM(primary_reselect, charp,
	 "When the primary becomes active again: always or 0 (default), better or 1, failure or 2");
RB_PARAM(lacp_rate, charp, "How often a partner is to send LACPDUs: slow or 0 (default), fast or 1");
RB_PARAM(ad_select, charp,
	 "Which aggregator is active in 802.3ad: stable or 0 (default), bandwidth or 1, count or 2, actor_port_prio or 3");
RB_PARAM(min_links, int, "Links that 802.3ad needs for a carrier (default: 0)");
RB_PARAM(xmit_hash_policy, charp,
	 "What selects the slave of a flow: layer2 or 0 (default), layer3+4 or 1, layer2+3 or 2, encap2+3 or 3, encap3+4 or 4, vlan+srcmac or 5");
RB_PARAM(arp_interval, int, "How often to probe the ARP targets, in ms; 0 for never (default)");
module_param_array_named(arp_ip_target, rb_params.arp_ip_target, charp, NULL, 0);
MODULE_PARM_DESC(arp_ip_target, "Up to 16 IPv4 addresses to probe");
RB_PARAM(arp_validate, charp,
	 "Whose ARP traffic has to be a probe's: none or 0 (default), active or 1, backup or 2, all or 3, filter or 4, filter_active or 5, filter_backup or 6");
RB_PARAM(arp_all_targets, charp, "A link is up if targets answer: any or 0 (default), all or 1");
RB_PARAM(fail_over_mac, charp,
	 "What becomes of the MACs in active-backup: none or 0 (default), active or 1, follow or 2");
RB_PARAM(all_slaves_active, int, "What backup slaves receive is dropped: 0 (default), or not: 1");
RB_PARAM(resend_igmp, int, "IGMP reports after a failover, 0 to 255 (default: 1)");
RB_PARAM(packets_per_slave, int,
	 "Packets in a row on one slave in balance-rr, 0 to 65535; 0 for a random slave each (default: 1)");
RB_PARAM(lp_interval, uint, "How often balance-alb sends learning packets, in s (default: 1)");

MODULE_ALIAS_RTNL_LINK("rustbond");
MODULE_VERSION(RB_VERSION);
