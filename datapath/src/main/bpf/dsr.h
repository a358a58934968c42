/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Direct server return, where packets are routed natively. The node that a client comes to sends its packets on to the server with the
 * client's address, and says in an option of the IP header which service was asked for; the server's node takes the option off, keeps
 * the service in the flow's entry (FLOW_DIRECT), and answers the client itself, as that service.
 *
 * IPv4: an option of Cilium's type and length, address and port in network order. IPv6: a header of destination options with one.
 * Where routers between nodes drop options (cfg_direct_wrapped), such a packet travels in a header of its own, from node to server:
 * IPv4 in IPv4 (RFC 2003), IPv6 in IPv6 (RFC 2473), both without options. */
#pragma once
#include "config.h"
#include "conntrack.h"
#include "lookup.h"
#include "packet.h"
#include "parse.h"
#include "report.h"
#include "rewrite.h"
#include "service.h"
#include "tunnel.h"

enum {
	DSR_IPV4_TYPE = 0x9a, /* copied into fragments; number 26 */
	DSR_IPV6_TYPE = 0x1b, /* who does not know it passes it over */
	DSR_IPV6_LENGTH = 18,
	DSR_IPV6_PAD = 1, /* PadN, without bytes */
	DSR_IPV4_LONGEST = 13, /* words of a header that has room for the option */
	DSR_IPV6_CLASS = 0xc0, /* what the first byte of a flow label has of the traffic class, its congestion mark aside */
};

struct dsr_ipv4 {
	__u8 type;
	__u8 length;
	__be16 port;
	__be32 address;
};

struct dsr_ipv6 {
	struct extension_header header;
	__u8 type;
	__u8 length;
	__be32 address[4];
	__be16 port;
	__u8 pad[2];
};

/* Headers of a packet that names the service. */
struct dsr_headers_ipv4 {
	struct iphdr ip;
	struct dsr_ipv4 option;
};

struct dsr_headers_ipv6 {
	struct ipv6hdr ip;
	struct dsr_ipv6 option;
};

static __always_inline __u32 dsr_option(__u8 family)
{
	return family == FAMILY_IPV4 ? sizeof(struct dsr_ipv4) : sizeof(struct dsr_ipv6);
}

static __always_inline __u32 dsr_header(__u8 family)
{
	return family == FAMILY_IPV4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

static __always_inline struct dsr_ipv4 dsr_option_ipv4(const union address *service, __be16 port)
{
	return (struct dsr_ipv4){ .type = DSR_IPV4_TYPE, .length = sizeof(struct dsr_ipv4), .port = port, .address = service->words[3] };
}

static __always_inline struct dsr_ipv6 dsr_option_ipv6(const union address *service, __be16 port, __u8 next)
{
	return (struct dsr_ipv6){
		.header = { .next = next, .length = sizeof(struct dsr_ipv6) / 8 - 1 }, .type = DSR_IPV6_TYPE, .length = DSR_IPV6_LENGTH,
		.address = { service->words[0], service->words[1], service->words[2], service->words[3] }, .port = port,
		.pad = { DSR_IPV6_PAD },
	};
}

/* The header around a packet, from this node to the server. Congestion is not marked there, for nobody would take the mark in
 * (RFC 6040, compatibility mode). */
static __always_inline struct iphdr dsr_outer_ipv4(const struct iphdr *inner, const union address *server)
{
	struct iphdr outer = {
		.version = 4, .ihl = 5, .tos = inner->tos & ~ECN_MASK, .ttl = TUNNEL_TTL, .protocol = IPPROTO_IPIP,
		.frag_off = bpf_htons(IPV4_DONT), .tot_len = bpf_htons(bpf_ntohs(inner->tot_len) + sizeof(outer)),
		.saddr = cfg_node_ipv4, .daddr = server->words[3],
	};

	outer.check = tunnel_check(&outer);
	return outer;
}

static __always_inline struct ipv6hdr dsr_outer_ipv6(const struct ipv6hdr *inner, const union address *server)
{
	struct ipv6hdr outer = {
		.version = 6, .priority = inner->priority, .flow_lbl[0] = inner->flow_lbl[0] & DSR_IPV6_CLASS, .nexthdr = IPPROTO_IPV6,
		.hop_limit = TUNNEL_TTL, .payload_len = bpf_htons(bpf_ntohs(inner->payload_len) + sizeof(outer)),
	};

	for (int i = 0; i < 4; i++) {
		outer.saddr.s6_addr32[i] = cfg_node_ipv6.words[i];
		outer.daddr.s6_addr32[i] = server->words[i];
	}
	return outer;
}

/* What the words of a header with the option sum up to more than those of the one without it: first word, length, TTL, option. */
static __always_inline __u16 dsr_more(const struct dsr_headers_ipv4 *with, const struct iphdr *without)
{
	const check_word *more = (const void *)with, *less = (const void *)without;
	__u32 sum = more[0] + (__u16)~less[0] + more[1] + (__u16)~less[1] + more[4] + (__u16)~less[4];

#pragma unroll
	for (int i = sizeof(*without) / 2; i < (int)sizeof(*with) / 2; i++)
		sum += more[i];
	return ~checksum_fold(sum);
}

/* Bytes by which a packet grows that names the service. */
static __always_inline __u32 dsr_room(__u8 family)
{
	return dsr_option(family) + (cfg_direct_wrapped ? dsr_header(family) : 0);
}

/* ---- where the client comes to ---- */

/* Does the packet at hand tell the server's node which service was asked for? Connections do with their first packet, datagrams each.
 * The first one that this node sees of a connection does too, if it fits: another node had it before, or the entry was lost. */
static __always_inline bool dsr_tells(const struct packet *p)
{
	const struct flow_entry *e = &p->entry;

	if ((e->flags & (FLOW_DIRECT | FLOW_REWRITE_DST)) != (FLOW_DIRECT | FLOW_REWRITE_DST))
		return false;
	if (p->flags & (PACKET_RELATED | PACKET_LATER_FRAGMENT))
		return false;
	if (p->proto == IPPROTO_UDP || flow_is_syn(p))
		return true;
	return p->state == STATE_NEW && (!e->mtu || p->length + dsr_room(p->key.family) <= e->mtu);
}

/* Bytes by which the packet at hand grows on its way out. */
static __always_inline __u32 dsr_extra(const struct packet *p)
{
	return dsr_tells(p) ? dsr_room(p->key.family) : 0;
}

static __always_inline int dsr_push_ipv4(struct __sk_buff *skb, const union address *service, __be16 port)
{
	struct dsr_headers_ipv4 new = { .option = dsr_option_ipv4(service, port) };
	struct iphdr old;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &old, sizeof(old)) || old.ihl > DSR_IPV4_LONGEST)
		return -1;
	new.ip = old;
	new.ip.ihl = old.ihl + sizeof(new.option) / 4;
	new.ip.tot_len = bpf_htons(bpf_ntohs(old.tot_len) + sizeof(new.option));
	new.ip.check = checksum_adjust(old.check, bpf_csum_diff((__be32 *)&old, sizeof(old), (__be32 *)&new, sizeof(new), 0));
	if (bpf_skb_adjust_room(skb, sizeof(new.option), BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &new, sizeof(new), BPF_F_RECOMPUTE_CSUM);
}

