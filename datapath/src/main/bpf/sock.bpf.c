/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Sockets: a connection to a service is one to a backend from the start, so that its packets cost nothing more. */
#include <stddef.h>
#include <linux/in.h>
#include "service.h"

const volatile __u64 svc_host_netns; /* cookie of the node's own network namespace; 0: the first one of the machine */
const volatile __u8 svc_host_only; /* sockets of the node itself only; pods' packets are balanced one by one */
const volatile __u8 svc_set_errno; /* the kernel lets a program choose the error (5.18); without, it is EPERM */

enum { DENY = 0, ALLOW = 1 };
enum { LINUX_ECONNREFUSED = 111, LINUX_EHOSTUNREACH = 113, LINUX_EADDRINUSE = 98 };

struct target {
	union address address;
	__be16 port;
	__u8 proto;
};

enum outcome { SOCKET_PASS = 0, SOCKET_CHANGED = 1, SOCKET_REFUSED = 2, SOCKET_UNREACHABLE = 3 };

static __always_inline bool is_host(void *ctx)
{
	__u64 host = svc_host_netns;

	if (!host)
		host = bpf_get_netns_cookie(NULL);
	return bpf_get_netns_cookie(ctx) == host;
}

static __always_inline int finish(enum outcome outcome)
{
	if (outcome == SOCKET_REFUSED || outcome == SOCKET_UNREACHABLE) {
		if (svc_set_errno)
			bpf_set_retval(outcome == SOCKET_REFUSED ? -LINUX_ECONNREFUSED : -LINUX_EHOSTUNREACH);
		return DENY;
	}
	return ALLOW;
}

static __always_inline struct socket_flow_key flow_of(struct bpf_sock_addr *ctx, const union address *address, __be16 port,
						       enum socket_direction direction)
{
	return (struct socket_flow_key){
		.cookie = bpf_get_socket_cookie(ctx), .address = *address, .port = port, .direction = direction,
	};
}

/* The backend to which a UDP socket has sent before, if it may go on with it. */
static __always_inline __u32 remembered(struct bpf_sock_addr *ctx, const struct backend_set *set, const struct target *asked)
{
	struct socket_flow_key key = flow_of(ctx, &asked->address, asked->port, SOCKET_FORWARD);
	struct socket_flow_entry *known = bpf_map_lookup_elem(&socket_flows, &key);

	if (!known)
		return 0;
	return known->base == set->base || set_has(set, known->backend) ? known->backend : 0;
}

static __always_inline void remember(struct bpf_sock_addr *ctx, const struct target *asked, const struct backend_entry *backend,
				     const struct socket_flow_entry *chosen, bool connected)
{
	struct socket_flow_key key = flow_of(ctx, &backend->address, backend->port, SOCKET_REVERSE);
	struct socket_flow_entry entry = *chosen;

	entry.address = asked->address;
	entry.port = asked->port;
	bpf_map_update_elem(&socket_flows, &key, &entry, BPF_ANY);
	if (connected)
		return;
	key = flow_of(ctx, &asked->address, asked->port, SOCKET_FORWARD);
	entry.address = backend->address;
	entry.port = backend->port;
	bpf_map_update_elem(&socket_flows, &key, &entry, BPF_ANY);
}

static __always_inline void note_peer(struct bpf_sock_addr *ctx, const struct target *asked, const struct backend_entry *backend,
				      __u32 frontend)
{
	struct bpf_sock *sk = ctx->sk;
	struct socket_peer *peer;

	if (!sk)
		return;
	peer = bpf_sk_storage_get(&socket_peers, sk, NULL, BPF_SK_STORAGE_GET_F_CREATE);
	if (!peer)
		return;
	peer->asked = asked->address;
	peer->backend = backend->address;
	peer->asked_port = asked->port;
	peer->backend_port = backend->port;
	peer->frontend = frontend;
}

/* What an address leads to that has no backend for this connection. */
static __always_inline enum outcome without_backend(const struct frontend_entry *frontend)
{
	if (frontend->flags & FRONTEND_WHOLE_ADDRESS)
		return frontend->type == FRONTEND_CLUSTER_IP ? SOCKET_REFUSED : SOCKET_PASS;
	return frontend->inside.flags & SET_DROP ? SOCKET_UNREACHABLE : SOCKET_REFUSED;
}

