// SPDX-License-Identifier: GPL-2.0
/* The module's parameters. Rust's module! has none that are texts or lists. */
#include "headers.h"
#include "param_texts.h"
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
/* What is an option of each bond, too, has its text from the option table. */
#define RB_OPTION(_name, _type) RB_PARAM(_name, _type, RB_TEXT_##_name)

RB_PARAM(drop_in, bool,
	 "Take the place of the kernel's own bonding driver: link kind bond, bonding_masters, /proc/net/bonding (default: 0, link kind rustbond beside it)");
RB_PARAM(max_bonds, int, "Number of bonds to make at once (default: 0; 1 with drop_in)");
RB_PARAM(tx_queues, int, "Number of transmit queues of a bond (1 to 255; default: 16)");
module_param_named(num_grat_arp, rb_params.num_peer_notif, int, 0644);
MODULE_PARM_DESC(num_grat_arp, RB_TEXT_num_grat_arp);
module_param_named(num_unsol_na, rb_params.num_peer_notif, int, 0644);
MODULE_PARM_DESC(num_unsol_na, RB_TEXT_num_unsol_na);
RB_OPTION(miimon, int);
RB_OPTION(updelay, int);
RB_OPTION(downdelay, int);
RB_OPTION(use_carrier, int);
RB_OPTION(mode, charp);
RB_OPTION(primary, charp);
RB_OPTION(primary_reselect, charp);
RB_OPTION(lacp_rate, charp);
RB_OPTION(ad_select, charp);
RB_OPTION(min_links, int);
RB_OPTION(xmit_hash_policy, charp);
RB_OPTION(arp_interval, int);
module_param_array_named(arp_ip_target, rb_params.arp_ip_target, charp, NULL, 0);
MODULE_PARM_DESC(arp_ip_target, RB_TEXT_arp_ip_target);
RB_OPTION(arp_validate, charp);
RB_OPTION(arp_all_targets, charp);
RB_OPTION(fail_over_mac, charp);
RB_OPTION(all_slaves_active, int);
RB_OPTION(resend_igmp, int);
RB_OPTION(packets_per_slave, int);
RB_OPTION(lp_interval, uint);

MODULE_ALIAS_RTNL_LINK("rustbond");
MODULE_VERSION(RB_VERSION);
