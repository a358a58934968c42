/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The decision of a flow: who sends, who receives, may they, which way does it go, under which address. Fills p->entry. */
#pragma once
#include "config.h"
#include "dsr.h"
#include "lookup.h"
#include "maps.h"
#include "nat.h"
#include "packet.h"
#include "policy.h"
#include "report.h"

/* Whom a pod that reaches itself by a service sees instead of itself: nobody's address (link-local, and of RFC 8215's range). */
static __always_inline union address decide_loopback(__u8 family)
{
	if (family == FAMILY_IPV4)
		return address_ipv4(bpf_htonl(0xa9fe2a01));
	return (union address){ .words = { bpf_htonl(0x0064ff9b), bpf_htonl(0x00010000), 0, bpf_htonl(0xa9fe2a01) } };
}

static __always_inline bool decide_is_hairpin(const struct packet *p)
{
	return p->entry.flags & FLOW_REWRITE_DST && p->entry.flags & FLOW_SERVICE && !(p->entry.flags & FLOW_REPLY) && address_equal(&p->entry.nat_dst, &p->key.src);
}

static __always_inline __u32 decide_source(struct __sk_buff *skb, struct packet *p)
{
	struct endpoint_entry *local = endpoint_find(&p->key.src);
	struct flow_entry *e = &p->entry;

	e->src_endpoint = 0;
	if (p->origin == ORIGIN_POD || p->origin == ORIGIN_HOST) {
		if (p->origin == ORIGIN_POD && cfg_source_check && (!local || local->ifindex != p->key.ifindex))
			return drop(DROP_INVALID_SOURCE_IP, FILE_DECIDE, __LINE__);
		e->src_identity = local ? local->identity : identity_find(&p->key.src, p->key.family);
		e->src_endpoint = local ? local->id : 0;
		return VERDICT_OK;
	}
	if (local)
		return drop(DROP_INVALID_SOURCE_IP, FILE_DECIDE, __LINE__);
	e->src_identity = p->vni;
	if (p->origin == ORIGIN_OVERLAY && p->vni == IDENTITY_HOST)
		return drop(DROP_INVALID_IDENTITY, FILE_DECIDE, __LINE__);
	if (p->origin == ORIGIN_NETWORK || p->vni == IDENTITY_WORLD || p->vni == IDENTITY_REMOTE_NODE)
		e->src_identity = identity_find(&p->key.src, p->key.family);
	/* Another node's address on what is the world's: the world came to a service there. */
	if (p->vni == IDENTITY_WORLD && e->src_identity == IDENTITY_REMOTE_NODE)
		e->src_identity = identity_world(p->key.family);
	debug(skb, DEBUG_IDENTITY, e->src_identity, p->origin == ORIGIN_OVERLAY);
	return VERDICT_OK;
}

/* Does a new flow go to the stack? What is not for a pod: nodes, the world, and addresses of services, which are the world here. */
static __always_inline bool decide_wants_stack(const struct packet *p, const struct endpoint_entry *local, const struct ipcache_entry *known)
{
	if (p->hook == HOOK_HOST || p->hook == HOOK_TO_NETWORK)
		return false;
	if (local)
		return !endpoint_is_pod(local);
	if (p->hook != HOOK_POD || p->entry.flags & FLOW_REPLY || p->entry.origin != ORIGIN_NONE)
		return false;
	return !known || !(known->flags & IPCACHE_CLUSTER);
}

/* To the stack, or out of it by an underlay device. Returns false when it is neither. */
static __always_inline bool decide_by_stack(struct packet *p, const struct endpoint_entry *local, const union address *dst)
{
	struct ipcache_entry *known = local ? 0 : ipcache_find(dst);
	struct flow_entry *e = &p->entry;

	if (decide_wants_stack(p, local, known))
		e->flags |= FLOW_STACK;
	if (!(e->flags & FLOW_STACK) && p->hook != HOOK_TO_NETWORK)
		return false;
	p->dst_known = known ? known->flags : 0;
	e->dst_identity = local ? local->identity : known && known->identity ? known->identity : identity_world(p->key.family);
	e->dst_endpoint = endpoint_is_pod(local) ? local->id : 0;
	e->action = local && !endpoint_is_pod(local) ? ACTION_HOST : ACTION_STACK;
	e->ifindex = p->hook == HOOK_TO_NETWORK ? p->device : 0;
	e->mtu = 0;
	return true;
}