/* Chooses the backend of a new connection, or of a datagram without one. */
static __always_inline struct backend_entry *choose(struct bpf_sock_addr *ctx, const struct frontend_entry *frontend,
						    const struct target *asked, bool connected, __u32 *id)
{
	struct affinity_key client = { .frontend = frontend->id, .kind = CLIENT_NETNS };
	struct backend_entry *backend;
	bool known = false;
	__u64 now = 0;

	*id = 0;
	if (!connected) {
		*id = remembered(ctx, &frontend->inside, asked);
		known = *id;
	}
	if (!*id && frontend->affinity) {
		*(__u64 *)&client.client = bpf_get_netns_cookie(ctx);
		now = bpf_ktime_get_ns();
		*id = affinity_find(frontend, &frontend->inside, &client, now);
	}
	backend = *id ? backend_get(*id) : NULL;
	if (!backend)
		backend = backend_choose(&frontend->inside, bpf_get_prandom_u32(), id);
	if (!backend)
		return NULL;
	if (now)
		affinity_note(&client, *id, now);
	if (!known)
		backend_count(backend);
	return backend;
}

/* Not inlined: connect and sendmsg of both families share it. Changes the target when it is a service's. */
static __noinline int translate(struct bpf_sock_addr *ctx, struct target *target, bool connected)
{
	struct frontend_key key = { .address = target->address, .port = target->port, .proto = target->proto };
	struct socket_flow_entry chosen = {};
	struct target asked = *target;
	struct frontend_entry frontend;
	struct frontend_entry *found;
	struct backend_entry *backend = NULL;
	__u32 id;

	if (service_is_loopback(&asked.address) && !is_host(ctx))
		return SOCKET_PASS;
	for (int i = 0; i < SERVICE_TRIES && !backend; i++) {
		found = frontend_find(&key);
		if (!found)
			return SOCKET_PASS;
		frontend = *found;
		if (!frontend.inside.count)
			return without_backend(&frontend);
		if (frontend.flags & FRONTEND_RANGES)
			return SOCKET_PASS; /* a socket that is not bound has no source yet: its packets are judged */
		backend = choose(ctx, &frontend, &asked, connected, &id);
	}
	if (!backend)
		return SOCKET_UNREACHABLE;
	target->address = backend->address;
	target->port = backend->port;
	chosen.frontend = frontend.id;
	chosen.backend = id;
	chosen.base = frontend.inside.base;
	if (asked.proto == IPPROTO_UDP)
		remember(ctx, &asked, backend, &chosen, connected);
	else
		note_peer(ctx, &asked, backend, frontend.id);
	return SOCKET_CHANGED;
}

static __always_inline bool concerns(struct bpf_sock_addr *ctx)
{
	if (ctx->protocol != IPPROTO_TCP && ctx->protocol != IPPROTO_UDP)
		return false;
	return !svc_host_only || is_host(ctx);
}

static __always_inline void read4(struct bpf_sock_addr *ctx, struct target *target)
{
	target->address.words[0] = 0;
	target->address.words[1] = 0;
	target->address.words[2] = bpf_htonl(0xffff);
	target->address.words[3] = ctx->user_ip4;
	target->port = ctx->user_port;
	target->proto = ctx->protocol;
}

static __always_inline void read6(struct bpf_sock_addr *ctx, struct target *target)
{
	target->address.words[0] = ctx->user_ip6[0];
	target->address.words[1] = ctx->user_ip6[1];
	target->address.words[2] = ctx->user_ip6[2];
	target->address.words[3] = ctx->user_ip6[3];
	target->port = ctx->user_port;
	target->proto = ctx->protocol;
}

static __always_inline void write4(struct bpf_sock_addr *ctx, const struct target *target)
{
	ctx->user_ip4 = target->address.words[3];
	ctx->user_port = target->port;
}

static __always_inline void write6(struct bpf_sock_addr *ctx, const struct target *target)
{
	ctx->user_ip6[0] = target->address.words[0];
	ctx->user_ip6[1] = target->address.words[1];
	ctx->user_ip6[2] = target->address.words[2];
	ctx->user_ip6[3] = target->address.words[3];
	ctx->user_port = target->port;
}

static __always_inline int forward4(struct bpf_sock_addr *ctx, bool connected)
{
	struct target target = {};
	int outcome;

	if (!concerns(ctx))
		return ALLOW;
	read4(ctx, &target);
	outcome = translate(ctx, &target, connected);
	if (outcome == SOCKET_CHANGED)
		write4(ctx, &target);
	return finish(outcome);
}

