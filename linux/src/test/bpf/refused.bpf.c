/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Reads the packet without looking where it ends: the verifier must refuse it */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int read_beyond(struct __sk_buff *skb)
{
	__u8 *data = (__u8 *)(unsigned long)skb->data;

	return data[20];
}

char _license[] SEC("license") = "Dual BSD/GPL";
