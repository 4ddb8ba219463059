// SPDX-License-Identifier: GPL-2.0
/* The bodies of shim.h. */
#include "headers.h"
#include "shim.h"

#include <linux/pkt_sched.h>

#include <net/mpls.h>

void rb_rcu_read_lock(void)
{
	rcu_read_lock();
}

void rb_rcu_read_unlock(void)
{
	rcu_read_unlock();
}

bool rb_rcu_held(void)
{
	return rcu_read_lock_held() || rcu_read_lock_bh_held();
}

void rb_spin_lock_init(spinlock_t *lock, const char *name, struct lock_class_key *key)
{
#ifdef CONFIG_DEBUG_SPINLOCK
	__raw_spin_lock_init(spinlock_check(lock), name, key, LD_WAIT_CONFIG);
#else
	spin_lock_init(lock);
#endif
}

void rb_spin_lock_bh(spinlock_t *lock)
{
	spin_lock_bh(lock);
}

void rb_spin_unlock_bh(spinlock_t *lock)
{
	spin_unlock_bh(lock);
}

void rb_spin_lock_bh_nested(spinlock_t *lock, int nest)
{
	local_bh_disable();
	spin_lock_nested(lock, nest);
}

/* How many devices are stacked below; lockdep tells nested masters' locks apart by it. */
unsigned int rb_stacked_level(const struct net_device *dev)
{
	return min_t(unsigned int, dev->lower_level, MAX_LOCKDEP_SUBCLASSES - 1);
}

u32 __percpu *rb_percpu_u32_alloc(void)
{
	return alloc_percpu(u32);
}

void rb_percpu_u32_free(u32 __percpu *counter)
{
	free_percpu(counter);
}

void __percpu *rb_percpu_alloc(size_t size, size_t align)
{
	return __alloc_percpu(size, align);
}

void rb_percpu_free(void __percpu *values)
{
	free_percpu(values);
}

void *rb_percpu_this(void __percpu *values)
{
	return this_cpu_ptr(values);
}

void *rb_percpu_of(void __percpu *values, int cpu)
{
	return per_cpu_ptr(values, cpu);
}

/* The possible CPU after @cpu, -1 past the last. */
int rb_next_cpu(int cpu)
{
	unsigned int next = cpumask_next(cpu, cpu_possible_mask);

	return next < nr_cpu_ids ? next : -1;
}

u32 rb_random_u32(void)
{
	return get_random_u32();
}

void rb_delayed_work_init(struct delayed_work *dwork, work_func_t func)
{
	INIT_DELAYED_WORK(dwork, func);
}

/* Queues @dwork for @ns nanoseconds from now, in whole ticks and never before: work that comes before
 * its deadline finds nothing to do.
 */
bool rb_delayed_work_queue(struct workqueue_struct *wq, struct delayed_work *dwork, u64 ns)
{
	u64 ticks = DIV_ROUND_UP_ULL(ns, NSEC_PER_SEC / HZ);

	return mod_delayed_work(wq, dwork, min_t(u64, ticks, MAX_JIFFY_OFFSET));
}

void rb_work_init(struct work_struct *work, work_func_t func)
{
	INIT_WORK(work, func);
}

bool rb_work_queue(struct workqueue_struct *wq, struct work_struct *work)
{
	return queue_work(wq, work);
}

struct workqueue_struct *rb_workqueue_alloc(void)
{
	return alloc_workqueue("%s", WQ_MEM_RECLAIM | WQ_UNBOUND, 0, THIS_MODULE->name);
}

int rb_restart_syscall(void)
{
	return restart_syscall();
}

struct net *rb_dev_net(const struct net_device *dev)
{
	return dev_net(dev);
}

bool rb_netif_carrier_ok(const struct net_device *dev)
{
	return netif_carrier_ok(dev);
}

bool rb_netif_running(const struct net_device *dev)
{
	return netif_running(dev);
}

