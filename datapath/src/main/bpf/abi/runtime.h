/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What changes while programs run: an array map of one element. Twins: RuntimeState, ServiceChanges */
#pragma once
#include <linux/types.h>

struct runtime {
	__u32 epoch; /* raised by every change that may change a decision; never 0 */
	__u8 overlay_capture; /* somebody captures on cilium_vxlan: encapsulate and decapsulate by the device */
	__u8 debug; /* emit EVENT_DEBUG */
	__u8 aggregation; /* enum aggregation */
	__u8 pad;
	__u32 report_interval; /* jiffies between two trace events of a flow without news */
	__u32 agent_seen; /* jiffies, low 32 bits, when the agent was last known to live */
};

enum { CHANGE_BITS = 12 };

/* How often what services say of an address has changed, and of a port at all addresses of nodes: by the sum of the address's words
 * without carries, and by the port, multiplied and cut, so that several share a counter. A decision that depends on services holds as long as the sum
 * of runtime.epoch and its destination's two counters. */
struct changes {
	__u32 counters[1 << CHANGE_BITS];
};

enum aggregation { AGGREGATION_NONE = 0, AGGREGATION_LOW = 1, AGGREGATION_MEDIUM = 3, AGGREGATION_MAXIMUM = 4 };
