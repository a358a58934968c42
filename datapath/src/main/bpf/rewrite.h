/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Changes to packets. *_in_place write through checked pointers (fast path); the others take offsets and any packet. */
#pragma once
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "sctp.h"

enum {
	OFFSET_IPV4_TTL = ETH_HLEN + 8,
	OFFSET_IPV4_CHECK = ETH_HLEN + 10,
	OFFSET_IPV4_SRC = ETH_HLEN + 12,
	OFFSET_IPV4_DST = ETH_HLEN + 16,
	OFFSET_IPV6_HOP_LIMIT = ETH_HLEN + 7,
	OFFSET_IPV6_SRC = ETH_HLEN + 8,
	OFFSET_IPV6_DST = ETH_HLEN + 24,
	CHECK_TCP = 16,
	CHECK_UDP = 6,
	CHECK_ICMP = 2,
};

/* dmac and smac lie in the entry as in the Ethernet header. */
static __always_inline void macs_in_place(void *ethernet, const struct flow_entry *flow)
{
	const __u32 *from = (const void *)flow->dmac;
	__u32 *to = ethernet;

	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
}

static __always_inline void ttl_ipv4_in_place(struct iphdr *ip)
{
	__u32 check = ip->check;

	check += bpf_htons(0x0100);
	ip->check = check + (check >= 0xffff);
	ip->ttl--;
}

static __always_inline void ttl_in_place(struct __sk_buff *skb, void *l3, __u8 family)
{
	struct ipv6hdr *ip6 = l3;

	if (family == FAMILY_IPV4) {
		ttl_ipv4_in_place(l3);
		return;
	}
	ip6->hop_limit--;
	/* A checksum that a device took over the whole packet; IPv6 has none of its own that would make up for the change. */
	bpf_csum_update(skb, ~(__u32)bpf_htons(0x0001));
}

static __always_inline void macs_store(struct __sk_buff *skb, const struct flow_entry *flow)
{
	bpf_skb_store_bytes(skb, 0, flow->dmac, 12, 0);
}

static __always_inline void ttl_store(struct __sk_buff *skb, __u8 family)
{
	__u8 pair[2]; /* TTL and protocol: one word of the checksum */
	__u16 old, new;

	if (family == FAMILY_IPV6) {
		bpf_skb_load_bytes(skb, OFFSET_IPV6_HOP_LIMIT, pair, 1);
		pair[0]--;
		bpf_skb_store_bytes(skb, OFFSET_IPV6_HOP_LIMIT, pair, 1, BPF_F_RECOMPUTE_CSUM);
		return;
	}
	bpf_skb_load_bytes(skb, OFFSET_IPV4_TTL, pair, 2);
	old = *(__u16 *)pair;
	pair[0]--;
	new = *(__u16 *)pair;
	bpf_l3_csum_replace(skb, OFFSET_IPV4_CHECK, old, new, 2);
	bpf_skb_store_bytes(skb, OFFSET_IPV4_TTL, pair, 1, 0);
}

/* Distance of the checksum that covers the addresses from the start of L4; 0: there is none. */
static __always_inline __u32 check_offset(__u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return CHECK_TCP;
	case IPPROTO_UDP:
		return CHECK_UDP;
	case IPPROTO_ICMPV6:
		return CHECK_ICMP;
	default:
		return 0;
	}
}

/* One address of the outer header, and the checksums over it. l4 0: this packet has no L4 header. */
static __always_inline int rewrite_address(struct __sk_buff *skb, __u8 family, __u8 proto, __u32 l4, bool source,
					   const union address *old, const union address *new)
{
	__u32 check = l4 ? check_offset(proto) : 0;
	__u64 flags = BPF_F_PSEUDO_HDR | (proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0);

	if (family == FAMILY_IPV4) {
		if (check)
			bpf_l4_csum_replace(skb, l4 + check, old->words[3], new->words[3], flags | 4);
		bpf_l3_csum_replace(skb, OFFSET_IPV4_CHECK, old->words[3], new->words[3], 4);
		return bpf_skb_store_bytes(skb, source ? OFFSET_IPV4_SRC : OFFSET_IPV4_DST, &new->words[3], 4, 0);
	}
	/* The helper takes the address for part of a device's checksum, as in IPv4; recomputing for the store makes up for it. */
	if (check)
		bpf_l4_csum_replace(skb, l4 + check, 0, bpf_csum_diff((__be32 *)old->words, 16, (__be32 *)new->words, 16, 0), flags);
	return bpf_skb_store_bytes(skb, source ? OFFSET_IPV6_SRC : OFFSET_IPV6_DST, new->words, 16, check ? BPF_F_RECOMPUTE_CSUM : 0);
}

/* One port, or the identifier of an echo, at offset. */
static __always_inline int rewrite_port(struct __sk_buff *skb, const struct flow_key *key, __u32 l4, __u32 offset, __be16 old, __be16 new)
{
	__u8 proto = key->proto;
	__u32 check = proto == IPPROTO_ICMP ? CHECK_ICMP : check_offset(proto);

	if (old == new)
		return 0;
	if (proto == IPPROTO_SCTP)
		return sctp_rewrite_port(skb, key->family, l4, offset, (__u32)old << 16 | new);
	bpf_l4_csum_replace(skb, l4 + check, old, new, 2 | (proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0));
	return bpf_skb_store_bytes(skb, offset, &new, 2, 0);
}

