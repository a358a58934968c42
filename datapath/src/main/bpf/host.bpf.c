/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Egress of cilium_host: what the node itself sends to pods, pods' packets that the stack had to cut, and, where the stack forwards,
 * what it translated. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "forward.h"
#include "neighbour.h"
#include "parse.h"
#include "report.h"

__noinline int from_host_slow(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	struct endpoint_entry *sender;
	__u32 verdict;

	if (!p || !state || (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6)))
		return TC_ACT_OK;
	verdict = forward_begin(skb, HOOK_HOST, ORIGIN_HOST, stack_door());
	p->file = FILE_HOST;
	if (verdict)
		return finish_drop(skb, verdict);
	if (p->flags & PACKET_MULTICAST || (p->proto == IPPROTO_ICMPV6 && nd_is_chatter(p->icmp_type)))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_UNKNOWN_TARGET, FILE_HOST, __LINE__));
	if (!state->epoch)
		return finish_drop(skb, drop(DROP_HOST_NOT_READY, FILE_HOST, __LINE__));
	sender = endpoint_find(&p->src);
	if (!cfg_stack && endpoint_is_pod(sender)) {
		p->origin = ORIGIN_POD;
		p->key.ifindex = sender->ifindex;
	}
	if (state->aggregation == AGGREGATION_NONE)
		report_trace(skb, TRACE_FROM_HOST, skb->ifindex);
	return forward_slow(skb, p);
}

SEC("tc") int from_host(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct flow_key key = { .ifindex = stack_door() };
	struct flow_entry *flow;
	struct plain plain;

	if (!state || !parse_plain((void *)(long)skb->data + ETH_HLEN, (void *)(long)skb->data_end, skb->protocol, &key, &plain))
		return from_host_slow(skb);
	flow = forward_find(skb, &key, &plain, state, ORIGIN_HOST, skb->len - ETH_HLEN);
	if (!flow || (flow->action != ACTION_POD && flow->action != ACTION_TUNNEL))
		return from_host_slow(skb);
	return forward_fast(skb, &key, &plain, flow, state, true);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
