/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Services, packet by packet: the first packet of a flow asks who serves it, and the flow's entry keeps the answer. Packets that
 * sockets have translated already are for a backend, and no service's. */
#pragma once
#include "config.h"
#include "conntrack.h"
#include "dsr.h"
#include "lookup.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"
#include "report.h"
#include "service.h"

static __always_inline bool balance_protocol(__u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_SCTP;
}

static __always_inline struct frontend_entry *balance_find(const struct packet *p)
{
	struct frontend_key key = { .address = p->key.dst, .port = p->key.dport, .proto = p->key.proto };

	return frontend_find(&key);
}

/* Is the packet at hand addressed to a service? A function of its own, for its stack. */
__noinline int balance_asked(struct __sk_buff *skb)
{
	struct packet *p = packet_here();

	KEEP_CONTEXT(skb);
	return cfg_services && p && balance_protocol(p->key.proto) && balance_find(p);
}

/* All nodes make the same of the same connection: whichever of them the network gives it to, its backend is one. With affinity
 * a client is one, whatever port it uses. */
static __always_inline __u32 balance_hash(const struct flow_key *key, bool affinity)
{
	__u32 words[6] = { key->src.words[0], key->src.words[1], key->src.words[2], key->src.words[3],
			   affinity ? key->dport : (__u32)key->sport << 16 | key->dport, key->proto };
	__u32 hash = 0x811c9dc5;

#pragma unroll
	for (int i = 0; i < 6; i++) {
		hash = (hash ^ words[i]) * 0x9e3779b1u;
		hash ^= hash >> 15;
	}
	hash *= 0x85ebca6bu;
	return hash ^ hash >> 16;
}

/* Where the backend is now; 0: it is gone, or another one has its number. */
static __always_inline struct backend_entry *balance_backend(const struct flow_entry *e)
{
	struct backend_entry *backend = backend_get(e->backend);

	return backend && backend->port == e->nat_dport && address_equal(&backend->address, &e->nat_dst) ? backend : NULL;
}

/* May a known flow go on with its backend? A connection may as long as both ends want; datagrams while the set has the backend. */
static __always_inline bool balance_keeps(const struct packet *p, const struct backend_set *set)
{
	const struct flow_entry *e = &p->entry;
	struct backend_entry *backend;
	/* The client's next connection by the same port: its server may have ended the last one where this node does not see it. */
	bool again = e->flags & FLOW_DIRECT && flow_is_syn(p);

	if (p->key.proto == IPPROTO_SCTP || (p->key.proto == IPPROTO_TCP && e->flags & FLOW_SEEN_NON_SYN && !again))
		return true;
	backend = balance_backend(e);
	if (p->key.proto == IPPROTO_UDP)
		return backend && set_has(set, e->backend);
	return backend && backend->state == BACKEND_ACTIVE;
}

/* The flow is one of no service any more, or not yet. */
static __always_inline void balance_forget(struct packet *p)
{
	flow_other(p);
	bpf_map_delete_elem(&flows, &p->other);
	p->entry.flags &= ~(FLOW_SERVICE | FLOW_REWRITE_DST | FLOW_REWRITE_SRC | FLOW_DIRECT);
	p->entry.revnat = 0;
	p->entry.backend = 0;
}

static __always_inline bool balance_in_range(const struct frontend_entry *frontend, const union address *source)
{
	struct range_key key = { .prefixlen = 8 * (sizeof(key) - sizeof(key.prefixlen)), .frontend = frontend->id, .address = *source };

	return bpf_map_lookup_elem(&source_ranges, &key);
}

/* May this client use the service? */
static __always_inline __u32 balance_admits(const struct packet *p, const struct frontend_entry *frontend, bool outside)
{
	if (outside && !(frontend->flags & FRONTEND_FROM_OUTSIDE))
		return drop(DROP_IS_CLUSTER_IP, FILE_BALANCE, __LINE__);
	if (frontend->flags & FRONTEND_RANGES && balance_in_range(frontend, &p->key.src) == !!(frontend->flags & FRONTEND_RANGES_DENY))
		return drop(DROP_NOT_IN_SOURCE_RANGE, FILE_BALANCE, __LINE__);
	return VERDICT_OK;
}

/* Chooses, and notes it in p->entry. Not 0: the set was replaced meanwhile. */
static __always_inline int balance_choose(struct packet *p)
{
	const struct frontend_entry *frontend = &p->frontend;
	const struct backend_set *set = &p->set;
	struct affinity_key client = { .client = p->key.src, .frontend = frontend->id, .kind = CLIENT_ADDRESS };
	__u64 now = frontend->affinity ? bpf_ktime_get_ns() : 0;
	struct flow_entry *e = &p->entry;
	struct backend_entry *backend;
	__u32 id, hash;

	id = now ? affinity_find(frontend, set, &client, now) : 0;
	backend = id ? backend_get(id) : NULL;
	if (!backend) {
		hash = set->flags & SET_MAGLEV ? balance_hash(&p->key, frontend->affinity) : bpf_get_prandom_u32();
		backend = backend_choose(set, hash, &id);
	}
	if (!backend)
		return -1;
	if (now)
		affinity_note(&client, id, now);
	backend_count(backend);
	e->flags |= FLOW_SERVICE | FLOW_REWRITE_DST;
	e->nat_dst = backend->address;
	e->nat_dport = backend->port;
	e->revnat = frontend->id;
	e->backend = id;
	return 0;
}

