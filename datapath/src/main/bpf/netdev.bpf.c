/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The underlay's devices. Ingress: tunnelled packets for pods, native ones, replies to masqueraded ones. Egress: masquerade of
 * what the stack forwards, and a note of the node's own connections. What is for nobody here passes untouched, whatever fails. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "forward.h"
#include "neighbour.h"
#include "parse.h"
#include "report.h"
#include "told.h"

/* ---- ingress, tunnelled ---- */

/* A packet whose headers came off, for a pod whose flow has to be decided. */
__noinline int from_tunnel_slow(struct __sk_buff *skb, __u32 vni)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	__u32 verdict;

	if (!p || !state)
		return TC_ACT_SHOT;
	verdict = forward_begin(skb, HOOK_NETWORK, ORIGIN_OVERLAY, 0);
	p->file = FILE_NETDEV;
	p->vni = vni;
	if (verdict)
		return finish_drop(skb, verdict);
	if (state->aggregation == AGGREGATION_NONE)
		report_trace(skb, TRACE_FROM_OVERLAY, skb->ifindex);
	return forward_slow(skb, p);
}

/* Delivers a packet whose headers just came off. */
static __always_inline int from_tunnel_fast(struct __sk_buff *skb, const struct flow_key *key, struct flow_entry *flow)
{
	void *data = (void *)(long)skb->data;
	__u32 headers = ETH_HLEN + (key->family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

	if (data + headers > (void *)(long)skb->data_end)
		return TC_ACT_SHOT;
	forward_count(flow, skb->len - ETH_HLEN);
	ttl_in_place(skb, data + ETH_HLEN, key->family);
	macs_in_place(data, flow);
	if (flow->flags & (FLOW_REWRITE_SRC | FLOW_REWRITE_DST) && rewrite_flow(skb, key, flow, headers))
		return TC_ACT_SHOT;
	count(COUNTER_FORWARD_INGRESS, skb->len);
	return bpf_redirect_peer(flow->ifindex, 0);
}

/* Answers for the stack come to it by the device, which leaves nothing of the tunnel on them. */
static __noinline bool from_tunnel_for_stack(const struct flow_key *key)
{
	struct flow_entry *flow = bpf_map_lookup_elem(&flows, key);
	struct flow_key other = {
		.src = key->dst, .dst = key->src, .sport = key->dport, .dport = key->sport, .ifindex = cfg_host_ifindex,
		.proto = key->proto, .family = key->family,
	};

	if (flow)
		return flow_to_stack(flow);
	flow = bpf_map_lookup_elem(&flows, &other);
	return flow && !(flow->flags & FLOW_REPLY);
}

/* What is not of the everyday form, or not for a pod here, is the device's: TC_ACT_OK. */
static __always_inline int from_tunnel(struct __sk_buff *skb, struct outer *outer, const struct runtime *state)
{
	__u32 vni = bpf_ntohl(outer->vxlan.vni) >> 8;
	struct flow_key key = { .ifindex = 0 };
	struct endpoint_entry *receiver;
	struct flow_entry *flow;
	struct plain plain;

	if (state->overlay_capture || !state->epoch)
		return TC_ACT_OK;
	if (!parse_plain(outer + 1, (void *)(long)skb->data_end, outer->inner.h_proto, &key, &plain))
		return TC_ACT_OK;
	/* The mark of a tunnel stays on segments that lose their headers here, and the receiver's UDP takes it at its word. */
	if (skb->gso_size && key.proto != IPPROTO_TCP)
		return TC_ACT_OK;
	flow = forward_find(skb, &key, &plain, state, ORIGIN_OVERLAY, 0);
	if (flow && flow->action == ACTION_POD && identity_agrees(vni, flow->src_identity))
		return tunnel_pop(skb, key.family) ? TC_ACT_OK : from_tunnel_fast(skb, &key, flow);
	if (cfg_stack && from_tunnel_for_stack(&key))
		return TC_ACT_OK;
	receiver = endpoint_find(&key.dst);
	if (!endpoint_is_pod(receiver) || tunnel_pop(skb, key.family))
		return TC_ACT_OK;
	return from_tunnel_slow(skb, vni);
}

/* ---- ingress, plain ---- */

/* Is this packet about a flow that was masqueraded, or went to a service? */
static __always_inline bool netdev_is_translated(struct packet *p)
{
	struct flow_entry *flow;

	if (p->flags & PACKET_ICMP_ERROR)
		return forward_related(p) && p->flags & PACKET_RELATED && p->entry.flags & FLOW_REWRITE_DST;
	flow = bpf_map_lookup_elem(&flows, &p->key);
	if (!flow)
		return false;
	if (flow->flags & FLOW_HOST)
		flow->seen = p->now;
	return flow->flags & FLOW_REWRITE_DST || dsr_told(flow);
}

/* Are answers sent straight to clients from here? Every node does where another one might ask for it, whatever its own setting is:
 * nodes get a new setting one after the other. */
static __always_inline bool netdev_may_be_told(void)
{
	return cfg_services && !cfg_tunnel;
}

/* What another node says of the packet at hand, which another one may be around. */
static __always_inline __u32 from_netdev_told(struct __sk_buff *skb, struct packet *p)
{
	__u32 verdict;

	if (dsr_wraps(skb)) {
		verdict = dsr_unwrap(skb);
		if (!verdict)
			verdict = forward_begin(skb, HOOK_NETWORK, ORIGIN_NETWORK, 0);
		p->file = FILE_NETDEV;
		if (verdict)
			return verdict;
	}
	return dsr_receive(skb);
}

__noinline int from_netdev_slow(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	struct endpoint_entry *receiver;
	__u32 verdict;

	if (!p || !state || !state->epoch)
		return TC_ACT_OK;
	if (forward_begin(skb, HOOK_NETWORK, ORIGIN_NETWORK, 0))
		return TC_ACT_OK;
	p->file = FILE_NETDEV;
	receiver = endpoint_find(&p->dst);
	if (receiver && netdev_may_be_told()) {
		verdict = from_netdev_told(skb, p);
		if (verdict)
			return finish_drop(skb, verdict);
	}
	if (p->flags & PACKET_MULTICAST || (!cfg_services && !receiver))
		return TC_ACT_OK;
	if (!endpoint_is_pod(receiver) && !p->told_port && !netdev_is_translated(p) && !balance_asked(skb))
		return TC_ACT_OK;
	if (p->flags & PACKET_RELATED) {
		/* forward_single finds it again, from the packet's own addresses. */
		p->flags &= ~PACKET_RELATED;
		p->key.src = p->src;
		p->key.dst = p->dst;
	}
	if (state->aggregation == AGGREGATION_NONE)
		report_trace(skb, TRACE_FROM_NETWORK, skb->ifindex);
	return forward_slow(skb, p);
}

/* For pods, and by services to whoever serves. What goes to the stack as it is, is not ours to touch. */
static __always_inline bool netdev_is_fast(const struct flow_entry *flow)
{
	if (flow->action == ACTION_POD || flow_to_stack(flow))
		return true;
	if (!cfg_services || !(flow->flags & FLOW_SERVICE))
		return false;
	return flow->action == ACTION_NODE || flow->action == ACTION_TUNNEL || flow->action == ACTION_HOST;
}

/* Does the service fit into the packet's header? */
static __always_inline bool netdev_has_room(const struct __sk_buff *skb, const struct flow_entry *flow, __u8 family)
{
	return !skb->gso_size && (!flow->mtu || skb->len - ETH_HLEN + dsr_room(family) <= flow->mtu);
}

/* A datagram for a server whose node answers the client itself: each tells it of the service. */
static __noinline int from_netdev_direct(struct __sk_buff *skb, const struct flow_key *key, struct flow_entry *flow)
{
	__u32 headers = ETH_HLEN + (key->family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	void *data = (void *)(long)skb->data;

	if (data + headers + sizeof(struct udphdr) > (void *)(long)skb->data_end)
		return TC_ACT_SHOT;
	forward_count(flow, skb->len - ETH_HLEN);
	ttl_in_place(skb, data + ETH_HLEN, key->family);
	macs_in_place(data, flow);
	if (rewrite_plain(skb, data + ETH_HLEN, key, flow, headers) || dsr_tell(skb, key, flow))
		return TC_ACT_SHOT;
	count(COUNTER_FORWARD_EGRESS, skb->len);
	skb->mark = MARK_DONE;
	return bpf_redirect(flow->ifindex, 0);
}

SEC("tc") int from_netdev(struct __sk_buff *skb)
{
	struct outer *outer = cfg_tunnel ? tunnel_outer(skb) : 0;
	struct runtime *state = runtime_state();
	struct flow_key key = { .ifindex = 0 };
	struct flow_entry *flow;
	struct plain plain;
	int action;

	/* Other people's frames, and tagged ones, which come again by the device of their tag. */
	if (!state || skb->pkt_type == PACKET_TYPE_OTHERHOST || skb->vlan_present)
		return TC_ACT_OK;
	if (outer)
		return from_tunnel(skb, outer, state);
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return TC_ACT_OK;
	if (!parse_plain((void *)(long)skb->data + ETH_HLEN, (void *)(long)skb->data_end, skb->protocol, &key, &plain)) {
		action = netdev_may_be_told() ? told_fast(skb, state) : -1;
		return action < 0 ? from_netdev_slow(skb) : action;
	}
	flow = forward_find(skb, &key, &plain, state, ORIGIN_NETWORK, skb->len - ETH_HLEN);
	if (!flow || !netdev_is_fast(flow))
		return from_netdev_slow(skb);
	if (flow_to_stack(flow) || flow->action == ACTION_HOST)
		return forward_fast_to_stack(skb, &key, flow);
	if (flow->flags & FLOW_DIRECT && key.proto == IPPROTO_UDP && flow->action == ACTION_NODE)
		return netdev_has_room(skb, flow, key.family) ? from_netdev_direct(skb, &key, flow) : from_netdev_slow(skb);
	return forward_fast(skb, &key, &plain, flow, state, false);
}

/* ---- egress ---- */

/* A connection of the node itself: its port is taken, or, when a pod has it already, the connection gets another one. */
static __always_inline int to_netdev_host(struct __sk_buff *skb, struct packet *p, const struct runtime *state)
{
	struct flow_entry *flow = bpf_map_lookup_elem(&flows, &p->key);

	if (!nat_protocol(p) || p->flags & (PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT | PACKET_ICMP_ERROR))
		return TC_ACT_OK;
	if (flow && flow->flags & FLOW_REWRITE_SRC) {
		flow->seen = p->now;
		p->entry = *flow;
		return rewrite_flow(skb, &p->key, &p->entry, p->l4) ? TC_ACT_SHOT : TC_ACT_OK;
	}
	p->entry.dst_identity = identity_find(&p->key.dst, p->key.family);
	p->entry.src_identity = IDENTITY_HOST;
	flow_other(p);
	flow_half(p);
	p->other.ifindex = 0;
	p->half.flags = FLOW_REPLY | FLOW_HOST | (p->proto == IPPROTO_TCP ? FLOW_SEEN_NON_SYN : 0);
	p->half.action = ACTION_STACK;
	if (!bpf_map_update_elem(&flows, &p->other, &p->half, BPF_NOEXIST))
		return TC_ACT_OK;
	flow = bpf_map_lookup_elem(&flows, &p->other);
	if (!flow || !(flow->flags & FLOW_REWRITE_DST))
		return TC_ACT_OK;
	p->entry.nat_src = p->key.src;
	p->entry.flags = FLOW_REWRITE_SRC;
	p->entry.action = ACTION_STACK;
	p->entry.seen = p->entry.created = p->now;
	if (nat_reserve(skb))
		return finish_drop(skb, drop(DROP_NAT_NO_MAPPING, FILE_NETDEV, __LINE__));
	p->entry.epoch = state->epoch;
	bpf_map_update_elem(&flows, &p->key, &p->entry, BPF_ANY);
	return rewrite_flow(skb, &p->key, &p->entry, p->l4) ? TC_ACT_SHOT : TC_ACT_OK;
}

/* A pod's packet that went through the stack. */
static __always_inline int to_netdev_pod(struct __sk_buff *skb, struct packet *p, const struct runtime *state)
{
	const union address *address = nat_device_address(skb->ifindex, p->key.family);
	struct ipcache_entry *known = ipcache_find(&p->key.dst);
	struct flow_entry *flow;
	__u32 verdict;

	if (p->flags & PACKET_ICMP_ERROR) {
		if (!forward_related(p) || !(p->flags & PACKET_RELATED) || !(p->entry.flags & FLOW_REWRITE_SRC))
			return TC_ACT_OK;
		return rewrite_icmp_error(skb) ? TC_ACT_SHOT : TC_ACT_OK;
	}
	flow = bpf_map_lookup_elem(&flows, &p->key);
	if (flow)
		p->entry = *flow;
	/* The answer of a service that the stack had to route. */
	if (p->entry.flags & FLOW_REPLY && p->entry.flags & FLOW_SERVICE)
		return rewrite_flow(skb, &p->key, &p->entry, p->flags & PACKET_LATER_FRAGMENT ? 0 : p->l4) ? TC_ACT_SHOT : TC_ACT_OK;
	if (p->entry.flags & FLOW_REPLY || !nat_needed(&p->key.dst, p->key.family, known ? known->flags : 0))
		return TC_ACT_OK;
	if (!flow || !(flow->flags & FLOW_REWRITE_SRC)) {
		if (!address)
			return TC_ACT_OK;
		verdict = nat_decide(skb, p, address);
		if (verdict)
			return finish_drop(skb, verdict);
		p->entry.action = ACTION_STACK;
		p->entry.seen = p->now;
		if (!flow)
			p->entry.created = p->now;
		bpf_map_update_elem(&flows, &p->key, &p->entry, BPF_ANY);
	}
	(void)state;
	return rewrite_flow(skb, &p->key, &p->entry, p->flags & PACKET_LATER_FRAGMENT ? 0 : p->l4) ? TC_ACT_SHOT : TC_ACT_OK;
}

__noinline int to_netdev_slow(struct __sk_buff *skb)
{
	struct runtime *state = runtime_state();
	struct packet *p = packet_here();
	struct endpoint_entry *sender;

	if (!p || !state || !state->epoch)
		return TC_ACT_OK;
	if (forward_begin(skb, HOOK_TO_NETWORK, ORIGIN_HOST, stack_door()))
		return TC_ACT_OK;
	p->file = FILE_NETDEV;
	p->direction = DIRECTION_EGRESS;
	sender = endpoint_find(&p->src);
	if (!sender || p->flags & PACKET_MULTICAST)
		return TC_ACT_OK;
	p->entry.src_identity = sender->identity;
	p->entry.src_endpoint = sender->id;
	if (!endpoint_is_pod(sender))
		return to_netdev_host(skb, p, state);
	if (cfg_stack)
		return forward_slow(skb, p);
	p->origin = ORIGIN_POD;
	p->key.ifindex = sender->ifindex;
	return to_netdev_pod(skb, p, state);
}

/* A pod's packet that the stack forwarded, if its flow is decided; else -1. A function of its own, for its stack. */
static __noinline int to_netdev_fast(struct __sk_buff *skb, const struct flow_key *key, const struct plain *plain, const struct runtime *state)
{
	struct flow_entry *flow = forward_find(skb, key, plain, state, ORIGIN_HOST, skb->len - ETH_HLEN);
	__u32 l4 = ETH_HLEN + (key->family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

	if (!flow)
		return -1;
	forward_count(flow, skb->len - ETH_HLEN);
	return flow->flags & FLOW_REWRITE_SRC && rewrite_flow(skb, key, flow, l4) ? TC_ACT_SHOT : TC_ACT_OK;
}

/* Is there anything that changes on its way out of the stack? */
static __always_inline bool netdev_translates(void)
{
	return cfg_stack || cfg_masquerade_ipv4 || cfg_masquerade_ipv6 || cfg_services;
}

/* The answer of a server in the node's own network to a client of a service. */
static __always_inline int to_netdev_answer(struct __sk_buff *skb, const struct flow_key *key)
{
	struct flow_entry *flow = bpf_map_lookup_elem(&flows, key);
	__u32 l4 = ETH_HLEN + (key->family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));

	if (!flow || (flow->flags & (FLOW_SERVICE | FLOW_REPLY)) != (FLOW_SERVICE | FLOW_REPLY))
		return to_netdev_slow(skb);
	forward_count(flow, skb->len - ETH_HLEN);
	return rewrite_flow(skb, key, flow, l4) ? TC_ACT_SHOT : TC_ACT_OK;
}

SEC("tc") int to_netdev(struct __sk_buff *skb)
{
	struct flow_key key = { .ifindex = stack_door() }, reply;
	struct runtime *state = runtime_state();
	struct flow_entry *flow;
	struct plain plain;
	int action;

	if (!state || skb->mark == MARK_DONE || skb->vlan_present || !netdev_translates())
		return TC_ACT_OK;
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return TC_ACT_OK;
	if (!parse_plain((void *)(long)skb->data + ETH_HLEN, (void *)(long)skb->data_end, skb->protocol, &key, &plain))
		return to_netdev_slow(skb);
	if (cfg_tunnel && key.proto == IPPROTO_UDP && key.dport == cfg_tunnel_port)
		return TC_ACT_OK;
	if (cfg_stack) {
		action = to_netdev_fast(skb, &key, &plain, state);
		if (action >= 0)
			return action;
	}
	reply = key;
	reply.ifindex = 0;
	reply.src = key.dst;
	reply.dst = key.src;
	reply.sport = key.dport;
	reply.dport = key.sport;
	flow = bpf_map_lookup_elem(&flows, &reply);
	if (!flow || !(flow->flags & FLOW_HOST))
		return cfg_services ? to_netdev_answer(skb, &key) : to_netdev_slow(skb);
	flow->seen = bpf_jiffies64();
	if (plain.tcp_flags & (TCP_FIN | TCP_RST))
		flow->flags |= FLOW_CLOSING;
	else if (plain.tcp_flags & TCP_SYN)
		flow->flags &= ~FLOW_CLOSING;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
