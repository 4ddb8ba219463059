// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's interface has under another name, with other arguments or not at all, depending on
 * the kernel. Rust calls one function for each, whose meaning is the same everywhere.
 *
 * What there is, is read from the headers and not from the version, for distributions take over
 * what is newer: a type is compared here, and of a name that may be missing the build says
 * RB_HAS_<NAME> (Kbuild).
 */
#include "headers.h"
#include "shim.h"

#include <linux/module.h>

/* The type of a member or function, as the kernel at hand has it. */
#define rb_member_is(type, member, ...) \
	__builtin_types_compatible_p(typeof(((type *)0)->member), __VA_ARGS__)
#define rb_function_is(name, ...) __builtin_types_compatible_p(typeof(&(name)), __VA_ARGS__)

/*
 * The address begins as a sockaddr_storage, as long as MAX_ADDR_LEN; tun hands down even less. In
 * older kernels it is called a sockaddr, which is not copied either.
 */
int rb_set_mac(struct net_device *dev, void *addr, struct netlink_ext_ack *extack)
{
	static_assert(offsetof(struct sockaddr_storage, __data) == sizeof(__kernel_sa_family_t));
	return dev_set_mac_address(dev, addr, extack);
}

/* A device that is on its way out takes its MTU back without a notification. */
void rb_set_orig_mtu(struct net_device *dev, int mtu)
{
#ifdef RB_HAS___NETIF_SET_MTU
	netdev_lock_ops(dev);
	__netif_set_mtu(dev, mtu);
	netdev_unlock_ops(dev);
#else
	__dev_set_mtu(dev, mtu);
#endif
}

#ifdef RB_HAS___NETIF_SET_MTU
MODULE_IMPORT_NS("NETDEV_INTERNAL");
#endif

int rb_pre_changeaddr(struct net_device *dev, const char *addr, struct netlink_ext_ack *extack)
{
#ifdef RB_HAS_NETIF_PRE_CHANGEADDR_NOTIFY
	return netif_pre_changeaddr_notify(dev, addr, extack);
#else
	return dev_pre_changeaddr_notify(dev, addr, extack);
#endif
}

/*
 * The tag by which sysfs shows a file in one namespace of networks. Both are pointers without a
 * type where it is the namespace itself: by the wrong one, the file is in no namespace.
 */
static const void *rb_class_tag(struct net *net)
{
	return rb_function_is(netdev_class_create_file_ns,
			      int (*)(const struct class_attribute *, const void *)) ?
		       (const void *)net :
		       (const void *)&net->ns;
}

int rb_class_create_file(const struct class_attribute *file, struct net *net)
{
	return netdev_class_create_file_ns(file, rb_class_tag(net));
}

void rb_class_remove_file(const struct class_attribute *file, struct net *net)
{
	netdev_class_remove_file_ns(file, rb_class_tag(net));
}

/* Newer kernels have unions here, whose names bindgen makes up. */
void rb_device_attribute(struct device_attribute *to, const char *name, umode_t mode,
			 ssize_t (*show)(struct device *, struct device_attribute *, char *),
			 ssize_t (*store)(struct device *, struct device_attribute *, const char *,
					  size_t))
{
	*to = (struct device_attribute){
		.attr = { .name = name, .mode = mode },
		.show = show,
		.store = store,
	};
}

void rb_group_attrs(struct attribute_group *group, struct attribute **attrs)
{
	group->attrs = attrs;
}

/* What others read of a bond. */
void rb_set_lacp_strict(struct bond_params *params, bool on)
{
#ifdef RB_HAS_LACP_STRICT
	params->lacp_strict = on;
#endif
#ifdef RB_HAS_USE_CARRIER
	params->use_carrier = 1;
#endif
}

static int rb_newlink(struct net_device *dev, struct nlattr **data, struct netlink_ext_ack *extack)
{
	const struct rb_link_ops *link = container_of(dev->rtnl_link_ops, struct rb_link_ops, ops);

	return link->newlink(dev, data, extack);
}

#ifdef RB_HAS_RTNL_NEWLINK_PARAMS
static int rb_newlink_any(struct net_device *dev, struct rtnl_newlink_params *params,
			  struct netlink_ext_ack *extack)
{
	return rb_newlink(dev, params->data, extack);
}
#else
static int rb_newlink_any(struct net *net, struct net_device *dev, struct nlattr **tb,
			  struct nlattr **data, struct netlink_ext_ack *extack)
{
	return rb_newlink(dev, data, extack);
}
#endif

void rb_set_newlink(struct rb_link_ops *link,
		    int (*newlink)(struct net_device *dev, struct nlattr **data,
				   struct netlink_ext_ack *extack))
{
	link->newlink = newlink;
	link->ops.newlink = rb_newlink_any;
}

#ifdef CONFIG_NET_POLL_CONTROLLER
static int rb_poll_setup_info(struct net_device *dev, struct netpoll_info *info)
{
	return container_of(dev->netdev_ops, struct rb_device_ops, ops)->poll_setup(dev);
}
#endif

void rb_set_poll_ops(struct rb_device_ops *table, void (*controller)(struct net_device *),
		     int (*setup)(struct net_device *), void (*cleanup)(struct net_device *))
{
#ifdef CONFIG_NET_POLL_CONTROLLER
	void *with_info = rb_poll_setup_info;

	table->poll_setup = setup;
	table->ops.ndo_poll_controller = controller;
	table->ops.ndo_netpoll_setup = rb_member_is(struct net_device_ops, ndo_netpoll_setup,
						    int (*)(struct net_device *)) ?
					       (void *)setup :
					       with_info;
	table->ops.ndo_netpoll_cleanup = cleanup;
#endif
}

