/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Tells a client at once that nobody serves it: TCP reset, else ICMP port unreachable, from the address that it asked for. */
#pragma once
#include <linux/pkt_cls.h>
#include "icmp.h"
#include "packet.h"
#include "parse.h"

enum { REFUSE_TTL = 64, TCP_WORDS = sizeof(struct tcphdr) / 4 };

struct reset_ipv4 {
	struct iphdr ip;
	struct tcphdr tcp;
};

struct reset_ipv6 {
	struct ipv6hdr ip;
	struct tcphdr tcp;
};

/* Is the checksum at this offset left to a device? Then it holds the sum over the pseudo header, and the helper leaves it alone. */
static __always_inline bool refuse_is_partial(struct __sk_buff *skb, __u32 at)
{
	__u16 before = 0, after = 1;

	bpf_skb_load_bytes(skb, at, &before, 2);
	bpf_l4_csum_replace(skb, at, 0, bpf_htons(1), 2);
	bpf_skb_load_bytes(skb, at, &after, 2);
	return before == after;
}

/* The L4 bytes of the packet, by its IP header: frames may be padded. */
static __always_inline __u32 refuse_length(struct __sk_buff *skb, const struct packet *p)
{
	__be16 length = 0;

	bpf_skb_load_bytes(skb, ETH_HLEN + (p->key.family == FAMILY_IPV4 ? 2 : 4), &length, 2);
	return bpf_ntohs(length) - (p->key.family == FAMILY_IPV4 ? sizeof(struct iphdr) : 0);
}

/* The answer to a segment of length bytes: RFC 9293, 3.5.2. */
static __always_inline void refuse_header(struct tcphdr *tcp, __u32 length)
{
	struct tcphdr asked = *tcp;

	__builtin_memset(tcp, 0, sizeof(*tcp));
	tcp->source = asked.dest;
	tcp->dest = asked.source;
	tcp->doff = TCP_WORDS;
	tcp->rst = 1;
	if (asked.ack) {
		tcp->seq = asked.ack_seq;
		return;
	}
	tcp->ack = 1;
	tcp->ack_seq = bpf_htonl(bpf_ntohl(asked.seq) + length - asked.doff * 4 + asked.syn + asked.fin);
}

static __always_inline __sum16 refuse_check(const struct tcphdr *tcp, __s64 pseudo, bool partial)
{
	if (partial)
		return ~checksum_of(pseudo);
	return checksum_of(bpf_csum_diff(0, 0, (__be32 *)tcp, sizeof(*tcp), pseudo));
}

static __always_inline int refuse_write_ipv4(struct __sk_buff *skb, const struct packet *p, const struct tcphdr *tcp, bool partial)
{
	__be32 pseudo[3] = { p->dst.words[3], p->src.words[3], bpf_htonl(IPPROTO_TCP << 16 | sizeof(*tcp)) };
	struct reset_ipv4 reset = {
		.ip = { .version = 4, .ihl = 5, .ttl = REFUSE_TTL, .protocol = IPPROTO_TCP, .saddr = p->dst.words[3],
			.daddr = p->src.words[3], .tot_len = bpf_htons(sizeof(reset)), .frag_off = bpf_htons(IPV4_DONT) },
		.tcp = *tcp,
	};

	reset.ip.check = checksum_of(bpf_csum_diff(0, 0, (__be32 *)&reset.ip, sizeof(reset.ip), 0));
	reset.tcp.check = refuse_check(tcp, bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), 0), partial);
	return bpf_skb_store_bytes(skb, ETH_HLEN, &reset, sizeof(reset), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int refuse_write_ipv6(struct __sk_buff *skb, const struct packet *p, const struct tcphdr *tcp, bool partial)
{
	__be32 pseudo[2] = { bpf_htonl(sizeof(*tcp)), bpf_htonl(IPPROTO_TCP) };
	struct reset_ipv6 reset = {
		.ip = { .version = 6, .hop_limit = REFUSE_TTL, .nexthdr = IPPROTO_TCP, .payload_len = bpf_htons(sizeof(*tcp)) },
		.tcp = *tcp,
	};
	__s64 sum;

	for (int i = 0; i < 4; i++) {
		reset.ip.saddr.s6_addr32[i] = p->dst.words[i];
		reset.ip.daddr.s6_addr32[i] = p->src.words[i];
	}
	sum = bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), 0);
	sum = bpf_csum_diff(0, 0, (__be32 *)&reset.ip.saddr, 32, sum);
	reset.tcp.check = refuse_check(tcp, sum, partial);
	return bpf_skb_store_bytes(skb, ETH_HLEN, &reset, sizeof(reset), BPF_F_RECOMPUTE_CSUM);
}

/* Turns a segment into the reset that answers it. Not 0: it cannot be answered so. */
static __noinline int refuse_reset(struct __sk_buff *skb)
{
	struct packet *p = packet_here();
	struct tcphdr tcp;
	__u32 headers;
	bool partial;

	if (!p || p->proto != IPPROTO_TCP || p->flags & (PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT))
		return -1;
	headers = p->key.family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
	if (p->l4 != ETH_HLEN + headers || bpf_skb_load_bytes(skb, ETH_HLEN + headers, &tcp, sizeof(tcp)))
		return -1;
	partial = refuse_is_partial(skb, ETH_HLEN + headers + CHECK_TCP);
	refuse_header(&tcp, refuse_length(skb, p));
	if (bpf_skb_change_tail(skb, ETH_HLEN + headers + sizeof(tcp), 0))
		return -1;
	return p->key.family == FAMILY_IPV4 ? refuse_write_ipv4(skb, p, &tcp, partial) : refuse_write_ipv6(skb, p, &tcp, partial);
}

/* Answers the packet at hand, which is dropped and told already. Returns an action. */
__noinline int refuse(struct __sk_buff *skb)
{
	struct packet *p = packet_here();
	int action;

	if (!p || (p->proto == IPPROTO_TCP && p->tcp_flags & TCP_RST))
		return TC_ACT_SHOT;
	if (!refuse_reset(skb))
		action = icmp_return(skb, p);
	else if (p->key.family == FAMILY_IPV4)
		action = icmp_answer(skb, ICMP_DEST_UNREACH, ICMP_PORT_UNREACHABLE, 0);
	else
		action = icmp_answer(skb, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH, 0);
	return action < 0 ? TC_ACT_SHOT : action;
}
