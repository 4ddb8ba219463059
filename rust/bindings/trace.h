/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: rustbond:bond_record, a change of the state of a bond as its history has it, and
 * rustbond:bond_drop, a packet that a bond has dropped.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM rustbond

#if !defined(RUSTBOND_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define RUSTBOND_TRACE_H

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tracepoint.h>

#include "shim.h"

TRACE_EVENT(bond_record,
	TP_PROTO(const struct net_device *bond, const struct rb_record *record),
	TP_ARGS(bond, record),
	TP_STRUCT__entry(
		__string(bond, bond->name)
		__array(char, slave, IFNAMSIZ)
		__array(char, what, RB_TRACE_WORD)
		__array(char, cause, RB_TRACE_WORD)
		__array(char, option, RB_TRACE_WORD)
		__field(int, bond_ifindex)
		__field(u32, ifindex)
		__field(u32, reason)
		__field(u64, seq)
		__field(u64, from)
		__field(u64, to)
	),
	TP_fast_assign(
		__assign_str(bond);
		memcpy(__entry->slave, record->slave, IFNAMSIZ);
		memcpy(__entry->what, record->what, RB_TRACE_WORD);
		memcpy(__entry->cause, record->cause, RB_TRACE_WORD);
		memcpy(__entry->option, record->option, RB_TRACE_WORD);
		__entry->bond_ifindex = bond->ifindex;
		__entry->ifindex = record->ifindex;
		__entry->reason = record->reason;
		__entry->seq = record->seq;
		__entry->from = record->from;
		__entry->to = record->to;
	),
	TP_printk("bond=%s seq=%llu slave=%s what=%s option=%s from=%llu to=%llu cause=%s reason=%u",
		__get_str(bond), __entry->seq, __entry->slave, __entry->what, __entry->option,
		__entry->from, __entry->to, __entry->cause, __entry->reason)
);

TRACE_EVENT(bond_drop,
	TP_PROTO(const struct sk_buff *skb, unsigned int why),
	TP_ARGS(skb, why),
	TP_STRUCT__entry(
		__string(bond, skb->dev->name)
		__field(const void *, skbaddr)
		__field(u32, why)
		__field(u32, len)
		__field(u16, protocol)
	),
	TP_fast_assign(
		__assign_str(bond);
		__entry->skbaddr = skb;
		__entry->why = why;
		__entry->len = skb->len;
		__entry->protocol = ntohs(skb->protocol);
	),
	TP_printk("bond=%s skbaddr=%p protocol=0x%04x len=%u why=%s",
		__get_str(bond), __entry->skbaddr, __entry->protocol, __entry->len,
		__print_symbolic(__entry->why, { RB_DROP_NO_SLAVE, "no-slave" },
				 { RB_DROP_NO_MEMORY, "no-memory" }))
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
/* Types that are not there (Kbuild) have no number in the kernel's list. */
#undef CONFIG_DEBUG_INFO_BTF
#include <trace/define_trace.h>
