/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Ingress of cilium_vxlan: tunnelled packets that the underlay's program left to the device. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "forward.h"
#include "neighbour.h"
#include "parse.h"
#include "report.h"

/* The identity that the packet came with; negative: none. */
static __noinline int overlay_identity(struct __sk_buff *skb)
{
	struct bpf_tunnel_key key = {};

	if (bpf_skb_get_tunnel_key(skb, &key, sizeof(key), 0))
		return -1;
	return key.tunnel_id & 0xffffff;
}

__noinline int from_overlay_slow(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	__u32 verdict;
	int identity;

	if (!p || !state)
		return TC_ACT_SHOT;
	verdict = forward_begin(skb, HOOK_OVERLAY, ORIGIN_OVERLAY, 0);
	p->file = FILE_OVERLAY;
	if (verdict)
		return finish_drop(skb, verdict);
	identity = overlay_identity(skb);
	if (identity < 0)
		return finish_drop(skb, drop(DROP_NO_TUNNEL_KEY, FILE_OVERLAY, __LINE__));
	p->vni = identity;
	if (p->flags & PACKET_MULTICAST || (p->proto == IPPROTO_ICMPV6 && nd_is_chatter(p->icmp_type)))
		return finish_quiet(skb, DIRECTION_INGRESS, drop(DROP_UNKNOWN_TARGET, FILE_OVERLAY, __LINE__));
	if (!state->epoch)
		return finish_drop(skb, drop(DROP_HOST_NOT_READY, FILE_OVERLAY, __LINE__));
	if (state->aggregation == AGGREGATION_NONE)
		report_trace(skb, TRACE_FROM_OVERLAY, skb->ifindex);
	return forward_slow(skb, p);
}

SEC("tc") int from_overlay(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct flow_key key = { .ifindex = 0 };
	struct flow_entry *flow;
	struct plain plain;
	int identity;

	if (!state || !parse_plain((void *)(long)skb->data + ETH_HLEN, (void *)(long)skb->data_end, skb->protocol, &key, &plain))
		return from_overlay_slow(skb);
	flow = forward_find(skb, &key, &plain, state, ORIGIN_OVERLAY, skb->len - ETH_HLEN);
	if (!flow || (flow->action != ACTION_POD && flow->action != ACTION_NODE && !flow_to_stack(flow)))
		return from_overlay_slow(skb);
	identity = overlay_identity(skb);
	if (identity < 0 || !identity_agrees(identity, flow->src_identity))
		return from_overlay_slow(skb);
	if (flow_to_stack(flow)) {
		bpf_skb_change_type(skb, PACKET_TYPE_HOST);
		return forward_fast_to_stack(skb, &key, flow);
	}
	return forward_fast(skb, &key, &plain, flow, state, false);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
