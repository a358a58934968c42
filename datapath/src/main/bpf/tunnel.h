/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* VXLAN headers on and off, without a device. The VNI is the sender's identity. Underlay: IPv4. */
#pragma once
#include "config.h"
#include "lookup.h"
#include "maps.h"
#include "packet.h"
#include "parse.h"

enum {
	VXLAN_HAS_VNI = 0x08000000,
	TUNNEL_TTL = 64,
	TUNNEL_PORTS = 49152, /* source ports start here */
	TUNNEL_PORTS_MASK = 0x3fff,
	ECN_MASK = 3,
	MARK_DONE = 0x0300, /* the packet needs no more translation on its way out; Cilium's number */
	ADJ_ROOM_DECAP_L3_IPV6 = 1 << 8, /* since 6.3; older kernels refuse it */
};

struct vxlan_header {
	__be32 flags;
	__be32 vni; /* upper 24 bits */
};

/* What stands between the outer Ethernet header and the inner L3 header. */
struct outer {
	struct iphdr ip;
	struct udphdr udp;
	struct vxlan_header vxlan;
	struct ethhdr inner;
} __attribute__((packed));

static __always_inline __u32 tunnel_hash(const struct flow_key *key)
{
	__u32 hash = (__u32)key->sport << 16 ^ key->dport ^ key->src.words[3] ^ key->dst.words[3] ^ key->proto;

	return (hash * 0x9e3779b1u) >> 16;
}

/* Of a header whose fields may have been written just now. */
typedef __u16 __attribute__((may_alias)) check_word;

static __always_inline __sum16 tunnel_check(const void *ip)
{
	const check_word *word = ip;
	__u32 sum = 0;

#pragma unroll
	for (int i = 0; i < 10; i++)
		sum += word[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Puts the headers on. Returns 0, or an error with the packet as it was: older kernels, and SCTP in segments. */
static __always_inline int tunnel_push(struct __sk_buff *skb, const struct flow_entry *flow, __u32 hash, __u8 tos)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP |
		      BPF_F_ADJ_ROOM_ENCAP_L2_ETH | BPF_F_ADJ_ROOM_ENCAP_L2(ETH_HLEN);
	__u16 length = skb->len - ETH_HLEN + sizeof(struct outer);
	__u32 *from, *to;
	struct outer *outer;
	void *data;

	if (bpf_skb_adjust_room(skb, sizeof(struct outer), BPF_ADJ_ROOM_MAC, flags))
		return -1;
	data = (void *)(long)skb->data;
	outer = data + ETH_HLEN;
	if ((void *)(outer + 1) > (void *)(long)skb->data_end)
		return -1;
	from = data;
	to = (void *)&outer->inner;
	to[0] = from[0];
	to[1] = from[1];
	to[2] = from[2];
	outer->inner.h_proto = ((struct ethhdr *)data)->h_proto;
	from[0] = *(__u32 *)&flow->dmac[0];
	from[1] = *(__u32 *)&flow->dmac[4];
	from[2] = *(__u32 *)&flow->smac[2];
	((struct ethhdr *)data)->h_proto = bpf_htons(ETH_P_IP);
	outer->ip = (struct iphdr){
		.version = 4, .ihl = 5, .tos = tos & ECN_MASK, .ttl = TUNNEL_TTL, .protocol = IPPROTO_UDP, .tot_len = bpf_htons(length),
		.id = (__be16)flow->packets, .saddr = flow->tunnel_local, .daddr = flow->tunnel_remote,
	};
	outer->ip.check = tunnel_check(outer);
	outer->udp = (struct udphdr){
		.source = bpf_htons(TUNNEL_PORTS | (hash & TUNNEL_PORTS_MASK)), .dest = cfg_tunnel_port,
		.len = bpf_htons(length - sizeof(struct iphdr)),
	};
	outer->vxlan.flags = bpf_htonl(VXLAN_HAS_VNI);
	outer->vxlan.vni = bpf_htonl(identity_to_wire(flow->src_identity) << 8);
	return 0;
}

/* Hands the packet to cilium_vxlan, which finds neighbour and route itself. */
static __noinline int tunnel_by_device(struct __sk_buff *skb, const struct flow_entry *flow)
{
	struct bpf_tunnel_key key = {
		.tunnel_id = identity_to_wire(flow->src_identity), .remote_ipv4 = bpf_ntohl(flow->tunnel_remote), .tunnel_ttl = TUNNEL_TTL,
	};

	if (!cfg_overlay_ifindex || bpf_skb_set_tunnel_key(skb, &key, sizeof(key), BPF_F_ZERO_CSUM_TX))
		return -1;
	return bpf_redirect(cfg_overlay_ifindex, 0);
}

/* The outer headers of a packet to this node's tunnel in the form that tunnel_push writes; else 0: the device takes it. */
static __always_inline struct outer *tunnel_outer(struct __sk_buff *skb)
{
	struct outer *outer = (void *)(long)skb->data + ETH_HLEN;

	if ((void *)(outer + 1) > (void *)(long)skb->data_end)
		return 0;
	if (skb->protocol != bpf_htons(ETH_P_IP) || outer->ip.protocol != IPPROTO_UDP || outer->udp.dest != cfg_tunnel_port)
		return 0;
	if (*(__u8 *)&outer->ip != 0x45 || outer->ip.frag_off & bpf_htons(IPV4_FRAGMENT_MASK) || outer->ip.daddr != cfg_node_ipv4)
		return 0;
	/* A congestion mark on the outside has to come in; the device knows how. */
	if (outer->vxlan.flags != bpf_htonl(VXLAN_HAS_VNI) || (outer->ip.tos & ECN_MASK) == ECN_MASK)
		return 0;
	return outer;
}

/* Takes the headers off. Returns 0, or an error with the packet as it was. The outer Ethernet header stays, with its protocol. */
static __always_inline int tunnel_pop(struct __sk_buff *skb, __u8 family)
{
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET | (family == FAMILY_IPV6 ? ADJ_ROOM_DECAP_L3_IPV6 : 0);
	struct ethhdr *ethernet;

	if (bpf_skb_adjust_room(skb, -(int)sizeof(struct outer), BPF_ADJ_ROOM_MAC, flags))
		return -1;
	bpf_csum_level(skb, BPF_CSUM_LEVEL_DEC);
	ethernet = (void *)(long)skb->data;
	if ((void *)(ethernet + 1) > (void *)(long)skb->data_end)
		return -1;
	if (family == FAMILY_IPV6)
		ethernet->h_proto = bpf_htons(ETH_P_IPV6);
	return 0;
}
