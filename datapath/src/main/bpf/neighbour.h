/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* ARP and neighbour discovery of pods: whatever a pod asks for is reached through its own device on the node. */
#pragma once
#include <linux/pkt_cls.h>
#include "config.h"
#include "lookup.h"
#include "packet.h"
#include "parse.h"
#include "report.h"

enum {
	ND_ROUTER_SOLICITATION = 133, ND_ROUTER_ADVERTISEMENT = 134, ND_SOLICITATION = 135, ND_ADVERTISEMENT = 136, ND_REDIRECT = 137,
	MLD_FIRST = 130, MLD_LAST = 132, MLD2_REPORT = 143,
	ND_OPTION_TARGET = 2,
	ND_ROUTER = 0x80, ND_SOLICITED = 0x40, ND_OVERRIDE = 0x20,
	ND_HOP_LIMIT = 255,
	ARP_REQUEST = 1,
};

struct arp_frame {
	__u8 dmac[6];
	__u8 smac[6];
	__be16 ethertype;
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_length;
	__u8 protocol_length;
	__be16 operation;
	__u8 sender_mac[6];
	__u8 sender[4];
	__u8 target_mac[6];
	__u8 target[4];
} __attribute__((packed));

struct nd_message {
	struct icmp_header icmp;
	__be32 target[4];
};

/* Advertisement with the one option that it carries. */
struct nd_answer {
	struct nd_message message;
	__u8 option;
	__u8 option_length; /* in units of 8 bytes */
	__u8 mac[6];
};

static __always_inline union address arp_address(const __u8 *octets)
{
	__be32 v4;

	__builtin_memcpy(&v4, octets, 4);
	return address_ipv4(v4);
}

/* Answers every question but one for the pod's own address, which is a check for duplicates. */
__noinline int neighbour_arp(struct __sk_buff *skb)
{
	struct endpoint_entry *asker;
	union address sender, target;
	struct arp_frame arp, answer;

	if (bpf_skb_load_bytes(skb, 0, &arp, sizeof(arp)))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_INVALID_PACKET, FILE_NEIGHBOUR, __LINE__));
	if (arp.operation != bpf_htons(ARP_REQUEST) || arp.protocol != bpf_htons(ETH_P_IP))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_UNKNOWN_TARGET, FILE_NEIGHBOUR, __LINE__));
	sender = arp_address(arp.sender);
	target = arp_address(arp.target);
	asker = endpoint_find(&sender);
	if (!asker || asker->ifindex != skb->ifindex)
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_INVALID_SOURCE_IP, FILE_NEIGHBOUR, __LINE__));
	if (address_equal(&sender, &target))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_UNKNOWN_TARGET, FILE_NEIGHBOUR, __LINE__));
	answer = arp;
	answer.operation = bpf_htons(2);
	__builtin_memcpy(answer.dmac, arp.smac, 6);
	__builtin_memcpy(answer.smac, asker->node_mac, 6);
	__builtin_memcpy(answer.sender_mac, asker->node_mac, 6);
	__builtin_memcpy(answer.sender, arp.target, 4);
	__builtin_memcpy(answer.target_mac, arp.sender_mac, 6);
	__builtin_memcpy(answer.target, arp.sender, 4);
	if (bpf_skb_store_bytes(skb, 0, &answer, sizeof(answer), 0))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

/* The MAC of the asking pod's device: by its address, or, when it asks from a link-local one, as it already knows it. */
static __always_inline int neighbour_mac(struct __sk_buff *skb, struct packet *p, __u8 *mac)
{
	struct endpoint_entry *asker = endpoint_find(&p->src);
	__u8 known[6];

	if (asker && asker->ifindex == skb->ifindex) {
		__builtin_memcpy(mac, asker->node_mac, 6);
		return 0;
	}
	if (bpf_skb_load_bytes(skb, 0, known, 6) || known[0] & 1)
		return -1;
	__builtin_memcpy(mac, known, 6);
	return 0;
}

