/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From packet to action, for whatever the fast path leaves: forward_slow. It ends in the same actions. */
#pragma once
#include <linux/pkt_cls.h>
#include "balance.h"
#include "config.h"
#include "conntrack.h"
#include "decide.h"
#include "dsr.h"
#include "fast.h"
#include "icmp.h"
#include "lookup.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "refuse.h"
#include "report.h"
#include "rewrite.h"
#include "tunnel.h"

static __always_inline bool forward_too_big(struct __sk_buff *skb, const struct packet *p)
{
	__u32 segment = skb->gso_size + p->l4 - ETH_HLEN + sizeof(struct udphdr) + dsr_extra(p);
	__u8 offset;

	if (!p->entry.mtu || p->length + dsr_extra(p) <= p->entry.mtu || p->hook == HOOK_HOST)
		return false;
	if (!skb->gso_size)
		return true;
	if (p->proto == IPPROTO_TCP && !bpf_skb_load_bytes(skb, p->l4 + 12, &offset, 1))
		segment += (offset >> 4) * 4 - sizeof(struct udphdr);
	return segment > p->entry.mtu;
}

static __always_inline bool forward_decrements(const struct packet *p)
{
	return p->entry.action == ACTION_POD || p->entry.action == ACTION_NODE || p->entry.action == ACTION_NEIGH;
}

/* Translation, with the source as it was kept for the event. */
static __always_inline int forward_translate(struct __sk_buff *skb, struct packet *p)
{
	if (!(p->entry.flags & (FLOW_REWRITE_SRC | FLOW_REWRITE_DST)))
		return 0;
	if (p->entry.flags & FLOW_REWRITE_SRC)
		p->orig_src = p->src;
	if (p->flags & PACKET_RELATED)
		return rewrite_icmp_error(skb);
	return rewrite_flow(skb, &p->key, &p->entry, p->flags & PACKET_LATER_FRAGMENT ? 0 : p->l4);
}

static __always_inline void forward_trace(struct __sk_buff *skb, struct packet *p, enum observation_point point, __u32 ifindex)
{
	if (p->report)
		report_trace(skb, point, ifindex);
}

static __always_inline int forward_to_pod(struct __sk_buff *skb, struct packet *p)
{
	p->direction = DIRECTION_INGRESS;
	if (p->ttl > 1)
		ttl_store(skb, p->key.family);
	macs_store(skb, &p->entry);
	if (forward_translate(skb, p))
		return finish_drop(skb, drop(DROP_WRITE_ERROR, FILE_FORWARD, __LINE__));
	forward_trace(skb, p, TRACE_TO_ENDPOINT, p->entry.ifindex);
	count(COUNTER_FORWARD_INGRESS, skb->len);
	return forward_deliver(p->entry.ifindex, p->hook == HOOK_HOST);
}

static __always_inline int forward_to_node(struct __sk_buff *skb, struct packet *p)
{
	ttl_store(skb, p->key.family);
	macs_store(skb, &p->entry);
	if (forward_translate(skb, p) || (dsr_tells(p) && dsr_tell(skb, &p->key, &p->entry)))
		return finish_drop(skb, drop(DROP_WRITE_ERROR, FILE_FORWARD, __LINE__));
	forward_trace(skb, p, TRACE_TO_NETWORK, p->entry.ifindex);
	count(COUNTER_FORWARD_EGRESS, skb->len);
	skb->mark = MARK_DONE;
	if (p->entry.action == ACTION_NEIGH || p->by_neighbour)
		return bpf_redirect_neigh(p->entry.ifindex, 0, 0, 0);
	return bpf_redirect(p->entry.ifindex, 0);
}