void rb_dev_hold(struct net_device *dev, netdevice_tracker *tracker)
{
	netdev_hold(dev, tracker, GFP_KERNEL);
}

void rb_dev_put(struct net_device *dev, netdevice_tracker *tracker)
{
	netdev_put(dev, tracker);
}

/* From any context: no tracker, which would need memory. */
void rb_dev_hold_untracked(struct net_device *dev)
{
	dev_hold(dev);
}

void rb_dev_put_untracked(struct net_device *dev)
{
	dev_put(dev);
}

void rb_dev_log(const char *level, const struct net_device *dev, const char *text, int len)
{
	netdev_printk(level, dev, "%.*s\n", len, text);
}

/* @name: what the line begins with, or NULL for the module's name. */
void rb_log(const char *level, const char *name, const char *text, int len)
{
	if (!name) {
		printk("%s%s: %.*s\n", level, THIS_MODULE->name, len, text);
		return;
	}
	printk("%s%s%.*s\n", level, name, len, text);
}

const char *rb_module_name(void)
{
	return THIS_MODULE->name;
}

void rb_lockdep_set_classes(struct net_device *dev)
{
	netdev_lockdep_set_classes(dev);
}

struct net_device *rb_alloc_netdev(int priv, const char *name, unsigned char assign,
				   void (*setup)(struct net_device *), unsigned int txqs)
{
	return alloc_netdev_mq(priv, name, assign, setup, txqs);
}

void rb_eth_hw_addr_random(struct net_device *dev)
{
	eth_hw_addr_random(dev);
}

void rb_dev_addr_set(struct net_device *dev, const u8 *addr)
{
	dev_addr_set(dev, addr);
}

bool rb_rx_handler_is(const struct net_device *dev, rx_handler_func_t *func)
{
	return rcu_access_pointer(dev->rx_handler) == func;
}

void *rb_rx_handler_data(const struct net_device *dev)
{
	return rcu_dereference(dev->rx_handler_data);
}

void *rb_rx_handler_data_rtnl(const struct net_device *dev)
{
	return rtnl_dereference(dev->rx_handler_data);
}

bool rb_vlan_uses_dev(const struct net_device *dev)
{
	return vlan_uses_dev(dev);
}

/* What the master listens to, its new lower listens to as well. */
void rb_mc_sync_multiple(struct net_device *to, struct net_device *from)
{
	netif_addr_lock_bh(from);
	dev_mc_sync_multiple(to, from);
	dev_uc_sync_multiple(to, from);
	netif_addr_unlock_bh(from);
}

/* What the master listens to, its only active lower listens to as well. */
void rb_mc_sync_alone(struct net_device *to, struct net_device *from)
{
	netif_addr_lock_bh(from);
	dev_uc_sync(to, from);
	dev_mc_sync(to, from);
	netif_addr_unlock_bh(from);
}

/* The first of the devices below one, or NULL. */
struct net_device *rb_first_lower(struct net_device *dev)
{
	struct net_device *lower;
	struct list_head *iter;

	netdev_for_each_lower_dev(dev, lower, iter)
		return lower;
	return NULL;
}

bool rb_ipv6_enabled(void)
{
	return ipv6_mod_enabled();
}

void rb_addr_flush(struct net_device *from, struct net_device *to)
{
	dev_uc_unsync(to, from);
	dev_mc_unsync(to, from);
}

/* In a read-side section. */
struct net_device *rb_next_netdev_rcu(struct net *net, struct net_device *dev)
{
	struct list_head *at = dev ? &dev->dev_list : &net->dev_base_head;
	struct list_head *next = rcu_dereference(list_next_rcu(at));

	return next == &net->dev_base_head ? NULL : net_device_entry(next);
}

struct net_device *rb_next_netdev(struct net *net, struct net_device *dev)
{
	return dev ? next_net_device(dev) : first_net_device(net);
}

int rb_call_notifiers(unsigned long event, struct net_device *dev)
{
	return notifier_to_errno(call_netdevice_notifiers(event, dev));
}

