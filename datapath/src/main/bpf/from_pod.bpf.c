/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Ingress of a pod's device on the node (lxc*): what the pod sends. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "forward.h"
#include "neighbour.h"
#include "parse.h"
#include "report.h"

/* A pod speaks for itself, whether or not its packet has a flow of its own. */
static __always_inline bool pod_owns_source(struct __sk_buff *skb, const struct packet *p)
{
	struct endpoint_entry *sender = endpoint_find(&p->src);

	return !cfg_source_check || (sender && sender->ifindex == skb->ifindex);
}

__noinline int from_pod_slow(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	__u32 verdict;

	if (!p || !state)
		return TC_ACT_SHOT;
	if (skb->protocol == bpf_htons(ETH_P_ARP))
		return neighbour_arp(skb);
	verdict = forward_begin(skb, HOOK_POD, ORIGIN_POD, skb->ifindex);
	p->file = FILE_FROM_POD;
	if (verdict)
		return finish_drop(skb, verdict);
	if (p->proto == IPPROTO_ICMPV6 && nd_is_chatter(p->icmp_type))
		return neighbour_discovery(skb);
	if (p->flags & PACKET_MULTICAST)
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_UNKNOWN_TARGET, FILE_FROM_POD, __LINE__));
	if (!state->epoch)
		return finish_drop(skb, drop(DROP_HOST_NOT_READY, FILE_FROM_POD, __LINE__));
	if (!pod_owns_source(skb, p))
		return finish_drop(skb, drop(DROP_INVALID_SOURCE_IP, FILE_FROM_POD, __LINE__));
	if (state->aggregation == AGGREGATION_NONE)
		report_trace(skb, TRACE_FROM_ENDPOINT, skb->ifindex);
	return forward_slow(skb, p);
}

SEC("tc") int from_pod(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct flow_key key = { .ifindex = skb->ifindex };
	struct flow_entry *flow;
	struct plain plain;

	if (!state || skb->vlan_present || !parse_plain((void *)(long)skb->data + ETH_HLEN, (void *)(long)skb->data_end, skb->protocol, &key, &plain))
		return from_pod_slow(skb);
	flow = forward_find(skb, &key, &plain, state, ORIGIN_POD, skb->len - ETH_HLEN);
	if (!flow || !forward_is_fast(flow))
		return from_pod_slow(skb);
	return forward_fast(skb, &key, &plain, flow, state, false);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
