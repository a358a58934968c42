/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Addresses, the same form for both families. Twin: Struct.ADDRESS */
#pragma once
#include <linux/types.h>

enum family { FAMILY_IPV4 = 4, FAMILY_IPV6 = 6 };

/* Network byte order. IPv4 is mapped (::ffff:a.b.c.d), so that one key serves both families. */
union address {
	__be32 words[4];
	__u8 bytes[16];
};

_Static_assert(sizeof(union address) == 16, "address");
