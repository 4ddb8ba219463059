/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What Rust cannot call or read by itself: static inlines, macros, variadic functions. Each
 * does one thing and is named after it, with rb_ in front.
 */
#ifndef RUSTBOND_SHIM_H
#define RUSTBOND_SHIM_H

#include <linux/device/class.h>
#include <linux/netdevice.h>
#include <linux/netpoll.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <linux/workqueue.h>
#include <net/bonding.h>
#include <net/flow_dissector.h>
#include <net/genetlink.h>
#include <net/netlink.h>
#include <net/rtnetlink.h>
#include <net/sch_generic.h>
#include <net/xfrm.h>

/*
 * The version, which modinfo, /proc, DKMS and the packages show. It stands here alone; "make deb" reads it.
 * In debian/changelog the same one is on top.
 */
#define RB_VERSION "0.1.0"

/* The module's parameters: what was given, or the defaults; texts NULL if they were not given. */
#define RB_NOT_GIVEN INT_MIN
struct rb_params {
	bool drop_in;
	int max_bonds;
	int tx_queues;
	int num_peer_notif;
	int miimon;
	int updelay;
	int downdelay;
	int use_carrier;
	char *mode;
	char *primary;
	char *primary_reselect;
	char *lacp_rate;
	char *ad_select;
	int min_links;
	char *xmit_hash_policy;
	int arp_interval;
	char *arp_ip_target[BOND_MAX_ARP_TARGETS];
	char *arp_validate;
	char *arp_all_targets;
	char *fail_over_mac;
	int all_slaves_active;
	int resend_igmp;
	int packets_per_slave;
	unsigned int lp_interval;
};
extern struct rb_params rb_params;

/* Read-side sections and locks */
void rb_rcu_read_lock(void);
void rb_rcu_read_unlock(void);
bool rb_rcu_held(void);
void rb_spin_lock_init(spinlock_t *lock, const char *name, struct lock_class_key *key);
void rb_spin_lock_bh(spinlock_t *lock);
void rb_spin_unlock_bh(spinlock_t *lock);
void rb_spin_lock_bh_nested(spinlock_t *lock, int nest);
unsigned int rb_stacked_level(const struct net_device *dev);

/* Per-CPU counters */
u32 __percpu *rb_percpu_u32_alloc(void);
void rb_percpu_u32_free(u32 __percpu *counter);
void __percpu *rb_percpu_alloc(size_t size, size_t align);
void rb_percpu_free(void __percpu *values);
void *rb_percpu_this(void __percpu *values);
void *rb_percpu_of(void __percpu *values, int cpu);
int rb_next_cpu(int cpu);

u32 rb_random_u32(void);

/* Work */
void rb_delayed_work_init(struct delayed_work *dwork, work_func_t func);
bool rb_delayed_work_queue(struct workqueue_struct *wq, struct delayed_work *dwork, u64 ns);
void rb_work_init(struct work_struct *work, work_func_t func);
bool rb_work_queue(struct workqueue_struct *wq, struct work_struct *work);
struct workqueue_struct *rb_workqueue_alloc(void);
int rb_restart_syscall(void);

/* Devices */
struct net *rb_dev_net(const struct net_device *dev);
bool rb_netif_carrier_ok(const struct net_device *dev);
bool rb_netif_running(const struct net_device *dev);
void rb_dev_hold(struct net_device *dev, netdevice_tracker *tracker);
void rb_dev_put(struct net_device *dev, netdevice_tracker *tracker);
void rb_dev_hold_untracked(struct net_device *dev);
void rb_dev_put_untracked(struct net_device *dev);
void rb_dev_log(const char *level, const struct net_device *dev, const char *text, int len);
void rb_log(const char *level, const char *name, const char *text, int len);
const char *rb_module_name(void);
void rb_lockdep_set_classes(struct net_device *dev);
struct net_device *rb_alloc_netdev(int priv, const char *name, unsigned char assign,
				   void (*setup)(struct net_device *), unsigned int txqs);
