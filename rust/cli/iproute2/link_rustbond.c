// SPDX-License-Identifier: GPL-2.0
/*
 * The kind "rustbond" for iproute2: `ip link add bond0 type rustbond mode active-backup miimon 100`,
 * and `ip -d link show` with all options. ip's own object for the kind "bond" does it; here is what
 * Debian 13's (6.15) has no words for.
 */

#include <string.h>

#include "link.h"

/* linux/if_link.h of 7.3. */
enum {
	AD_SELECT = 22,
	BROADCAST_NEIGH = 33,
	LACP_STRICT = 34,
};

#define AD_SELECT_PRIO 3

/* What ip's own object reads, as it would be compiled with that many attributes. */
static int known;

struct link_util rustbond_link_util;

/* A switch whose word ip may not know. */
static const struct {
	const char *word;
	int attr;
} switches[] = {
	{ "broadcast_neighbor", BROADCAST_NEIGH },
	{ "lacp_strict", LACP_STRICT },
};

static int on_off(const char *word, const char *value)
{
	if (!value || (strcmp(value, "on") && strcmp(value, "off")))
		invarg("must be \"on\" or \"off\"", value ? value : word);
	return !strcmp(value, "on");
}

/* Sends what it knows itself, and hands on the other words with their values. */
static int parse_opt(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n)
{
	char *rest[argc + 1];
	int left = 0;

	for (int i = 0; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		int ours = 0;

		for (unsigned int s = 0; s < sizeof(switches) / sizeof(switches[0]); s++) {
			if (switches[s].attr <= known || strcmp(argv[i], switches[s].word))
				continue;
			addattr8(n, REQUEST, switches[s].attr, on_off(argv[i], value));
			ours = 1;
		}
		if (!strcmp(argv[i], "ad_select") && value &&
		    (!strcmp(value, "actor_port_prio") || !strcmp(value, "3"))) {
			addattr8(n, REQUEST, AD_SELECT, AD_SELECT_PRIO);
			ours = 1;
		}
		if (ours)
			i++;
		else
			rest[left++] = argv[i];
	}
	rest[left] = NULL;
	if (!left || !bond_link_util.parse_opt)
		return 0;
	return bond_link_util.parse_opt(lu, left, rest, n);
}

static void print_opt(struct link_util *lu, FILE *f, struct rtattr *tb[])
{
	if (!tb)
		return;
	if (bond_link_util.print_opt)
		bond_link_util.print_opt(lu, f, tb);
	for (unsigned int s = 0; s < sizeof(switches) / sizeof(switches[0]); s++) {
		const struct rtattr *attr = tb[switches[s].attr];
		char fmt[40];

		if (switches[s].attr <= known || !attr || RTA_PAYLOAD(attr) < 1)
			continue;
		snprintf(fmt, sizeof(fmt), "%s %%s ", switches[s].word);
		print_color_string(PRINT_ANY, COLOR_NONE, switches[s].word, fmt,
				   *(unsigned char *)RTA_DATA(attr) ? "on" : "off");
	}
}

static void print_help(struct link_util *lu, int argc, char **argv, FILE *f)
{
	if (bond_link_util.print_help)
		bond_link_util.print_help(lu, argc, argv, f);
	fputs("In place of bond, say rustbond. It has besides:\n", f);
	for (unsigned int s = 0; s < sizeof(switches) / sizeof(switches[0]); s++)
		if (switches[s].attr > known)
			fprintf(f, "       [ %s on|off ]\n", switches[s].word);
	fputs("       [ ad_select actor_port_prio ]\n", f);
}

static void __attribute__((constructor)) begin(void)
{
	if (!&bond_link_util || !&addattr8 || !&invarg || !&print_color_string)
		return;
	rustbond_link_util = bond_link_util;
	rustbond_link_util.next = NULL;
	rustbond_link_util.id = "rustbond";
	known = bond_link_util.maxattr;
	if (rustbond_link_util.maxattr < LACP_STRICT)
		rustbond_link_util.maxattr = LACP_STRICT;
	rustbond_link_util.parse_opt = parse_opt;
	rustbond_link_util.print_opt = print_opt;
	rustbond_link_util.print_help = print_help;
}
