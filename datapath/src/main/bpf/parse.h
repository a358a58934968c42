/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Headers. parse_plain serves the fast path: packets of the everyday form, read in place. parse_packet serves the slow path:
 * everything else, copied out. Both yield the same flow key. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/icmpv6.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "config.h"
#include "maps.h"
#include "packet.h"

enum {
	IPV4_FRAGMENT_MASK = 0x3fff, /* more-fragments flag and offset */
	IPV4_OFFSET_MASK = 0x1fff,
	IPV4_MORE = 0x2000,
	IPV4_DONT = 0x4000,
	NEXT_HOP = 0, NEXT_ROUTING = 43, NEXT_FRAGMENT = 44, NEXT_AUTH = 51, NEXT_NONE = 59, NEXT_OPTIONS = 60,
	IPV6_EXTENSIONS = 6, /* headers that are walked */
	TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_ACK = 16,
	TCP_FLAGS_OFFSET = 13,
};

/* <linux/icmp.h> draws in <sys/socket.h>, which is not for this target. */
enum {
	ICMP_ECHOREPLY = 0, ICMP_DEST_UNREACH = 3, ICMP_SOURCE_QUENCH = 4, ICMP_ECHO = 8, ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETERPROB = 12, ICMP_FRAG_NEEDED = 4,
};

struct icmp_header {
	__u8 type;
	__u8 code;
	__sum16 check;
	__be16 id; /* of an echo */
	__be16 last; /* of an echo the sequence, of fragmentation needed the MTU */
};

struct fragment_header {
	__u8 next;
	__u8 reserved;
	__be16 offset;
	__be32 id;
};

struct extension_header {
	__u8 next;
	__u8 length;
};

struct ports {
	__be16 source;
	__be16 dest;
};

/* What the fast path needs besides the key. */
struct plain {
	void *l3;
	__u32 l4_length; /* header bytes of L4, as far as segmentation repeats them */
	__u8 tcp_flags;
	__u8 tos;
};

static __always_inline union address address_ipv4(__be32 v4)
{
	return (union address){ .words = { 0, 0, bpf_htonl(0xffff), v4 } };
}

static __always_inline union address address_ipv6(const struct in6_addr *v6)
{
	const __be32 *w = (const void *)v6;

	return (union address){ .words = { w[0], w[1], w[2], w[3] } };
}

static __always_inline bool address_equal(const union address *a, const union address *b)
{
	return !((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) | (a->words[2] ^ b->words[2]) | (a->words[3] ^ b->words[3]));
}

static __always_inline bool address_zero(const union address *a)
{
	return !(a->words[0] | a->words[1] | a->words[2] | a->words[3]);
}

static __always_inline bool plain_ports(void *l4, void *end, __u8 proto, struct flow_key *key, struct plain *plain)
{
	struct ports *ports = l4;
	struct icmp_header *icmp = l4;
	struct tcphdr *tcp = l4;

	plain->tcp_flags = 0;
	plain->l4_length = sizeof(struct udphdr);
	key->proto = proto;
	if (proto == IPPROTO_TCP) {
		if ((void *)(tcp + 1) > end)
			return false;
		plain->tcp_flags = ((__u8 *)tcp)[TCP_FLAGS_OFFSET];
		plain->l4_length = tcp->doff * 4;
	} else if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		bool request = icmp->type == (proto == IPPROTO_ICMP ? ICMP_ECHO : ICMPV6_ECHO_REQUEST);

		if (!request && icmp->type != (proto == IPPROTO_ICMP ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY))
			return false;
		key->sport = request ? icmp->id : 0;
		key->dport = request ? 0 : icmp->id;
		return true;
	} else if (proto != IPPROTO_UDP && proto != IPPROTO_SCTP) {
		return false;
	}
	key->sport = ports->source;
	key->dport = ports->dest;
	return true;
}

