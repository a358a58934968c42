/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* ICMP errors that this node sends back in a packet's place: time exceeded and packet too big from the router address, port
 * unreachable from the address that was asked for. */
#pragma once
#include <linux/pkt_cls.h>
#include "config.h"
#include "lookup.h"
#include "packet.h"
#include "parse.h"
#include "report.h"
#include "rewrite.h"
#include "tunnel.h"

enum {
	ICMP_QUOTE = 128, /* L3 bytes of the packet that an error quotes; holds every L4 checksum, which the kernel insists on */
	ICMP_QUOTE_MIN = 28,
	ICMP_TTL = 64,
	FIRST_MULTICAST = 224,
	ICMP_PORT_UNREACHABLE = 3,
};

/* Written over the front of the packet; the quote follows. */
struct icmp_error_ipv4 {
	struct iphdr ip;
	struct icmp_header icmp;
};

struct icmp_error_ipv6 {
	struct ipv6hdr ip;
	struct icmp_header icmp;
};

/* Room for the quote while its checksum is taken. */
struct icmp_quote {
	__be32 words[ICMP_QUOTE / 4];
};

/* 0 -> the quote at hand. Private to an object. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct icmp_quote);
} quotes SEC(".maps");

static __always_inline __sum16 checksum_of(__s64 sum)
{
	__u64 folded = (__u32)sum;

	folded = (folded & 0xffff) + (folded >> 16);
	folded = (folded & 0xffff) + (folded >> 16);
	return ~folded;
}

/* Sum over the quote; -1: it cannot be read. */
static __always_inline __s64 icmp_quote_sum(struct __sk_buff *skb, __u32 length)
{
	__u32 zero = 0;
	struct icmp_quote *quote = bpf_map_lookup_elem(&quotes, &zero);

	if (!quote || length < ICMP_QUOTE_MIN || length > ICMP_QUOTE)
		return -1;
	__builtin_memset(quote, 0, sizeof(*quote));
	length = ((length - 1) & (ICMP_QUOTE - 1)) + 1; /* as in event_capture */
	if (bpf_skb_load_bytes(skb, ETH_HLEN, quote->words, length))
		return -1;
	return bpf_csum_diff(0, 0, quote->words, sizeof(*quote), 0);
}

/* Does the error come from where the packet was sent to? Who is outside knows the way to no other address of ours. */
static __always_inline bool icmp_as_asked(const struct packet *p, __u8 type, __u8 code)
{
	if (p->hook == HOOK_NETWORK && p->entry.flags & FLOW_SERVICE)
		return true;
	if (p->key.family == FAMILY_IPV4)
		return type == ICMP_DEST_UNREACH && code == ICMP_PORT_UNREACHABLE;
	return type == ICMPV6_DEST_UNREACH;
}

static __always_inline int icmp_write_ipv4(struct __sk_buff *skb, struct packet *p, __u8 type, __u8 code, __u32 mtu, __u32 length, __s64 sum)
{
	struct icmp_error_ipv4 error = {
		.ip = { .version = 4, .ihl = 5, .ttl = ICMP_TTL, .protocol = IPPROTO_ICMP,
			.saddr = icmp_as_asked(p, type, code) ? p->dst.words[3] : cfg_router_ipv4, .daddr = p->src.words[3], .tot_len = bpf_htons(sizeof(error) + length) },
		.icmp = { .type = type, .code = code, .last = bpf_htons(mtu) },
	};

	error.ip.check = checksum_of(bpf_csum_diff(0, 0, (__be32 *)&error.ip, sizeof(error.ip), 0));
	error.icmp.check = checksum_of(bpf_csum_diff(0, 0, (__be32 *)&error.icmp, sizeof(error.icmp), sum));
	if (bpf_skb_adjust_room(skb, sizeof(error), BPF_ADJ_ROOM_MAC, 0))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &error, sizeof(error), 0);
}