void rb_lower_state_changed(struct net_device *dev, bool link_up, bool tx_enabled)
{
	struct netdev_lag_lower_state_info info = {
		.link_up = link_up,
		.tx_enabled = tx_enabled,
	};

	netdev_lower_state_changed(dev, &info);
}

netdev_features_t rb_fix_features_begin(netdev_features_t features)
{
	return netdev_base_features(features);
}

netdev_features_t rb_fix_features_end(netdev_features_t features, netdev_features_t mask)
{
	return netdev_add_tso_features(features, mask);
}

/* A fresh device, Ethernet until it is told otherwise. */
void rb_setup(struct net_device *dev)
{
	ether_setup(dev);
	dev->needs_free_netdev = true;
}

/* Flags and features of one without hardware, all of them macros or bitfields. */
void rb_setup_virtual(struct net_device *dev)
{
	dev->max_mtu = ETH_MAX_MTU;
	dev->flags |= IFF_NOARP;
	dev->flags &= ~IFF_MULTICAST;
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE | IFF_NO_QUEUE;
	dev->lltx = true;
	dev->hw_features = NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_GSO_SOFTWARE | NETIF_F_HW_CSUM |
			   NETIF_F_HIGHDMA;
	dev->features |= dev->hw_features;
}

/* Those of a master. */
void rb_setup_master(struct net_device *dev)
{
	dev->max_mtu = ETH_MAX_MTU;
	dev->priv_flags |= IFF_UNICAST_FLT | IFF_NO_QUEUE;
	dev->priv_flags &= ~(IFF_XMIT_DST_RELEASE | IFF_TX_SKB_SHARING);
	dev->flags |= IFF_MASTER;
	dev->lltx = true;
	dev->netns_immutable = true;
	dev->hw_features = MASTER_UPPER_DEV_VLAN_FEATURES |
			   NETIF_F_HW_VLAN_CTAG_RX | NETIF_F_HW_VLAN_CTAG_FILTER |
			   NETIF_F_HW_VLAN_STAG_RX | NETIF_F_HW_VLAN_STAG_FILTER |
			   NETIF_F_GSO_ENCAP_ALL;
	dev->features |= dev->hw_features;
	dev->features |= NETIF_F_HW_VLAN_CTAG_TX | NETIF_F_HW_VLAN_STAG_TX |
			 NETIF_F_GSO_PARTIAL;
#ifdef CONFIG_XFRM_OFFLOAD
	/* Can be had, but not in every mode: see rb_want_esp(). */
	dev->hw_features |= MASTER_UPPER_DEV_XFRM_FEATURES;
#endif
}

/* No feature for which the driver has no callback: the kernel would complain. */
void rb_only_features(struct net_device *dev, bool vlan_filter, bool esp)
{
	netdev_features_t without = 0;

	if (!vlan_filter)
		without |= NETIF_F_HW_VLAN_CTAG_FILTER | NETIF_F_HW_VLAN_STAG_FILTER;
#ifdef CONFIG_XFRM_OFFLOAD
	if (!esp)
		without |= MASTER_UPPER_DEV_XFRM_FEATURES;
#endif
	dev->features &= ~without;
	dev->hw_features &= ~without;
}

/* Makes a master without slaves a device of the type of its first one. */
void rb_setup_like(struct net_device *dev, struct net_device *lower, const struct header_ops *ops)
{
	bool was_up = dev->flags & IFF_UP;

	dev_close(dev);
	dev_uc_flush(dev);
	dev_mc_flush(dev);
	dev->header_ops = lower->header_ops ? ops : NULL;
	dev->type = lower->type;
	dev->hard_header_len = lower->hard_header_len;
	dev->needed_headroom = lower->needed_headroom;
	dev->addr_len = lower->addr_len;
	memcpy(dev->broadcast, lower->broadcast, lower->addr_len);
	if (lower->flags & IFF_POINTOPOINT) {
		dev->flags &= ~(IFF_BROADCAST | IFF_MULTICAST);
		dev->flags |= IFF_POINTOPOINT | IFF_NOARP;
	}
	if (was_up)
		dev_open(dev, NULL);
}

