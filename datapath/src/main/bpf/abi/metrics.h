/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Exact counters. Twins: MetricsKey, MetricsEntry */
#pragma once
#include <linux/types.h>

enum direction { DIRECTION_INGRESS = 1, DIRECTION_EGRESS = 2, DIRECTION_SERVICE = 3 };

/* Drops: per-CPU hash. reason as in verdict.h. */
struct metrics_key {
	__u8 reason;
	__u8 direction; /* enum direction */
	__u16 line;
	__u8 file; /* enum source_file in event.h */
	__u8 pad[3];
};

struct metrics_entry {
	__u64 packets;
	__u64 bytes;
};

/* Forwarded packets and lost events: per-CPU array of struct metrics_entry indexed by this. */
enum counter {
	COUNTER_FORWARD_INGRESS = 0,
	COUNTER_FORWARD_EGRESS = 1,
	COUNTER_EVENTS_LOST = 2,
	COUNTER_FLOW_INSERT_FAILED = 3,
	COUNTER_FORWARD_XDP = 4, /* of the forwarded ones those that never came to the stack */
	COUNTERS = 5,
};
