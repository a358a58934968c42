/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The fast path of datagrams that name a service (dsr.h), where the server is. When the flow's entry has that service already there is
 * no news in them: what was added comes off, and they go on to the pod. All others are the slow path's. */
#pragma once
#include <linux/pkt_cls.h>
#include "conntrack.h"
#include "dsr.h"
#include "fast.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "report.h"
#include "rewrite.h"

struct told {
	struct flow_key key; /* of the client's datagram */
	union address service;
	union address sender; /* of the header that is around; all zero: there is none */
	__u32 around; /* its bytes */
	__be16 port; /* of the service */
};

static __always_inline bool told_ports(void *l4, void *end, struct told *told)
{
	struct ports *ports = l4;

	if (l4 + sizeof(struct udphdr) > end)
		return false;
	told->key.sport = ports->source;
	told->key.dport = ports->dest;
	told->key.proto = IPPROTO_UDP;
	return true;
}

static __always_inline bool told_ipv4(void *l3, void *end, struct told *told)
{
	struct dsr_headers_ipv4 *inner = l3;
	struct iphdr *outer = l3;

	if ((void *)(inner + 1) > end)
		return false;
	if (outer->protocol == IPPROTO_IPIP) {
		inner = (void *)(outer + 1);
		if ((void *)(inner + 1) > end || *(__u8 *)outer != 0x45 || outer->frag_off & bpf_htons(IPV4_FRAGMENT_MASK) || outer->daddr != inner->ip.daddr)
			return false;
		told->sender = address_ipv4(outer->saddr);
		told->around = sizeof(*outer);
	}
	if (*(__u8 *)inner != 0x47 || !dsr_names_ipv4(inner) || inner->ip.protocol != IPPROTO_UDP)
		return false;
	if (inner->ip.frag_off & bpf_htons(IPV4_FRAGMENT_MASK) || inner->ip.ttl <= 1)
		return false;
	told->key.family = FAMILY_IPV4;
	told->key.src = address_ipv4(inner->ip.saddr);
	told->key.dst = address_ipv4(inner->ip.daddr);
	told->service = address_ipv4(inner->option.address);
	told->port = inner->option.port;
	return told_ports(inner + 1, end, told);
}

static __always_inline bool told_ipv6(void *l3, void *end, struct told *told)
{
	struct dsr_headers_ipv6 *inner = l3;
	struct ipv6hdr *outer = l3;
	union address server;

	if ((void *)(inner + 1) > end)
		return false;
	server = address_ipv6(&outer->daddr);
	if (outer->nexthdr == IPPROTO_IPV6) {
		inner = (void *)(outer + 1);
		if ((void *)(inner + 1) > end)
			return false;
		told->sender = address_ipv6(&outer->saddr);
		told->around = sizeof(*outer);
	}
	if (inner->ip.version != 6 || !dsr_names_ipv6(inner) || inner->option.header.next != IPPROTO_UDP || inner->ip.hop_limit <= 1)
		return false;
	told->key.family = FAMILY_IPV6;
	told->key.src = address_ipv6(&inner->ip.saddr);
	told->key.dst = address_ipv6(&inner->ip.daddr);
	told->service = (union address){ .words = { inner->option.address[0], inner->option.address[1], inner->option.address[2],
						    inner->option.address[3] } };
	told->port = inner->option.port;
	return address_equal(&server, &told->key.dst) && told_ports(inner + 1, end, told);
}

/* Takes off what was added, and lowers the TTL. The client's header comes to stand right before its datagram. */
static __always_inline int told_off_ipv4(struct __sk_buff *skb, const struct told *told)
{
	__s32 added = told->around + sizeof(struct dsr_ipv4);
	struct dsr_headers_ipv4 old;
	struct iphdr new;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + told->around, &old, sizeof(old)))
		return -1;
	new = old.ip;
	new.ihl = sizeof(new) / 4;
	new.tot_len = bpf_htons(bpf_ntohs(old.ip.tot_len) - sizeof(old.option));
	new.ttl--;
	new.check = checksum_fold((__u16)~old.ip.check + (__u16)~dsr_more(&old, &new));
	if (bpf_skb_adjust_room(skb, -added, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &new, sizeof(new), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int told_off_ipv6(struct __sk_buff *skb, const struct told *told)
{
	__s32 added = told->around + sizeof(struct dsr_ipv6);
	struct ipv6hdr ip;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + told->around, &ip, sizeof(ip)))
		return -1;
	ip.payload_len = bpf_htons(bpf_ntohs(ip.payload_len) - sizeof(struct dsr_ipv6));
	ip.nexthdr = IPPROTO_UDP;
	ip.hop_limit--;
	if (bpf_skb_adjust_room(skb, -added, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
}

/* Is the entry that of a flow to a pod which was told of this service, with nothing left to say? */
static __always_inline bool told_before(const struct told *told, const struct flow_entry *flow, const struct runtime *state)
{
	struct plain plain = {};

	if (flow->action != ACTION_POD || !dsr_told(flow) || flow->nat_dport != told->port || !address_equal(&flow->nat_dst, &told->service))
		return false;
	return forward_is_known(flow, &told->key, &plain, state, ORIGIN_NETWORK);
}

/* An action; -1: it is the slow path's. */
static __noinline int told_fast(struct __sk_buff *skb, const struct runtime *state)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	bool ipv4 = skb->protocol == bpf_htons(ETH_P_IP);
	struct flow_entry *flow;
	struct told told = {};

	if (skb->gso_size || !(ipv4 ? told_ipv4(data + ETH_HLEN, end, &told) : told_ipv6(data + ETH_HLEN, end, &told)))
		return -1;
	flow = bpf_map_lookup_elem(&flows, &told.key);
	if (!flow || !told_before(&told, flow, state) || (told.around && !dsr_from_node(&told.sender)))
		return -1;
	if (ipv4 ? told_off_ipv4(skb, &told) : told_off_ipv6(skb, &told))
		return TC_ACT_SHOT;
	data = (void *)(long)skb->data;
	if (data + ETH_HLEN > (void *)(long)skb->data_end)
		return TC_ACT_SHOT;
	macs_in_place(data, flow);
	forward_count(flow, skb->len - ETH_HLEN);
	count(COUNTER_FORWARD_INGRESS, skb->len);
	return forward_deliver(flow->ifindex, false);
}
