/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From an address and port to a backend: what socket and packet programs share. */
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "service_maps.h"

const volatile __u32 svc_maglev_size = 16381; /* entries of a table; a prime */

enum { SERVICE_TRIES = 3, NANOS_PER_SECOND = 1000000000 };

static __always_inline bool service_is_ipv4(const union address *address)
{
	return !(address->words[0] | address->words[1]) && address->words[2] == bpf_htonl(0xffff);
}

/* 127.0.0.0/8 or ::1. */
static __always_inline bool service_is_loopback(const union address *address)
{
	if (service_is_ipv4(address))
		return address->bytes[12] == 127;
	return !(address->words[0] | address->words[1] | address->words[2]) && address->words[3] == bpf_htonl(1);
}

/* The port of the key at every address of a node: node ports, and host ports without an address. */
static __always_inline struct frontend_entry *frontend_of_node(const struct frontend_key *asked)
{
	struct node_address_key address = { .address = asked->address };
	struct frontend_key key = *asked;
	struct frontend_entry *found;
	__u32 *flags;

	key.address.words[2] = service_is_ipv4(&asked->address) ? bpf_htonl(0xffff) : 0;
	key.address.words[0] = key.address.words[1] = key.address.words[3] = 0;
	found = bpf_map_lookup_elem(&frontends, &key);
	if (!found)
		return NULL;
	flags = bpf_map_lookup_elem(&node_addresses, &address);
	if (!flags || !(*flags & (found->type == FRONTEND_HOST_PORT ? NODE_OWN : NODE_PORTS)))
		return NULL;
	/* The other node decides whether it has endpoints, and they see the client's address. */
	if (found->flags & FRONTEND_KEEP_CLIENT && !(*flags & NODE_OWN))
		return NULL;
	return found;
}

/* The service at an address and port; the whole-address entry when it has other ports only; NULL when it is none. */
static __always_inline struct frontend_entry *frontend_find(const struct frontend_key *asked)
{
	struct frontend_entry *found = bpf_map_lookup_elem(&frontends, asked);
	struct frontend_key key = *asked;

	if (found)
		return found;
	found = frontend_of_node(asked);
	if (found)
		return found;
	key.port = 0;
	key.proto = 0;
	return bpf_map_lookup_elem(&frontends, &key);
}

/* hash: anything for a random choice; what must choose alike everywhere where sets have tables. */
static __always_inline __u32 set_position(const struct backend_set *set, __u32 hash)
{
	__u32 base = set->base;
	__u16 *table;
	__u64 at;

	if (!(set->flags & SET_MAGLEV))
		return (__u64)hash * set->count >> 32;
	table = bpf_map_lookup_elem(&maglev, &base);
	at = hash % svc_maglev_size;
	asm volatile("" : "+r"(at)); /* keeps the comparison in 64 bits, which the verifier follows */
	if (!table || at >= svc_maglev_size)
		return set->count;
	return table[at];
}

static __always_inline struct backend_entry *backend_get(__u32 id)
{
	struct backend_entry *backend = bpf_map_lookup_elem(&backends, &id);

	return backend && backend->port ? backend : NULL;
}

/* One of the set's backends and its id; NULL when the set was replaced meanwhile. */
static __always_inline struct backend_entry *backend_choose(const struct backend_set *set, __u32 hash, __u32 *id)
{
	__u32 position = set_position(set, hash);
	__u32 index = set->base + position;
	struct backend_slot *found;
	struct backend_slot slot;

	if (position >= set->count)
		return NULL;
	found = bpf_map_lookup_elem(&backend_slots, &index);
	if (!found)
		return NULL;
	*(__u64 *)&slot = *(volatile __u64 *)found;
	if (slot.set != set->id)
		return NULL;
	*id = slot.backend;
	return backend_get(slot.backend);
}

static __always_inline bool set_has(const struct backend_set *set, __u32 backend)
{
	struct member_key key = { .set = set->id, .backend = backend };

	return bpf_map_lookup_elem(&members, &key);
}

/* The backend that a client keeps; 0: none. */
static __always_inline __u32 affinity_find(const struct frontend_entry *frontend, const struct backend_set *set,
					   const struct affinity_key *client, __u64 now)
{
	struct affinity_entry *known = bpf_map_lookup_elem(&affinity, client);

	if (!known || now - known->used >= (__u64)frontend->affinity * NANOS_PER_SECOND)
		return 0;
	return set_has(set, known->backend) ? known->backend : 0;
}

static __always_inline void affinity_note(const struct affinity_key *client, __u32 backend, __u64 now)
{
	struct affinity_entry entry = { .used = now, .backend = backend };

	bpf_map_update_elem(&affinity, client, &entry, BPF_ANY);
}

static __always_inline void backend_count(struct backend_entry *backend)
{
	__sync_fetch_and_add(&backend->connections, 1);
}
