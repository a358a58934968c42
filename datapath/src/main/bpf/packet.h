/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the slow path knows of the packet at hand. It lives in a per-CPU map, so that separately verified functions share it
 * and no stack is spent; programs do not nest on a CPU. */
#pragma once
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "abi/flow.h"
#include "abi/fragment.h"
#include "abi/service.h"
#include "abi/verdict.h"

enum hook {
	HOOK_POD, /* ingress of a pod's device */
	HOOK_NETWORK, /* ingress of the underlay */
	HOOK_OVERLAY, /* ingress of cilium_vxlan */
	HOOK_HOST, /* egress of cilium_host */
	HOOK_TO_NETWORK, /* egress of the underlay */
};

enum { PACKET_TYPE_HOST = 0, PACKET_TYPE_OTHERHOST = 3 }; /* of <linux/if_packet.h> */

enum packet_flag {
	PACKET_FIRST_FRAGMENT = 1 << 0,
	PACKET_LATER_FRAGMENT = 1 << 1, /* no ports in the packet */
	PACKET_PORTS_UNKNOWN = 1 << 2, /* a later fragment that came before the first */
	PACKET_DONT_FRAGMENT = 1 << 3,
	PACKET_ICMP_ERROR = 1 << 4, /* inner header parsed */
	PACKET_RELATED = 1 << 5, /* an ICMP error about a flow that we know; key is that flow's */
	PACKET_MULTICAST = 1 << 6,
};

struct packet {
	struct flow_key key; /* flow that decides; for a related ICMP error the one it speaks of, seen from its sender */
	struct flow_key other; /* the other direction */
	struct flow_entry entry; /* the decision */
	struct flow_entry half; /* for writing the other direction */
	struct flow_key inner; /* embedded packet of an ICMP error, as it was sent */
	struct fragment_key fragment;
	struct bpf_fib_lookup fib; /* the route that was found last */
	struct frontend_entry frontend; /* the service that was asked for */
	struct backend_set set; /* its backends for this client */
	union address src; /* of the packet itself */
	union address dst;
	union address snat; /* room for an address that the source takes on */
	union address orig_src; /* source before translation; all zero: not translated */
	union address told; /* the service that the packet was for, as another node says */
	__u32 told_number; /* the service's number here */
	__u32 hook; /* enum hook */
	__u32 device; /* that the program is attached to */
	__u32 vni; /* identity that came with the tunnel */
	__u32 now; /* jiffies */
	__u32 epoch; /* runtime.epoch, before tables are read */
	__u32 changes; /* what changed of services at key's destination */
	__u32 length; /* L3 bytes */
	__u32 l4; /* offset from the Ethernet header */
	__u32 inner_l3;
	__u32 inner_l4;
	__be16 told_port; /* 0: nobody says so */
	__u16 flags; /* enum packet_flag */
	__u8 origin; /* enum flow_origin */
	__u8 proto; /* L4, extension headers passed */
	__u8 ttl;
	__u8 tcp_flags;
	__u8 tos;
	__u8 state; /* enum trace_state */
	__u8 direction; /* enum direction */
	__u8 file; /* enum source_file of the entry point */
	__u8 icmp_type;
	__u8 dst_known; /* enum ipcache_flag of the destination */
	__u8 report; /* this packet is told */
	__u8 refused; /* nobody serves what it asks for: the sender is told */
	__u8 moved; /* its source was to be translated before a port was looked for */
	__u8 keep_port; /* a translated source keeps its port where it can, whatever range it is in */
	__u8 by_neighbour; /* let the kernel's neighbour code see this packet, so that the address stays fresh */
};

/* 0 -> the packet at hand. Private to an object: neither pinned nor shared. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct packet);
} scratch SEC(".maps");

/* A function of its own is verified with its context, whether it wants it or not; the compiler shall not spare the argument. */
#define KEEP_CONTEXT(skb) asm volatile("" : : "r"(skb))

static __always_inline struct packet *packet_here(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

/* A verdict with the place where it fell: reason | line << 8 | file << 24. */
static __always_inline __u32 drop(enum verdict reason, __u32 file, __u32 line)
{
	return (__u32)reason | line << 8 | file << 24;
}
