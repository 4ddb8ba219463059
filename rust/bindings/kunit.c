// SPDX-License-Identifier: GPL-2.0
/*
 * What the KUnit suites stand on: threads that read, packets of any shape, a device that fails
 * where it is told to, a listener that says no. Only in a kernel with KUnit.
 */
#include "headers.h"
#include "shim.h"

#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/kthread.h>
#include <linux/delay.h>

/* The test that runs is skipped, and says why. */
void rb_test_skip(const char *why)
{
	struct kunit *test = kunit_get_current_test();

	if (test)
		kunit_mark_skipped(test, "%s", why);
}

unsigned int rb_test_cpus(void)
{
	return num_online_cpus();
}

/* A thread on the CPU with that number; NULL without memory. */
void *rb_test_thread(int (*run)(void *), void *arg, unsigned int cpu)
{
	struct task_struct *task = kthread_create(run, arg, "rustbond-test/%u", cpu);

	if (IS_ERR(task))
		return NULL;
	kthread_bind(task, cpu);
	/* kthread_stop() wants it alive, or held. */
	get_task_struct(task);
	wake_up_process(task);
	return task;
}

int rb_test_stop(void *thread)
{
	struct task_struct *task = thread;
	int result = kthread_stop(task);

	put_task_struct(task);
	return result;
}

bool rb_test_should_stop(void)
{
	cond_resched();
	return kthread_should_stop();
}

void rb_test_sleep(unsigned int ms)
{
	msleep(ms);
}

void rb_test_relax(void)
{
	cpu_relax();
}

/*
 * A packet of these bytes on its way through a device: the first @linear of them in a row, the
 * rest in pages of @chunk bytes each. The network header is behind 14 bytes.
 */
struct sk_buff *rb_test_skb(const u8 *bytes, unsigned int len, unsigned int linear,
			    unsigned int chunk, u16 protocol)
{
	struct sk_buff *skb = alloc_skb(NET_SKB_PAD + linear, GFP_KERNEL);
	unsigned int at;

	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, bytes, linear);
	for (at = linear; at < len; at += chunk) {
		unsigned int n = min(chunk, len - at);
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page) {
			kfree_skb(skb);
			return NULL;
		}
		memcpy(page_address(page), bytes + at, n);
		skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 0, n, PAGE_SIZE);
	}
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb->protocol = htons(protocol);
	skb->dev = init_net.loopback_dev;
	return skb;
}

/* As a device hands it up: what follows the link header. */
void rb_test_skb_receive(struct sk_buff *skb)
{
	skb_reset_mac_header(skb);
	__skb_pull(skb, ETH_HLEN);
	skb_reset_network_header(skb);
}

void rb_test_skb_free(struct sk_buff *skb)
{
	kfree_skb(skb);
}

/* A device that writes down what it is asked for, and refuses what it is told to. */
struct rb_test_priv {
	unsigned int refuse;
	unsigned int count;
	u8 calls[64];
};

static int rb_test_called(struct net_device *dev, u8 call)
{
	struct rb_test_priv *priv = netdev_priv(dev);

	if (priv->count < ARRAY_SIZE(priv->calls))
		priv->calls[priv->count++] = call;
	if (priv->refuse != call)
		return 0;
	/* Once: the way back is open. */
	priv->refuse = 0;
	return -EIO;
}

static int rb_test_open(struct net_device *dev)
{
	return rb_test_called(dev, RB_TEST_OPEN);
}

static int rb_test_close(struct net_device *dev)
{
	rb_test_called(dev, RB_TEST_CLOSE);
	return 0;
}

static int rb_test_address(struct net_device *dev, void *addr)
{
	return rb_test_called(dev, RB_TEST_ADDRESS) ?: eth_mac_addr(dev, addr);
}

static int rb_test_mtu(struct net_device *dev, int mtu)
{
	int err = rb_test_called(dev, RB_TEST_MTU);

	if (!err)
		WRITE_ONCE(dev->mtu, mtu);
	return err;
}

/* VLAN 0 comes and goes with IFF_UP, whoever sets that. */
static int rb_test_vlan(struct net_device *dev, __be16 proto, u16 vid)
{
	return vid ? rb_test_called(dev, RB_TEST_VLAN) : 0;
}

static int rb_test_no_vlan(struct net_device *dev, __be16 proto, u16 vid)
{
	if (vid)
		rb_test_called(dev, RB_TEST_NO_VLAN);
	return 0;
}

static int rb_test_stamp_get(struct net_device *dev, struct kernel_hwtstamp_config *config)
{
	return rb_test_called(dev, RB_TEST_STAMP);
}

static int rb_test_stamp_set(struct net_device *dev, struct kernel_hwtstamp_config *config,
			     struct netlink_ext_ack *extack)
{
	return rb_test_called(dev, RB_TEST_STAMP);
}

