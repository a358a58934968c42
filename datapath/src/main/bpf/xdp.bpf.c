/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The underlay's devices, before the stack has a packet: what goes on to another node, or to a client of a service, by the device
 * that it came in by. The flow's entry says everything, as on the fast path of from_netdev; whatever is new, odd or to be told
 * passes, and is from_netdev's as ever. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
/* The headers hold more than this path needs. */
#pragma clang diagnostic ignored "-Wunused-function"
#include "dsr.h"
#include "fast.h"
#include "rewrite.h"
#include "service.h"

static __always_inline __u32 xdp_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (sum & 0xffffffff) + (sum >> 32);
}

static __always_inline __u64 xdp_sum(const union address *address, __u8 family)
{
	__u64 sum = address->words[3];

	return family == FAMILY_IPV4 ? sum : sum + address->words[0] + address->words[1] + address->words[2];
}

static __always_inline __u64 xdp_sum_inverse(const union address *address, __u8 family)
{
	__u64 sum = (__u32)~address->words[3];

	return family == FAMILY_IPV4 ? sum : sum + (__u32)~address->words[0] + (__u32)~address->words[1] + (__u32)~address->words[2];
}

/* Has nobody taken the checksum yet? What a machine sends to itself, by veth devices, has the sum of its pseudo header in that place
 * until a device takes the rest, and a frame cannot say so. One in 65536 others looks alike, and passes with it. */
static __always_inline bool xdp_unfinished(const struct flow_key *key, const void *l3, __u16 check, __u8 family)
{
	const struct ipv6hdr *ip6 = l3;
	const struct iphdr *ip = l3;
	__be16 length = family == FAMILY_IPV4 ? bpf_htons(bpf_ntohs(ip->tot_len) - sizeof(*ip)) : ip6->payload_len;
	__u64 sum = xdp_sum(&key->src, family) + xdp_sum(&key->dst, family) + bpf_htons(key->proto) + length;

	return !checksum_fold(xdp_fold(sum + (__u16)~check));
}

/* The checksum over addresses and ports, once they are what the entry says. */
static __always_inline __u16 xdp_translated(const struct flow_key *key, const struct flow_entry *flow, __u16 check, __u8 family)
{
	__u64 sum = 0;
	__u16 result;

	if (flow->flags & FLOW_REWRITE_SRC)
		sum += xdp_sum_inverse(&key->src, family) + xdp_sum(&flow->nat_src, family) + (__u16)~key->sport + flow->nat_sport;
	if (flow->flags & FLOW_REWRITE_DST)
		sum += xdp_sum_inverse(&key->dst, family) + xdp_sum(&flow->nat_dst, family) + (__u16)~key->dport + flow->nat_dport;
	result = checksum_fold(xdp_fold(sum + (__u16)~check));
	return key->proto == IPPROTO_UDP && !result ? 0xffff : result;
}

/* Is the frame for this node, and does it leave by the device that it came in by? The entry's source address is that device's. */
static __always_inline bool xdp_turns_round(const struct xdp_md *ctx, const void *ethernet, const struct flow_entry *flow)
{
	const __u16 *ours = (const void *)flow->smac, *to = ethernet;

	return flow->ifindex == ctx->ingress_ifindex && !((to[0] ^ ours[0]) | (to[1] ^ ours[1]) | (to[2] ^ ours[2]));
}

/* Flows of services that are translated and go to another node. */
static __always_inline bool xdp_is_fast(const struct flow_entry *flow)
{
	return flow->action == ACTION_NODE && flow->flags & FLOW_SERVICE;
}

/* What the entry says, done to a packet. */
static __always_inline void xdp_rewrite(const struct flow_key *key, const struct flow_entry *flow, void *l3, __u16 *check, __u8 family)
{
	struct ipv6hdr *ip6 = l3;

	/* A datagram without a checksum keeps none. */
	if (*check || key->proto == IPPROTO_TCP)
		*check = xdp_translated(key, flow, *check, family);
	if (family == FAMILY_IPV4) {
		ttl_ipv4_in_place(l3);
		rewrite_ipv4_in_place(l3, key, flow);
	} else {
		ip6->hop_limit--;
		rewrite_ipv6_in_place(ip6, flow);
	}
	macs_in_place(l3 - ETH_HLEN, flow);
}

static __always_inline int xdp_sent(__u32 length)
{
	count(COUNTER_FORWARD_EGRESS, length + ETH_HLEN);
	count(COUNTER_FORWARD_XDP, length + ETH_HLEN);
	return XDP_TX;
}

