/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* May this connection be? Asked once per direction of enforcement when a connection is decided, never for replies. */
#pragma once
#include <stdbool.h>
#include "abi/metrics.h"
#include "packet.h"

/* subject: endpoint that the policy protects; peer: identity at the other end; port: destination port, network order.
 * No policy selects an endpoint yet, and an endpoint that none selects may talk to everybody: allowed by rule 0. */
static __always_inline __u32 policy_decide(enum direction direction, __u16 subject, __u32 peer, __u8 proto, __be16 port, __u32 *rule)
{
	(void)direction;
	(void)subject;
	(void)peer;
	(void)proto;
	(void)port;
	*rule = 0;
	return VERDICT_OK;
}

/* Does a policy that names ports select this endpoint? Then a fragment whose ports are unknown cannot be judged. */
static __always_inline bool policy_needs_ports(enum direction direction, __u16 subject)
{
	(void)direction;
	(void)subject;
	return false;
}