/* An address of services that none of them has this port of. */
static __always_inline __u32 balance_unknown_port(struct packet *p, const struct frontend_entry *frontend)
{
	p->refused = frontend->type == FRONTEND_CLUSTER_IP;
	return p->refused || p->origin == ORIGIN_NETWORK ? drop(DROP_NO_SERVICE, FILE_BALANCE, __LINE__) : VERDICT_OK;
}

/* A later fragment whose ports are not known cannot be for a service's address. */
static __always_inline __u32 balance_portless(const struct packet *p)
{
	struct frontend_key key = { .address = p->key.dst };

	return bpf_map_lookup_elem(&frontends, &key) ? drop(DROP_FRAGMENT_NOT_FOUND, FILE_BALANCE, __LINE__) : VERDICT_OK;
}

/* A connection that was nobody's when it began stays so when a service gets its address, as all connections stay as they are. */
static __always_inline bool balance_is_plain(const struct packet *p)
{
	if (!p->entry.packets || p->entry.flags & FLOW_SERVICE)
		return false;
	return p->key.proto == IPPROTO_SCTP || (p->entry.flags & FLOW_SEEN_NON_SYN && !flow_is_syn(p));
}

/* Is this packet, which starts or goes on with a flow, one that may be for a service? */
static __always_inline bool balance_concerns(const struct packet *p)
{
	if (!cfg_services || !balance_protocol(p->key.proto) || p->entry.flags & FLOW_REPLY || p->flags & PACKET_RELATED)
		return false;
	if (dsr_told(&p->entry) || balance_is_plain(p))
		return false;
	return (p->hook == HOOK_POD || p->hook == HOOK_NETWORK) && !endpoint_is_pod(endpoint_find(&p->key.dst));
}

/* Is the packet one of outside the cluster? Other nodes are, pods are not. */
static __always_inline bool balance_outside(const struct packet *p)
{
	struct ipcache_entry *source = p->origin == ORIGIN_NETWORK ? ipcache_find(&p->key.src) : NULL;

	return p->origin == ORIGIN_NETWORK && (!source || !(source->flags & IPCACHE_CLUSTER));
}

/* Where backends see the client, pods of other nodes that come to a port of this one are served as the outside is: whether they keep
 * their address on the way here, as by native routing, must not change who serves them. */
static __always_inline bool balance_as_outside(const struct packet *p)
{
	return p->origin == ORIGIN_NETWORK && p->frontend.flags & FRONTEND_KEEP_CLIENT;
}

/* The service is not there, or not with this port. */
static __always_inline __u32 balance_without(struct packet *p, const struct frontend_entry *whole)
{
	if (p->entry.flags & FLOW_SERVICE && p->key.proto != IPPROTO_UDP)
		return VERDICT_OK;
	if (p->entry.flags & FLOW_SERVICE)
		balance_forget(p);
	return whole ? balance_unknown_port(p, whole) : VERDICT_OK;
}

/* Who serves the packet at hand? Fills the destination of p->entry where a service does. */
__noinline int balance(struct __sk_buff *skb)
{
	struct packet *p = packet_here();
	struct frontend_entry *found;
	bool outside;
	__u32 verdict;

	KEEP_CONTEXT(skb);
	if (!p)
		return drop(DROP_INVALID_PACKET, FILE_BALANCE, __LINE__);
	if (!balance_concerns(p))
		return VERDICT_OK;
	if (p->flags & PACKET_PORTS_UNKNOWN)
		return balance_portless(p);
	outside = balance_outside(p);
	for (int i = 0; i < SERVICE_TRIES; i++) {
		found = balance_find(p);
		if (!found || found->flags & FRONTEND_WHOLE_ADDRESS)
			return balance_without(p, found);
		p->frontend = *found;
		outside |= balance_as_outside(p);
		p->set = outside ? p->frontend.outside : p->frontend.inside;
		if (p->entry.flags & FLOW_SERVICE) {
			if (balance_keeps(p, &p->set))
				return VERDICT_OK;
			balance_forget(p);
		}
		verdict = balance_admits(p, &p->frontend, outside);
		if (verdict)
			return verdict;
		if (!p->set.count) {
			p->refused = !(p->set.flags & SET_DROP);
			return drop(DROP_NO_SERVICE, FILE_BALANCE, __LINE__);
		}
		if (!balance_choose(p))
			return VERDICT_OK;
	}
	return drop(DROP_NO_SERVICE, FILE_BALANCE, __LINE__);
}