/* Next header and length of the payload of an IPv6 header. */
static __always_inline int dsr_ipv6_header(struct __sk_buff *skb, __u8 next, __u16 length)
{
	__be16 payload = bpf_htons(length);

	if (bpf_skb_store_bytes(skb, ETH_HLEN + 4, &payload, sizeof(payload), BPF_F_RECOMPUTE_CSUM))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN + 6, &next, sizeof(next), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int dsr_push_ipv6(struct __sk_buff *skb, const union address *service, __be16 port)
{
	struct dsr_ipv6 new;
	__be16 payload;
	__u8 next;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + 4, &payload, sizeof(payload)) || bpf_skb_load_bytes(skb, ETH_HLEN + 6, &next, 1))
		return -1;
	new = dsr_option_ipv6(service, port, next);
	if (bpf_skb_adjust_room(skb, sizeof(new), BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO))
		return -1;
	if (dsr_ipv6_header(skb, NEXT_OPTIONS, bpf_ntohs(payload) + sizeof(new)))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN + sizeof(struct ipv6hdr), &new, sizeof(new), BPF_F_RECOMPUTE_CSUM);
}

/* Puts the service into a packet's header. */
static __noinline int dsr_push(struct __sk_buff *skb, __u32 family, const union address *service, __be16 port)
{
	return family == FAMILY_IPV4 ? dsr_push_ipv4(skb, service, port) : dsr_push_ipv6(skb, service, port);
}