static __always_inline int icmp_write_ipv6(struct __sk_buff *skb, struct packet *p, __u8 type, __u8 code, __u32 mtu, __u32 length, __s64 sum)
{
	__be32 pseudo[2] = { bpf_htonl(sizeof(struct icmp_header) + length), bpf_htonl(IPPROTO_ICMPV6) };
	struct icmp_error_ipv6 error = {
		.ip = { .version = 6, .hop_limit = ICMP_TTL, .nexthdr = IPPROTO_ICMPV6,
			.payload_len = bpf_htons(sizeof(struct icmp_header) + length) },
		.icmp = { .type = type, .code = code, .id = bpf_htons(mtu >> 16), .last = bpf_htons(mtu) },
	};

	for (int i = 0; i < 4; i++) {
		error.ip.saddr.s6_addr32[i] = icmp_as_asked(p, type, code) ? p->dst.words[i] : cfg_router_ipv6.words[i];
		error.ip.daddr.s6_addr32[i] = p->src.words[i];
	}
	sum = bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)&error.ip.saddr, 32, sum);
	error.icmp.check = checksum_of(bpf_csum_diff(0, 0, (__be32 *)&error.icmp, sizeof(error.icmp), sum));
	if (bpf_skb_adjust_room(skb, sizeof(error), BPF_ADJ_ROOM_MAC, 0))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &error, sizeof(error), 0);
}

/* Nobody answers an error with an error, nor a later fragment, nor a packet to or from many. */
static __always_inline bool icmp_may_answer(const struct packet *p)
{
	if (p->flags & (PACKET_LATER_FRAGMENT | PACKET_MULTICAST) || address_zero(&p->src))
		return false;
	if (p->proto != IPPROTO_ICMP && p->proto != IPPROTO_ICMPV6)
		return true;
	return !icmp_is_error(p->proto, p->icmp_type);
}

/* Sends back the way it came what was made of the packet. Returns an action, or -1. */
static __always_inline int icmp_return(struct __sk_buff *skb, const struct packet *p)
{
	__u8 macs[12], swapped[12];

	/* A tunnelled sender is reached as from the node itself, by the program at cilium_host. */
	if (p->origin == ORIGIN_OVERLAY)
		return bpf_redirect(cfg_host_ifindex, 0);
	if (bpf_skb_load_bytes(skb, 0, macs, sizeof(macs)))
		return -1;
	__builtin_memcpy(swapped, macs + 6, 6);
	__builtin_memcpy(swapped + 6, macs, 6);
	if (bpf_skb_store_bytes(skb, 0, swapped, sizeof(swapped), 0))
		return -1;
	skb->mark = p->hook == HOOK_POD ? skb->mark : MARK_DONE;
	return bpf_redirect(skb->ifindex, 0);
}

/* Turns the packet into the error and sends it back the way it came. Returns an action, or -1: nothing could be sent. */
__noinline int icmp_answer(struct __sk_buff *skb, __u32 type, __u32 code, __u32 mtu)
{
	struct packet *p = packet_here();
	__u32 length;
	__s64 sum;
	int error;

	if (!p || !icmp_may_answer(p) || skb->len < ETH_HLEN + ICMP_QUOTE_MIN)
		return -1;
	if (p->key.family == FAMILY_IPV4 ? !cfg_router_ipv4 : !cfg_router_ipv6.words[0])
		return -1;
	length = skb->len - ETH_HLEN;
	if (length > ICMP_QUOTE)
		length = ICMP_QUOTE;
	if (bpf_skb_change_tail(skb, ETH_HLEN + length, 0))
		return -1;
	sum = icmp_quote_sum(skb, length);
	if (sum < 0)
		return -1;
	error = p->key.family == FAMILY_IPV4 ? icmp_write_ipv4(skb, p, type, code, mtu, length, sum) :
					       icmp_write_ipv6(skb, p, type, code, mtu, length, sum);
	return error ? -1 : icmp_return(skb, p);
}
