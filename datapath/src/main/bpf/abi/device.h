/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Underlay devices of the node. Key: ifindex (__u32). Twin: DeviceEntry */
#pragma once
#include "address.h"

struct device_entry {
	union address masquerade_ipv4; /* source of masqueraded traffic that leaves here; all zero: none */
	union address masquerade_ipv6;
	__u32 mtu;
	__u8 mac[6];
	__u8 pad[2];
};

_Static_assert(sizeof(struct device_entry) == 44, "device_entry");
