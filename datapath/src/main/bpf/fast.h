/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The fast path: one look-up, rewrite, redirect, for packets of the everyday form whose flow is decided and has no news. */
#pragma once
#include <linux/pkt_cls.h>
#include "config.h"
#include "conntrack.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "report.h"
#include "rewrite.h"
#include "tunnel.h"

/* Does the packet fit the path? Segments of a large one are what counts. length: of L3. */
static __always_inline bool forward_fits(struct __sk_buff *skb, const struct flow_entry *flow, const struct plain *plain, __u32 length, __u8 family)
{
	if (!flow->mtu || length <= flow->mtu)
		return true;
	if (!skb->gso_size)
		return false;
	return skb->gso_size + plain->l4_length + (family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) <= flow->mtu;
}

/* Does the entry say all there is to say about a plain packet, which brings no news? Its size aside. */
static __always_inline bool forward_is_known(const struct flow_entry *flow, const struct flow_key *key, const struct plain *plain,
					     const struct runtime *state, __u8 origin)
{
	__u32 now = bpf_jiffies64();

	if (!flow_valid(flow, key, state, now, origin) || now - flow->reported >= state->report_interval)
		return false;
	if (state->debug || state->aggregation < AGGREGATION_MEDIUM)
		return false;
	return !(plain->tcp_flags & ~flow->tcp_flags || plain->tcp_flags & TCP_SYN);
}

/* The entry of a plain packet if it says everything. Else 0. */
static __always_inline struct flow_entry *forward_find(struct __sk_buff *skb, const struct flow_key *key, const struct plain *plain,
						       const struct runtime *state, __u8 origin, __u32 length)
{
	struct flow_entry *flow = bpf_map_lookup_elem(&flows, key);

	return flow && forward_is_known(flow, key, plain, state, origin) && forward_fits(skb, flow, plain, length, key->family) ? flow : 0;
}

/* Several CPUs may see one flow; atomic additions cost nothing measurable here. */
static __always_inline void forward_count(struct flow_entry *flow, __u32 length)
{
	__sync_fetch_and_add(&flow->packets, 1);
	__sync_fetch_and_add(&flow->bytes, length);
	flow->seen = bpf_jiffies64();
}

/* A device's egress has no way into the pod but the device's own. */
static __always_inline int forward_deliver(__u32 ifindex, bool egress)
{
	return egress ? bpf_redirect(ifindex, 0) : bpf_redirect_peer(ifindex, 0);
}

static __always_inline int forward_fast(struct __sk_buff *skb, const struct flow_key *key, const struct plain *plain,
					struct flow_entry *flow, const struct runtime *state, bool egress)
{
	__u32 l4 = ETH_HLEN + (key->family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	bool translate = flow->flags & (FLOW_REWRITE_SRC | FLOW_REWRITE_DST);

	forward_count(flow, skb->len - ETH_HLEN);
	if (flow->action == ACTION_POD || flow->action == ACTION_NODE) {
		ttl_in_place(skb, plain->l3, key->family);
		macs_in_place(plain->l3 - ETH_HLEN, flow);
		if (translate && rewrite_plain(skb, plain->l3, key, flow, l4))
			return TC_ACT_SHOT;
		if (flow->action == ACTION_POD) {
			count(COUNTER_FORWARD_INGRESS, skb->len);
			return forward_deliver(flow->ifindex, egress);
		}
		count(COUNTER_FORWARD_EGRESS, skb->len);
		skb->mark = MARK_DONE;
		return bpf_redirect(flow->ifindex, 0);
	}
	/* Source translation waits for the device that the stack chooses. */
	if (translate && flow->action != ACTION_STACK && rewrite_flow(skb, key, flow, l4))
		return TC_ACT_SHOT;
	count(COUNTER_FORWARD_EGRESS, skb->len);
	if (flow->action == ACTION_TUNNEL) {
		if (state->overlay_capture || tunnel_push(skb, flow, tunnel_hash(key), plain->tos))
			return tunnel_by_device(skb, flow);
		skb->mark = MARK_DONE;
		return bpf_redirect(flow->ifindex, 0);
	}
	return TC_ACT_OK;
}

/* What comes in from outside for the stack. */
static __always_inline int forward_fast_to_stack(struct __sk_buff *skb, const struct flow_key *key, struct flow_entry *flow)
{
	__u32 l4 = ETH_HLEN + (key->family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

	forward_count(flow, skb->len - ETH_HLEN);
	if (flow->flags & FLOW_REWRITE_DST && rewrite_flow(skb, key, flow, l4))
		return TC_ACT_SHOT;
	if (flow->action == ACTION_HOST)
		count(COUNTER_FORWARD_INGRESS, skb->len);
	return TC_ACT_OK;
}

/* Actions that the fast path knows. The others wait for the kernel to resolve a neighbour. */
static __always_inline bool forward_is_fast(const struct flow_entry *flow)
{
	if (flow->action == ACTION_STACK)
		return !(flow->flags & FLOW_REWRITE_DST) || flow_to_stack(flow);
	return flow->action == ACTION_HOST || flow->action == ACTION_POD || flow->action == ACTION_NODE || flow->action == ACTION_TUNNEL;
}
