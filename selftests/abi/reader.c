// SPDX-License-Identifier: GPL-2.0
/*
 * Reads a bond as the rest of the kernel does behind its back, by the kernel's own header, and
 * logs what it finds: insmod reader.ko bond=bond0
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/bonding.h>

static char *bond = "bond0";
module_param(bond, charp, 0);

static int __init reader_init(void)
{
	struct net_device *dev, *active;
	struct list_head *iter;
	struct bonding *it;
	struct slave *slave;

	rtnl_lock();
	dev = __dev_get_by_name(&init_net, bond);
	if (!dev) {
		rtnl_unlock();
		return -ENODEV;
	}
	it = netdev_priv(dev);
	rcu_read_lock();
	active = bond_option_active_slave_get_rcu(it);
	rcu_read_unlock();
	pr_info("reader: %s: flagged %d self %d mode %d miimon %d updelay %d policy %d slaves %d active %s primary %s target %pI4\n",
		bond, netif_is_bond_master(dev), it->dev == dev, BOND_MODE(it),
		it->params.miimon, it->params.updelay, it->params.xmit_policy, it->slave_cnt,
		active ? active->name : "none",
		rtnl_dereference(it->primary_slave) ? rtnl_dereference(it->primary_slave)->dev->name : "none",
		&it->params.arp_targets[0]);
	bond_for_each_slave(it, slave, iter)
		pr_info("reader: %s: flagged %d mine %d found %d active %d inactive %d link %d failures %u queue %u prio %d mtu %u address %pM\n",
			slave->dev->name, netif_is_bond_slave(slave->dev), slave->bond == it,
			bond_slave_get_rtnl(slave->dev) == slave,
			bond_is_active_slave_dev(slave->dev), slave->inactive, slave->link,
			slave->link_failure_count, slave->queue_id, slave->prio,
			slave->original_mtu, slave->perm_hwaddr);
	rtnl_unlock();
	return 0;
}

static void __exit reader_exit(void)
{
}

module_init(reader_init);
module_exit(reader_exit);
MODULE_DESCRIPTION("Reads a bond as the rest of the kernel does");
MODULE_LICENSE("GPL");