static __always_inline void xdp_name_ipv4(void *frame, __u32 around, const struct flow_key *key, const struct flow_entry *flow)
{
	struct dsr_headers_ipv4 new = { .option = dsr_option_ipv4(&key->dst, key->dport) }, *at = frame + ETH_HLEN + around;
	const struct iphdr *ip = (void *)at + sizeof(new.option);
	struct iphdr old = *ip;

	new.ip = old;
	new.ip.ihl = sizeof(new) / 4;
	new.ip.tot_len = bpf_htons(bpf_ntohs(old.tot_len) + sizeof(new.option));
	new.ip.check = checksum_fold((__u16)~old.check + dsr_more(&new, &old));
	*at = new;
	if (around)
		*(struct iphdr *)(frame + ETH_HLEN) = dsr_outer_ipv4(&new.ip, &flow->nat_dst);
}

static __always_inline void xdp_name_ipv6(void *frame, __u32 around, const struct flow_key *key, const struct flow_entry *flow)
{
	struct dsr_headers_ipv6 *at = frame + ETH_HLEN + around;
	const struct ipv6hdr *ip = (void *)at + sizeof(at->option);
	struct ipv6hdr old = *ip;

	at->option = dsr_option_ipv6(&key->dst, key->dport, old.nexthdr);
	old.payload_len = bpf_htons(bpf_ntohs(old.payload_len) + sizeof(at->option));
	old.nexthdr = NEXT_OPTIONS;
	at->ip = old;
	if (around)
		*(struct ipv6hdr *)(frame + ETH_HLEN) = dsr_outer_ipv6(&old, &flow->nat_dst);
}

/* Sends a datagram that names its service (dsr.h): its header moves forward, and what is added comes behind and around it. */
static __always_inline int xdp_tell(struct xdp_md *ctx, const struct flow_key *key, struct flow_entry *flow, __u32 length, __u8 family)
{
	__u32 room = dsr_room(family), around = room - dsr_option(family);
	struct ethhdr ethernet;
	void *data, *l3;

	if (bpf_xdp_adjust_head(ctx, -(int)room))
		return XDP_PASS;
	data = (void *)(long)ctx->data;
	l3 = data + room + ETH_HLEN;
	if (l3 + dsr_header(family) + sizeof(struct udphdr) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	xdp_rewrite(key, flow, l3, l3 + dsr_header(family) + CHECK_UDP, family);
	ethernet = *(struct ethhdr *)(data + room);
	*(struct ethhdr *)data = ethernet;
	if (family == FAMILY_IPV4)
		xdp_name_ipv4(data, around, key, flow);
	else
		xdp_name_ipv6(data, around, key, flow);
	forward_count(flow, length);
	return xdp_sent(length + room);
}

/* A frame of one family; for each the compiler makes a path of its own. */
static __always_inline int xdp_frame(struct xdp_md *ctx, __u8 family)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 length = ctx->data_end - ctx->data - ETH_HLEN;
	struct runtime *state = runtime_state();
	struct flow_key key = { .ifindex = 0 };
	struct flow_entry *flow;
	struct plain plain;
	bool tells;
	void *l4 = data + ETH_HLEN + (family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	__u16 *check;

	if (!state || !parse_plain(data + ETH_HLEN, end, family == FAMILY_IPV4 ? bpf_htons(ETH_P_IP) : bpf_htons(ETH_P_IPV6), &key, &plain))
		return XDP_PASS;
	if (key.proto == IPPROTO_TCP)
		check = l4 + CHECK_TCP;
	else if (key.proto == IPPROTO_UDP)
		check = l4 + CHECK_UDP;
	else
		return XDP_PASS;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow || !xdp_is_fast(flow) || !forward_is_known(flow, &key, &plain, state, ORIGIN_NETWORK))
		return XDP_PASS;
	tells = flow->flags & FLOW_DIRECT && key.proto == IPPROTO_UDP;
	if ((flow->mtu && length + (tells ? dsr_room(family) : 0) > flow->mtu) || !xdp_turns_round(ctx, data, flow) ||
	    xdp_unfinished(&key, plain.l3, *check, family))
		return XDP_PASS;
	if (tells)
		return xdp_tell(ctx, &key, flow, length, family);
	xdp_rewrite(&key, flow, plain.l3, check, family);
	forward_count(flow, length);
	return xdp_sent(length);
}

SEC("xdp") int xdp_netdev(struct xdp_md *ctx)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;

	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return XDP_PASS;
	if (ethernet->h_proto == bpf_htons(ETH_P_IP))
		return xdp_frame(ctx, FAMILY_IPV4);
	if (ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		return xdp_frame(ctx, FAMILY_IPV6);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