static __always_inline int dsr_wrap_ipv4(struct __sk_buff *skb, const union address *server)
{
	struct iphdr inner, outer;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &inner, sizeof(inner)))
		return -1;
	outer = dsr_outer_ipv4(&inner, server);
	if (bpf_skb_adjust_room(skb, sizeof(outer), BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &outer, sizeof(outer), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int dsr_wrap_ipv6(struct __sk_buff *skb, const union address *server)
{
	struct ipv6hdr inner, outer;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &inner, sizeof(inner)))
		return -1;
	outer = dsr_outer_ipv6(&inner, server);
	if (bpf_skb_adjust_room(skb, sizeof(outer), BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &outer, sizeof(outer), BPF_F_RECOMPUTE_CSUM);
}

/* Puts a header around a packet. */
static __noinline int dsr_wrap(struct __sk_buff *skb, __u32 family, const union address *server)
{
	return family == FAMILY_IPV4 ? dsr_wrap_ipv4(skb, server) : dsr_wrap_ipv6(skb, server);
}

/* Names the service that key asks for in a packet that is translated already. */
static __always_inline int dsr_tell(struct __sk_buff *skb, const struct flow_key *key, const struct flow_entry *flow)
{
	if (dsr_push(skb, key->family, &key->dst, key->dport))
		return -1;
	return cfg_direct_wrapped ? dsr_wrap(skb, key->family, &flow->nat_dst) : 0;
}

/* Could this node put a header around packets of this family? */
static __always_inline bool dsr_may_tell(__u8 family)
{
	__u32 any = 0;

	if (!cfg_direct_wrapped)
		return true;
	if (family == FAMILY_IPV4)
		return cfg_node_ipv4;
	for (int i = 0; i < 4; i++)
		any |= cfg_node_ipv6.words[i];
	return any;
}

/* ---- where the server is ---- */

/* Was this node told of the service? Then nat_dst and nat_dport are it; the packets came translated. */
static __always_inline bool dsr_told(const struct flow_entry *e)
{
	return (e->flags & (FLOW_DIRECT | FLOW_REWRITE_DST | FLOW_REPLY)) == FLOW_DIRECT;
}

/* Is the option the first one of this header? */
static __always_inline bool dsr_names_ipv4(const struct dsr_headers_ipv4 *headers)
{
	return headers->ip.ihl * 4 >= sizeof(*headers) && bpf_ntohs(headers->ip.tot_len) >= sizeof(*headers) &&
	       headers->option.type == DSR_IPV4_TYPE && headers->option.length == sizeof(headers->option);
}

static __always_inline bool dsr_names_ipv6(const struct dsr_headers_ipv6 *headers)
{
	return headers->ip.nexthdr == NEXT_OPTIONS && bpf_ntohs(headers->ip.payload_len) >= sizeof(headers->option) &&
	       headers->option.header.length == sizeof(headers->option) / 8 - 1 &&
	       headers->option.type == DSR_IPV6_TYPE && headers->option.length == DSR_IPV6_LENGTH;
}

static __always_inline bool dsr_wraps_ipv4(struct __sk_buff *skb, const struct packet *p)
{
	struct dsr_headers_ipv4 inner;

	if (p->proto != IPPROTO_IPIP || bpf_skb_load_bytes(skb, p->l4, &inner, sizeof(inner)))
		return false;
	return inner.ip.version == 4 && inner.ip.daddr == p->dst.words[3] && dsr_names_ipv4(&inner);
}

static __always_inline bool dsr_wraps_ipv6(struct __sk_buff *skb, const struct packet *p)
{
	struct dsr_headers_ipv6 inner;
	union address server;

	if (p->proto != IPPROTO_IPV6 || bpf_skb_load_bytes(skb, p->l4, &inner, sizeof(inner)))
		return false;
	server = address_ipv6(&inner.ip.daddr);
	return inner.ip.version == 6 && address_equal(&server, &p->dst) && dsr_names_ipv6(&inner);
}

/* Is the packet at hand one that names a service, in a header to the same server? Others in others are none of ours. */
__noinline int dsr_wraps(struct __sk_buff *skb)
{
	struct packet *p = packet_here();

	if (!p || p->l4 != ETH_HLEN + dsr_header(p->key.family) || p->flags & (PACKET_FIRST_FRAGMENT | PACKET_LATER_FRAGMENT))
		return false;
	return p->key.family == FAMILY_IPV4 ? dsr_wraps_ipv4(skb, p) : dsr_wraps_ipv6(skb, p);
}

/* Only nodes put packets into others. */
static __always_inline bool dsr_from_node(const union address *source)
{
	struct ipcache_entry *sender = ipcache_find(source);

	return sender && sender->flags & IPCACHE_REMOTE_NODE;
}

/* Takes off the header that is around the packet at hand, which is to be read anew. */
__noinline __u32 dsr_unwrap(struct __sk_buff *skb)
{
	struct packet *p = packet_here();

	if (!p || !dsr_from_node(&p->src))
		return drop(DROP_UNKNOWN_SENDER, FILE_DSR, __LINE__);
	if (bpf_skb_adjust_room(skb, -(int)dsr_header(p->key.family), BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return drop(DROP_WRITE_ERROR, FILE_DSR, __LINE__);
	return VERDICT_OK;
}

static __always_inline int dsr_pop_ipv4(struct __sk_buff *skb, struct packet *p)
{
	struct dsr_headers_ipv4 old;
	struct iphdr new;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &old, sizeof(old)) || !dsr_names_ipv4(&old))
		return 0;
	p->told = address_ipv4(old.option.address);
	p->told_port = old.option.port;
	new = old.ip;
	new.ihl = old.ip.ihl - sizeof(old.option) / 4;
	new.tot_len = bpf_htons(bpf_ntohs(old.ip.tot_len) - sizeof(old.option));
	new.check = checksum_adjust(old.ip.check, bpf_csum_diff((__be32 *)&old, sizeof(old), (__be32 *)&new, sizeof(new), 0));
	if (bpf_skb_adjust_room(skb, -(int)sizeof(old.option), BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	return bpf_skb_store_bytes(skb, ETH_HLEN, &new, sizeof(new), BPF_F_RECOMPUTE_CSUM);
}

static __always_inline int dsr_pop_ipv6(struct __sk_buff *skb, struct packet *p)
{
	struct dsr_headers_ipv6 old;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &old, sizeof(old)) || !dsr_names_ipv6(&old))
		return 0;
	for (int i = 0; i < 4; i++)
		p->told.words[i] = old.option.address[i];
	p->told_port = old.option.port;
	if (bpf_skb_adjust_room(skb, -(int)sizeof(old.option), BPF_ADJ_ROOM_NET, BPF_F_ADJ_ROOM_FIXED_GSO | BPF_F_ADJ_ROOM_NO_CSUM_RESET))
		return -1;
	return dsr_ipv6_header(skb, old.option.header.next, bpf_ntohs(old.ip.payload_len) - sizeof(old.option));
}

/* The service's number here; 0: there is no such service for the outside, so whoever names it is no node of this cluster, or
 * knows of it earlier than this one. */
static __noinline __u32 dsr_number(const union address *service, __u32 port, __u32 proto)
{
	struct frontend_key key = { .address = *service, .port = port, .proto = proto };
	struct frontend_entry *found = frontend_find(&key);

	return found && found->flags & FRONTEND_FROM_OUTSIDE && !(found->flags & FRONTEND_WHOLE_ADDRESS) ? found->id : 0;
}

/* Takes the service out of the header of the packet at hand, if it is there. */
__noinline __u32 dsr_receive(struct __sk_buff *skb)
{
	struct packet *p = packet_here();

	if (!p)
		return drop(DROP_INVALID_PACKET, FILE_DSR, __LINE__);
	if ((p->proto != IPPROTO_TCP && p->proto != IPPROTO_UDP) || p->flags & PACKET_LATER_FRAGMENT)
		return VERDICT_OK;
	if (p->key.family == FAMILY_IPV4 ? dsr_pop_ipv4(skb, p) : dsr_pop_ipv6(skb, p))
		return drop(DROP_WRITE_ERROR, FILE_DSR, __LINE__);
	if (!p->told_port)
		return VERDICT_OK;
	p->l4 -= dsr_option(p->key.family);
	p->length -= dsr_option(p->key.family);
	p->told_number = dsr_number(&p->told, p->told_port, p->proto);
	return p->told_number ? VERDICT_OK : drop(DROP_NO_SERVICE, FILE_DSR, __LINE__);
}

/* Does the packet say something that its flow's entry does not? */
static __always_inline bool dsr_is_news(const struct packet *p, const struct flow_entry *flow)
{
	if (!p->told_port)
		return (flow->flags & FLOW_DIRECT) && flow_is_syn(p);
	return !dsr_told(flow) || flow->nat_dport != p->told_port || !address_equal(&flow->nat_dst, &p->told);
}

/* Keeps in p->entry what the packet at hand tells. */
static __always_inline void dsr_note(struct packet *p)
{
	struct flow_entry *e = &p->entry;

	if (!p->told_port)
		return;
	e->flags &= ~(FLOW_REWRITE_SRC | FLOW_REWRITE_DST | FLOW_REPLY);
	e->flags |= FLOW_DIRECT | FLOW_SERVICE;
	e->nat_dst = p->told;
	e->nat_dport = p->told_port;
	e->revnat = p->told_number;
	e->backend = 0;
}

/* One direction of a flow that this node was told the service of is known, and tells the other. */
static __always_inline void dsr_recall(struct flow_entry *e, const struct flow_entry *other)
{
	if (!(other->flags & FLOW_DIRECT) || other->flags & FLOW_REWRITE_DST)
		return;
	e->flags |= FLOW_DIRECT | FLOW_SERVICE;
	e->revnat = other->revnat;
	if (other->flags & FLOW_REPLY) {
		e->nat_dst = other->nat_src;
		e->nat_dport = other->nat_sport;
		return;
	}
	e->flags |= FLOW_REWRITE_SRC;
	e->nat_src = other->nat_dst;
	e->nat_sport = other->nat_dport;
}

/* Completes p->half: the answers of a server that is here are the service's. */
static __always_inline void dsr_half(struct packet *p)
{
	if (dsr_told(&p->entry))
		dsr_recall(&p->half, &p->entry);
}
