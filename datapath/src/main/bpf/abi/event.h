/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the programs tell: one ring buffer of struct event. Twin: EventLayout */
#pragma once
#include "address.h"

enum event_type { EVENT_DROP = 1, EVENT_DEBUG = 2, EVENT_TRACE = 4, EVENT_POLICY_VERDICT = 5 };

/* Observation points of EVENT_TRACE; Cilium's numbers. */
enum observation_point {
	TRACE_TO_ENDPOINT = 0, TRACE_TO_PROXY = 1, TRACE_TO_HOST = 2, TRACE_TO_STACK = 3, TRACE_TO_OVERLAY = 4,
	TRACE_FROM_ENDPOINT = 5, TRACE_FROM_PROXY = 6, TRACE_FROM_HOST = 7, TRACE_FROM_STACK = 8, TRACE_FROM_OVERLAY = 9,
	TRACE_FROM_NETWORK = 10, TRACE_TO_NETWORK = 11,
};

enum trace_state { STATE_NEW = 0, STATE_ESTABLISHED = 1, STATE_REPLY = 2, STATE_RELATED = 3, STATE_UNKNOWN = 5 };

/* EVENT_DEBUG subtypes; arguments in args. */
enum debug_point {
	DEBUG_CT_LOOKUP = 1, /* the key is in the captured packet; args: proto, ifindex */
	DEBUG_CT_VERDICT = 2, /* args: enum trace_state, revnat */
	DEBUG_CT_CREATED = 3, /* args: src identity, dst identity */
	DEBUG_IDENTITY = 4, /* address mapped to identity; args: identity, 0 = by ipcache, 1 = by tunnel */
	DEBUG_DECISION = 5, /* args: enum flow_action, ifindex */
	DEBUG_NAT = 6, /* args: old port, new port (host order) */
};

enum source_file {
	FILE_FROM_POD = 1, FILE_NETDEV = 2, FILE_HOST = 3, FILE_OVERLAY = 4,
	FILE_LIB = 100, FILE_PARSE = 101, FILE_DECIDE = 102, FILE_NAT = 103, FILE_FORWARD = 104, FILE_ICMP = 105, FILE_NEIGHBOUR = 106,
	FILE_TUNNEL = 107, FILE_POLICY = 108, FILE_REWRITE = 109, FILE_BALANCE = 110, FILE_DSR = 111,
};

enum event_flag { EVENT_IPV6 = 1 << 0, EVENT_L3 = 1 << 1, EVENT_ENCAPSULATED = 1 << 2 };

enum { EVENT_CAPTURE = 128 };

struct event {
	__u64 time; /* ns, CLOCK_MONOTONIC */
	__u8 type; /* enum event_type */
	__u8 subtype; /* drop reason, observation point or debug point */
	__u16 endpoint; /* where it was seen; 0: none */
	__u32 hash; /* of the packet */
	__u32 src_identity;
	__u32 dst_identity;
	__u32 rule; /* deciding policy rule; 0: none */
	__u32 ifindex; /* device it came in on, or goes to (TRACE_TO_*) */
	__u16 dst_endpoint; /* TRACE_TO_ENDPOINT: the receiver */
	__u16 line; /* source line of a drop */
	__u8 file; /* enum source_file */
	__u8 state; /* enum trace_state */
	__u8 flags; /* enum event_flag */
	__u8 direction; /* enum direction */
	__u32 args[2];
	union address orig_ip; /* source before NAT; all zero: not translated */
	__u32 cpu;
	__u16 len_orig; /* bytes on the wire, L2 included; 65535 at most */
	__u16 len_cap; /* bytes captured in data */
	__u8 data[EVENT_CAPTURE];
};

_Static_assert(sizeof(struct event) == 200, "event");
