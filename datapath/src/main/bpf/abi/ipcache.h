/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Longest prefix -> identity and where it lives. Twins: IpcacheKey, IpcacheEntry */
#pragma once
#include "address.h"

struct ipcache_key {
	__u32 prefixlen; /* bits of address: IPv4 counts its 96 mapped bits */
	union address address;
};

enum ipcache_flag {
	IPCACHE_TUNNEL = 1 << 0, /* reached through tunnel_endpoint */
	IPCACHE_SKIP_TUNNEL = 1 << 1, /* never encapsulated although tunnel_endpoint is known */
	IPCACHE_REMOTE_NODE = 1 << 2, /* an address of another node */
	IPCACHE_CLUSTER = 1 << 3, /* pod of this cluster: never masqueraded */
};

struct ipcache_entry {
	__u32 identity;
	__be32 tunnel_endpoint; /* IPv4 underlay address of the node; 0: this node or outside the cluster */
	__u8 flags; /* enum ipcache_flag */
	__u8 key; /* encryption key index; 0: none */
	__u8 pad[2];
};

_Static_assert(sizeof(struct ipcache_key) == 20, "ipcache_key");
_Static_assert(sizeof(struct ipcache_entry) == 12, "ipcache_entry");