void rb_eth_hw_addr_random(struct net_device *dev);
void rb_dev_addr_set(struct net_device *dev, const u8 *addr);
bool rb_rx_handler_is(const struct net_device *dev, rx_handler_func_t *func);
void *rb_rx_handler_data(const struct net_device *dev);
void *rb_rx_handler_data_rtnl(const struct net_device *dev);
bool rb_vlan_uses_dev(const struct net_device *dev);
void rb_mc_sync_multiple(struct net_device *to, struct net_device *from);
void rb_mc_sync_alone(struct net_device *to, struct net_device *from);
struct net_device *rb_first_lower(struct net_device *dev);
bool rb_ipv6_enabled(void);
void rb_addr_flush(struct net_device *from, struct net_device *to);
struct net_device *rb_next_netdev_rcu(struct net *net, struct net_device *dev);
struct net_device *rb_next_netdev(struct net *net, struct net_device *dev);
int rb_call_notifiers(unsigned long event, struct net_device *dev);
void rb_lower_state_changed(struct net_device *dev, bool link_up, bool tx_enabled);
netdev_features_t rb_fix_features_begin(netdev_features_t features);
netdev_features_t rb_fix_features_end(netdev_features_t features, netdev_features_t mask);
void rb_setup(struct net_device *dev);
void rb_setup_master(struct net_device *dev);
void rb_setup_virtual(struct net_device *dev);
void rb_only_features(struct net_device *dev, bool vlan_filter, bool esp);
void rb_setup_like(struct net_device *dev, struct net_device *lower, const struct header_ops *ops);
void rb_setup_ethernet(struct net_device *dev);
void rb_mark_bonding(struct net_device *dev, bool on);
bool rb_capable_net_admin(void);
bool rb_dev_capable_net_admin(const struct net_device *dev);
bool rb_in_user_namespace(const struct net *net);
bool rb_net_capable_net_admin(const struct net *net);
bool rb_from_user(void *to, const void __user *from, size_t len);
bool rb_to_user(void __user *to, const void *from, size_t len);
int rb_link_ksettings(struct net_device *dev, u32 *speed, u8 *duplex);
bool rb_tells_speed(struct net_device *dev);
struct proc_dir_entry *rb_proc_net(struct net *net);
void *rb_net_generic(const struct net *net, unsigned int id);
void rb_dev_net_set(struct net_device *dev, struct net *net);
void rb_block_addrconf(struct net_device *dev, bool on);
void rb_follow_lro(struct net_device *dev, const struct net_device *master);
bool rb_vlan_challenged(const struct net_device *dev);
void rb_sysfs_attr_init(struct attribute *attr);
struct net_device *rb_notifier_dev(void *info);
int rb_refuse_module(unsigned long event, const void *module, const char *name);
bool rb_is_bridge_address(const struct net_device *dev, u32 addr);
struct rb_above {
	u8 mac[ETH_ALEN];
	/* It is the one of the device below. */
	bool stolen;
	/* A macvlan; a VLAN otherwise. */
	bool macvlan;
	/* The outer tag of what it sends, in host order; 0 without one. */
	u16 vlan_proto;
	u16 vlan_id;
};
void rb_walk_above(struct net_device *dev,
		   void (*visit)(void *arg, const struct rb_above *above), void *arg);

/* Packets */
/* Where in a packet's private octets the queue lies that was chosen before. */
enum { RB_CB_QUEUE = offsetof(struct qdisc_skb_cb, slave_dev_queue_mapping) };
u16 rb_select_queue(struct net_device *dev, struct sk_buff *skb, struct net_device *sb_dev);
/*
 * What tells flows apart, inside of tunnels too: the keys of encap2+3 and encap3+4. Native asks
 * for tags, labels and tunnel keys besides, of which nothing gets into its hash.
 */
struct rb_keys {
	struct flow_dissector_key_control control;
	struct flow_dissector_key_basic basic;
	union {
		struct flow_dissector_key_ipv4_addrs v4;
		struct flow_dissector_key_ipv6_addrs v6;
		struct flow_dissector_key_tipc tipc;
	};
	struct flow_dissector_key_ports ports;
	struct flow_dissector_key_icmp icmp;
};
extern struct flow_dissector rb_dissector;
void rb_dissector_init(void);
bool rb_skb_is_foreign(const struct sk_buff *skb);
bool rb_skb_is_to_host(const struct sk_buff *skb);
bool rb_send_control(struct net_device *dev, const void *frame, unsigned int len,
		     u16 vlan_proto, u16 vlan_tci);
void rb_skb_take(struct sk_buff *skb);
bool rb_skb_set_dest(struct sk_buff *skb, const u8 *mac);
void rb_tx_drop(struct sk_buff *skb);
struct sk_buff *rb_skb_clone(struct sk_buff *skb);
bool rb_skb_show_to(struct sk_buff *skb, struct net_device *dev);
struct sk_buff *rb_skb_share_check(struct sk_buff *skb);
const u8 *rb_eth_dest(const struct sk_buff *skb);

/* netpoll: packets that are sent with interrupts off */
bool rb_netpoll_running(struct net_device *dev);
void rb_netpoll_poll(struct net_device *dev);
int rb_netpoll_setup(struct netpoll *np, struct net_device *dev);
void rb_netpoll_free(struct netpoll *np);
void rb_netpoll_send(struct netpoll *np, struct sk_buff *skb);

