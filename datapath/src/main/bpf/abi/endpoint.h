/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Addresses that live on this node. Twins: EndpointKey, EndpointEntry */
#pragma once
#include "address.h"

struct endpoint_key {
	union address address;
};

enum endpoint_flag {
	ENDPOINT_HOST = 1 << 0, /* an address of the node itself, router address included */
	ENDPOINT_ROUTER = 1 << 1, /* the router address: neighbour discovery answers with the router flag */
};

struct endpoint_entry {
	__u32 ifindex; /* host-side device; 0 for the node itself */
	__u32 identity;
	__u16 id; /* endpoint id */
	__u16 flags; /* enum endpoint_flag */
	__u8 mac[6]; /* of the device in the pod */
	__u8 node_mac[6]; /* of the host-side device */
};

_Static_assert(sizeof(struct endpoint_key) == 16, "endpoint_key");
_Static_assert(sizeof(struct endpoint_entry) == 24, "endpoint_entry");
