// SPDX-License-Identifier: GPL-2.0
/*
 * Slaves of the kind "rustbond" for iproute2: `ip -d link show` with what the bond knows of them, and
 * `ip link set eth0 type rustbond_slave queue_id 1`.
 */

#include <string.h>
#include <stdlib.h>

#include "link.h"

/* IFLA_BOND_SLAVE_ACTOR_PORT_PRIO, linux/if_link.h of 7.3. */
#define ACTOR_PORT_PRIO 10

static int known;

struct link_util rustbond_slave_link_util;

static int parse_opt(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n)
{
	char *rest[argc + 1];
	int left = 0;

	for (int i = 0; i < argc; i++) {
		char *value = i + 1 < argc ? argv[i + 1] : NULL, *end = value;
		unsigned long number;

		if (known >= ACTOR_PORT_PRIO || strcmp(argv[i], "actor_port_prio")) {
			rest[left++] = argv[i];
			continue;
		}
		number = value ? strtoul(value, &end, 0) : 0;
		if (!value || end == value || *end || number > 65535)
			invarg("must be a number from 0 to 65535", value ? value : argv[i]);
		addattr16(n, REQUEST, ACTOR_PORT_PRIO, number);
		i++;
	}
	rest[left] = NULL;
	if (!left || !bond_slave_link_util.parse_opt)
		return 0;
	return bond_slave_link_util.parse_opt(lu, left, rest, n);
}

static void print_opt(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	const struct rtattr *attr;

	if (!tb)
		return;
	if (bond_slave_link_util.print_opt)
		bond_slave_link_util.print_opt(lu, f, tb);
	attr = tb[ACTOR_PORT_PRIO];
	if (known < ACTOR_PORT_PRIO && attr && RTA_PAYLOAD(attr) >= 2)
		print_color_uint(PRINT_ANY, COLOR_NONE, "actor_port_prio", "actor_port_prio %u ",
				 *(unsigned short *)RTA_DATA(attr));
}

static void print_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	if (bond_slave_link_util.print_help)
		bond_slave_link_util.print_help(lu, argc, argv, f);
	fputs("In place of bond_slave, say rustbond_slave.\n", f);
	if (known < ACTOR_PORT_PRIO)
		fputs("It has besides: [ actor_port_prio PRIO ]\n", f);
}

static void __attribute__((constructor)) begin(void)
{
	if (!&bond_slave_link_util || !&addattr16 || !&invarg || !&print_color_uint)
		return;
	rustbond_slave_link_util = bond_slave_link_util;
	rustbond_slave_link_util.next = NULL;
	rustbond_slave_link_util.id = "rustbond_slave";
	known = bond_slave_link_util.maxattr;
	if (rustbond_slave_link_util.maxattr < ACTOR_PORT_PRIO)
		rustbond_slave_link_util.maxattr = ACTOR_PORT_PRIO;
	rustbond_slave_link_util.parse_opt = parse_opt;
	rustbond_slave_link_util.print_opt = print_opt;
	rustbond_slave_link_util.print_help = print_help;
}
