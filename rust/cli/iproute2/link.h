/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a program of iproute2's tells and asks of who knows a link kind, as ip exports it to the
 * libraries that it loads from its folder (IP_LIB_DIR).
 *
 * ip knows bonds by the kind "bond". The libraries here make of that object one for the kind
 * "rustbond", which has the same attributes, and add those that ip does not know yet.
 */
#ifndef RUSTBOND_IPROUTE2_LINK_H
#define RUSTBOND_IPROUTE2_LINK_H

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>

/* The same since 2019 (iproute2 5.1). */
struct link_util {
	struct link_util *next;
	const char *id;
	int maxattr;
	int (*parse_opt)(struct link_util *lu, int argc, char **argv, struct nlmsghdr *n);
	void (*print_opt)(struct link_util *lu, FILE *f, struct rtattr *tb[]);
	void (*print_xstats)(struct link_util *lu, FILE *f, struct rtattr *xstats);
	void (*print_help)(struct link_util *lu, int argc, char **argv, FILE *f);
	int (*parse_ifla_xstats)(struct link_util *lu, int argc, char **argv);
	int (*print_ifla_xstats)(struct nlmsghdr *n, void *arg);
};

/* Of ip itself. Weak: a program that lacks one can load the library all the same. */
extern struct link_util bond_link_util __attribute__((weak));
extern struct link_util bond_slave_link_util __attribute__((weak));
extern int addattr8(struct nlmsghdr *n, int maxlen, int type, __u8 data) __attribute__((weak));
extern int addattr16(struct nlmsghdr *n, int maxlen, int type, __u16 data) __attribute__((weak));
extern void invarg(const char *msg, const char *arg) __attribute__((weak, noreturn));
extern int print_color_string(int type, int color, const char *key, const char *fmt,
			      const char *value) __attribute__((weak));
extern int print_color_uint(int type, int color, const char *key, const char *fmt,
			    unsigned int value) __attribute__((weak));

/* Both as text and as JSON, without a colour. */
#define PRINT_ANY 4
#define COLOR_NONE 6

/* Room in the request that ip gives its kinds. */
#define REQUEST 1024

#endif