/* The way back. ether_setup() forgets what a master is. */
void rb_setup_ethernet(struct net_device *dev)
{
	unsigned int flags = dev->flags & (IFF_SLAVE | IFF_UP);

	dev_uc_flush(dev);
	dev_mc_flush(dev);
	ether_setup(dev);
	dev->max_mtu = ETH_MAX_MTU;
	dev->flags |= IFF_MASTER | flags;
	dev->priv_flags &= ~IFF_TX_SKB_SHARING;
}

void rb_mark_bonding(struct net_device *dev, bool on)
{
	if (on)
		dev->priv_flags |= IFF_BONDING;
	else
		dev->priv_flags &= ~IFF_BONDING;
}

bool rb_capable_net_admin(void)
{
	return capable(CAP_NET_ADMIN);
}

bool rb_in_user_namespace(const struct net *net)
{
	return net->user_ns != &init_user_ns;
}

bool rb_net_capable_net_admin(const struct net *net)
{
	return ns_capable(net->user_ns, CAP_NET_ADMIN);
}

bool rb_dev_capable_net_admin(const struct net_device *dev)
{
	return rb_net_capable_net_admin(dev_net(dev));
}

/* Both return true if they failed. */
bool rb_from_user(void *to, const void __user *from, size_t len)
{
	return copy_from_user(to, from, len);
}

bool rb_to_user(void __user *to, const void *from, size_t len)
{
	return copy_to_user(to, from, len);
}

/* The one device that the frames of @dev leave by, NULL if there is none or there are several. */
static struct net_device *rb_only_lower(struct net_device *dev)
{
	const struct rtnl_link_ops *link = dev->rtnl_link_ops;
	struct net_device *lower, *only = NULL;
	struct list_head *iter;
	int iflink;

	netdev_for_each_lower_dev(dev, lower, iter) {
		if (only)
			return NULL;
		only = lower;
	}
	if (only)
		return only;
	/* A tunnel names its device by number only, in the namespace that it was made in. */
	iflink = dev_get_iflink(dev);
	if (!iflink || iflink == dev->ifindex)
		return NULL;
	return __dev_get_by_index(link && link->get_link_net ? link->get_link_net(dev) : dev_net(dev),
				  iflink);
}

/* The device whose driver says how fast @dev is: its own, or else the first below that does. */
static struct net_device *rb_speed_source(struct net_device *dev)
{
	int depth;

	for (depth = 0; dev && depth <= MAX_NEST_DEV; depth++) {
		if (dev->ethtool_ops->get_link_ksettings)
			return dev;
		dev = rb_only_lower(dev);
	}
	return NULL;
}

bool rb_tells_speed(struct net_device *dev)
{
	return rb_speed_source(dev);
}

int rb_link_ksettings(struct net_device *dev, u32 *speed, u8 *duplex)
{
	struct ethtool_link_ksettings settings;
	struct net_device *source = rb_speed_source(dev);
	int err;

	if (!source)
		return -EOPNOTSUPP;
	/* Takes the device's own lock: not for notifiers, which may run under it. */
	err = __ethtool_get_link_ksettings(source, &settings);
	if (err)
		return err;
	*speed = settings.base.speed;
	*duplex = settings.base.duplex;
	return 0;
}

struct proc_dir_entry *rb_proc_net(struct net *net)
{
	return net->proc_net;
}

void *rb_net_generic(const struct net *net, unsigned int id)
{
	return net_generic(net, id);
}

void rb_dev_net_set(struct net_device *dev, struct net *net)
{
	dev_net_set(dev, net);
}