static __always_inline int forward6(struct bpf_sock_addr *ctx, bool connected)
{
	struct target target = {};
	int outcome;

	if (!concerns(ctx))
		return ALLOW;
	read6(ctx, &target);
	outcome = translate(ctx, &target, connected);
	if (outcome == SOCKET_CHANGED)
		write6(ctx, &target);
	return finish(outcome);
}

SEC("cgroup/connect4") int connect4(struct bpf_sock_addr *ctx)
{
	return forward4(ctx, true);
}

SEC("cgroup/connect6") int connect6(struct bpf_sock_addr *ctx)
{
	return forward6(ctx, true);
}

SEC("cgroup/sendmsg4") int sendmsg4(struct bpf_sock_addr *ctx)
{
	return forward4(ctx, false);
}

SEC("cgroup/sendmsg6") int sendmsg6(struct bpf_sock_addr *ctx)
{
	return forward6(ctx, false);
}

/* The other way: a backend becomes what the socket had asked for. */
static __always_inline bool reverse(struct bpf_sock_addr *ctx, struct target *target)
{
	struct socket_flow_key key = flow_of(ctx, &target->address, target->port, SOCKET_REVERSE);
	struct socket_flow_entry *known = bpf_map_lookup_elem(&socket_flows, &key);

	if (!known)
		return false;
	target->address = known->address;
	target->port = known->port;
	return true;
}

static __always_inline bool reverse_peer(struct bpf_sock_addr *ctx, struct target *target)
{
	struct bpf_sock *sk = ctx->sk;
	struct socket_peer *peer;

	if (target->proto == IPPROTO_UDP)
		return reverse(ctx, target);
	if (!sk)
		return false;
	peer = bpf_sk_storage_get(&socket_peers, sk, NULL, 0);
	if (!peer || peer->backend_port != target->port || peer->backend.words[3] != target->address.words[3])
		return false;
	target->address = peer->asked;
	target->port = peer->asked_port;
	return true;
}

SEC("cgroup/recvmsg4") int recvmsg4(struct bpf_sock_addr *ctx)
{
	struct target target = {};

	read4(ctx, &target);
	if (reverse(ctx, &target))
		write4(ctx, &target);
	return ALLOW;
}

SEC("cgroup/recvmsg6") int recvmsg6(struct bpf_sock_addr *ctx)
{
	struct target target = {};

	read6(ctx, &target);
	if (reverse(ctx, &target))
		write6(ctx, &target);
	return ALLOW;
}

SEC("cgroup/getpeername4") int getpeername4(struct bpf_sock_addr *ctx)
{
	struct target target = {};

	read4(ctx, &target);
	if (reverse_peer(ctx, &target))
		write4(ctx, &target);
	return ALLOW;
}

SEC("cgroup/getpeername6") int getpeername6(struct bpf_sock_addr *ctx)
{
	struct target target = {};

	read6(ctx, &target);
	if (reverse_peer(ctx, &target))
		write6(ctx, &target);
	return ALLOW;
}

/* Does a port of the node itself belong to a service? Whoever listened there would never hear anything. */
static __always_inline bool is_taken(struct frontend_key *key)
{
	struct frontend_entry *found = bpf_map_lookup_elem(&frontends, key);

	if (!found)
		found = frontend_of_node(key);
	return found && found->type != FRONTEND_CLUSTER_IP;
}

static __always_inline int bound(struct frontend_key *key)
{
	if (!is_taken(key))
		return ALLOW;
	if (svc_set_errno)
		bpf_set_retval(-LINUX_EADDRINUSE);
	return DENY;
}

SEC("cgroup/post_bind4") int post_bind4(struct bpf_sock *ctx)
{
	struct frontend_key key = { .port = bpf_htons(ctx->src_port), .proto = ctx->protocol };

	if (!key.port || !is_host(ctx))
		return ALLOW;
	key.address.words[2] = bpf_htonl(0xffff);
	key.address.words[3] = ctx->src_ip4;
	return bound(&key);
}

SEC("cgroup/post_bind6") int post_bind6(struct bpf_sock *ctx)
{
	struct frontend_key key = { .port = bpf_htons(ctx->src_port), .proto = ctx->protocol };

	if (!key.port || !is_host(ctx))
		return ALLOW;
	key.address.words[0] = ctx->src_ip6[0];
	key.address.words[1] = ctx->src_ip6[1];
	key.address.words[2] = ctx->src_ip6[2];
	key.address.words[3] = ctx->src_ip6[3];
	return bound(&key);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