static __always_inline int forward_to_tunnel(struct __sk_buff *skb, struct packet *p, const struct runtime *state)
{
	bool device = state->overlay_capture || p->entry.action == ACTION_TUNNEL_DEVICE || (p->by_neighbour && cfg_overlay_ifindex);
	int action;

	if (forward_translate(skb, p))
		return finish_drop(skb, drop(DROP_WRITE_ERROR, FILE_FORWARD, __LINE__));
	forward_trace(skb, p, TRACE_TO_OVERLAY, p->entry.ifindex);
	count(COUNTER_FORWARD_EGRESS, skb->len);
	if (!device && !tunnel_push(skb, &p->entry, tunnel_hash(&p->key), p->tos)) {
		skb->mark = MARK_DONE;
		return bpf_redirect(p->entry.ifindex, 0);
	}
	action = tunnel_by_device(skb, &p->entry);
	return action < 0 ? finish_drop(skb, drop(DROP_NO_TUNNEL_KEY, FILE_FORWARD, __LINE__)) : action;
}

static __always_inline int forward_to_stack(struct __sk_buff *skb, struct packet *p)
{
	/* From cilium_host the stack has already routed: it would come round again. */
	if (p->hook == HOOK_HOST)
		return finish_drop(skb, drop(DROP_UNROUTABLE, FILE_FORWARD, __LINE__));
	if (p->hook == HOOK_OVERLAY)
		bpf_skb_change_type(skb, PACKET_TYPE_HOST);
	/* Source translation waits for the device that the stack chooses. */
	if ((p->entry.flags & FLOW_REWRITE_DST || p->hook == HOOK_TO_NETWORK) && forward_translate(skb, p))
		return finish_drop(skb, drop(DROP_WRITE_ERROR, FILE_FORWARD, __LINE__));
	if (p->hook == HOOK_TO_NETWORK) {
		forward_trace(skb, p, TRACE_TO_NETWORK, p->device);
		return TC_ACT_OK;
	}
	forward_trace(skb, p, TRACE_TO_STACK, 0);
	/* What comes back out of the stack is counted there. */
	if (p->hook == HOOK_POD)
		count(COUNTER_FORWARD_EGRESS, skb->len);
	else if (p->entry.action == ACTION_HOST || !flow_to_stack(&p->entry))
		count(COUNTER_FORWARD_INGRESS, skb->len);
	return TC_ACT_OK;
}