/* One end of a packet. */
static __always_inline int rewrite_end(struct __sk_buff *skb, const struct flow_key *key, const struct flow_entry *flow, __u32 l4, bool source)
{
	bool echo = key->proto == IPPROTO_ICMP || key->proto == IPPROTO_ICMPV6;
	const union address *old = source ? &key->src : &key->dst;
	const union address *new = source ? &flow->nat_src : &flow->nat_dst;
	__u32 offset = l4 + (echo ? 4 : source ? 0 : 2);

	if (rewrite_address(skb, key->family, key->proto, l4, source, old, new))
		return -1;
	return l4 ? rewrite_port(skb, key, l4, offset, source ? key->sport : key->dport, source ? flow->nat_sport : flow->nat_dport) : 0;
}

/* Translates a packet of a flow: source and destination become what the entry says. key: as the packet is now. */
static __noinline int rewrite_flow(struct __sk_buff *skb, const struct flow_key *key, const struct flow_entry *flow, __u32 l4)
{
	if (flow->flags & FLOW_REWRITE_DST && rewrite_end(skb, key, flow, l4, false))
		return -1;
	return flow->flags & FLOW_REWRITE_SRC ? rewrite_end(skb, key, flow, l4, true) : 0;
}

/* Addresses and ports of a plain packet whose headers lie at l3. */
static __always_inline void rewrite_ipv4_in_place(struct iphdr *ip, const struct flow_key *key, const struct flow_entry *flow)
{
	struct ports *ports = (void *)(ip + 1);
	__u64 check = (__u16)~ip->check;

	if (flow->flags & FLOW_REWRITE_SRC) {
		check += (__u64)(__u32)~key->src.words[3] + flow->nat_src.words[3];
		ip->saddr = flow->nat_src.words[3];
		ports->source = flow->nat_sport;
	}
	if (flow->flags & FLOW_REWRITE_DST) {
		check += (__u64)(__u32)~key->dst.words[3] + flow->nat_dst.words[3];
		ip->daddr = flow->nat_dst.words[3];
		ports->dest = flow->nat_dport;
	}
	check = (check & 0xffff) + ((check >> 16) & 0xffff) + (check >> 32);
	check = (check & 0xffff) + (check >> 16);
	ip->check = ~(__u16)(check + (check >> 16));
}

static __always_inline void rewrite_ipv6_in_place(struct ipv6hdr *ip, const struct flow_entry *flow)
{
	struct ports *ports = (void *)(ip + 1);
	__be32 *from = (void *)&ip->saddr, *to = (void *)&ip->daddr;

	if (flow->flags & FLOW_REWRITE_SRC) {
		from[0] = flow->nat_src.words[0];
		from[1] = flow->nat_src.words[1];
		from[2] = flow->nat_src.words[2];
		from[3] = flow->nat_src.words[3];
		ports->source = flow->nat_sport;
	}
	if (flow->flags & FLOW_REWRITE_DST) {
		to[0] = flow->nat_dst.words[0];
		to[1] = flow->nat_dst.words[1];
		to[2] = flow->nat_dst.words[2];
		to[3] = flow->nat_dst.words[3];
		ports->dest = flow->nat_dport;
	}
}

/* The checksum over one end of what was changed in place: the helper's work, for only it knows whether a device has to take it yet.
 * Pointers into the packet are no good after it. */
static __always_inline void rewrite_check(struct __sk_buff *skb, const struct flow_key *key, const struct flow_entry *flow, __u32 l4, bool source)
{
	const union address *old = source ? &key->src : &key->dst;
	const union address *new = source ? &flow->nat_src : &flow->nat_dst;
	__be16 old_port = source ? key->sport : key->dport, new_port = source ? flow->nat_sport : flow->nat_dport;
	__u64 udp = key->proto == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 at = l4 + check_offset(key->proto);
	__s64 diff;

	if (key->family == FAMILY_IPV4) {
		bpf_l4_csum_replace(skb, at, old->words[3], new->words[3], 4 | BPF_F_PSEUDO_HDR | udp);
	} else {
		diff = bpf_csum_diff((__be32 *)old->words, 16, (__be32 *)new->words, 16, 0);
		/* The helper takes the address for part of a device's checksum, as in IPv4, where the header's own makes up for it. */
		bpf_csum_update(skb, diff);
		bpf_l4_csum_replace(skb, at, 0, diff, BPF_F_PSEUDO_HDR | udp);
	}
	if (old_port != new_port)
		bpf_l4_csum_replace(skb, at, old_port, new_port, 2 | udp);
}