/* IPsec. The device is an argument, or else what the association names. */
#define RB_XFRM_HAS_DEV \
	rb_member_is(struct xfrmdev_ops, xdo_dev_state_add, \
		     int (*)(struct net_device *, struct xfrm_state *, struct netlink_ext_ack *))

typedef int (*rb_xfrm_add_old_t)(struct xfrm_state *x, struct netlink_ext_ack *extack);
typedef void (*rb_xfrm_old_t)(struct xfrm_state *x);
typedef int (*rb_xfrm_add_t)(struct net_device *dev, struct xfrm_state *x,
			     struct netlink_ext_ack *extack);
typedef void (*rb_xfrm_t)(struct net_device *dev, struct xfrm_state *x);

#ifdef CONFIG_XFRM_OFFLOAD
static const struct rb_xfrm_ops *rb_own_xfrm(const struct xfrm_state *x)
{
	return &container_of(x->xso.dev->xfrmdev_ops, struct rb_xfrm_table, ops)->own;
}

static int rb_xfrm_add_old(struct xfrm_state *x, struct netlink_ext_ack *extack)
{
	return rb_own_xfrm(x)->add(x->xso.dev, x, extack);
}

static void rb_xfrm_delete_old(struct xfrm_state *x)
{
	rb_own_xfrm(x)->delete(x->xso.dev, x);
}

static void rb_xfrm_free_old(struct xfrm_state *x)
{
	rb_own_xfrm(x)->free(x->xso.dev, x);
}
#endif

/* From what is its own to what the kernel calls. */
void rb_fill_xfrm_table(struct rb_xfrm_table *table)
{
#ifdef CONFIG_XFRM_OFFLOAD
	const struct rb_xfrm_ops *own = &table->own;
	bool has_dev = RB_XFRM_HAS_DEV;

	table->ops.xdo_dev_state_add = has_dev ? (void *)own->add : (void *)rb_xfrm_add_old;
	table->ops.xdo_dev_state_delete = has_dev ? (void *)own->delete : (void *)rb_xfrm_delete_old;
	table->ops.xdo_dev_state_free = has_dev ? (void *)own->free : (void *)rb_xfrm_free_old;
	table->ops.xdo_dev_offload_ok = own->offload_ok;
	table->ops.xdo_dev_state_advance_esn = own->advance_esn;
	table->ops.xdo_dev_state_update_stats = own->update_stats;
#endif
}

void rb_set_xfrm_ops(struct net_device *dev, const struct rb_xfrm_table *table)
{
#ifdef CONFIG_XFRM_OFFLOAD
	dev->xfrmdev_ops = &table->ops;
#endif
}

const struct xfrmdev_ops *rb_xfrm_ops(const struct net_device *dev)
{
#ifdef CONFIG_XFRM_OFFLOAD
	return dev->xfrmdev_ops;
#else
	return NULL;
#endif
}

bool rb_xfrm_able(const struct net_device *dev)
{
	const struct xfrmdev_ops *ops = rb_xfrm_ops(dev);

	return ops && ops->xdo_dev_state_add && ops->xdo_dev_state_delete;
}

/*
 * A driver that does not get the device takes it from real_dev: it is the one that is meant for as
 * long as the driver runs, as when native bonding calls it.
 */
int rb_xfrm_add(struct net_device *dev, struct xfrm_state *x, struct netlink_ext_ack *extack)
{
	void *add = rb_xfrm_ops(dev)->xdo_dev_state_add;
	struct net_device *before;
	int err;

	if (RB_XFRM_HAS_DEV)
		return ((rb_xfrm_add_t)add)(dev, x, extack);
	before = x->xso.real_dev;
	x->xso.real_dev = dev;
	err = ((rb_xfrm_add_old_t)add)(x, extack);
	x->xso.real_dev = before;
	return err;
}

static void rb_xfrm_call(void *op, struct net_device *dev, struct xfrm_state *x)
{
	struct net_device *before = x->xso.real_dev;

	if (RB_XFRM_HAS_DEV) {
		((rb_xfrm_t)op)(dev, x);
		return;
	}
	x->xso.real_dev = dev;
	((rb_xfrm_old_t)op)(x);
	x->xso.real_dev = before;
}

void rb_xfrm_delete(struct net_device *dev, struct xfrm_state *x)
{
	rb_xfrm_call(rb_xfrm_ops(dev)->xdo_dev_state_delete, dev, x);
}

void rb_xfrm_free(struct net_device *dev, struct xfrm_state *x)
{
	if (rb_xfrm_ops(dev)->xdo_dev_state_free)
		rb_xfrm_call(rb_xfrm_ops(dev)->xdo_dev_state_free, dev, x);
}

/*
 * Whether the driver at home works on this packet. Newer kernels look at options and extension
 * headers themselves; before, each driver did, and the core asked none but ours.
 */
bool rb_xfrm_offload_ok(struct net_device *dev, struct sk_buff *skb, struct xfrm_state *x)
{
	const struct xfrmdev_ops *ops = rb_xfrm_ops(dev);

	return !ops->xdo_dev_offload_ok || ops->xdo_dev_offload_ok(skb, x);
}