/* A packet that is larger than its path: told to the sender, or cut by the kernel where that is allowed. */
static __always_inline int forward_oversize(struct __sk_buff *skb, struct packet *p, const struct runtime *state)
{
	bool tunnel = p->entry.action == ACTION_TUNNEL || p->entry.action == ACTION_TUNNEL_DEVICE;
	__u32 mtu = p->entry.mtu - dsr_extra(p);
	int action;

	if (!(p->flags & PACKET_DONT_FRAGMENT) && p->hook != HOOK_NETWORK)
		return forward_to_stack(skb, p);
	/* The tunnel's device cuts what it has put its headers on. */
	p->by_neighbour = 1;
	if (!(p->flags & PACKET_DONT_FRAGMENT) && tunnel && cfg_overlay_ifindex)
		return forward_to_tunnel(skb, p, state);
	finish_drop(skb, drop(DROP_FRAGMENTATION_NEEDED, FILE_FORWARD, __LINE__));
	action = p->key.family == FAMILY_IPV4 ? icmp_answer(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu) :
						icmp_answer(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
	return action < 0 ? TC_ACT_SHOT : action;
}

static __always_inline int forward_expired(struct __sk_buff *skb, struct packet *p)
{
	int action;

	finish_drop(skb, drop(DROP_TTL_EXCEEDED, FILE_FORWARD, __LINE__));
	action = p->key.family == FAMILY_IPV4 ? icmp_answer(skb, ICMP_TIME_EXCEEDED, 0, 0) : icmp_answer(skb, ICMPV6_TIME_EXCEED, 0, 0);
	return action < 0 ? TC_ACT_SHOT : action;
}

/* Does what the entry of the packet at hand says. */
__noinline int forward_act(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();

	if (!p || !state)
		return TC_ACT_SHOT;
	if (p->ttl <= 1 && forward_decrements(p) && p->hook != HOOK_HOST)
		return forward_expired(skb, p);
	if (forward_too_big(skb, p))
		return forward_oversize(skb, p, state);
	switch (p->entry.action) {
	case ACTION_POD:
		return forward_to_pod(skb, p);
	case ACTION_NODE:
	case ACTION_NEIGH:
		return forward_to_node(skb, p);
	case ACTION_TUNNEL:
	case ACTION_TUNNEL_DEVICE:
		return forward_to_tunnel(skb, p, state);
	default:
		return forward_to_stack(skb, p);
	}
}

/* Is this packet told? Aggregation hides what brings no news. */
static __always_inline bool forward_reports(const struct packet *p, const struct flow_entry *flow, const struct runtime *state, __u8 tcp_flags)
{
	if (state->aggregation < AGGREGATION_MEDIUM)
		return true;
	return !flow->packets || tcp_flags & ~flow->tcp_flags || p->now - flow->reported >= state->report_interval;
}

/* Counts the packet in its entry. */
static __always_inline void forward_touch(struct packet *p, struct flow_entry *flow, const struct runtime *state)
{
	__u16 flags = flow_tcp_flags(p);

	p->report = forward_reports(p, flow, state, p->tcp_flags);
	if (p->report)
		flow->reported = p->now;
	forward_count(flow, p->length);
	flow->tcp_flags |= p->tcp_flags;
	if (flags & ~flow->flags)
		flow->flags |= flags;
}

/* Writes a decision into an entry that others read meanwhile: it is invalid until it is whole. */
static __always_inline void forward_update(struct flow_entry *flow, const struct packet *p)
{
	const struct flow_entry *e = &p->entry;

	flow->epoch = 0;
	barrier();
	flow->src_identity = e->src_identity;
	flow->dst_identity = e->dst_identity;
	flow->rule = e->rule;
	flow->ifindex = e->ifindex;
	flow->src_endpoint = e->src_endpoint;
	flow->dst_endpoint = e->dst_endpoint;
	flow->action = e->action;
	flow->flags = (flow->flags & (FLOW_CLOSING | FLOW_SEEN_NON_SYN)) | (e->flags & ~(FLOW_CLOSING | FLOW_SEEN_NON_SYN));
	flow->origin = p->origin;
	__builtin_memcpy(flow->dmac, e->dmac, 12);
	flow->mtu = e->mtu;
	flow->nat_sport = e->nat_sport;
	flow->nat_dport = e->nat_dport;
	flow->nat_src = e->nat_src;
	flow->nat_dst = e->nat_dst;
	flow->tunnel_local = e->tunnel_local;
	flow->tunnel_remote = e->tunnel_remote;
	flow->revnat = e->revnat;
	flow->backend = e->backend;
	flow->decided = p->now;
	barrier();
	flow->epoch = flow_epoch_now(p);
}

/* Makes the entry of the other direction. known: there is one, which counts, unless it goes the other way round the stack: then
 * its connection is over, or this one would not have begun. Pieces of a packet that the stack cut tell nothing about that. */
static __always_inline void forward_create_half(struct packet *p, bool known, bool reopened)
{
	struct flow_entry *half;

	flow_other(p);
	flow_half(p);
	dsr_half(p);
	if (known) {
		half = bpf_map_lookup_elem(&flows, &p->other);
		if (half && (!((half->flags ^ p->half.flags) & FLOW_STACK) || p->flags & (PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT)))
			return;
		reopened = true;
	}
	bpf_map_update_elem(&flows, &p->other, &p->half, reopened ? BPF_ANY : BPF_NOEXIST);
}

/* The whole decision for p->key. */
static __always_inline __u32 forward_decide(struct __sk_buff *skb)
{
	__u32 verdict = cfg_services ? balance(skb) : VERDICT_OK;

	return verdict ? verdict : decide(skb);
}

/* The flow that p->key names is not known in this direction: a new connection, or one whose half was lost. */
static __always_inline __u32 forward_create(struct __sk_buff *skb, struct packet *p, bool reopened)
{
	struct flow_entry *e = &p->entry;
	struct flow_entry *other = 0;
	__u32 verdict;

	__builtin_memset(e, 0, sizeof(*e));
	flow_other(p);
	if (!reopened)
		other = bpf_map_lookup_elem(&flows, &p->other);
	if (cfg_stack && !reopened)
		other = flow_partner(p, other);
	if (p->origin == ORIGIN_OVERLAY)
		e->flags |= FLOW_FROM_TUNNEL;
	if (other && !(other->flags & (FLOW_REPLY | FLOW_HOST)))
		e->flags |= FLOW_REPLY;
	p->state = !other ? STATE_NEW : e->flags & FLOW_REPLY ? STATE_REPLY : STATE_ESTABLISHED;
	if (other)
		dsr_recall(e, other);
	dsr_note(p);
	verdict = forward_decide(skb);
	if (verdict)
		return verdict;
	e->epoch = flow_epoch_now(p);
	e->decided = e->seen = e->reported = e->created = p->now;
	e->origin = p->origin;
	e->packets = 1;
	e->bytes = p->length;
	e->tcp_flags = p->tcp_flags;
	e->flags |= flow_tcp_flags(p);
	p->report = 1;
	if (bpf_map_update_elem(&flows, &p->key, e, BPF_ANY)) {
		count(COUNTER_FLOW_INSERT_FAILED, 0);
		return drop(DROP_CT_INSERT_FAILED, FILE_FORWARD, __LINE__);
	}
	if (dsr_told(e)) {
		other = 0;
		reopened = true;
	} else if (e->flags & (FLOW_REWRITE_SRC | FLOW_SERVICE) || (other && (!cfg_stack || e->flags & FLOW_REPLY))) {
		return VERDICT_OK;
	}
	forward_create_half(p, other, reopened);
	debug(skb, DEBUG_CT_CREATED, e->src_identity, e->dst_identity);
	return VERDICT_OK;
}

/* The flow is known but its decision is not, or no longer, good. */
static __always_inline __u32 forward_decide_again(struct __sk_buff *skb, struct packet *p)
{
	bool aged, news;
	struct flow_entry *flow;
	__u32 verdict;

	aged = p->entry.epoch == flow_epoch_now(p) && p->entry.origin == p->origin;
	news = p->told_port && dsr_is_news(p, &p->entry);
	dsr_note(p);
	verdict = forward_decide(skb);
	if (verdict)
		return verdict;
	p->by_neighbour = aged;
	flow = bpf_map_lookup_elem(&flows, &p->key);
	if (flow)
		forward_update(flow, p);
	if (p->entry.flags & (FLOW_REPLY | FLOW_REWRITE_SRC | FLOW_SERVICE) && !dsr_told(&p->entry))
		return VERDICT_OK;
	flow_other(p);
	flow_half(p);
	dsr_half(p);
	bpf_map_update_elem(&flows, &p->other, &p->half, news ? BPF_ANY : BPF_NOEXIST);
	return VERDICT_OK;
}

/* Does the identity that came with the tunnel still agree with the one that was decided for? The address may have a new owner. */
static __always_inline bool forward_same_sender(const struct packet *p, const struct flow_entry *flow)
{
	return p->origin != ORIGIN_OVERLAY || identity_agrees(p->vni, flow->src_identity);
}

/* Finds or makes the decision for p->key, and counts the packet. On VERDICT_OK p->entry is the decision. */
__noinline int forward_flow(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	struct flow_entry *flow;
	__u32 verdict;

	if (!p || !state)
		return drop(DROP_INVALID_PACKET, FILE_FORWARD, __LINE__);
	/* Before the tables are read: what changes from now on makes the decision stale. */
	p->epoch = state->epoch;
	p->changes = flow_changes(&p->key);
	debug(skb, DEBUG_CT_LOOKUP, p->key.proto, p->key.ifindex);
	flow = bpf_map_lookup_elem(&flows, &p->key);
	if (!flow)
		return forward_create(skb, p, false);
	if (flow_reopened(p, flow) || (p->told_port && flow->flags & FLOW_HOST)) {
		if (flow->flags & FLOW_SERVICE) {
			p->entry = *flow;
			balance_forget(p);
		}
		return forward_create(skb, p, true);
	}
	p->entry = *flow;
	p->state = flow->flags & FLOW_REPLY ? STATE_REPLY : STATE_ESTABLISHED;
	debug(skb, DEBUG_CT_VERDICT, p->state, flow->revnat);
	if (!flow_valid(flow, &p->key, state, p->now, p->origin) || !forward_is_fast(flow) || !forward_same_sender(p, flow) || dsr_is_news(p, flow)) {
		verdict = forward_decide_again(skb, p);
		flow = bpf_map_lookup_elem(&flows, &p->key);
		if (verdict || !flow)
			return verdict;
	}
	forward_touch(p, flow, state);
	if (p->proto == IPPROTO_TCP && p->tcp_flags & TCP_RST)
		flow_reset(p);
	return VERDICT_OK;
}

/* Whether an ICMP error speaks of a flow that we know: p->key becomes that flow's, seen from the error's sender. */
static __always_inline bool forward_related(struct packet *p)
{
	struct flow_key *key = &p->other;
	struct flow_entry *flow;

	if (!address_equal(&p->inner.src, &p->dst))
		return false;
	*key = p->inner;
	key->src = p->inner.dst;
	key->dst = p->inner.src;
	key->sport = p->inner.dport;
	key->dport = p->inner.sport;
	key->ifindex = p->key.ifindex;
	flow = bpf_map_lookup_elem(&flows, key);
	if (flow) {
		p->entry = *flow;
		p->key = *key;
		p->flags |= PACKET_RELATED;
		return true;
	}
	/* A router between: it has no entry of its own, but the flow has one where it began. */
	p->inner.ifindex = flow_side(&p->inner.src);
	return bpf_map_lookup_elem(&flows, &p->inner);
}

/* ICMP errors, and fragments whose ports are not known: decided one by one, no entry made. */
__noinline int forward_single(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	bool related;

	if (!p || !state)
		return drop(DROP_INVALID_PACKET, FILE_FORWARD, __LINE__);
	p->report = 1;
	p->state = STATE_NEW;
	__builtin_memset(&p->entry, 0, sizeof(p->entry));
	related = p->flags & PACKET_ICMP_ERROR && forward_related(p);
	if (related)
		p->state = STATE_RELATED;
	if (p->flags & PACKET_RELATED && flow_valid(&p->entry, &p->key, state, p->now, p->origin) && forward_is_fast(&p->entry))
		return VERDICT_OK;
	if (related && !(p->flags & PACKET_RELATED))
		p->entry.flags = FLOW_REPLY;
	if (p->flags & PACKET_PORTS_UNKNOWN)
		p->key.sport = p->key.dport = 0;
	return forward_decide(skb);
}

/* Everything from a parsed packet on. p: hook, origin and key set. Returns an action. */
static __always_inline int forward_slow(struct __sk_buff *skb, struct packet *p)
{
	__u32 verdict;

	if (p->flags & (PACKET_ICMP_ERROR | PACKET_PORTS_UNKNOWN))
		verdict = forward_single(skb);
	else
		verdict = forward_flow(skb);
	if (!verdict)
		return forward_act(skb);
	finish_drop(skb, verdict);
	return p->refused ? refuse(skb) : TC_ACT_SHOT;
}

/* Starts the slow path: clears the packet at hand and reads the packet. Returns its verdict. A function of its own, so that its
 * stack is free again when the rest runs. */
__noinline int forward_begin(struct __sk_buff *skb, __u32 hook, __u32 origin, __u32 ifindex)
{
	struct packet *p = packet_here();

	if (!p)
		return drop(DROP_INVALID_PACKET, FILE_FORWARD, __LINE__);
	__builtin_memset(p, 0, sizeof(*p));
	p->hook = hook;
	p->device = skb->ifindex;
	p->origin = origin;
	p->direction = hook == HOOK_POD || hook == HOOK_HOST ? DIRECTION_EGRESS : DIRECTION_INGRESS;
	p->now = bpf_jiffies64();
	p->key.ifindex = ifindex;
	return parse_packet(skb, p);
}