static __always_inline void decide_local(struct packet *p, const struct endpoint_entry *local)
{
	struct flow_entry *e = &p->entry;

	e->dst_identity = local->identity;
	e->mtu = 0;
	if (!endpoint_is_pod(local)) {
		e->action = ACTION_HOST;
		e->dst_endpoint = 0;
		e->ifindex = cfg_host_ifindex;
		return;
	}
	e->action = ACTION_POD;
	e->dst_endpoint = local->id;
	e->ifindex = local->ifindex;
	__builtin_memcpy(e->dmac, local->mac, 6);
	__builtin_memcpy(e->smac, local->node_mac, 6);
}

static __always_inline __u32 decide_tunnel(struct __sk_buff *skb, struct packet *p, __be32 remote)
{
	union address local = address_ipv4(cfg_node_ipv4), to = address_ipv4(remote);
	struct flow_entry *e = &p->entry;
	struct bpf_fib_lookup *fib = &p->fib;

	e->tunnel_local = cfg_node_ipv4;
	e->tunnel_remote = remote;
	e->mtu = cfg_pod_mtu;
	e->action = ACTION_TUNNEL_DEVICE;
	e->ifindex = cfg_overlay_ifindex;
	if (route_find(skb, FAMILY_IPV4, IPPROTO_UDP, &local, &to, fib) == BPF_FIB_LKUP_RET_SUCCESS) {
		e->action = ACTION_TUNNEL;
		e->ifindex = fib->ifindex;
		__builtin_memcpy(e->dmac, fib->dmac, 6);
		__builtin_memcpy(e->smac, fib->smac, 6);
		return VERDICT_OK;
	}
	return cfg_overlay_ifindex ? VERDICT_OK : drop(DROP_NO_TUNNEL_ENDPOINT, FILE_DECIDE, __LINE__);
}

static __always_inline __u32 decide_route(struct __sk_buff *skb, struct packet *p, const union address *dst)
{
	struct flow_entry *e = &p->entry;
	struct bpf_fib_lookup *fib = &p->fib;
	struct device_entry *device;
	long found = route_find(skb, p->key.family, p->key.proto, e->flags & FLOW_REPLY && e->flags & FLOW_REWRITE_SRC ? &e->nat_src : &p->key.src, dst, fib);
	__u32 ifindex;

	e->action = ACTION_STACK;
	e->ifindex = 0;
	e->mtu = 0;
	if (found == BPF_FIB_LKUP_RET_BLACKHOLE || found == BPF_FIB_LKUP_RET_UNREACHABLE || found == BPF_FIB_LKUP_RET_PROHIBIT)
		return drop(DROP_NO_FIB, FILE_DECIDE, __LINE__);
	if (found != BPF_FIB_LKUP_RET_SUCCESS && found != BPF_FIB_LKUP_RET_NO_NEIGH)
		return p->hook == HOOK_POD ? VERDICT_OK : drop(DROP_NO_FIB, FILE_DECIDE, __LINE__);
	ifindex = fib->ifindex;
	/* A route to cilium_host is one to pods; a pod that exists was found before. */
	if (ifindex == cfg_host_ifindex || ifindex == cfg_net_ifindex)
		return drop(DROP_UNROUTABLE, FILE_DECIDE, __LINE__);
	device = bpf_map_lookup_elem(&devices, &ifindex);
	e->mtu = device ? device->mtu : cfg_pod_mtu;
	e->ifindex = ifindex;
	e->action = found == BPF_FIB_LKUP_RET_SUCCESS ? ACTION_NODE : ACTION_NEIGH;
	__builtin_memcpy(e->dmac, fib->dmac, 6);
	__builtin_memcpy(e->smac, fib->smac, 6);
	return VERDICT_OK;
}