/* Hardware time stamps: the answer says that the clock is that of a lower device */
int rb_hwtstamp_mark(struct kernel_hwtstamp_config *config);

/* XDP */
void rb_prog_inc(struct bpf_prog *prog);
void rb_prog_put(struct bpf_prog *prog);
void rb_steer_xdp(bool on);
int rb_xdp_propagate(struct net_device *dev, struct bpf_prog *prog, struct netlink_ext_ack *extack);

/* IPsec */
#ifndef CONFIG_XFRM_OFFLOAD
/* Of a kernel without it, so that what is built on it can be. */
struct xfrmdev_ops {
	int (*xdo_dev_state_add)(struct net_device *dev, struct xfrm_state *x,
				 struct netlink_ext_ack *extack);
	void (*xdo_dev_state_delete)(struct net_device *dev, struct xfrm_state *x);
	void (*xdo_dev_state_free)(struct net_device *dev, struct xfrm_state *x);
	bool (*xdo_dev_offload_ok)(struct sk_buff *skb, struct xfrm_state *x);
	void (*xdo_dev_state_advance_esn)(struct xfrm_state *x);
	void (*xdo_dev_state_update_stats)(struct xfrm_state *x);
};
#endif
void rb_want_esp(struct net_device *dev, bool on);
void rb_xfrm_lock(struct xfrm_state *x);
void rb_xfrm_unlock(struct xfrm_state *x);
bool rb_xfrm_is_dead(const struct xfrm_state *x);
bool rb_xfrm_has_esn(const struct xfrm_state *x);

/* Probes */
bool rb_probe_arp(struct net_device *master, struct net_device *lower, __be32 target,
		  bool *routed);
bool rb_probe_ns(struct net_device *master, struct net_device *lower, const u8 *target,
		 bool *routed);
bool rb_has_ip(struct net_device *dev, __be32 addr);
bool rb_has_ip6(struct net_device *dev, const u8 *addr);

/* What is not the same in all kernels; see compat.c. */
int rb_set_mac(struct net_device *dev, void *addr, struct netlink_ext_ack *extack);
void rb_set_orig_mtu(struct net_device *dev, int mtu);
int rb_pre_changeaddr(struct net_device *dev, const char *addr, struct netlink_ext_ack *extack);
int rb_class_create_file(const struct class_attribute *file, struct net *net);
void rb_class_remove_file(const struct class_attribute *file, struct net *net);
void rb_device_attribute(struct device_attribute *to, const char *name, umode_t mode,
			 ssize_t (*show)(struct device *, struct device_attribute *, char *),
			 ssize_t (*store)(struct device *, struct device_attribute *, const char *,
					  size_t));
void rb_group_attrs(struct attribute_group *group, struct attribute **attrs);
void rb_set_lacp_strict(struct bond_params *params, bool on);
/* The kernel's tables, and behind them what a callback of older or newer kernels is made of. */
struct rb_device_ops {
	struct net_device_ops ops;
	int (*poll_setup)(struct net_device *dev);
};
struct rb_link_ops {
	struct rtnl_link_ops ops;
	int (*newlink)(struct net_device *dev, struct nlattr **data, struct netlink_ext_ack *extack);
};
void rb_set_newlink(struct rb_link_ops *link,
		    int (*newlink)(struct net_device *dev, struct nlattr **data,
				   struct netlink_ext_ack *extack));
void rb_set_poll_ops(struct rb_device_ops *table, void (*controller)(struct net_device *),
		     int (*setup)(struct net_device *), void (*cleanup)(struct net_device *));

struct rb_xfrm_ops {
	int (*add)(struct net_device *dev, struct xfrm_state *x, struct netlink_ext_ack *extack);
	void (*delete)(struct net_device *dev, struct xfrm_state *x);
	void (*free)(struct net_device *dev, struct xfrm_state *x);
	bool (*offload_ok)(struct sk_buff *skb, struct xfrm_state *x);
	void (*advance_esn)(struct xfrm_state *x);
	void (*update_stats)(struct xfrm_state *x);
};
struct rb_xfrm_table {
	struct xfrmdev_ops ops;
	struct rb_xfrm_ops own;
};
void rb_fill_xfrm_table(struct rb_xfrm_table *table);
void rb_set_xfrm_ops(struct net_device *dev, const struct rb_xfrm_table *table);
const struct xfrmdev_ops *rb_xfrm_ops(const struct net_device *dev);
bool rb_xfrm_able(const struct net_device *dev);
int rb_xfrm_add(struct net_device *dev, struct xfrm_state *x, struct netlink_ext_ack *extack);
void rb_xfrm_delete(struct net_device *dev, struct xfrm_state *x);
void rb_xfrm_free(struct net_device *dev, struct xfrm_state *x);
bool rb_xfrm_offload_ok(struct net_device *dev, struct sk_buff *skb, struct xfrm_state *x);