/* rewrite_flow for a plain packet whose headers lie at l3; those that are not TCP or UDP are its. */
static __always_inline int rewrite_plain(struct __sk_buff *skb, void *l3, const struct flow_key *key, const struct flow_entry *flow, __u32 l4)
{
	struct ipv6hdr *ip6 = l3;

	if (key->proto != IPPROTO_TCP && key->proto != IPPROTO_UDP)
		return rewrite_flow(skb, key, flow, l4);
	if (key->family == FAMILY_IPV4)
		rewrite_ipv4_in_place(l3, key, flow);
	else if ((void *)(ip6 + 1) + sizeof(struct ports) <= (void *)(long)skb->data_end) /* the verifier has forgotten */
		rewrite_ipv6_in_place(ip6, flow);
	else
		return -1;
	if (flow->flags & FLOW_REWRITE_SRC)
		rewrite_check(skb, key, flow, l4, true);
	if (flow->flags & FLOW_REWRITE_DST)
		rewrite_check(skb, key, flow, l4, false);
	return 0;
}

/* Stores new bytes into the packet that an ICMP error carries, and keeps the error's own checksum right. size: 2 or 4. */
static __always_inline void inner_store(struct __sk_buff *skb, __u32 check, __u32 offset, __u32 old, __u32 new, __u32 size)
{
	bpf_l4_csum_replace(skb, check, old, new, size);
	bpf_skb_store_bytes(skb, offset, &new, size, 0);
}

static __always_inline __u16 checksum_fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* What becomes of a checksum when data under it changes by diff (new minus old, as bpf_csum_diff gives it). */
static __always_inline __u16 checksum_adjust(__u16 check, __s64 diff)
{
	__u64 sum = (__u16)~check + (__u64)(__u32)diff;

	sum = (sum & 0xffffffff) + (sum >> 32);
	return checksum_fold((sum & 0xffff) + (sum >> 16));
}

/* The L4 header that an ICMP error carries: port and, if it reaches that far, checksum. */
static __always_inline void inner_rewrite_l4(struct __sk_buff *skb, struct packet *p, __u32 check, bool source, __be16 new_port, __s64 diff)
{
	bool echo = p->inner.proto == IPPROTO_ICMP || p->inner.proto == IPPROTO_ICMPV6;
	__be16 port = source ? p->inner.sport : p->inner.dport;
	__u32 at = p->inner_l4 + (echo ? 4 : source ? 0 : 2);
	__u32 own = p->inner.proto == IPPROTO_ICMP ? CHECK_ICMP : check_offset(p->inner.proto);
	__be32 from = port, to = new_port;
	__u16 old, new;

	if (port != new_port)
		inner_store(skb, check, at, from, to, 2);
	if (!own || bpf_skb_load_bytes(skb, p->inner_l4 + own, &old, 2))
		return;
	if (p->inner.proto == IPPROTO_UDP && !old)
		return;
	new = checksum_adjust(old, bpf_csum_diff(&from, 4, &to, 4, p->inner.proto == IPPROTO_ICMP ? 0 : diff));
	if (new != old)
		inner_store(skb, check, p->inner_l4 + own, old, new, 2);
}

/* One end of the packet that an ICMP error carries. It went the other way: its source is where the error goes to. */
static __always_inline void inner_rewrite(struct __sk_buff *skb, struct packet *p, bool source)
{
	const union address *new = source ? &p->entry.nat_dst : &p->entry.nat_src;
	const union address *old = source ? &p->inner.src : &p->inner.dst;
	__s64 diff = bpf_csum_diff((__be32 *)old->words, 16, (__be32 *)new->words, 16, 0);
	__u32 check = p->l4 + CHECK_ICMP, at;
	__u16 old_sum, new_sum;

	inner_rewrite_l4(skb, p, check, source, source ? p->entry.nat_dport : p->entry.nat_sport, diff);
	if (p->key.family == FAMILY_IPV4) {
		at = p->inner_l3 + (source ? 12 : 16);
		bpf_skb_load_bytes(skb, p->inner_l3 + 10, &old_sum, 2);
		new_sum = checksum_adjust(old_sum, diff);
		inner_store(skb, check, p->inner_l3 + 10, old_sum, new_sum, 2);
		inner_store(skb, check, at, old->words[3], new->words[3], 4);
		return;
	}
	bpf_l4_csum_replace(skb, check, 0, diff, 0);
	bpf_skb_store_bytes(skb, p->inner_l3 + (source ? 8 : 24), new->words, 16, 0);
}

/* Translates an ICMP error about a flow: the outer addresses like those of a packet of that flow, and the embedded packet, which went
 * the other way, the other way round. The sender of the error may be a router on the way, which keeps its address. */
__noinline int rewrite_icmp_error(struct __sk_buff *skb)
{
	struct packet *p = packet_here();

	if (!p)
		return -1;
	if (p->entry.flags & FLOW_REWRITE_DST) {
		inner_rewrite(skb, p, true);
		if (rewrite_address(skb, p->key.family, p->proto, p->l4, false, &p->dst, &p->entry.nat_dst))
			return -1;
	}
	if (!(p->entry.flags & FLOW_REWRITE_SRC))
		return 0;
	inner_rewrite(skb, p, false);
	if (!address_equal(&p->src, &p->key.src))
		return 0;
	return rewrite_address(skb, p->key.family, p->proto, p->l4, true, &p->src, &p->entry.nat_src);
}
