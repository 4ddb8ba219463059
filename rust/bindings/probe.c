// SPDX-License-Identifier: GPL-2.0
/*
 * The questions of ARP and neighbour monitoring: routes, VLAN tags and neighbour messages are
 * static inlines nearly throughout.
 */
#include "headers.h"
#include "shim.h"

#include <net/ip6_checksum.h>

/* As deep as devices can be stacked with VLANs that a slave could still carry. */
#define RB_MAX_TAGS	2
#define RB_MAX_DEPTH	8

struct rb_tags {
	unsigned int count;
	struct {
		__be16 proto;
		u16 id;
	} tag[RB_MAX_TAGS];
};

/* Finds the way from @dev up to @top, and the tags that a frame of @top's gets on its way down, the
 * outermost last. In a read-side section.
 */
static bool rb_path(struct net_device *dev, struct net_device *top, struct rb_tags *tags,
		    unsigned int depth)
{
	struct net_device *upper;
	struct list_head *iter;

	if (dev == top)
		return true;
	if (depth == RB_MAX_DEPTH)
		return false;
	netdev_for_each_upper_dev_rcu(dev, upper, iter) {
		if (!rb_path(upper, top, tags, depth + 1)) {
			tags->count = 0;
			continue;
		}
		if (!is_vlan_dev(upper))
			return true;
		if (tags->count == RB_MAX_TAGS)
			return false;
		tags->tag[tags->count].proto = vlan_dev_vlan_proto(upper);
		tags->tag[tags->count].id = vlan_dev_vlan_id(upper);
		tags->count++;
		return true;
	}
	return false;
}

/* The outermost tag may travel beside the frame; those inside of it are part of it. */
static struct sk_buff *rb_tag(struct sk_buff *skb, const struct rb_tags *tags)
{
	unsigned int i;

	for (i = 0; skb && i < tags->count; i++) {
		if (i + 1 < tags->count)
			skb = vlan_insert_tag_set_proto(skb, tags->tag[i].proto, tags->tag[i].id);
		else
			__vlan_hwaccel_put_tag(skb, tags->tag[i].proto, tags->tag[i].id);
	}
	return skb;
}

/* Both in a read-side section. */
bool rb_probe_arp(struct net_device *master, struct net_device *lower, __be32 target,
		  bool *routed)
{
	struct rb_tags tags = {};
	struct sk_buff *skb;
	struct rtable *rt;
	__be32 source = 0;

	rt = ip_route_output(dev_net(master), target, 0, 0, 0, RT_SCOPE_LINK);
	*routed = !IS_ERR(rt);
	if (!IS_ERR(rt)) {
		struct in_device *in_dev;
		bool found = rb_path(master, rt->dst.dev, &tags, 0);

		if (found) {
			in_dev = __in_dev_get_rcu(rt->dst.dev);
			if (in_dev)
				source = inet_confirm_addr(dev_net(rt->dst.dev), in_dev, target, 0,
							   RT_SCOPE_HOST);
		}
		ip_rt_put(rt);
		/* The way there does not lead through this bond. */
		if (!found)
			return false;
	}
	skb = arp_create(ARPOP_REQUEST, ETH_P_ARP, target, lower, source, NULL, lower->dev_addr,
			 NULL);
	if (!skb)
		return false;
	skb = rb_tag(skb, &tags);
	if (!skb)
		return false;
	arp_xmit(skb);
	return true;
}

#if IS_ENABLED(CONFIG_IPV6)
/*
 * Sends a solicitation that has tags in its bytes: those stand between the headers of Ethernet and
 * IPv6, so both headers have to be there before. @skb holds the message alone.
 */