static __always_inline __u32 decide_remote(struct __sk_buff *skb, struct packet *p, const union address *dst)
{
	struct ipcache_entry *known = ipcache_find(dst);
	struct flow_entry *e = &p->entry;
	bool passes = p->hook == HOOK_POD || e->flags & FLOW_SERVICE;

	p->dst_known = known ? known->flags : 0;
	e->dst_endpoint = 0;
	e->dst_identity = known && known->identity ? known->identity : identity_world(p->key.family);
	if (cfg_tunnel && known && known->flags & IPCACHE_TUNNEL && !(known->flags & IPCACHE_SKIP_TUNNEL) && known->tunnel_endpoint)
		return p->hook == HOOK_OVERLAY && !passes ? drop(DROP_UNKNOWN_TARGET, FILE_DECIDE, __LINE__) :
							    decide_tunnel(skb, p, known->tunnel_endpoint);
	/* The stack has routed this already, and would again. */
	if (p->hook == HOOK_HOST)
		return drop(DROP_UNROUTABLE, FILE_DECIDE, __LINE__);
	if (!passes)
		return drop(DROP_UNKNOWN_TARGET, FILE_DECIDE, __LINE__);
	return decide_route(skb, p, dst);
}

/* Both ends' policies, when they are on this node. */
static __always_inline __u32 decide_policy(struct packet *p)
{
	struct flow_entry *e = &p->entry;
	bool unknown = p->flags & PACKET_PORTS_UNKNOWN;
	__be16 port = e->flags & FLOW_REWRITE_DST ? e->nat_dport : p->key.dport;
	__u32 verdict;

	e->rule = 0;
	if (decide_is_hairpin(p))
		return VERDICT_OK;
	if (e->src_endpoint && e->src_identity != IDENTITY_HOST) {
		if (unknown && policy_needs_ports(DIRECTION_EGRESS, e->src_endpoint))
			return drop(DROP_FRAGMENT_NOT_FOUND, FILE_DECIDE, __LINE__);
		verdict = policy_decide(DIRECTION_EGRESS, e->src_endpoint, e->dst_identity, p->key.proto, port, &e->rule);
		if (verdict)
			return drop(verdict, FILE_POLICY, __LINE__);
	}
	if (!e->dst_endpoint)
		return VERDICT_OK;
	p->direction = DIRECTION_INGRESS;
	if (unknown && policy_needs_ports(DIRECTION_INGRESS, e->dst_endpoint))
		return drop(DROP_FRAGMENT_NOT_FOUND, FILE_DECIDE, __LINE__);
	verdict = policy_decide(DIRECTION_INGRESS, e->dst_endpoint, e->src_identity, p->key.proto, port, &e->rule);
	return verdict ? drop(verdict, FILE_POLICY, __LINE__) : VERDICT_OK;
}

static __always_inline bool decide_may_masquerade(const struct packet *p, const union address *dst)
{
	const struct flow_entry *e = &p->entry;

	if (e->flags & FLOW_REPLY || p->flags & PACKET_RELATED || !e->src_endpoint || e->src_identity == IDENTITY_HOST)
		return false;
	if (e->action != ACTION_NODE && e->action != ACTION_NEIGH && !(cfg_stack && p->hook == HOOK_TO_NETWORK))
		return false;
	return nat_needed(dst, p->key.family, p->dst_known);
}

/* From outside to a backend that is not here: answers have to come back this way. The address at which they do; 0: none. */
static __always_inline const union address *decide_return_address(struct packet *p)
{
	__u32 action = p->entry.action;

	if (action != ACTION_TUNNEL && action != ACTION_TUNNEL_DEVICE)
		return nat_device_address(p->entry.ifindex, p->key.family);
	if (p->key.family == FAMILY_IPV4) {
		p->snat = address_ipv4(cfg_router_ipv4);
		return cfg_router_ipv4 ? &p->snat : 0;
	}
	for (int i = 0; i < 4; i++)
		p->snat.words[i] = cfg_router_ipv6.words[i];
	return address_zero(&p->snat) ? 0 : &p->snat;
}