/* L3 at l3: whole, without options, to be forwarded, of a protocol with ports or an echo. Fills all of key but ifindex. */
static __always_inline bool parse_plain(void *l3, void *end, __be16 protocol, struct flow_key *key, struct plain *plain)
{
	struct iphdr *ip = l3;
	struct ipv6hdr *ip6 = l3;

	plain->l3 = l3;
	key->pad[0] = key->pad[1] = 0;
	if (protocol == bpf_htons(ETH_P_IP)) {
		if ((void *)(ip + 1) + sizeof(struct udphdr) > end)
			return false;
		if (*(__u8 *)ip != 0x45 || ip->frag_off & bpf_htons(IPV4_FRAGMENT_MASK) || ip->ttl <= 1)
			return false;
		plain->tos = ip->tos;
		key->family = FAMILY_IPV4;
		key->src = address_ipv4(ip->saddr);
		key->dst = address_ipv4(ip->daddr);
		return plain_ports(ip + 1, end, ip->protocol, key, plain);
	}
	if (protocol != bpf_htons(ETH_P_IPV6))
		return false;
	if ((void *)(ip6 + 1) + sizeof(struct udphdr) > end)
		return false;
	if (ip6->hop_limit <= 1)
		return false;
	plain->tos = bpf_ntohs(*(__be16 *)ip6) >> 4;
	key->family = FAMILY_IPV6;
	key->src = address_ipv6(&ip6->saddr);
	key->dst = address_ipv6(&ip6->daddr);
	return plain_ports(ip6 + 1, end, ip6->nexthdr, key, plain);
}

/* Reads along a packet that need not be linear. */
struct cursor {
	struct __sk_buff *skb;
	__u32 offset;
};

static __always_inline int cursor_peek(struct cursor *at, void *to, __u32 size)
{
	return bpf_skb_load_bytes(at->skb, at->offset, to, size);
}

static __always_inline int cursor_read(struct cursor *at, void *to, __u32 size)
{
	int error = cursor_peek(at, to, size);

	at->offset += size;
	return error;
}