static bool rb_send_tagged_ns(struct sk_buff *skb, const struct rb_tags *tags,
			      const struct in6_addr *source, const struct in6_addr *group)
{
	struct icmp6hdr *icmp = icmp6_hdr(skb);
	struct net_device *lower = skb->dev;
	unsigned int len = skb->len;
	struct ipv6hdr *ip;
	u8 mac[ETH_ALEN];

	icmp->icmp6_cksum = csum_ipv6_magic(source, group, len, IPPROTO_ICMPV6,
					    csum_partial(icmp, len, 0));
	ip = skb_push(skb, sizeof(*ip));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip, 0, 0);
	ip->payload_len = htons(len);
	ip->nexthdr = IPPROTO_ICMPV6;
	ip->hop_limit = 255;
	ip->saddr = *source;
	ip->daddr = *group;
	ipv6_eth_mc_map(group, mac);
	skb->protocol = htons(ETH_P_IPV6);
	if (dev_hard_header(skb, lower, ETH_P_IPV6, mac, lower->dev_addr, skb->len) < 0) {
		kfree_skb(skb);
		return false;
	}
	skb_reset_mac_header(skb);
	skb = rb_tag(skb, tags);
	if (!skb)
		return false;
	dev_queue_xmit(skb);
	return true;
}

bool rb_probe_ns(struct net_device *master, struct net_device *lower, const u8 *addr,
		 bool *routed)
{
	struct in6_addr target, group, source = in6addr_any;
	struct rb_tags tags = {};
	struct dst_entry *dst;
	struct flowi6 fl6 = {};
	struct sk_buff *skb;

	*routed = true;
	if (!ipv6_mod_enabled())
		return false;
	memcpy(&target, addr, sizeof(target));
	fl6.daddr = target;
	dst = ip6_route_output(dev_net(master), NULL, &fl6);
	*routed = !dst->error;
	if (!dst->error) {
		bool found = rb_path(master, dst->dev, &tags, 0);

		if (found)
			ipv6_dev_get_saddr(dev_net(dst->dev), dst->dev, &target, 0, &source);
		if (!found) {
			dst_release(dst);
			return false;
		}
	}
	dst_release(dst);
	addrconf_addr_solict_mult(&target, &group);
	skb = ndisc_ns_create(lower, &target, &source, 0);
	if (!skb)
		return false;
	skb->dev = lower;
	if (tags.count > 1)
		return rb_send_tagged_ns(skb, &tags, &source, &group);
	skb = rb_tag(skb, &tags);
	if (!skb)
		return false;
	ndisc_send_skb(skb, &group, &source);
	return true;
}

static int rb_check_ip6(struct net_device *dev, struct netdev_nested_priv *priv)
{
	return ipv6_chk_addr(dev_net(dev), priv->data, dev, 0);
}

bool rb_has_ip6(struct net_device *dev, const u8 *addr)
{
	struct in6_addr ip;
	struct netdev_nested_priv priv = { .data = &ip };
	bool found;

	memcpy(&ip, addr, sizeof(ip));
	if (ipv6_addr_any(&ip))
		return false;
	rcu_read_lock();
	found = rb_check_ip6(dev, &priv) ||
		netdev_walk_all_upper_dev_rcu(dev, rb_check_ip6, &priv);
	rcu_read_unlock();
	return found;
}
#else
bool rb_probe_ns(struct net_device *master, struct net_device *lower, const u8 *addr,
		 bool *routed)
{
	*routed = true;
	return false;
}

bool rb_has_ip6(struct net_device *dev, const u8 *addr)
{
	return false;
}
#endif

/* A device without any address has the one that its probes come from, and are answered to: 0. */
static int rb_check_ip(struct net_device *dev, struct netdev_nested_priv *priv)
{
	struct in_device *in_dev = __in_dev_get_rcu(dev);
	__be32 ip = *(__be32 *)priv->data, addr = 0;

	if (in_dev)
		addr = inet_confirm_addr(dev_net(dev), in_dev, 0, ip, RT_SCOPE_HOST);
	return ip == addr;
}

bool rb_has_ip(struct net_device *dev, __be32 ip)
{
	struct netdev_nested_priv priv = { .data = &ip };
	bool found;

	rcu_read_lock();
	found = rb_check_ip(dev, &priv) ||
		netdev_walk_all_upper_dev_rcu(dev, rb_check_ip, &priv);
	rcu_read_unlock();
	return found;
}
