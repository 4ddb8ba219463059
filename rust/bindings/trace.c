// SPDX-License-Identifier: GPL-2.0
/* The bodies of trace.h. While nobody listens, a call ends at a jump that the kernel patches. */
#define CREATE_TRACE_POINTS
#include "trace.h"

void rb_trace_record(const struct net_device *bond, const struct rb_record *record)
{
	trace_bond_record(bond, record);
}

bool rb_trace_record_heard(void)
{
	return trace_bond_record_enabled();
}

void rb_trace_drop(const struct sk_buff *skb, unsigned int why)
{
	trace_bond_drop(skb, why);
}