/* May the server's node answer the client itself? Flows go on as they began. */
static __always_inline bool decide_may_direct(const struct packet *p)
{
	if (p->entry.flags & FLOW_REWRITE_SRC)
		return false;
	if (p->entry.flags & FLOW_DIRECT)
		return true;
	if (cfg_tunnel || !(p->key.proto == IPPROTO_TCP ? cfg_direct_tcp : p->key.proto == IPPROTO_UDP && cfg_direct_udp))
		return false;
	/* A server outside the cluster has no node that could. */
	return p->dst_known & (IPCACHE_CLUSTER | IPCACHE_REMOTE_NODE) && dsr_may_tell(p->key.family);
}

/* Does it? Not when its answers could be taken for another service's, which has the same client and server. */
static __always_inline bool decide_direct(struct packet *p)
{
	struct flow_entry *e = &p->entry, *taken;
	bool may = decide_may_direct(p);

	e->flags &= ~FLOW_DIRECT;
	if (!may)
		return false;
	flow_other(p);
	taken = bpf_map_lookup_elem(&flows, &p->other);
	if (taken && !nat_is_ours(p, taken))
		return false;
	e->flags |= FLOW_DIRECT;
	return true;
}

/* The source that the flow goes on with. */
static __always_inline __u32 decide_translation(struct __sk_buff *skb, struct packet *p, const union address *dst)
{
	const union address *address = 0;
	struct flow_entry *e = &p->entry;
	bool service = e->flags & FLOW_SERVICE;

	if (e->flags & FLOW_REPLY || p->flags & PACKET_RELATED || dsr_told(e))
		return VERDICT_OK;
	p->keep_port = 1;
	if (service && p->origin == ORIGIN_NETWORK && e->action != ACTION_POD && e->action != ACTION_HOST) {
		address = decide_direct(p) ? 0 : decide_return_address(p);
		if (!address && !(e->flags & FLOW_DIRECT))
			return drop(DROP_NAT_NO_MAPPING, FILE_DECIDE, __LINE__);
	} else if (decide_is_hairpin(p)) {
		p->snat = decide_loopback(p->key.family);
		address = &p->snat;
	} else if (decide_may_masquerade(p, dst)) {
		p->keep_port = 0;
		address = nat_device_address(e->ifindex, p->key.family);
	}
	if (address || service)
		return nat_decide(skb, p, address);
	if (e->action != ACTION_STACK)
		e->flags &= ~FLOW_REWRITE_SRC;
	return VERDICT_OK;
}

/* The decision for p->key but for services. entry.flags tell reply and translation of a flow that is known. */
__noinline int decide(struct __sk_buff *skb)
{
	struct packet *p = packet_here();
	struct endpoint_entry *local;
	struct flow_entry *e;
	union address dst;
	__u32 verdict;

	if (!p)
		return drop(DROP_INVALID_PACKET, FILE_DECIDE, __LINE__);
	e = &p->entry;
	verdict = decide_source(skb, p);
	if (verdict)
		return verdict;
	if (p->origin == ORIGIN_POD && cfg_tunnel && p->key.proto == IPPROTO_UDP && p->key.dport == cfg_tunnel_port)
		return drop(DROP_ENCAPSULATION_PROHIBITED, FILE_DECIDE, __LINE__);
	dst = e->flags & FLOW_REWRITE_DST ? e->nat_dst : p->key.dst;
	local = endpoint_find(&dst);
	if (cfg_stack && decide_by_stack(p, local, &dst))
		verdict = VERDICT_OK;
	else if (local)
		decide_local(p, local);
	else
		verdict = decide_remote(skb, p, &dst);
	if (!verdict && !(e->flags & FLOW_REPLY))
		verdict = decide_policy(p);
	if (!verdict)
		verdict = decide_translation(skb, p, &dst);
	if (!verdict)
		debug(skb, DEBUG_DECISION, e->action, e->ifindex);
	return verdict;
}
