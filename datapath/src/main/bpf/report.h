/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Counters and events. finish_drop() alone turns a verdict into a count, an event and an action. */
#pragma once
#include <linux/pkt_cls.h>
#include "config.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

enum { EVENT_WAKE = 128 << 10 }; /* bytes waiting that wake the reader */

static __always_inline void count(enum counter which, __u32 bytes)
{
	__u32 key = which;
	struct metrics_entry *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return;
	counter->packets++;
	counter->bytes += bytes;
}

static __always_inline void count_drop(__u32 verdict, __u8 direction, __u32 bytes)
{
	struct metrics_key key = { .reason = verdict, .direction = direction, .line = verdict >> 8, .file = verdict >> 24 };
	struct metrics_entry fresh = { .packets = 1, .bytes = bytes };
	struct metrics_entry *known = bpf_map_lookup_elem(&metrics, &key);

	if (!known) {
		bpf_map_update_elem(&metrics, &key, &fresh, BPF_ANY);
		return;
	}
	known->packets++;
	known->bytes += bytes;
}

/* Fills what every event has. */
static __always_inline void event_fill(struct __sk_buff *skb, struct packet *p, struct event *e)
{
	e->time = bpf_ktime_get_ns();
	e->hash = bpf_get_hash_recalc(skb);
	e->src_identity = p->entry.src_identity;
	e->dst_identity = p->entry.dst_identity;
	e->rule = p->entry.rule;
	e->endpoint = p->entry.src_endpoint;
	e->dst_endpoint = p->entry.dst_endpoint;
	e->ifindex = skb->ifindex;
	e->line = 0;
	e->file = p->file;
	e->state = p->state;
	e->flags = p->key.family == FAMILY_IPV6 ? EVENT_IPV6 : 0;
	e->direction = p->direction;
	e->args[0] = 0;
	e->args[1] = 0;
	e->orig_ip = p->orig_src;
	e->cpu = bpf_get_smp_processor_id();
	e->len_orig = skb->len > 65535 ? 65535 : skb->len;
	e->len_cap = 0;
}

static __always_inline void event_capture(struct __sk_buff *skb, struct event *e)
{
	__u32 length = skb->len;

	if (length > cfg_capture)
		length = cfg_capture;
	if (!length)
		return;
	/* 6.1 forgets the lower bound when clang compares a copy of the register: "invalid access to memory, size=0". */
	length = ((length - 1) & (EVENT_CAPTURE - 1)) + 1;
	if (bpf_skb_load_bytes(skb, 0, e->data, length))
		return;
	e->len_cap = length;
}

/* Waking the reader costs more than the event. It looks by itself every few milliseconds; only a filling buffer wakes it. */
static __always_inline void event_submit(struct event *e)
{
	__u64 waiting = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	bool crossed = waiting / EVENT_WAKE != (waiting - sizeof(*e) - BPF_RINGBUF_HDR_SZ) / EVENT_WAKE;

	bpf_ringbuf_submit(e, crossed ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

static __always_inline struct event *event_reserve(__u8 type, __u8 subtype)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);

	if (!e) {
		count(COUNTER_EVENTS_LOST, 0);
		return 0;
	}
	e->type = type;
	e->subtype = subtype;
	return e;
}

/* EVENT_TRACE at one of enum observation_point; ifindex: device it goes to or came in on. */
__noinline int report_trace(struct __sk_buff *skb, __u32 point, __u32 ifindex)
{
	struct packet *p = packet_here();
	struct event *e;

	if (!p)
		return 0;
	e = event_reserve(EVENT_TRACE, point);
	if (!e)
		return 0;
	event_fill(skb, p, e);
	e->ifindex = ifindex;
	if (point == TRACE_TO_ENDPOINT)
		e->endpoint = p->entry.dst_endpoint;
	event_capture(skb, e);
	event_submit(e);
	return 0;
}

/* EVENT_DEBUG at one of enum debug_point. */
__noinline int report_debug(struct __sk_buff *skb, __u32 point, __u32 first, __u32 second)
{
	struct packet *p = packet_here();
	struct event *e;

	if (!p)
		return 0;
	e = event_reserve(EVENT_DEBUG, point);
	if (!e)
		return 0;
	event_fill(skb, p, e);
	e->args[0] = first;
	e->args[1] = second;
	event_capture(skb, e);
	event_submit(e);
	return 0;
}

static __always_inline void debug(struct __sk_buff *skb, enum debug_point point, __u32 first, __u32 second)
{
	struct runtime *state = runtime_state();

	if (state && state->debug)
		report_debug(skb, point, first, second);
}

/* A drop that is counted and not told: chatter that nobody asked for. Functions of their own, for their stack. */
static __noinline int finish_quiet(struct __sk_buff *skb, __u8 direction, __u32 verdict)
{
	count_drop(verdict, direction, skb->len);
	return TC_ACT_SHOT;
}

/* The only place where a packet is dropped and told. */
__noinline int finish_drop(struct __sk_buff *skb, __u32 verdict)
{
	struct packet *p = packet_here();
	struct event *e;

	if (!p)
		return TC_ACT_SHOT;
	count_drop(verdict, p->direction, skb->len);
	e = event_reserve(EVENT_DROP, verdict);
	if (!e)
		return TC_ACT_SHOT;
	event_fill(skb, p, e);
	e->line = verdict >> 8;
	e->file = verdict >> 24;
	event_capture(skb, e);
	event_submit(e);
	return TC_ACT_SHOT;
}
