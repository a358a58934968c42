/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Whose address is this, and which way does it go? */
#pragma once
#include "config.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

enum identity {
	IDENTITY_HOST = 1, IDENTITY_WORLD = 2, IDENTITY_HEALTH = 4, IDENTITY_REMOTE_NODE = 6,
	IDENTITY_WORLD_IPV4 = 9, IDENTITY_WORLD_IPV6 = 10,
	IDENTITY_FIRST_POD = 256,
	IDENTITY_SCOPE_SHIFT = 24, /* above: numbers that only this node knows, for prefixes and nodes */
};

static __always_inline struct endpoint_entry *endpoint_find(const union address *address)
{
	struct endpoint_key key = { .address = *address };

	return bpf_map_lookup_elem(&endpoints, &key);
}

static __always_inline struct ipcache_entry *ipcache_find(const union address *address)
{
	struct ipcache_key key = { .prefixlen = 128, .address = *address };

	return bpf_map_lookup_elem(&ipcache, &key);
}

static __always_inline bool endpoint_is_pod(const struct endpoint_entry *endpoint)
{
	return endpoint && !(endpoint->flags & ENDPOINT_HOST) && endpoint->ifindex;
}

static __always_inline __u32 identity_world(__u8 family)
{
	if (!cfg_enable_ipv4 || !cfg_enable_ipv6)
		return IDENTITY_WORLD;
	return family == FAMILY_IPV4 ? IDENTITY_WORLD_IPV4 : IDENTITY_WORLD_IPV6;
}

static __always_inline __u32 identity_find(const union address *address, __u8 family)
{
	struct ipcache_entry *entry = ipcache_find(address);

	return entry && entry->identity ? entry->identity : identity_world(family);
}

/* On the wire this node is a remote one, and the world is one. */
static __always_inline __u32 identity_to_wire(__u32 identity)
{
	if (identity == IDENTITY_HOST)
		return IDENTITY_REMOTE_NODE;
	if (identity == IDENTITY_WORLD_IPV4 || identity == IDENTITY_WORLD_IPV6)
		return IDENTITY_WORLD;
	if (identity >> IDENTITY_SCOPE_SHIFT)
		return IDENTITY_WORLD;
	return identity;
}

/* May a packet with this identity on it belong to a flow whose source was found to be known? What the wire calls world or
 * remote node is looked up by address when the flow is decided, so the flow may know it by a more exact number. */
static __always_inline bool identity_agrees(__u32 wire, __u32 known)
{
	if (wire == known)
		return true;
	if (wire != IDENTITY_WORLD && wire != IDENTITY_REMOTE_NODE)
		return false;
	return known < IDENTITY_FIRST_POD || known >> IDENTITY_SCOPE_SHIFT;
}

enum { FIB_AF_INET = 2, FIB_AF_INET6 = 10 };

/* The kernel's route from src to dst, and the neighbour's MAC when it is known. Returns BPF_FIB_LKUP_RET_* or an error. */
static __always_inline long route_find(struct __sk_buff *skb, __u8 family, __u8 proto, const union address *src,
				       const union address *dst, struct bpf_fib_lookup *fib)
{
	__builtin_memset(fib, 0, sizeof(*fib));
	fib->ifindex = skb->ifindex;
	fib->l4_protocol = proto;
	if (family == FAMILY_IPV4) {
		fib->family = FIB_AF_INET;
		fib->ipv4_src = src->words[3];
		fib->ipv4_dst = dst->words[3];
	} else {
		fib->family = FIB_AF_INET6;
		__builtin_memcpy(fib->ipv6_src, src->words, 16);
		__builtin_memcpy(fib->ipv6_dst, dst->words, 16);
	}
	return bpf_fib_lookup(skb, fib, sizeof(*fib), 0);
}