void rb_block_addrconf(struct net_device *dev, bool on)
{
	if (on)
		dev->priv_flags |= IFF_NO_ADDRCONF;
	else
		dev->priv_flags &= ~IFF_NO_ADDRCONF;
}

void rb_follow_lro(struct net_device *dev, const struct net_device *master)
{
	if (!(master->features & NETIF_F_LRO))
		dev_disable_lro(dev);
}

bool rb_vlan_challenged(const struct net_device *dev)
{
	return dev->features & NETIF_F_VLAN_CHALLENGED;
}

void rb_sysfs_attr_init(struct attribute *attr)
{
	sysfs_attr_init(attr);
}

struct net_device *rb_notifier_dev(void *info)
{
	return netdev_notifier_info_to_dev(info);
}

/* The answer of a module notifier: an error for the module of that name that is about to start. */
int rb_refuse_module(unsigned long event, const void *module, const char *name)
{
	const struct module *starting = module;

	if (event != MODULE_STATE_COMING || strcmp(starting->name, name))
		return NOTIFY_DONE;
	return notifier_from_errno(-EBUSY);
}

/* The queue that was chosen before is kept aside for the lower device. */
u16 rb_select_queue(struct net_device *dev, struct sk_buff *skb, struct net_device *sb_dev)
{
	u16 txq = skb_rx_queue_recorded(skb) ? skb_get_rx_queue(skb) : 0;

	qdisc_skb_cb(skb)->slave_dev_queue_mapping = skb_get_queue_mapping(skb);
	while (unlikely(txq >= dev->real_num_tx_queues))
		txq -= dev->real_num_tx_queues;
	return txq;
}

static const struct flow_dissector_key rb_dissector_keys[] = {
#define RB_KEY(_id, _member) \
	{ .key_id = _id, .offset = offsetof(struct rb_keys, _member) }
	RB_KEY(FLOW_DISSECTOR_KEY_CONTROL, control),
	RB_KEY(FLOW_DISSECTOR_KEY_BASIC, basic),
	RB_KEY(FLOW_DISSECTOR_KEY_IPV4_ADDRS, v4),
	RB_KEY(FLOW_DISSECTOR_KEY_IPV6_ADDRS, v6),
	RB_KEY(FLOW_DISSECTOR_KEY_TIPC, tipc),
	RB_KEY(FLOW_DISSECTOR_KEY_PORTS, ports),
	RB_KEY(FLOW_DISSECTOR_KEY_ICMP, icmp),
#undef RB_KEY
};

struct flow_dissector rb_dissector;

void rb_dissector_init(void)
{
	skb_flow_dissector_init(&rb_dissector, rb_dissector_keys, ARRAY_SIZE(rb_dissector_keys));
}

bool rb_skb_is_foreign(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_OTHERHOST || skb->pkt_type == PACKET_LOOPBACK;
}

bool rb_skb_is_to_host(const struct sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST;
}

void rb_skb_take(struct sk_buff *skb)
{
	skb->pkt_type = PACKET_HOST;
}

/* The IPv4 address, in network byte order, is one of a bridge's in the namespace of @dev. */
bool rb_is_bridge_address(const struct net_device *dev, u32 addr)
{
	const struct net_device *owner;
	bool found;

	rcu_read_lock();
	owner = __ip_dev_find(dev_net(dev), (__force __be32)addr, false);
	found = owner && netif_is_any_bridge_master(owner);
	rcu_read_unlock();
	return found;
}

static void rb_walk_level(struct net_device *dev, bool bottom, struct rb_above above,
			  void (*visit)(void *arg, const struct rb_above *above), void *arg)
{
	struct net_device *upper;
	struct list_head *iter;

	netdev_for_each_upper_dev_rcu(dev, upper, iter) {
		struct rb_above here = above;

		/* The kernel limits how many devices are stacked, and so how deep this goes. */
		if (bottom && is_vlan_dev(upper)) {
			here.vlan_proto = ntohs(vlan_dev_vlan_proto(upper));
			here.vlan_id = vlan_dev_vlan_id(upper);
		}
		here.macvlan = netif_is_macvlan(upper);
		if (here.macvlan || (bottom && is_vlan_dev(upper))) {
			here.stolen = !here.macvlan && upper->addr_assign_type == NET_ADDR_STOLEN;
			ether_addr_copy(here.mac, upper->dev_addr);
			visit(arg, &here);
		}
		rb_walk_level(upper, false, here, visit, arg);
	}
}

