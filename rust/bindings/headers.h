/* SPDX-License-Identifier: GPL-2.0 */
/* Everything of the kernel that rust/net touches; bindgen reads this. */
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/if_bonding.h>
#include <linux/if_vlan.h>
#include <linux/igmp.h>
#include <linux/inetdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/netpoll.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/skbuff.h>
#include <linux/sysfs.h>
#include <linux/workqueue.h>
#include <linux/ipv6.h>
#include <net/arp.h>
#include <net/bonding.h>
#include <net/flow_dissector.h>
#include <net/lag.h>
#include <net/net_namespace.h>
#include <net/netdev_lock.h>
#include <net/netns/generic.h>
#include <net/rtnetlink.h>
#include <net/sch_generic.h>