/* Netlink attributes */
int rb_nla_len(const struct nlattr *nla);
const void *rb_nla_data(const struct nlattr *nla);
int rb_nla_type(const struct nlattr *nla);
const struct nlattr *rb_nla_next(const struct nlattr *nest, const struct nlattr *prev);
struct nlattr *rb_nla_nest_start(struct sk_buff *skb, int type);
void rb_nla_nest_end(struct sk_buff *skb, struct nlattr *nest);
void rb_nla_nest_cancel(struct sk_buff *skb, struct nlattr *nest);
size_t rb_nla_total_size(size_t payload);

u64 rb_time_real(void);

/* Generic netlink */
int rb_genl_register(struct genl_family *family);
struct net *rb_genl_net(const struct genl_info *info);
struct net_device *rb_next_netdev_at(struct net *net, unsigned long *ifindex);
const struct genl_info *rb_genl_dump_info(struct netlink_callback *cb);
struct sk_buff *rb_genl_begin(const struct genl_family *family, u32 portid, u32 seq, u8 cmd,
			      unsigned int room, bool may_sleep, void **header);
void rb_genl_end(struct sk_buff *skb, void *header);
void rb_genl_cancel(struct sk_buff *skb, void *header);
void rb_genl_free(struct sk_buff *skb);
int rb_genl_reply(struct sk_buff *skb, const struct genl_info *info);
bool rb_genl_heard(const struct genl_family *family, struct net *net, unsigned int group);
void rb_genl_tell(const struct genl_family *family, struct net *net, struct sk_buff *skb,
		  unsigned int group);
void rb_genl_lost(const struct genl_family *family, struct net *net, unsigned int group);
struct sk_buff *rb_skb_of(struct net_device *dev, const void *frame, unsigned int len);

/* Tracepoints; the texts end with a zero. */
#define RB_TRACE_WORD	24
struct rb_record {
	char slave[IFNAMSIZ];
	char what[RB_TRACE_WORD];
	char cause[RB_TRACE_WORD];
	char option[RB_TRACE_WORD];
	u32 ifindex;
	u32 reason;
	u64 seq;
	u64 from;
	u64 to;
};
enum {
	RB_DROP_NO_SLAVE,
	RB_DROP_NO_MEMORY,
};
void rb_trace_record(const struct net_device *bond, const struct rb_record *record);
bool rb_trace_record_heard(void);
void rb_trace_drop(const struct sk_buff *skb, unsigned int why);

/* What the tokens of locks stand for; nothing where the kernel does not know who holds what. */
#ifdef CONFIG_PROVE_LOCKING
void rb_must_hold_rtnl(void);
void rb_must_read_rcu(void);
bool rb_holds_rtnl(void);
#endif

/* For the KUnit suites; see kunit.c. */
#if IS_BUILTIN(CONFIG_KUNIT)
enum {
	RB_TEST_OPEN = 1,
	RB_TEST_CLOSE,
	RB_TEST_ADDRESS,
	RB_TEST_MTU,
	RB_TEST_VLAN,
	RB_TEST_NO_VLAN,
	RB_TEST_STAMP,
};
struct rb_test_state {
	unsigned int flags;
	unsigned int no_addrconf;
	unsigned int bonding;
	unsigned int mtu;
	unsigned int promiscuity;
	unsigned int allmulti;
	unsigned int unicast;
	unsigned int multicast;
	unsigned int mastered;
	unsigned int handled;
	u8 address[8];
};
void rb_test_skip(const char *why);
unsigned int rb_test_cpus(void);
void *rb_test_thread(int (*run)(void *), void *arg, unsigned int cpu);
int rb_test_stop(void *thread);
bool rb_test_should_stop(void);
void rb_test_sleep(unsigned int ms);
void rb_test_relax(void);
struct sk_buff *rb_test_skb(const u8 *bytes, unsigned int len, unsigned int linear,
			    unsigned int chunk, u16 protocol);
void rb_test_skb_receive(struct sk_buff *skb);
void rb_test_skb_free(struct sk_buff *skb);
struct net_device *rb_test_device(void);
struct net_device *rb_test_xmit_slave(struct net_device *dev, struct sk_buff *skb, bool all);
int rb_test_hwtstamp(struct net_device *dev, bool set, int *flags);
void rb_test_refuse(struct net_device *dev, unsigned int call);
unsigned int rb_test_calls(const struct net_device *dev, u8 *to, unsigned int room);
void rb_test_look(struct net_device *dev, struct rb_test_state *to);
int rb_test_veto_begin(void);
bool rb_test_veto(unsigned long event);
void rb_test_veto_end(void);
#endif

#endif
