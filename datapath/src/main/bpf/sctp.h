/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* SCTP's checksum is a CRC32c over the whole packet (RFC 9260, appendix A). CRCs are linear: when two bytes change, the CRC changes by
 * that of their difference, moved past the bytes that follow, which is a multiplication by x^(8n) modulo the polynomial. */
#pragma once
#include <stdbool.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "abi/address.h"

enum {
	SCTP_CHECK = 8, /* offset of the checksum */
	SCTP_LENGTH_BITS = 16,
};

#define CRC32C 0x82f63b78u /* lowest bit: highest power */
#define CRC32C_ONE 0x80000000u /* x^0 */

/* x^(8 * 2^k) */
static const __u32 sctp_powers[SCTP_LENGTH_BITS] = {
	0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c, 0x18b8ea18, 0x510ac59a, 0xb82be955, 0xb8fdb1e7,
	0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a, 0x35d73a62, 0x28461564, 0xbf455269, 0xe2ea32dc,
};

/* The lowest bit, to multiply with. Neither a branch nor a mask of ones shall come of it: the verifier goes both ways at each. */
static __always_inline __u32 sctp_bit(__u32 bit)
{
	bit &= 1;
	asm volatile("" : "+r"(bit));
	return bit;
}

/* Product of two polynomials. */
static __always_inline __u32 sctp_multiply(__u32 a, __u32 b)
{
	__u32 product = 0;

	for (int i = 31; i >= 0; i--) {
		product ^= b * sctp_bit(a >> i);
		b = (b >> 1) ^ (CRC32C * sctp_bit(b));
	}
	return product;
}

/* What becomes of the CRC when two bytes change by difference (in their order in memory) and follow more bytes come after them. */
__noinline __u32 sctp_change(__u32 difference, __u32 follow)
{
	__u32 crc = difference & 0xffff;

	for (int i = 0; i < 16; i++)
		crc = (crc >> 1) ^ (CRC32C * sctp_bit(crc));
	for (int k = 0; k < SCTP_LENGTH_BITS; k++) {
		__u32 set = sctp_bit(follow >> k);

		crc = sctp_multiply(sctp_powers[k] * set + CRC32C_ONE * (set ^ 1), crc);
	}
	return crc;
}

/* Is it a part of a packet? Its checksum is over what is not here. */
static __always_inline bool sctp_in_pieces(struct __sk_buff *skb, __u32 family)
{
	__be16 word;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + 6, &word, 2))
		return true;
	/* IPv4: more fragments, or an offset. IPv6: the next header is that of fragments. */
	return family == FAMILY_IPV4 ? !!(word & bpf_htons(0x3fff)) : bpf_ntohs(word) >> 8 == 44;
}

/* Exchanges a port at offset. A checksum of 0 is left to the device that sends the packet. */
__noinline int sctp_rewrite_port(struct __sk_buff *skb, __u32 family, __u32 l4, __u32 offset, __u32 ports)
{
	__be16 length, old = ports >> 16, new = ports;
	__u32 end, check;

	if (sctp_in_pieces(skb, family) || bpf_skb_load_bytes(skb, ETH_HLEN + (family == FAMILY_IPV4 ? 2 : 4), &length, 2))
		return -1;
	/* By its header: frames may be padded. */
	end = ETH_HLEN + bpf_ntohs(length) + (family == FAMILY_IPV4 ? 0 : 40);
	if (end < offset + 2 || bpf_skb_load_bytes(skb, l4 + SCTP_CHECK, &check, 4))
		return -1;
	if (bpf_skb_store_bytes(skb, offset, &new, 2, BPF_F_RECOMPUTE_CSUM))
		return -1;
	if (!check)
		return 0;
	check ^= sctp_change(old ^ new, end - offset - 2);
	return bpf_skb_store_bytes(skb, l4 + SCTP_CHECK, &check, 4, BPF_F_RECOMPUTE_CSUM);
}