static __always_inline int nd_write(struct __sk_buff *skb, struct packet *p, const __u8 *mac, const __be32 *target, bool router)
{
	__be32 pseudo[2] = { bpf_htonl(sizeof(struct nd_answer)), bpf_htonl(IPPROTO_ICMPV6) };
	struct nd_answer answer = { .option = ND_OPTION_TARGET, .option_length = 1 };
	struct ipv6hdr ip = { .version = 6, .hop_limit = ND_HOP_LIMIT, .nexthdr = IPPROTO_ICMPV6, .payload_len = bpf_htons(sizeof(answer)) };
	__u8 flags = ND_SOLICITED | ND_OVERRIDE | (router ? ND_ROUTER : 0);
	__u8 macs[12];
	__s64 sum;

	answer.message.icmp.type = ND_ADVERTISEMENT;
	answer.message.icmp.id = bpf_htons(flags << 8);
	__builtin_memcpy(answer.message.target, target, 16);
	__builtin_memcpy(answer.mac, mac, 6);
	__builtin_memcpy(&ip.saddr, target, 16);
	__builtin_memcpy(&ip.daddr, p->src.words, 16);
	sum = bpf_csum_diff(0, 0, pseudo, sizeof(pseudo), 0);
	sum = bpf_csum_diff(0, 0, (__be32 *)&ip.saddr, 32, sum);
	sum = bpf_csum_diff(0, 0, (__be32 *)&answer, sizeof(answer), sum);
	sum = (sum & 0xffff) + ((__u32)sum >> 16);
	answer.message.icmp.check = ~((sum & 0xffff) + (sum >> 16));
	if (bpf_skb_change_tail(skb, ETH_HLEN + sizeof(ip) + sizeof(answer), 0) || bpf_skb_load_bytes(skb, 6, macs, 6))
		return -1;
	__builtin_memcpy(macs + 6, mac, 6);
	if (bpf_skb_store_bytes(skb, 0, macs, sizeof(macs), 0) || bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN + sizeof(ip), &answer, sizeof(answer), 0);
}

static __always_inline bool nd_is_chatter(__u8 type)
{
	return (type >= MLD_FIRST && type <= ND_REDIRECT) || type == MLD2_REPORT;
}

static __always_inline bool is_router(const union address *target)
{
	__u32 differs = 0;

	for (int i = 0; i < 4; i++)
		differs |= target->words[i] ^ cfg_router_ipv6.words[i];
	return !differs;
}

/* Neighbour discovery and group membership of a pod. Returns an action. */
__noinline int neighbour_discovery(struct __sk_buff *skb)
{
	struct packet *p = packet_here();
	struct endpoint_entry *owner;
	struct nd_message message;
	union address target;
	__u8 mac[6] = {};
	bool router;

	if (!p || p->icmp_type != ND_SOLICITATION || bpf_skb_load_bytes(skb, p->l4, &message, sizeof(message)))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_FORBIDDEN_ICMP6, FILE_NEIGHBOUR, __LINE__));
	__builtin_memcpy(target.words, message.target, 16);
	owner = endpoint_find(&target);
	/* The pod's own address: a check for duplicates, which has no source. */
	if (address_zero(&p->src) || (owner && owner->ifindex == skb->ifindex))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_UNKNOWN_TARGET, FILE_NEIGHBOUR, __LINE__));
	if (neighbour_mac(skb, p, mac))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_INVALID_SOURCE_IP, FILE_NEIGHBOUR, __LINE__));
	router = (owner && owner->flags & ENDPOINT_ROUTER) || is_router(&target);
	if (nd_write(skb, p, mac, message.target, router))
		return finish_quiet(skb, DIRECTION_EGRESS, drop(DROP_WRITE_ERROR, FILE_NEIGHBOUR, __LINE__));
	return bpf_redirect(skb->ifindex, 0);
}
