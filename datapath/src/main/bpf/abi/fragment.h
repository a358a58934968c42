/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Ports of a datagram's first fragment. Twins: FragmentKey, FragmentEntry */
#pragma once
#include "address.h"

struct fragment_key {
	union address src;
	union address dst;
	__be32 id; /* IPv4: 16 bits in the low half of the word as read */
	__u32 ifindex; /* as in flow_key */
	__u8 proto;
	__u8 family;
	__u8 pad[2];
};

struct fragment_entry {
	__be16 sport;
	__be16 dport;
};
