/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Attached nowhere: the agent runs it by BPF_PROG_TEST_RUN to read the clocks that the other programs stamp with. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

/* cb[0..1]: jiffies; cb[2..3]: nanoseconds of CLOCK_MONOTONIC. */
SEC("tc")
int clock(struct __sk_buff *skb)
{
	__u64 jiffies = bpf_jiffies64();
	__u64 now = bpf_ktime_get_ns();

	skb->cb[0] = jiffies;
	skb->cb[1] = jiffies >> 32;
	skb->cb[2] = now;
	skb->cb[3] = now >> 32;
	return TC_ACT_OK;
}

char _license[] SEC("license") = "Dual BSD/GPL";