/* Shows @visit the VLANs on @dev and the macvlans above it. In a read-side section. */
void rb_walk_above(struct net_device *dev,
		   void (*visit)(void *arg, const struct rb_above *above), void *arg)
{
	rb_walk_level(dev, true, (struct rb_above){}, visit, arg);
}

/* Sets the destination of a received packet; false without memory for a copy of its head. */
bool rb_skb_set_dest(struct sk_buff *skb, const u8 *mac)
{
	if (skb_cow_head(skb, skb->data - skb_mac_header(skb)))
		return false;
	ether_addr_copy(eth_hdr(skb)->h_dest, mac);
	return true;
}

bool rb_send_control(struct net_device *dev, const void *frame, unsigned int len,
		     u16 vlan_proto, u16 vlan_tci)
{
	struct sk_buff *skb = alloc_skb(LL_RESERVED_SPACE(dev) + len + dev->needed_tailroom,
					GFP_ATOMIC);

	if (!skb)
		return false;
	skb_reserve(skb, LL_RESERVED_SPACE(dev));
	skb_reset_mac_header(skb);
	skb_put_data(skb, frame, len);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb->dev = dev;
	skb->priority = TC_PRIO_CONTROL;
	if (vlan_proto)
		__vlan_hwaccel_put_tag(skb, htons(vlan_proto), vlan_tci);
	return dev_queue_xmit(skb) == NET_XMIT_SUCCESS;
}

void rb_tx_drop(struct sk_buff *skb)
{
	dev_core_stats_tx_dropped_inc(skb->dev);
	dev_kfree_skb_any(skb);
}

struct sk_buff *rb_skb_clone(struct sk_buff *skb)
{
	return skb_clone(skb, GFP_ATOMIC);
}

/* A clone comes in on @dev. */
bool rb_skb_show_to(struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff *clone = skb_clone(skb, GFP_ATOMIC);

	if (!clone)
		return false;
	clone->dev = dev;
	return netif_rx(clone) == NET_RX_SUCCESS;
}

struct sk_buff *rb_skb_share_check(struct sk_buff *skb)
{
	return skb_share_check(skb, GFP_ATOMIC);
}

const u8 *rb_eth_dest(const struct sk_buff *skb)
{
	return eth_hdr(skb)->h_dest;
}

bool rb_netpoll_running(struct net_device *dev)
{
	return netpoll_tx_running(dev);
}

#ifdef CONFIG_NETPOLL
void rb_netpoll_poll(struct net_device *dev)
{
	netpoll_poll_dev(dev);
}

int rb_netpoll_setup(struct netpoll *np, struct net_device *dev)
{
	return __netpoll_setup(np, dev);
}

void rb_netpoll_free(struct netpoll *np)
{
	__netpoll_free(np);
}

void rb_netpoll_send(struct netpoll *np, struct sk_buff *skb)
{
	netpoll_send_skb(np, skb);
}
#else
void rb_netpoll_poll(struct net_device *dev)
{
}

int rb_netpoll_setup(struct netpoll *np, struct net_device *dev)
{
	return -EOPNOTSUPP;
}

void rb_netpoll_free(struct netpoll *np)
{
	kfree(np);
}

void rb_netpoll_send(struct netpoll *np, struct sk_buff *skb)
{
	rb_tx_drop(skb);
}
#endif

