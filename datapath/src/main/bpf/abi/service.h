/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Services: where they listen, what serves them, and what clients and sockets remember. Twins: FrontendKey, FrontendEntry,
 * BackendSetEntry, BackendEntry, BackendSlot, MemberKey, AffinityKey, AffinityEntry, RangeKey, NodeAddressKey, SocketFlowKey,
 * SocketFlowEntry, SocketPeer.
 *
 *     frontends[address:port] -> base, count -> backend_slots[base + n] -> backends[id]
 *
 * A frontend is the one hash look-up; slots and backends are arrays. The slots of a set are written before the frontend that
 * names them, and never changed while it does: replacing the frontend switches all backends at once. */
#pragma once
#include "address.h"

/* Unspecified address of the family: the port at every address of a node. Port and proto 0: the whole address. */
struct frontend_key {
	union address address;
	__be16 port;
	__u8 proto;
	__u8 pad;
};

enum frontend_type {
	FRONTEND_CLUSTER_IP = 0, FRONTEND_NODE_PORT = 1, FRONTEND_EXTERNAL_IPS = 2, FRONTEND_LOAD_BALANCER = 3, FRONTEND_HOST_PORT = 4,
};

enum frontend_flag {
	FRONTEND_WHOLE_ADDRESS = 1 << 0, /* no service has the port that was asked for */
	FRONTEND_FROM_OUTSIDE = 1 << 1, /* serves connections from outside the cluster too */
	FRONTEND_KEEP_CLIENT = 1 << 2, /* externalTrafficPolicy Local: backends see the client's address */
	FRONTEND_RANGES = 1 << 3, /* source_ranges decide who may use it */
	FRONTEND_RANGES_DENY = 1 << 4, /* they name those that may not */
};

enum set_flag {
	SET_MAGLEV = 1 << 0, /* chosen by the table maglev[base] */
	SET_DROP = 1 << 1, /* without backends: no answer, instead of a refusal */
};

/* The backends for new connections. */
struct backend_set {
	__u32 id; /* stays when backends change */
	__u32 base; /* first slot; another one after each change */
	__u32 count;
	__u32 flags; /* enum set_flag */
};

struct frontend_entry {
	__u32 id; /* the number of the service in lists, flows and events; never 0 */
	__u16 flags; /* enum frontend_flag */
	__u8 type; /* enum frontend_type */
	__u8 pad;
	__u32 affinity; /* seconds that a client keeps its backend after its last new connection; 0: it does not */
	struct backend_set inside; /* for pods and nodes */
	struct backend_set outside; /* for what comes from outside the cluster */
};

/* One element of the array of all sets. A slot of another set: the frontend was replaced meanwhile, look it up again. */
struct backend_slot {
	__u32 set;
	__u32 backend;
};

/* Cilium's numbers, and one that Cilium has no row for. */
enum backend_state {
	BACKEND_ACTIVE = 0, BACKEND_TERMINATING = 1, BACKEND_MAINTENANCE = 3, BACKEND_TERMINATING_NOT_SERVING = 4, BACKEND_NOT_READY = 5,
};

/* Index: backend id; port 0: no backend. */
struct backend_entry {
	union address address;
	__be16 port;
	__u8 proto;
	__u8 state; /* enum backend_state */
	__u32 pad;
	__u64 connections; /* that were given to it; programs count */
};

/* May a client or socket that remembers a backend go on with it? Kept for sets whose clients or sockets remember. */
struct member_key {
	__u32 set;
	__u32 backend;
};

enum client_kind { CLIENT_ADDRESS = 0, CLIENT_NETNS = 1 };

struct affinity_key {
	union address client; /* CLIENT_NETNS: the cookie of its network namespace in the first half */
	__u32 frontend;
	__u8 kind; /* enum client_kind */
	__u8 pad[3];
};

struct affinity_entry {
	__u64 used; /* ns, CLOCK_MONOTONIC; when it last opened a connection */
	__u32 backend;
	__u32 pad;
};

struct range_key {
	__u32 prefixlen; /* bits of frontend and address; IPv4 counts its 96 mapped bits */
	__u32 frontend;
	union address address;
};

struct node_address_key {
	union address address;
};

enum node_address_flag {
	NODE_OWN = 1 << 0, /* of this node */
	NODE_PORTS = 1 << 1, /* node ports are served there */
};

enum socket_direction { SOCKET_FORWARD = 0, SOCKET_REVERSE = 1 };

/* FORWARD: what a UDP socket sends to -> the backend that it has there. REVERSE: a backend -> what the socket thinks it talks to. */
struct socket_flow_key {
	__u64 cookie;
	union address address;
	__be16 port;
	__u8 direction; /* enum socket_direction */
	__u8 pad[5];
};

struct socket_flow_entry {
	union address address;
	__be16 port;
	__u16 pad;
	__u32 frontend;
	__u32 backend;
	__u32 base; /* of the set when the backend was chosen */
};

/* Storage of a connected socket: what it asked for, and what it got. */
struct socket_peer {
	union address asked;
	union address backend;
	__be16 asked_port;
	__be16 backend_port;
	__u32 frontend;
};

_Static_assert(sizeof(struct frontend_key) == 20, "frontend_key");
_Static_assert(sizeof(struct backend_set) == 16, "backend_set");
_Static_assert(sizeof(struct frontend_entry) == 44, "frontend_entry");
_Static_assert(sizeof(struct backend_slot) == 8, "backend_slot");
_Static_assert(sizeof(struct backend_entry) == 32, "backend_entry");
_Static_assert(sizeof(struct affinity_key) == 24, "affinity_key");
_Static_assert(sizeof(struct range_key) == 24, "range_key");
_Static_assert(sizeof(struct socket_flow_key) == 32, "socket_flow_key");
_Static_assert(sizeof(struct socket_flow_entry) == 32, "socket_flow_entry");
_Static_assert(sizeof(struct socket_peer) == 40, "socket_peer");