static __always_inline bool icmp_is_error(__u8 proto, __u8 type)
{
	if (proto == IPPROTO_ICMPV6)
		return type >= ICMPV6_DEST_UNREACH && type <= ICMPV6_PARAMPROB;
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

/* Ports of what starts at the cursor. Returns 0, or -1 when the header is cut off. */
static __always_inline int parse_ports(struct cursor *at, struct flow_key *key)
{
	struct icmp_header icmp;
	struct ports ports;

	key->sport = 0;
	key->dport = 0;
	if (key->proto == IPPROTO_TCP || key->proto == IPPROTO_UDP || key->proto == IPPROTO_SCTP) {
		if (cursor_peek(at, &ports, sizeof(ports)))
			return -1;
		key->sport = ports.source;
		key->dport = ports.dest;
		return 0;
	}
	if (key->proto != IPPROTO_ICMP && key->proto != IPPROTO_ICMPV6)
		return 0;
	if (cursor_peek(at, &icmp, sizeof(icmp)))
		return -1;
	if (icmp.type == (key->proto == IPPROTO_ICMP ? ICMP_ECHO : ICMPV6_ECHO_REQUEST))
		key->sport = icmp.id;
	if (icmp.type == (key->proto == IPPROTO_ICMP ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY))
		key->dport = icmp.id;
	return 0;
}

/* The packet that an ICMP error carries, as far as it is there. Left all zero when it cannot be told. */
static __always_inline int parse_inner(struct cursor *at, struct packet *p)
{
	struct iphdr ip;
	struct ipv6hdr ip6;

	at->offset += sizeof(struct icmp_header);
	p->inner_l3 = at->offset;
	p->inner.family = p->key.family;
	if (p->key.family == FAMILY_IPV4) {
		if (cursor_peek(at, &ip, sizeof(ip)))
			return -1;
		if (ip.version != 4 || ip.ihl < 5 || ip.frag_off & bpf_htons(IPV4_OFFSET_MASK))
			return -1;
		at->offset += ip.ihl * 4;
		p->inner.src = address_ipv4(ip.saddr);
		p->inner.dst = address_ipv4(ip.daddr);
		p->inner.proto = ip.protocol;
	} else {
		if (cursor_read(at, &ip6, sizeof(ip6)) || ip6.version != 6)
			return -1;
		p->inner.src = address_ipv6(&ip6.saddr);
		p->inner.dst = address_ipv6(&ip6.daddr);
		p->inner.proto = ip6.nexthdr;
	}
	p->inner_l4 = at->offset;
	return parse_ports(at, &p->inner);
}

static __always_inline __u32 parse_ipv4(struct cursor *at, struct packet *p)
{
	struct iphdr ip;
	__u16 fragment;

	if (cursor_peek(at, &ip, sizeof(ip)))
		return drop(DROP_INVALID_PACKET, FILE_PARSE, __LINE__);
	if (ip.version != 4 || ip.ihl < 5 || bpf_ntohs(ip.tot_len) < ip.ihl * 4)
		return drop(DROP_INVALID_PACKET, FILE_PARSE, __LINE__);
	at->offset += ip.ihl * 4;
	fragment = bpf_ntohs(ip.frag_off);
	if (fragment & IPV4_OFFSET_MASK)
		p->flags |= PACKET_LATER_FRAGMENT;
	else if (fragment & IPV4_MORE)
		p->flags |= PACKET_FIRST_FRAGMENT;
	if (fragment & IPV4_DONT)
		p->flags |= PACKET_DONT_FRAGMENT;
	if (bpf_ntohl(ip.daddr) >> 28 == 0xe || ip.daddr == bpf_htonl(INADDR_BROADCAST))
		p->flags |= PACKET_MULTICAST;
	p->ttl = ip.ttl;
	p->tos = ip.tos;
	p->proto = ip.protocol;
	p->key.family = FAMILY_IPV4;
	p->key.src = address_ipv4(ip.saddr);
	p->key.dst = address_ipv4(ip.daddr);
	p->fragment.id = ip.id;
	return VERDICT_OK;
}

/* Walks the extension headers. The verdict is for the packet; proto and fragment of p are filled. */
static __always_inline __u32 parse_extensions(struct cursor *at, struct packet *p)
{
	struct extension_header extension;
	struct fragment_header fragment;

	for (int i = 0; i < IPV6_EXTENSIONS; i++) {
		if (p->proto == NEXT_FRAGMENT) {
			if (cursor_read(at, &fragment, sizeof(fragment)))
				return drop(DROP_INVALID_EXTENSION_HEADER, FILE_PARSE, __LINE__);
			p->proto = fragment.next;
			p->fragment.id = fragment.id;
			p->flags |= fragment.offset & bpf_htons(0xfff8) ? PACKET_LATER_FRAGMENT :
				    fragment.offset & bpf_htons(1) ? PACKET_FIRST_FRAGMENT : 0;
			if (p->flags & PACKET_LATER_FRAGMENT)
				return VERDICT_OK;
			continue;
		}
		if (p->proto != NEXT_HOP && p->proto != NEXT_ROUTING && p->proto != NEXT_OPTIONS && p->proto != NEXT_AUTH)
			return VERDICT_OK;
		if (cursor_peek(at, &extension, sizeof(extension)))
			return drop(DROP_INVALID_EXTENSION_HEADER, FILE_PARSE, __LINE__);
		at->offset += p->proto == NEXT_AUTH ? (extension.length + 2) * 4 : (extension.length + 1) * 8;
		p->proto = extension.next;
	}
	return drop(DROP_INVALID_EXTENSION_HEADER, FILE_PARSE, __LINE__);
}

static __always_inline __u32 parse_ipv6(struct cursor *at, struct packet *p)
{
	struct ipv6hdr ip;

	if (cursor_read(at, &ip, sizeof(ip)) || ip.version != 6)
		return drop(DROP_INVALID_PACKET, FILE_PARSE, __LINE__);
	if (ip.daddr.s6_addr[0] == 0xff)
		p->flags |= PACKET_MULTICAST;
	p->flags |= PACKET_DONT_FRAGMENT;
	p->ttl = ip.hop_limit;
	p->tos = ip.priority << 4 | ip.flow_lbl[0] >> 4;
	p->proto = ip.nexthdr;
	p->key.family = FAMILY_IPV6;
	p->key.src = address_ipv6(&ip.saddr);
	p->key.dst = address_ipv6(&ip.daddr);
	return parse_extensions(at, p);
}

/* Ports of a fragment: the first one leaves them for those that follow. */
static __always_inline __u32 parse_fragment(struct packet *p)
{
	struct fragment_entry ports = { .sport = p->key.sport, .dport = p->key.dport };
	struct fragment_entry *known;

	p->fragment.src = p->key.src;
	p->fragment.dst = p->key.dst;
	p->fragment.ifindex = p->key.ifindex;
	p->fragment.proto = p->proto;
	p->fragment.family = p->key.family;
	if (p->flags & PACKET_FIRST_FRAGMENT) {
		bpf_map_update_elem(&fragments, &p->fragment, &ports, BPF_ANY);
		return VERDICT_OK;
	}
	known = bpf_map_lookup_elem(&fragments, &p->fragment);
	if (!known) {
		p->flags |= PACKET_PORTS_UNKNOWN;
		return VERDICT_OK;
	}
	p->key.sport = known->sport;
	p->key.dport = known->dport;
	return VERDICT_OK;
}

static __always_inline __u32 parse_l4(struct cursor *at, struct packet *p)
{
	struct icmp_header icmp;

	if (p->flags & PACKET_LATER_FRAGMENT)
		return VERDICT_OK;
	if (parse_ports(at, &p->key))
		return drop(DROP_CT_INVALID_HEADER, FILE_PARSE, __LINE__);
	if (p->proto == IPPROTO_TCP && bpf_skb_load_bytes(at->skb, at->offset + TCP_FLAGS_OFFSET, &p->tcp_flags, 1))
		return drop(DROP_CT_INVALID_HEADER, FILE_PARSE, __LINE__);
	if (p->proto != IPPROTO_ICMP && p->proto != IPPROTO_ICMPV6)
		return VERDICT_OK;
	if (cursor_peek(at, &icmp, sizeof(icmp)))
		return drop(DROP_CT_INVALID_HEADER, FILE_PARSE, __LINE__);
	p->icmp_type = icmp.type;
	if (icmp_is_error(p->proto, icmp.type) && !parse_inner(at, p))
		p->flags |= PACKET_ICMP_ERROR;
	return VERDICT_OK;
}

/* Fills the packet at hand from its L3 header on. hook, origin and key.ifindex are the caller's; the rest starts at zero. */
static __always_inline __u32 parse_packet(struct __sk_buff *skb, struct packet *p)
{
	struct cursor at = { .skb = skb, .offset = ETH_HLEN };
	__u32 verdict;

	p->length = skb->len - ETH_HLEN;
	/* A tag would stay on when the frame is redirected, and take a pod into another network. */
	if (skb->vlan_present || (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6)))
		return drop(DROP_UNSUPPORTED_L2, FILE_PARSE, __LINE__);
	if (skb->protocol == bpf_htons(ETH_P_IP) && cfg_enable_ipv4)
		verdict = parse_ipv4(&at, p);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6) && cfg_enable_ipv6)
		verdict = parse_ipv6(&at, p);
	else
		return drop(DROP_UNSUPPORTED_L3, FILE_PARSE, __LINE__);
	if (verdict)
		return verdict;
	p->l4 = at.offset;
	p->src = p->key.src;
	p->dst = p->key.dst;
	p->key.proto = p->proto;
	verdict = parse_l4(&at, p);
	if (verdict || !(p->flags & (PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT)))
		return verdict;
	return parse_fragment(p);
}