int rb_hwtstamp_mark(struct kernel_hwtstamp_config *config)
{
	struct hwtstamp_config user;

	if (!config->copied_to_user) {
		config->flags |= HWTSTAMP_FLAG_BONDED_PHC_INDEX;
		return 0;
	}
	/* A driver of the old kind has answered by itself. */
	if (copy_from_user(&user, config->ifr->ifr_data, sizeof(user)))
		return -EFAULT;
	user.flags |= HWTSTAMP_FLAG_BONDED_PHC_INDEX;
	if (copy_to_user(config->ifr->ifr_data, &user, sizeof(user)))
		return -EFAULT;
	return 0;
}

void rb_prog_inc(struct bpf_prog *prog)
{
	bpf_prog_inc(prog);
}

void rb_prog_put(struct bpf_prog *prog)
{
	bpf_prog_put(prog);
}

/* Whether drivers ask masters where XDP_TX leads. It is counted. */
void rb_steer_xdp(bool on)
{
	if (on)
		static_branch_inc(&bpf_master_redirect_enabled_key);
	else
		static_branch_dec(&bpf_master_redirect_enabled_key);
}

int rb_xdp_propagate(struct net_device *dev, struct bpf_prog *prog, struct netlink_ext_ack *extack)
{
	struct netdev_bpf setup = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
		.extack = extack,
	};

	return dev_xdp_propagate(dev, &setup);
}

/* What is wanted follows what is there when the device is registered. */
void rb_want_esp(struct net_device *dev, bool on)
{
#ifdef CONFIG_XFRM_OFFLOAD
	if (dev->reg_state != NETREG_REGISTERED) {
		if (on)
			dev->features |= MASTER_UPPER_DEV_XFRM_FEATURES;
		return;
	}
	if (on)
		dev->wanted_features |= MASTER_UPPER_DEV_XFRM_FEATURES;
	else
		dev->wanted_features &= ~MASTER_UPPER_DEV_XFRM_FEATURES;
	netdev_update_features(dev);
#endif
}

void rb_xfrm_lock(struct xfrm_state *x)
{
	spin_lock_bh(&x->lock);
}

void rb_xfrm_unlock(struct xfrm_state *x)
{
	spin_unlock_bh(&x->lock);
}

bool rb_xfrm_is_dead(const struct xfrm_state *x)
{
	return x->km.state == XFRM_STATE_DEAD;
}

bool rb_xfrm_has_esn(const struct xfrm_state *x)
{
	return x->props.flags & XFRM_STATE_ESN;
}

int rb_nla_len(const struct nlattr *nla)
{
	return nla_len(nla);
}

const void *rb_nla_data(const struct nlattr *nla)
{
	return nla_data(nla);
}

int rb_nla_type(const struct nlattr *nla)
{
	return nla_type(nla);
}

/* The attribute after @prev in @nest, the first if there is no @prev, NULL past the last. */
const struct nlattr *rb_nla_next(const struct nlattr *nest, const struct nlattr *prev)
{
	const void *end = nla_data(nest) + nla_len(nest);
	const struct nlattr *next = nla_data(nest);
	int left;

	if (prev) {
		left = end - (const void *)prev;
		next = nla_next(prev, &left);
	}
	left = end - (const void *)next;
	return nla_ok(next, left) ? next : NULL;
}

struct nlattr *rb_nla_nest_start(struct sk_buff *skb, int type)
{
	return nla_nest_start_noflag(skb, type);
}

void rb_nla_nest_end(struct sk_buff *skb, struct nlattr *nest)
{
	nla_nest_end(skb, nest);
}

void rb_nla_nest_cancel(struct sk_buff *skb, struct nlattr *nest)
{
	nla_nest_cancel(skb, nest);
}

size_t rb_nla_total_size(size_t payload)
{
	return nla_total_size(payload);
}

#ifdef CONFIG_PROVE_LOCKING
bool rb_holds_rtnl(void)
{
	return lockdep_rtnl_is_held();
}

void rb_must_hold_rtnl(void)
{
	WARN_ON_ONCE(!lockdep_rtnl_is_held());
}

