/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Masquerade. The entry of the reply direction, {remote, node address and port}, is the reservation of the port: who inserts
 * it first has it. The pair is found again from either half. */
#pragma once
#include "config.h"
#include "conntrack.h"
#include "lookup.h"
#include "maps.h"
#include "packet.h"
#include "report.h"

enum { NAT_TRIES = 32 };

static __always_inline bool nat_in_native_cidr(const union address *dst, __u8 family)
{
	__u32 differs = 0, any = 0;

	if (family == FAMILY_IPV4)
		return cfg_native_mask_ipv4 && (dst->words[3] & cfg_native_mask_ipv4) == cfg_native_cidr_ipv4;
	for (int i = 0; i < 4; i++) {
		any |= cfg_native_mask_ipv6.words[i];
		differs |= (dst->words[i] & cfg_native_mask_ipv6.words[i]) ^ cfg_native_cidr_ipv6.words[i];
	}
	return any && !differs;
}

/* Does a pod's packet to dst leave the cluster under this node's address? known: flags of dst in the ipcache. */
static __always_inline bool nat_needed(const union address *dst, __u8 family, __u8 known)
{
	if (!(family == FAMILY_IPV4 ? cfg_masquerade_ipv4 : cfg_masquerade_ipv6) || nat_in_native_cidr(dst, family))
		return false;
	if (known & IPCACHE_CLUSTER)
		return false;
	return known & IPCACHE_REMOTE_NODE ? cfg_tunnel : true;
}

/* The address that traffic leaving by a device takes; 0: none. */
static __always_inline const union address *nat_device_address(__u32 ifindex, __u8 family)
{
	struct device_entry *device = bpf_map_lookup_elem(&devices, &ifindex);
	const union address *address;

	if (!device)
		return 0;
	address = family == FAMILY_IPV4 ? &device->masquerade_ipv4 : &device->masquerade_ipv6;
	return address_zero(address) ? 0 : address;
}

/* The port of the n-th try: the flow's own first, then a walk that starts at a hash of the flow, so that a flow whose half was
 * lost comes upon its port again. */
static __always_inline __be16 nat_candidate(const struct packet *p, __u16 n)
{
	__u16 own = bpf_ntohs(p->key.sport);
	__u32 range = cfg_nat_port_max - cfg_nat_port_min + 1;
	__u32 hash = (p->key.src.words[3] ^ p->key.dst.words[3] ^ ((__u32)p->key.sport << 16 | p->key.dport)) * 0x9e3779b1u;

	if (n == 0 && ((own >= cfg_nat_port_min && own <= cfg_nat_port_max) || p->entry.src_endpoint == 0 || p->keep_port))
		return p->key.sport;
	return bpf_htons(cfg_nat_port_min + ((hash >> 8) + n * 7919) % range);
}

/* Does the entry of p->other lead back to p->key? */
static __always_inline bool nat_is_ours(const struct packet *p, const struct flow_entry *reply)
{
	const union address *to = reply->flags & FLOW_REWRITE_DST ? &reply->nat_dst : &p->other.dst;
	const union address *from = reply->flags & FLOW_REWRITE_SRC ? &reply->nat_src : &p->other.src;
	__be16 to_port = reply->flags & FLOW_REWRITE_DST ? reply->nat_dport : p->other.dport;
	__be16 from_port = reply->flags & FLOW_REWRITE_SRC ? reply->nat_sport : p->other.sport;

	return to_port == p->key.sport && from_port == p->key.dport && address_equal(to, &p->key.src) && address_equal(from, &p->key.dst);
}

/* Fills p->half: the answers to p->key, which undo what p->entry does. */
static __always_inline void nat_half(struct packet *p)
{
	flow_half(p);
	p->half.flags = FLOW_REPLY | (p->half.flags & FLOW_STACK) | (p->entry.flags & FLOW_SERVICE);
	p->half.nat_dst = p->key.src;
	p->half.nat_dport = p->key.sport;
	p->half.revnat = p->entry.revnat;
	p->half.backend = p->entry.backend;
	if (!(p->entry.flags & FLOW_REWRITE_DST))
		return;
	p->half.flags |= FLOW_REWRITE_SRC;
	p->half.nat_src = p->key.dst;
	p->half.nat_sport = p->key.dport;
}

/* Reserves a source port for p->key where its answers come back: under p->entry.nat_src with FLOW_REWRITE_SRC, else under its own
 * address, and only a port that somebody has there already is exchanged for another. On success entry.nat_sport is set.
 * Keeps the port that the entry had, if it is still or again to be had. */
__noinline int nat_reserve(struct __sk_buff *skb)
{
	struct packet *p = packet_here();
	struct flow_entry *taken;
	struct flow_entry *e;

	KEEP_CONTEXT(skb);
	if (!p)
		return -1;
	e = &p->entry;
	p->moved = e->flags & FLOW_REWRITE_SRC ? 1 : 0;
	if (!p->moved) {
		e->nat_sport = 0;
		e->nat_src = p->key.src;
	}
	e->flags |= FLOW_REWRITE_SRC;
	flow_other(p);
	nat_half(p);
	for (int n = 0; n < NAT_TRIES; n++) {
		p->other.dport = n == 0 && e->nat_sport ? e->nat_sport : nat_candidate(p, n);
		if (!p->moved && p->other.dport == p->key.sport)
			p->half.flags &= ~FLOW_REWRITE_DST;
		else
			p->half.flags |= FLOW_REWRITE_DST;
		if (bpf_map_update_elem(&flows, &p->other, &p->half, BPF_NOEXIST)) {
			taken = bpf_map_lookup_elem(&flows, &p->other);
			if (!taken || !nat_is_ours(p, taken))
				continue;
			/* A connection made anew begins with both halves fresh. */
			if (!e->packets)
				bpf_map_update_elem(&flows, &p->other, &p->half, BPF_ANY);
		}
		e->nat_sport = p->other.dport;
		if (!(p->half.flags & FLOW_REWRITE_DST))
			e->flags &= ~FLOW_REWRITE_SRC;
		return 0;
	}
	e->flags &= ~FLOW_REWRITE_SRC;
	return -1;
}

static __always_inline bool nat_protocol(const struct packet *p)
{
	switch (p->key.proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		return true;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return p->key.sport || p->key.dport;
	default:
		return false;
	}
}

/* The source of an original direction becomes this address; 0: it stays, and has to be answered all the same. */
static __always_inline __u32 nat_decide(struct __sk_buff *skb, struct packet *p, const union address *address)
{
	struct flow_entry *e = &p->entry;

	if (p->flags & PACKET_PORTS_UNKNOWN)
		return drop(DROP_FRAGMENT_NOT_FOUND, FILE_NAT, __LINE__);
	if (!nat_protocol(p))
		return drop(DROP_NAT_UNSUPPORTED_PROTOCOL, FILE_NAT, __LINE__);
	if (!address)
		address = &p->key.src;
	if (!(e->flags & FLOW_REWRITE_SRC) || !address_equal(&e->nat_src, address))
		e->nat_sport = 0;
	e->nat_src = *address;
	e->flags &= ~FLOW_REWRITE_SRC;
	if (e->nat_sport || !address_equal(address, &p->key.src))
		e->flags |= FLOW_REWRITE_SRC;
	if (!nat_reserve(skb)) {
		debug(skb, DEBUG_NAT, bpf_ntohs(p->key.sport), bpf_ntohs(p->other.dport));
		return VERDICT_OK;
	}
	return drop(DROP_NAT_NO_MAPPING, FILE_NAT, __LINE__);
}
