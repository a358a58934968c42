/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The life of a flow's two entries. They are made as a pair; a half that was evicted is made anew from the other.
 *
 * Beside kube-proxy (cfg_stack) netfilter has to see both directions of what it translates, or of what it might. So what comes
 * out of the stack goes back to it with its answers: its entry's key has the stack's door, and the entry of the answers FLOW_STACK.
 * A pod's packet that is not for a pod goes to the stack (FLOW_STACK), and its answers come out of it. Which way a connection
 * goes is settled by its first packet. */
#pragma once
#include "config.h"
#include "lookup.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

/* Which counter is an address's, and a port's: others may have the same one. */
static __always_inline __u32 change_of(__u32 word)
{
	return word * 0x9e3779b1u >> (32 - CHANGE_BITS);
}

static __always_inline __u32 change_of_address(const union address *address)
{
	return change_of(address->words[0] ^ address->words[1] ^ address->words[2] ^ address->words[3]);
}

/* What changed of services there: they are asked by the destination, its address as a whole, and its port at a node's addresses.
 * Counters only grow, so the sum of all is the same exactly while nothing of these changed. */
static __always_inline __u32 flow_changes(const struct flow_key *key)
{
	struct changes *changes = cfg_services ? bpf_map_lookup_elem(&service_changes, &only) : 0;

	return changes ? changes->counters[change_of_address(&key->dst)] + changes->counters[change_of(key->dport)] : 0;
}

/* Does the decision depend on services? What is for a pod of this node by its own address does not, and pods that come and go change
 * the epoch itself. */
static __always_inline bool flow_asks(const struct flow_entry *e)
{
	return e->action != ACTION_POD || e->flags & FLOW_REWRITE_DST;
}

/* The epoch of a decision: never 0 but before the agent has filled the tables. */
static __always_inline __u32 flow_epoch(__u32 epoch, __u32 changes)
{
	return !epoch || epoch + changes ? epoch + changes : 1;
}

/* The epoch of p->entry, if it is decided now. */
static __always_inline __u32 flow_epoch_now(const struct packet *p)
{
	return flow_asks(&p->entry) ? flow_epoch(p->epoch, p->changes) : p->epoch;
}

/* Does the entry still say what to do? origin: where the packet came in. */
static __always_inline bool flow_valid(const struct flow_entry *flow, const struct flow_key *key, const struct runtime *state, __u32 now,
				       __u8 origin)
{
	__u32 epoch = flow_asks(flow) ? flow_epoch(state->epoch, flow_changes(key)) : state->epoch;

	return flow->epoch == epoch && flow->origin == origin && now - flow->decided < cfg_revalidate;
}

/* What comes out of the node's stack, as a key's ifindex. */
static __always_inline __u32 stack_door(void)
{
	return cfg_stack ? cfg_host_ifindex : 0;
}

static __always_inline bool flow_from_stack(const struct flow_key *key)
{
	return cfg_stack && key->ifindex == cfg_host_ifindex;
}

static __always_inline bool flow_to_stack(const struct flow_entry *flow)
{
	return cfg_stack && flow->flags & FLOW_STACK;
}

/* Where a packet to this address comes from, as a key's ifindex. */
static __always_inline __u32 flow_side(const union address *address)
{
	struct endpoint_entry *local = endpoint_find(address);

	return endpoint_is_pod(local) ? local->ifindex : 0;
}

/* Does the other direction of the flow know its sender by another address? What came translated already does not. */
static __always_inline bool flow_answered_as(const struct flow_entry *e)
{
	return (e->flags & (FLOW_REWRITE_SRC | FLOW_DIRECT)) == FLOW_REWRITE_SRC;
}

/* Fills p->other: the key that answers to p->key have. */
static __always_inline void flow_other(struct packet *p)
{
	const struct flow_entry *e = &p->entry;
	struct flow_key *other = &p->other;

	*other = p->key;
	other->src = e->flags & FLOW_REWRITE_DST ? e->nat_dst : p->key.dst;
	other->sport = e->flags & FLOW_REWRITE_DST ? e->nat_dport : p->key.dport;
	other->dst = flow_answered_as(e) ? e->nat_src : p->key.src;
	other->dport = flow_answered_as(e) ? e->nat_sport : p->key.sport;
	other->ifindex = flow_to_stack(&p->entry) ? cfg_host_ifindex : flow_side(&other->src);
}

/* The other direction of a flow that is to be made, where the stack forwards: it is known as one that comes straight, or as one
 * that comes out of the stack. Sets FLOW_STACK where p->key's direction goes to the stack. p->other: key of the first. */
static __always_inline struct flow_entry *flow_partner(struct packet *p, struct flow_entry *straight)
{
	struct flow_entry *by_stack;

	if (flow_from_stack(&p->key))
		return straight;
	p->other.ifindex = cfg_host_ifindex;
	by_stack = bpf_map_lookup_elem(&flows, &p->other);
	if (by_stack && (!straight || (__s32)(by_stack->seen - straight->seen) > 0)) {
		p->entry.flags |= FLOW_STACK;
		return by_stack;
	}
	/* The answer to what a pod gave to the stack, which changed nothing. */
	if (straight && p->hook != HOOK_POD && !(straight->flags & FLOW_REPLY))
		p->entry.flags |= straight->flags & FLOW_STACK;
	return straight;
}

/* Fills p->half: the other direction's entry before its first packet. Its translation is the caller's. */
static __always_inline void flow_half(struct packet *p)
{
	__builtin_memset(&p->half, 0, sizeof(p->half));
	p->half.flags = (p->entry.flags ^ FLOW_REPLY) & (FLOW_REPLY | FLOW_FROM_TUNNEL);
	if (flow_from_stack(&p->key))
		p->half.flags |= FLOW_STACK;
	p->half.seen = p->now;
	p->half.reported = p->now;
	p->half.created = p->now;
	p->half.src_identity = p->entry.dst_identity;
	p->half.dst_identity = p->entry.src_identity;
	p->half.src_endpoint = p->entry.dst_endpoint;
	p->half.dst_endpoint = p->entry.src_endpoint;
}

/* A connection ends: what its TCP flags say of this direction. */
static __always_inline __u16 flow_tcp_flags(const struct packet *p)
{
	__u16 flags = 0;

	if (p->proto != IPPROTO_TCP || p->flags & (PACKET_LATER_FRAGMENT | PACKET_ICMP_ERROR))
		return 0;
	if (p->tcp_flags & (TCP_FIN | TCP_RST))
		flags |= FLOW_CLOSING;
	if (!(p->tcp_flags & TCP_SYN))
		flags |= FLOW_SEEN_NON_SYN;
	return flags;
}

static __always_inline bool flow_is_syn(const struct packet *p)
{
	return p->proto == IPPROTO_TCP && (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* A reset ends both directions. */
static __always_inline void flow_reset(struct packet *p)
{
	struct flow_entry *other;

	flow_other(p);
	other = bpf_map_lookup_elem(&flows, &p->other);
	if (other)
		other->flags |= FLOW_CLOSING;
}

/* A SYN on a connection that one side has closed is a new connection. */
static __always_inline bool flow_reopened(struct packet *p, const struct flow_entry *known)
{
	struct flow_entry *other;

	if (!flow_is_syn(p) || p->flags & PACKET_ICMP_ERROR)
		return false;
	if (known->flags & FLOW_CLOSING)
		return true;
	p->entry = *known;
	flow_other(p);
	other = bpf_map_lookup_elem(&flows, &p->other);
	return other && other->flags & FLOW_CLOSING;
}