void rb_must_read_rcu(void)
{
	WARN_ON_ONCE(!rcu_read_lock_any_held());
}
#endif

u64 rb_time_real(void)
{
	return ktime_get_real_ns();
}

/* In all network namespaces; requests are not kept apart by a lock of the kernel's. */
int rb_genl_register(struct genl_family *family)
{
	family->module = THIS_MODULE;
	family->netnsok = true;
	family->parallel_ops = true;
	return genl_register_family(family);
}

struct net *rb_genl_net(const struct genl_info *info)
{
	return genl_info_net(info);
}

/* The first device with that ifindex or a higher one, which is put down; in a read-side section. */
struct net_device *rb_next_netdev_at(struct net *net, unsigned long *ifindex)
{
	return xa_find(&net->dev_by_index, ifindex, ULONG_MAX, XA_PRESENT);
}

const struct genl_info *rb_genl_dump_info(struct netlink_callback *cb)
{
	return genl_info_dump(cb);
}

/* A message with room for so many octets behind its header; NULL without memory. */
struct sk_buff *rb_genl_begin(const struct genl_family *family, u32 portid, u32 seq, u8 cmd,
			      unsigned int room, bool may_sleep, void **header)
{
	struct sk_buff *skb = genlmsg_new(room, may_sleep ? GFP_KERNEL : GFP_ATOMIC);

	if (!skb)
		return NULL;
	*header = genlmsg_put(skb, portid, seq, family, 0, cmd);
	if (*header)
		return skb;
	nlmsg_free(skb);
	return NULL;
}

void rb_genl_end(struct sk_buff *skb, void *header)
{
	genlmsg_end(skb, header);
}

void rb_genl_cancel(struct sk_buff *skb, void *header)
{
	genlmsg_cancel(skb, header);
}

void rb_genl_free(struct sk_buff *skb)
{
	nlmsg_free(skb);
}

int rb_genl_reply(struct sk_buff *skb, const struct genl_info *info)
{
	return genlmsg_reply(skb, (struct genl_info *)info);
}

bool rb_genl_heard(const struct genl_family *family, struct net *net, unsigned int group)
{
	return genl_has_listeners(family, net, group);
}

void rb_genl_tell(const struct genl_family *family, struct net *net, struct sk_buff *skb,
		  unsigned int group)
{
	genlmsg_multicast_netns(family, net, skb, 0, group, GFP_ATOMIC);
}

/* Whoever listens learns that a message was lost: ENOBUFS. */
void rb_genl_lost(const struct genl_family *family, struct net *net, unsigned int group)
{
	genl_set_err(family, net, 0, group, -ENOBUFS);
}

/*
 * A packet as @dev would be given it to send; NULL without memory, or for want of an Ethernet header. Its first
 * tag travels beside the bytes, as of what comes from a VLAN device; but for MPLS, of which the kernel puts
 * the tag in before.
 */
struct sk_buff *rb_skb_of(struct net_device *dev, const void *frame, unsigned int len)
{
	const struct vlan_ethhdr *tagged = frame;
	struct sk_buff *skb;

	if (len < ETH_HLEN)
		return NULL;
	skb = alloc_skb(len, GFP_ATOMIC);
	if (!skb)
		return NULL;
	if (len >= VLAN_ETH_HLEN && eth_type_vlan(tagged->h_vlan_proto) &&
	    !eth_p_mpls(tagged->h_vlan_encapsulated_proto)) {
		skb_put_data(skb, frame, 2 * ETH_ALEN);
		skb_put_data(skb, &tagged->h_vlan_encapsulated_proto, len - 2 * ETH_ALEN - VLAN_HLEN);
		__vlan_hwaccel_put_tag(skb, tagged->h_vlan_proto, ntohs(tagged->h_vlan_TCI));
	} else {
		skb_put_data(skb, frame, len);
	}
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = eth_hdr(skb)->h_proto;
	skb->dev = dev;
	return skb;
}