static netdev_tx_t rb_test_xmit(struct sk_buff *skb, struct net_device *dev)
{
	dev_kfree_skb_any(skb);
	return NETDEV_TX_OK;
}

static void rb_test_rx_mode(struct net_device *dev)
{
}

static const struct net_device_ops rb_test_ops = {
	.ndo_open = rb_test_open,
	.ndo_stop = rb_test_close,
	.ndo_start_xmit = rb_test_xmit,
	.ndo_set_mac_address = rb_test_address,
	.ndo_change_mtu = rb_test_mtu,
	.ndo_set_rx_mode = rb_test_rx_mode,
	.ndo_vlan_rx_add_vid = rb_test_vlan,
	.ndo_vlan_rx_kill_vid = rb_test_no_vlan,
	.ndo_hwtstamp_get = rb_test_stamp_get,
	.ndo_hwtstamp_set = rb_test_stamp_set,
};

/* Registers one; it is freed when it has been unregistered. Under RTNL. */
struct net_device *rb_test_device(void)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct rb_test_priv));

	if (!dev)
		return NULL;
	strscpy(dev->name, "kunitport%d");
	dev->netdev_ops = &rb_test_ops;
	dev->needs_free_netdev = true;
	dev->features |= NETIF_F_HW_VLAN_CTAG_FILTER;
	/* Slaves of balance-alb get theirs while they are up. */
	dev->priv_flags |= IFF_LIVE_ADDR_CHANGE;
	eth_hw_addr_random(dev);
	if (register_netdevice(dev)) {
		free_netdev(dev);
		return NULL;
	}
	return dev;
}

/* As RDMA asks. The device stays what it is for as long as RTNL is held. */
struct net_device *rb_test_xmit_slave(struct net_device *dev, struct sk_buff *skb, bool all)
{
	struct net_device *lower;

	skb->dev = dev;
	rcu_read_lock();
	lower = netdev_get_xmit_slave(dev, skb, all);
	rcu_read_unlock();
	return lower;
}

/* What is asked of a device is in @flags, and so is its answer. */
int rb_test_hwtstamp(struct net_device *dev, bool set, int *flags)
{
	struct kernel_hwtstamp_config config = { .flags = *flags };
	struct netlink_ext_ack extack = {};
	int err;

	if (set)
		err = dev->netdev_ops->ndo_hwtstamp_set(dev, &config, &extack);
	else
		err = dev->netdev_ops->ndo_hwtstamp_get(dev, &config);
	*flags = config.flags;
	return err;
}

void rb_test_refuse(struct net_device *dev, unsigned int call)
{
	struct rb_test_priv *priv = netdev_priv(dev);

	priv->refuse = call;
	priv->count = 0;
}

unsigned int rb_test_calls(const struct net_device *dev, u8 *to, unsigned int room)
{
	const struct rb_test_priv *priv = netdev_priv(dev);
	unsigned int n = min(priv->count, room);

	memcpy(to, priv->calls, n);
	return n;
}

/* All that becoming a slave may change of a device. */
void rb_test_look(struct net_device *dev, struct rb_test_state *to)
{
	memset(to, 0, sizeof(*to));
	to->flags = dev->flags;
	to->no_addrconf = !!(dev->priv_flags & IFF_NO_ADDRCONF);
	to->bonding = !!(dev->priv_flags & IFF_BONDING);
	to->mtu = dev->mtu;
	to->promiscuity = dev->promiscuity;
	to->allmulti = dev->allmulti;
	to->unicast = netdev_uc_count(dev);
	to->multicast = netdev_mc_count(dev);
	to->mastered = netdev_master_upper_dev_get(dev) != NULL;
	to->handled = netdev_is_rx_handler_busy(dev);
	memcpy(to->address, dev->dev_addr, ETH_ALEN);
}

/* A listener that says no to one event of the devices whose names begin with "kunit". */
static unsigned long rb_test_event;

static int rb_test_listen(struct notifier_block *nb, unsigned long event, void *info)
{
	struct net_device *dev = netdev_notifier_info_to_dev(info);

	if (event != READ_ONCE(rb_test_event) || strncmp(dev->name, "kunit", 5))
		return NOTIFY_DONE;
	WRITE_ONCE(rb_test_event, 0);
	return notifier_from_errno(-EIO);
}

static struct notifier_block rb_test_listener = { .notifier_call = rb_test_listen };

int rb_test_veto_begin(void)
{
	return register_netdevice_notifier(&rb_test_listener);
}

/* False if the one before was never asked for. */
bool rb_test_veto(unsigned long event)
{
	return !xchg(&rb_test_event, event);
}

void rb_test_veto_end(void)
{
	unregister_netdevice_notifier(&rb_test_listener);
}
