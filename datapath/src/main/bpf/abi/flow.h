/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Conntrack and the cached decision of a flow. Twins: FlowKey, FlowEntry */
#pragma once
#include "address.h"

/* One direction of a connection. ifindex: the sending endpoint's host-side device, so that the source check is part of
 * the key; 0 for what comes from outside (underlay, overlay, the host), which may change its path; where the stack forwards
 * (cfg_stack), cilium_host's for whatever comes out of the stack, so that a packet that passes twice, before and after the
 * stack translated it, has two entries.
 * TCP, UDP, SCTP: ports as in the packet. ICMP echo: request sport = identifier, dport = 0; reply the reverse.
 * Other ICMP and unknown protocols, and fragments whose ports are not known: both 0. */
struct flow_key {
	union address src;
	union address dst;
	__be16 sport;
	__be16 dport;
	__u32 ifindex;
	__u8 proto;
	__u8 family; /* enum family */
	__u8 pad[2];
};

enum flow_action {
	ACTION_NONE = 0, /* not decided: entry made by the other direction */
	ACTION_POD = 1, /* to a pod on this node: MAC rewrite, bpf_redirect_peer(ifindex) */
	ACTION_HOST = 2, /* to this node's stack */
	ACTION_TUNNEL = 3, /* outer headers written by the program, bpf_redirect(ifindex) */
	ACTION_TUNNEL_DEVICE = 4, /* by cilium_vxlan with a tunnel key */
	ACTION_NODE = 5, /* routed without encapsulation: MACs from the FIB, bpf_redirect(ifindex) */
	ACTION_NEIGH = 6, /* as ACTION_NODE, neighbour not resolved yet: bpf_redirect_neigh */
	ACTION_STACK = 7, /* the kernel routes it */
};

/* Which door the packet came in by. An entry decided for one door does not serve another: the source check differs. */
enum flow_origin {
	ORIGIN_NONE = 0, /* not decided */
	ORIGIN_POD = 1, /* a pod on this node */
	ORIGIN_NETWORK = 2, /* an underlay device, not encapsulated */
	ORIGIN_OVERLAY = 3, /* the tunnel */
	ORIGIN_HOST = 4, /* the node itself */
};

enum flow_flag {
	FLOW_REPLY = 1 << 0, /* this entry is the reply direction */
	FLOW_FROM_TUNNEL = 1 << 1, /* first packet came out of the tunnel */
	FLOW_CLOSING = 1 << 2, /* FIN or RST seen in this direction */
	FLOW_SEEN_NON_SYN = 1 << 3, /* TCP is past the handshake in this direction */
	FLOW_REWRITE_SRC = 1 << 4, /* source becomes nat_src:nat_sport */
	FLOW_REWRITE_DST = 1 << 5, /* destination becomes nat_dst:nat_dport */
	FLOW_HOST = 1 << 6, /* a connection of the node itself, kept to reserve its port */
	FLOW_STACK = 1 << 7, /* this direction goes to the stack, and the other one comes out of it */
	FLOW_SERVICE = 1 << 8, /* to or from a backend that a service chose: revnat and backend say which */
	/* The server's node answers the client itself. Where the client comes in (with FLOW_REWRITE_DST) no answer comes by; at the
	 * server's node nat_dst:nat_dport is the service, and the answers' entry (FLOW_REPLY) has it as nat_src:nat_sport. */
	FLOW_DIRECT = 1 << 9,
};

struct flow_entry {
	__u64 packets; /* since the entry was made, this direction */
	__u64 bytes; /* L3 length */
	__u32 epoch; /* of the decision: runtime.epoch, and where services are asked what changed there; another one now: decide again */
	__u32 decided; /* when; jiffies, low 32 bits. Forwarding is looked up again after REVALIDATE */
	__u32 seen; /* last packet; jiffies, low 32 bits */
	__u32 reported; /* last trace event; jiffies, low 32 bits */
	__u32 created; /* jiffies, low 32 bits */
	__u32 src_identity;
	__u32 dst_identity;
	__u32 rule; /* policy rule that allowed it; 0: no policy selects it */
	__u32 ifindex; /* device to redirect to */
	__u16 src_endpoint; /* 0: not on this node */
	__u16 dst_endpoint;
	__u8 action; /* enum flow_action */
	__u8 tcp_flags; /* all seen in this direction */
	__u16 flags; /* enum flow_flag */
	__u8 dmac[6];
	__u8 smac[6];
	__u16 mtu; /* L3 bytes that fit the path before encapsulation; 0: unlimited */
	__u8 origin; /* enum flow_origin */
	__u8 pad;
	__be16 nat_sport;
	__be16 nat_dport;
	union address nat_src;
	union address nat_dst;
	__be32 tunnel_local; /* outer source, IPv4 underlay */
	__be32 tunnel_remote; /* outer destination */
	__u32 revnat; /* number of the frontend that was asked for; 0: none */
	__u32 backend; /* number of the backend that it chose */
};

_Static_assert(sizeof(struct flow_key) == 44, "flow_key");

_Static_assert(sizeof(struct flow_entry) == 128, "flow_entry");
